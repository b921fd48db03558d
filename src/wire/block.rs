//! The rows of a result set as one flat buffer of columns, which the page's script turns into
//! JavaScript values (`static/script/values.js` reads what is written here).
//!
//! Everything is little-endian and every part starts at a multiple of eight bytes. A column is
//!
//! ```text
//! u32 kind, u32 1 when a byte a row says which are NULL
//! [u8 x rows: 1 where the row is NULL]
//! kind 0 numbers:    f64 x rows
//! kind 1 booleans:   u8 x rows
//! kind 2 bigints:    i64 x rows
//! kind 3 texts:      texts(rows)
//! kind 4 dictionary: u32 count, u32 unused, u32 x rows, texts(count)
//!
//! texts(n): u32 x (n + 1) UTF-16 offsets, padding, u32 length in bytes, u32 unused, UTF-8
//! ```

/// Writes the columns of one result set.
#[derive(Debug, Default)]
pub struct BlockWriter {
    bytes: Vec<u8>,
}

impl BlockWriter {
    /// Numbers that a double holds exactly.
    pub fn numbers(&mut self, nulls: Option<&[bool]>, values: impl Iterator<Item = f64>) {
        self.head(0, nulls);
        for value in values {
            self.bytes.extend_from_slice(&value.to_le_bytes());
        }
    }

    /// Booleans.
    pub fn booleans(&mut self, nulls: Option<&[bool]>, values: impl Iterator<Item = bool>) {
        self.head(1, nulls);
        self.bytes.extend(values.map(u8::from));
        self.pad();
    }

    /// Integers of which some are beyond what a double holds exactly.
    pub fn bigints(&mut self, nulls: Option<&[bool]>, values: impl Iterator<Item = i64>) {
        self.head(2, nulls);
        for value in values {
            self.bytes.extend_from_slice(&value.to_le_bytes());
        }
    }

    /// Texts, which `write` appends.
    pub fn texts<T>(
        &mut self,
        nulls: Option<&[bool]>,
        values: impl Iterator<Item = T>,
        write: impl FnMut(&mut String, T),
    ) {
        self.head(3, nulls);
        self.text_list(values, write);
    }

    /// Texts by code.
    pub fn dictionary<T: AsRef<str>>(
        &mut self,
        nulls: Option<&[bool]>,
        texts: impl ExactSizeIterator<Item = T>,
        codes: impl Iterator<Item = u32>,
    ) {
        self.head(4, nulls);
        self.word(texts.len() as u32);
        self.word(0);
        for code in codes {
            self.word(code);
        }
        self.pad();
        self.text_list(texts, |out, text| out.push_str(text.as_ref()));
    }

    /// The buffer.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    fn head(&mut self, kind: u32, nulls: Option<&[bool]>) {
        self.word(kind);
        self.word(u32::from(nulls.is_some()));
        if let Some(nulls) = nulls {
            self.bytes.extend(nulls.iter().map(|&null| u8::from(null)));
            self.pad();
        }
    }

    fn text_list<T>(
        &mut self,
        values: impl Iterator<Item = T>,
        mut write: impl FnMut(&mut String, T),
    ) {
        let mut text = String::new();
        let mut offset = 0u32;
        self.word(0);
        for value in values {
            let before = text.len();
            write(&mut text, value);
            let added = text.get(before..).unwrap_or_default();
            offset += if added.is_ascii() {
                added.len() as u32
            } else {
                added.encode_utf16().count() as u32
            };
            self.word(offset);
        }
        self.pad();
        self.word(text.len() as u32);
        self.word(0);
        self.bytes.extend_from_slice(text.as_bytes());
        self.pad();
    }

    fn word(&mut self, word: u32) {
        self.bytes.extend_from_slice(&word.to_le_bytes());
    }

    fn pad(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_start_at_multiples_of_eight() {
        let mut block = BlockWriter::default();
        block.booleans(Some(&[false, true, false]), [true, false, true].into_iter());
        block.numbers(None, [1.5].into_iter());
        let bytes = block.finish();
        assert_eq!(bytes.len(), 8 + 8 + 8 + 8 + 8);
        assert_eq!(bytes[8..11], [0, 1, 0]);
        assert_eq!(bytes[16..19], [1, 0, 1]);
        assert_eq!(bytes[32..40], 1.5f64.to_le_bytes());
    }

    #[test]
    fn text_offsets_count_utf16_units() {
        let mut block = BlockWriter::default();
        block.texts(None, ["é", "😀", "ab"].into_iter(), |out, text| {
            out.push_str(text)
        });
        let bytes = block.finish();
        let offsets: Vec<u8> = bytes[8..24].iter().copied().step_by(4).collect();
        assert_eq!(offsets, [0, 1, 3, 5]);
        assert_eq!(bytes[24], "é😀ab".len() as u8);
    }
}

//! Source text and positions in it.

use std::sync::Arc;

/// A half-open range of byte offsets into one source text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset just past the last byte.
    pub end: u32,
}

impl Span {
    /// The range `start..end`.
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The smallest span that covers both.
    pub fn to(self, other: Self) -> Self {
        Self::new(self.start.min(other.start), self.end.max(other.end))
    }
}

/// A position as editors show it: lines and columns count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters (Unicode scalar values), from 1.
    pub column: u32,
}

/// A text with an index of its lines. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SourceText {
    text: Arc<str>,
    line_starts: Arc<[u32]>,
}

impl SourceText {
    /// Indexes the lines of `text`.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        let line_starts = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at as u32 + 1))
            .collect();
        Self { text, line_starts }
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The part that `span` covers; empty when the span does not fit the text.
    pub fn slice(&self, span: Span) -> &str {
        self.text
            .get(span.start as usize..span.end as usize)
            .unwrap_or("")
    }

    /// Line and column of a byte offset; offsets past the end give the end.
    pub fn line_column(&self, offset: u32) -> LineColumn {
        let offset = offset.min(self.text.len() as u32);
        let line = self.line_starts.partition_point(|&start| start <= offset);
        let start = self.line_starts.get(line - 1).copied().unwrap_or(0);
        let before = self.text.get(start as usize..offset as usize).unwrap_or("");
        LineColumn {
            line: line as u32,
            column: before.chars().count() as u32 + 1,
        }
    }

    /// Byte offset of a line and column; `None` when the text has no such place.
    pub fn offset(&self, at: LineColumn) -> Option<u32> {
        let start = *self.line_starts.get((at.line as usize).checked_sub(1)?)?;
        let end = self
            .line_starts
            .get(at.line as usize)
            .copied()
            .unwrap_or(self.text.len() as u32);
        let line = self.text.get(start as usize..end as usize)?;
        let skip = (at.column as usize).checked_sub(1)?;
        let within = match line.char_indices().nth(skip) {
            Some((byte, _)) => byte,
            None if line.chars().count() == skip => line.len(),
            None => return None,
        };
        Some(start + within as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        let text = SourceText::new("é€x\nab");
        assert_eq!(
            text.line_column("é€".len() as u32),
            LineColumn { line: 1, column: 3 }
        );
        assert_eq!(text.line_column(7), LineColumn { line: 2, column: 1 });
        assert_eq!(text.offset(LineColumn { line: 2, column: 3 }), Some(9));
        assert_eq!(text.offset(LineColumn { line: 2, column: 4 }), None);
    }

    #[test]
    fn offsets_past_the_end_give_the_end() {
        let text = SourceText::new("ab");
        assert_eq!(text.line_column(99), LineColumn { line: 1, column: 3 });
        assert_eq!(text.slice(Span::new(1, 99)), "");
    }
}

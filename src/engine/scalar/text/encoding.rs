//! Bytes as text.

use super::super::Row;
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Value};

/// Bytes as text; the quoted text is read as PostgreSQL reads a literal of type bytea.
pub(super) fn encode(row: &Row<'_>) -> Result<Value> {
    let bytes = bytes_of(row.text(0)?)?;
    let format = row.text(1)?;
    Ok(Value::text(match format.to_ascii_lowercase().as_str() {
        "hex" => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        "base64" => base64(&bytes),
        "escape" => bytes
            .iter()
            .map(|&byte| match byte {
                b'\\' => "\\\\".to_owned(),
                0 | 0x80.. => format!("\\{byte:03o}"),
                byte => char::from(byte).to_string(),
            })
            .collect::<String>(),
        _ => {
            return Err(Diagnostic::error(
                sqlstate::INVALID_PARAMETER_VALUE,
                format!("unrecognized encoding: \"{format}\""),
            ));
        }
    }))
}

pub(super) fn bytes_of(text: &str) -> Result<Vec<u8>> {
    let invalid = || {
        Diagnostic::error(
            sqlstate::INVALID_TEXT_REPRESENTATION,
            "invalid input syntax for type bytea",
        )
    };
    if let Some(digits) = text.strip_prefix("\\x") {
        let digits: Vec<u32> = digits
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| c.to_digit(16).ok_or_else(invalid))
            .collect::<Result<_>>()?;
        if !digits.len().is_multiple_of(2) {
            return Err(invalid());
        }
        return Ok(digits
            .chunks_exact(2)
            .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | *digit as u8))
            .collect());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.next() {
            Some(b'\\') => bytes.push(b'\\'),
            Some(first @ b'0'..=b'3') => {
                let mut value = first - b'0';
                for _ in 0..2 {
                    match rest.next() {
                        Some(digit @ b'0'..=b'7') => value = value << 3 | (digit - b'0'),
                        _ => return Err(invalid()),
                    }
                }
                bytes.push(value);
            }
            _ => return Err(invalid()),
        }
    }
    Ok(bytes)
}

/// Base 64, a new line behind each 76 characters.
pub(super) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len() * 4 / 3 + 4);
    for (group, three) in bytes.chunks(3).enumerate() {
        if group > 0 && group % 19 == 0 {
            text.push('\n');
        }
        let bits = three
            .iter()
            .chain([0, 0].iter())
            .take(3)
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        for digit in 0..4 {
            let place = (bits >> (18 - 6 * digit) & 63) as usize;
            text.push(match (digit <= three.len(), DIGITS.get(place)) {
                (true, Some(byte)) => char::from(*byte),
                _ => '=',
            });
        }
    }
    text
}

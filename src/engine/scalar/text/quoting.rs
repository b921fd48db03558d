//! Texts as literals and identifiers of SQL.

use super::super::Row;
use crate::base::{Result, Value};

/// `'it''s'`, with an `E` in front when there is a backslash.
pub fn quote_literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if quoted.contains('\\') {
        format!("E'{}'", quoted.replace('\\', "\\\\"))
    } else {
        format!("'{quoted}'")
    }
}

/// In double quotes unless it is a plain lower-case name that is no reserved word.
pub fn quote_ident(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !is_keyword(text);
    if plain {
        text.to_owned()
    } else {
        format!("\"{}\"", text.replace('"', "\"\""))
    }
}

/// The words of PostgreSQL's grammar that are not unreserved (manual, appendix C), of which
/// names are quoted.
pub(super) fn is_keyword(word: &str) -> bool {
    const WORDS: &str = " all analyse analyze and any array as asc asymmetric authorization between \
        bigint binary bit boolean both case cast char character check coalesce collate collation \
        column concurrently constraint create cross current_catalog current_date current_role \
        current_schema current_time current_timestamp current_user dec decimal default deferrable \
        desc distinct do else end except exists extract false fetch float for foreign freeze from \
        full grant greatest group grouping having ilike in initially inner inout int integer \
        intersect interval into is isnull join lateral leading least left like limit localtime \
        localtimestamp national natural nchar none normalize not notnull null nullif numeric \
        offset on only or order out outer overlaps overlay placing position precision primary \
        real references returning right row select session_user setof similar smallint some \
        substring symmetric table tablesample then time timestamp to trailing treat trim true \
        union unique user using values varchar variadic verbose when where window with xmlattributes \
        xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize \
        xmltable ";
    WORDS.contains(&format!(" {word} "))
}

pub(super) fn quote_nullable(row: &Row<'_>) -> Result<Value> {
    Ok(Value::text(match row.value(0) {
        Value::Null => "NULL".to_owned(),
        _ => quote_literal(row.text(0)?),
    }))
}

//! Type names: from the tree's data types to ours.

use super::refuse::unsupported;
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span, Type};
use sqlparser::ast::{
    ArrayElemTypeDef, CharacterLength, DataType, ExactNumberInfo, ObjectName, ObjectNamePart,
    TimezoneInfo,
};

/// The type a data type of the tree means.
///
/// # Errors
/// Types that PostgreSQL does not have (42704) and types that are not supported (0A000).
pub fn column_type(ty: &DataType, span: Option<Span>) -> Result<Type> {
    Ok(match ty {
        DataType::Boolean | DataType::Bool => Type::Boolean,
        DataType::SmallInt(None) | DataType::Int2(None) => Type::SmallInt,
        DataType::Integer(None) | DataType::Int(None) | DataType::Int4(None) => Type::Integer,
        DataType::BigInt(None) | DataType::Int8(None) => Type::BigInt,
        DataType::Numeric(info) | DataType::Decimal(info) | DataType::Dec(info) => {
            numeric(*info, span)?
        }
        DataType::Real | DataType::Float4 => Type::Real,
        DataType::DoublePrecision | DataType::Float8 => Type::Double,
        DataType::Float(info) => match info {
            ExactNumberInfo::None => Type::Double,
            ExactNumberInfo::Precision(0) => {
                return Err(bad_parameter(
                    "precision for type float must be at least 1 bit",
                    span,
                ));
            }
            ExactNumberInfo::Precision(1..=24) => Type::Real,
            ExactNumberInfo::Precision(25..=53) => Type::Double,
            ExactNumberInfo::Precision(_) => {
                return Err(bad_parameter(
                    "precision for type float must be less than 54 bits",
                    span,
                ));
            }
            ExactNumberInfo::PrecisionAndScale(..) => return Err(unknown(ty, span)),
        },
        DataType::Text => Type::Text,
        DataType::CharacterVarying(length)
        | DataType::CharVarying(length)
        | DataType::Varchar(length) => Type::Varchar(match length {
            None => None,
            Some(length) => Some(characters(length, "varchar", span)?),
        }),
        DataType::Character(length) | DataType::Char(length) => Type::Char(match length {
            None => 1,
            Some(length) => characters(length, "char", span)?,
        }),
        DataType::Date => Type::Date,
        DataType::Time(precision, zone) => {
            precision_fits(*precision, span)?;
            match zone {
                TimezoneInfo::None | TimezoneInfo::WithoutTimeZone => Type::Time,
                TimezoneInfo::WithTimeZone | TimezoneInfo::Tz => {
                    return Err(unsupported("type time with time zone", span));
                }
            }
        }
        DataType::Timestamp(precision, zone) => {
            precision_fits(*precision, span)?;
            match zone {
                TimezoneInfo::None | TimezoneInfo::WithoutTimeZone => Type::Timestamp,
                TimezoneInfo::WithTimeZone | TimezoneInfo::Tz => Type::TimestampTz,
            }
        }
        DataType::Interval { fields, precision } => {
            precision_fits(*precision, span)?;
            match fields {
                None => Type::Interval,
                Some(fields) => {
                    return Err(unsupported(format!("type interval {fields}"), span));
                }
            }
        }
        DataType::Uuid => Type::Uuid,
        DataType::JSON => Type::Json,
        DataType::JSONB => Type::Jsonb,
        DataType::Array(element) => Type::Array(Box::new(match element {
            ArrayElemTypeDef::SquareBracket(element, _)
            | ArrayElemTypeDef::AngleBracket(element)
            | ArrayElemTypeDef::Parenthesis(element)
            | ArrayElemTypeDef::Qualified(element, _) => match column_type(element, span)? {
                // PostgreSQL's arrays have any number of dimensions under one type.
                Type::Array(element) => *element,
                element => element,
            },
            ArrayElemTypeDef::None => return Err(unknown(ty, span)),
        })),
        DataType::Custom(name, modifiers) => custom(name, modifiers, ty, span)?,
        DataType::Table(_)
        | DataType::NamedTable { .. }
        | DataType::Nvarchar(_)
        | DataType::CharacterLargeObject(_)
        | DataType::CharLargeObject(_)
        | DataType::Clob(_)
        | DataType::Binary(_)
        | DataType::Varbinary(_)
        | DataType::Blob(_)
        | DataType::TinyBlob
        | DataType::MediumBlob
        | DataType::LongBlob
        | DataType::Bytes(_)
        | DataType::DecimalUnsigned(_)
        | DataType::BigNumeric(_)
        | DataType::BigDecimal(_)
        | DataType::DecUnsigned(_)
        | DataType::FloatUnsigned(_)
        | DataType::TinyInt(_)
        | DataType::TinyIntUnsigned(_)
        | DataType::UTinyInt
        | DataType::Int2(Some(_))
        | DataType::Int2Unsigned(_)
        | DataType::SmallInt(Some(_))
        | DataType::SmallIntUnsigned(_)
        | DataType::USmallInt
        | DataType::MediumInt(_)
        | DataType::MediumIntUnsigned(_)
        | DataType::Int(Some(_))
        | DataType::Int4(Some(_))
        | DataType::Int8(Some(_))
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::Int128
        | DataType::Int256
        | DataType::Integer(Some(_))
        | DataType::IntUnsigned(_)
        | DataType::Int4Unsigned(_)
        | DataType::IntegerUnsigned(_)
        | DataType::HugeInt
        | DataType::UHugeInt
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::UInt64
        | DataType::UInt128
        | DataType::UInt256
        | DataType::BigInt(Some(_))
        | DataType::BigIntUnsigned(_)
        | DataType::UBigInt
        | DataType::Int8Unsigned(_)
        | DataType::Signed
        | DataType::SignedInteger
        | DataType::Unsigned
        | DataType::UnsignedInteger
        | DataType::Float32
        | DataType::Float64
        | DataType::RealUnsigned
        | DataType::Double(_)
        | DataType::DoubleUnsigned(_)
        | DataType::DoublePrecisionUnsigned
        | DataType::Date32
        | DataType::Datetime(_)
        | DataType::Datetime64(..)
        | DataType::TimestampNtz(_)
        | DataType::TinyText
        | DataType::MediumText
        | DataType::LongText
        | DataType::String(_)
        | DataType::FixedString(_)
        | DataType::Map(..)
        | DataType::Tuple(_)
        | DataType::Nested(_)
        | DataType::Enum(..)
        | DataType::Set(_)
        | DataType::Struct(..)
        | DataType::Union(_)
        | DataType::Nullable(_)
        | DataType::LowCardinality(_)
        | DataType::Unspecified
        | DataType::AnyType => return Err(unknown(ty, span)),
        DataType::Regclass
        | DataType::Bytea
        | DataType::Bit(_)
        | DataType::BitVarying(_)
        | DataType::VarBit(_)
        | DataType::Trigger
        | DataType::GeometricType(_)
        | DataType::TsVector
        | DataType::TsQuery => {
            return Err(unsupported(
                format!("type {}", ty.to_string().to_ascii_lowercase()),
                span,
            ));
        }
    })
}

fn numeric(info: ExactNumberInfo, span: Option<Span>) -> Result<Type> {
    let (precision, scale) = match info {
        ExactNumberInfo::None => return Ok(Type::Numeric(None)),
        ExactNumberInfo::Precision(precision) => (precision, 0),
        ExactNumberInfo::PrecisionAndScale(precision, scale) => (precision, scale),
    };
    if !(1..=1000).contains(&precision) {
        return Err(bad_parameter(
            format!("NUMERIC precision {precision} must be between 1 and 1000"),
            span,
        ));
    }
    // A value has up to 36 digits whatever its type allows; a longer one is refused when it comes.
    match u16::try_from(scale) {
        Ok(scale) if u64::from(scale) <= precision && scale <= 36 => {
            Ok(Type::Numeric(Some((precision as u16, scale))))
        }
        _ if (-1000..=1000).contains(&scale) => Err(unsupported(
            format!("NUMERIC scale {scale} outside 0 to the precision or 36"),
            span,
        )),
        _ => Err(bad_parameter(
            format!("NUMERIC scale {scale} must be between -1000 and 1000"),
            span,
        )),
    }
}

fn characters(length: &CharacterLength, name: &str, span: Option<Span>) -> Result<u32> {
    match length {
        CharacterLength::IntegerLength { length, unit: None } => match u32::try_from(*length) {
            Ok(0) => Err(bad_parameter(
                format!("length for type {name} must be at least 1"),
                span,
            )),
            Ok(length) if length <= 10_485_760 => Ok(length),
            _ => Err(bad_parameter(
                format!("length for type {name} cannot exceed 10485760"),
                span,
            )),
        },
        CharacterLength::IntegerLength {
            length: _,
            unit: Some(unit),
        } => Err(unsupported(format!("the length unit {unit}"), span)),
        CharacterLength::Max => Err(unsupported(format!("{name}(MAX)"), span)),
    }
}

/// How many digits of a second a type keeps; all when absent.
pub fn time_precision(ty: &DataType) -> Option<u8> {
    match ty {
        DataType::Time(precision, _) | DataType::Timestamp(precision, _) => *precision,
        DataType::Interval {
            fields: _,
            precision,
        } => *precision,
        _ => None,
    }
    .map(|digits| digits.min(6) as u8)
}

/// PostgreSQL cuts a precision above 6 down to it, with a warning; a negative one does not parse.
fn precision_fits(precision: Option<u64>, span: Option<Span>) -> Result<()> {
    match precision {
        None | Some(0..=1000) => Ok(()),
        Some(other) => Err(bad_parameter(
            format!("precision {other} is out of range"),
            span,
        )),
    }
}

/// Names that sqlparser does not know as types.
fn custom(
    name: &ObjectName,
    modifiers: &[String],
    ty: &DataType,
    span: Option<Span>,
) -> Result<Type> {
    let ObjectName(parts) = name;
    let last = match parts.as_slice() {
        [ObjectNamePart::Identifier(last)] => last,
        [
            ObjectNamePart::Identifier(schema),
            ObjectNamePart::Identifier(last),
        ] if super::scope::fold(schema) == "pg_catalog" => last,
        _ => return Err(unknown(ty, span)),
    };
    let span = super::scope::ident_span(last).or(span);
    if !modifiers.is_empty() {
        return Err(unknown(ty, span));
    }
    Ok(match &*super::scope::fold(last) {
        "int2" => Type::SmallInt,
        "int4" => Type::Integer,
        "int8" => Type::BigInt,
        "float4" => Type::Real,
        "float8" => Type::Double,
        "numeric" => Type::Numeric(None),
        "bool" => Type::Boolean,
        "bpchar" => Type::Text,
        "varchar" => Type::Varchar(None),
        "timestamptz" => Type::TimestampTz,
        "serial" | "serial4" => Type::Integer,
        "bigserial" | "serial8" => Type::BigInt,
        "smallserial" | "serial2" => Type::SmallInt,
        "name" => Type::Text,
        "timetz" | "inet" | "cidr" | "macaddr" | "money" | "oid" | "xml" | "int4range"
        | "int8range" | "numrange" | "tsrange" | "tstzrange" | "daterange" | "hstore"
        | "citext" | "regproc" | "regtype" => {
            return Err(unsupported(format!("type {}", last.value), span));
        }
        _ => return Err(unknown(ty, span)),
    })
}

fn unknown(ty: &DataType, span: Option<Span>) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::UNDEFINED_OBJECT,
        format!(
            "type \"{}\" does not exist",
            ty.to_string().to_ascii_lowercase()
        ),
    )
    .at(span)
}

fn bad_parameter(message: impl Into<String>, span: Option<Span>) -> Box<Diagnostic> {
    Diagnostic::error(sqlstate::INVALID_PARAMETER_VALUE, message).at(span)
}

/// The name a cast gives its column: PostgreSQL's internal name of the type.
pub(super) fn internal_name(ty: &Type) -> &'static str {
    match ty {
        Type::Boolean => "bool",
        Type::SmallInt => "int2",
        Type::Integer => "int4",
        Type::BigInt => "int8",
        Type::Numeric(_) => "numeric",
        Type::Real => "float4",
        Type::Double => "float8",
        Type::Text => "text",
        Type::Varchar(_) => "varchar",
        Type::Char(_) => "bpchar",
        Type::Date => "date",
        Type::Time => "time",
        Type::Timestamp => "timestamp",
        Type::TimestampTz => "timestamptz",
        Type::Interval => "interval",
        Type::Uuid => "uuid",
        Type::Json => "json",
        Type::Jsonb => "jsonb",
        Type::Array(element) => internal_name(element),
        Type::Record(_) => "record",
        Type::Unknown => "unknown",
    }
}

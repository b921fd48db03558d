//! `full_clean()`: what fields, unique keys and constraints say of an instance before it is
//! saved.

use super::connection::Connection;
use super::errors::{ExceptionClass, OrmError, Result};
use super::expressions::{FieldRef, Operand, PlainValue, same_value, value_field, value_repr};
use super::instance::Instance;
use super::lookups::to_python;
use super::ordered::OrderedMap;
use super::q::{Q, QChild};
use super::queryset::QuerySet;
use super::schema::condition_q;
use super::sql::plain;
use crate::base::Value;
use crate::market::catalogue::{Catalogue, Condition, Constraint, FieldKind, Model, Validator};
use std::sync::Arc;

/// The messages by field; those of the whole instance are under `__all__`.
pub type Messages = OrderedMap<Vec<String>>;

/// A part of `full_clean()`, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// `clean_fields()`
    Fields,
    /// `validate_unique()`
    Unique,
    /// `validate_constraints()`
    Constraints,
}

/// `instance.full_clean(exclude)`
///
/// # Errors
/// `ValidationError` with the messages of every field, and what the database says.
pub fn full_clean(
    connection: &mut dyn Connection,
    catalogue: &Arc<Catalogue>,
    instance: &Instance,
    exclude: &[String],
) -> Result<()> {
    let all = [Check::Fields, Check::Unique, Check::Constraints];
    let messages = problems(connection, catalogue, instance, exclude, &all)?;
    if messages.is_empty() {
        return Ok(());
    }
    Err(OrmError::new(
        ExceptionClass::ValidationError,
        dict_text(&messages),
    ))
}

/// What the given parts of `full_clean()` say; a field that one part refuses, the next ones leave
/// alone.
///
/// # Errors
/// What the database says.
pub fn problems(
    connection: &mut dyn Connection,
    catalogue: &Arc<Catalogue>,
    instance: &Instance,
    exclude: &[String],
    checks: &[Check],
) -> Result<Messages> {
    let mut messages = Messages::new();
    let model = instance.model();
    let fields: &[_] = match checks.contains(&Check::Fields) {
        true => &model.fields,
        false => &[],
    };
    for field in fields {
        if exclude.contains(&field.name) || field.kind.is_auto() && instance.key().is_none() {
            continue;
        }
        let value = match instance.get(field.attname()) {
            Some(Operand::Value(PlainValue(value))) => value,
            Some(_) => continue,
            None => Value::Null,
        };
        let empty = value.is_null() || matches!(&value, Value::Text(text) if text.is_empty());
        if field.blank && empty {
            continue;
        }
        match clean_field(connection, catalogue, field, value) {
            Ok(cleaned) => instance.change(|state| {
                state
                    .values
                    .insert(field.attname(), Operand::value(cleaned));
            }),
            Err(texts) => messages.entry(&field.name).extend(texts?),
        }
    }
    let wrong: Vec<String> = messages.keys().map(str::to_owned).collect();
    let unchecked = |name: &str| {
        exclude.iter().any(|excluded| excluded == name) || wrong.iter().any(|known| known == name)
    };
    if checks.contains(&Check::Unique) {
        check_unique(connection, catalogue, instance, &unchecked, &mut messages)?;
    }
    if checks.contains(&Check::Constraints) {
        check_constraints(connection, catalogue, instance, &unchecked, &mut messages)?;
    }
    Ok(messages)
}

/// What Python prints of the messages: a dict of lists.
fn dict_text(messages: &Messages) -> String {
    let entries: Vec<String> = messages
        .iter()
        .map(|(name, texts)| {
            let texts: Vec<String> = texts
                .iter()
                .map(|text| value_repr(&Value::text(text.as_str())))
                .collect();
            format!("'{name}': [{}]", texts.join(", "))
        })
        .collect();
    format!("{{{}}}", entries.join(", "))
}

/// The cleaned value, or what is wrong with it; the inner error is one of the database.
fn clean_field(
    connection: &mut dyn Connection,
    catalogue: &Arc<Catalogue>,
    field: &FieldRef,
    value: Value,
) -> std::result::Result<Value, Result<Vec<String>>> {
    let one = |text: String| Err(Ok(vec![text]));
    let target = value_field(field, catalogue);
    let value = match to_python(&target, value) {
        Ok(value) => value,
        Err(error) => {
            return Err(Ok(match error.messages.is_empty() {
                true => vec![error.message],
                false => error.messages.into_vec(),
            }));
        }
    };
    if !field.choices.is_empty()
        && !value.is_null()
        && !field
            .choices
            .iter()
            .any(|(choice, _)| same_value(choice, &value))
    {
        return one(format!(
            "Value {} is not a valid choice.",
            value_repr(&value)
        ));
    }
    if value.is_null() && !field.null && field.kind == FieldKind::Boolean {
        return one("“None” value must be either True or False.".to_owned());
    }
    if value.is_null() && !field.null {
        return one("This field cannot be null.".to_owned());
    }
    if !field.blank && (value.is_null() || matches!(&value, Value::Text(text) if text.is_empty())) {
        return one("This field cannot be blank.".to_owned());
    }
    let mut texts = Vec::new();
    if let Some(relation) = &field.relation
        && !value.is_null()
        && let Some(model) = catalogue.model(&relation.to)
    {
        let there = QuerySet::new(catalogue, model)
            .filter(Q::lookup(target.name.as_str(), value.clone()))
            .and_then(|rows| rows.exists(connection));
        match there {
            Ok(true) => {}
            Ok(false) => texts.push(format!(
                "{} instance with {} {} is not a valid choice.",
                model.verbose_name,
                target.name,
                value_repr(&value)
            )),
            Err(error) => return Err(Err(error)),
        }
    }
    texts.extend(validate(field, &value));
    if texts.is_empty() {
        Ok(value)
    } else {
        Err(Ok(texts))
    }
}

/// What the validators of a field say.
fn validate(field: &FieldRef, value: &Value) -> Vec<String> {
    let mut texts = Vec::new();
    let given = plain(value);
    let letters = given.chars().count();
    let longest = match &field.kind {
        FieldKind::Char(length) => *length,
        FieldKind::Email(length) | FieldKind::Slug(length) | FieldKind::Url(length) => {
            Some(*length)
        }
        _ => None,
    };
    for validator in &field.validators {
        match validator {
            Validator::MinValue(limit) if compare(value, limit).is_lt() => texts.push(format!(
                "Ensure this value is greater than or equal to {}.",
                plain(limit)
            )),
            Validator::MaxValue(limit) if compare(value, limit).is_gt() => texts.push(format!(
                "Ensure this value is less than or equal to {}.",
                plain(limit)
            )),
            Validator::MinLength(limit) if letters < *limit as usize => texts.push(format!(
                "Ensure this value has at least {limit} characters (it has {letters})."
            )),
            Validator::MaxLength(limit) if letters > *limit as usize => texts.push(format!(
                "Ensure this value has at most {limit} characters (it has {letters})."
            )),
            Validator::Email if !is_email(&given) => {
                texts.push("Enter a valid email address.".to_owned());
            }
            Validator::MinValue(_)
            | Validator::MaxValue(_)
            | Validator::MinLength(_)
            | Validator::MaxLength(_)
            | Validator::Email => {}
        }
    }
    if matches!(field.kind, FieldKind::Email(_))
        && !field
            .validators
            .iter()
            .any(|validator| matches!(validator, Validator::Email))
        && !is_email(&given)
    {
        texts.push("Enter a valid email address.".to_owned());
    }
    if matches!(field.kind, FieldKind::Slug(_)) && !is_slug(&given) {
        texts.push(
            "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens."
                .to_owned(),
        );
    }
    if matches!(field.kind, FieldKind::Url(_)) && !is_url(&given) {
        texts.push("Enter a valid URL.".to_owned());
    }
    if let Some(longest) = longest
        && letters > longest as usize
    {
        texts.push(format!(
            "Ensure this value has at most {longest} characters (it has {letters})."
        ));
    }
    let range = super::lookups::integer_range(&field.kind);
    if let (Some((low, high)), Value::Int(number)) = (range, value) {
        if *number < low {
            texts.push(format!(
                "Ensure this value is greater than or equal to {low}."
            ));
        }
        if *number > high {
            texts.push(format!(
                "Ensure this value is less than or equal to {high}."
            ));
        }
    }
    if let (FieldKind::Decimal(Some((digits, places))), Value::Numeric(number)) =
        (&field.kind, value)
    {
        texts.extend(decimal_text(
            number.mantissa(),
            u16::from(number.scale()),
            *digits,
            *places,
        ));
    }
    texts
}

/// Django's `DecimalValidator`, which names the first thing that is wrong.
fn decimal_text(mantissa: i128, scale: u16, digits: u16, places: u16) -> Option<String> {
    let written = mantissa.unsigned_abs().to_string().len();
    let written = u16::try_from(written).unwrap_or(u16::MAX);
    let total = written.max(scale);
    let whole = total - scale;
    let plural =
        |count: u16, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    if total > digits {
        let digits = plural(digits, "digit");
        return Some(format!(
            "Ensure that there are no more than {digits} in total."
        ));
    }
    if scale > places {
        let places = plural(places, "decimal place");
        return Some(format!("Ensure that there are no more than {places}."));
    }
    let before = digits.saturating_sub(places);
    (whole > before).then(|| {
        let digits = plural(before, "digit");
        format!("Ensure that there are no more than {digits} before the decimal point.")
    })
}

/// A number against a limit.
fn compare(value: &Value, limit: &Value) -> std::cmp::Ordering {
    let number = |value: &Value| plain(value).parse::<f64>().unwrap_or(f64::NAN);
    match (value, limit) {
        (Value::Int(one), Value::Int(other)) => one.cmp(other),
        (one, other) => number(one).total_cmp(&number(other)),
    }
}

/// Whether a text is made of letters, digits, `_` and `-` only.
fn is_slug(text: &str) -> bool {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    !text.is_empty() && text.chars().all(fits)
}

/// Whether a text has the form of a URL of the web (Django's `URLValidator`).
fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let known = ["http", "https", "ftp", "ftps"];
    if !known.contains(&scheme.to_ascii_lowercase().as_str()) || text.contains(char::is_whitespace)
    {
        return false;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = rest.get(..end).unwrap_or_default();
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let (host, port) = match host.rsplit_once(':') {
        Some((host, port)) if !host.ends_with(']') && !port.contains(']') => (host, port),
        _ => (host, "80"),
    };
    let port_ok = (1..=5).contains(&port.len()) && port.chars().all(|it| it.is_ascii_digit());
    let bracketed = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let host_ok = match bracketed {
        Some(inner) => inner.parse::<core::net::Ipv6Addr>().is_ok(),
        None => host.parse::<core::net::Ipv4Addr>().is_ok() || is_domain(host),
    };
    port_ok && host_ok
}

/// Whether a text is a name such as `shop.example`, or `localhost`.
fn is_domain(domain: &str) -> bool {
    let labels: Vec<&str> = domain.split('.').collect();
    let label_ok = |label: &&str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .chars()
                .all(|letter| letter.is_alphanumeric() || letter == '-')
    };
    let named = labels.len() > 1 && labels.last().is_some_and(|last| last.len() > 1);
    labels.iter().all(label_ok) && (named || domain == "localhost")
}

/// Whether a text has the form of an address.
fn is_email(text: &str) -> bool {
    let Some((user, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let user_letters =
        |letter: char| letter.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{}|~-".contains(letter);
    let user_ok = !user.is_empty()
        && user
            .split('.')
            .all(|part| !part.is_empty() && part.chars().all(user_letters));
    text.len() <= 320 && user_ok && is_domain(domain)
}

/// Whether another row has the same unique values.
fn check_unique(
    connection: &mut dyn Connection,
    catalogue: &Arc<Catalogue>,
    instance: &Instance,
    unchecked: &dyn Fn(&str) -> bool,
    messages: &mut Messages,
) -> Result<()> {
    let model = instance.model();
    let mut sets: Vec<Vec<String>> = model.unique_together.clone();
    for field in &model.fields {
        if field.unique && (instance.is_adding() || !field.primary_key) {
            sets.push(vec![field.name.clone()]);
        }
    }
    for names in sets {
        if names.iter().any(|name| unchecked(name)) {
            continue;
        }
        if is_taken(connection, catalogue, instance, &names)? {
            let (key, text) = unique_text(&model, &names);
            messages.entry(&key).push(text);
        }
    }
    Ok(())
}

/// Where a broken unique key is reported, and how.
fn unique_text(model: &Model, names: &[String]) -> (String, String) {
    let label = |name: &String| {
        model
            .field(name)
            .map_or_else(|| name.clone(), |field| capitalised(&field.verbose_name))
    };
    let model_name = capitalised(&model.verbose_name);
    match names {
        [one] => (
            one.clone(),
            format!("{model_name} with this {} already exists.", label(one)),
        ),
        several => {
            let labels: Vec<String> = several.iter().map(label).collect();
            let shown = match labels.split_last() {
                Some((last, rest)) if !rest.is_empty() => {
                    format!("{} and {last}", rest.join(", "))
                }
                _ => labels.join(", "),
            };
            (
                "__all__".to_owned(),
                format!("{model_name} with this {shown} already exists."),
            )
        }
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// Whether another row has the same values in some fields; NULL is never the same.
fn is_taken(
    connection: &mut dyn Connection,
    catalogue: &Arc<Catalogue>,
    instance: &Instance,
    names: &[String],
) -> Result<bool> {
    match like(catalogue, instance, names)? {
        Some(rows) => rows.exists(connection),
        None => Ok(false),
    }
}

/// The other rows with the same values in some fields; `None` when one of them is NULL.
fn like(
    catalogue: &Arc<Catalogue>,
    instance: &Instance,
    names: &[String],
) -> Result<Option<QuerySet>> {
    let model = instance.model();
    let mut lookups = Vec::new();
    for name in names {
        let Some(field) = model.field(name) else {
            return Err(super::compiler::no_field(&model, name));
        };
        match instance.value(field.attname()) {
            Some(value) if !value.is_null() => {
                lookups.push((field.name.clone(), Operand::value(value)));
            }
            _ => return Ok(None),
        }
    }
    let mut rows = QuerySet::new(catalogue, &model).filter(Q::of(Vec::new(), lookups))?;
    if let Some(key) = instance.key()
        && !instance.is_adding()
    {
        rows = rows.exclude(Q::lookup("pk", key))?;
    }
    Ok(Some(rows))
}

/// The constraints of `Meta.constraints`.
fn check_constraints(
    connection: &mut dyn Connection,
    catalogue: &Arc<Catalogue>,
    instance: &Instance,
    unchecked: &dyn Fn(&str) -> bool,
    messages: &mut Messages,
) -> Result<()> {
    let model = instance.model();
    for constraint in &model.constraints {
        match constraint {
            Constraint::Unique {
                name: _,
                fields,
                condition: Some(condition),
                message: _,
            } => {
                let named = names_of(condition);
                let mut names = fields.iter().map(String::as_str).chain(named);
                if names.any(unchecked) {
                    continue;
                }
                let Some(rows) = like(catalogue, instance, fields)? else {
                    continue;
                };
                let condition = condition_q(condition);
                let there = super::expressions::exists(&rows.filter(condition.clone())?)?;
                let taken = condition & Q::of(vec![QChild::Expr(there)], Vec::new());
                if holds(connection, catalogue, instance, unchecked, &taken)? {
                    messages.entry("__all__").push(constraint.violation());
                }
            }
            Constraint::Unique {
                name: _,
                fields,
                condition: None,
                message,
            } => {
                if !fields.iter().any(|name| unchecked(name))
                    && is_taken(connection, catalogue, instance, fields)?
                {
                    let (key, text) = match message {
                        Some(_) => ("__all__".to_owned(), constraint.violation()),
                        None => unique_text(&model, fields),
                    };
                    messages.entry(&key).push(text);
                }
            }
            Constraint::Check {
                name: _,
                condition,
                message: _,
            } => {
                if names_of(condition).into_iter().any(unchecked) {
                    continue;
                }
                let condition = condition_q(condition);
                if !holds(connection, catalogue, instance, unchecked, &condition)? {
                    messages.entry("__all__").push(constraint.violation());
                }
            }
        }
    }
    Ok(())
}

/// The fields that a condition speaks of.
fn names_of(condition: &Condition) -> Vec<&str> {
    let first = |path: &'_ str| path.split("__").next().unwrap_or_default().len();
    match condition {
        Condition::Lookup { path, value: _ } => path.get(..first(path)).into_iter().collect(),
        Condition::Fields { path, other } => [path, other]
            .into_iter()
            .filter_map(|path| path.get(..first(path)))
            .collect(),
        Condition::And(parts) | Condition::Or(parts) => parts.iter().flat_map(names_of).collect(),
        Condition::Not(part) => names_of(part),
    }
}

/// Whether a condition over the instance's own values is not false (Django's `Q.check`): the
/// database decides, over the values in place of the columns.
fn holds(
    connection: &mut dyn Connection,
    catalogue: &Arc<Catalogue>,
    instance: &Instance,
    unchecked: &dyn Fn(&str) -> bool,
    condition: &Q,
) -> Result<bool> {
    let model = instance.model();
    let mut values = Vec::new();
    for field in &model.fields {
        if unchecked(&field.name) {
            continue;
        }
        if let Some(value) = instance.value(field.attname()) {
            values.push((field.clone(), value));
        }
    }
    let Some(sql) = super::compiler::check_sql(catalogue, &model, &values, condition)? else {
        return Ok(true);
    };
    Ok(!super::rows::execute(connection, &sql)?
        .into_rows()
        .is_empty())
}

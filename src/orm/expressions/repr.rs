//! What Python prints for expressions and values, for the messages of exceptions.

use super::{Expr, FrameExclusion, FrameUnit, Operand, OrderBy, OuterName, PlainValue, Window};
use crate::base::Value;
use crate::market::catalogue::FieldKind;
use crate::orm::lookups::{Lookup, LookupKind, Rhs};
use crate::orm::q::{Q, QChild};
use crate::orm::sql::{DAY, civil, plain};

/// Python's `repr` of an argument.
pub fn python_repr(operand: &Operand) -> String {
    match operand {
        Operand::Value(PlainValue(value)) => value_repr(value),
        Operand::Expr(expr) => expr.repr(),
        Operand::List(items) => {
            let items: Vec<_> = items.iter().map(python_repr).collect();
            format!("[{}]", items.join(", "))
        }
        Operand::Instance(instance) => format!("<{}: {instance}>", instance.model().name),
    }
}

/// Python's `repr` of a value.
pub fn value_repr(value: &Value) -> String {
    match value {
        Value::Text(text) => text_repr(text),
        Value::Numeric(_) => format!("Decimal('{}')", plain(value)),
        Value::Date(days) => {
            let (year, month, day) = civil(i64::from(*days));
            format!("datetime.date({year}, {month}, {day})")
        }
        Value::Timestamp(micros) => {
            let (year, month, day) = civil(micros.div_euclid(DAY));
            let clock = clock_repr(micros.rem_euclid(DAY));
            format!(
                "datetime.datetime({year}, {month}, {day}, {clock}, tzinfo=datetime.timezone.utc)"
            )
        }
        Value::Time(micros) => format!("datetime.time({})", clock_repr(*micros)),
        Value::Interval(interval) => {
            let mut parts = Vec::new();
            let days = i64::from(interval.days) + interval.micros.div_euclid(DAY);
            let micros = interval.micros.rem_euclid(DAY);
            for (name, number) in [
                ("days", days),
                ("seconds", micros / 1_000_000),
                ("microseconds", micros % 1_000_000),
            ] {
                if number != 0 {
                    parts.push(format!("{name}={number}"));
                }
            }
            if parts.is_empty() {
                parts.push("0".to_owned());
            }
            format!("datetime.timedelta({})", parts.join(", "))
        }
        Value::Uuid(_) => format!("UUID('{}')", plain(value)),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(value_repr).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Record(items) => {
            let shown: Vec<_> = items.iter().map(value_repr).collect();
            let comma = if shown.len() == 1 { "," } else { "" };
            format!("({}{comma})", shown.join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => plain(value),
    }
}

fn clock_repr(micros: i64) -> String {
    let seconds = micros / 1_000_000;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (second, micros % 1_000_000) {
        (0, 0) => format!("{hour}, {minute}"),
        (second, 0) => format!("{hour}, {minute}, {second}"),
        (second, fraction) => format!("{hour}, {minute}, {second}, {fraction}"),
    }
}

/// A text in Python's quotes.
pub fn text_repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut out = String::from(quote);
    for letter in text.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if letter == quote => {
                out.push('\\');
                out.push(letter);
            }
            letter if letter.is_control() => {
                out.push_str(&format!("\\x{:02x}", u32::from(letter)));
            }
            letter => out.push(letter),
        }
    }
    out.push(quote);
    out
}

impl Expr {
    /// The name of the expression's class.
    pub fn class_name(&self) -> &str {
        match self {
            Self::F(_) => "F",
            Self::OuterRef(_) => "OuterRef",
            Self::ResolvedOuterRef(_) => "ResolvedOuterRef",
            Self::Q(_) => "Q",
            Self::Value(_) => "Value",
            Self::Combined(combined) => match combined.temporal {
                super::Temporal::No => "CombinedExpression",
                super::Temporal::Duration => "DurationExpression",
                super::Temporal::Subtraction => "TemporalSubtraction",
            },
            Self::Func(func) => func.name(),
            Self::Aggregate(aggregate) => aggregate.kind.name(),
            Self::Case(_) => "Case",
            Self::When(_) => "When",
            Self::Wrapper(..) => "ExpressionWrapper",
            Self::Negated(_) => "NegatedExpression",
            Self::Subquery(_) => "Subquery",
            Self::Exists(_) => "Exists",
            Self::Window(_) => "Window",
            Self::OrderBy(_) => "OrderBy",
            Self::RawSql(_) => "RawSQL",
            Self::Star => "Star",
            Self::QuerySet(_) => "QuerySet",
            Self::Col(_) => "Col",
            Self::Ref(..) => "Ref",
            Self::PositionRef(..) => "PositionRef",
            Self::Where(_) => "WhereNode",
            Self::Lookup(lookup) => lookup.kind.class_name(),
            Self::Query(_) => "Query",
            Self::List(_) => "ExpressionList",
            Self::Nothing => "NothingNode",
        }
    }

    /// Python's `repr`.
    pub fn repr(&self) -> String {
        match self {
            Self::Combined(_) | Self::Window(_) | Self::When(_) | Self::Case(_) => {
                format!("<{}: {}>", self.class_name(), self.text())
            }
            _ => self.text(),
        }
    }

    /// Python's `str`.
    pub fn text(&self) -> String {
        match self {
            Self::F(name) => format!("F({name})"),
            Self::OuterRef(name) => outer(name),
            Self::ResolvedOuterRef(name) => format!("ResolvedOuterRef({name})"),
            Self::Q(q) => q_text(q),
            Self::Value(value) => format!("Value({})", value_repr(&value.value)),
            Self::Combined(combined) => format!(
                "{} {} {}",
                combined.lhs.text(),
                combined.operator.symbol(),
                combined.rhs.text()
            ),
            Self::Func(func) => {
                let args: Vec<_> = func.args.iter().map(Self::text).collect();
                let mut out = args.join(func.arg_joiner.as_deref().unwrap_or(", "));
                let mut extra: Vec<_> = func
                    .extra
                    .iter()
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect();
                if let Some(function) = &func.function {
                    extra.push(format!("function={function}"));
                }
                extra.sort();
                for item in extra {
                    out.push_str(", ");
                    out.push_str(&item);
                }
                format!("{}({out})", func.name())
            }
            Self::Aggregate(aggregate) => {
                let mut parts: Vec<_> = aggregate.args.iter().map(Self::text).collect();
                if aggregate.distinct {
                    parts.push("distinct=True".to_owned());
                }
                if let Some(filter) = &aggregate.filter {
                    parts.push(format!("filter={}", filter.text()));
                }
                format!("{}({})", aggregate.kind.name(), parts.join(", "))
            }
            Self::Case(case) => {
                let cases: Vec<_> = case
                    .cases
                    .iter()
                    .map(|when| Self::When(Box::new(when.clone())).text())
                    .collect();
                format!("CASE {}, ELSE {}", cases.join(", "), case.default.repr())
            }
            Self::When(when) => {
                let condition = match &when.condition {
                    it @ Expr::Q(_) => format!("<Q: {}>", it.repr()),
                    it => it.repr(),
                };
                format!("WHEN {condition} THEN {}", when.result.repr())
            }
            Self::Wrapper(inner, _) => format!("ExpressionWrapper({})", inner.text()),
            Self::Negated(inner) => format!("NegatedExpression({})", inner.text()),
            Self::Window(window) => window_text(window),
            Self::OrderBy(order) => order_text(order),
            Self::RawSql(raw) => format!("RawSQL({}, {:?})", raw.sql, raw.params.len()),
            Self::Star => "'*'".to_owned(),
            Self::Col(col) => format!("Col({}, {})", col.alias, col.target.label()),
            Self::Ref(name, source) | Self::PositionRef(_, name, source) => {
                format!("Ref({name}, {})", source.text())
            }
            Self::Where(node) => {
                let children: Vec<_> = node.children.iter().map(Self::repr).collect();
                let inner = format!("{}: {}", node.connector.sql(), children.join(", "));
                if node.negated {
                    format!("(NOT ({inner}))")
                } else {
                    format!("({inner})")
                }
            }
            Self::Lookup(lookup) => lookup_text(lookup),
            Self::List(items) => {
                let items: Vec<_> = items.iter().map(Self::text).collect();
                items.join(", ")
            }
            Self::Subquery(_)
            | Self::Exists(_)
            | Self::QuerySet(_)
            | Self::Query(_)
            | Self::Nothing => format!("<{} object>", self.class_name()),
        }
    }
}

fn outer(name: &OuterName) -> String {
    match name {
        OuterName::Path(name) => format!("OuterRef({name})"),
        OuterName::Outer(inner) => format!("OuterRef({})", outer(inner)),
    }
}

fn q_text(q: &Q) -> String {
    let children: Vec<_> = q
        .children
        .iter()
        .map(|child| match child {
            QChild::Q(q) => q_text(q),
            QChild::Lookup(path, value) => format!("('{path}', {})", python_repr(value)),
            QChild::Expr(expr) => expr.repr(),
            QChild::Plain(value) => plain(&value.0),
        })
        .collect();
    let inner = format!("({}: {})", q.connector.sql(), children.join(", "));
    if q.negated {
        format!("(NOT {inner})")
    } else {
        inner
    }
}

fn order_text(order: &OrderBy) -> String {
    let descending = if order.descending { "True" } else { "False" };
    format!(
        "OrderBy({}, descending={descending})",
        order.expression.text()
    )
}

fn lookup_text(lookup: &Lookup) -> String {
    let rhs = match &lookup.rhs {
        Rhs::Value(PlainValue(value)) => value_repr(value),
        Rhs::List(items) => {
            let items: Vec<_> = items.iter().map(|item| value_repr(&item.0)).collect();
            format!("[{}]", items.join(", "))
        }
        Rhs::Expr(expr) => expr.repr(),
    };
    format!("{}({}, {rhs})", lookup_class(lookup), lookup.lhs.repr())
}

/// The class of a lookup, which integers and relations have of their own.
fn lookup_class(lookup: &Lookup) -> String {
    let name = lookup.kind.class_name();
    let field = lookup.lhs.output_field_or_none().ok().flatten();
    let ordered = matches!(
        lookup.kind,
        LookupKind::Gt | LookupKind::Gte | LookupKind::Lt | LookupKind::Lte
    );
    match field.map(|field| field.kind.clone()) {
        Some(kind) if kind.is_integer() && lookup.kind == LookupKind::Exact => {
            "IntegerFieldExact".to_owned()
        }
        Some(kind) if kind.is_integer() && ordered => format!("Integer{name}"),
        Some(FieldKind::ForeignKey | FieldKind::OneToOne)
            if ordered
                || matches!(
                    lookup.kind,
                    LookupKind::Exact | LookupKind::In | LookupKind::IsNull
                ) =>
        {
            format!("Related{name}")
        }
        _ => name.to_owned(),
    }
}

fn window_text(window: &Window) -> String {
    let list = |items: &[Expr]| items.iter().map(Expr::text).collect::<Vec<_>>().join(", ");
    let mut inner = String::new();
    if let Some(partition) = &window.partition_by {
        inner.push_str("PARTITION BY ");
        inner.push_str(&list(partition));
    }
    if let Some(order) = &window.order_by {
        inner.push_str(&list(order));
    }
    if let Some(frame) = &window.frame {
        inner.push_str(&frame.sql());
    }
    format!("{} OVER ({inner})", window.source.text())
}

impl super::Frame {
    /// `ROWS BETWEEN .. AND ..`
    pub fn sql(&self) -> String {
        let bound = |bound: Option<i64>, open: &str| match bound {
            None => format!("UNBOUNDED {open}"),
            Some(0) => "CURRENT ROW".to_owned(),
            Some(rows) if rows < 0 => format!("{} PRECEDING", rows.unsigned_abs()),
            Some(rows) => format!("{rows} FOLLOWING"),
        };
        let unit = match self.unit {
            FrameUnit::Rows => "ROWS",
            FrameUnit::Range => "RANGE",
        };
        let exclusion = match self.exclusion {
            None => "",
            Some(FrameExclusion::CurrentRow) => " EXCLUDE CURRENT ROW",
            Some(FrameExclusion::Group) => " EXCLUDE GROUP",
            Some(FrameExclusion::Ties) => " EXCLUDE TIES",
            Some(FrameExclusion::NoOthers) => " EXCLUDE NO OTHERS",
        };
        format!(
            "{unit} BETWEEN {} AND {}{exclusion}",
            bound(self.start, "PRECEDING"),
            bound(self.end, "FOLLOWING")
        )
    }
}

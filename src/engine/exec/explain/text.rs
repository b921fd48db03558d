//! Expressions of a plan as text, with the names of their columns.

use super::Recorder;
use crate::base::Value;
use crate::engine::expr::{Comparison, Expr, ExprKind, Negation, Quantifier, Test};
use crate::engine::plan::{
    AggregateCall, AggregateFunction, Direction, Distinctness, Nulls, SortKey, WindowCall,
    WindowFunction,
};

impl Recorder {
    /// One expression.
    pub fn expression(&self, expr: &Expr) -> String {
        let join = |exprs: &[Expr], between: &str| -> String {
            let texts: Vec<String> = exprs.iter().map(|expr| self.expression(expr)).collect();
            texts.join(between)
        };
        match &expr.kind {
            ExprKind::Column(id) => self.column(*id),
            ExprKind::Literal(value) => literal(value, expr),
            ExprKind::Parameter(number) => format!("${}", number + 1),
            ExprKind::Call(function, arguments) => {
                let is_sign = !function
                    .name
                    .starts_with(|c: char| c.is_alphabetic() || c == '_');
                match arguments.as_slice() {
                    [left, right] if is_sign => format!(
                        "({} {} {})",
                        self.expression(left),
                        function.name,
                        self.expression(right)
                    ),
                    [operand] if is_sign => {
                        format!("{}{}", function.name, self.expression(operand))
                    }
                    _ => format!("{}({})", function.name, join(arguments, ", ")),
                }
            }
            ExprKind::Cast(operand, _) => format!("{}::{}", self.expression(operand), expr.ty),
            ExprKind::And(operands) => format!("({})", join(operands, " AND ")),
            ExprKind::Or(operands) => format!("({})", join(operands, " OR ")),
            ExprKind::Not(operand) => format!("NOT {}", self.expression(operand)),
            ExprKind::Test(operand, test) => {
                format!("{} {}", self.expression(operand), test_text(*test))
            }
            ExprKind::Compare(comparison, left, right) => format!(
                "{} {} {}",
                self.expression(left),
                comparison_text(*comparison),
                self.expression(right)
            ),
            ExprKind::InList {
                operand,
                list,
                negated,
            } => {
                let not = match negated {
                    Negation::Plain => "",
                    Negation::Negated => "NOT ",
                };
                let shown = list.get(..8).unwrap_or(list);
                let more = match list.len() - shown.len() {
                    0 => String::new(),
                    more => format!(", and {more} more"),
                };
                format!(
                    "{} {not}IN ({}{more})",
                    self.expression(operand),
                    join(shown, ", ")
                )
            }
            ExprKind::Quantified {
                operand,
                comparison,
                quantifier,
                array,
            } => format!(
                "{} {} {} ({})",
                self.expression(operand),
                comparison_text(*comparison),
                match quantifier {
                    Quantifier::Any => "ANY",
                    Quantifier::All => "ALL",
                },
                self.expression(array)
            ),
            ExprKind::Case {
                branches,
                otherwise,
            } => {
                let mut text = String::from("CASE");
                for (condition, result) in branches {
                    text.push_str(&format!(
                        " WHEN {} THEN {}",
                        self.expression(condition),
                        self.expression(result)
                    ));
                }
                if let Some(otherwise) = otherwise {
                    text.push_str(&format!(" ELSE {}", self.expression(otherwise)));
                }
                text.push_str(" END");
                text
            }
            ExprKind::Coalesce(operands) => format!("COALESCE({})", join(operands, ", ")),
            ExprKind::Array(elements) => format!("ARRAY[{}]", join(elements, ", ")),
            ExprKind::Row(fields) => format!("ROW({})", join(fields, ", ")),
            ExprKind::Subquery(_) => "(subquery)".into(),
        }
    }

    /// An aggregate call.
    pub fn call(&self, call: &AggregateCall) -> String {
        let mut arguments = self.expressions(&call.arguments);
        if call.function == AggregateFunction::CountRows {
            arguments = "*".into();
        }
        if call.distinct == Distinctness::Distinct {
            arguments = format!("DISTINCT {arguments}");
        }
        if !call.order_by.is_empty() {
            arguments.push_str(&format!(" ORDER BY {}", self.order(&call.order_by)));
        }
        let mut text = format!("{}({arguments})", aggregate_name(call.function));
        if let Some(filter) = &call.filter {
            text.push_str(&format!(" FILTER (WHERE {})", self.expression(filter)));
        }
        text
    }

    /// A window function's call, its window left out.
    pub fn window_call(&self, call: &WindowCall) -> String {
        let name = match call.function {
            WindowFunction::RowNumber => "row_number",
            WindowFunction::Rank => "rank",
            WindowFunction::DenseRank => "dense_rank",
            WindowFunction::PercentRank => "percent_rank",
            WindowFunction::CumeDist => "cume_dist",
            WindowFunction::Ntile => "ntile",
            WindowFunction::Lag => "lag",
            WindowFunction::Lead => "lead",
            WindowFunction::FirstValue => "first_value",
            WindowFunction::LastValue => "last_value",
            WindowFunction::NthValue => "nth_value",
            WindowFunction::Aggregate(function) => aggregate_name(function),
        };
        format!("{name}({}) OVER", self.expressions(&call.arguments))
    }

    /// One key of an order.
    pub fn sort_key(&self, key: &SortKey) -> String {
        let mut text = self.expression(&key.expr);
        match (key.direction, key.nulls) {
            (Direction::Ascending, Nulls::Last) => {}
            (Direction::Ascending, Nulls::First) => text.push_str(" NULLS FIRST"),
            (Direction::Descending, Nulls::First) => text.push_str(" DESC"),
            (Direction::Descending, Nulls::Last) => text.push_str(" DESC NULLS LAST"),
        }
        text
    }
}

fn literal(value: &Value, expr: &Expr) -> String {
    match value {
        Value::Null => "NULL".into(),
        Value::Bool(_) | Value::Int(_) | Value::Numeric(_) | Value::Float(_) => {
            value.to_text(&expr.ty)
        }
        Value::Text(_)
        | Value::Date(_)
        | Value::Time(_)
        | Value::Timestamp(_)
        | Value::Interval(_)
        | Value::Uuid(_)
        | Value::Array(_)
        | Value::Record(_) => format!("'{}'", value.to_text(&expr.ty)),
    }
}

fn comparison_text(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Eq => "=",
        Comparison::NotEq => "<>",
        Comparison::Lt => "<",
        Comparison::LtEq => "<=",
        Comparison::Gt => ">",
        Comparison::GtEq => ">=",
        Comparison::Distinct => "IS DISTINCT FROM",
        Comparison::NotDistinct => "IS NOT DISTINCT FROM",
    }
}

fn test_text(test: Test) -> &'static str {
    match test {
        Test::Null => "IS NULL",
        Test::NotNull => "IS NOT NULL",
        Test::True => "IS TRUE",
        Test::NotTrue => "IS NOT TRUE",
        Test::False => "IS FALSE",
        Test::NotFalse => "IS NOT FALSE",
        Test::Unknown => "IS UNKNOWN",
        Test::NotUnknown => "IS NOT UNKNOWN",
    }
}

fn aggregate_name(function: AggregateFunction) -> &'static str {
    match function {
        AggregateFunction::CountRows | AggregateFunction::Count => "count",
        AggregateFunction::Sum => "sum",
        AggregateFunction::Avg => "avg",
        AggregateFunction::Min => "min",
        AggregateFunction::Max => "max",
        AggregateFunction::BoolAnd => "bool_and",
        AggregateFunction::BoolOr => "bool_or",
        AggregateFunction::StddevSamp => "stddev_samp",
        AggregateFunction::StddevPop => "stddev_pop",
        AggregateFunction::VarSamp => "var_samp",
        AggregateFunction::VarPop => "var_pop",
        AggregateFunction::CovarSamp => "covar_samp",
        AggregateFunction::CovarPop => "covar_pop",
        AggregateFunction::Corr => "corr",
        AggregateFunction::RegrSlope => "regr_slope",
        AggregateFunction::RegrIntercept => "regr_intercept",
        AggregateFunction::RegrR2 => "regr_r2",
        AggregateFunction::RegrCount => "regr_count",
        AggregateFunction::RegrAvgX => "regr_avgx",
        AggregateFunction::RegrAvgY => "regr_avgy",
        AggregateFunction::RegrSxx => "regr_sxx",
        AggregateFunction::RegrSyy => "regr_syy",
        AggregateFunction::RegrSxy => "regr_sxy",
        AggregateFunction::StringAgg => "string_agg",
        AggregateFunction::ArrayAgg => "array_agg",
        AggregateFunction::JsonAgg => "json_agg",
        AggregateFunction::PercentileCont => "percentile_cont",
        AggregateFunction::PercentileDisc => "percentile_disc",
        AggregateFunction::Mode => "mode",
        AggregateFunction::BitAnd => "bit_and",
        AggregateFunction::BitOr => "bit_or",
        AggregateFunction::BitXor => "bit_xor",
        AggregateFunction::AnyValue => "any_value",
    }
}

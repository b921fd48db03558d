//! A chosen window as Django code.

use crate::report::frames::{Bound, Choice, Exclude, Function, Mode, Rows};

/// The code, or why Django cannot say this window.
pub fn code(choice: &Choice) -> Result<String, &'static str> {
    let frame = frame(choice)?;
    let source = source(choice)?;
    let function = match choice.function {
        Function::Sum => format!("Sum(\"{}\")", source.amount),
        Function::Avg => format!("Avg(\"{}\")", source.amount),
        Function::Count => "Count(\"*\")".to_owned(),
        Function::First => format!("FirstValue(\"{}\")", source.amount),
        Function::Last => format!("LastValue(\"{}\")", source.amount),
    };
    let position = format!("F(\"{}\").asc()", source.position);
    let order = match (choice.mode, source.key) {
        // ROWS needs a total order for its answer to be one.
        (Mode::Rows, Some(key)) => format!("[{position}, F(\"{key}\").asc()]"),
        (Mode::Rows | Mode::Range | Mode::Groups, _) => position.clone(),
    };
    let part = match source.part {
        Some(part) => format!("partition_by=F(\"{part}\"), "),
        None => String::new(),
    };
    let value_part = match source.part {
        Some(part) => format!("        partition_by=F(\"{part}\"),\n"),
        None => String::new(),
    };
    Ok(format!(
        "{}.annotate(
    rank=Window(Rank(), {part}order_by={position}),
    dense_rank=Window(DenseRank(), {part}order_by={position}),
    value=Window(
        {function},
{value_part}        order_by={order},
        frame={frame},
    ),
).order_by({}).values(
    {}, \"rank\", \"dense_rank\", \"value\"
)",
        source.rows, source.order, source.columns,
    ))
}

/// The rows that a window runs over.
struct Source {
    /// A queryset.
    rows: String,
    /// What tells partitions apart.
    part: Option<&'static str>,
    /// What the window is ordered by.
    position: &'static str,
    /// What is unique about a row of equal position.
    key: Option<&'static str>,
    /// What the function computes with.
    amount: &'static str,
    /// The order in which rows are shown.
    order: &'static str,
    /// The columns that are shown.
    columns: &'static str,
}

fn source(choice: &Choice) -> Result<Source, &'static str> {
    Ok(match choice.rows {
        Rows::Months => {
            if matches!(choice.function, Function::Sum | Function::Avg) {
                return Err(
                    "A month\u{2019}s revenue is a sum itself, and Django refuses an aggregate of an \
                     aggregate: Cannot compute Sum(\u{2026}). The panel on monthly cumulative revenue \
                     has the way around; this one takes SQL.",
                );
            }
            Source {
                rows: "OrderItem.objects.annotate(
    month=TruncMonth(\"order__created_at\"),
).values(\"month\").annotate(
    revenue=Sum(F(\"quantity\") * F(\"unit_price\")),
)"
                .to_owned(),
                part: None,
                position: "month",
                key: None,
                amount: "revenue",
                order: "\"month\"",
                columns: "\"month\", \"revenue\"",
            }
        }
        Rows::Products => Source {
            rows: "Product.objects".to_owned(),
            part: Some("category"),
            position: "price",
            key: Some("id"),
            amount: "stock",
            order: "\"category__name\", \"price\", \"id\"",
            columns: "\"category__name\", \"name\", \"price\", \"stock\"",
        },
        Rows::Lines { customer } => Source {
            rows: format!(
                "OrderItem.objects.filter(
    order__customer={customer},
).annotate(
    amount=F(\"quantity\") * F(\"unit_price\"),
)"
            ),
            part: None,
            position: "quantity",
            key: Some("id"),
            amount: "amount",
            order: "\"quantity\", \"id\"",
            columns: "\"product__name\", \"order_id\", \"quantity\", \"amount\"",
        },
    })
}

fn frame(choice: &Choice) -> Result<String, &'static str> {
    let class = match choice.mode {
        Mode::Rows => "RowRange",
        Mode::Range => "ValueRange",
        Mode::Groups => return Err("Django has no GROUPS frames. This one takes SQL."),
    };
    let has_offset = |bound: Bound| matches!(bound, Bound::Preceding(_) | Bound::Following(_));
    if choice.mode == Mode::Range && (has_offset(choice.start) || has_offset(choice.end)) {
        return Err(
            "On PostgreSQL, Django\u{2019}s ValueRange takes no distances, only the ends of the \
             partition and the current row. This one takes SQL.",
        );
    }
    let side = |bound: Bound| match bound {
        Bound::UnboundedPreceding | Bound::UnboundedFollowing => "None".to_owned(),
        Bound::Preceding(count) => format!("-{count}"),
        Bound::CurrentRow => "0".to_owned(),
        Bound::Following(count) => count.to_string(),
    };
    let exclusion = match choice.exclude {
        Exclude::NoOthers => "",
        Exclude::CurrentRow => ", exclusion=WindowFrameExclusion.CURRENT_ROW",
        Exclude::Group => ", exclusion=WindowFrameExclusion.GROUP",
        Exclude::Ties => ", exclusion=WindowFrameExclusion.TIES",
    };
    Ok(format!(
        "{class}(start={}, end={}{exclusion})",
        side(choice.start),
        side(choice.end)
    ))
}

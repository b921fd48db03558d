//! The five models of the marketplace.

use super::{
    Catalogue, Condition, Constraint, Field, FieldDefault, FieldKind, Index, Model, OnDelete,
    Validator,
};
use crate::base::Value;

/// The application that all five belong to.
const APP: &str = "marketplace";

/// Customer, Category, Product, Order and OrderItem, as `python/models.py` writes them.
pub fn marketplace() -> Catalogue {
    Catalogue::new(vec![
        customer(),
        category(),
        product(),
        order(),
        order_item(),
    ])
}

fn customer() -> Model {
    Model {
        db_table: "customer".to_owned(),
        ..Model::new(
            APP,
            "Customer",
            vec![
                Field::new("name", FieldKind::Char(Some(120))),
                Field {
                    validators: vec![Validator::Email],
                    ..Field::new("email", FieldKind::Email(254)).unique()
                },
                Field::new("city", FieldKind::Char(Some(80)))
                    .blank()
                    .default(text("")),
                Field::new("country", FieldKind::Char(Some(80)))
                    .blank()
                    .default(text("")),
                Field::new("is_premium", FieldKind::Boolean).default(truth(false)),
                Field::new("created_at", FieldKind::DateTime).default(FieldDefault::Now),
            ],
        )
    }
}

fn category() -> Model {
    Model {
        db_table: "category".to_owned(),
        ordering: vec!["name".to_owned()],
        verbose_name_plural: "categories".to_owned(),
        ..Model::new(
            APP,
            "Category",
            vec![
                Field::new("name", FieldKind::Char(Some(80))).unique(),
                Field::foreign_key("parent", "Category", OnDelete::SetNull, "children")
                    .null()
                    .blank(),
            ],
        )
    }
}

fn product() -> Model {
    Model {
        db_table: "product".to_owned(),
        constraints: vec![Constraint::Check {
            name: "product_price_not_negative".to_owned(),
            condition: at_least("price", 0),
            message: None,
        }],
        indexes: vec![Index {
            name: "product_price_idx".to_owned(),
            fields: vec!["price".to_owned()],
            condition: None,
        }],
        ..Model::new(
            APP,
            "Product",
            vec![
                Field::foreign_key("category", "Category", OnDelete::Protect, "products"),
                Field::new("name", FieldKind::Char(Some(160))),
                Field {
                    validators: vec![Validator::MinValue(Value::Int(0))],
                    ..Field::new("price", FieldKind::Decimal(Some((10, 2))))
                },
                Field::new("rating", FieldKind::Decimal(Some((3, 2))))
                    .null()
                    .blank(),
                Field::new("stock", FieldKind::PositiveInteger).default(number(0)),
                Field::new("is_active", FieldKind::Boolean).default(truth(true)),
                Field::new("created_at", FieldKind::DateTime).default(FieldDefault::Now),
            ],
        )
    }
}

fn order() -> Model {
    let choices = [
        ("pending", "Pending"),
        ("paid", "Paid"),
        ("shipped", "Shipped"),
        ("delivered", "Delivered"),
        ("cancelled", "Cancelled"),
    ];
    Model {
        // ORDER is a reserved word.
        db_table: "orders".to_owned(),
        ordering: vec!["-created_at".to_owned(), "-id".to_owned()],
        get_latest_by: vec!["created_at".to_owned()],
        ..Model::new(
            APP,
            "Order",
            vec![
                Field::foreign_key("customer", "Customer", OnDelete::Cascade, "orders"),
                Field {
                    choices: choices
                        .into_iter()
                        .map(|(value, label)| (Value::text(value), label.to_owned()))
                        .collect(),
                    ..Field::new("status", FieldKind::Char(Some(10))).default(text("pending"))
                },
                Field::new("created_at", FieldKind::DateTime)
                    .indexed()
                    .default(FieldDefault::Now),
            ],
        )
    }
}

fn order_item() -> Model {
    Model {
        db_table: "order_item".to_owned(),
        constraints: vec![
            Constraint::Unique {
                name: "one_line_per_product_in_order".to_owned(),
                fields: vec!["order".to_owned(), "product".to_owned()],
                condition: None,
                message: None,
            },
            Constraint::Check {
                name: "orderitem_quantity_positive".to_owned(),
                condition: at_least("quantity", 1),
                message: None,
            },
        ],
        ..Model::new(
            APP,
            "OrderItem",
            vec![
                Field::foreign_key("order", "Order", OnDelete::Cascade, "items"),
                Field::foreign_key("product", "Product", OnDelete::Protect, "order_items"),
                Field::new("quantity", FieldKind::PositiveInteger).default(number(1)),
                Field::new("unit_price", FieldKind::Decimal(Some((10, 2)))),
            ],
        )
    }
}

fn at_least(field: &str, least: i64) -> Condition {
    Condition::Lookup {
        path: format!("{field}__gte"),
        value: Value::Int(least),
    }
}

fn text(value: &str) -> FieldDefault {
    FieldDefault::Value(Value::text(value))
}

fn truth(value: bool) -> FieldDefault {
    FieldDefault::Value(Value::Bool(value))
}

fn number(value: i64) -> FieldDefault {
    FieldDefault::Value(Value::Int(value))
}

//! The marketplace's five tables: their definitions as Django 6.1 makes them on PostgreSQL, and
//! the seed rows, put into columns without going through SQL.

use super::catalog::{
    Catalog, Check, Column, Cycle, ForeignKey, Generation, Identity, Index, Matching, Nullability,
    ReferentialAction, Sequence, Table, Timing, Unique, Uniqueness,
};
use super::storage::{Position, SequenceState, Storage, TableData};
use crate::base::column::{Dictionary, TextVec, Vector};
use crate::base::{self, Bitmap, Result, Type};
use crate::market::seed::{self, Rows};
use std::sync::Arc;

/// Puts the five tables and the rows of a data set into a storage, in place of tables of these
/// names. Gives the moment that the data set takes for the present, in Unix microseconds.
pub fn load(storage: &mut Storage, rows: &Rows) -> Result<i64> {
    for table in tables() {
        define(storage, table);
    }
    fill(storage, "customer", customers(&rows.customers))?;
    fill(storage, "category", categories(&rows.categories))?;
    fill(storage, "product", products(&rows.products))?;
    fill(storage, "orders", orders(&rows.orders))?;
    fill(storage, "order_item", order_items(&rows.order_items))?;
    Ok(micros(rows.now))
}

fn define(storage: &mut Storage, table: Table) {
    let name = table.name.clone();
    let sequence = Sequence {
        name: format!("{name}_id_seq").into(),
        start: 1,
        increment: 1,
        minimum: 1,
        maximum: i64::MAX,
        cycle: Cycle::NoCycle,
        owner: Some((name.clone(), 0)),
    };
    storage.put_table(name.clone(), TableData::new(&table));
    storage.put_sequence(sequence.name.clone(), SequenceState::new(&sequence));
    let Catalog {
        tables, sequences, ..
    } = storage.catalog_mut();
    sequences.insert(sequence.name.clone(), Arc::new(sequence));
    tables.insert(name, Arc::new(table));
}

/// Adds the rows of a table whose ids count from 1.
fn fill(storage: &mut Storage, table: &str, columns: Vec<base::Column>) -> Result<()> {
    let rows = columns.first().map_or(0, base::Column::len);
    let columns: Vec<Arc<base::Column>> = columns.into_iter().map(Arc::new).collect();
    if let Some(data) = storage.table_mut(table) {
        data.append(&columns, rows)?;
    }
    let state = SequenceState {
        last: rows as i64,
        position: Position::Given,
    };
    if rows > 0 {
        storage.put_sequence(format!("{table}_id_seq").into(), state);
    }
    Ok(())
}

/// The definitions of the five tables, those that others refer to first.
pub fn tables() -> Vec<Table> {
    vec![
        Definition::new("customer")
            .column("name", Type::Varchar(Some(120)))
            .column("email", Type::Varchar(Some(254)))
            .column("city", Type::Varchar(Some(80)))
            .column("country", Type::Varchar(Some(80)))
            .column("is_premium", Type::Boolean)
            .column("created_at", Type::TimestampTz)
            .unique("customer_email_key", &[2])
            .table,
        Definition::new("category")
            .column("name", Type::Varchar(Some(80)))
            .nullable("parent_id", Type::BigInt)
            .unique("category_name_key", &[1])
            .refers(2, "category", "6d39ea7f")
            .table,
        Definition::new("product")
            .column("name", Type::Varchar(Some(160)))
            .column("price", Type::Numeric(Some((10, 2))))
            .nullable("rating", Type::Numeric(Some((3, 2))))
            .column("stock", Type::Integer)
            .column("is_active", Type::Boolean)
            .column("created_at", Type::TimestampTz)
            .column("category_id", Type::BigInt)
            .check("product_stock_check", "stock >= 0")
            .check("product_price_not_negative", "price >= 0")
            .index("product_price_idx", 2)
            .refers(7, "category", "640030a0")
            .table,
        Definition::new("orders")
            .column("status", Type::Varchar(Some(10)))
            .column("created_at", Type::TimestampTz)
            .column("customer_id", Type::BigInt)
            .index("orders_created_at_91ec19d2", 2)
            .refers(3, "customer", "b7016332")
            .table,
        Definition::new("order_item")
            .column("quantity", Type::Integer)
            .column("unit_price", Type::Numeric(Some((10, 2))))
            .column("order_id", Type::BigInt)
            .column("product_id", Type::BigInt)
            .unique("one_line_per_product_in_order", &[3, 4])
            .check("order_item_quantity_check", "quantity >= 0")
            .check("orderitem_quantity_positive", "quantity >= 1")
            .refers(3, "orders", "0ca9e92e")
            .refers(4, "product", "62a1cc4c")
            .table,
    ]
}

/// A table in the making; its first column is the identity `id`.
struct Definition {
    table: Table,
}

impl Definition {
    fn new(name: &str) -> Self {
        let id = Column {
            nullability: Nullability::NotNull,
            identity: Some(Identity {
                sequence: format!("{name}_id_seq").into(),
                generation: Generation::ByDefault,
            }),
            ..Column::plain("id".into(), Type::BigInt)
        };
        Self {
            table: Table {
                columns: vec![id],
                primary_key: Some(Unique {
                    name: format!("{name}_pkey").into(),
                    columns: vec![0],
                }),
                ..Table::empty(name.into())
            },
        }
    }

    fn add(mut self, name: &str, ty: Type, nullability: Nullability) -> Self {
        self.table.columns.push(Column {
            nullability,
            ..Column::plain(name.into(), ty)
        });
        self
    }

    fn column(self, name: &str, ty: Type) -> Self {
        self.add(name, ty, Nullability::NotNull)
    }

    fn nullable(self, name: &str, ty: Type) -> Self {
        self.add(name, ty, Nullability::Nullable)
    }

    fn unique(mut self, name: &str, columns: &[usize]) -> Self {
        self.table.uniques.push(Unique {
            name: name.into(),
            columns: columns.to_vec(),
        });
        self
    }

    fn check(mut self, name: &str, condition: &str) -> Self {
        self.table.checks.push(Check {
            name: name.into(),
            condition: condition.into(),
        });
        self
    }

    fn index(mut self, name: &str, column: usize) -> Self {
        self.table.indexes.push(Index {
            name: name.into(),
            columns: vec![column],
            uniqueness: Uniqueness::Plain,
        });
        self
    }

    /// A foreign key to the `id` of another table and the index that Django puts beside it; both
    /// carry the digest that Django makes of table and column.
    fn refers(mut self, column: usize, target: &str, digest: &str) -> Self {
        let name = self.table.columns.get(column).map(|c| c.name.clone());
        let stem = format!("{}_{}_{digest}", self.table.name, name.unwrap_or_default());
        self.table.foreign_keys.push(ForeignKey {
            name: format!("{stem}_fk_{target}_id").into(),
            columns: vec![column],
            target: target.into(),
            target_columns: vec![0],
            on_delete: ReferentialAction::NoAction,
            on_update: ReferentialAction::NoAction,
            timing: Timing::Deferred,
            matching: Matching::Simple,
        });
        self.index(&stem, column)
    }
}

fn customers(rows: &[seed::Customer]) -> Vec<base::Column> {
    vec![
        integers(rows, |row| row.id),
        texts(rows, |row| &row.name),
        plain_texts(rows, |row| &row.email),
        texts(rows, |row| row.city),
        texts(rows, |row| row.country),
        booleans(rows, |row| row.is_premium),
        integers(rows, |row| micros(row.created_at)),
    ]
}

fn categories(rows: &[seed::Category]) -> Vec<base::Column> {
    let mut parent = integers(rows, |row| row.parent_id.unwrap_or_default());
    parent.validity = validity(rows, |row| row.parent_id.is_some());
    vec![
        integers(rows, |row| row.id),
        plain_texts(rows, |row| row.name),
        parent,
    ]
}

fn products(rows: &[seed::Product]) -> Vec<base::Column> {
    let mut rating = cents(rows, |row| row.rating.unwrap_or_default());
    rating.validity = validity(rows, |row| row.rating.is_some());
    vec![
        integers(rows, |row| row.id),
        texts(rows, |row| &row.name),
        cents(rows, |row| row.price),
        rating,
        integers(rows, |row| row.stock),
        booleans(rows, |row| row.is_active),
        integers(rows, |row| micros(row.created_at)),
        integers(rows, |row| row.category_id),
    ]
}

fn orders(rows: &[seed::Order]) -> Vec<base::Column> {
    vec![
        integers(rows, |row| row.id),
        texts(rows, |row| row.status),
        integers(rows, |row| micros(row.created_at)),
        integers(rows, |row| row.customer_id),
    ]
}

fn order_items(rows: &[seed::OrderItem]) -> Vec<base::Column> {
    vec![
        integers(rows, |row| row.id),
        integers(rows, |row| row.quantity),
        cents(rows, |row| row.unit_price),
        integers(rows, |row| row.order_id),
        integers(rows, |row| row.product_id),
    ]
}

fn micros(seconds: i64) -> i64 {
    seconds.saturating_mul(1_000_000)
}

fn integers<R>(rows: &[R], get: impl Fn(&R) -> i64) -> base::Column {
    base::Column::new(Vector::Int(rows.iter().map(get).collect()))
}

fn cents<R>(rows: &[R], get: impl Fn(&R) -> i64) -> base::Column {
    base::Column::new(Vector::Decimal(rows.iter().map(get).collect(), 2))
}

fn booleans<R>(rows: &[R], get: impl Fn(&R) -> bool) -> base::Column {
    base::Column::new(Vector::Bool(rows.iter().map(get).collect()))
}

/// Texts that repeat, by code.
fn texts<R>(rows: &[R], get: impl Fn(&R) -> &str) -> base::Column {
    let mut dictionary = Dictionary::default();
    let codes = rows.iter().map(|row| dictionary.intern(get(row))).collect();
    base::Column::new(Vector::Dict(codes, Arc::new(dictionary)))
}

/// Texts that do not repeat.
fn plain_texts<'a, R>(rows: &'a [R], get: impl Fn(&'a R) -> &'a str) -> base::Column {
    let texts: TextVec = rows.iter().map(get).collect();
    base::Column::new(Vector::Text(texts))
}

fn validity<R>(rows: &[R], there: impl Fn(&R) -> bool) -> Option<Bitmap> {
    Some(rows.iter().map(there).collect::<Bitmap>()).filter(|bits| bits.count_ones() < rows.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Value;
    use crate::market::seed::Size;

    #[test]
    fn all_rows_of_a_data_set_are_there_under_their_ids() {
        let mut storage = Storage::default();
        let rows = seed::generate(Size::Medium);
        let now = load(&mut storage, &rows).unwrap();
        assert_eq!(now, rows.now * 1_000_000);
        let items = storage.table("order_item").unwrap();
        assert_eq!(items.row_count(), rows.order_items.len());
        let item = &rows.order_items[20_000];
        let found: Vec<_> = items.indexes()[0]
            .lookup(items, &[Value::Int(item.id)])
            .collect();
        assert_eq!(found.len(), 1);
        assert!(matches!(items.value(found[0], 3), Value::Int(id) if id == item.order_id));
        let customers = storage.table("customer").unwrap();
        let email = Value::text(rows.customers[700].email.as_ref());
        assert_eq!(
            customers.indexes()[1].lookup(customers, &[email]).count(),
            1
        );
    }

    #[test]
    fn an_order_item_takes_less_than_a_hundred_bytes() {
        let mut storage = Storage::default();
        load(&mut storage, &seed::generate(Size::Medium)).unwrap();
        let items = storage.table("order_item").unwrap();
        assert!(items.bytes() < items.row_count() * 100, "{}", items.bytes());
    }
}

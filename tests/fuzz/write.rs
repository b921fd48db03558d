//! Random statements that change tables: every kind of INSERT, UPDATE and DELETE, and the
//! transactions around them.

use super::query::{Generator, Scope, named};
use super::schema::Ty;
use super::schema::{Column, Table, literal};

/// A statement and the types of the columns that it returns.
pub struct Write {
    pub sql: String,
    pub types: Vec<Ty>,
    /// Whether it may fail or not by the order in which rows are changed.
    pub hangs_on_order: bool,
}

impl Generator<'_> {
    /// A statement that changes a table, or opens or ends a transaction.
    pub fn write(&mut self) -> Write {
        if self.random.chance(20) {
            let word = self.random.pick(&[
                "BEGIN",
                "SAVEPOINT s",
                "ROLLBACK TO s",
                "COMMIT",
                "ROLLBACK",
                "RELEASE s",
            ]);
            return Write {
                sql: (*word).to_owned(),
                types: Vec::new(),
                hangs_on_order: false,
            };
        }
        let table = self.random.pick(&self.tables).clone();
        let scope = vec![named(&table.name, &table)];
        let (mut sql, hangs_on_order) = match self.random.below(7) {
            0 => (self.delete(&table, &scope), false),
            1 | 2 => (self.insert_rows(&table), false),
            3 => (self.insert_query(&table), false),
            _ => self.update(&table, &scope),
        };
        let mut types = Vec::new();
        if self.random.chance(50) {
            let outputs: Vec<String> = (0..1 + self.random.below(2))
                .map(|at| {
                    let ty = self.any_type();
                    types.push(ty);
                    format!("{} AS r{at}", self.flat(ty, &scope, 1))
                })
                .collect();
            sql = format!("{sql} RETURNING {}", outputs.join(", "));
        }
        Write {
            sql,
            types,
            hangs_on_order,
        }
    }

    fn delete(&mut self, table: &Table, scope: &Scope) -> String {
        let name = &table.name;
        if self.random.chance(30) {
            let (using, names) = self.item(1);
            let mut both = scope.clone();
            let on = self
                .equality(&both[0], &names)
                .unwrap_or_else(|| "true".to_owned());
            both[0].extend(names);
            let condition = self.expression(Ty::Bool, &both, 1);
            return format!("DELETE FROM {name} USING {using} WHERE {on} AND {condition}");
        }
        format!(
            "DELETE FROM {name} WHERE {}",
            self.expression(Ty::Bool, scope, 2)
        )
    }

    /// A value for a column: keys are small numbers, so that some are there already.
    fn value(&mut self, table: &Table, column: &Column) -> String {
        if table.key.as_deref() == Some(column.name.as_str()) {
            return (1 + self.random.below(30)).to_string();
        }
        match self.random.below(10) {
            0 => "NULL".to_owned(),
            1 => "DEFAULT".to_owned(),
            2 => self.flat(column.ty, &vec![Vec::new()], 2),
            _ => literal(self.random, column.ty, self.dialect),
        }
    }

    fn insert_rows(&mut self, table: &Table) -> String {
        let name = &table.name;
        let mut columns: Vec<&Column> = table.columns.iter().collect();
        while columns.len() > 1 && self.random.chance(15) {
            let last = columns.pop();
            if let Some(last) = last
                && table.key.as_deref() == Some(last.name.as_str())
            {
                columns.push(last);
                break;
            }
        }
        let rows: Vec<String> = (0..1 + self.random.below(4))
            .map(|_| {
                let values: Vec<String> = columns
                    .iter()
                    .map(|column| self.value(table, column))
                    .collect();
                format!("({})", values.join(", "))
            })
            .collect();
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let conflict = self.on_conflict(table);
        format!(
            "INSERT INTO {name} ({}) VALUES {}{conflict}",
            names.join(", "),
            rows.join(", ")
        )
    }

    fn insert_query(&mut self, table: &Table) -> String {
        let types: Vec<Ty> = table.columns.iter().map(|column| column.ty).collect();
        let (sql, _) = self.select(&Vec::new(), Some(&types), 2);
        let order = self.order_by_all(types.len());
        let names: Vec<&str> = table
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        let conflict = self.on_conflict(table);
        format!(
            "INSERT INTO {} ({}) {sql}{order} LIMIT 5{conflict}",
            table.name,
            names.join(", ")
        )
    }

    fn on_conflict(&mut self, table: &Table) -> String {
        let keys: Vec<&String> = table.key.iter().chain(&table.unique).collect();
        if keys.is_empty() || self.random.chance(45) {
            return String::new();
        }
        if self.random.chance(30) {
            return " ON CONFLICT DO NOTHING".to_owned();
        }
        let key = (*self.random.pick(&keys)).clone();
        if self.random.chance(20) {
            return format!(" ON CONFLICT ({key}) DO NOTHING");
        }
        let column = self.random.pick(&table.columns).clone();
        let mut both = named(&table.name, table);
        both.extend(named("excluded", table));
        let scope = vec![both];
        let value = match self.random.below(3) {
            0 => format!("excluded.{}", column.name),
            _ => self.flat(column.ty, &scope, 1),
        };
        let condition = match self.random.below(2) {
            0 => String::new(),
            _ => format!(" WHERE {}", self.flat(Ty::Bool, &scope, 1)),
        };
        format!(
            " ON CONFLICT ({key}) DO UPDATE SET {} = {value}{condition}",
            column.name
        )
    }

    fn update(&mut self, table: &Table, scope: &Scope) -> (String, bool) {
        let name = &table.name;
        let columns: Vec<Column> = table.columns.clone();
        let first = self.random.pick(&columns).clone();
        let second = self.random.pick(&columns).clone();
        let two = first.name != second.name && self.random.chance(30);
        let hangs_on_order = [&first, &second].iter().any(|column| {
            table
                .key
                .iter()
                .chain(&table.unique)
                .any(|key| *key == column.name)
        });
        // A source of which each row has one at most.
        let keyed: Vec<Table> = self
            .tables
            .iter()
            .filter(|table| table.key.is_some())
            .cloned()
            .collect();
        let mut scope = scope.clone();
        let mut from = String::new();
        let mut on = String::new();
        if !keyed.is_empty() && self.random.chance(35) {
            let source = self.random.pick(&keyed).clone();
            let alias = self.alias("u");
            let names = named(&alias, &source);
            let ours: Vec<&Column> = columns.iter().filter(|c| c.ty == Ty::Int).collect();
            if !ours.is_empty() {
                let own = self.random.pick(&ours).name.clone();
                from = format!(" FROM {} AS {alias}", source.name);
                on = format!("{name}.{own} = {alias}.id AND ");
                scope[0].extend(names);
            }
        }
        let value = |generator: &mut Self, column: &Column| match generator.random.below(8) {
            0 => "DEFAULT".to_owned(),
            1 => "NULL".to_owned(),
            _ => generator.expression(column.ty, &scope, 2),
        };
        let set = if two {
            let (x, y) = (value(self, &first), value(self, &second));
            match self.random.below(2) {
                0 => format!("{} = {x}, {} = {y}", first.name, second.name),
                _ => format!("({}, {}) = ({x}, {y})", first.name, second.name),
            }
        } else {
            format!("{} = {}", first.name, value(self, &first))
        };
        let condition = self.expression(Ty::Bool, &scope, 2);
        (
            format!("UPDATE {name} SET {set}{from} WHERE {on}{condition}"),
            hangs_on_order,
        )
    }
}

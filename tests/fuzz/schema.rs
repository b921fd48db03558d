//! Random tables: few columns, few values, so that there are ties, NULLs, lonely rows and empty
//! tables.

use super::random::Random;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ty {
    Int,
    Num,
    Text,
    Bool,
    Date,
}

/// What both engines of a comparison understand alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// PostgreSQL's, all of it.
    Full,
    /// What SQLite means the same by: integers, texts and booleans.
    Common,
}

impl Dialect {
    pub fn types(self) -> &'static [Ty] {
        match self {
            Self::Full => &[Ty::Int, Ty::Int, Ty::Num, Ty::Text, Ty::Bool, Ty::Date],
            Self::Common => &[Ty::Int, Ty::Int, Ty::Text, Ty::Bool],
        }
    }
}

#[derive(Clone, Debug)]
pub struct Column {
    pub name: String,
    pub ty: Ty,
}

#[derive(Clone, Debug)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
}

pub struct Schema {
    pub tables: Vec<Table>,
    /// The statements that make and fill the tables.
    pub script: Vec<String>,
}

/// A value that is not NULL.
pub fn literal(random: &mut Random, ty: Ty, dialect: Dialect) -> String {
    match ty {
        Ty::Int if random.chance(2) => "2147483647".to_owned(),
        Ty::Int => ["0", "1", "2", "3", "4", "7", "(-1)", "(-5)", "10"][random.below(9)].to_owned(),
        Ty::Num => [
            "0.00",
            "1.00",
            "1.50",
            "(-2.25)",
            "10.00",
            "99.99",
            "0.01",
            "(-0.10)",
            "123456.78",
        ][random.below(9)]
        .to_owned(),
        Ty::Text => {
            let words: &[&str] = match dialect {
                Dialect::Full => &[
                    "", "a", "A", "b", "ab", "é", "É", "a_b", "50%", "zz", "10", "9",
                ],
                Dialect::Common => &["", "a", "A", "b", "ab", "a_b", "zz", "Zz", "10", "9"],
            };
            format!("'{}'", random.pick(words))
        }
        Ty::Bool => ["true", "false"][random.below(2)].to_owned(),
        Ty::Date => format!(
            "DATE '{}'",
            [
                "2024-01-31",
                "2024-02-29",
                "2023-12-31",
                "2024-03-01",
                "2000-01-01"
            ][random.below(5)]
        ),
    }
}

pub fn schema(random: &mut Random, dialect: Dialect) -> Schema {
    let mut schema = Schema {
        tables: Vec::new(),
        script: Vec::new(),
    };
    for at in 0..2 + random.below(3) {
        let name = format!("t{at}");
        let columns: Vec<Column> = (0..2 + random.below(4))
            .map(|at| Column {
                name: format!("c{at}"),
                ty: *random.pick(dialect.types()),
            })
            .collect();
        let keyed = random.chance(40);
        let mut definitions: Vec<String> = columns
            .iter()
            .map(|column| format!("{} {}", column.name, definition(random, column.ty)))
            .collect();
        if keyed {
            definitions.insert(0, "id integer PRIMARY KEY".to_owned());
        }
        schema
            .script
            .push(format!("CREATE TABLE {name} ({})", definitions.join(", ")));
        let rows = [0, 1, 2, 5, 9, 20][random.below(6)];
        let values: Vec<String> = (0..rows)
            .map(|row| {
                let mut values: Vec<String> = columns
                    .iter()
                    .map(|column| {
                        if random.chance(20) {
                            "NULL".to_owned()
                        } else {
                            literal(random, column.ty, dialect)
                        }
                    })
                    .collect();
                if keyed {
                    values.insert(0, (row + 1).to_string());
                }
                format!("({})", values.join(", "))
            })
            .collect();
        if !values.is_empty() {
            schema
                .script
                .push(format!("INSERT INTO {name} VALUES {}", values.join(", ")));
        }
        if random.chance(40) {
            let column = &random.pick(&columns).name;
            schema
                .script
                .push(format!("CREATE INDEX {name}_{column} ON {name} ({column})"));
        }
        let mut columns = columns;
        if keyed {
            columns.insert(
                0,
                Column {
                    name: "id".to_owned(),
                    ty: Ty::Int,
                },
            );
        }
        schema.tables.push(Table { name, columns });
    }
    schema
}

fn definition(random: &mut Random, ty: Ty) -> &'static str {
    match ty {
        Ty::Int => ["integer", "bigint", "integer"][random.below(3)],
        Ty::Num => ["numeric(10,2)", "numeric", "numeric(12,3)"][random.below(3)],
        Ty::Text => ["text", "varchar(20)"][random.below(2)],
        Ty::Bool => "boolean",
        Ty::Date => "date",
    }
}

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
    Ts,
    /// An array of integers.
    Ints,
}

impl Ty {
    /// Its name in SQL.
    pub fn name(self) -> &'static str {
        match self {
            Self::Int => "integer",
            Self::Num => "numeric",
            Self::Text => "text",
            Self::Bool => "boolean",
            Self::Date => "date",
            Self::Ts => "timestamp",
            Self::Ints => "integer[]",
        }
    }
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
            Self::Full => &[
                Ty::Int,
                Ty::Int,
                Ty::Num,
                Ty::Text,
                Ty::Bool,
                Ty::Date,
                Ty::Ts,
                Ty::Ints,
            ],
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
    /// The column that is its primary key.
    pub key: Option<String>,
    /// Columns with keys of their own.
    pub unique: Vec<String>,
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
        Ty::Ts => format!(
            "TIMESTAMP '{}'",
            [
                "2024-01-31 00:00:00",
                "2024-02-29 12:30:00",
                "2024-02-29 23:59:59.999999",
                "2023-12-31 10:00:00.5",
                "2000-01-01 00:00:00"
            ][random.below(5)]
        ),
        Ty::Ints => [
            "ARRAY[1, 2]",
            "ARRAY[1]",
            "ARRAY[3, NULL, 1]",
            "CAST('{}' AS integer[])",
            "ARRAY[2, 2]",
        ][random.below(5)]
        .to_owned(),
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
        let constrained = dialect == Dialect::Full && random.chance(40);
        let others: Vec<String> = schema
            .tables
            .iter()
            .filter(|table: &&Table| table.key.is_some())
            .map(|table| table.name.clone())
            .collect();
        let mut unique = Vec::new();
        let mut definitions: Vec<String> = columns
            .iter()
            .map(|column| {
                let mut text = format!("{} {}", column.name, definition(random, column.ty));
                if constrained {
                    text.push_str(&constraint(random, column, &others, &mut unique));
                }
                text
            })
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
        if constrained {
            // Some of them are refused, and leave no trace.
            let rows = values
                .iter()
                .map(|row| format!("INSERT INTO {name} VALUES {row}"));
            schema.script.extend(rows);
        } else if !values.is_empty() {
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
        schema.tables.push(Table {
            name,
            columns,
            key: keyed.then(|| "id".to_owned()),
            unique,
        });
    }
    schema
}

fn definition(random: &mut Random, ty: Ty) -> &'static str {
    match ty {
        Ty::Int => ["integer", "bigint", "integer"][random.below(3)],
        Ty::Num => ["numeric(10,2)", "numeric", "numeric(12,3)"][random.below(3)],
        Ty::Text => ["text", "varchar(20)"][random.below(2)],
        Ty::Bool => "boolean",
        Ty::Date | Ty::Ts | Ty::Ints => ty.name(),
    }
}

/// A constraint of a column, or none.
fn constraint(
    random: &mut Random,
    column: &Column,
    others: &[String],
    unique: &mut Vec<String>,
) -> String {
    let name = &column.name;
    match random.below(9) {
        0 => " NOT NULL".to_owned(),
        1 if column.ty != Ty::Bool => {
            unique.push(name.clone());
            " UNIQUE".to_owned()
        }
        2 => format!(" DEFAULT {}", literal(random, column.ty, Dialect::Full)),
        3 => format!(
            " DEFAULT {} NOT NULL",
            literal(random, column.ty, Dialect::Full)
        ),
        4 if column.ty == Ty::Int => format!(" CHECK ({name} < 8 OR {name} IS NULL)"),
        4 if column.ty == Ty::Text => format!(" CHECK (length({name}) < 3)"),
        5 | 6 if column.ty == Ty::Int && !others.is_empty() => {
            let action = random.pick(&[
                "",
                " ON DELETE CASCADE",
                " ON DELETE SET NULL",
                " ON DELETE RESTRICT",
                " ON UPDATE CASCADE ON DELETE CASCADE",
                " DEFERRABLE INITIALLY DEFERRED",
            ]);
            format!(" REFERENCES {} (id){action}", random.pick(others))
        }
        _ => String::new(),
    }
}

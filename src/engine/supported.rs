//! What is supported, as data: the help page and `docs/sql.md` are made of it.
//!
//! Functions come from the registry that binding uses. Statements and clauses come with an
//! example each, and types with a value: a test runs every example, and runs what is refused and
//! finds it refused, so that the page cannot be wrong.

use super::bind::{SpecialKind, special_functions};
use super::scalar::{ScalarFunction, Syntax, all_functions};
use std::collections::BTreeMap;

/// Everything that is supported.
pub struct Supported {
    /// Statements and clauses by subject.
    pub features: &'static [Feature],
    /// Constructs of PostgreSQL that are refused by name.
    pub refused: &'static [Refusal],
    /// The types: PostgreSQL's name and what is special about it.
    pub types: &'static [(&'static str, &'static str)],
    /// Scalar functions, sorted by name.
    pub functions: Vec<Function>,
    /// Operators, sorted by sign.
    pub operators: Vec<Function>,
    /// Aggregates.
    pub aggregates: Vec<Function>,
    /// Window functions; every aggregate is one too.
    pub windows: Vec<Function>,
    /// Functions that give rows.
    pub sets: Vec<Function>,
}

/// A statement or clause.
pub struct Feature {
    /// What it belongs to.
    pub subject: &'static str,
    /// What it is.
    pub name: &'static str,
    /// A statement over the marketplace that uses it.
    pub example: &'static str,
}

/// A construct that is refused.
pub struct Refusal {
    /// What it is.
    pub name: &'static str,
    /// A statement that uses it.
    pub example: &'static str,
    /// What to write instead; nothing when there is no other way.
    pub instead: &'static str,
}

/// A function or an operator.
pub struct Function {
    /// Its name or sign.
    pub name: String,
    /// How it is called, one line an overload.
    pub signatures: Vec<String>,
    /// What it does.
    pub documentation: &'static str,
}

/// What is supported.
pub fn supported() -> Supported {
    let special = |kind: SpecialKind| {
        special_functions()
            .into_iter()
            .filter(|function| function.kind == kind)
            .map(|function| Function {
                name: name_of(function.signature).to_owned(),
                signatures: vec![function.signature.to_owned()],
                documentation: function.documentation,
            })
            .collect()
    };
    Supported {
        features: FEATURES,
        refused: REFUSED,
        types: TYPES,
        functions: scalar(Syntax::Function),
        operators: scalar(Syntax::Operator),
        aggregates: special(SpecialKind::Aggregate),
        windows: special(SpecialKind::Window),
        sets: special(SpecialKind::Set),
    }
}

fn name_of(signature: &str) -> &str {
    signature.split('(').next().unwrap_or(signature)
}

fn scalar(syntax: Syntax) -> Vec<Function> {
    let mut by_name: BTreeMap<&str, Function> = BTreeMap::new();
    for function in all_functions().filter(|function| function.syntax == syntax) {
        by_name
            .entry(function.name)
            .or_insert_with(|| Function {
                name: function.name.to_owned(),
                signatures: Vec::new(),
                documentation: function.documentation,
            })
            .signatures
            .push(signature(function));
    }
    by_name.into_values().collect()
}

fn signature(function: &ScalarFunction) -> String {
    let mut parameters: Vec<String> = function
        .parameters
        .iter()
        .map(ToString::to_string)
        .collect();
    match (function.syntax, parameters.as_slice()) {
        (Syntax::Operator, [left, right]) => {
            format!("{left} {} {right} → {}", function.name, function.returns)
        }
        (Syntax::Operator, [only]) => format!("{} {only} → {}", function.name, function.returns),
        (Syntax::Operator | Syntax::Function, _) => {
            if let Some(more) = function.variadic {
                parameters.push(format!("{more} ..."));
            }
            format!(
                "{}({}) → {}",
                function.name,
                parameters.join(", "),
                function.returns
            )
        }
    }
}

const TYPES: &[(&str, &str)] = &[
    ("smallint", "2 bytes"),
    ("integer", "4 bytes"),
    ("bigint", "8 bytes"),
    ("numeric(p,s)", "exact, up to 36 digits; more is an error"),
    ("real", "6 digits"),
    ("double precision", "15 digits"),
    ("boolean", "true, false, NULL"),
    ("text", "sorted by code point"),
    ("varchar(n)", "text of at most n characters"),
    ("char(n)", "text of n characters, filled with spaces"),
    ("date", "a day"),
    ("time", "a time of day in microseconds"),
    ("timestamp", "a moment in microseconds, without zone"),
    ("timestamptz", "a moment in microseconds; shown in UTC"),
    ("interval", "months, days and microseconds"),
    ("uuid", "128 bits"),
    ("json", "kept as text"),
    ("jsonb", "kept in its normal form"),
    ("integer[]", "an array of any type above"),
];

const FEATURES: &[Feature] = &[
    Feature {
        subject: "Queries",
        name: "SELECT, FROM, WHERE",
        example: "SELECT name, price FROM product WHERE price < 100",
    },
    Feature {
        subject: "Queries",
        name: "INNER, LEFT, RIGHT, FULL, CROSS JOIN",
        example: "SELECT c.name, o.id FROM customer c LEFT JOIN orders o ON o.customer_id = c.id",
    },
    Feature {
        subject: "Queries",
        name: "JOIN USING, NATURAL JOIN",
        example: "SELECT id FROM orders JOIN category USING (id)",
    },
    Feature {
        subject: "Queries",
        name: "JOIN LATERAL",
        example: "SELECT c.name, l.id FROM customer c LEFT JOIN LATERAL (SELECT o.id FROM orders o WHERE o.customer_id = c.id ORDER BY o.id LIMIT 1) l ON true",
    },
    Feature {
        subject: "Queries",
        name: "GROUP BY, HAVING",
        example: "SELECT customer_id, count(*) FROM orders GROUP BY customer_id HAVING count(*) > 2",
    },
    Feature {
        subject: "Queries",
        name: "ROLLUP, CUBE, GROUPING SETS",
        example: "SELECT status, customer_id, count(*) FROM orders GROUP BY ROLLUP (status, customer_id)",
    },
    Feature {
        subject: "Queries",
        name: "FILTER, aggregate ORDER BY, WITHIN GROUP",
        example: "SELECT count(*) FILTER (WHERE is_premium), string_agg(name, ', ' ORDER BY name), mode() WITHIN GROUP (ORDER BY city) FROM customer",
    },
    Feature {
        subject: "Queries",
        name: "DISTINCT, DISTINCT ON",
        example: "SELECT DISTINCT ON (customer_id) customer_id, id FROM orders ORDER BY customer_id, created_at DESC, id",
    },
    Feature {
        subject: "Queries",
        name: "ORDER BY, NULLS FIRST and LAST",
        example: "SELECT name, rating FROM product ORDER BY rating DESC NULLS LAST, name",
    },
    Feature {
        subject: "Queries",
        name: "LIMIT, OFFSET, FETCH, WITH TIES",
        example: "SELECT name FROM product ORDER BY price FETCH FIRST 3 ROWS WITH TIES",
    },
    Feature {
        subject: "Queries",
        name: "UNION, INTERSECT, EXCEPT",
        example: "SELECT city FROM customer EXCEPT SELECT country FROM customer",
    },
    Feature {
        subject: "Queries",
        name: "WITH, WITH RECURSIVE",
        example: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i FROM n",
    },
    Feature {
        subject: "Queries",
        name: "VALUES, TABLE",
        example: "VALUES (1, 'a'), (2, 'b')",
    },
    Feature {
        subject: "Queries",
        name: "Subqueries: scalar, row, EXISTS, IN, ANY, ALL",
        example: "SELECT name FROM customer c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id)",
    },
    Feature {
        subject: "Queries",
        name: "Windows: PARTITION BY, ORDER BY, ROWS, RANGE, GROUPS, EXCLUDE, named windows",
        example: "SELECT name, sum(price) OVER (PARTITION BY category_id ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES) FROM product",
    },
    Feature {
        subject: "Queries",
        name: "Functions that give rows in the select list",
        example: "SELECT id, generate_series(1, 3), unnest(ARRAY['a', 'b']) FROM category",
    },
    Feature {
        subject: "Queries",
        name: "Functions in FROM, WITH ORDINALITY",
        example: "SELECT * FROM unnest(ARRAY['a', 'b']) WITH ORDINALITY AS u(letter, place)",
    },
    Feature {
        subject: "Expressions",
        name: "CASE, COALESCE, NULLIF, GREATEST, LEAST",
        example: "SELECT CASE WHEN stock = 0 THEN 'out' ELSE 'in' END, COALESCE(rating, 0) FROM product",
    },
    Feature {
        subject: "Expressions",
        name: "BETWEEN, IN, LIKE, ILIKE, SIMILAR TO, ~, IS DISTINCT FROM",
        example: "SELECT name FROM product WHERE price BETWEEN 10 AND 20 AND name ILIKE '%a%' AND rating IS DISTINCT FROM 5",
    },
    Feature {
        subject: "Expressions",
        name: "CAST, ::, typed literals",
        example: "SELECT CAST('1.50' AS numeric(5,2)), '2026-01-01'::date, interval '1 day'",
    },
    Feature {
        subject: "Expressions",
        name: "Row values, arrays",
        example: "SELECT (1, 'a') < (1, 'b'), ARRAY[1, 2, 3] || 4, (ARRAY[1, 2])[1]",
    },
    Feature {
        subject: "Expressions",
        name: "EXTRACT, SUBSTRING, TRIM, OVERLAY, POSITION, AT TIME ZONE",
        example: "SELECT EXTRACT(year FROM created_at), SUBSTRING(status FROM 1 FOR 3) FROM orders",
    },
    Feature {
        subject: "Expressions",
        name: "Parameters $1, $2",
        example: "SELECT 1",
    },
    Feature {
        subject: "Writes",
        name: "INSERT: VALUES, SELECT, DEFAULT, OVERRIDING",
        example: "INSERT INTO category (name) VALUES ('Garden'), ('Toys 2')",
    },
    Feature {
        subject: "Writes",
        name: "ON CONFLICT",
        example: "INSERT INTO category (name) VALUES ('Garden') ON CONFLICT (name) DO UPDATE SET name = excluded.name",
    },
    Feature {
        subject: "Writes",
        name: "UPDATE, UPDATE FROM",
        example: "UPDATE product SET price = round(price * 0.9, 2) FROM category c WHERE c.id = category_id AND c.name = 'Books'",
    },
    Feature {
        subject: "Writes",
        name: "DELETE, DELETE USING",
        example: "DELETE FROM order_item i USING orders o WHERE o.id = i.order_id AND o.status = 'cancelled'",
    },
    Feature {
        subject: "Writes",
        name: "RETURNING",
        example: "UPDATE product SET stock = stock + 1 WHERE id = 1 RETURNING id, stock",
    },
    Feature {
        subject: "Writes",
        name: "Writes inside WITH",
        example: "WITH gone AS (DELETE FROM order_item WHERE quantity > 3 RETURNING id) SELECT count(*) FROM gone",
    },
    Feature {
        subject: "Writes",
        name: "WITH before a write",
        example: "WITH cheap AS (SELECT id FROM product WHERE price < 5) UPDATE product SET stock = 0 FROM cheap WHERE cheap.id = product.id",
    },
    Feature {
        subject: "Writes",
        name: "TRUNCATE",
        example: "TRUNCATE order_item RESTART IDENTITY",
    },
    Feature {
        subject: "Writes",
        name: "BEGIN, COMMIT, ROLLBACK, SAVEPOINT, SET CONSTRAINTS",
        example: "SET CONSTRAINTS ALL DEFERRED",
    },
    Feature {
        subject: "Definitions",
        name: "CREATE TABLE: keys, UNIQUE, CHECK, REFERENCES, DEFAULT, serial, identity, generated columns",
        example: "CREATE TABLE note (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, product_id bigint REFERENCES product (id) ON DELETE CASCADE, body text NOT NULL DEFAULT '', words integer GENERATED ALWAYS AS (length(body)) STORED, CHECK (length(body) < 1000))",
    },
    Feature {
        subject: "Definitions",
        name: "CREATE TEMPORARY TABLE, CREATE TABLE AS",
        example: "CREATE TEMPORARY TABLE cheap AS SELECT * FROM product WHERE price < 10",
    },
    Feature {
        subject: "Definitions",
        name: "ALTER TABLE",
        example: "ALTER TABLE product ADD COLUMN colour text DEFAULT 'none'",
    },
    Feature {
        subject: "Definitions",
        name: "CREATE VIEW, CREATE MATERIALIZED VIEW, REFRESH",
        example: "CREATE VIEW premium AS SELECT * FROM customer WHERE is_premium",
    },
    Feature {
        subject: "Definitions",
        name: "CREATE INDEX: UNIQUE, expressions, WHERE",
        example: "CREATE INDEX ON customer (lower(email)) WHERE is_premium",
    },
    Feature {
        subject: "Definitions",
        name: "CREATE SEQUENCE, ALTER SEQUENCE",
        example: "CREATE SEQUENCE ticket START 100 INCREMENT 5",
    },
    Feature {
        subject: "Definitions",
        name: "DROP, COMMENT ON",
        example: "COMMENT ON TABLE product IS 'what is sold'",
    },
    Feature {
        subject: "Definitions",
        name: "information_schema, SHOW TABLES",
        example: "SELECT table_name FROM information_schema.tables",
    },
    Feature {
        subject: "Definitions",
        name: "EXPLAIN, EXPLAIN ANALYZE",
        example: "EXPLAIN ANALYZE SELECT count(*) FROM orders",
    },
];

const REFUSED: &[Refusal] = &[
    Refusal {
        name: "QUALIFY",
        example: "SELECT name FROM product QUALIFY row_number() OVER (ORDER BY id) = 1",
        instead: "A condition on a window function stands outside a derived table.",
    },
    Refusal {
        name: "MERGE",
        example: "MERGE INTO category c USING product p ON c.id = p.id WHEN MATCHED THEN DELETE",
        instead: "INSERT .. ON CONFLICT.",
    },
    Refusal {
        name: "TABLESAMPLE",
        example: "SELECT * FROM product TABLESAMPLE SYSTEM (10)",
        instead: "ORDER BY random() LIMIT n.",
    },
    Refusal {
        name: "functions and triggers of one's own",
        example: "CREATE FUNCTION f() RETURNS int AS 'SELECT 1' LANGUAGE sql",
        instead: "",
    },
    Refusal {
        name: "NaN and infinity in numeric",
        example: "SELECT 'NaN'::numeric",
        instead: "double precision has them.",
    },
    Refusal {
        name: "time with time zone",
        example: "SELECT '10:00+02'::time with time zone",
        instead: "timestamptz.",
    },
    Refusal {
        name: "partitioned tables",
        example: "CREATE TABLE part (a int) PARTITION BY RANGE (a)",
        instead: "",
    },
];

//! What a statement may cost: depth, time and memory. Whatever is asked, it ends soon, with rows
//! or with an error that says why, and the database goes on working.

#![cfg(not(target_family = "wasm"))]

use marketplace_analytics::engine::database::{Database, Limits};
use std::time::{Duration, Instant};

/// The worker's stack (`build.rs`), which the deepest permitted statement must fit into; a build
/// without optimisation needs several times as much.
const STACK: usize = if cfg!(debug_assertions) {
    256 << 20
} else {
    32 << 20
};
/// How long a statement may run here.
const TIME: Duration = Duration::from_millis(if cfg!(debug_assertions) { 2_000 } else { 400 });
/// How long any may take in all, on a machine that has other work too.
const NOTICED: Duration = Duration::from_secs(if cfg!(debug_assertions) { 40 } else { 5 });

/// Where time and memory are what a test is about.
const FEW: Limits = Limits {
    time: Some(TIME),
    memory: 32 << 20,
};
/// Where depth is.
const AMPLE: Limits = Limits {
    time: Some(Duration::from_secs(30)),
    memory: 256 << 20,
};

const TOO_DEEP: &str = "54001";
const TOO_LONG: &str = "57014";
const TOO_MUCH: &str = "53200";
const LIMIT: &str = "54000";

/// Runs a test on the worker's stack.
fn on_its_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(test);
    thread.unwrap().join().unwrap();
}

/// A small database of two large tables, with little time and memory.
fn database() -> Database {
    let mut database = Database::new();
    let script = "CREATE TABLE big (id integer PRIMARY KEY, n integer, t text);
        INSERT INTO big SELECT i, i % 1000, 'row ' || i FROM generate_series(1, 20000) AS i;
        CREATE TABLE kept (id integer PRIMARY KEY, n integer NOT NULL);
        INSERT INTO kept VALUES (1, 1), (2, 2);";
    assert_eq!(database.run_script(script).1, None);
    database.set_limits(FEW);
    database
}

/// How a statement ends: the code of its error, or "ok". It must end in time, and leave the
/// database as it was.
fn outcome(database: &mut Database, sql: &str) -> String {
    let started = Instant::now();
    let result = database.run(sql, &[]);
    let took = started.elapsed();
    let code = result.map_or_else(|error| error.code.to_string(), |_| "ok".to_owned());
    let shown: String = sql.chars().take(120).collect();
    assert!(took < NOTICED, "{shown}: took {took:?}, ended {code}");
    code
}

fn ends(sql: &str, codes: &[&str], limits: Limits) {
    let (sql, codes): (String, Vec<String>) = (
        sql.to_owned(),
        codes.iter().map(|code| (*code).to_owned()).collect(),
    );
    on_its_stack(move || {
        let mut database = database();
        database.set_limits(limits);
        let code = outcome(&mut database, &sql);
        let shown: String = sql.chars().take(120).collect();
        assert!(
            codes.contains(&code),
            "{shown}: ended {code}, not {codes:?}"
        );
        let kept = database.run(
            "SELECT count(*), sum(n) FROM kept HAVING count(*) = 2 AND sum(n) = 3",
            &[],
        );
        assert_eq!(kept.unwrap().row_count, 1, "{shown}: the table changed");
    });
}

/// Tests of one statement each: how it may end.
macro_rules! statements {
    ($limits:expr; $($name:ident: $sql:expr => $($code:tt)|+;)*) => {
        $(
            #[test]
            fn $name() {
                ends(&$sql, &[$($code),+], $limits);
            }
        )*
    };
}

/// `open` and `close` so many times around `inside`.
fn nested(open: &str, inside: &str, close: &str, times: usize) -> String {
    format!("{}{inside}{}", open.repeat(times), close.repeat(times))
}

/// A chain: `item`, `operator`, `item`, ..
fn chain(item: &str, operator: &str, times: usize) -> String {
    vec![item; times].join(operator)
}

const MANY: usize = 100_000;

// Depth: what is far beyond every limit is refused.
statements! {
    AMPLE;
    a_hundred_thousand_parentheses_are_refused:
        format!("SELECT {}", nested("(", "1", ")", MANY)) => TOO_DEEP;
    a_hundred_thousand_open_parentheses_are_refused:
        format!("SELECT {}", "(".repeat(MANY)) => TOO_DEEP | "42601";
    an_or_of_a_hundred_thousand_terms_is_refused:
        format!("SELECT * FROM kept WHERE {}", chain("n = 1", " OR ", MANY)) => TOO_DEEP;
    an_and_of_a_hundred_thousand_terms_is_refused:
        format!("SELECT * FROM kept WHERE {}", chain("n = 1", " AND ", MANY)) => TOO_DEEP;
    a_sum_of_a_hundred_thousand_terms_is_refused:
        format!("SELECT {}", chain("1", " + ", MANY)) => TOO_DEEP;
    a_concatenation_of_a_hundred_thousand_terms_is_refused:
        format!("SELECT {}", chain("'a'", " || ", MANY)) => TOO_DEEP;
    a_hundred_thousand_minus_signs_are_refused:
        format!("SELECT {}1", "- ".repeat(MANY)) => TOO_DEEP;
    a_hundred_thousand_mixed_signs_are_refused:
        format!("SELECT {}1", "- + ~ @ ".repeat(MANY)) => TOO_DEEP;
    a_hundred_thousand_roots_are_refused:
        format!("SELECT {}1", "|/ ".repeat(MANY)) => TOO_DEEP;
    a_hundred_thousand_nots_are_refused:
        format!("SELECT {}true", "NOT ".repeat(MANY)) => TOO_DEEP;
    a_hundred_thousand_is_nulls_are_refused:
        format!("SELECT 1 {}", "IS NULL ".repeat(MANY)) => TOO_DEEP;
    a_hundred_thousand_casts_are_refused:
        format!("SELECT 1{}", "::int".repeat(MANY)) => TOO_DEEP;
    a_hundred_thousand_cast_calls_are_refused:
        format!("SELECT {}", nested("CAST(", "1", " AS int)", MANY)) => TOO_DEEP;
    a_hundred_thousand_cases_are_refused:
        format!("SELECT {}", nested("CASE WHEN true THEN ", "1", " END", MANY)) => TOO_DEEP;
    a_hundred_thousand_elses_are_refused:
        format!("SELECT {}", nested("CASE WHEN false THEN 0 ELSE ", "1", " END", MANY)) => TOO_DEEP;
    a_hundred_thousand_calls_are_refused:
        format!("SELECT {}", nested("abs(", "1", ")", MANY)) => TOO_DEEP;
    a_hundred_thousand_arrays_are_refused:
        format!("SELECT {}", nested("ARRAY[", "1", "]", MANY)) => TOO_DEEP;
    a_hundred_thousand_rows_are_refused:
        format!("SELECT {}", nested("ROW(", "1", ")", MANY)) => TOO_DEEP;
    a_hundred_thousand_subqueries_are_refused:
        format!("SELECT {}", nested("(SELECT ", "1", ")", MANY)) => TOO_DEEP;
    a_hundred_thousand_existence_tests_are_refused:
        format!("SELECT {}", nested("EXISTS (SELECT ", "1", ")", MANY)) => TOO_DEEP;
    a_hundred_thousand_memberships_are_refused:
        format!("SELECT {}", nested("1 IN (SELECT ", "1", ")", MANY)) => TOO_DEEP;
    a_hundred_thousand_derived_tables_are_refused:
        format!("SELECT * FROM {}", nested("(SELECT * FROM ", "kept", ") AS t", MANY)) => TOO_DEEP;
    a_hundred_thousand_withs_in_each_other_are_refused:
        format!("SELECT * FROM {}", nested("(WITH w AS (SELECT 1) SELECT * FROM ", "w", ") AS t", MANY)) => TOO_DEEP;
    a_union_of_a_hundred_thousand_is_refused:
        chain("SELECT 1", " UNION ALL ", MANY) => TOO_DEEP;
    nested_unions_are_refused:
        nested("(SELECT 1 UNION ", "SELECT 2", ")", MANY) => TOO_DEEP;
    a_hundred_thousand_joins_are_refused:
        format!("SELECT 1 FROM kept AS a{}", " CROSS JOIN kept".repeat(MANY)) => TOO_DEEP;
    a_hundred_thousand_joins_in_each_other_are_refused:
        format!("SELECT 1 FROM {}", nested("(kept JOIN ", "kept", " ON true)", MANY)) => TOO_DEEP;
    a_hundred_thousand_joins_without_condition_are_refused:
        format!("SELECT 1 FROM {}kept", "kept JOIN ".repeat(MANY)) => TOO_DEEP;
    a_hundred_thousand_tables_are_refused:
        format!("SELECT 1 FROM {}", chain("kept", ", ", MANY)) => TOO_DEEP;
    a_hundred_thousand_common_tables_are_refused:
        common_tables(MANY / 10) => TOO_DEEP;
    a_hundred_thousand_subscripts_are_refused:
        format!("SELECT (ARRAY[1]){}", "[1]".repeat(MANY)) => TOO_DEEP | "42804";
    a_hundred_thousand_fields_are_refused:
        format!("SELECT kept{}", ".n".repeat(MANY)) => TOO_DEEP | "42601" | "0A000" | "42P01";
    a_hundred_thousand_levels_of_json_are_refused:
        format!("SELECT '{}'::json", nested("[", "1", "]", MANY)) => TOO_DEEP;
    a_hundred_thousand_levels_of_an_array_text_are_refused:
        format!("SELECT '{}'::integer[]", nested("{", "1", "}", MANY)) => TOO_DEEP | LIMIT | "22P02" | "0A000";
    a_hundred_thousand_groups_of_a_pattern_are_refused:
        format!("SELECT 'a' ~ '{}'", nested("(", "a", ")", MANY)) => "2201B" | TOO_DEEP;
    a_pattern_that_grows_is_refused:
        "SELECT 'a' ~ '((a{1,250}){1,250}){1,250}'" => "2201B" | TOO_DEEP;
    a_hundred_thousand_intervals_are_refused:
        format!("SELECT {}", chain("interval '1 day'", " + ", MANY)) => TOO_DEEP;
    a_hundred_thousand_time_zones_are_refused:
        format!("SELECT now(){}", " AT TIME ZONE 'UTC'".repeat(MANY)) => TOO_DEEP;
    a_hundred_thousand_collations_are_refused:
        format!("SELECT 'a'{}", " COLLATE \"C\"".repeat(MANY)) => TOO_DEEP;
    a_check_that_is_too_deep_is_refused:
        format!("CREATE TABLE t (n integer CHECK {})", nested("(", "n > 0", ")", MANY)) => TOO_DEEP;
    a_default_that_is_too_deep_is_refused:
        format!("CREATE TABLE t (n integer DEFAULT {})", chain("1", " + ", MANY)) => TOO_DEEP;
    an_update_that_is_too_deep_is_refused:
        format!("UPDATE kept SET n = {}", chain("n", " + ", MANY)) => TOO_DEEP;
    a_hundred_thousand_columns_are_refused:
        format!("CREATE TABLE t ({})", (0..MANY).map(|n| format!("c{n} integer")).collect::<Vec<_>>().join(", ")) => "54011";
}

/// A WITH whose every table reads the one before it.
fn common_tables(count: usize) -> String {
    let tables: Vec<String> = (1..count)
        .map(|n| format!("w{n} AS (SELECT n FROM w{})", n - 1))
        .collect();
    let last = count - 1;
    format!(
        "WITH w0 AS (SELECT 1 AS n), {} SELECT n FROM w{last}",
        tables.join(", ")
    )
}

// Depth: what is as deep as the limits let it be runs, on the worker's stack.
statements! {
    AMPLE;
    ninety_parentheses_run: format!("SELECT {}", nested("(", "1", ")", 90)) => "ok";
    a_thousand_ors_run:
        format!("SELECT * FROM kept WHERE {}", (0..1000).map(|n| format!("n = {n}")).collect::<Vec<_>>().join(" OR ")) => "ok";
    a_thousand_ands_run:
        format!("SELECT * FROM kept WHERE {}", (0..1000).map(|n| format!("n <> {n}")).collect::<Vec<_>>().join(" AND ")) => "ok";
    two_thousand_terms_run: format!("SELECT {} FROM kept", chain("n", " + ", 2_000)) => "ok";
    two_thousand_casts_run: format!("SELECT n{} FROM kept", "::bigint::int".repeat(1_000)) => "ok";
    ninety_cases_run: format!("SELECT {} FROM kept", nested("CASE WHEN n > 0 THEN ", "n", " END", 90)) => "ok";
    ninety_elses_run: format!("SELECT {} FROM kept", nested("CASE WHEN n < 0 THEN 0 ELSE ", "n", " END", 90)) => "ok";
    ninety_signs_run: format!("SELECT {} n FROM kept", "- ".repeat(90)) => "ok";
    ninety_nots_run: format!("SELECT {} n = 1 FROM kept", "NOT ".repeat(90)) => "ok";
    ninety_calls_run: format!("SELECT {} FROM kept", nested("abs(", "n", ")", 90)) => "ok";
    ninety_subqueries_run: format!("SELECT {}", nested("(SELECT ", "1", ")", 90)) => "ok";
    ninety_derived_tables_run:
        format!("SELECT * FROM {}", nested("(SELECT * FROM ", "kept", ") AS t", 90)) => "ok";
    thirty_correlated_subqueries_run: correlated(30) => "ok" | TOO_DEEP;
    ninety_correlated_subqueries_run: correlated(90) => "ok" | TOO_DEEP;
    two_hundred_and_fifty_unions_of_all_run: chain("SELECT 1", " UNION ALL ", 250) => "ok";
    two_hundred_and_fifty_unions_run: chain("SELECT n FROM kept", " UNION ", 250) => "ok";
    forty_joins_run: joins(40) => "ok";
    ninety_five_joins_run: joins(95) => "ok";
    two_hundred_joins_run: joins(200) => "ok";
    three_hundred_cross_joins_are_refused_or_run:
        format!("SELECT count(*) FROM (SELECT 1) AS a{}", (0..300).map(|n| format!(" CROSS JOIN (SELECT 1) AS t{n}")).collect::<String>()) => "ok" | TOO_DEEP;
    a_hundred_common_tables_run: common_tables(100) => "ok";
    a_long_list_runs:
        format!("SELECT * FROM kept WHERE n IN ({})", (0..MANY).map(|n| n.to_string()).collect::<Vec<_>>().join(", ")) => "ok";
    a_long_list_of_expressions_runs:
        format!("SELECT * FROM kept WHERE n IN ({})", (0..20_000).map(|n| format!("id + {n}")).collect::<Vec<_>>().join(", ")) => "ok" | TOO_DEEP | TOO_LONG;
    a_long_list_not_in_runs:
        format!("SELECT * FROM kept WHERE n NOT IN ({})", (0..MANY).map(|n| n.to_string()).collect::<Vec<_>>().join(", ")) => "ok";
    a_long_coalesce_runs:
        format!("SELECT coalesce({}) FROM kept", vec!["NULL, n"; 20_000].join(", ")) => "ok" | LIMIT | "54023";
    a_long_concat_runs:
        format!("SELECT concat({}) FROM kept", vec!["n"; 20_000].join(", ")) => "ok" | LIMIT | "54023";
    a_long_case_runs:
        format!("SELECT CASE {} END FROM kept", (0..20_000).map(|n| format!("WHEN n = {n} THEN {n}")).collect::<String>().replace("THEN", " THEN").replace("WHEN", " WHEN")) => "ok" | TOO_DEEP;
    a_long_values_list_runs:
        format!("SELECT count(*) FROM (VALUES {}) AS v(a, b)", vec!["(1, 'x')"; 50_000].join(", ")) => "ok" | TOO_LONG;
    a_long_array_runs:
        format!("SELECT array_length(ARRAY[{}], 1)", vec!["1"; 50_000].join(", ")) => "ok";
}

/// Joins of so many tables, each on the one before.
fn joins(count: usize) -> String {
    let more: String = (1..count)
        .map(|n| format!(" JOIN kept AS t{n} ON t{n}.id = t{}.id", n - 1))
        .collect();
    format!("SELECT count(*) FROM kept AS t0{more}")
}

/// Subqueries in each other; each reads the one around it.
fn correlated(depth: usize) -> String {
    let opened: String = (1..depth)
        .map(|n| {
            format!(
                " AND EXISTS (SELECT 1 FROM kept AS t{n} WHERE t{n}.id = t{}.id",
                n - 1
            )
        })
        .collect();
    format!(
        "SELECT count(*) FROM kept AS t0 WHERE true{opened}{}",
        ")".repeat(depth - 1)
    )
}

// Time: every operator that can run long looks at the clock.
statements! {
    FEW;
    a_cross_join_that_is_only_counted_ends: "SELECT count(*) FROM big a, big b, big c" => TOO_LONG;
    a_join_on_an_inequality_ends: "SELECT count(*) FROM big a JOIN big b ON a.n + b.n < a.id - b.id JOIN big c ON true" => TOO_LONG;
    a_join_on_a_common_key_ends: "SELECT count(*) FROM big a JOIN big b ON a.n % 2 = b.n % 2 JOIN big c ON c.n % 2 = b.n % 2" => TOO_LONG;
    a_left_join_without_match_ends: "SELECT count(*) FROM big a LEFT JOIN big b ON a.t < b.t AND a.t > b.t LEFT JOIN big c ON c.t < b.t" => TOO_LONG | "ok";
    a_full_join_ends: "SELECT count(*) FROM big a FULL JOIN big b ON a.n % 2 = b.n % 2 AND a.id <> b.id" => TOO_LONG | TOO_MUCH | "ok";
    a_semi_join_on_an_inequality_ends: "SELECT count(*) FROM big a WHERE EXISTS (SELECT 1 FROM big b WHERE b.id > a.id + 20000)" => TOO_LONG;
    an_anti_join_on_an_inequality_ends: "SELECT count(*) FROM big a WHERE NOT EXISTS (SELECT 1 FROM big b WHERE b.id > a.id + 20000)" => TOO_LONG;
    a_not_in_with_nulls_ends: "SELECT count(*) FROM big a WHERE (a.id, a.n) NOT IN (SELECT NULLIF(b.id, b.id) , b.n + 1000 FROM big b)" => TOO_LONG | "ok";
    a_correlated_inequality_ends: "SELECT sum((SELECT count(*) FROM big b WHERE b.id < a.id AND b.t <> a.t)) FROM big a" => TOO_LONG | TOO_MUCH;
    an_endless_recursion_that_adds_ends: "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n FROM r) SELECT count(*) FROM r" => TOO_LONG | TOO_MUCH;
    an_endless_recursion_without_duplicates_ends: "WITH RECURSIVE r(n) AS (SELECT 1::bigint UNION SELECT n + 1 FROM r) SELECT count(*) FROM r" => TOO_LONG | TOO_MUCH;
    an_endless_recursion_that_doubles_ends: "WITH RECURSIVE r(n) AS (SELECT 1::bigint UNION ALL SELECT n + d FROM r, (VALUES (0), (1)) AS v(d)) SELECT max(n) FROM r" => TOO_LONG | TOO_MUCH;
    an_endless_recursion_of_nothing_seen_ends: "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT * FROM r WHERE n < 0" => TOO_LONG | TOO_MUCH;
    a_long_series_that_is_counted_ends: "SELECT count(*) FROM generate_series(1, 100000000000)" => TOO_LONG;
    a_long_series_that_is_filtered_ends: "SELECT * FROM generate_series(1, 100000000000) AS i WHERE i < 0" => TOO_LONG;
    a_long_series_of_timestamps_ends: "SELECT count(*) FROM generate_series(timestamp '2000-01-01', '2400-01-01', '1 millisecond')" => TOO_LONG;
    a_long_series_of_numerics_ends: "SELECT count(*) FROM generate_series(0.0, 1000000, 0.000001)" => TOO_LONG;
    a_series_for_each_row_ends: "SELECT count(*) FROM big, LATERAL generate_series(1, big.id * 1000)" => TOO_LONG | TOO_MUCH;
    a_window_over_every_row_before_ends: "SELECT sum(c) FROM (SELECT count(DISTINCT n) AS c FROM big GROUP BY n) AS g, (SELECT max(t) OVER (ORDER BY n ROWS BETWEEN 15000 PRECEDING AND 100 FOLLOWING EXCLUDE CURRENT ROW) AS m FROM big) AS w" => TOO_LONG | "ok" | TOO_MUCH;
    a_window_that_concatenates_ends: "SELECT string_agg(t, ',') OVER (ORDER BY id) FROM big" => TOO_LONG | TOO_MUCH | LIMIT;
    a_window_that_collects_ends: "SELECT array_agg(t) OVER (ORDER BY id) FROM big" => TOO_LONG | TOO_MUCH | LIMIT;
    a_sort_of_a_cross_join_ends: "SELECT a.t, b.t FROM big a, big b ORDER BY 1 DESC, 2" => TOO_LONG | TOO_MUCH;
    a_distinct_of_a_cross_join_ends: "SELECT DISTINCT a.t, b.t FROM big a, big b" => TOO_LONG | TOO_MUCH;
    a_grouped_cross_join_ends: "SELECT a.id, b.id, count(*) FROM big a, big b GROUP BY 1, 2" => TOO_LONG | TOO_MUCH;
    a_cube_over_a_cross_join_ends: "SELECT a.id, b.id, count(*) FROM big a, big b GROUP BY CUBE (a.id, b.id, a.n, b.n)" => "42803" | TOO_LONG | TOO_MUCH;
    a_union_of_cross_joins_ends: "SELECT a.id, b.id FROM big a, big b UNION SELECT b.id, a.id FROM big a, big b" => TOO_LONG | TOO_MUCH;
    an_intersection_of_cross_joins_ends: "SELECT a.id, b.id FROM big a, big b INTERSECT SELECT b.id, a.id FROM big a, big b" => TOO_LONG | TOO_MUCH;
    a_limit_far_behind_ends: "SELECT 1 FROM big a, big b, big c OFFSET 1000000000000" => TOO_LONG;
    a_pattern_over_many_rows_ends: "SELECT count(*) FROM big a, big b WHERE a.t || b.t ~ '(1.*2.*3|4.*5)+x$'" => TOO_LONG;
    a_like_over_long_texts_ends: "SELECT count(*) FROM big WHERE repeat(t, 20000) LIKE '%1%2%3%4%zz%'" => TOO_LONG | TOO_MUCH;
    functions_of_long_texts_end: "SELECT sum(length(md5(repeat(t, 100000)))) FROM big" => TOO_LONG | TOO_MUCH;
    nested_replacements_end: "SELECT sum(length(replace(replace(repeat(t, 50000), 'r', 'rrr'), 'o', 'x'))) FROM big" => TOO_LONG | TOO_MUCH;
    levels_of_series_in_the_select_list_end: "SELECT count(*) FROM (SELECT generate_series(1, 1000000000)) AS s" => TOO_LONG | "0A000";
    a_merge_of_ordered_aggregates_ends: "SELECT string_agg(a.t || b.t, ',' ORDER BY b.t DESC, a.t) FROM big a, big b" => TOO_LONG | TOO_MUCH | LIMIT;
    a_distinct_aggregate_ends: "SELECT count(DISTINCT a.t || b.t) FROM big a, big b" => TOO_LONG | TOO_MUCH;
    a_percentile_of_a_cross_join_ends: "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a.id * b.id::float8) FROM big a, big b" => TOO_LONG | TOO_MUCH;
}

// Memory: what one value, one row, one batch may hold.
statements! {
    FEW;
    a_repeated_text_is_bounded: "SELECT repeat('x', 2000000000)" => LIMIT;
    a_padded_text_is_bounded: "SELECT lpad('x', 2000000000), rpad('x', 2000000000, 'ab')" => LIMIT;
    a_doubled_text_is_bounded: "WITH RECURSIVE r(t) AS (SELECT 'xx' UNION ALL SELECT t || t FROM r) SELECT max(length(t)) FROM r" => LIMIT | TOO_MUCH | TOO_LONG;
    a_replaced_text_is_bounded: "SELECT length(replace(repeat('x', 1000000), 'x', repeat('y', 1000000)))" => LIMIT;
    a_pattern_replacement_is_bounded: "SELECT length(regexp_replace(repeat('x', 1000000), 'x', repeat('y', 1000000), 'g'))" => LIMIT;
    a_formatted_text_is_bounded: "SELECT format('%2000000000s', 'x')" => LIMIT | "22023" | "22003";
    a_collected_text_is_bounded: "SELECT length(string_agg(repeat(t, 1000), ',')) FROM big" => LIMIT | TOO_MUCH | TOO_LONG;
    a_collected_array_is_bounded: "SELECT array_length(array_agg(repeat(t, 1000)), 1) FROM big" => LIMIT | TOO_MUCH | TOO_LONG;
    a_collected_document_is_bounded: "SELECT length(json_agg(repeat(t, 1000))::text) FROM big" => LIMIT | TOO_MUCH | TOO_LONG;
    long_texts_of_many_rows_are_bounded: "SELECT repeat('x', 1000000 + id) FROM big" => TOO_MUCH;
    long_texts_in_one_batch_are_bounded: "SELECT count(*) FROM big WHERE length(repeat('x', 10000000 + id)) > 0" => TOO_MUCH | TOO_LONG;
    a_case_of_long_texts_is_bounded: "SELECT count(*) FROM big WHERE length(CASE WHEN id > 0 THEN repeat('x', 10000000 + id) ELSE 'y' END) > 0" => TOO_MUCH | TOO_LONG;
    a_case_fold_of_long_texts_is_bounded: "SELECT count(*) FROM big WHERE length(upper(repeat('x', 1000000 + id)) || lower(repeat('x', 1000000 + id))) > 0" => TOO_MUCH | TOO_LONG;
    split_texts_are_bounded: "SELECT count(string_to_array(repeat('x,', 1000000 + id), ',')) FROM big" => TOO_MUCH | TOO_LONG | LIMIT;
    split_texts_as_rows_are_bounded: "SELECT count(*) FROM big, unnest(string_to_array(repeat('x,', 1000 + id), ',')) AS u" => TOO_MUCH | TOO_LONG | LIMIT | "ok";
    a_power_is_bounded: "SELECT 10.0 ^ 100000" => "22003";
    an_exponent_is_bounded: "SELECT power(7.7, 1000000), exp(1000000.0)" => "22003";
    a_literal_of_many_digits_is_bounded: format!("SELECT {}", "9".repeat(MANY)) => "22003";
    a_text_of_many_digits_is_bounded: format!("SELECT '{}'::numeric", "9".repeat(MANY)) => "22003";
    a_factor_of_an_interval_is_bounded: "SELECT interval '1 year' * 1e18" => "22008" | "22003" | "22015";
    a_build_side_is_bounded: "SELECT count(*) FROM big a JOIN (SELECT b.id, b.t || c.t AS t FROM big b, big c) AS d ON d.id = a.id AND d.t = a.t" => TOO_MUCH | TOO_LONG;
    a_result_is_bounded: "SELECT a.*, b.* FROM big a, big b" => TOO_MUCH | TOO_LONG;
    an_insert_of_a_cross_join_changes_nothing: "INSERT INTO kept SELECT a.id * 20000 + b.id, a.n FROM big a, big b" => TOO_MUCH | TOO_LONG | "23505" | "22003";
    an_update_from_a_cross_join_changes_nothing: "UPDATE kept SET n = a.n + b.n FROM big a, big b, big c WHERE a.t < b.t AND c.t < a.t" => TOO_MUCH | TOO_LONG;
    a_delete_using_a_cross_join_changes_nothing: "DELETE FROM kept USING big a, big b, big c WHERE a.t = 'none' AND b.t < c.t" => TOO_MUCH | TOO_LONG | "ok";
    a_table_of_a_cross_join_is_not_made: "CREATE TABLE crossed AS SELECT a.id, b.t FROM big a, big b" => TOO_MUCH | TOO_LONG;
    an_explained_cross_join_ends: "EXPLAIN ANALYZE SELECT count(*) FROM big a, big b, big c" => TOO_LONG;
    a_returning_cross_join_changes_nothing: "INSERT INTO kept SELECT 10 + id, n FROM big RETURNING (SELECT count(*) FROM big a, big b, big c WHERE a.id + b.id + c.id = kept.n)" => TOO_MUCH | TOO_LONG | "0A000";
    a_check_that_runs_long_changes_nothing: "ALTER TABLE big ADD CONSTRAINT long_check CHECK (length(repeat(t, 100000)) > 0)" => TOO_MUCH | TOO_LONG | LIMIT;
}

#[test]
fn an_endless_recursion_ends_where_its_reader_does() {
    let mut database = database();
    let first =
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n FROM r LIMIT 10";
    assert_eq!(database.run(first, &[]).unwrap().row_count, 10);
    let exists = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT 1 WHERE EXISTS (SELECT * FROM r)";
    assert_eq!(database.run(exists, &[]).unwrap().row_count, 1);
    let unread = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT 7";
    assert_eq!(database.run(unread, &[]).unwrap().row_count, 1);
}

#[test]
fn a_common_table_that_nothing_reads_is_not_run() {
    let mut database = database();
    let failing = "WITH unread AS (SELECT 1 / (id - id) FROM big) SELECT 1";
    assert_eq!(outcome(&mut database, failing), "ok");
    let long = "WITH unread AS (SELECT count(*) FROM big a, big b, big c) SELECT 1";
    assert_eq!(outcome(&mut database, long), "ok");
}

#[test]
fn views_over_views_have_a_last_one() {
    on_its_stack(|| {
        let mut database = database();
        assert_eq!(
            outcome(&mut database, "CREATE VIEW v0 AS SELECT id, n FROM kept"),
            "ok"
        );
        let mut code = "ok".to_owned();
        for n in 1..2_000 {
            let view = format!("CREATE VIEW v{n} AS SELECT id, n FROM v{}", n - 1);
            code = outcome(&mut database, &view);
            if code != "ok" {
                break;
            }
            assert_eq!(outcome(&mut database, &format!("SELECT * FROM v{n}")), "ok");
        }
        assert_eq!(code, TOO_DEEP);
    });
}

#[test]
fn views_that_double_end() {
    on_its_stack(|| {
        let mut database = database();
        assert_eq!(
            outcome(&mut database, "CREATE VIEW v0 AS SELECT id, n FROM kept"),
            "ok"
        );
        let mut code = "ok".to_owned();
        for n in 1..40 {
            let below = n - 1;
            let view = format!(
                "CREATE VIEW v{n} AS SELECT a.id, b.n FROM v{below} a JOIN v{below} b USING (id)"
            );
            code = outcome(&mut database, &view);
            if code != "ok" {
                break;
            }
        }
        assert!(
            [TOO_DEEP, TOO_LONG, TOO_MUCH].contains(&code.as_str()),
            "{code}"
        );
    });
}

#[test]
fn a_transaction_survives_what_its_savepoint_gives_up() {
    let mut database = database();
    for sql in [
        "BEGIN",
        "INSERT INTO kept VALUES (3, 3)",
        "SAVEPOINT before",
    ] {
        assert_eq!(outcome(&mut database, sql), "ok");
    }
    let crossed = "INSERT INTO kept SELECT a.id + 100, b.n FROM big a, big b, big c";
    assert!([TOO_LONG, TOO_MUCH, "23505"].contains(&outcome(&mut database, crossed).as_str()));
    for sql in ["ROLLBACK TO before", "COMMIT"] {
        assert_eq!(outcome(&mut database, sql), "ok");
    }
    assert_eq!(
        database.run("SELECT * FROM kept", &[]).unwrap().row_count,
        3
    );
}

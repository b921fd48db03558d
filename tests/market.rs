//! The command line, run as a person runs it: what it prints, and the status that it ends with.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What a run printed, and its status.
struct Ran {
    output: String,
    errors: String,
    status: i32,
}

fn market(arguments: &[&str], input: &str) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_market"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("its input");
    // What does not read its input closes it.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let done = child.wait_with_output().expect("the program ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    Ran {
        output: text(done.stdout),
        errors: text(done.stderr),
        status: done.status.code().expect("a status"),
    }
}

/// A file of this test's own.
fn file(name: &str, text: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("market");
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join(name);
    std::fs::write(&path, text).expect("a file");
    path.to_str().expect("a path").to_owned()
}

#[test]
fn a_file_runs_in_its_language_and_prints_in_each_format() {
    let sql = file(
        "rows.sql",
        "SELECT id, name, rating FROM product WHERE id IN (1, 3) ORDER BY id;\n\
         UPDATE product SET stock = 1 WHERE id = 1;",
    );
    let rows = file(
        "rows.py",
        "Product.objects.filter(id__in=[1, 3]).order_by('id').values('id', 'name', 'rating')",
    );
    let value = file("value.py", "print('hello')\nProduct.objects.count()");
    let total = file(
        "total.py",
        "Product.objects.aggregate(dearest=Max('price'))",
    );
    let cases = [
        (
            &sql,
            "table",
            "id  name           rating\n 1  Laptop Pro 14    4.70\n 3  USB-C Cable      4.10\n(2 rows)\nUPDATE 1\n",
        ),
        (
            &sql,
            "json",
            "[\n  {\"id\": 1, \"name\": \"Laptop Pro 14\", \"rating\": \"4.70\"},\n  {\"id\": 3, \"name\": \"USB-C Cable\", \"rating\": \"4.10\"}\n]\n",
        ),
        (
            &sql,
            "csv",
            "id,name,rating\r\n1,Laptop Pro 14,4.70\r\n3,USB-C Cable,4.10\r\n",
        ),
        (
            &rows,
            "table",
            "id  name           rating\n 1  Laptop Pro 14    4.70\n 3  USB-C Cable      4.10\n(2 rows)\n",
        ),
        (
            &rows,
            "json",
            "[\n  {\"id\": 1, \"name\": \"Laptop Pro 14\", \"rating\": \"4.70\"},\n  {\"id\": 3, \"name\": \"USB-C Cable\", \"rating\": \"4.10\"}\n]\n",
        ),
        (
            &rows,
            "csv",
            "id,name,rating\r\n1,Laptop Pro 14,4.70\r\n3,USB-C Cable,4.10\r\n",
        ),
        (&value, "table", "hello\n24\n"),
        (&value, "json", "hello\n24\n"),
        (&value, "csv", "hello\nvalue\r\n24\r\n"),
        (&total, "json", "{\"dearest\": \"1299.00\"}\n"),
    ];
    for (file, format, expected) in cases {
        let ran = market(&["run", file, "--format", format], "");
        assert_eq!(ran.output, expected, "{file} as {format}\n{}", ran.errors);
        assert_eq!(ran.status, 0, "{file} as {format}");
    }
}

#[test]
fn what_is_no_answer_goes_to_the_other_stream() {
    let code = "for order in Order.objects.order_by('id')[:4]:\n    order.customer.name\n";
    let ran = market(&["run", "-", "--language", "django"], code);
    assert_eq!((ran.output.as_str(), ran.status), ("", 0));
    let notes: Vec<&str> = ran.errors.lines().collect();
    assert_eq!(
        notes.first(),
        Some(&"4 queries for Order.customer, line 2: add `select_related('customer')`")
    );
    assert!(notes.last().is_some_and(|it| it.starts_with("5 queries, ")));
    let ran = market(
        &["run", "-", "--format", "csv"],
        "DELETE FROM order_item WHERE id = 1",
    );
    assert_eq!(ran.output, "");
    assert!(ran.errors.starts_with("DELETE 1\n"), "{}", ran.errors);
}

#[test]
fn an_error_shows_its_line_and_a_caret_and_ends_with_1() {
    let ran = market(&["run", "-"], "SELECT 1;\nSELECT nam FROM product;");
    assert_eq!(ran.status, 1);
    assert_eq!(ran.output, "?column?\n       1\n(1 row)\n");
    let shown = "ERROR 42703: column \"nam\" does not exist\nLINE 2: SELECT nam FROM product;\n               ^";
    assert!(ran.errors.contains(shown), "{}", ran.errors);

    let code = "x = 1\nProduct.objects.filter(nmae='x')\n";
    let ran = market(&["run", "-", "--language", "django"], code);
    assert_eq!(ran.status, 1);
    let shown = "File \"<shell>\", line 2, in <module>\n    Product.objects.filter(nmae='x')\n";
    assert!(ran.errors.contains(shown), "{}", ran.errors);
    assert!(
        ran.errors
            .contains("FieldError: Cannot resolve keyword 'nmae'"),
        "{}",
        ran.errors
    );
}

#[test]
fn wrong_usage_ends_with_2_and_tells_the_right_one() {
    for line in [&["run"][..], &["walk"], &["run", "x.sql", "--size", "huge"]] {
        let ran = market(line, "");
        assert_eq!(ran.status, 2, "{line:?}");
        assert!(ran.errors.contains("usage: market run FILE"), "{line:?}");
    }
    let ran = market(&["run", "nowhere.sql"], "");
    assert_eq!(ran.status, 1);
    assert!(ran.errors.starts_with("nowhere.sql: "), "{}", ran.errors);
    let ran = market(&["--help"], "");
    assert_eq!(ran.status, 0);
    assert!(ran.output.starts_with("usage: market run FILE"));
}

#[test]
fn another_size_has_more_rows() {
    let ran = market(
        &["run", "-", "--size", "medium", "--format", "csv"],
        "SELECT COUNT(*) FROM orders",
    );
    assert_eq!(ran.output, "count\r\n10000\r\n");
}

#[test]
fn the_shell_runs_piece_by_piece_and_remembers() {
    let input = "def twice(x):\n    return 2 * x\n\ntwice(\n  21)\n\
                 \\sql\nUPDATE product SET stock = 7\n  WHERE id = 1;\n\
                 \\django\nnothing\nProduct.objects.get(id=1).stock\n\
                 \\format json\nCategory.objects.order_by('id').values_list('name', flat=True)[:2]\n\
                 exit()\ntwice(1)\n";
    let ran = market(&["shell"], input);
    assert_eq!(
        ran.output, "42\nUPDATE 1\n7\n[\n  \"Electronics\",\n  \"Audio\"\n]\n",
        "{}",
        ran.errors
    );
    let shown = "NameError: name 'nothing' is not defined";
    assert!(ran.errors.contains(shown), "{}", ran.errors);
    // Nobody was there to see the error.
    assert_eq!(ran.status, 1);
    let ran = market(&["shell", "--language", "sql"], "SELECT 1 AS one;\n\\q\n");
    assert_eq!(
        (ran.output.as_str(), ran.status),
        ("one\n  1\n(1 row)\n", 0)
    );
    let ran = market(&["shell"], "\\walk\n");
    assert_eq!(ran.status, 1);
    assert!(ran.errors.contains("there is no \\walk here"));
}

/// Two cases that agree, one with another result, one with another text, in two phases.
const CASES: &str = r#"{"now": "2026-03-01T12:00:00+00:00", "cases": [
  {"id": "a", "phase": 1, "code": "Customer.objects.count()",
   "expected": {"kind": "scalar", "result": 2, "num_queries": 1}},
  {"id": "b", "phase": 1, "code": "Customer.objects.order_by('id').values_list('name', flat=True)",
   "expected": {"kind": "queryset", "result": ["Bo", "Ann"], "num_queries": 2},
   "compare": {"order": "multiset"}},
  {"id": "c", "phase": 2, "code": "NOW.year",
   "expected": {"kind": "scalar", "result": 2026, "num_queries": 0}},
  {"id": "d", "phase": 2, "code": "int('x')",
   "expected": {"kind": "error", "error": {"type": "ValueError", "message": "no number"}, "num_queries": 0}}
]}"#;

const FIXTURE: &str = r#"{
  "customers": [
    {"id": 1, "name": "Ann", "email": "a@x.org", "city": "Rome", "country": "Italy", "is_premium": true, "created_at": "2026-01-01T00:00:00Z"},
    {"id": 7, "name": "Bo", "email": "b@x.org", "city": "Oslo", "country": "Norway", "is_premium": false, "created_at": "2026-01-02T00:00:00Z"}
  ],
  "categories": [], "products": [], "orders": [], "order_items": []
}"#;

#[test]
fn case_files_are_judged_by_phase_with_the_reasons() {
    let cases = file("cases.json", CASES);
    let fixture = file("fixture.json", FIXTURE);
    let ran = market(&["cases", &cases, "--fixture", &fixture], "");
    let lines: Vec<&str> = ran.output.lines().collect();
    assert_eq!(
        lines[..7],
        [
            "b: Customer.objects.order_by('id').values_list('name', flat=True)",
            "    expected 2 queries, found 1",
            "d: another text",
            "    expected no number",
            "    found    invalid literal for int() with base 10: 'x'",
            "phase 1: 1 passed, 1 failed",
            "phase 2: 2 passed, 0 failed",
        ],
        "{}",
        ran.errors
    );
    assert!(lines[7].starts_with("slowest: "));
    assert_eq!(
        lines[8..],
        ["exception texts: 0 of 1 equal", "3 passed, 1 failed"]
    );
    assert_eq!(ran.status, 1);

    // Without the fixture the rows are those of the Small data set.
    let ran = market(&["cases", &cases, "--only", "a"], "");
    let reasons = "    expected 2\n    found    12\n";
    assert!(ran.output.contains(reasons), "{}", ran.output);
    let ran = market(&["cases", &cases, "--only", "c"], "");
    assert!(ran.output.ends_with("1 passed, 0 failed\n"));
    assert_eq!(ran.status, 0);
}

#[test]
fn a_file_that_holds_no_cases_is_refused_by_what_it_lacks() {
    for (text, lacks) in [
        ("{", "EOF"),
        ("{}", "there is no list \"cases\""),
        (r#"{"cases": [{}]}"#, "a case has no \"id\""),
        (r#"{"cases": [{"id": "x"}]}"#, "case x has no \"expected\""),
    ] {
        let path = file("no_cases.json", text);
        let ran = market(&["cases", &path], "");
        assert_eq!(ran.status, 1, "{text}");
        assert!(ran.errors.contains(lacks), "{text}: {}", ran.errors);
    }
}

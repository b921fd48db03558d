use super::*;
use crate::lessons::lesson::{DemandKind, Names, Order, ParamKind, Widget};

const PAGE: &str = r#"# First steps

See `orders` and [the next](#/phase/2).

- one **two**
- three

| a | b |
|---|---|
| 1 | `2` |

## All orders

What it asks.

```django queries=1 chart=bar x=id y=total
limit = 10
Order.objects.all()[:limit]
```

```sql
SELECT * FROM orders LIMIT 10 /* limit */
```

```params
limit | Rows | number 1..50 step 1
```

### What happens underneath

```sql show
SELECT 1
```

## The models

All five.

```widget
models
```

## Exercise: Count them!

How many orders are there?

```django starter
Order.objects
```

```check
rows in order
at most 1 queries
uses Count in django
names are free
```

```django wrong="wrong values"
Customer.objects.count()
```

### Hint

Look at `count`.

### Hint

Call it.

### Solution

It counts.

```django solution
Order.objects.count()
```

## Interview questions

### What is a *queryset*?

A promise.
"#;

#[test]
fn a_page_becomes_a_lesson() {
    let Page { lesson, problems } = read(PAGE);
    assert_eq!(problems, []);
    assert_eq!(lesson.title, "First steps");
    assert_eq!(lesson.introduction.len(), 3);
    assert!(matches!(
        &lesson.introduction[1],
        Block::List { first: None, items } if items.len() == 2
    ));
    assert!(matches!(
        &lesson.introduction[2],
        Block::Table { head, rows } if head.len() == 2 && rows[0][1] == [Inline::Code("2".into())]
    ));
    let ids: Vec<&str> = lesson.sections.iter().map(Section::id).collect();
    assert_eq!(ids, ["all-orders", "the-models", "count-them"]);
    let panel = lesson.panels().next().expect("a panel");
    assert_eq!(panel.line, 12);
    let code = &panel.codes[0];
    assert_eq!((code.line, code.queries), (17, Some(1)));
    assert_eq!(code.text, "limit = 10\nOrder.objects.all()[:limit]");
    assert!(matches!(panel.params[0].kind, ParamKind::Number { .. }));
    assert_eq!(panel.folds.len(), 1);
    assert_eq!(
        lesson.panels().nth(1).and_then(|it| it.widget),
        Some(Widget::Models)
    );
    let exercise = lesson.exercises().next().expect("an exercise");
    assert_eq!((exercise.hints.len(), exercise.wrongs.len()), (2, 1));
    assert_eq!(exercise.check.order, Order::AsGiven);
    assert_eq!(exercise.check.names, Names::Free);
    assert_eq!(exercise.check.most_queries, Some(1));
    assert_eq!(exercise.check.demands[0].kind, DemandKind::Uses);
    assert_eq!(exercise.check.demands[0].name, "Count");
    assert_eq!(exercise.check.demands[0].language, Some(Language::Django));
    assert!(exercise.solution(Language::Django).is_some());
    assert_eq!(
        Inline::plain(&lesson.questions[0].question),
        "What is a queryset?"
    );
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    for (page, line, message) in [
        ("## A\n\n```sql\nSELECT 1\n```", 1, "no title"),
        ("# T\n\nOnly prose.", 1, "no sections"),
        ("# T\n\n## A\n\nText.", 3, "runs nothing"),
        ("# T\n\n## A\n\n```jango\n1\n```", 5, "no fence \"jango\""),
        (
            "# T\n\n## A\n\n```widget\nclock\n```",
            6,
            "no widget \"clock\"",
        ),
        (
            "# T\n\n## A\n\n```sql\nSELECT 1\n```\n\n## A\n\n```sql\nSELECT 1\n```",
            9,
            "already",
        ),
        ("# T\n\n# U\n", 3, "one title"),
        (
            "# T\n\n## A\n\n```sql\nSELECT 1\n```\n\n```params\nx | X | number 1..2\n```",
            3,
            "holds the parameter",
        ),
        (
            "# T\n\n## A\n\n```sql\n1 /* x */\n```\n\n```params\nx | X\n```",
            10,
            "three parts",
        ),
        (
            "# T\n\n## A\n\n```sql queries=1\nSELECT 1\n```",
            5,
            "Django code",
        ),
        (
            "# T\n\n## Exercise: E\n\nDo.\n\n```django starter\n```\n\n### Hint\n\nH.",
            3,
            "no solution in django",
        ),
        (
            "# T\n\n## Exercise: E\n\nDo.\n\n```sql\nSELECT 1\n```",
            7,
            "what it is for",
        ),
        (
            "# T\n\n## Exercise: E\n\nDo.\n\n```check\nquickly\n```",
            8,
            "knows no \"quickly\"",
        ),
        (
            "# T\n\n## Exercise: E\n\nDo.\n\n```django wrong=\"odd\"\n1\n```",
            7,
            "no verdict",
        ),
        ("# T\n\n[out](https://example.com)", 3, "leads out"),
        ("# T\n\n<script>alert(1)</script>", 3, "HTML"),
    ] {
        let problems = read(page).problems;
        let source = SourceText::new(page);
        let found = problems.iter().any(|problem| {
            let at = problem.span.map(|span| source.line_column(span.start).line);
            at == Some(line) && problem.message.contains(message) && !problem.hints.is_empty()
        });
        assert!(found, "{page}\n{problems:?}");
    }
}

#[test]
fn nothing_of_a_page_is_markup_or_leads_out() {
    let page = "# T\n\n<b onclick=\"x()\">bold</b> and <https://example.com> and [a](javascript:x)\n\n\
                <script>\nsteal()\n</script>\n\n![p](x.png)";
    let text = format!("{:?}", read(page).lesson);
    assert!(text.contains("<script>"), "it stands there as text: {text}");
    assert!(!text.contains("Link"), "{text}");
    assert!(!text.contains("x.png"), "{text}");
}

#[test]
fn a_page_that_nests_without_end_is_flattened() {
    for page in [
        format!("# T\n\n{}deep", "> ".repeat(5000)),
        format!("# T\n\n{}deep", "*a **b ".repeat(5000)),
        format!(
            "# T\n\n{}",
            (0..900)
                .map(|n| format!("{}- x\n", " ".repeat(2 * n)))
                .collect::<String>()
        ),
    ] {
        let page = read(&page);
        assert_eq!(page.lesson.title, "T");
    }
}

#[test]
fn every_beginning_of_a_page_can_be_read() {
    for end in (0..PAGE.len()).filter(|&end| PAGE.is_char_boundary(end)) {
        read(&PAGE[..end]);
    }
}

#[test]
fn a_control_may_read_rows_and_nothing_else() {
    let page = |query: &str| {
        let text = format!(
            "# T\n\n## P\n\n```django\nid = 1\nid\n```\n\n```params\nid | Product | rows {query}\n```\n"
        );
        read(&text).problems.len()
    };
    assert_eq!(page("SELECT id, name FROM product"), 0);
    for query in [
        "DELETE FROM product RETURNING id, name",
        "WITH gone AS (SELECT 1) DELETE FROM product RETURNING id, name",
        "SELECT id, name INTO copies FROM product",
        "",
    ] {
        assert!(page(query) > 0, "{query}");
    }
}

#[test]
fn the_example_for_teachers_has_no_fault() {
    let page = read(include_str!("../example.md"));
    assert!(page.problems.is_empty(), "{:?}", page.problems);
    assert_eq!(page.lesson.exercises().count(), 1);
}

use super::*;
use crate::lessons::lesson::{Demand, DemandKind, Names, Order};
use Language::{Django, Sql};

fn verdict(check: &Check, language: Language, solution: &str, code: &str) -> Verdict {
    super::check(check, language, solution, code).expect("the solution runs")
}

fn name(check: &Check, language: Language, solution: &str, code: &str) -> String {
    match verdict(check, language, solution, code) {
        Verdict::Right => "right".into(),
        Verdict::Wrong(finding) => finding.fault.names().join(" and "),
    }
}

#[test]
fn an_answer_gets_the_verdict_that_it_deserves() {
    let any = Check::default();
    let ordered = Check {
        order: Order::AsGiven,
        ..Check::default()
    };
    let two = Check {
        most_queries: Some(2),
        ..Check::default()
    };
    let window = Check {
        demands: vec![Demand {
            kind: DemandKind::Avoids,
            name: "for".into(),
            language: None,
        }],
        ..Check::default()
    };
    let free = Check {
        names: Names::Free,
        ..Check::default()
    };
    let paid = "Order.objects.filter(status=\"paid\")";
    let spent = "Customer.objects.annotate(spent=Coalesce(Sum(F(\"orders__items__quantity\") * F(\"orders__items__unit_price\")), Decimal(0))).values(\"name\", \"email\", \"spent\")";
    for (check, language, solution, code, expected) in [
        (
            &any,
            Django,
            paid,
            "Order.objects.filter(status=\"paid\").order_by(\"id\")",
            "right",
        ),
        (
            &any,
            Django,
            paid,
            "[o for o in Order.objects.all() if o.status == \"paid\"]",
            "right",
        ),
        (&any, Django, paid, "Order.objects.all()", "extra rows"),
        (
            &any,
            Django,
            paid,
            "Order.objects.filter(status=\"paid\", id__lt=9)",
            "missing rows",
        ),
        (&any, Django, paid, "Order.objects.none()", "missing rows"),
        (&any, Django, paid, "Product.objects.all()", "wrong columns"),
        (&any, Django, paid, "Order.objects", "no answer"),
        (&any, Django, paid, "x = 1", "no answer"),
        (&any, Django, paid, "Order.objects.filter(stat=1)", "error"),
        (&any, Django, paid, "Order.objects.filter(", "error"),
        (
            &ordered,
            Django,
            "Order.objects.order_by(\"id\")",
            "Order.objects.order_by(\"-id\")",
            "wrong order",
        ),
        (
            &any,
            Django,
            spent,
            "Customer.objects.annotate(spent=Sum(F(\"orders__items__quantity\") * F(\"orders__items__unit_price\"))).values(\"spent\", \"email\", \"name\")",
            "wrong values",
        ),
        (
            &any,
            Django,
            spent,
            "Customer.objects.values(\"name\", \"email\")",
            "wrong columns",
        ),
        (
            &any,
            Django,
            "Order.objects.count()",
            "len(Order.objects.all())",
            "right",
        ),
        (&any, Django, "Order.objects.count()", "60", "wrong values"),
        (
            &any,
            Django,
            "Order.objects.aggregate(n=Count(\"id\"))",
            "Order.objects.aggregate(m=Count(\"id\"))",
            "wrong columns",
        ),
        (
            &free,
            Django,
            "Order.objects.aggregate(n=Count(\"id\"))",
            "Order.objects.aggregate(m=Count(\"id\"))",
            "right",
        ),
        (
            &two,
            Django,
            "[o.customer.name for o in Order.objects.select_related(\"customer\")]",
            "[o.customer.name for o in Order.objects.all()]",
            "too many queries",
        ),
        (
            &window,
            Django,
            "list(Order.objects.values_list(\"id\", flat=True))",
            "[o.id for o in Order.objects.all()]",
            "must not use for",
        ),
        (
            &any,
            Sql,
            "SELECT id, status FROM orders",
            "SELECT status, id FROM orders",
            "right",
        ),
        (
            &any,
            Sql,
            "SELECT id, status FROM orders",
            "SELECT id, status AS s FROM orders",
            "wrong columns",
        ),
        (
            &free,
            Sql,
            "SELECT id, status FROM orders",
            "SELECT id, status AS s FROM orders",
            "right",
        ),
        (
            &any,
            Sql,
            "SELECT id FROM orders",
            "SELECT id FROM orders WHERE FALSE",
            "missing rows",
        ),
        (
            &any,
            Sql,
            "SELECT id FROM orders",
            "UPDATE orders SET status = 'paid'",
            "no answer",
        ),
    ] {
        assert_eq!(name(check, language, solution, code), expected, "{code}");
    }
}

#[test]
fn what_is_right_by_chance_shows_on_other_data() {
    let code = "SELECT 60 AS n";
    let verdict = verdict(
        &Check::default(),
        Sql,
        "SELECT COUNT(*) AS n FROM orders",
        code,
    );
    let Verdict::Wrong(finding) = &verdict else {
        panic!("{verdict:?}");
    };
    assert_eq!(finding.data, DataSet::Hidden);
    assert!(
        verdict
            .to_string()
            .starts_with("Right on the data you see, but not on other data.")
    );
}

#[test]
fn what_an_exercise_writes_is_read_back() {
    let check = Check {
        then: Some("SELECT id, price FROM product".into()),
        ..Check::default()
    };
    let solution = "Product.objects.update(price=F(\"price\") * 2)";
    let loops = "for p in Product.objects.all():\n    p.price = p.price * 2\n    p.save()";
    assert_eq!(name(&check, Django, solution, loops), "right");
    assert_eq!(
        name(&check, Django, solution, "Product.objects.count()"),
        "wrong values"
    );
}

#[test]
fn a_solution_that_does_not_run_is_the_lessons_fault() {
    assert!(super::check(&Check::default(), Sql, "SELECT nothing", "SELECT 1").is_err());
}

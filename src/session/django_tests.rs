//! Django code in a session.

use super::query_log::Role;
use super::*;
use crate::base::SourceText;

fn session() -> Session {
    let mut session = Session::new(|| 0.0);
    assert!(session.reset(Size::Small).is_ok());
    session
}

/// Unoptimised code needs more stack than a test's thread has.
fn with_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(test);
    assert!(thread.is_ok_and(|thread| thread.join().is_ok()));
}

fn run(session: &mut Session, code: &str) -> WorldRun {
    session.run(7, WorldId::Main, Language::Django, code)
}

fn good(session: &mut Session, code: &str) -> WorldRun {
    let run = run(session, code);
    assert!(run.error.is_none(), "{code}\n{:?}", run.traceback);
    run
}

/// `name type` of each column, and the first row.
fn shape(session: &mut Session, code: &str) -> (Vec<String>, Vec<String>, usize) {
    let run = good(session, code);
    let table = run.value.and_then(|value| value.table).unwrap_or_default();
    let columns = table
        .fields
        .iter()
        .map(|field| format!("{} {}", field.name, field.ty))
        .collect();
    let first = table.rows(0).next().unwrap_or_default();
    let first = first.iter().zip(&table.fields);
    let first = first
        .map(|(value, field)| shown(value, &field.ty))
        .collect();
    (columns, first, table.len())
}

#[test]
fn values_of_every_kind_are_tables_with_types() {
    with_stack(|| {
        let mut session = session();
        let cases: [(&str, &[&str], usize); 12] = [
            (
                "Product.objects.order_by('id')",
                &[
                    "__str__ text",
                    "id bigint",
                    "category_id bigint",
                    "name text",
                    "price numeric(10,2)",
                    "rating numeric(3,2)",
                    "stock integer",
                    "is_active boolean",
                    "created_at timestamp with time zone",
                ],
                24,
            ),
            (
                "Category.objects.annotate(n=Count('products')).only('name')",
                &["__str__ text", "id bigint", "name text", "n bigint"],
                5,
            ),
            (
                "Order.objects.values('status').annotate(n=Count('id')).order_by('status')",
                &["status text", "n bigint"],
                5,
            ),
            (
                "Product.objects.values_list('name', 'price')",
                &["name text", "price numeric"],
                24,
            ),
            (
                "Product.objects.values_list('price', flat=True)",
                &["price numeric"],
                24,
            ),
            (
                "Product.objects.values_list('id', 'name', named=True)",
                &["id bigint", "name text"],
                24,
            ),
            (
                "OrderItem.objects.aggregate(total=Sum(F('quantity') * F('unit_price')), n=Count('id'))",
                &["total numeric", "n bigint"],
                1,
            ),
            (
                "Customer.objects.get(id=1)",
                &[
                    "__str__ text",
                    "id bigint",
                    "name text",
                    "email text",
                    "city text",
                    "country text",
                    "is_premium boolean",
                    "created_at timestamp with time zone",
                ],
                1,
            ),
            (
                "[{'a': 1, 'b': Decimal('1.50')}, {'a': 2}]",
                &["a bigint", "b numeric"],
                2,
            ),
            (
                "[(1, 'x'), (2, 'y')]",
                &["column1 bigint", "column2 text"],
                2,
            ),
            ("[1.5, 2]", &["value double precision"], 2),
            ("Product.objects.none()", &[], 0),
        ];
        for (code, columns, rows) in cases {
            let found = shape(&mut session, code);
            if !columns.is_empty() {
                assert_eq!(found.0, columns, "{code}");
            }
            assert_eq!(found.2, rows, "{code}");
        }
        let plain = good(&mut session, "1 + 1").value;
        assert!(plain.is_some_and(|value| value.repr == "2" && value.table.is_none()));
    });
}

#[test]
fn a_queryset_is_read_once_and_printed_as_the_shell_prints_it() {
    with_stack(|| {
        let mut session = session();
        let run = good(&mut session, "Product.objects.order_by('id')");
        assert_eq!(run.log.queries.len(), 1);
        assert!(
            run.log
                .queries
                .iter()
                .all(|query| !query.sql.contains("LIMIT"))
        );
        let repr = run.value.map(|value| value.repr).unwrap_or_default();
        assert!(repr.starts_with("<ProductQuerySet [<Product: "), "{repr}");
        assert!(
            repr.ends_with("'...(remaining elements truncated)...']>"),
            "{repr}"
        );
        assert_eq!(repr.matches("<Product: ").count(), 20);
    });
}

#[test]
fn the_shell_remembers_until_a_reset() {
    with_stack(|| {
        let mut session = session();
        good(&mut session, "limit = 3\ndef double(x):\n    return 2 * x");
        let run = good(&mut session, "print('hi')\ndouble(limit)");
        assert_eq!(run.output, "hi\n");
        assert_eq!(run.value.map(|value| value.repr).as_deref(), Some("6"));
        assert_eq!(run.variables, ["limit"]);
        assert!(session.reset(Size::Small).is_ok());
        let error = super::django_tests::run(&mut session, "limit").error;
        assert!(error.is_some_and(|error| error.code.as_str() == "NameError"));
    });
}

#[test]
fn sql_and_django_see_the_same_data_and_the_same_transaction() {
    with_stack(|| {
        let mut session = session();
        good(
            &mut session,
            "Product.objects.filter(id=1).update(stock=77)",
        );
        let stock = |session: &mut Session| {
            let run = session.execute("SELECT stock FROM product WHERE id = 1");
            let result = run.outcomes.into_iter().find_map(|it| it.result);
            result.and_then(|result| result.rows(0).next())
        };
        assert!(matches!(
            stock(&mut session).as_deref(),
            Some([Value::Int(77)])
        ));
        session.execute("BEGIN");
        good(
            &mut session,
            "with transaction.atomic():\n    Product.objects.filter(id=1).update(stock=5)",
        );
        session.execute("ROLLBACK");
        assert!(matches!(
            stock(&mut session).as_deref(),
            Some([Value::Int(77)])
        ));
    });
}

#[test]
fn what_ran_before_an_error_stays_and_open_blocks_are_undone() {
    with_stack(|| {
        let mut session = session();
        let code = "Product.objects.filter(id=1).update(stock=1)
block = transaction.atomic()
block.__enter__()
Product.objects.filter(id=2).update(stock=1)
Product.objects.filter(nonsense=1)";
        let failed = run(&mut session, code);
        let error = failed
            .error
            .map(|error| (error.code.to_string(), error.span));
        let (class, span) = error.unwrap_or_default();
        assert_eq!(class, "FieldError");
        let line = span.map(|span| SourceText::new(code).line_column(span.start).line);
        assert_eq!(line, Some(5));
        assert!(
            failed
                .traceback
                .is_some_and(|it| it.starts_with("Traceback"))
        );
        let stocks = shape(
            &mut session,
            "Product.objects.filter(id__in=[1, 2], stock=1).values('id')",
        );
        assert_eq!((stocks.1, stocks.2), (vec!["1".to_owned()], 1));
    });
}

#[test]
fn loads_row_by_row_are_advised_against_by_name() {
    with_stack(|| {
        let mut session = session();
        let cases = [
            (
                "for order in Order.objects.all()[:5]:\n    print(order.customer.name)",
                "5 queries for Order.customer, line 2: add `select_related('customer')`",
            ),
            (
                "for order in Order.objects.all()[:4]:\n    order.items.count()",
                "4 queries for Order.items, line 2: add `prefetch_related('items')`",
            ),
            (
                "for item in OrderItem.objects.select_related('product')[:6]:\n    item.product.category.name",
                "6 queries for Product.category, line 2: add `select_related('product__category')` to the OrderItem queryset",
            ),
            (
                "def names():\n    return [order.customer.name for order in Order.objects.all()[:7]]\nnames()",
                "7 queries for Order.customer, line 2: add `select_related('customer')`",
            ),
            (
                "for n in range(4):\n    Order.objects.count()",
                "4 times the same query, line 2: keep its result in a variable",
            ),
            (
                "for n in range(3):\n    Order.objects.filter(customer_id=n).count()",
                "3 similar queries, line 2: ask once before the loop, with `__in`, `annotate()` or `in_bulk()`",
            ),
            (
                "for p in Product.objects.only('name')[:3]:\n    p.price",
                "3 queries for the deferred Product.price, line 2: take `price` into `only()`",
            ),
        ];
        for (code, sentence) in cases {
            let run = good(&mut session, code);
            let source = SourceText::new(code);
            let first = run.advice.first().map(|advice| advice.sentence(&source));
            assert_eq!(first.as_deref(), Some(sentence), "{code}");
        }
        let mended =
            "for order in Order.objects.select_related('customer')[:5]:\n    order.customer.name";
        let run = good(&mut session, mended);
        assert_eq!((run.log.count(), run.advice.len()), (1, 0));
    });
}

#[test]
fn look_alikes_are_counted_as_the_debug_toolbar_counts_them() {
    with_stack(|| {
        let mut session = session();
        let code = "with transaction.atomic():
    for n in [1, 1, 2]:
        list(Order.objects.filter(customer_id=n))
list(Product.objects.all())";
        let run = good(&mut session, code);
        let counts: Vec<_> = run
            .log
            .queries
            .iter()
            .filter(|query| query.role == Role::Statement)
            .map(|query| (query.similar, query.duplicate))
            .collect();
        assert_eq!(counts, [(3, 2), (3, 2), (3, 1), (1, 1)]);
        assert_eq!(run.log.queries.len(), 6);
    });
}

#[test]
fn a_restored_session_has_definitions_and_changes_but_no_variables() {
    with_stack(|| {
        let mut session = session();
        let codes = [
            "stock = 41\ndef answer():\n    return 42",
            "class Cheap(models.QuerySet):\n    def cheap(self):\n        return self.filter(price__lt=50)",
            "p = Product.objects.get(id=1)",
            "p.stock = answer()\np.save()",
            "Category.objects.create(name='New')",
        ];
        let mut steps = Vec::new();
        for code in codes {
            steps.extend(good(&mut session, code).steps);
        }
        let mut restored = Session::new(|| 0.0);
        let entries = steps.into_iter().map(Entry::Step);
        assert!(restored.restore(Size::Small, entries).is_ok());
        let run = good(
            &mut restored,
            "(answer(), Product.objects.get(id=1).stock, Category.objects.filter(name='New').count(), Cheap.__name__)",
        );
        let repr = run.value.map(|value| value.repr);
        assert_eq!(repr.as_deref(), Some("(42, 42, 1, 'Cheap')"));
        assert!(
            super::django_tests::run(&mut restored, "stock")
                .error
                .is_some()
        );
    });
}

#[test]
fn side_worlds_have_data_of_their_own_and_fresh_ones_start_anew() {
    with_stack(|| {
        let mut session = session();
        let mut count = |world, code| {
            let run = session.run(1, world, Language::Django, code);
            run.value.map(|value| value.repr).unwrap_or_default()
        };
        assert_eq!(count(WorldId::Medium, "Order.objects.count()"), "10000");
        assert_eq!(count(WorldId::Main, "Order.objects.count()"), "60");
        let fresh = session.fresh(Size::Small);
        let run = fresh.map(|mut world| world.run(Language::Sql, "DELETE FROM order_item"));
        assert!(run.is_ok_and(|run| run.error.is_none()));
        let left = good(&mut session, "OrderItem.objects.count()").value;
        assert!(left.is_some_and(|value| value.repr == "144"));
    });
}

#[test]
fn runaway_code_ends_with_a_clear_error() {
    with_stack(|| {
        let mut session = session();
        for (code, class) in [
            ("def f():\n    return f()\nf()", "RecursionError"),
            ("while True:\n    print('x' * 1000)", "BudgetExceeded"),
            ("def f(:", "SyntaxError"),
        ] {
            let error = run(&mut session, code).error;
            let found = error.map(|error| error.code.to_string());
            assert_eq!(found.as_deref(), Some(class), "{code}");
        }
    });
}

#[test]
fn programs_get_plain_data() {
    with_stack(|| {
        let mut session = session();
        let run =
            session.django("Product.objects.filter(id=1).values('id', 'price', 'created_at')");
        let text = format!("{:?}", run.value.map(|value| value.plain));
        assert!(
            text.starts_with("Some(List([Object([(\"id\", Int(1)), (\"price\", Text(\""),
            "{text}"
        );
        assert!(text.contains('T') && text.contains("Z\")"), "{text}");
    });
}

#[test]
fn statements_of_a_run_have_plans() {
    with_stack(|| {
        let mut session = session();
        good(
            &mut session,
            "Order.objects.filter(customer__name='Ada').count()",
        );
        let plan = session.plan(7, 0, PlanMode::Analyze);
        assert!(plan.is_ok_and(|plan| plan.root.measured.is_some()));
        assert!(session.plan(7, 9, PlanMode::Plan).is_err());
    });
}

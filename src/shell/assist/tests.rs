//! The marker `|` stands for the cursor.

use super::*;
use crate::base::ResultSet;
use crate::market::catalogue::marketplace;
use crate::orm::connection::{Executed, TransactionState};
use crate::orm::{Connection, Sql};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// Nothing here asks the database anything.
#[derive(Default)]
struct Nowhere(TransactionState);

impl Connection for Nowhere {
    fn execute(&mut self, _: &Sql) -> crate::base::Result<Executed> {
        Ok(Executed {
            row_count: 0,
            rows: Some(ResultSet::default()),
            ..Executed::default()
        })
    }

    fn now(&self) -> i64 {
        0
    }

    fn table_rows(&self, _: &str) -> Option<u64> {
        None
    }

    fn transaction(&mut self) -> &mut TransactionState {
        &mut self.0
    }
}

struct Shell {
    vm: Interpreter,
    names: Rc<Namespace>,
}

fn shell() -> Shell {
    let mut vm = Interpreter::new();
    let connection = Rc::new(RefCell::new(Nowhere::default()));
    let added = vm.add_django(connection, Arc::new(marketplace()));
    assert!(added.is_ok(), "the marketplace loads");
    let names: Rc<Namespace> = Rc::default();
    if let Ok(found) = vm.django_names() {
        names.borrow_mut().extend(found);
    }
    Shell { vm, names }
}

fn split(marked: &str) -> (String, u32) {
    let (before, after) = marked.split_once('|').unwrap_or((marked, ""));
    (format!("{before}{after}"), before.len() as u32)
}

/// The labels offered at the cursor.
fn offered(marked: &str) -> Vec<String> {
    let Shell { vm, names } = shell();
    let (code, cursor) = split(marked);
    let found = suggest(&vm, &names, &code, cursor);
    found.items.into_iter().map(|item| item.label).collect()
}

/// Asserts that all of these, in any order, and none of the others are offered.
#[track_caller]
fn check(marked: &str, wanted: &[&str], unwanted: &[&str]) {
    let found = offered(marked);
    for label in wanted {
        assert!(
            found.iter().any(|it| it == label),
            "{marked}: no {label} in {found:?}"
        );
    }
    for label in unwanted {
        assert!(
            !found.iter().any(|it| it == label),
            "{marked}: {label} in {found:?}"
        );
    }
}

#[test]
fn models_and_functions_stand_alone() {
    check("Ord|", &["Order", "OrderItem"], &["Customer"]);
    check("Tru|", &["TruncMonth", "TruncDate", "True"], &[]);
    check("get_t|", &["get_top_selling_products"], &["getattr"]);
}

#[test]
fn managers_have_their_own_methods_and_the_querysets() {
    check("Product.ob|", &["objects"], &[]);
    check(
        "Product.objects.|",
        &[
            "filter",
            "annotate",
            "active",
            "with_sales",
            "cheapest",
            "get",
        ],
        &["price"],
    );
    check(
        "Customer.objects.filter(city='Rome').to|",
        &["top_spenders"],
        &[],
    );
}

#[test]
fn chains_over_lines_and_brackets_are_followed() {
    check(
        "(\n    Product.objects\n    .active()\n    .ord|\n)",
        &["order_by"],
        &[],
    );
    check("Order.objects.all()[:5].sel|", &["select_related"], &[]);
    check(
        "Order.objects.all()[0].cus|",
        &["customer", "customer_id"],
        &["objects"],
    );
}

#[test]
fn lookups_walk_over_relations() {
    check(
        "Product.objects.filter(order_items__|)",
        &["quantity", "order"],
        &["price"],
    );
    check(
        "Product.objects.filter(order_items__order__cus|)",
        &["customer"],
        &[],
    );
    check("Product.objects.filter(price__g|)", &["gt", "gte"], &["lt"]);
    check("Order.objects.filter(created_at__ye|)", &["year"], &[]);
    check("Product.objects.filter(Q(category__na|))", &["name"], &[]);
    check(
        "Customer.objects.filter(is_premium=True, em|)",
        &["email"],
        &[],
    );
}

#[test]
fn texts_of_methods_and_expressions_are_paths() {
    check("Product.objects.order_by('-pr|", &["price"], &[]);
    check(
        "Order.objects.select_related('|",
        &["customer"],
        &["status", "items"],
    );
    check(
        "Order.objects.prefetch_related(\"it|",
        &["items"],
        &["customer"],
    );
    check(
        "Product.objects.annotate(n=Sum('order_items__qu|",
        &["quantity"],
        &[],
    );
    check("Product.objects.annotate(n=F('pri|') * 2)", &["price"], &[]);
}

#[test]
fn annotations_are_offered_behind_their_call() {
    check(
        "Product.objects.annotate(sold=Sum('order_items__quantity')).filter(so|)",
        &["sold"],
        &[],
    );
    check(
        "Product.objects.annotate(sold=Sum('stock')).order_by('so|')",
        &["sold"],
        &[],
    );
}

#[test]
fn an_outer_reference_means_the_query_around() {
    check(
        "Customer.objects.annotate(last=Subquery(Order.objects.filter(customer=OuterRef('em|",
        &["email"],
        &[],
    );
}

#[test]
fn variables_of_the_text_are_known() {
    check(
        "qs = Product.objects.active()\nqs.wi|",
        &["with_sales"],
        &[],
    );
    check(
        "qs = Product.objects.all()\nqs = qs.filter(price__gt=1)\nqs.ac|",
        &["active"],
        &[],
    );
    check(
        "for order in Order.objects.all():\n    print(order.cus|",
        &["customer"],
        &[],
    );
    check("alpha = 1\nal|", &["alpha"], &[]);
    check("loop = loop.loop()\nloop.|", &[], &["filter"]);
}

#[test]
fn related_managers_know_their_model() {
    check(
        "Customer.objects.get(pk=1).orders.|",
        &["placed", "recent", "filter"],
        &["premium"],
    );
    check(
        "Customer.objects.get(pk=1).orders.first().it|",
        &["items"],
        &[],
    );
}

#[test]
fn new_instances_take_fields() {
    check("Product(na|", &["name"], &[]);
    check(
        "Product.objects.create(ca|",
        &["category", "category_id"],
        &[],
    );
    check("Product.objects.update(pri|", &["price"], &[]);
}

#[test]
fn imports_offer_modules_and_their_names() {
    check(
        "from django.db.models import Su|",
        &["Sum", "Subquery"],
        &["Avg"],
    );
    check("from mark|", &["marketplace.models"], &[]);
}

#[test]
fn comments_and_plain_texts_offer_nothing() {
    assert_eq!(offered("# Product.objects.|"), Vec::<String>::new());
    assert_eq!(offered("print('Pro|"), Vec::<String>::new());
}

#[test]
fn any_beginning_of_a_text_has_an_answer() {
    let Shell { vm, names } = shell();
    let code = "def f(a, *b):\n    '''doc'''\n    return [x for x in Product.objects.filter(Q(name__in=['ä', \"b\"]) | ~Q(pk=1))[1:2]]\n\nf(1)[0].category.name # é";
    for cursor in 0..=code.len() as u32 {
        suggest(&vm, &names, code, cursor);
        describe(&vm, &names, code, cursor);
        signature(&vm, &names, code, cursor);
    }
    for odd in [
        "",
        ")",
        "((((",
        "]].",
        "'",
        "\"\"\"",
        "x.",
        ".",
        "\\",
        "f'{",
        "from",
        "for in in",
    ] {
        suggest(&vm, &names, odd, odd.len() as u32);
        signature(&vm, &names, odd, odd.len() as u32);
    }
}

#[test]
fn a_hover_explains_methods_fields_and_models() {
    let Shell { vm, names } = shell();
    let title = |marked: &str| {
        let (code, at) = split(marked);
        describe(&vm, &names, &code, at).map(|it| it.title)
    };
    assert_eq!(
        title("Product.objects.fil|ter(price=1)").as_deref(),
        Some("QuerySet.filter(*conditions, **lookups) -> QuerySet")
    );
    assert_eq!(
        title("Order.objects.filter(status|='paid')").as_deref(),
        Some("Order.status: CharField")
    );
    assert_eq!(
        title("Pro|duct").as_deref(),
        Some("Product(id, category, name, price, rating, stock, is_active, created_at)")
    );
    assert_eq!(
        title("Product.objects.act|ive()").as_deref(),
        Some("active(self)")
    );
    assert_eq!(title("zzz|"), None);
}

#[test]
fn a_signature_says_which_argument_is_written() {
    let Shell { vm, names } = shell();
    let (code, cursor) = split("Product.objects.order_by('price', |");
    let found = signature(&vm, &names, &code, cursor);
    assert_eq!(
        found.map(|it| (it.title, it.argument)),
        Some(("QuerySet.order_by(*fields) -> QuerySet".to_owned(), 1))
    );
    let (code, cursor) = split("Coalesce(Sum('x'), |");
    assert_eq!(
        signature(&vm, &names, &code, cursor).map(|it| it.argument),
        Some(1)
    );
}

#[test]
fn every_method_of_a_queryset_has_its_paragraph() {
    let Shell { vm, names } = shell();
    let knowledge = Knowledge::new(&vm, &names, &[]);
    let known = knowledge.infer(&[Link::Name("QuerySet".into())]);
    let methods = match names.borrow().get("QuerySet") {
        Some(object) => members::of(&knowledge, &knowledge.object(object)),
        None => members::of(&knowledge, &known),
    };
    assert!(methods.len() > 40);
    let missing: Vec<_> = methods
        .iter()
        .filter(|it| entry(&format!("QuerySet.{}", it.label)).is_none())
        .map(|it| it.label.as_str())
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}

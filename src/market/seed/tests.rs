use super::*;
use std::collections::HashSet;
use std::fmt::Write;

fn civil(seconds: i64) -> String {
    chrono::DateTime::from_timestamp(seconds, 0)
        .unwrap()
        .format("%Y-%m-%dT%H:%M:%SZ")
        .to_string()
}

fn money(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// The rows in the fixture's own form: compact JSON, keys in the generator's order.
fn as_fixture(seed: u64) -> String {
    let rows = generate_from(Size::Small, seed);
    let mut json = format!(
        r#"{{"seed":{seed},"now":"{}","customers":["#,
        civil(rows.now)
    );
    let mut table = |rows: Vec<String>, end: &str| {
        write!(json, "{}{end}", rows.join(",")).unwrap();
    };
    table(
        rows.customers
            .iter()
            .map(|c| {
                format!(
                    r#"{{"id":{},"name":"{}","email":"{}","city":"{}","country":"{}","is_premium":{},"created_at":"{}"}}"#,
                    c.id, c.name, c.email, c.city, c.country, c.is_premium, civil(c.created_at)
                )
            })
            .collect(),
        r#"],"categories":["#,
    );
    table(
        rows.categories
            .iter()
            .map(|c| {
                let parent = c.parent_id.map_or("null".to_owned(), |id| id.to_string());
                format!(
                    r#"{{"id":{},"name":"{}","parent_id":{parent}}}"#,
                    c.id, c.name
                )
            })
            .collect(),
        r#"],"products":["#,
    );
    table(
        rows.products
            .iter()
            .map(|p| {
                let rating = p
                    .rating
                    .map_or("null".to_owned(), |rating| format!("\"{}\"", money(rating)));
                format!(
                    r#"{{"id":{},"category_id":{},"name":"{}","price":"{}","rating":{rating},"stock":{},"is_active":{},"created_at":"{}"}}"#,
                    p.id, p.category_id, p.name, money(p.price), p.stock, p.is_active, civil(p.created_at)
                )
            })
            .collect(),
        r#"],"orders":["#,
    );
    table(
        rows.orders
            .iter()
            .map(|o| {
                format!(
                    r#"{{"id":{},"customer_id":{},"status":"{}","created_at":"{}"}}"#,
                    o.id,
                    o.customer_id,
                    o.status,
                    civil(o.created_at)
                )
            })
            .collect(),
        r#"],"order_items":["#,
    );
    table(
        rows.order_items
            .iter()
            .map(|i| {
                format!(
                    r#"{{"id":{},"order_id":{},"product_id":{},"quantity":{},"unit_price":"{}"}}"#,
                    i.id,
                    i.order_id,
                    i.product_id,
                    i.quantity,
                    money(i.unit_price)
                )
            })
            .collect(),
        "]}",
    );
    json
}

fn vectors() -> serde_json::Value {
    serde_json::from_str(include_str!("../../../tests/oracle/lcg_vectors.json")).unwrap()
}

#[test]
fn generator_follows_its_vectors() {
    for (name, seed) in [("fixture", SEED), ("fixture_alt", ALT_SEED)] {
        let vector = &vectors()[name];
        let mut draws = Lcg::new(seed);
        assert_eq!(vector["state_after_construction"], draws.state);
        for next in vector["next_first_8"].as_array().unwrap() {
            assert_eq!(*next, draws.next());
        }
        for below in vector["then_below_100_x8"].as_array().unwrap() {
            assert_eq!(*below, draws.below(100));
        }
    }
}

#[test]
fn small_is_the_fixture_row_for_row() {
    let fixture: serde_json::Value =
        serde_json::from_str(include_str!("../../../tests/oracle/fixture.json")).unwrap();
    let ours: serde_json::Value = serde_json::from_str(&as_fixture(SEED)).unwrap();
    for table in [
        "customers",
        "categories",
        "products",
        "orders",
        "order_items",
    ] {
        assert_eq!(ours[table], fixture[table], "{table}");
    }
    assert_eq!(ours, fixture);
}

#[test]
fn small_has_the_checksums_of_both_seeds() {
    use sha2::{Digest, Sha256};
    for (name, seed) in [("fixture", SEED), ("fixture_alt", ALT_SEED)] {
        let digest = Sha256::digest(as_fixture(seed));
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(vectors()[name]["sha256_of_compact_json"], hex, "{name}");
    }
}

/// FNV-1a over all fields, as text between bars.
fn checksum(rows: &Rows) -> u64 {
    let mut text = String::new();
    for c in &rows.customers {
        write!(
            text,
            "{}|{}|{}|{}|{}|",
            c.id, c.name, c.email, c.city, c.country
        )
        .unwrap();
        write!(text, "{}|{}|", c.is_premium, c.created_at).unwrap();
    }
    for c in &rows.categories {
        write!(text, "{}|{}|{:?}|", c.id, c.name, c.parent_id).unwrap();
    }
    for p in &rows.products {
        write!(
            text,
            "{}|{}|{}|{:?}|{}|",
            p.id, p.name, p.price, p.rating, p.stock
        )
        .unwrap();
        write!(text, "{}|{}|{}|", p.is_active, p.created_at, p.category_id).unwrap();
    }
    for o in &rows.orders {
        write!(
            text,
            "{}|{}|{}|{}|",
            o.id, o.status, o.created_at, o.customer_id
        )
        .unwrap();
    }
    for i in &rows.order_items {
        write!(
            text,
            "{}|{}|{}|{}|{}|",
            i.id, i.quantity, i.unit_price, i.order_id, i.product_id
        )
        .unwrap();
    }
    write!(text, "{}", rows.now).unwrap();
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[test]
fn each_size_has_its_counts_and_its_checksum() {
    let facts = |size, seed| {
        let rows = generate_from(size, seed);
        (
            rows.customers.len(),
            rows.products.len(),
            rows.categories.len(),
            rows.orders.len(),
            rows.order_items.len(),
            civil(rows.now),
            format!("{:016x}", checksum(&rows)),
        )
    };
    let fact =
        |a, b, c, d, e, now: &str, sum: &str| (a, b, c, d, e, now.to_owned(), sum.to_owned());
    assert_eq!(
        [
            facts(Size::Small, SEED),
            facts(Size::Small, ALT_SEED),
            facts(Size::Medium, SEED),
            facts(Size::Medium, ALT_SEED),
            facts(Size::Large, SEED),
        ],
        [
            fact(
                12,
                24,
                5,
                60,
                144,
                "2026-03-01T12:00:00Z",
                "4021ab35bd7b39f8"
            ),
            fact(
                12,
                24,
                5,
                60,
                141,
                "2026-03-01T12:00:00Z",
                "f17b7131eed67315"
            ),
            fact(
                1_000,
                500,
                12,
                10_000,
                30_671,
                "2026-03-01T00:00:00Z",
                "57183b156ea27ce4"
            ),
            fact(
                1_000,
                500,
                12,
                10_000,
                30_686,
                "2026-03-01T00:00:00Z",
                "127cc4413ca7fa2d"
            ),
            fact(
                10_000,
                2_000,
                12,
                100_000,
                306_729,
                "2026-03-01T00:00:00Z",
                "073abe520a0c35e4"
            ),
        ]
    );
}

#[test]
fn grown_data_keeps_the_rules_of_the_tables() {
    let rows = generate(Size::Medium);
    let unique = |mut keys: Vec<String>| {
        let all = keys.len();
        keys.sort();
        keys.dedup();
        keys.len() == all
    };
    assert!(unique(
        rows.customers.iter().map(|c| c.email.to_string()).collect()
    ));
    assert!(unique(
        rows.order_items
            .iter()
            .map(|i| format!("{} {}", i.order_id, i.product_id))
            .collect()
    ));
    let mut last = 0;
    for order in &rows.orders {
        let customer = &rows.customers[order.customer_id as usize - 1];
        assert!(customer.created_at <= order.created_at);
        assert!(last <= order.created_at && order.created_at < rows.now);
        last = order.created_at;
    }
    for item in &rows.order_items {
        let product = &rows.products[item.product_id as usize - 1];
        let order = &rows.orders[item.order_id as usize - 1];
        assert!(product.created_at <= order.created_at);
        assert!(item.quantity >= 1 && 0 < item.unit_price && item.unit_price <= product.price);
    }
}

#[test]
fn grown_data_has_the_shapes_that_lessons_need() {
    let rows = generate(Size::Medium);
    let buyers: HashSet<i64> = rows.orders.iter().map(|o| o.customer_id).collect();
    let sold: HashSet<i64> = rows.order_items.iter().map(|i| i.product_id).collect();
    let filled: HashSet<i64> = rows.order_items.iter().map(|i| i.order_id).collect();
    let without_orders = rows.customers.len() - buyers.len();
    assert!((20..300).contains(&without_orders), "{without_orders}");
    assert!(sold.len() < rows.products.len());
    assert!(filled.len() < rows.orders.len());
    let cancelled = rows
        .orders
        .iter()
        .filter(|o| o.status == "cancelled")
        .count();
    assert!((500..1_100).contains(&cancelled), "{cancelled}");
    let unrated = rows.products.iter().filter(|p| p.rating.is_none()).count();
    assert!((20..100).contains(&unrated), "{unrated}");
    let times: HashSet<i64> = rows.orders.iter().map(|o| o.created_at).collect();
    assert!(times.len() < rows.orders.len());
    let mut counts = vec![0; rows.customers.len()];
    for order in &rows.orders {
        counts[order.customer_id as usize - 1] += 1;
    }
    assert!(counts.iter().max().unwrap() > &25);
    let names: HashSet<&str> = rows.customers.iter().map(|c| &*c.name).collect();
    assert!(names.len() < rows.customers.len());
}

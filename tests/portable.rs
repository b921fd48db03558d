//! What must come out alike natively and in the worker, where `usize` has 32 bits and there is no
//! clock, no file and no thread. `./dev test` runs this file on both targets.

use marketplace_analytics::market::seed::{Size, generate};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn the_small_data_set_earns_what_the_fixture_earns() {
    let cents: i64 = generate(Size::Small)
        .order_items
        .iter()
        .map(|item| item.quantity * item.unit_price)
        .sum();
    assert_eq!(cents, 8_297_925);
}

#[test]
fn the_medium_data_set_is_the_same_row_for_row() {
    let fold = format!("{:?}", generate(Size::Medium))
        .bytes()
        .fold(0_u64, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(u64::from(byte))
        });
    assert_eq!(fold, 17_540_553_482_770_954_353);
}

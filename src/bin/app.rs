//! The page.

fn main() {
    marketplace_analytics::ui::start();
}

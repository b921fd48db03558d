//! The worker that holds the database.

fn main() {
    marketplace_analytics::worker::start();
}

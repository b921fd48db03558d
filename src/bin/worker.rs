//! The worker that holds the database.

fn main() {}

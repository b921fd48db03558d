//! GlueSQL's own suite over our storage: what its traits promise holds.

#![cfg(not(target_family = "wasm"))]

use gluesql_core::prelude::Glue;
use gluesql_test_suite::*;
use marketplace_analytics::engine::glue::GlueStore;

struct OverOurStorage {
    glue: Glue<GlueStore>,
}

impl Tester<GlueStore> for OverOurStorage {
    fn new(_: &str) -> Self {
        Self {
            glue: Glue::new(GlueStore::default()),
        }
    }

    fn get_glue(&mut self) -> &mut Glue<GlueStore> {
        &mut self.glue
    }
}

generate_store_tests!(test, OverOurStorage);
generate_alter_table_tests!(test, OverOurStorage);
generate_index_tests!(test, OverOurStorage);
generate_transaction_tests!(test, OverOurStorage);
generate_alter_table_index_tests!(test, OverOurStorage);
generate_transaction_alter_table_tests!(test, OverOurStorage);
generate_transaction_index_tests!(test, OverOurStorage);
generate_custom_function_tests!(test, OverOurStorage);

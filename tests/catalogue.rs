//! `models.py` gives the catalogue that Rust uses: where no model is known yet, the shell that runs
//! it makes the same models and the same tables.

use marketplace_analytics::engine::Database;
use marketplace_analytics::market::catalogue::{Catalogue, Model, marketplace};
use marketplace_analytics::orm::schema::create_model;
use marketplace_analytics::session::Local;
use marketplace_analytics::shell::Interpreter;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// The catalogue that the Python files make of an empty one, over an empty database.
fn written_in_python() -> Result<Arc<Catalogue>, String> {
    let database = Rc::new(RefCell::new(Database::new()));
    let local = Rc::new(RefCell::new(Local::new(database, || 0.0)));
    let mut vm = Interpreter::new();
    let added = vm.add_django(local, Arc::new(Catalogue::default()));
    added.map_err(|raised| vm.failure(&raised).traceback)?;
    let django = vm.django();
    let django = django.map_err(|raised| vm.failure(&raised).traceback)?;
    Ok(django.catalogue())
}

/// All that a model says, a line a field.
fn lines(model: &Model) -> Vec<String> {
    let fields = model.fields.iter().map(|field| format!("{field:?}"));
    let options = Model {
        fields: Vec::new(),
        ..model.clone()
    };
    fields.chain([format!("{options:?}")]).collect()
}

/// The tables as `migrate` makes them.
fn tables(catalogue: &Arc<Catalogue>) -> Vec<String> {
    let models = catalogue.models().iter();
    let statements = models.flat_map(|model| create_model(catalogue, model).expect("a table"));
    statements.map(|it| it.sql().text()).collect()
}

#[test]
fn models_py_gives_the_catalogue_of_rust() {
    // Unoptimised code needs more stack than a test's thread has.
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(|| {
        let python = written_in_python().unwrap_or_else(|traceback| panic!("{traceback}"));
        let rust = Arc::new(marketplace());
        let names = |catalogue: &Catalogue| {
            let models = catalogue.models().iter();
            models.map(|model| model.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(names(&python), names(&rust));
        for (python, rust) in python.models().iter().zip(rust.models()) {
            assert_eq!(lines(python), lines(rust), "{}", rust.name);
        }
        for model in rust.models() {
            assert_eq!(
                python.reverse_relations(&model.name),
                rust.reverse_relations(&model.name),
                "{}",
                model.name
            );
        }
        assert_eq!(tables(&python), tables(&rust));
    });
    let joined = thread.expect("a thread").join();
    assert!(joined.is_ok(), "the catalogues differ");
}

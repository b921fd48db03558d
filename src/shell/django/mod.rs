//! Django in the shell: binds the ORM to Python's names.
//!
//! Python code sees classes and instances; behind each stands a value of `orm`: an expression, a
//! queryset, a row. Nothing here knows SQL: it converts values (`convert`), calls the ORM, and
//! raises what it refuses as Django's exceptions (`errors`).

mod checks;
mod convert;
mod custom;
mod definition;
mod errors;
mod expression;
mod field;
mod lookup;
mod manager;
mod many;
mod migrate;
mod model;
mod names;
mod neighbour;
mod operators;
mod options;
mod queryset;
mod raw;
mod recorded;
mod rows;
mod shortcuts;
mod transaction;
mod validation;

pub(super) use field::{ABSENT as ABSENT_FIELDS, CLASSES as FIELD_CLASSES};
pub(super) use queryset::REFUSED as REFUSED_METHODS;
pub use recorded::{Outside, Recording};
pub use rows::{Rows, plain_value, raw_rows, rows};

use super::interpret::Interpreter;
use super::value::{Class, Module, Object, PyResult, TimeZone};
use crate::market::catalogue::Catalogue;
use crate::orm::Connection;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// The marketplace's own Python files, which the shell itself runs.
const MODELS: &str = include_str!("../../market/python/models.py");
const QUERYSETS: &str = include_str!("../../market/python/querysets.py");
const SERVICES: &str = include_str!("../../market/python/services.py");

/// What Django needs at run time.
pub struct Django {
    /// Runs the statements.
    connection: RefCell<recorded::Recorded>,
    catalogue: RefCell<Arc<Catalogue>>,
    /// The Python classes of the models, by name.
    models: RefCell<BTreeMap<String, Rc<Class>>>,
    /// The models that were typed, by name.
    learned: RefCell<BTreeMap<String, migrate::Learned>>,
    /// Classes made once: expressions, managers, rows of named tuples.
    classes: RefCell<BTreeMap<String, Rc<Class>>>,
    /// The zones of `timezone.override`, innermost last.
    zones: RefCell<Vec<Rc<TimeZone>>>,
    /// What `transaction.on_commit()` put off, each with the number of blocks around it.
    on_commit: RefCell<Vec<(usize, Object)>>,
}

impl Django {
    /// The statements that ran since the last call, transaction control among them.
    pub fn take_recordings(&self) -> Vec<Rc<Recording>> {
        self.connection.borrow_mut().take_recent()
    }

    /// How many statements have run and were not taken yet.
    pub fn recorded(&self) -> usize {
        self.connection.borrow().recent_count()
    }

    /// Readies the connection for code that starts. A model that was typed lives as long as its
    /// table, which SQL may have dropped or a rollback undone.
    pub fn begin(&self, outside: Outside) {
        self.connection.borrow_mut().begin(outside);
        self.on_commit.borrow_mut().clear();
        self.forget_dropped();
    }

    /// Rolls back the `atomic()` blocks that code has left open.
    pub fn unwind(&self, outside: Outside) {
        self.connection.borrow_mut().unwind(outside);
    }

    /// The models as they are now.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.catalogue.borrow().clone()
    }

    fn class(&self, name: &str) -> Option<Rc<Class>> {
        self.classes.borrow().get(name).cloned()
    }

    /// The Python class of a model.
    pub fn model_class(&self, name: &str) -> Option<Rc<Class>> {
        self.models.borrow().get(name).cloned()
    }
}

impl Interpreter {
    /// Adds Django over a connection: its modules, and the marketplace's models, querysets and
    /// services.
    ///
    /// # Errors
    /// What running the marketplace's Python files raises.
    pub fn add_django(
        &mut self,
        connection: Rc<RefCell<dyn Connection>>,
        catalogue: Arc<Catalogue>,
    ) -> PyResult<()> {
        self.now = connection.borrow().now();
        let django = Django {
            connection: RefCell::new(recorded::Recorded::new(connection)),
            catalogue: RefCell::new(catalogue),
            models: RefCell::default(),
            learned: RefCell::default(),
            classes: RefCell::default(),
            zones: RefCell::default(),
            on_commit: RefCell::default(),
        };
        self.host = Some(Rc::new(django));
        names::install(self)?;
        self.begin();
        for (name, file, text) in [
            (
                "marketplace.querysets",
                "marketplace/querysets.py",
                QUERYSETS,
            ),
            ("marketplace.models", "marketplace/models.py", MODELS),
            ("marketplace.services", "marketplace/services.py", SERVICES),
        ] {
            self.load(name, file, text)?;
        }
        Ok(())
    }

    /// The names that are there without an import: the models, the services, and what
    /// `manage.py shell` and the lessons use.
    ///
    /// # Errors
    /// A module is not there.
    pub fn django_names(&mut self) -> PyResult<Vec<(Rc<str>, Object)>> {
        let mut names = Vec::new();
        for module in [
            "django.db.models.functions",
            "django.db.models",
            "marketplace.services",
            "marketplace.models",
        ] {
            let module: Rc<Module> = self.module(module)?;
            let found = module.names.borrow();
            names.extend(
                found
                    .iter()
                    .filter(|(name, it)| !name.starts_with('_') && !matches!(it, Object::Module(_)))
                    .map(|(name, value)| (name.clone(), value.clone())),
            );
        }
        for (module, name) in [
            ("decimal", "Decimal"),
            ("datetime", "date"),
            ("datetime", "datetime"),
            ("datetime", "time"),
            ("datetime", "timedelta"),
            ("datetime", "UTC"),
            ("zoneinfo", "ZoneInfo"),
            ("django.utils", "timezone"),
            ("django.db", "transaction"),
            ("django.db", "connection"),
            ("django.db", "models"),
            ("django.db", "IntegrityError"),
            ("django.db.models", "prefetch_related_objects"),
        ] {
            let module = self.module(module)?;
            let value = module.names.borrow().get(name).cloned();
            if let Some(value) = value {
                names.push((name.into(), value));
            }
        }
        let now = convert::moment(self.now);
        names.push(("NOW".into(), now));
        Ok(names)
    }

    /// Django, which `add_django` added.
    ///
    /// # Errors
    /// `RuntimeError` when it was not.
    pub fn django(&self) -> PyResult<Rc<Django>> {
        self.host
            .clone()
            .and_then(|host| host.downcast::<Django>().ok())
            .ok_or_else(|| self.error("RuntimeError", "Django is not set up"))
    }
}

/// The row behind a model instance; `None` for any other object.
pub fn row(object: &Object) -> Option<crate::orm::Instance> {
    queryset::model_instance(object)
}

/// Whether an object is a queryset, whose rows are read when it is iterated.
pub fn is_queryset(object: &Object) -> bool {
    queryset::is_queryset(object)
}

/// Whether an object is what `raw()` gives, which is read when it is iterated too.
pub fn is_raw(object: &Object) -> bool {
    raw::is_raw(object)
}

/// What an object gives rows of, as far as that can be told without reading any.
pub enum Table {
    /// A queryset or a manager.
    Rows {
        /// The model of its rows.
        model: String,
        /// The class of the object.
        class: Rc<Class>,
    },
    /// A model instance.
    Row {
        /// Its model.
        model: String,
    },
}

/// Whether an object is a queryset, a manager (also as it stands in its model's class) or a
/// model instance.
pub fn table_of(object: &Object) -> Option<Table> {
    if let Some(row) = row(object) {
        return Some(Table::Row {
            model: row.model().name.clone(),
        });
    }
    let object = manager::in_class(object).unwrap_or_else(|| object.clone());
    let model = queryset::model_of(&object).or_else(|| {
        let class = manager::state(&object)?.model.borrow().clone()?;
        Some(class.name.to_string())
    })?;
    let class = object.as_instance()?.class.clone();
    Some(Table::Rows { model, class })
}

/// A stored value or annotation as a Python object.
///
/// # Errors
/// `RuntimeError` when Django is not set up.
pub fn python_value(vm: &mut Interpreter, operand: &crate::orm::Operand) -> PyResult {
    convert::from_operand(vm, operand)
}

/// What an attribute that is no field holds.
///
/// # Errors
/// `RuntimeError` when Django is not set up.
pub fn python_attribute(vm: &mut Interpreter, attribute: &crate::orm::Attribute) -> PyResult {
    queryset::attribute(vm, attribute)
}

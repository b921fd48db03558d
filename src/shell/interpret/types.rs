//! The builtin classes.

use crate::shell::syntax::ast::Name;
use crate::shell::value::{Class, Namespace, Object, TimeZone, class::linearise};
use indexmap::IndexMap;
use std::cell::RefCell;
use std::rc::Rc;

macro_rules! types {
    ($root:ident; $($field:ident = $name:literal in $module:literal : $base:ident;)*) => {
        /// The builtin classes, and the exceptions by name.
        pub struct Types {
            /// `object`
            pub $root: Rc<Class>,
            $(
                #[doc = concat!("`", $name, "`")]
                pub $field: Rc<Class>,
            )*
            exceptions: RefCell<IndexMap<Name, Rc<Class>>>,
        }

        impl Types {
            /// The builtin classes without their methods, and the exceptions.
            pub fn new() -> Self {
                let $root = make("object", "builtins", &[]);
                $(let $field = make($name, $module, &[&$base]);)*
                let exceptions = RefCell::default();
                let types = Self { $root, $($field,)* exceptions };
                types.add_exceptions();
                types
            }
        }
    };
}

types! {
    object;
    type_ = "type" in "builtins": object;
    none = "NoneType" in "builtins": object;
    not_implemented = "NotImplementedType" in "builtins": object;
    ellipsis = "ellipsis" in "builtins": object;
    int = "int" in "builtins": object;
    bool = "bool" in "builtins": int;
    float = "float" in "builtins": object;
    str = "str" in "builtins": object;
    list = "list" in "builtins": object;
    tuple = "tuple" in "builtins": object;
    dict = "dict" in "builtins": object;
    set = "set" in "builtins": object;
    frozenset = "frozenset" in "builtins": object;
    range = "range" in "builtins": object;
    slice = "slice" in "builtins": object;
    function = "function" in "builtins": object;
    builtin = "builtin_function_or_method" in "builtins": object;
    method = "method" in "builtins": object;
    module = "module" in "builtins": object;
    property = "property" in "builtins": object;
    static_method = "staticmethod" in "builtins": object;
    class_method = "classmethod" in "builtins": object;
    super_ = "super" in "builtins": object;
    iterator = "iterator" in "builtins": object;
    generator = "generator" in "builtins": iterator;
    zip = "zip" in "builtins": iterator;
    map = "map" in "builtins": iterator;
    filter = "filter" in "builtins": iterator;
    enumerate = "enumerate" in "builtins": iterator;
    reversed = "reversed" in "builtins": iterator;
    decimal = "Decimal" in "decimal": object;
    date = "date" in "datetime": object;
    datetime = "datetime" in "datetime": date;
    time = "time" in "datetime": object;
    timedelta = "timedelta" in "datetime": object;
    tzinfo = "tzinfo" in "datetime": object;
    timezone = "timezone" in "datetime": tzinfo;
    zoneinfo = "ZoneInfo" in "zoneinfo": tzinfo;
}

/// The builtin exceptions with their bases (Python library reference, "Exception hierarchy").
const EXCEPTIONS: [(&str, &str); 38] = [
    ("Exception", "BaseException"),
    ("KeyboardInterrupt", "BaseException"),
    ("SystemExit", "BaseException"),
    // Ours: code that ran into its budget. Not an Exception, so that no handler keeps it alive.
    ("BudgetExceeded", "BaseException"),
    ("ArithmeticError", "Exception"),
    ("OverflowError", "ArithmeticError"),
    ("ZeroDivisionError", "ArithmeticError"),
    ("AssertionError", "Exception"),
    ("AttributeError", "Exception"),
    ("EOFError", "Exception"),
    ("ImportError", "Exception"),
    ("ModuleNotFoundError", "ImportError"),
    ("LookupError", "Exception"),
    ("IndexError", "LookupError"),
    ("KeyError", "LookupError"),
    ("MemoryError", "Exception"),
    ("NameError", "Exception"),
    ("UnboundLocalError", "NameError"),
    ("OSError", "Exception"),
    ("RuntimeError", "Exception"),
    ("NotImplementedError", "RuntimeError"),
    ("RecursionError", "RuntimeError"),
    ("StopIteration", "Exception"),
    ("SyntaxError", "Exception"),
    ("IndentationError", "SyntaxError"),
    ("SystemError", "Exception"),
    ("TypeError", "Exception"),
    ("ValueError", "Exception"),
    ("UnicodeError", "ValueError"),
    ("Warning", "Exception"),
    ("DeprecationWarning", "Warning"),
    ("RuntimeWarning", "Warning"),
    ("UserWarning", "Warning"),
    ("DecimalException", "ArithmeticError"),
    ("InvalidOperation", "DecimalException"),
    ("DivisionByZero", "DecimalException"),
    ("DivisionUndefined", "InvalidOperation"),
    ("Overflow", "DecimalException"),
];

fn make(name: &str, module: &str, bases: &[&Rc<Class>]) -> Rc<Class> {
    class(name, module, bases.iter().map(|it| (*it).clone()).collect())
}

/// A class written in Rust; its bases have an order.
pub(crate) fn class(name: &str, module: &str, bases: Vec<Rc<Class>>) -> Rc<Class> {
    Rc::new(Class {
        name: name.into(),
        qualified: name.into(),
        module: module.into(),
        ancestors: linearise(&bases).unwrap_or_default(),
        meta: bases.iter().find_map(|base| base.meta.clone()),
        bases,
        attributes: Namespace::default(),
    })
}

impl Default for Types {
    fn default() -> Self {
        Self::new()
    }
}

impl Types {
    /// A class written in Rust; its bases have an order.
    pub fn class(name: &str, module: &str, bases: &[&Rc<Class>]) -> Rc<Class> {
        make(name, module, bases)
    }

    fn add_exceptions(&self) {
        let base = class("BaseException", "builtins", vec![self.object.clone()]);
        self.exceptions
            .borrow_mut()
            .insert("BaseException".into(), base);
        for (name, base) in EXCEPTIONS {
            let mut bases = vec![self.exception(base)];
            let module = match name {
                "DecimalException" | "InvalidOperation" | "Overflow" => "decimal",
                "DivisionByZero" | "DivisionUndefined" => {
                    bases.push(self.exception("ZeroDivisionError"));
                    "decimal"
                }
                _ => "builtins",
            };
            let made = class(name, module, bases);
            self.exceptions.borrow_mut().insert(name.into(), made);
        }
    }

    /// An exception class by its name; `Exception` for a name that is not there.
    pub fn exception(&self, name: &str) -> Rc<Class> {
        let exceptions = self.exceptions.borrow();
        exceptions
            .get(name)
            .or_else(|| exceptions.get("Exception"))
            .or_else(|| exceptions.get("BaseException"))
            .unwrap_or(&self.object)
            .clone()
    }

    /// Adds an exception class of a module, so that Rust can raise it by its name.
    pub fn add_exception(&self, name: &str, module: &str, bases: &[&str]) -> Rc<Class> {
        let bases = bases.iter().map(|base| self.exception(base)).collect();
        let made = class(name, module, bases);
        self.exceptions
            .borrow_mut()
            .insert(name.into(), made.clone());
        made
    }

    /// The builtin exceptions, for the builtin names.
    pub fn builtin_exceptions(&self) -> Vec<Rc<Class>> {
        let exceptions = self.exceptions.borrow();
        exceptions
            .values()
            .filter(|class| &*class.module == "builtins" && &*class.name != "BudgetExceeded")
            .cloned()
            .collect()
    }

    /// The class of an object.
    pub fn class_of(&self, value: &Object) -> Rc<Class> {
        match value {
            Object::None => &self.none,
            Object::NotImplemented => &self.not_implemented,
            Object::Ellipsis => &self.ellipsis,
            Object::Bool(_) => &self.bool,
            Object::Int(_) => &self.int,
            Object::Float(_) => &self.float,
            Object::Decimal(_) => &self.decimal,
            Object::Str(_) => &self.str,
            Object::List(_) => &self.list,
            Object::Tuple(_) => &self.tuple,
            Object::Dict(_) => &self.dict,
            Object::Set(_) => &self.set,
            Object::FrozenSet(_) => &self.frozenset,
            Object::Range(_) => &self.range,
            Object::Slice(_) => &self.slice,
            Object::Date(_) => &self.date,
            Object::DateTime(_) => &self.datetime,
            Object::Time(_) => &self.time,
            Object::TimeDelta(_) => &self.timedelta,
            Object::TimeZone(zone) => match **zone {
                TimeZone::Fixed(..) => &self.timezone,
                TimeZone::Place(..) => &self.zoneinfo,
            },
            Object::Iterator(iterator) => match iterator.kind {
                "generator" => &self.generator,
                "zip" => &self.zip,
                "map" => &self.map,
                "filter" => &self.filter,
                "enumerate" => &self.enumerate,
                "reversed" => &self.reversed,
                _ => &self.iterator,
            },
            Object::Function(_) => &self.function,
            Object::Native(_) => &self.builtin,
            Object::Method(_) => &self.method,
            Object::Class(_) => &self.type_,
            Object::Instance(instance) => &instance.class,
            Object::Module(_) => &self.module,
            Object::Descriptor(_) => &self.property,
            Object::StaticMethod(_) => &self.static_method,
            Object::ClassMethod(_) => &self.class_method,
            Object::Super(_) => &self.super_,
        }
        .clone()
    }
}

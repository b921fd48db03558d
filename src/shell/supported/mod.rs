//! What the shell and the ORM support, from the catalogues that they themselves use: the names of
//! the running interpreter, the ORM's lookups and functions, the paragraphs of `documentation.txt`.
//!
//! `docs/django.md` is made of it.

mod examples;

use super::assist::{Entry, entries, entry};
use super::django::{ABSENT_FIELDS, FIELD_CLASSES};
use super::interpret::Interpreter;
use super::value::{Class, Object};
use crate::market::catalogue::{Catalogue, FieldKind};
use crate::orm::lookups::{LookupKind, TRANSFORMS, transform};
use std::collections::BTreeSet;
use std::rc::Rc;

pub use examples::{Difference, Feature, Refusal};

/// All that there is.
pub struct Supported {
    /// The forms of Python, each with an example that runs.
    pub syntax: &'static [Feature],
    /// What is refused by name, each with an example that is.
    pub refused: &'static [Refusal],
    /// Where an answer is another than Django's.
    pub differences: &'static [Difference],
    /// The models, their tables and their fields.
    pub models: Vec<ModelEntry>,
    /// The classes of fields.
    pub fields: Vec<String>,
    /// Names with what they do: querysets, managers, instances, expressions and functions.
    pub groups: Vec<Group>,
    /// The lookups.
    pub lookups: Vec<LookupEntry>,
    /// Transforms, each with the classes of the fields that have it.
    pub transforms: Vec<(&'static str, Vec<&'static str>)>,
    /// The builtin functions and types.
    pub builtins: Vec<String>,
    /// The builtin exceptions.
    pub exceptions: Vec<String>,
    /// The methods of the builtin types.
    pub methods: Vec<(String, Vec<String>)>,
    /// The modules that can be imported, with their names.
    pub modules: Vec<(String, Vec<String>)>,
}

/// A model.
pub struct ModelEntry {
    /// Its class.
    pub name: String,
    /// Its table.
    pub table: String,
    /// Each field with its class.
    pub fields: Vec<(String, &'static str)>,
}

/// Names of one kind.
pub struct Group {
    /// What they are.
    pub title: &'static str,
    /// The names, each with what it does.
    pub names: Vec<Described>,
}

/// A name.
pub struct Described {
    /// Name and arguments.
    pub title: String,
    /// What it does; empty where `documentation.txt` has no paragraph for it.
    pub text: &'static str,
}

/// A lookup.
pub struct LookupEntry {
    /// As a path ends: `gte`.
    pub name: &'static str,
    /// Its class in `django.db.models.lookups`.
    pub class: &'static str,
    /// When it holds.
    pub text: &'static str,
}

/// What this interpreter supports; Django has been added to it.
pub fn supported(vm: &Interpreter) -> Supported {
    let (mut builtins, mut exceptions) = (Vec::new(), Vec::new());
    let base = vm.types.exception("BaseException");
    let refused: BTreeSet<&str> = super::builtins::REFUSED.iter().map(|it| it.0).collect();
    for (name, value) in vm.builtins.borrow().iter() {
        match value {
            _ if name.starts_with('_') || refused.contains(&**name) => {}
            Object::Class(class) if class.is_subclass(&base) => exceptions.push(name.to_string()),
            _ => builtins.push(name.to_string()),
        }
    }
    builtins.sort();
    exceptions.sort();
    let types = [
        &vm.types.str,
        &vm.types.int,
        &vm.types.float,
        &vm.types.list,
        &vm.types.tuple,
        &vm.types.dict,
        &vm.types.set,
    ];
    let methods = types.map(|class| (class.name.to_string(), public(class)));
    let modules = vm.modules.iter().map(|(name, module)| {
        let names = module.names.borrow();
        let absent = |name: &str| ABSENT_FIELDS.iter().any(|(known, _)| *known == name);
        let names = names
            .keys()
            .filter(|name| !name.starts_with('_') && !absent(name));
        let mut names: Vec<String> = names.map(|name| name.to_string()).collect();
        names.sort();
        (name.clone(), names)
    });
    let catalogue = vm.django().map(|django| django.catalogue());
    Supported {
        syntax: examples::SYNTAX,
        refused: examples::REFUSED,
        differences: examples::DIFFERENCES,
        models: catalogue.map_or_else(|_| Vec::new(), |it| models(&it)),
        fields: FIELD_CLASSES
            .iter()
            .filter(|name| !["Field", "JSONField"].contains(name))
            .map(|name| (*name).to_owned())
            .collect(),
        groups: groups(vm),
        lookups: lookups(),
        transforms: transforms(),
        builtins,
        exceptions,
        methods: methods.to_vec(),
        modules: modules.filter(|(_, names)| !names.is_empty()).collect(),
    }
}

fn models(catalogue: &Catalogue) -> Vec<ModelEntry> {
    let entry = |model: &std::sync::Arc<crate::market::catalogue::Model>| ModelEntry {
        name: model.name.clone(),
        table: model.db_table.clone(),
        fields: model
            .fields
            .iter()
            .map(|field| (field.name.clone(), field.kind.class_name()))
            .collect(),
    };
    catalogue.models().iter().map(entry).collect()
}

/// The names of a class and of those that it stands on, sorted.
fn public(class: &Rc<Class>) -> Vec<String> {
    let mut names = BTreeSet::new();
    for class in class.lineage() {
        let attributes = class.attributes.borrow();
        let own = attributes.keys().filter(|name| !name.starts_with('_'));
        names.extend(own.map(|name| name.to_string()));
    }
    names.into_iter().collect()
}

fn groups(vm: &Interpreter) -> Vec<Group> {
    let refused: BTreeSet<&str> = super::django::REFUSED_METHODS.iter().copied().collect();
    let class = |module: &str, name: &str| {
        let module = vm.modules.get(module)?;
        match module.names.borrow().get(name) {
            Some(Object::Class(class)) => Some(class.clone()),
            _ => None,
        }
    };
    let models = "django.db.models";
    let members = |names: Vec<String>, owners: &[&str]| -> Vec<Described> {
        let names = names.into_iter().filter(|it| !refused.contains(&**it));
        names.map(|name| described(&name, owners)).collect()
    };
    let of_class = |name: &str, owners: &[&str]| {
        let names = class(models, name).map_or_else(Vec::new, |it| public(&it));
        members(names, owners)
    };
    // The manager answers for every method of its querysets besides.
    let queryset = of_class("QuerySet", &["QuerySet"]);
    let manager = of_class("Manager", &["BaseManager", "QuerySet"]);
    let instance = of_class("Model", &["Model"]);
    let mut names: BTreeSet<String> = BTreeSet::new();
    for module in [models, "django.db.models.functions"] {
        let Some(module) = vm.modules.get(module) else {
            continue;
        };
        let expression = class(models, "Expression");
        for (name, value) in module.names.borrow().iter() {
            let Object::Class(class) = value else {
                continue;
            };
            let is_expression = expression.as_ref().is_some_and(|it| class.is_subclass(it));
            if is_expression && !name.starts_with('_') {
                names.insert(name.to_string());
            }
        }
    }
    let others = [
        "FilteredRelation",
        "Prefetch",
        "RowRange",
        "ValueRange",
        "WindowFrame",
    ];
    names.extend(others.map(str::to_owned));
    let functions = vm.modules.get("django.db.models.functions");
    let is_function = |name: &str| {
        let held = functions.is_some_and(|it| it.names.borrow().contains_key(name));
        held && crate::orm::aggregates::kind(name).is_none()
    };
    let mut groups = vec![
        Group {
            title: "Methods of querysets",
            names: queryset,
        },
        Group {
            title: "Methods of managers",
            names: manager,
        },
        Group {
            title: "Methods of managers of a many-to-many relation",
            names: entries_of("ManyRelatedManager."),
        },
        Group {
            title: "Methods of instances",
            names: instance,
        },
    ];
    let kind = |name: &str| {
        if crate::orm::aggregates::kind(name).is_some() {
            "Aggregates"
        } else if is_function(name) {
            "Functions"
        } else {
            "Expressions"
        }
    };
    for title in ["Expressions", "Aggregates", "Functions"] {
        let names = names.iter().filter(|name| kind(name) == title);
        let names = names.map(|name| described(name, &[])).collect();
        groups.push(Group { title, names });
    }
    groups.push(Group {
        title: "Services",
        names: entries()
            .filter(|entry| entry.name.starts_with("get_"))
            .map(|Entry { title, text, .. }| Described {
                title: title.to_owned(),
                text,
            })
            .collect(),
    });
    groups
}

/// The methods of a class that is made anew for each relation, by their paragraphs.
fn entries_of(prefix: &str) -> Vec<Described> {
    let found = entries().filter_map(|Entry { title, text, .. }| {
        let title = title.strip_prefix(prefix)?.to_owned();
        Some(Described { title, text })
    });
    found.collect()
}

/// A name with its paragraph: its own, or that of the first class that has one of this name.
fn described(name: &str, owners: &[&str]) -> Described {
    let own = owners.is_empty().then(|| entry(name)).flatten();
    let found = own.or_else(|| {
        let mut owners = owners.iter();
        owners.find_map(|owner| entry(&format!("{owner}.{name}")))
    });
    match found {
        Some(entry) => Described {
            title: match entry.title.split_once('.') {
                Some((_, title)) if !owners.is_empty() => title.to_owned(),
                _ => entry.title.to_owned(),
            },
            text: entry.text,
        },
        None => Described {
            title: name.to_owned(),
            text: "",
        },
    }
}

fn lookups() -> Vec<LookupEntry> {
    let kinds = LookupKind::ALL.iter().filter(|it| it.is_named());
    let entry = |kind: &LookupKind| LookupEntry {
        name: kind.name(),
        class: kind.class_name(),
        text: kind.description(),
    };
    kinds.map(entry).collect()
}

fn transforms() -> Vec<(&'static str, Vec<&'static str>)> {
    let kinds = [FieldKind::Date, FieldKind::DateTime, FieldKind::Time];
    let of = |name: &'static str| {
        let kinds = kinds.iter().filter(|kind| transform(kind, name).is_some());
        (name, kinds.map(FieldKind::class_name).collect())
    };
    TRANSFORMS.iter().copied().map(of).collect()
}

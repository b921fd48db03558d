//! A model as data, from its class: fields, `Meta`, and what comes from abstract bases.

use super::convert::to_operand;
use super::field::{Target, Written, not_a_model, written};
use super::many;
use crate::base::Value;
use crate::market::catalogue::{Condition, Constraint, Field, Index, Model};
use crate::orm::expressions::PlainValue;
use crate::orm::schema::default_index_name;
use crate::orm::{Connector, Expr, Operand, Q, QChild};
use crate::shell::interpret::Interpreter;
use crate::shell::value::{Class, Object, PyResult};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// The application of every model that is typed.
pub(super) const APP: &str = "marketplace";

/// What a class says of its model.
pub(super) enum Definition {
    /// A base of other models, without a table.
    Abstract,
    /// Another class over the table of this one.
    Proxy(Rc<Class>),
    /// A model with a table of its own.
    Model(Box<Defined>),
}

/// A model, and what of its fields is Python's.
pub(super) struct Defined {
    /// As data.
    pub model: Model,
    /// Defaults that are called, by attribute name.
    pub defaults: BTreeMap<String, Object>,
    /// Validators that are functions, by the field's name.
    pub validators: BTreeMap<String, Vec<Object>>,
    /// The models between that its many-to-many relations make.
    pub between: Vec<Model>,
}

/// Reads a class of a model.
///
/// # Errors
/// What Django refuses of a field or of `Meta`, and what is not supported here.
pub(super) fn read(vm: &mut Interpreter, class: &Rc<Class>) -> PyResult<Definition> {
    let meta = MetaClass::of(class);
    meta.check(vm)?;
    if meta.is_abstract(vm)? {
        return Ok(Definition::Abstract);
    }
    let django = vm.django()?;
    let concrete = class
        .ancestors
        .iter()
        .find(|base| {
            let known = django.model_class(&base.name);
            known.is_some_and(|known| Rc::ptr_eq(&known, base))
        })
        .cloned();
    if meta.is_true(vm, "proxy")? {
        return match concrete {
            Some(of) => Ok(Definition::Proxy(of)),
            None => {
                let message = format!(
                    "Proxy model '{}' has no non-abstract model base class.",
                    class.name
                );
                Err(vm.type_error(message))
            }
        };
    }
    if let Some(base) = concrete {
        let message = format!(
            "not supported here: {} inherits from {}, which has a table of its own; use \
             Meta.proxy, an abstract base, or a OneToOneField",
            class.name, base.name
        );
        return Err(vm.error("NotImplementedError", &message));
    }
    let mut fields = Vec::new();
    let mut defaults = BTreeMap::new();
    let mut validators = BTreeMap::new();
    let mut relations = Vec::new();
    for (name, written) in written_fields(class) {
        if let Some(many) = &written.many {
            relations.push((many::named(vm, class, &name, &written, many)?, many.clone()));
            continue;
        }
        let field = named(vm, class, &name, &written)?;
        if let Some(default) = &written.default {
            defaults.insert(field.attname().to_owned(), default.clone());
        }
        if !written.validators.is_empty() {
            validators.insert(field.name.clone(), written.validators.clone());
        }
        fields.push(field);
    }
    let label = match meta.text(vm, "app_label")? {
        Some(label) => label,
        None => APP.to_owned(),
    };
    let mut model = Model::new(&label, &class.name, fields);
    let (relations, written): (Vec<_>, Vec<_>) = relations.into_iter().unzip();
    model.many_to_many = relations.into_iter().map(Arc::new).collect();
    meta.apply(vm, &mut model)?;
    let between = many::between(&model, &written);
    Ok(Definition::Model(Box::new(Defined {
        model,
        defaults,
        validators,
        between,
    })))
}

/// What a proxy's `Meta` says of it.
///
/// # Errors
/// As [`read`].
pub(super) fn describe(vm: &mut Interpreter, class: &Rc<Class>, model: &mut Model) -> PyResult<()> {
    MetaClass::of(class).apply(vm, model)
}

/// The fields of a class, those of its abstract bases first.
fn written_fields(class: &Rc<Class>) -> Vec<(Rc<str>, Rc<Written>)> {
    let mut found: Vec<(Rc<str>, Rc<Written>)> = Vec::new();
    let lineage: Vec<&Rc<Class>> = class.lineage().collect();
    for base in lineage.into_iter().rev() {
        for (name, value) in base.attributes.borrow().iter() {
            let known = found.iter_mut().find(|(known, _)| known == name);
            match (written(value), known) {
                (Some(written), Some(known)) => known.1 = written,
                (Some(written), None) => found.push((name.clone(), written)),
                // `field = None` takes an inherited field away.
                (None, Some(_)) if value.is_none() => found.retain(|(known, _)| known != name),
                (None, _) => {}
            }
        }
    }
    found
}

/// A written field under its name in a class.
fn named(
    vm: &mut Interpreter,
    class: &Rc<Class>,
    name: &str,
    written: &Written,
) -> PyResult<Field> {
    if written.class == "JSONField" {
        let message = "not supported here: JSONField in a model; a TextField holds JSON as text";
        return Err(vm.error("NotImplementedError", message));
    }
    let mut field = (*written.field).clone();
    field.name = name.to_owned();
    field.attname = match field.is_relation() {
        true => format!("{name}_id"),
        false => name.to_owned(),
    };
    field.column = written
        .column
        .clone()
        .unwrap_or_else(|| field.attname.clone());
    if !written.titled {
        field.verbose_name = name.replace('_', " ");
    }
    if let (Some(relation), Some(target)) = (&mut field.relation, &written.target) {
        relation.to = target_name(vm, class, written.class, target)?;
        for part in [&mut relation.related_name, &mut relation.related_query_name] {
            *part = part.as_ref().map(|text| filled(text, &class.name));
        }
    }
    Ok(field)
}

/// `%(class)s` and `%(app_label)s` in the names that an abstract base gives.
pub(super) fn filled(text: &str, class: &str) -> String {
    text.replace("%(class)s", &class.to_lowercase())
        .replace("%(app_label)s", APP)
}

/// The name of the model that a relation points at.
pub(super) fn target_name(
    vm: &mut Interpreter,
    class: &Rc<Class>,
    field: &str,
    target: &Target,
) -> PyResult<String> {
    match target {
        Target::Name(name) if name == "self" => Ok(class.name.to_string()),
        Target::Name(name) => Ok(name.rsplit('.').next().unwrap_or(name).to_owned()),
        Target::Class(other) => {
            let is_model = vm.django()?.model_class(&other.name).is_some();
            if is_model {
                return Ok(other.name.to_string());
            }
            let shown = vm.repr(&Object::Class(other.clone()))?;
            Err(not_a_model(vm, field, &shown))
        }
    }
}

/// `class Meta`, its own or an abstract base's.
struct MetaClass {
    class: Option<Rc<Class>>,
    /// Whether it stands in the class itself.
    own: bool,
    model: Rc<str>,
}

/// What Django knows in `Meta` that changes nothing here.
const WITHOUT_EFFECT: [&str; 6] = [
    "default_permissions",
    "permissions",
    "managed",
    "required_db_features",
    "required_db_vendor",
    "select_on_save",
];

/// What Django knows in `Meta` and this shell does not.
const UNSUPPORTED: [&str; 7] = [
    "order_with_respect_to",
    "swappable",
    "auto_created",
    "apps",
    "default_manager_name",
    "base_manager_name",
    "db_table_comment",
];

/// What is read.
const READ: [&str; 13] = [
    "abstract",
    "app_label",
    "constraints",
    "db_table",
    "db_tablespace",
    "default_related_name",
    "get_latest_by",
    "indexes",
    "ordering",
    "proxy",
    "unique_together",
    "verbose_name",
    "verbose_name_plural",
];

impl MetaClass {
    fn of(class: &Rc<Class>) -> Self {
        let own = class.attributes.borrow().get("Meta").cloned();
        let is_own = own.is_some();
        let meta = match own.or_else(|| class.lookup("Meta")) {
            Some(Object::Class(meta)) => Some(meta),
            _ => None,
        };
        Self {
            class: meta,
            own: is_own,
            model: class.name.clone(),
        }
    }

    fn get(&self, name: &str) -> Option<Object> {
        self.class.as_ref()?.lookup(name)
    }

    /// Refuses names that Django does not know, and those not supported here.
    fn check(&self, vm: &Interpreter) -> PyResult<()> {
        let Some(meta) = &self.class else {
            return Ok(());
        };
        let mut unknown = Vec::new();
        for class in meta.lineage().filter(|it| &*it.module != "builtins") {
            for name in class.attributes.borrow().keys() {
                let name = &**name;
                if name.starts_with('_') || READ.contains(&name) || WITHOUT_EFFECT.contains(&name) {
                    continue;
                }
                if UNSUPPORTED.contains(&name) {
                    let message = format!("not supported here: Meta.{name} ({})", self.model);
                    return Err(vm.error("NotImplementedError", &message));
                }
                unknown.push(name.to_owned());
            }
        }
        if unknown.is_empty() {
            return Ok(());
        }
        let names = unknown.join(",");
        Err(vm.type_error(format!("'class Meta' got invalid attribute(s): {names}")))
    }

    /// `abstract = True` holds for the class that it stands in only.
    fn is_abstract(&self, vm: &mut Interpreter) -> PyResult<bool> {
        let Some(meta) = self.class.as_ref().filter(|_| self.own) else {
            return Ok(false);
        };
        let written = meta.attributes.borrow().get("abstract").cloned();
        match written {
            Some(value) => vm.is_true(&value),
            None => Ok(false),
        }
    }

    fn is_true(&self, vm: &mut Interpreter, name: &str) -> PyResult<bool> {
        match self.get(name) {
            Some(value) => vm.is_true(&value),
            None => Ok(false),
        }
    }

    fn text(&self, vm: &mut Interpreter, name: &str) -> PyResult<Option<String>> {
        match self.get(name).and_then(Object::some) {
            Some(value) => vm.str(&value).map(|it| Some(it.to_string())),
            None => Ok(None),
        }
    }

    /// A list of texts; a single text is one of them.
    fn texts(&self, vm: &mut Interpreter, name: &str) -> PyResult<Vec<String>> {
        match self.get(name).and_then(Object::some) {
            Some(value) => texts(vm, &value, name),
            None => Ok(Vec::new()),
        }
    }

    fn items(&self, vm: &mut Interpreter, name: &str) -> PyResult<Vec<Object>> {
        match self.get(name).and_then(Object::some) {
            Some(value) => vm.collect(&value),
            None => Ok(Vec::new()),
        }
    }

    fn apply(&self, vm: &mut Interpreter, model: &mut Model) -> PyResult<()> {
        if let Some(table) = self.text(vm, "db_table")? {
            model.db_table = table;
        }
        if let Some(name) = self.text(vm, "verbose_name")? {
            model.verbose_name_plural = format!("{name}s");
            model.verbose_name = name;
        }
        if let Some(name) = self.text(vm, "verbose_name_plural")? {
            model.verbose_name_plural = name;
        }
        if let Some(name) = self.text(vm, "default_related_name")? {
            let name = filled(&name, &self.model);
            for field in &mut model.fields {
                let mut changed = (**field).clone();
                if let Some(relation) = &mut changed.relation
                    && relation.related_name.is_none()
                {
                    relation.related_name = Some(name.clone());
                    *field = changed.into();
                }
            }
            for field in &mut model.many_to_many {
                if field.related_name.is_none() {
                    Arc::make_mut(field).related_name = Some(name.clone());
                }
            }
        }
        if self.get("ordering").is_some() {
            model.ordering = self.texts(vm, "ordering")?;
        }
        if self.get("get_latest_by").is_some() {
            model.get_latest_by = self.texts(vm, "get_latest_by")?;
        }
        let together = self.items(vm, "unique_together")?;
        if together.is_empty() {
            return self.add_rules(vm, model);
        }
        model.unique_together = match together.first().map(Object::plain) {
            Some(Object::Str(_)) => vec![self.texts(vm, "unique_together")?],
            _ => {
                let mut sets = Vec::new();
                for names in &together {
                    sets.push(texts(vm, names, "unique_together")?);
                }
                sets
            }
        };
        self.add_rules(vm, model)
    }

    fn add_rules(&self, vm: &mut Interpreter, model: &mut Model) -> PyResult<()> {
        for written in self.items(vm, "constraints")? {
            let constraint = constraint(vm, &self.model, &written)?;
            model.constraints.push(constraint);
        }
        for written in self.items(vm, "indexes")? {
            let index = index(vm, model, &written)?;
            model.indexes.push(index);
        }
        Ok(())
    }
}

fn texts(vm: &mut Interpreter, value: &Object, what: &str) -> PyResult<Vec<String>> {
    if let Some(text) = value.as_str() {
        return Ok(vec![text.to_string()]);
    }
    let mut found = Vec::new();
    for item in vm.collect(value)? {
        match item.as_str() {
            Some(text) => found.push(text.to_string()),
            None => {
                let message = format!("not supported here: an expression in {what}; write a name");
                return Err(vm.error("NotImplementedError", &message));
            }
        }
    }
    Ok(found)
}

/// The keyword arguments of a constraint or an index.
struct Keywords<'a> {
    class: &'a str,
    given: Vec<(Rc<str>, Object)>,
}

impl<'a> Keywords<'a> {
    fn of(object: &'a Object) -> Option<Self> {
        let instance = object.as_instance()?;
        let given = instance.attributes.borrow();
        Some(Self {
            class: &instance.class.name,
            given: given
                .iter()
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        })
    }

    fn take(&mut self, name: &str) -> Option<Object> {
        let at = self.given.iter().position(|(known, _)| &**known == name)?;
        self.given.remove(at).1.some()
    }

    fn text(&mut self, vm: &mut Interpreter, name: &str) -> PyResult<Option<String>> {
        match self.take(name) {
            Some(value) => vm.str(&value).map(|it| Some(it.to_string())),
            None => Ok(None),
        }
    }

    fn names(&mut self, vm: &mut Interpreter) -> PyResult<Vec<String>> {
        match self.take("fields") {
            Some(fields) => texts(vm, &fields, "fields"),
            None => Ok(Vec::new()),
        }
    }

    /// `condition=Q(..)`, of a part of the rows.
    fn condition(&mut self, vm: &mut Interpreter) -> PyResult<Option<Condition>> {
        let Some(condition) = self.take("condition") else {
            return Ok(None);
        };
        match to_operand(vm, &condition)? {
            Operand::Expr(Expr::Q(q)) => of_q(vm, &q).map(Some),
            _ => {
                let message = format!("{}.condition must be a Q instance.", self.class);
                Err(vm.value_error(message))
            }
        }
    }

    /// Refuses what is left.
    fn end(self, vm: &Interpreter) -> PyResult<()> {
        match self.given.first() {
            None => Ok(()),
            Some((name, _)) => {
                let message = format!("not supported here: {}({name}=..)", self.class);
                Err(vm.error("NotImplementedError", &message))
            }
        }
    }
}

fn constraint(vm: &mut Interpreter, model: &str, object: &Object) -> PyResult<Constraint> {
    let Some(mut given) = Keywords::of(object) else {
        return Err(vm.type_error("a constraint was expected"));
    };
    let class = given.class.to_owned();
    let name = given.text(vm, "name")?.map(|name| filled(&name, model));
    let message = given.text(vm, "violation_error_message")?;
    let constraint = match (class.as_str(), name) {
        ("CheckConstraint", Some(name)) => {
            let condition = given.take("condition").unwrap_or(Object::None);
            match to_operand(vm, &condition)? {
                Operand::Expr(Expr::Q(q)) => Constraint::Check {
                    name,
                    condition: of_q(vm, &q)?,
                    message,
                },
                _ => {
                    let message = "CheckConstraint.condition must be a Q instance or boolean \
                                   expression.";
                    return Err(vm.type_error(message));
                }
            }
        }
        ("CheckConstraint", None) => {
            let message = "CheckConstraint.__init__() missing 1 required keyword-only argument: \
                           'name'";
            return Err(vm.type_error(message));
        }
        ("UniqueConstraint", Some(name)) => {
            let fields = given.names(vm)?;
            if fields.is_empty() {
                let message = "At least one field or expression is required to define a unique \
                               constraint.";
                return Err(vm.value_error(message));
            }
            Constraint::Unique {
                name,
                fields,
                condition: given.condition(vm)?,
                message,
            }
        }
        ("UniqueConstraint", None) => {
            return Err(vm.value_error("A unique constraint must be named."));
        }
        _ => return Err(vm.type_error("a constraint was expected")),
    };
    given.end(vm)?;
    Ok(constraint)
}

fn index(vm: &mut Interpreter, model: &Model, object: &Object) -> PyResult<Index> {
    let Some(mut given) = Keywords::of(object).filter(|it| it.class == "Index") else {
        return Err(vm.type_error("an index was expected"));
    };
    let fields = given.names(vm)?;
    if fields.is_empty() {
        let message = "At least one field or expression is required to define an index.";
        return Err(vm.value_error(message));
    }
    let name = match given.text(vm, "name")? {
        Some(name) => filled(&name, &model.name),
        None => default_index_name(model, &fields),
    };
    let condition = given.condition(vm)?;
    given.end(vm)?;
    Ok(Index {
        name,
        fields,
        condition,
    })
}

/// A `Q` as a condition over one row.
fn of_q(vm: &Interpreter, q: &Q) -> PyResult<Condition> {
    let refused = |vm: &Interpreter, what: &str| {
        let message = format!("not supported here: {what} in a constraint; compare fields");
        vm.error("NotImplementedError", &message)
    };
    let mut parts = Vec::new();
    for child in &q.children {
        parts.push(match child {
            QChild::Q(inner) => of_q(vm, inner)?,
            QChild::Lookup(path, Operand::Value(PlainValue(value))) => Condition::Lookup {
                path: path.clone(),
                value: value.clone(),
            },
            QChild::Lookup(path, Operand::List(items)) => {
                let mut values = Vec::new();
                for item in items {
                    match item {
                        Operand::Value(PlainValue(value)) => values.push(value.clone()),
                        Operand::Expr(_) | Operand::Instance(_) | Operand::List(_) => {
                            return Err(refused(vm, "a list of expressions"));
                        }
                    }
                }
                Condition::Lookup {
                    path: path.clone(),
                    value: Value::Array(values.into()),
                }
            }
            QChild::Lookup(path, Operand::Expr(Expr::F(name))) => Condition::Fields {
                path: path.clone(),
                other: name.to_string(),
            },
            QChild::Lookup(_, Operand::Expr(_) | Operand::Instance(_))
            | QChild::Expr(_)
            | QChild::Plain(_) => {
                return Err(refused(vm, "an expression"));
            }
        });
    }
    let whole = match (q.connector, parts.len()) {
        (Connector::Xor, _) => return Err(refused(vm, "^")),
        (_, 1) => parts.remove(0),
        (Connector::And, _) => Condition::And(parts),
        (Connector::Or, _) => Condition::Or(parts),
    };
    Ok(match q.negated {
        true => Condition::Not(Box::new(whole)),
        false => whole,
    })
}

//! Lookups as expressions: `GreaterThan(F("stock"), 5)` of `django.db.models.lookups`.

use super::convert::to_operand;
use super::expression::{made, register};
use crate::orm::lookups::{Lookup, LookupKind};
use crate::orm::{Expr, Operand};
use crate::shell::interpret::{Interpreter, Types};
use crate::shell::modules::{add, add_class};
use crate::shell::value::{Module, Object, PyResult};
use std::rc::Rc;

const MODULE: &str = "django.db.models.lookups";

/// Adds the module.
pub(super) fn install(vm: &mut Interpreter, models: &Rc<Module>) -> PyResult<()> {
    let module = add(vm, MODULE);
    let base = vm.django()?.class("Expression");
    let base = base.unwrap_or_else(|| vm.types.object.clone());
    for &kind in LookupKind::ALL {
        let name = kind.class_name();
        let class = Types::class(name, MODULE, &[&base]);
        add_class(&class, move |vm, arguments| {
            let [lhs, rhs] = arguments.bind(vm, &format!("{name}.__init__"), ["lhs", "rhs"], 2)?;
            let lhs = to_operand(vm, &lhs.unwrap_or(Object::None))?;
            let rhs = to_operand(vm, &rhs.unwrap_or(Object::None))?;
            let Operand::Expr(lhs) = lhs else {
                let message = "the left side of a lookup is an expression, as F(\"price\")";
                return Err(vm.type_error(message));
            };
            let lookup = Lookup::standing(kind, lhs, rhs);
            made(vm, lookup.map(|lookup| Expr::Lookup(Box::new(lookup))))
        });
        register(vm, name, &class)?;
        module.set(name, Object::Class(class));
    }
    models.set("lookups", Object::Module(module));
    Ok(())
}

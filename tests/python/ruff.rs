//! Ruff's tree as the same text.

use ruff_python_ast::*;
use ruff_text_size::Ranged;

pub fn module(module: &ModModule) -> String {
    block(&module.body)
}

fn block(body: &[Stmt]) -> String {
    let inner: Vec<String> = body.iter().map(statement).collect();
    format!("[{}]", inner.join(" "))
}

fn all<'a>(items: impl IntoIterator<Item = &'a Expr>) -> String {
    let inner: Vec<String> = items.into_iter().map(expression).collect();
    inner.join(" ")
}

fn maybe(value: &Option<Box<Expr>>) -> String {
    value.as_deref().map_or(String::from("-"), expression)
}

fn decorators(found: &[Decorator]) -> String {
    all(found.iter().map(|it| &it.expression))
}

fn statement(statement: &Stmt) -> String {
    match statement {
        Stmt::Expr(it) => format!("(expr {})", expression(&it.value)),
        Stmt::Assign(it) => format!("(assign {} {})", all(&it.targets), expression(&it.value)),
        Stmt::AugAssign(it) => format!(
            "({}= {} {})",
            it.op.as_str(),
            expression(&it.target),
            expression(&it.value)
        ),
        Stmt::AnnAssign(it) => format!(
            "(annotated {} {} {})",
            expression(&it.target),
            expression(&it.annotation),
            maybe(&it.value)
        ),
        Stmt::If(it) => {
            let mut branches = vec![format!("{} {}", expression(&it.test), block(&it.body))];
            let mut otherwise = String::from("[]");
            for clause in &it.elif_else_clauses {
                match &clause.test {
                    Some(test) => {
                        branches.push(format!("{} {}", expression(test), block(&clause.body)));
                    }
                    None => otherwise = block(&clause.body),
                }
            }
            format!("(if {} {otherwise})", branches.join(" "))
        }
        Stmt::For(it) => format!(
            "(for {} {} {} {})",
            expression(&it.target),
            expression(&it.iter),
            block(&it.body),
            block(&it.orelse)
        ),
        Stmt::While(it) => format!(
            "(while {} {} {})",
            expression(&it.test),
            block(&it.body),
            block(&it.orelse)
        ),
        Stmt::Try(it) => {
            let handlers: Vec<String> = it
                .handlers
                .iter()
                .map(|ExceptHandler::ExceptHandler(it)| {
                    let name = it.name.as_ref().map_or("-", |name| name.as_str());
                    format!("(except {} {name} {})", maybe(&it.type_), block(&it.body))
                })
                .collect();
            format!(
                "(try {} {} {} {})",
                block(&it.body),
                handlers.join(" "),
                block(&it.orelse),
                block(&it.finalbody)
            )
        }
        Stmt::With(it) => {
            let items: Vec<String> = it
                .items
                .iter()
                .map(|it| {
                    format!(
                        "{} {}",
                        expression(&it.context_expr),
                        maybe(&it.optional_vars)
                    )
                })
                .collect();
            format!("(with {} {})", items.join(" "), block(&it.body))
        }
        Stmt::Raise(it) => format!("(raise {} {})", maybe(&it.exc), maybe(&it.cause)),
        Stmt::Assert(it) => format!("(assert {} {})", expression(&it.test), maybe(&it.msg)),
        Stmt::Return(it) => format!("(return {})", maybe(&it.value)),
        Stmt::Break(_) => String::from("break"),
        Stmt::Continue(_) => String::from("continue"),
        Stmt::Pass(_) => String::from("pass"),
        Stmt::Delete(it) => format!("(del {})", all(&it.targets)),
        Stmt::Global(it) => format!("(global {})", identifiers(&it.names)),
        Stmt::Nonlocal(it) => format!("(nonlocal {})", identifiers(&it.names)),
        Stmt::FunctionDef(it) => format!(
            "(def {} [{}] ({}) {} {})",
            it.name,
            decorators(&it.decorator_list),
            parameters(&it.parameters),
            maybe(&it.returns),
            block(&it.body)
        ),
        Stmt::ClassDef(it) => format!(
            "(class {} [{}] ({}) {})",
            it.name,
            decorators(&it.decorator_list),
            it.arguments.as_deref().map(arguments).unwrap_or_default(),
            block(&it.body)
        ),
        Stmt::Import(it) => format!("(import {})", imported(&it.names)),
        Stmt::ImportFrom(it) => format!(
            "(from {} {} {})",
            it.level,
            it.module.as_ref().map_or("", |name| name.as_str()),
            imported(&it.names)
        ),
        Stmt::TypeAlias(_) | Stmt::Match(_) | Stmt::IpyEscapeCommand(_) => String::from("refused"),
    }
}

fn identifiers(names: &[Identifier]) -> String {
    let names: Vec<&str> = names.iter().map(|it| it.as_str()).collect();
    names.join(" ")
}

fn imported(names: &[Alias]) -> String {
    let names: Vec<String> = names
        .iter()
        .map(|it| {
            let alias = it.asname.as_ref().map_or("-", |alias| alias.as_str());
            format!("{}:{alias}", it.name)
        })
        .collect();
    names.join(" ")
}

fn parameters(found: &Parameters) -> String {
    let bare = |it: &Parameter| format!("{}:{}=-", it.name, maybe(&it.annotation));
    let many = |items: &[ParameterWithDefault]| {
        let items: Vec<String> = items
            .iter()
            .map(|it| {
                format!(
                    "{}:{}={}",
                    it.parameter.name,
                    maybe(&it.parameter.annotation),
                    maybe(&it.default)
                )
            })
            .collect();
        items.join(" ")
    };
    format!(
        "{} / {} * {} {} ** {}",
        many(&found.posonlyargs),
        many(&found.args),
        found.vararg.as_deref().map_or(String::from("-"), bare),
        many(&found.kwonlyargs),
        found.kwarg.as_deref().map_or(String::from("-"), bare)
    )
}

fn arguments(arguments: &Arguments) -> String {
    let mut found: Vec<String> = arguments
        .args
        .iter()
        .map(|it| match it {
            Expr::Starred(it) => format!("(* {})", expression(&it.value)),
            it => expression(it),
        })
        .collect();
    for keyword in &arguments.keywords {
        found.push(match &keyword.arg {
            Some(name) => format!("{name}={}", expression(&keyword.value)),
            None => format!("**{}", expression(&keyword.value)),
        });
    }
    found.join(" ")
}

fn expression(value: &Expr) -> String {
    let text = match value {
        Expr::Name(it) => it.id.to_string(),
        Expr::NoneLiteral(_) => String::from("None"),
        Expr::BooleanLiteral(it) => String::from(if it.value { "True" } else { "False" }),
        Expr::EllipsisLiteral(_) => String::from("..."),
        Expr::NumberLiteral(it) => match &it.value {
            Number::Int(int) => int
                .as_i64()
                .map_or(String::from("big"), |value| value.to_string()),
            Number::Float(value) => format!("{value:?}"),
            Number::Complex { .. } => String::from("refused"),
        },
        Expr::StringLiteral(it) => format!("{:?}", it.value.to_str()),
        Expr::FString(it) => {
            let mut parts = Vec::new();
            for part in it.value.iter() {
                match part {
                    FStringPart::Literal(it) => text(&mut parts, &it.value),
                    FStringPart::FString(it) => string_parts(&it.elements, &mut parts),
                }
            }
            format!("(f {})", shown(parts))
        }
        Expr::List(it) => format!("(list {})", all(&it.elts)),
        Expr::Tuple(it) => format!("(tuple {})", all(&it.elts)),
        Expr::Set(it) => format!("(set {})", all(&it.elts)),
        Expr::Dict(it) => {
            let items: Vec<String> = it
                .items
                .iter()
                .map(|it| match &it.key {
                    Some(key) => format!("{}:{}", expression(key), expression(&it.value)),
                    None => format!("**{}", expression(&it.value)),
                })
                .collect();
            format!("(dict {})", items.join(" "))
        }
        Expr::ListComp(it) => format!(
            "(listc {} {})",
            expression(&it.elt),
            clauses(&it.generators)
        ),
        Expr::SetComp(it) => format!("(setc {} {})", expression(&it.elt), clauses(&it.generators)),
        Expr::DictComp(it) => format!(
            "(dictc {} {} {})",
            maybe(&it.key),
            expression(&it.value),
            clauses(&it.generators)
        ),
        Expr::Generator(it) => format!("(gen {} {})", expression(&it.elt), clauses(&it.generators)),
        Expr::UnaryOp(it) => format!("({} {})", it.op.as_str(), expression(&it.operand)),
        Expr::BinOp(it) => format!(
            "({} {} {})",
            it.op.as_str(),
            expression(&it.left),
            expression(&it.right)
        ),
        Expr::BoolOp(it) => format!("({} {})", it.op.as_str(), all(&it.values)),
        Expr::Compare(it) => {
            let rest: Vec<String> = it
                .ops
                .iter()
                .zip(&it.comparators)
                .map(|(operator, value)| format!("{} {}", operator.as_str(), expression(value)))
                .collect();
            format!("(compare {} {})", expression(&it.left), rest.join(" "))
        }
        Expr::If(it) => format!(
            "(cond {} {} {})",
            expression(&it.test),
            expression(&it.body),
            expression(&it.orelse)
        ),
        Expr::Lambda(it) => {
            let found = it.parameters.as_deref().cloned().unwrap_or_default();
            format!("(lambda ({}) {})", parameters(&found), expression(&it.body))
        }
        Expr::Call(it) => format!(
            "(call {} {})",
            expression(&it.func),
            arguments(&it.arguments)
        ),
        Expr::Attribute(it) => format!("(. {} {})", expression(&it.value), it.attr),
        Expr::Subscript(it) => {
            format!(
                "(index {} {})",
                expression(&it.value),
                expression(&it.slice)
            )
        }
        Expr::Slice(it) => format!(
            "(slice {} {} {})",
            maybe(&it.lower),
            maybe(&it.upper),
            maybe(&it.step)
        ),
        Expr::Starred(it) => format!("(* {})", expression(&it.value)),
        Expr::Named(it) => {
            let Expr::Name(name) = &*it.target else {
                return String::from("refused");
            };
            format!("(:= {} {})", name.id, expression(&it.value))
        }
        Expr::Await(_)
        | Expr::Yield(_)
        | Expr::YieldFrom(_)
        | Expr::TString(_)
        | Expr::BytesLiteral(_)
        | Expr::IpyEscapeCommand(_) => String::from("refused"),
    };
    format!("{text}@{}-{}", value.start().to_u32(), value.end().to_u32())
}

fn clauses(found: &[Comprehension]) -> String {
    let clauses: Vec<String> = found
        .iter()
        .map(|it| {
            format!(
                "(for {} {} {})",
                expression(&it.target),
                expression(&it.iter),
                all(&it.ifs)
            )
        })
        .collect();
    clauses.join(" ")
}

/// Text, or the written form of a replacement.
enum Part {
    Text(String),
    Replacement(String),
}

fn text(parts: &mut Vec<Part>, more: &str) {
    match parts.last_mut() {
        Some(Part::Text(before)) => before.push_str(more),
        _ if more.is_empty() => {}
        _ => parts.push(Part::Text(more.to_owned())),
    }
}

fn shown(parts: Vec<Part>) -> String {
    let parts: Vec<String> = parts
        .into_iter()
        .map(|part| match part {
            Part::Text(text) => format!("{text:?}"),
            Part::Replacement(text) => text,
        })
        .collect();
    parts.join(" ")
}

fn string_parts(elements: &InterpolatedStringElements, parts: &mut Vec<Part>) {
    for element in elements {
        match element {
            InterpolatedStringElement::Literal(it) => text(parts, &it.value),
            InterpolatedStringElement::Interpolation(it) => {
                let conversion = match it.conversion {
                    ConversionFlag::None => "-",
                    ConversionFlag::Str => "s",
                    ConversionFlag::Repr => "r",
                    ConversionFlag::Ascii => "a",
                };
                let mut format = Vec::new();
                if let Some(specification) = &it.format_spec {
                    string_parts(&specification.elements, &mut format);
                }
                parts.push(Part::Replacement(format!(
                    "{{{} {} {conversion} {}}}",
                    expression(&it.expression),
                    it.debug_text.is_some(),
                    shown(format)
                )));
            }
        }
    }
}

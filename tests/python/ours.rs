//! Our tree as text.

use marketplace_analytics::shell::syntax::ast::*;

pub fn module(module: &Module) -> String {
    block(&module.body)
}

fn block(body: &Block) -> String {
    let inner: Vec<String> = body.iter().map(|it| statement(&it.kind)).collect();
    format!("[{}]", inner.join(" "))
}

fn all(items: &[Expression]) -> String {
    let inner: Vec<String> = items.iter().map(expression).collect();
    inner.join(" ")
}

fn maybe(value: &Option<Expression>) -> String {
    value.as_ref().map_or(String::from("-"), expression)
}

fn statement(kind: &StatementKind) -> String {
    match kind {
        StatementKind::Expression(value) => format!("(expr {})", expression(value)),
        StatementKind::Assign { targets, value } => {
            format!("(assign {} {})", all(targets), expression(value))
        }
        StatementKind::AugmentedAssign {
            target,
            operator,
            value,
        } => format!(
            "({}= {} {})",
            operator.symbol(),
            expression(target),
            expression(value)
        ),
        StatementKind::AnnotatedAssign {
            target,
            annotation,
            value,
        } => format!(
            "(annotated {} {} {})",
            expression(target),
            expression(annotation),
            maybe(value)
        ),
        StatementKind::If {
            branches,
            otherwise,
        } => {
            let branches: Vec<String> = branches
                .iter()
                .map(|(test, body)| format!("{} {}", expression(test), block(body)))
                .collect();
            format!("(if {} {})", branches.join(" "), block(otherwise))
        }
        StatementKind::For {
            target,
            iterable,
            body,
            otherwise,
        } => format!(
            "(for {} {} {} {})",
            expression(target),
            expression(iterable),
            block(body),
            block(otherwise)
        ),
        StatementKind::While {
            test,
            body,
            otherwise,
        } => format!(
            "(while {} {} {})",
            expression(test),
            block(body),
            block(otherwise)
        ),
        StatementKind::Try {
            body,
            handlers,
            otherwise,
            finally,
        } => {
            let handlers: Vec<String> = handlers
                .iter()
                .map(|it| {
                    let name = it.name.as_ref().map_or("-", |name| &name.name);
                    format!("(except {} {name} {})", maybe(&it.class), block(&it.body))
                })
                .collect();
            format!(
                "(try {} {} {} {})",
                block(body),
                handlers.join(" "),
                block(otherwise),
                block(finally)
            )
        }
        StatementKind::With { items, body } => {
            let items: Vec<String> = items
                .iter()
                .map(|it| format!("{} {}", expression(&it.context), maybe(&it.target)))
                .collect();
            format!("(with {} {})", items.join(" "), block(body))
        }
        StatementKind::Raise { error, cause } => {
            format!("(raise {} {})", maybe(error), maybe(cause))
        }
        StatementKind::Assert { test, message } => {
            format!("(assert {} {})", expression(test), maybe(message))
        }
        StatementKind::Return(value) => format!("(return {})", maybe(value)),
        StatementKind::Break => String::from("break"),
        StatementKind::Continue => String::from("continue"),
        StatementKind::Pass => String::from("pass"),
        StatementKind::Delete(targets) => format!("(del {})", all(targets)),
        StatementKind::Global(names) => format!("(global {})", identifiers(names)),
        StatementKind::Nonlocal(names) => format!("(nonlocal {})", identifiers(names)),
        StatementKind::Function(it) => format!(
            "(def {} [{}] ({}) {} {})",
            it.name.name,
            all(&it.decorators),
            parameters(&it.parameters),
            maybe(&it.returns),
            block(&it.body)
        ),
        StatementKind::Class(it) => format!(
            "(class {} [{}] ({}) {})",
            it.name.name,
            all(&it.decorators),
            arguments(&it.arguments),
            block(&it.body)
        ),
        StatementKind::Import(names) => format!("(import {})", imported(names)),
        StatementKind::ImportFrom {
            level,
            module,
            names,
        } => format!("(from {level} {} {})", module.name, imported(names)),
        StatementKind::Refused => String::from("refused"),
    }
}

fn identifiers(names: &[Identifier]) -> String {
    let names: Vec<&str> = names.iter().map(|it| &*it.name).collect();
    names.join(" ")
}

fn imported(names: &[ImportedName]) -> String {
    let names: Vec<String> = names
        .iter()
        .map(|it| {
            let alias = it.alias.as_ref().map_or("-", |alias| &alias.name);
            format!("{}:{alias}", it.name.name)
        })
        .collect();
    names.join(" ")
}

fn parameters(found: &Parameters) -> String {
    let one = |it: &Parameter| {
        format!(
            "{}:{}={}",
            it.name.name,
            maybe(&it.annotation),
            maybe(&it.default)
        )
    };
    let many = |items: &[Parameter]| items.iter().map(one).collect::<Vec<_>>().join(" ");
    format!(
        "{} / {} * {} {} ** {}",
        many(&found.positional_only),
        many(&found.regular),
        found.variadic.as_ref().map_or(String::from("-"), one),
        many(&found.keyword_only),
        found.keywords.as_ref().map_or(String::from("-"), one)
    )
}

/// Positional ones first, as Ruff keeps them.
fn arguments(arguments: &[Argument]) -> String {
    let mut positional = Vec::new();
    let mut keywords = Vec::new();
    for argument in arguments {
        match argument {
            Argument::Positional(value) => positional.push(expression(value)),
            Argument::Spread(value) => positional.push(format!("(* {})", expression(value))),
            Argument::Keyword(name, value) => {
                keywords.push(format!("{}={}", name.name, expression(value)));
            }
            Argument::KeywordSpread(value) => keywords.push(format!("**{}", expression(value))),
        }
    }
    positional.append(&mut keywords);
    positional.join(" ")
}

fn expression(value: &Expression) -> String {
    let text = match &value.kind {
        ExpressionKind::Name(name) => name.to_string(),
        ExpressionKind::None => String::from("None"),
        ExpressionKind::Bool(true) => String::from("True"),
        ExpressionKind::Bool(false) => String::from("False"),
        ExpressionKind::Ellipsis => String::from("..."),
        ExpressionKind::Int(literal) => match i64::from_str_radix(&literal.digits, literal.radix) {
            Ok(value) => value.to_string(),
            Err(_) => String::from("big"),
        },
        ExpressionKind::Float(value) => format!("{value:?}"),
        ExpressionKind::Str(text) => format!("{text:?}"),
        ExpressionKind::FormattedString(parts) => format!("(f {})", string_parts(parts)),
        ExpressionKind::List(items) => format!("(list {})", all(items)),
        ExpressionKind::Tuple(items) => format!("(tuple {})", all(items)),
        ExpressionKind::Set(items) => format!("(set {})", all(items)),
        ExpressionKind::Dict(items) => {
            let items: Vec<String> = items
                .iter()
                .map(|it| match it {
                    DictItem::Pair(key, value) => {
                        format!("{}:{}", expression(key), expression(value))
                    }
                    DictItem::Spread(value) => format!("**{}", expression(value)),
                })
                .collect();
            format!("(dict {})", items.join(" "))
        }
        ExpressionKind::Comprehension(it) => {
            let clauses: Vec<String> = it
                .clauses
                .iter()
                .map(|clause| {
                    format!(
                        "(for {} {} {})",
                        expression(&clause.target),
                        expression(&clause.iterable),
                        all(&clause.conditions)
                    )
                })
                .collect();
            let clauses = clauses.join(" ");
            match &it.kind {
                ComprehensionKind::List(value) => {
                    format!("(listc {} {clauses})", expression(value))
                }
                ComprehensionKind::Set(value) => format!("(setc {} {clauses})", expression(value)),
                ComprehensionKind::Dict(key, value) => {
                    format!(
                        "(dictc {} {} {clauses})",
                        expression(key),
                        expression(value)
                    )
                }
                ComprehensionKind::Generator(value) => {
                    format!("(gen {} {clauses})", expression(value))
                }
            }
        }
        ExpressionKind::Unary(operator, value) => {
            let symbol = match operator {
                UnaryOperator::Minus => "-",
                UnaryOperator::Plus => "+",
                UnaryOperator::Invert => "~",
                UnaryOperator::Not => "not",
            };
            format!("({symbol} {})", expression(value))
        }
        ExpressionKind::Binary(left, operator, right) => {
            format!(
                "({} {} {})",
                operator.symbol(),
                expression(left),
                expression(right)
            )
        }
        ExpressionKind::Boolean(operator, values) => {
            let word = match operator {
                BooleanOperator::And => "and",
                BooleanOperator::Or => "or",
            };
            format!("({word} {})", all(values))
        }
        ExpressionKind::Compare(first, rest) => {
            let rest: Vec<String> = rest
                .iter()
                .map(|(operator, value)| format!("{} {}", operator.symbol(), expression(value)))
                .collect();
            format!("(compare {} {})", expression(first), rest.join(" "))
        }
        ExpressionKind::Conditional {
            test,
            body,
            otherwise,
        } => format!(
            "(cond {} {} {})",
            expression(test),
            expression(body),
            expression(otherwise)
        ),
        ExpressionKind::Lambda(it) => {
            format!(
                "(lambda ({}) {})",
                parameters(&it.parameters),
                expression(&it.body)
            )
        }
        ExpressionKind::Call(function, given) => {
            format!("(call {} {})", expression(function), arguments(given))
        }
        ExpressionKind::Attribute(value, name) => {
            format!("(. {} {})", expression(value), name.name)
        }
        ExpressionKind::Subscript(value, index) => {
            format!("(index {} {})", expression(value), expression(index))
        }
        ExpressionKind::Slice(parts) => {
            let part = |it: &Option<Box<Expression>>| {
                it.as_ref().map_or(String::from("-"), |it| expression(it))
            };
            let [lower, upper, step] = parts;
            format!("(slice {} {} {})", part(lower), part(upper), part(step))
        }
        ExpressionKind::Starred(value) => format!("(* {})", expression(value)),
        ExpressionKind::Walrus(name, value) => format!("(:= {} {})", name.name, expression(value)),
        ExpressionKind::Refused => String::from("refused"),
    };
    format!("{text}@{}-{}", value.span.start, value.span.end)
}

fn string_parts(parts: &[StringPart]) -> String {
    let parts: Vec<String> = parts
        .iter()
        .map(|part| match part {
            StringPart::Text(text) => format!("{text:?}"),
            StringPart::Replacement {
                value,
                label,
                conversion,
                format,
            } => {
                let conversion = match conversion {
                    None => "-",
                    Some(Conversion::Str) => "s",
                    Some(Conversion::Repr) => "r",
                    Some(Conversion::Ascii) => "a",
                };
                format!(
                    "{{{} {} {conversion} {}}}",
                    expression(value),
                    label.is_some(),
                    string_parts(format)
                )
            }
        })
        .collect();
    parts.join(" ")
}

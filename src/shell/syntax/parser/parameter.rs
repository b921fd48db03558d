//! The parameters of functions and lambdas.

use super::super::ast::{Parameter, Parameters};
use super::super::syntax_error;
use super::Parser;
use crate::base::Result;

/// Where in the list the parser is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Regular,
    /// Past `*` or `*args`.
    KeywordOnly,
    /// Past `**kwargs`.
    Over,
}

impl Parser<'_> {
    /// Parameters up to `close`, which is not read: `)` for functions, whose parameters may have
    /// annotations, `:` for lambdas.
    pub(super) fn parameters(&mut self, close: &str) -> Result<Parameters> {
        let mut found = Parameters::default();
        let mut section = Section::Regular;
        while !self.is_operator(close) {
            let span = self.span();
            if section == Section::Over {
                let message = "arguments cannot follow var-keyword argument";
                return Err(syntax_error(span, message));
            }
            if self.eat_operator("**") {
                found.keywords = Some(self.parameter(close)?);
                section = Section::Over;
            } else if self.eat_operator("*") {
                if section != Section::Regular {
                    let message = "* argument may appear only once";
                    return Err(syntax_error(span, message));
                }
                section = Section::KeywordOnly;
                if self.is_operator(",") {
                    let named = !matches!(self.ahead(1), super::TokenKind::Operator(_));
                    if !named {
                        let message = "named arguments must follow bare *";
                        return Err(syntax_error(span, message));
                    }
                } else if self.is_operator(close) {
                    return Err(syntax_error(span, "named arguments must follow bare *"));
                } else {
                    found.variadic = Some(self.parameter(close)?);
                }
            } else if self.eat_operator("/") {
                if section != Section::Regular || !found.positional_only.is_empty() {
                    let message = match section {
                        Section::Regular => "/ may appear only once",
                        Section::KeywordOnly | Section::Over => "/ must be ahead of *",
                    };
                    return Err(syntax_error(span, message));
                }
                if found.regular.is_empty() {
                    return Err(syntax_error(span, "at least one argument must precede /"));
                }
                found.positional_only = std::mem::take(&mut found.regular);
            } else {
                let parameter = self.parameter_with_default(close)?;
                self.add(&mut found, section, parameter)?;
            }
            if !self.eat_operator(",") && !self.is_operator(close) {
                return Err(self.unexpected());
            }
        }
        self.check_duplicates(&found)?;
        Ok(found)
    }

    fn add(&self, found: &mut Parameters, section: Section, parameter: Parameter) -> Result<()> {
        if section == Section::KeywordOnly {
            found.keyword_only.push(parameter);
            return Ok(());
        }
        let before = found.regular.last().or(found.positional_only.last());
        if parameter.default.is_none() && before.is_some_and(|it| it.default.is_some()) {
            let message = "parameter without a default follows parameter with a default";
            return Err(syntax_error(parameter.name.span, message));
        }
        found.regular.push(parameter);
        Ok(())
    }

    fn parameter(&mut self, close: &str) -> Result<Parameter> {
        let name = self.identifier()?;
        let annotation = if close == ")" && self.eat_operator(":") {
            Some(self.starred_or(Self::expression)?)
        } else {
            None
        };
        Ok(Parameter {
            name,
            annotation,
            default: None,
        })
    }

    fn parameter_with_default(&mut self, close: &str) -> Result<Parameter> {
        let mut parameter = self.parameter(close)?;
        if self.eat_operator("=") {
            parameter.default = Some(self.expression()?);
        }
        Ok(parameter)
    }

    fn check_duplicates(&self, found: &Parameters) -> Result<()> {
        let mut seen: Vec<&str> = Vec::new();
        for parameter in found.all() {
            let name: &str = &parameter.name.name;
            if seen.contains(&name) {
                let message = format!("duplicate argument '{name}' in function definition");
                return Err(syntax_error(parameter.name.span, message));
            }
            seen.push(name);
        }
        Ok(())
    }
}

impl Parameters {
    /// All parameters, in the order in which they are written.
    pub fn all(&self) -> impl Iterator<Item = &Parameter> {
        self.positional_only
            .iter()
            .chain(&self.regular)
            .chain(&self.variadic)
            .chain(&self.keyword_only)
            .chain(&self.keywords)
    }
}

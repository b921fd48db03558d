//! Statements that stand on one line.

use super::super::ast::{
    BinaryOperator, Expression, ExpressionKind, Identifier, ImportedName, Statement, StatementKind,
};
use super::super::{syntax_error, token::TokenKind};
use super::target::{check_augmented_target, check_deleted, check_target};
use super::{Enclosing, Parser};
use crate::base::{Result, Span};

impl Parser<'_> {
    /// One compound statement, or the simple statements of one line.
    pub(super) fn statement(&mut self, body: &mut Vec<Statement>) -> Result<()> {
        if let Some(statement) = self.nested(Self::compound)? {
            body.push(statement);
            return Ok(());
        }
        self.simple_statements(body)
    }

    /// `a; b; c` and the line end.
    pub(super) fn simple_statements(&mut self, body: &mut Vec<Statement>) -> Result<()> {
        loop {
            let start = self.span();
            let kind = self.simple_statement()?;
            body.push(Statement {
                span: self.since(start),
                kind,
            });
            let semicolon = self.eat_operator(";");
            match self.kind() {
                TokenKind::Newline => {
                    self.advance();
                    return Ok(());
                }
                TokenKind::End => return Ok(()),
                _ if semicolon => {}
                _ => return Err(self.after_statement(body.last())),
            }
        }
    }

    /// Why the line does not end where its statement does.
    fn after_statement(&self, last: Option<&Statement>) -> Box<crate::base::Diagnostic> {
        if let Some(Statement {
            kind: StatementKind::Expression(value),
            span,
        }) = last
        {
            if let ExpressionKind::Name(name) = &value.kind
                && matches!(&**name, "print" | "exec")
                && self.starts_operand()
            {
                let message =
                    format!("Missing parentheses in call to '{name}'. Did you mean {name}(...)?");
                return syntax_error(*span, message);
            }
            if self.is_operator(":=") {
                return self.unexpected();
            }
        }
        self.unexpected()
    }

    fn simple_statement(&mut self) -> Result<StatementKind> {
        let start = self.span();
        let TokenKind::Keyword(word) = self.kind() else {
            if let Some(refused) = self.type_statement()? {
                return Ok(refused);
            }
            return self.expression_statement();
        };
        let kind = match *word {
            "pass" => StatementKind::Pass,
            "break" => {
                if self.cycle == Enclosing::Outside {
                    return Err(syntax_error(start, "'break' outside loop"));
                }
                StatementKind::Break
            }
            "continue" => {
                if self.cycle == Enclosing::Outside {
                    let message = "'continue' not properly in loop";
                    return Err(syntax_error(start, message));
                }
                StatementKind::Continue
            }
            "return" => return self.return_statement(start),
            "raise" => return self.raise_statement(),
            "assert" => return self.assert_statement(),
            "del" => return self.del_statement(),
            "global" => return Ok(StatementKind::Global(self.name_list()?)),
            "nonlocal" => {
                if self.function == Enclosing::Outside {
                    let message = "nonlocal declaration not allowed at module level";
                    return Err(syntax_error(start, message));
                }
                return Ok(StatementKind::Nonlocal(self.name_list()?));
            }
            "import" => return self.import_statement(),
            "from" => return self.import_from_statement(),
            _ => return self.expression_statement(),
        };
        self.advance();
        Ok(kind)
    }

    fn return_statement(&mut self, start: Span) -> Result<StatementKind> {
        if self.function == Enclosing::Outside {
            return Err(syntax_error(start, "'return' outside function"));
        }
        self.advance();
        let value = if self.starts_expression() {
            Some(self.expression_list()?)
        } else {
            None
        };
        Ok(StatementKind::Return(value))
    }

    fn raise_statement(&mut self) -> Result<StatementKind> {
        self.advance();
        if !self.starts_expression() {
            return Ok(StatementKind::Raise {
                error: None,
                cause: None,
            });
        }
        let error = Some(self.expression()?);
        let cause = if self.eat_keyword("from") {
            Some(self.expression()?)
        } else {
            None
        };
        Ok(StatementKind::Raise { error, cause })
    }

    fn assert_statement(&mut self) -> Result<StatementKind> {
        self.advance();
        let test = self.expression()?;
        let message = if self.eat_operator(",") {
            Some(self.expression()?)
        } else {
            None
        };
        Ok(StatementKind::Assert { test, message })
    }

    fn del_statement(&mut self) -> Result<StatementKind> {
        self.advance();
        let mut targets = Vec::new();
        loop {
            let target = self.primary_target()?;
            check_deleted(&target)?;
            targets.push(target);
            let more = self.eat_operator(",");
            if !more || !self.starts_expression() {
                return Ok(StatementKind::Delete(targets));
            }
        }
    }

    fn primary_target(&mut self) -> Result<Expression> {
        self.operators(super::expression::OPERAND)
    }

    fn name_list(&mut self) -> Result<Vec<Identifier>> {
        self.advance();
        let mut names = vec![self.identifier()?];
        while self.eat_operator(",") {
            names.push(self.identifier()?);
        }
        Ok(names)
    }

    /// `type X = …`, which is refused.
    fn type_statement(&mut self) -> Result<Option<StatementKind>> {
        let word = matches!(self.kind(), TokenKind::Name(name) if &**name == "type");
        if !word || !matches!(self.ahead(1), TokenKind::Name(_)) {
            return Ok(None);
        }
        let start = self.span();
        self.advance();
        self.identifier()?;
        if self.is_operator("[") {
            self.skip_brackets();
        }
        if !self.eat_operator("=") {
            return Err(self.unexpected());
        }
        self.expression()?;
        self.refuse(self.since(start), "type statements");
        Ok(Some(StatementKind::Refused))
    }

    /// From an opening bracket past its closing one.
    pub(super) fn skip_brackets(&mut self) {
        let mut open = 0usize;
        loop {
            match self.kind() {
                TokenKind::Operator("(" | "[" | "{") => open += 1,
                TokenKind::Operator(")" | "]" | "}") => open = open.saturating_sub(1),
                TokenKind::End | TokenKind::Newline | TokenKind::Error(_) => return,
                _ => {}
            }
            self.advance();
            if open == 0 {
                return;
            }
        }
    }

    /// An expression, or an assignment to it.
    fn expression_statement(&mut self) -> Result<StatementKind> {
        let bracketed = self.is_operator("(");
        let first = self.expression_list()?;
        if self.is_operator(":") {
            return self.annotated(first, bracketed);
        }
        if let TokenKind::Operator(symbol) = self.kind()
            && let Some(operator) = augmented_operator(symbol)
        {
            check_augmented_target(&first)?;
            self.advance();
            let value = self.expression_list()?;
            return Ok(StatementKind::AugmentedAssign {
                target: first,
                operator,
                value,
            });
        }
        if !self.is_operator("=") {
            return Ok(StatementKind::Expression(first));
        }
        let mut targets = Vec::new();
        let mut value = first;
        while self.eat_operator("=") {
            check_target(&value)?;
            targets.push(value);
            value = self.expression_list()?;
        }
        Ok(StatementKind::Assign { targets, value })
    }

    fn annotated(&mut self, target: Expression, bracketed: bool) -> Result<StatementKind> {
        match target.kind {
            ExpressionKind::Name(_)
            | ExpressionKind::Attribute(..)
            | ExpressionKind::Subscript(..) => {}
            ExpressionKind::List(_) | ExpressionKind::Tuple(_) => {
                let message = format!(
                    "only single target (not {}) can be annotated",
                    target.describe()
                );
                return Err(syntax_error(target.span, message));
            }
            _ if bracketed => return Err(self.unexpected()),
            _ => return Err(syntax_error(target.span, "illegal target for annotation")),
        }
        self.advance();
        let annotation = self.expression()?;
        let value = if self.eat_operator("=") {
            Some(self.expression_list()?)
        } else {
            None
        };
        Ok(StatementKind::AnnotatedAssign {
            target,
            annotation,
            value,
        })
    }

    fn import_statement(&mut self) -> Result<StatementKind> {
        self.advance();
        let mut names = Vec::new();
        loop {
            let name = self.dotted_name()?;
            let alias = self.alias()?;
            names.push(ImportedName { name, alias });
            if !self.eat_operator(",") {
                return Ok(StatementKind::Import(names));
            }
        }
    }

    fn dotted_name(&mut self) -> Result<Identifier> {
        let start = self.span();
        let mut name = self.identifier()?;
        if !self.is_operator(".") {
            return Ok(name);
        }
        let mut dotted = String::from(&*name.name);
        while self.eat_operator(".") {
            dotted.push('.');
            dotted.push_str(&self.identifier()?.name);
        }
        name.name = dotted.into();
        name.span = self.since(start);
        Ok(name)
    }

    fn alias(&mut self) -> Result<Option<Identifier>> {
        if self.eat_keyword("as") {
            return Ok(Some(self.identifier()?));
        }
        Ok(None)
    }

    fn import_from_statement(&mut self) -> Result<StatementKind> {
        self.advance();
        let mut level = 0;
        let start = self.span();
        loop {
            if self.eat_operator(".") {
                level += 1;
            } else if self.eat_operator("...") {
                level += 3;
            } else {
                break;
            }
        }
        let module = if level > 0 && self.is_keyword("import") {
            Identifier {
                name: "".into(),
                span: self.since(start),
            }
        } else {
            self.dotted_name()?
        };
        self.expect_keyword("import")?;
        let names = self.imported_names()?;
        Ok(StatementKind::ImportFrom {
            level,
            module,
            names,
        })
    }

    fn imported_names(&mut self) -> Result<Vec<ImportedName>> {
        let span = self.span();
        if self.eat_operator("*") {
            let name = Identifier {
                name: "*".into(),
                span,
            };
            return Ok(vec![ImportedName { name, alias: None }]);
        }
        let bracketed = self.eat_operator("(");
        let mut names = Vec::new();
        loop {
            let name = self.identifier()?;
            let alias = self.alias()?;
            names.push(ImportedName { name, alias });
            let comma = self.eat_operator(",");
            if bracketed && self.eat_operator(")") {
                return Ok(names);
            }
            match (bracketed, comma) {
                (_, true) if matches!(self.kind(), TokenKind::Newline | TokenKind::End) => {
                    let message = "trailing comma not allowed without surrounding parentheses";
                    return Err(syntax_error(self.before(), message));
                }
                (_, true) => {}
                (true, false) => return Err(self.unexpected()),
                (false, false) => return Ok(names),
            }
        }
    }
}

fn augmented_operator(symbol: &str) -> Option<BinaryOperator> {
    use BinaryOperator as Op;
    Some(match symbol {
        "+=" => Op::Add,
        "-=" => Op::Subtract,
        "*=" => Op::Multiply,
        "@=" => Op::MatrixMultiply,
        "/=" => Op::Divide,
        "//=" => Op::FloorDivide,
        "%=" => Op::Modulo,
        "**=" => Op::Power,
        "<<=" => Op::ShiftLeft,
        ">>=" => Op::ShiftRight,
        "&=" => Op::And,
        "^=" => Op::Xor,
        "|=" => Op::Or,
        _ => return None,
    })
}

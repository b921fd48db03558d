//! The tree of a Python text. Every node knows its place in the text.

use crate::base::Span;
use std::rc::Rc;

/// An identifier. Cheap to clone.
pub type Name = Rc<str>;

/// A whole text.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// Its statements, in order.
    pub body: Block,
}

/// Statements that run one after the other. Shared, since functions outlive the text's run.
pub type Block = Rc<[Statement]>;

/// An identifier with its place.
#[derive(Clone, Debug)]
pub struct Identifier {
    /// The identifier.
    pub name: Name,
    /// Where it stands.
    pub span: Span,
}

/// One statement.
#[derive(Clone, Debug)]
pub struct Statement {
    /// From its first to its last character, without the line end.
    pub span: Span,
    /// Which statement.
    pub kind: StatementKind,
}

/// The kinds of statement.
#[derive(Clone, Debug)]
pub enum StatementKind {
    /// An expression for its effect, or for its value when it stands last.
    Expression(Expression),
    /// `a = b = value`
    Assign {
        /// The targets, left to right.
        targets: Vec<Expression>,
        /// The right side.
        value: Expression,
    },
    /// `target op= value`
    AugmentedAssign {
        /// A name, attribute or subscript.
        target: Expression,
        /// The operator before `=`.
        operator: BinaryOperator,
        /// The right side.
        value: Expression,
    },
    /// `target: annotation = value`
    AnnotatedAssign {
        /// A name, attribute or subscript.
        target: Expression,
        /// The annotation, never evaluated.
        annotation: Expression,
        /// The right side.
        value: Option<Expression>,
    },
    /// `if … elif … else …`
    If {
        /// `if` and every `elif`: condition and block.
        branches: Vec<(Expression, Block)>,
        /// The `else` block, empty without one.
        otherwise: Block,
    },
    /// `for target in iterable: … else: …`
    For {
        /// What each item is assigned to.
        target: Expression,
        /// What is iterated.
        iterable: Expression,
        /// The loop's block.
        body: Block,
        /// The `else` block, empty without one.
        otherwise: Block,
    },
    /// `while test: … else: …`
    While {
        /// The condition.
        test: Expression,
        /// The loop's block.
        body: Block,
        /// The `else` block, empty without one.
        otherwise: Block,
    },
    /// `try: … except …: … else: … finally: …`
    Try {
        /// The guarded block.
        body: Block,
        /// The `except` clauses.
        handlers: Vec<Handler>,
        /// The `else` block, empty without one.
        otherwise: Block,
        /// The `finally` block, empty without one.
        finally: Block,
    },
    /// `with a as b, c: …`
    With {
        /// The context managers.
        items: Vec<WithItem>,
        /// The block.
        body: Block,
    },
    /// `raise error from cause`
    Raise {
        /// What is raised; nothing re-raises.
        error: Option<Expression>,
        /// The `from` part.
        cause: Option<Expression>,
    },
    /// `assert test, message`
    Assert {
        /// The condition.
        test: Expression,
        /// The message.
        message: Option<Expression>,
    },
    /// `return value`
    Return(Option<Expression>),
    /// `break`
    Break,
    /// `continue`
    Continue,
    /// `pass`
    Pass,
    /// `del a, b[0]`
    Delete(Vec<Expression>),
    /// `global a, b`
    Global(Vec<Identifier>),
    /// `nonlocal a, b`
    Nonlocal(Vec<Identifier>),
    /// `def name(…): …`
    Function(Rc<FunctionDefinition>),
    /// `class Name(…): …`
    Class(Rc<ClassDefinition>),
    /// `import a.b as c, d`
    Import(Vec<ImportedName>),
    /// `from ..module import a as b`
    ImportFrom {
        /// Number of leading dots.
        level: u32,
        /// The dotted module name, empty for `from . import a`.
        module: Identifier,
        /// The names; `*` alone for all.
        names: Vec<ImportedName>,
    },
    /// Python outside the subset; a diagnostic says which.
    Refused,
}

/// `except Type as name: …`
#[derive(Clone, Debug)]
pub struct Handler {
    /// The whole clause.
    pub span: Span,
    /// The class or tuple of classes; nothing catches all.
    pub class: Option<Expression>,
    /// The name that the exception gets.
    pub name: Option<Identifier>,
    /// The block.
    pub body: Block,
}

/// `context as target`
#[derive(Clone, Debug)]
pub struct WithItem {
    /// The context manager.
    pub context: Expression,
    /// What its value is assigned to.
    pub target: Option<Expression>,
}

/// `name as alias`
#[derive(Clone, Debug)]
pub struct ImportedName {
    /// The (dotted) name.
    pub name: Identifier,
    /// The name it gets here.
    pub alias: Option<Identifier>,
}

/// `@decorator def name(parameters) -> returns: body`
#[derive(Clone, Debug)]
pub struct FunctionDefinition {
    /// Its name.
    pub name: Identifier,
    /// The decorators, from the top.
    pub decorators: Vec<Expression>,
    /// The parameters.
    pub parameters: Parameters,
    /// The annotation after `->`, never evaluated.
    pub returns: Option<Expression>,
    /// The block.
    pub body: Block,
}

/// `@decorator class Name(bases, keyword=…): body`
#[derive(Clone, Debug)]
pub struct ClassDefinition {
    /// Its name.
    pub name: Identifier,
    /// The decorators, from the top.
    pub decorators: Vec<Expression>,
    /// Bases and keywords.
    pub arguments: Vec<Argument>,
    /// The block.
    pub body: Block,
}

/// The parameters of a function or lambda.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    /// Before `/`.
    pub positional_only: Vec<Parameter>,
    /// Between `/` and `*`.
    pub regular: Vec<Parameter>,
    /// `*args`
    pub variadic: Option<Parameter>,
    /// After `*`.
    pub keyword_only: Vec<Parameter>,
    /// `**kwargs`
    pub keywords: Option<Parameter>,
}

/// One parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: Identifier,
    /// The annotation, never evaluated.
    pub annotation: Option<Expression>,
    /// The default.
    pub default: Option<Expression>,
}

/// One expression.
#[derive(Clone, Debug)]
pub struct Expression {
    /// Where it stands, without parentheses around it.
    pub span: Span,
    /// Which expression.
    pub kind: ExpressionKind,
}

/// The kinds of expression.
#[derive(Clone, Debug)]
pub enum ExpressionKind {
    /// A name.
    Name(Name),
    /// `None`
    None,
    /// `True` and `False`
    Bool(bool),
    /// `...`
    Ellipsis,
    /// An integer.
    Int(IntLiteral),
    /// A float.
    Float(f64),
    /// A text, adjacent literals joined.
    Str(Rc<str>),
    /// Adjacent literals of which at least one is an f-string.
    FormattedString(Vec<StringPart>),
    /// `[a, b]`
    List(Vec<Expression>),
    /// `(a, b)` and `a, b`
    Tuple(Vec<Expression>),
    /// `{a, b}`
    Set(Vec<Expression>),
    /// `{a: b, **c}`
    Dict(Vec<DictItem>),
    /// `[… for …]`, `{… for …}`, `{…: … for …}`, `(… for …)`
    Comprehension(Rc<Comprehension>),
    /// `-a`, `not a`
    Unary(UnaryOperator, Box<Expression>),
    /// `a + b`
    Binary(Box<Expression>, BinaryOperator, Box<Expression>),
    /// `a and b and c`
    Boolean(BooleanOperator, Vec<Expression>),
    /// `a < b <= c`
    Compare(Box<Expression>, Vec<(CompareOperator, Expression)>),
    /// `body if test else otherwise`
    Conditional {
        /// The condition.
        test: Box<Expression>,
        /// Its value when true.
        body: Box<Expression>,
        /// Its value when false.
        otherwise: Box<Expression>,
    },
    /// `lambda a: b`
    Lambda(Rc<Lambda>),
    /// `function(arguments)`
    Call(Box<Expression>, Vec<Argument>),
    /// `value.name`
    Attribute(Box<Expression>, Identifier),
    /// `value[index]`
    Subscript(Box<Expression>, Box<Expression>),
    /// `a:b:c` inside a subscript
    Slice([Option<Box<Expression>>; 3]),
    /// `*a`
    Starred(Box<Expression>),
    /// `name := value`
    Walrus(Identifier, Box<Expression>),
    /// Python outside the subset; a diagnostic says which.
    Refused,
}

/// The digits of an integer, without prefix and underscores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntLiteral {
    /// 2, 8, 10 or 16.
    pub radix: u32,
    /// At least one digit of that radix.
    pub digits: Rc<str>,
}

/// A piece of a formatted string.
#[derive(Clone, Debug)]
pub enum StringPart {
    /// Text as it is.
    Text(Rc<str>),
    /// `{value!r:spec}`
    Replacement {
        /// What is shown.
        value: Box<Expression>,
        /// The text before the value for `{value=}`.
        label: Option<Rc<str>>,
        /// `!r` and its siblings.
        conversion: Option<Conversion>,
        /// The format specification, itself with replacements.
        format: Vec<StringPart>,
    },
}

/// `!s`, `!r`, `!a`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conversion {
    /// `str()`
    Str,
    /// `repr()`
    Repr,
    /// `ascii()`
    Ascii,
}

/// An entry of a dict display.
#[derive(Clone, Debug)]
pub enum DictItem {
    /// `key: value`
    Pair(Expression, Expression),
    /// `**mapping`
    Spread(Expression),
}

/// A comprehension or generator expression.
#[derive(Clone, Debug)]
pub struct Comprehension {
    /// What it makes.
    pub kind: ComprehensionKind,
    /// Its `for` clauses, outermost first; at least one.
    pub clauses: Vec<ForClause>,
}

/// What a comprehension makes of its items.
#[derive(Clone, Debug)]
pub enum ComprehensionKind {
    /// A list.
    List(Expression),
    /// A set.
    Set(Expression),
    /// A dict of keys and values.
    Dict(Expression, Expression),
    /// A lazy iterator.
    Generator(Expression),
}

/// `for target in iterable if a if b`
#[derive(Clone, Debug)]
pub struct ForClause {
    /// What each item is assigned to.
    pub target: Expression,
    /// What is iterated.
    pub iterable: Expression,
    /// Its conditions.
    pub conditions: Vec<Expression>,
}

/// `lambda parameters: body`
#[derive(Clone, Debug)]
pub struct Lambda {
    /// The parameters.
    pub parameters: Parameters,
    /// The value.
    pub body: Expression,
}

/// An argument of a call.
#[derive(Clone, Debug)]
pub enum Argument {
    /// `value`
    Positional(Expression),
    /// `*value`
    Spread(Expression),
    /// `name=value`
    Keyword(Identifier, Expression),
    /// `**value`
    KeywordSpread(Expression),
}

/// Operators with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `-`
    Minus,
    /// `+`
    Plus,
    /// `~`
    Invert,
    /// `not`
    Not,
}

/// `and`, `or`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BooleanOperator {
    /// `and`
    And,
    /// `or`
    Or,
}

/// Operators with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOperator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `@`
    MatrixMultiply,
    /// `/`
    Divide,
    /// `//`
    FloorDivide,
    /// `%`
    Modulo,
    /// `**`
    Power,
    /// `<<`
    ShiftLeft,
    /// `>>`
    ShiftRight,
    /// `&`
    And,
    /// `^`
    Xor,
    /// `|`
    Or,
}

impl BinaryOperator {
    /// As it is written.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::MatrixMultiply => "@",
            Self::Divide => "/",
            Self::FloorDivide => "//",
            Self::Modulo => "%",
            Self::Power => "**",
            Self::ShiftLeft => "<<",
            Self::ShiftRight => ">>",
            Self::And => "&",
            Self::Xor => "^",
            Self::Or => "|",
        }
    }
}

/// Comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompareOperator {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `in`
    In,
    /// `not in`
    NotIn,
    /// `is`
    Is,
    /// `is not`
    IsNot,
}

impl CompareOperator {
    /// As it is written.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::In => "in",
            Self::NotIn => "not in",
            Self::Is => "is",
            Self::IsNot => "is not",
        }
    }
}

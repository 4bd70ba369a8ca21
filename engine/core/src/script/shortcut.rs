//! Expressions so plain that they need no engine: `contact.fields.tier == "gold" && queue("sales").waiting < 5`, a
//! value by itself, comparisons of values with each other or with literals, and those joined with `&&`, `||` and `!`.
//! Most conditions of real flows are; they are recognised when a flow is published, as a small program over places
//! that values stand in, and cost a hundredth of an evaluation.
//!
//! A shortcut answers only where it is certain of the engine's answer, and declines otherwise: the engine then
//! evaluates, or reports the error, as if there were no shortcut. It declines numbers with decimals, which rhai compares
//! with a tolerance, and lists and maps.

use std::{borrow::Cow, cmp::Ordering};

use rhai::{AST, Expr, Stmt};
use serde_json::Value;

use super::{QueueView, Views, WaitUnit, functions::calendar_word, lint::View};

/// An expression as a tree of plain comparisons.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shortcut {
    /// The value itself.
    Is(Path),
    /// Two values compare so.
    Compares { left: Operand, operator: Operator, right: Operand },
    /// It does not hold.
    Not(Box<Shortcut>),
    /// Each holds.
    All(Vec<Shortcut>),
    /// One holds.
    Any(Vec<Shortcut>),
}

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Operand {
    Path(Path),
    Literal(Literal),
}

/// How two values compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
}

/// The place of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Path {
    Attribute(String),
    Field(String),
    ContactName,
    ContactAddress,
    ContactLocale,
    Channel,
    Touchpoint,
    Position,
    ExpectedWait(WaitUnit),
    MessageText,
    MessageChoice,
    NowSeconds,
    NowMilliseconds,
    Calendar(String),
    Queue { skill: String, figure: Figure },
}

/// A figure of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Figure {
    Waiting,
    Agents,
    Available,
}

/// A value that stands in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Literal {
    Text(String),
    Whole(i64),
    Truth(bool),
    Nothing,
}

impl Shortcut {
    /// The shortcut of a whole program, when it has one. Expects a tree that was linted and not yet simplified.
    pub(super) fn of(ast: &AST) -> Option<Self> {
        match ast.statements() {
            [Stmt::Expr(expr)] => Self::of_expr(expr),
            _ => None,
        }
    }

    fn of_expr(expr: &Expr) -> Option<Self> {
        match expr {
            Expr::And(all, _) => all.iter().map(Self::of_expr).collect::<Option<_>>().map(Self::All),
            Expr::Or(any, _) => any.iter().map(Self::of_expr).collect::<Option<_>>().map(Self::Any),
            Expr::FnCall(call, _) => match (call.name.as_str(), call.args.as_slice()) {
                ("!", [of]) if call.is_operator_call() => Self::of_expr(of).map(|of| Self::Not(Box::new(of))),
                // What `value in [..]` is parsed to. An empty list would compare nothing, and a value that does not exist
                // must be an error all the same.
                ("contains", [Expr::Array(list, _), value]) if !list.is_empty() => {
                    let value = Operand::Path(Path::of(value)?);
                    let equals = |one: &Expr| {
                        let right = Operand::Literal(Literal::of(one)?);
                        Some(Self::Compares { left: value.clone(), operator: Operator::Equal, right })
                    };
                    list.iter().map(equals).collect::<Option<_>>().map(Self::Any)
                }
                (operator, [left, right]) if call.is_operator_call() => {
                    let operator = Operator::named(operator)?;
                    Some(Self::Compares { left: Operand::of(left)?, operator, right: Operand::of(right)? })
                }
                _ => Path::of(expr).map(Self::Is),
            },
            _ => Path::of(expr).map(Self::Is),
        }
    }

    /// Whether it holds, or `None` where the engine must be asked.
    pub(super) fn test(&self, views: &dyn Views) -> Option<bool> {
        match self {
            Self::Is(path) => match path.read(views) {
                Seen::Truth(truth) => Some(truth),
                Seen::Text(_) | Seen::Whole(_) | Seen::Nothing | Seen::Else => None,
            },
            Self::Compares { left, operator, right } => operator.holds(&left.read(views), &right.read(views)),
            Self::Not(of) => of.test(views).map(|holds| !holds),
            Self::All(all) => {
                for one in all {
                    if !one.test(views)? {
                        return Some(false);
                    }
                }
                Some(true)
            }
            Self::Any(any) => {
                for one in any {
                    if one.test(views)? {
                        return Some(true);
                    }
                }
                Some(false)
            }
        }
    }

    /// What it gives, lent where it stands; `None` where the engine must be asked.
    pub(super) fn value<'v>(&self, views: &'v dyn Views) -> Option<Cow<'v, Value>> {
        let Self::Is(path) = self else { return self.test(views).map(|truth| Cow::Owned(Value::Bool(truth))) };
        match path.json(views) {
            Some(Value::Array(_) | Value::Object(_)) => None,
            // As a script has it, such a number has decimals.
            Some(Value::Number(n)) if n.is_u64() && !n.is_i64() => None,
            Some(value) => Some(Cow::Borrowed(value)),
            None => match path.read(views) {
                Seen::Text(text) => Some(Cow::Owned(Value::from(text))),
                Seen::Whole(number) => Some(Cow::Owned(Value::from(number))),
                Seen::Truth(truth) => Some(Cow::Owned(Value::from(truth))),
                Seen::Nothing => Some(Cow::Owned(Value::Null)),
                Seen::Else => None,
            },
        }
    }
}

/// A value read in place.
enum Seen<'a> {
    Text(&'a str),
    Whole(i64),
    Truth(bool),
    Nothing,
    /// A value that the engine must look at, or none where it will report an error.
    Else,
}

impl<'a> Seen<'a> {
    fn json(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Nothing,
            Value::Bool(truth) => Self::Truth(*truth),
            Value::Number(number) => number.as_i64().map_or(Self::Else, Self::Whole),
            Value::String(text) => Self::Text(text),
            Value::Array(_) | Value::Object(_) => Self::Else,
        }
    }
}

impl Operand {
    fn of(expr: &Expr) -> Option<Self> {
        Literal::of(expr).map(Self::Literal).or_else(|| Path::of(expr).map(Self::Path))
    }

    fn read<'a>(&'a self, views: &'a dyn Views) -> Seen<'a> {
        match self {
            Self::Path(path) => path.read(views),
            Self::Literal(Literal::Text(text)) => Seen::Text(text),
            Self::Literal(Literal::Whole(number)) => Seen::Whole(*number),
            Self::Literal(Literal::Truth(truth)) => Seen::Truth(*truth),
            Self::Literal(Literal::Nothing) => Seen::Nothing,
        }
    }
}

impl Operator {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "==" => Self::Equal,
            "!=" => Self::Unequal,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::More,
            ">=" => Self::MoreOrEqual,
            _ => return None,
        })
    }

    /// As rhai compares: values of different types are unequal and neither is less, and nothing only equals nothing.
    fn holds(self, left: &Seen<'_>, right: &Seen<'_>) -> Option<bool> {
        let order = match (left, right) {
            (Seen::Else, _) | (_, Seen::Else) => return None,
            (Seen::Text(a), Seen::Text(b)) => a.cmp(b),
            (Seen::Whole(a), Seen::Whole(b)) => a.cmp(b),
            (Seen::Truth(a), Seen::Truth(b)) => a.cmp(b),
            (Seen::Nothing, Seen::Nothing) => return Some(self == Self::Equal),
            (Seen::Text(_) | Seen::Whole(_) | Seen::Truth(_) | Seen::Nothing, _) => return Some(self == Self::Unequal),
        };
        Some(match self {
            Self::Equal => order == Ordering::Equal,
            Self::Unequal => order != Ordering::Equal,
            Self::Less => order == Ordering::Less,
            Self::LessOrEqual => order != Ordering::Greater,
            Self::More => order == Ordering::Greater,
            Self::MoreOrEqual => order != Ordering::Less,
        })
    }
}

impl Path {
    fn of(expr: &Expr) -> Option<Self> {
        let x = match expr {
            Expr::Dot(x, ..) => x,
            Expr::FnCall(..) => return named(expr, "calendar").map(Self::Calendar),
            _ => return None,
        };
        if let (Some(skill), Expr::Property(p, _)) = (named(&x.lhs, "queue"), &x.rhs) {
            return Figure::named(&p.2).map(|figure| Self::Queue { skill, figure });
        }
        let Expr::Variable(v, short, _) = &x.lhs else { return None };
        if v.0.is_some() || short.is_some() {
            return None;
        }
        let view = View::named(&v.1)?;
        match (view, &x.rhs) {
            (View::Attributes, Expr::Property(p, _)) => Some(Self::Attribute(p.2.to_string())),
            (View::Contact, Expr::Dot(rest, ..)) => match (&rest.lhs, &rest.rhs) {
                (Expr::Property(fields, _), Expr::Property(p, _)) if fields.2 == "fields" => {
                    Some(Self::Field(p.2.to_string()))
                }
                _ => None,
            },
            (view, Expr::Property(p, _)) => match (view, p.2.as_str()) {
                (View::Contact, "name") => Some(Self::ContactName),
                (View::Contact, "address") => Some(Self::ContactAddress),
                (View::Contact, "locale") => Some(Self::ContactLocale),
                (View::Interaction, "channel") => Some(Self::Channel),
                (View::Interaction, "touchpoint") => Some(Self::Touchpoint),
                (View::Interaction, "position") => Some(Self::Position),
                (View::Interaction, "expected_wait_s") => Some(Self::ExpectedWait(WaitUnit::Seconds)),
                (View::Interaction, "expected_wait_minutes") => Some(Self::ExpectedWait(WaitUnit::Minutes)),
                (View::Message, "text") => Some(Self::MessageText),
                (View::Message, "choice") => Some(Self::MessageChoice),
                (View::Now, "timestamp_s") => Some(Self::NowSeconds),
                (View::Now, "timestamp_ms") => Some(Self::NowMilliseconds),
                _ => None,
            },
            _ => None,
        }
    }

    /// The value where it stands as JSON.
    fn json<'a>(&self, views: &'a dyn Views) -> Option<&'a Value> {
        match self {
            Self::Attribute(name) => views.attributes().get(name.as_str()),
            Self::Field(name) => views.contact().fields.get(name),
            Self::ContactName
            | Self::ContactAddress
            | Self::ContactLocale
            | Self::Channel
            | Self::Touchpoint
            | Self::Position
            | Self::ExpectedWait(_)
            | Self::MessageText
            | Self::MessageChoice
            | Self::NowSeconds
            | Self::NowMilliseconds
            | Self::Calendar(_)
            | Self::Queue { .. } => None,
        }
    }

    fn read<'a>(&self, views: &'a dyn Views) -> Seen<'a> {
        let text = |value: Option<&'a str>| value.map_or(Seen::Nothing, Seen::Text);
        match self {
            Self::Attribute(_) | Self::Field(_) => self.json(views).map_or(Seen::Nothing, Seen::json),
            Self::ContactName => text(views.contact().name.as_deref()),
            Self::ContactAddress => Seen::Text(&views.contact().address),
            Self::ContactLocale => Seen::Text(views.contact().locale.as_str()),
            Self::Channel => Seen::Text(views.channel().as_str()),
            Self::Touchpoint => Seen::Text(views.touchpoint()),
            Self::Position => views.position().map_or(Seen::Nothing, |place| Seen::Whole(place.into())),
            Self::ExpectedWait(unit) => views.expected_wait().map_or(Seen::Nothing, |wait| Seen::Whole(unit.of(wait))),
            Self::MessageText => Seen::Text(views.message().map_or("", |m| &m.text)),
            Self::MessageChoice => text(views.message().and_then(|m| m.choice.as_deref())),
            Self::NowSeconds => Seen::Whole(views.now().0.div_euclid(1_000)),
            Self::NowMilliseconds => Seen::Whole(views.now().0),
            // One that does not exist is an error, which the engine reports.
            Self::Calendar(name) => views.calendar(name).map_or(Seen::Else, |state| Seen::Text(calendar_word(state))),
            Self::Queue { skill, figure } => {
                views.queue(skill).map_or(Seen::Else, |view| Seen::Whole(figure.of(view).into()))
            }
        }
    }
}

impl Figure {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "waiting" => Self::Waiting,
            "agents" => Self::Agents,
            "available" => Self::Available,
            _ => return None,
        })
    }

    fn of(self, view: QueueView) -> u32 {
        match self {
            Self::Waiting => view.waiting,
            Self::Agents => view.agents,
            Self::Available => view.available,
        }
    }
}

/// The text that a function of this name is called with.
fn named(expr: &Expr, function: &str) -> Option<String> {
    match expr {
        Expr::FnCall(call, _) if call.name == function => match call.args.as_slice() {
            [Expr::StringConstant(name, _)] => Some(name.to_string()),
            _ => None,
        },
        _ => None,
    }
}

impl Literal {
    fn of(expr: &Expr) -> Option<Self> {
        match expr {
            Expr::StringConstant(s, _) => Some(Self::Text(s.to_string())),
            Expr::IntegerConstant(i, _) => Some(Self::Whole(*i)),
            Expr::BoolConstant(b, _) => Some(Self::Truth(*b)),
            Expr::Unit(_) => Some(Self::Nothing),
            _ => None,
        }
    }
}

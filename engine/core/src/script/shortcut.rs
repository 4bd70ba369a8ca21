//! Conditions so plain that they need no engine: `contact.fields.tier == "gold"`, a bare true-or-false value, and
//! those joined with `&&` or `||`. Most conditions of real flows are; they cost a twentieth of an evaluation.
//!
//! A shortcut answers only where it is certain of the engine's answer, and declines otherwise: the engine then
//! evaluates, or reports the error, as if there were no shortcut.

use rhai::{AST, Expr, Stmt};
use serde_json::Value;

use super::{Views, lint::View};

/// A condition as a tree of plain comparisons.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shortcut {
    /// The value itself, true or false.
    Holds(Path),
    /// The value is, or is not, this literal.
    Compares { path: Path, equal: bool, literal: Literal },
    /// Each holds.
    All(Vec<Shortcut>),
    /// One holds.
    Any(Vec<Shortcut>),
}

/// What is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Path {
    Attribute(String),
    Field(String),
    ContactName,
    ContactAddress,
    ContactLocale,
    Channel,
    Touchpoint,
    MessageText,
    MessageChoice,
}

/// What it is compared with. Floats are left to the engine.
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
            Expr::FnCall(call, _) if call.is_operator_call() && (call.name == "==" || call.name == "!=") => {
                let [path, literal] = call.args.as_slice() else { return None };
                let (path, literal) = (Path::of(path)?, Literal::of(literal)?);
                Some(Self::Compares { path, equal: call.name == "==", literal })
            }
            _ => Path::of(expr).map(Self::Holds),
        }
    }

    /// The answer, or `None` where the engine must be asked.
    pub(super) fn test(&self, views: &dyn Views) -> Option<bool> {
        match self {
            Self::Holds(path) => match path.read(views) {
                Seen::Json(Value::Bool(b)) => Some(*b),
                Seen::Json(_) | Seen::Text(_) | Seen::Nothing => None,
            },
            Self::Compares { path, equal, literal } => literal.is(&path.read(views)).map(|same| same == *equal),
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
}

/// A value read in place.
enum Seen<'a> {
    Json(&'a Value),
    Text(&'a str),
    Nothing,
}

impl Path {
    fn of(expr: &Expr) -> Option<Self> {
        let Expr::Dot(x, ..) = expr else { return None };
        let Expr::Variable(v, short, _) = &x.lhs else { return None };
        if v.0.is_some() || short.is_some() {
            return None;
        }
        let view = View::ALL.into_iter().find(|view| view.name() == v.1)?;
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
                (View::Message, "text") => Some(Self::MessageText),
                (View::Message, "choice") => Some(Self::MessageChoice),
                _ => None,
            },
            _ => None,
        }
    }

    fn read<'a>(&self, views: &'a dyn Views) -> Seen<'a> {
        let json = |value: Option<&'a Value>| value.map_or(Seen::Nothing, Seen::Json);
        let text = |value: Option<&'a str>| value.map_or(Seen::Nothing, Seen::Text);
        match self {
            Self::Attribute(name) => json(views.attributes().get(name.as_str())),
            Self::Field(name) => json(views.contact().fields.get(name)),
            Self::ContactName => text(views.contact().name.as_deref()),
            Self::ContactAddress => Seen::Text(&views.contact().address),
            Self::ContactLocale => Seen::Text(views.contact().locale.as_str()),
            Self::Channel => Seen::Text(views.channel().as_str()),
            Self::Touchpoint => Seen::Text(views.touchpoint()),
            Self::MessageText => Seen::Text(views.message().map_or("", |m| &m.text)),
            Self::MessageChoice => text(views.message().and_then(|m| m.choice.as_deref())),
        }
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

    /// Whether the value is this literal, where both have one type or one of them is nothing.
    fn is(&self, seen: &Seen<'_>) -> Option<bool> {
        match (self, seen) {
            (Self::Text(text), Seen::Text(seen)) => Some(text == seen),
            (Self::Text(text), Seen::Json(Value::String(seen))) => Some(text == seen),
            (Self::Whole(i), Seen::Json(Value::Number(seen))) => seen.as_i64().map(|seen| *i == seen),
            (Self::Truth(b), Seen::Json(Value::Bool(seen))) => Some(b == seen),
            (Self::Nothing, Seen::Nothing | Seen::Json(Value::Null)) => Some(true),
            (Self::Text(_) | Self::Whole(_) | Self::Truth(_), Seen::Nothing | Seen::Json(Value::Null)) => Some(false),
            _ => None,
        }
    }
}

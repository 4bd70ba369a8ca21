//! What conditions decide: whether one is always or never true, and whether one that comes later in a list can still be
//! reached.
//!
//! Each condition is read as a formula over comparisons of a term with literals; everything else is a question of its own
//! that may be answered either way. The values that the literals tell apart are tried in all combinations, within a
//! bound; beyond it nothing is claimed. Terms that depend on each other are tried as if they did not, so a verdict is
//! certain and its absence is not.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{AST, Expr, Stmt};
use routewright_flows::{
    Channel, FlowDocument,
    check::{Possible, Verdict},
    document::AttributeType,
};

use super::{lint::View, types};

/// Combinations of values tried for one list of conditions.
const COMBINATIONS_MAX: usize = 20_000;

/// A verdict for each condition, tried in order; `None` for one that does not parse.
pub(super) fn decide(conditions: &[Option<AST>], document: &FlowDocument) -> Vec<Verdict> {
    let mut questions = Questions::default();
    let formulas: Vec<Option<Formula>> = conditions
        .iter()
        .map(|ast| match ast.as_ref()?.statements() {
            [Stmt::Expr(expr)] => Some(questions.formula(expr)),
            _ => None,
        })
        .collect();
    let each: Vec<Verdict> = formulas
        .iter()
        .map(|formula| match formula {
            Some(formula) => alone(formula, &questions, document),
            None => Verdict::Open,
        })
        .collect();
    let mut verdicts = each.clone();
    let taken = taken(&formulas, &questions, document);
    for (later, formula) in formulas.iter().enumerate() {
        let (Verdict::Open, Some(formula)) = (each[later], formula) else { continue };
        let hidden = match &taken {
            Some(taken) => !taken[later],
            // Too many questions for the whole list: at least no single earlier case may cover this one.
            None => (0..later).any(|earlier| {
                formulas[earlier].as_ref().is_some_and(|earlier| covers(earlier, formula, &questions, document))
            }),
        };
        if hidden {
            verdicts[later] = Verdict::Covered;
        }
    }
    verdicts
}

/// A condition as a formula; questions are known by their number.
#[derive(Debug, Clone)]
enum Formula {
    Fixed(bool),
    /// A term by itself: it must be true or false.
    Holds(usize),
    Compares(usize, Operator, Literal),
    Not(Box<Formula>),
    All(Vec<Formula>),
    Any(Vec<Formula>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
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

    /// The same comparison with its sides exchanged.
    fn turned(self) -> Self {
        match self {
            Self::Equal => Self::Equal,
            Self::Unequal => Self::Unequal,
            Self::Less => Self::More,
            Self::LessOrEqual => Self::MoreOrEqual,
            Self::More => Self::Less,
            Self::MoreOrEqual => Self::LessOrEqual,
        }
    }
}

/// A value that a term may have, or is compared with.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
enum Literal {
    Nothing,
    Truth(bool),
    Number(f64),
    Text(String),
    /// Something that no literal of the conditions is equal to, of no comparable type.
    Else,
}

impl Literal {
    fn of(expr: &Expr) -> Option<Self> {
        match expr {
            Expr::Unit(_) => Some(Self::Nothing),
            Expr::BoolConstant(truth, _) => Some(Self::Truth(*truth)),
            #[expect(
                clippy::cast_precision_loss,
                reason = "a literal of such size decides nothing that rounding hides"
            )]
            Expr::IntegerConstant(number, _) => Some(Self::Number(*number as f64)),
            Expr::FloatConstant(number, _) => Some(Self::Number(**number)),
            Expr::StringConstant(text, _) => Some(Self::Text(text.to_string())),
            Expr::FnCall(call, _) if call.name == "-" && call.args.len() == 1 => match Self::of(&call.args[0])? {
                Self::Number(number) => Some(Self::Number(-number)),
                Self::Nothing | Self::Truth(_) | Self::Text(_) | Self::Else => None,
            },
            _ => None,
        }
    }

    /// How rhai compares: values of different types are unequal, and neither is less.
    fn compare(&self, operator: Operator, other: &Self) -> bool {
        let order = match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.partial_cmp(b),
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            (Self::Truth(a), Self::Truth(b)) => Some(a.cmp(b)),
            (Self::Nothing, Self::Nothing) => {
                return matches!(operator, Operator::Equal);
            }
            _ => None,
        };
        match (operator, order) {
            (Operator::Unequal, None) => true,
            (_, None) => false,
            (Operator::Equal, Some(order)) => order.is_eq(),
            (Operator::Unequal, Some(order)) => order.is_ne(),
            (Operator::Less, Some(order)) => order.is_lt(),
            (Operator::LessOrEqual, Some(order)) => order.is_le(),
            (Operator::More, Some(order)) => order.is_gt(),
            (Operator::MoreOrEqual, Some(order)) => order.is_ge(),
        }
    }
}

/// Everything that the conditions of a list ask about.
#[derive(Debug, Default)]
struct Questions {
    terms: Vec<Term>,
    by_text: BTreeMap<String, usize>,
}

#[derive(Debug)]
struct Term {
    source: Asked,
    /// Literals that it is compared with.
    literals: Vec<Literal>,
}

/// What a term reads, as far as its values are known.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Asked {
    Attribute(String),
    Channel,
    Calendar,
    /// A value of these types.
    Typed(Possible),
}

impl Questions {
    fn formula(&mut self, expr: &Expr) -> Formula {
        match expr {
            Expr::BoolConstant(truth, _) => Formula::Fixed(*truth),
            Expr::And(all, _) => Formula::All(all.iter().map(|one| self.formula(one)).collect()),
            Expr::Or(all, _) => Formula::Any(all.iter().map(|one| self.formula(one)).collect()),
            Expr::FnCall(call, _) if call.name == "!" && call.args.len() == 1 => {
                Formula::Not(Box::new(self.formula(&call.args[0])))
            }
            Expr::FnCall(call, _) if call.args.len() == 2 && Operator::named(&call.name).is_some() => {
                let operator = Operator::named(&call.name).unwrap_or(Operator::Equal);
                match (Literal::of(&call.args[0]), Literal::of(&call.args[1])) {
                    (Some(a), Some(b)) => Formula::Fixed(a.compare(operator, &b)),
                    (None, Some(b)) => self.comparison(&call.args[0], operator, b).unwrap_or_else(|| self.opaque(expr)),
                    (Some(a), None) => {
                        self.comparison(&call.args[1], operator.turned(), a).unwrap_or_else(|| self.opaque(expr))
                    }
                    (None, None) => self.opaque(expr),
                }
            }
            _ => self.opaque(expr),
        }
    }

    fn comparison(&mut self, term: &Expr, operator: Operator, literal: Literal) -> Option<Formula> {
        let number = self.term(term)?;
        self.terms[number].literals.push(literal.clone());
        Some(Formula::Compares(number, operator, literal))
    }

    /// A condition that is only known to be true or false.
    fn opaque(&mut self, expr: &Expr) -> Formula {
        let number = self.term(expr).unwrap_or_else(|| self.add(None, Asked::Typed(Possible::TRUTH)));
        Formula::Holds(number)
    }

    fn term(&mut self, expr: &Expr) -> Option<usize> {
        let text = text(expr)?;
        if let Some(number) = self.by_text.get(&text) {
            return Some(*number);
        }
        Some(self.add(Some(text), asked(expr)))
    }

    fn add(&mut self, text: Option<String>, source: Asked) -> usize {
        let number = self.terms.len();
        self.terms.push(Term { source, literals: Vec::new() });
        self.by_text.extend(text.map(|text| (text, number)));
        number
    }
}

/// A term as text, so that two of the same are known as one; `None` for what cannot be told apart.
fn text(expr: &Expr) -> Option<String> {
    Some(match expr {
        Expr::Variable(v, short, _) if v.0.is_none() && short.is_none() => v.1.to_string(),
        Expr::Property(p, _) => format!(".{}", p.2),
        Expr::Dot(x, ..) => format!("{}.{}", text(&x.lhs)?, text(&x.rhs)?),
        Expr::Index(x, ..) => format!("{}[{}]", text(&x.lhs)?, text(&x.rhs)?),
        Expr::StringConstant(s, _) => format!("{s:?}"),
        Expr::IntegerConstant(n, _) => n.to_string(),
        Expr::FloatConstant(n, _) => format!("{n}f"),
        Expr::BoolConstant(b, _) => b.to_string(),
        Expr::Unit(_) => "()".to_owned(),
        Expr::FnCall(call, _) => format!("{}({})", call.name, texts(&call.args)?),
        Expr::MethodCall(call, _) => format!("{}({})", call.name, texts(&call.args)?),
        Expr::And(all, _) => format!("and({})", texts(all)?),
        Expr::Or(all, _) => format!("or({})", texts(all)?),
        Expr::Coalesce(all, _) => format!("else({})", texts(all)?),
        Expr::Array(all, _) => format!("[{}]", texts(all)?),
        _ => return None,
    })
}

fn texts(all: &[Expr]) -> Option<String> {
    all.iter().map(text).collect::<Option<Vec<_>>>().map(|all| all.join(","))
}

fn asked(expr: &Expr) -> Asked {
    match expr {
        Expr::Dot(x, ..) => match (&x.lhs, &x.rhs) {
            (Expr::Variable(v, ..), Expr::Property(p, _)) => match (View::named(&v.1), p.2.as_str()) {
                (Some(View::Attributes), name) => Asked::Attribute(name.to_owned()),
                (Some(View::Interaction), "channel") => Asked::Channel,
                _ => Asked::Typed(Possible::ANYTHING),
            },
            _ => Asked::Typed(Possible::ANYTHING),
        },
        Expr::FnCall(call, _) if call.name == "calendar" => Asked::Calendar,
        Expr::FnCall(call, _) => match types::signature(&call.name) {
            Some((_, gives)) => Asked::Typed(gives),
            None if Operator::named(&call.name).is_some() => Asked::Typed(Possible::TRUTH),
            None => Asked::Typed(Possible::ANYTHING),
        },
        _ => Asked::Typed(Possible::ANYTHING),
    }
}

impl Term {
    /// One value for each way that the literals can tell values apart.
    fn values(&self, document: &FlowDocument) -> Vec<Literal> {
        let texts = |all: &mut dyn Iterator<Item = &str>| all.map(|text| Literal::Text(text.to_owned())).collect();
        match &self.source {
            Asked::Channel if !document.channels.is_empty() => texts(&mut document.channels.iter().map(|c| c.as_str())),
            Asked::Channel => texts(&mut Channel::ALL.iter().map(|channel| channel.as_str())),
            Asked::Calendar => texts(&mut ["open", "closed", "holiday"].into_iter()),
            Asked::Attribute(name) => match types::spec(document, name) {
                Some(spec) => match &spec.one_of {
                    Some(list) => {
                        let mut all: Vec<Literal> = texts(&mut list.iter().map(String::as_str));
                        all.push(Literal::Nothing);
                        all
                    }
                    None => self.of_types(Possible::read_of(spec), spec.kind == AttributeType::Integer),
                },
                None => self.of_types(Possible::ANYTHING, false),
            },
            Asked::Typed(types) => self.of_types(*types, types.and(Possible::NUMBER) == Possible::WHOLE),
        }
    }

    fn of_types(&self, types: Possible, whole: bool) -> Vec<Literal> {
        let mut values = Vec::new();
        if types.meets(Possible::NOTHING) {
            values.push(Literal::Nothing);
        }
        if types.meets(Possible::TRUTH) {
            values.extend([Literal::Truth(false), Literal::Truth(true)]);
        }
        if types.meets(Possible::NUMBER) {
            values.extend(self.numbers(whole).into_iter().map(Literal::Number));
        }
        if types.meets(Possible::TEXT) {
            values.extend(self.texts().into_iter().map(Literal::Text));
        }
        if types.meets(Possible::LIST.or(Possible::MAP).or(Possible::OTHER)) {
            values.push(Literal::Else);
        }
        values
    }

    /// Each number that it is compared with, one in every gap between them, one below and one above.
    fn numbers(&self, whole: bool) -> Vec<f64> {
        let mut named: Vec<f64> = self
            .literals
            .iter()
            .filter_map(|literal| match literal {
                Literal::Number(number) => Some(*number),
                Literal::Nothing | Literal::Truth(_) | Literal::Text(_) | Literal::Else => None,
            })
            .collect();
        named.sort_by(f64::total_cmp);
        named.dedup();
        let (Some(first), Some(last)) = (named.first().copied(), named.last().copied()) else { return vec![0.0] };
        let mut numbers = vec![first - 1.0, last + 1.0];
        for pair in named.windows(2) {
            let middle = f64::midpoint(pair[0], pair[1]);
            let middle = if whole { middle.floor().max(pair[0] + 1.0) } else { middle };
            if middle < pair[1] {
                numbers.push(middle);
            }
        }
        numbers.extend(named.into_iter().filter(|number| !whole || number.fract() == 0.0));
        if whole {
            // Between a half and the next whole number there is that number.
            let halves: Vec<f64> = self.halves();
            numbers.extend(halves.iter().map(|half| half.floor()));
            numbers.extend(halves.iter().map(|half| half.ceil()));
        }
        numbers.sort_by(f64::total_cmp);
        numbers.dedup();
        numbers
    }

    fn halves(&self) -> Vec<f64> {
        let numbers = self.literals.iter().filter_map(|literal| match literal {
            Literal::Number(number) if number.fract() != 0.0 => Some(*number),
            Literal::Number(_) | Literal::Nothing | Literal::Truth(_) | Literal::Text(_) | Literal::Else => None,
        });
        numbers.collect()
    }

    /// Each text that it is compared with, the empty one, one between any two and one after all.
    fn texts(&self) -> BTreeSet<String> {
        let mut texts = BTreeSet::from([String::new()]);
        for literal in &self.literals {
            if let Literal::Text(text) = literal {
                texts.insert(text.clone());
                // The least text after this one.
                texts.insert(format!("{text}\u{0}"));
            }
        }
        texts
    }
}

impl Formula {
    fn terms(&self, found: &mut BTreeSet<usize>) {
        match self {
            Self::Fixed(_) => {}
            Self::Holds(term) | Self::Compares(term, ..) => drop(found.insert(*term)),
            Self::Not(inner) => inner.terms(found),
            Self::All(all) | Self::Any(all) => all.iter().for_each(|one| one.terms(found)),
        }
    }

    /// The answer for some values; `None` where the script would fail.
    fn test(&self, values: &BTreeMap<usize, &Literal>) -> Option<bool> {
        match self {
            Self::Fixed(truth) => Some(*truth),
            Self::Holds(term) => match values.get(term)? {
                Literal::Truth(truth) => Some(*truth),
                Literal::Nothing | Literal::Number(_) | Literal::Text(_) | Literal::Else => None,
            },
            Self::Compares(term, operator, literal) => Some(values.get(term)?.compare(*operator, literal)),
            Self::Not(inner) => inner.test(values).map(|truth| !truth),
            Self::All(all) => {
                for one in all {
                    if !one.test(values)? {
                        return Some(false);
                    }
                }
                Some(true)
            }
            Self::Any(all) => {
                for one in all {
                    if one.test(values)? {
                        return Some(true);
                    }
                }
                Some(false)
            }
        }
    }
}

/// Goes through every combination of values of what the formulas ask; false when there are too many.
fn combinations(
    formulas: &[&Formula],
    questions: &Questions,
    document: &FlowDocument,
    mut look: impl FnMut(&BTreeMap<usize, &Literal>),
) -> bool {
    let mut terms = BTreeSet::new();
    formulas.iter().for_each(|formula| formula.terms(&mut terms));
    let all: Vec<(usize, Vec<Literal>)> =
        terms.into_iter().map(|term| (term, questions.terms[term].values(document))).collect();
    let count = all.iter().try_fold(1_usize, |count, (_, values)| count.checked_mul(values.len()));
    let Some(count) = count.filter(|count| *count <= COMBINATIONS_MAX) else { return false };
    for mut number in 0..count {
        let mut values = BTreeMap::new();
        for (term, possible) in &all {
            values.insert(*term, &possible[number % possible.len()]);
            number /= possible.len();
        }
        look(&values);
    }
    true
}

fn alone(formula: &Formula, questions: &Questions, document: &FlowDocument) -> Verdict {
    let (mut holds, mut fails) = (false, false);
    let tried = combinations(&[formula], questions, document, |values| match formula.test(values) {
        Some(true) => holds = true,
        Some(false) => fails = true,
        None => {}
    });
    match (tried, holds, fails) {
        (true, true, false) if !matches!(formula, Formula::Holds(_)) => Verdict::Always,
        (true, false, true) => Verdict::Never,
        _ => Verdict::Open,
    }
}

/// Which conditions are the first that holds for some values; `None` when there are too many to try.
fn taken(formulas: &[Option<Formula>], questions: &Questions, document: &FlowDocument) -> Option<Vec<bool>> {
    let known: Vec<&Formula> = formulas.iter().flatten().collect();
    let mut taken = vec![false; formulas.len()];
    let tried = combinations(&known, questions, document, |values| {
        for (number, formula) in formulas.iter().enumerate() {
            let Some(formula) = formula else { continue };
            match formula.test(values) {
                Some(true) => {
                    taken[number] = true;
                    break;
                }
                Some(false) => {}
                // The node fails here.
                None => break,
            }
        }
    });
    tried.then_some(taken)
}

/// True when the earlier formula holds, or fails, whenever the later one holds.
fn covers(earlier: &Formula, later: &Formula, questions: &Questions, document: &FlowDocument) -> bool {
    let (mut once, mut apart) = (false, false);
    let tried = combinations(&[earlier, later], questions, document, |values| {
        if later.test(values) == Some(true) {
            once = true;
            apart |= earlier.test(values) == Some(false);
        }
    });
    tried && once && !apart
}

#[cfg(test)]
mod tests;

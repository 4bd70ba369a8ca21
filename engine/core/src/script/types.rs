//! What types the values of a script may have, worked out from its tree before anything runs, and the faults that follow:
//! an operation that no type of its operands allows, a comparison of values that are never equal, a result that the
//! place cannot use.
//!
//! Every set of types is at least as large as the truth: what cannot be told is anything. So a fault is certain, and a
//! script without a fault may still fail. It deliberately does not follow the functions that authors write: their
//! arguments and results are anything.

use std::collections::BTreeSet;

use rhai::{AST, ASTNode, Expr, FnCallExpr, Position, Stmt};
use routewright_flows::{
    FlowDocument, Words,
    check::{Possible, ScriptFault},
    descriptor::Returns,
    document::AttributeSpec,
};

use super::{error, functions::function, lint::View};

/// What a tree may give, and what is certainly wrong with its types.
pub(super) fn infer(ast: &AST, document: &FlowDocument) -> (Possible, Vec<ScriptFault>) {
    let reassigned = reassigned(ast);
    let mut typing = Typing { document, locals: Vec::new(), reassigned, sees_views: false, faults: Vec::new() };
    if ast.has_functions() {
        // One statement at a time: what came before it in its function is not known, and so anything.
        ast.clone_functions_only().walk(&mut |path| {
            if let [ASTNode::Stmt(statement)] = path {
                typing.statement(statement);
                typing.locals.clear();
            }
            true
        });
    }
    typing.sees_views = true;
    let gives = typing.block(ast.statements());
    (gives, typing.faults)
}

/// The fault of a result that the place of the expression cannot use.
pub(super) fn wanted(gives: Possible, returns: Returns, at: Position) -> Option<ScriptFault> {
    let wanted = match returns {
        Returns::Boolean => Possible::TRUTH,
        Returns::Integer => Possible::WHOLE,
        Returns::Number => Possible::NUMBER,
        Returns::String => Possible::TEXT,
        Returns::Any => return None,
    };
    (!gives.meets(wanted)).then(|| {
        let (gives, wanted) = (gives.words(), wanted.words());
        fault(
            at,
            Words::new(
                format!("the expression gives {}, and {} is wanted here", gives.en, wanted.en),
                format!("l’expression donne {}, alors qu’il faut ici {}", gives.fr, wanted.fr),
            ),
        )
    })
}

/// The fault of a placeholder whose value has no obvious text.
pub(super) fn written(gives: Possible, at: Position) -> Option<ScriptFault> {
    let value = gives.without(Possible::NOTHING);
    (value != Possible::NEVER && value.within(Possible::LIST.or(Possible::MAP))).then(|| {
        let gives = gives.words();
        fault(
            at,
            Words::new(
                format!(
                    "the placeholder gives {}, which has no obvious text; use join or one of its members",
                    gives.en
                ),
                format!(
                    "l’expression donne {}, qui n’a pas de texte évident ; utilisez join ou l’un de ses membres",
                    gives.fr
                ),
            ),
        )
    })
}

/// The type of each property of a view, as far as it has one.
pub(super) fn property_of(view: View, property: &str, document: &FlowDocument) -> Possible {
    const TEXT: Possible = Possible::TEXT;
    match (view, property) {
        (View::Attributes, name) => spec(document, name).map_or(Possible::ANYTHING, Possible::read_of),
        (View::Contact, "address" | "locale")
        | (View::Interaction, "id" | "channel" | "touchpoint")
        | (View::Message, "text")
        | (View::Now, "iso") => TEXT,
        (View::Contact, "name") | (View::Message, "choice") => TEXT.or(Possible::NOTHING),
        (View::Interaction, "position" | "expected_wait_s" | "expected_wait_minutes") => {
            Possible::WHOLE.or(Possible::NOTHING)
        }
        (View::Contact, "fields") => Possible::MAP,
        (View::Now, "timestamp_s" | "timestamp_ms") => Possible::WHOLE,
        (View::Contact | View::Interaction | View::Message | View::Now, _) => Possible::ANYTHING,
    }
}

/// The declaration of an attribute or input.
pub(super) fn spec<'d>(document: &'d FlowDocument, name: &str) -> Option<&'d AttributeSpec> {
    document.attributes.get(name).or_else(|| document.inputs.get(name))
}

/// What a function takes and gives; `None` for one that works on anything and gives anything.
pub(super) fn signature(name: &str) -> Option<(&'static [Possible], Possible)> {
    const ANY: Possible = Possible::ANYTHING;
    const T: Possible = Possible::TEXT;
    const B: Possible = Possible::TRUTH;
    const N: Possible = Possible::NUMBER;
    const I: Possible = Possible::WHOLE;
    const L: Possible = Possible::LIST;
    const M: Possible = Possible::MAP;
    /// Characters are texts to these functions.
    const TC: Possible = T.or(Possible::OTHER);
    const TL: Possible = T.or(L);
    const NTC: Possible = N.or(TC);
    const SIZED: Possible = T.or(L).or(M).or(Possible::OTHER);
    let found: (&[Possible], Possible) = match name {
        "calendar" => (&[T], T),
        "queue" => (&[T], M),
        "same" | "starts_with" | "ends_with" => (&[TC, TC], B),
        "plain" | "lower" | "upper" => (&[TC], T),
        "trim" => (&[T], T),
        "contains" => (&[SIZED, ANY], B),
        "index_of" => (&[TL, ANY], I),
        "replace" => (&[T, TC, TC], T),
        "sub_string" => (&[T, ANY, ANY], T),
        "split" => (&[TL, ANY], L),
        "to_string" | "type_of" => (&[ANY], T),
        "abs" => (&[N], N),
        "fixed" => (&[N, I], T),
        "len" => (&[SIZED], I),
        "is_empty" => (&[SIZED], B),
        "filter" | "map" | "sorted_by" => (&[L, ANY], L),
        "some" | "all" => (&[L, ANY], B),
        "find" => (&[L, ANY], ANY),
        "reduce" => (&[L, ANY, ANY], ANY),
        "sorted" => (&[L], L),
        "join" => (&[L, T], T),
        "keys" | "values" => (&[M], L),
        "to_int" => (&[NTC], I),
        "to_float" => (&[NTC], Possible::DECIMAL),
        "floor" | "ceiling" | "round" => (&[N], N),
        _ => return None,
    };
    Some(found)
}

/// Names that a script assigns anew somewhere: what they hold is not followed.
fn reassigned(ast: &AST) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    ast.walk(&mut |path| {
        if let Some(ASTNode::Stmt(Stmt::Assignment(assignment))) = path.last() {
            let mut target = &assignment.1.lhs;
            while let Expr::Dot(x, ..) | Expr::Index(x, ..) = target {
                target = &x.lhs;
            }
            if let Expr::Variable(v, ..) = target {
                names.insert(v.1.to_string());
            }
        }
        true
    });
    names
}

struct Typing<'a> {
    document: &'a FlowDocument,
    /// Variables in scope, innermost last.
    locals: Vec<(String, Possible)>,
    reassigned: BTreeSet<String>,
    /// False inside functions, where the name of a view may be that of a parameter.
    sees_views: bool,
    faults: Vec<ScriptFault>,
}

impl Typing<'_> {
    /// The value of a block: that of its last statement, or nothing.
    fn block(&mut self, statements: &[Stmt]) -> Possible {
        let from = self.locals.len();
        let mut gives = Possible::NOTHING;
        for statement in statements {
            gives = self.statement(statement);
        }
        self.locals.truncate(from);
        gives
    }

    fn statement(&mut self, statement: &Stmt) -> Possible {
        match statement {
            Stmt::Noop(_) | Stmt::Share(_) => Possible::NOTHING,
            Stmt::If(x, _) => {
                self.condition(&x.expr);
                let then = self.block(x.body.statements());
                then.or(self.block(x.branch.statements()))
            }
            Stmt::While(x, _) => {
                if !matches!(x.expr, Expr::Unit(_)) {
                    self.condition(&x.expr);
                }
                self.block(x.body.statements());
                Possible::ANYTHING
            }
            Stmt::Do(x, ..) => {
                self.block(x.body.statements());
                self.condition(&x.expr);
                Possible::ANYTHING
            }
            Stmt::For(x, _) => {
                self.expr(&x.2.expr);
                let from = self.locals.len();
                let counter = x.1.as_ref().map(|ident| ident.name.to_string());
                self.locals.push((x.0.name.to_string(), Possible::ANYTHING));
                self.locals.extend(counter.map(|name| (name, Possible::WHOLE)));
                self.block(x.2.body.statements());
                self.locals.truncate(from);
                Possible::ANYTHING
            }
            Stmt::Var(x, ..) => {
                let gives = self.expr(&x.1);
                let name = x.0.name.to_string();
                let holds = if self.reassigned.contains(&name) { Possible::ANYTHING } else { gives };
                self.locals.push((name, holds));
                Possible::NOTHING
            }
            Stmt::Assignment(x) => {
                self.expr(&x.1.rhs);
                Possible::NOTHING
            }
            Stmt::FnCall(call, at) => self.call(call, *at),
            Stmt::Block(block) => self.block(block.statements()),
            Stmt::Expr(expr) => self.expr(expr),
            Stmt::Return(value, ..) => {
                if let Some(value) = value {
                    self.expr(value);
                }
                Possible::ANYTHING
            }
            _ => Possible::ANYTHING,
        }
    }

    /// What must be true or false, with what it may be besides.
    fn condition(&mut self, expr: &Expr) -> Possible {
        let gives = self.expr(expr);
        self.needs(gives, Possible::TRUTH, expr.start_position());
        gives
    }

    fn expr(&mut self, expr: &Expr) -> Possible {
        match expr {
            Expr::BoolConstant(..) => Possible::TRUTH,
            Expr::IntegerConstant(..) => Possible::WHOLE,
            Expr::FloatConstant(..) => Possible::DECIMAL,
            Expr::StringConstant(..) => Possible::TEXT,
            Expr::CharConstant(..) => Possible::OTHER,
            Expr::Unit(_) => Possible::NOTHING,
            Expr::InterpolatedString(parts, _) => {
                for part in parts {
                    self.expr(part);
                }
                Possible::TEXT
            }
            Expr::Array(items, _) => {
                for item in items {
                    self.expr(item);
                }
                Possible::LIST
            }
            Expr::Map(fields, _) => {
                for (name, value) in &fields.0 {
                    self.expr(value);
                    if name.name == "set"
                        && let Expr::Map(set, _) = value
                    {
                        set.0.iter().for_each(|(name, value)| self.stored(&name.name, value));
                    }
                }
                Possible::MAP
            }
            Expr::Variable(v, _, _) => self.variable(&v.1),
            Expr::Stmt(block) => self.block(block.statements()),
            Expr::And(all, _) | Expr::Or(all, _) => {
                // rhai may simplify `false || x` to `x`, whatever it is.
                let gives: Vec<Possible> = all.iter().map(|one| self.condition(one)).collect();
                gives.into_iter().fold(Possible::TRUTH, Possible::or)
            }
            Expr::Coalesce(all, _) => {
                let gives: Vec<Possible> = all.iter().map(|one| self.expr(one)).collect();
                gives.into_iter().fold(Possible::NEVER, Possible::or)
            }
            Expr::FnCall(call, at) => self.call(call, *at),
            Expr::Dot(x, ..) => {
                let base = self.base(&x.lhs);
                self.follow(base, &x.rhs)
            }
            Expr::Index(x, ..) => self.index(&x.lhs, &x.rhs),
            _ => Possible::ANYTHING,
        }
    }

    fn local(&self, name: &str) -> Option<Possible> {
        self.locals.iter().rev().find(|(known, _)| known == name).map(|(_, holds)| *holds)
    }

    fn variable(&self, name: &str) -> Possible {
        let is_view = self.sees_views && View::named(name).is_some();
        self.local(name).unwrap_or(if is_view { Possible::MAP } else { Possible::ANYTHING })
    }

    /// What stands before a dot.
    fn base(&mut self, expr: &Expr) -> Base {
        if let Expr::Variable(v, ..) = expr
            && self.sees_views
            && self.local(&v.1).is_none()
            && let Some(view) = View::named(&v.1)
        {
            return Base::View(view);
        }
        match expr {
            Expr::FnCall(call, at) if call.name == "queue" => {
                self.call(call, *at);
                Base::Queue
            }
            _ => Base::Value(self.expr(expr)),
        }
    }

    /// What comes after a dot, link by link.
    fn follow(&mut self, base: Base, rest: &Expr) -> Possible {
        match rest {
            Expr::Dot(x, ..) => {
                let link = self.link(base, &x.lhs);
                self.follow(link, &x.rhs)
            }
            // What is inside a list or map is anything.
            Expr::Index(x, ..) => {
                self.link(base, &x.lhs);
                Possible::ANYTHING
            }
            link => match self.link(base, link) {
                Base::Value(gives) => gives,
                Base::View(_) | Base::Fields | Base::Queue => Possible::MAP,
            },
        }
    }

    fn link(&mut self, base: Base, link: &Expr) -> Base {
        match link {
            Expr::Property(p, at) => self.property(base, &p.2, *at),
            Expr::MethodCall(call, at) => {
                let of = match base {
                    Base::Value(of) => of,
                    Base::View(_) | Base::Fields | Base::Queue => Possible::MAP,
                };
                let more: Vec<Possible> = call.args.iter().map(|arg| self.argument(arg)).collect();
                Base::Value(self.apply(&call.name, &[vec![of], more].concat(), *at))
            }
            _ => Base::Value(Possible::ANYTHING),
        }
    }

    fn property(&mut self, base: Base, name: &str, at: Position) -> Base {
        match base {
            Base::View(View::Contact) if name == "fields" => Base::Fields,
            Base::View(view) => Base::Value(property_of(view, name, self.document)),
            Base::Queue if matches!(name, "waiting" | "agents" | "available") => Base::Value(Possible::WHOLE),
            Base::Fields | Base::Queue => Base::Value(Possible::ANYTHING),
            Base::Value(of) => {
                let has = Possible::MAP.or(Possible::OTHER);
                if !of.meets(has) && !GETTERS.contains(&name) {
                    let of = of.words();
                    self.faults.push(fault(
                        at,
                        Words::new(
                            format!("'{name}' is asked of {}, which has no members", of.en),
                            format!("« {name} » est demandé à {}, qui n’a pas de membres", of.fr),
                        ),
                    ));
                }
                Base::Value(Possible::ANYTHING)
            }
        }
    }

    fn index(&mut self, of: &Expr, inside: &Expr) -> Possible {
        if let (Base::View(view), Expr::StringConstant(name, at)) = (self.base(of), inside) {
            return match self.property(Base::View(view), name, *at) {
                Base::Value(gives) => gives,
                Base::View(_) | Base::Fields | Base::Queue => Possible::MAP,
            };
        }
        // Its own links come first in the tree; they are judged where they can be, and the element is anything.
        if !matches!(inside, Expr::Dot(..) | Expr::Index(..)) {
            self.expr(inside);
        }
        Possible::ANYTHING
    }

    /// An argument; a function is one too.
    fn argument(&mut self, expr: &Expr) -> Possible {
        match expr {
            Expr::DynamicConstant(..) | Expr::Stmt(_) => Possible::ANYTHING,
            other => self.expr(other),
        }
    }

    fn call(&mut self, call: &FnCallExpr, at: Position) -> Possible {
        let args: Vec<Possible> = call.args.iter().map(|arg| self.argument(arg)).collect();
        match (call.name.as_str(), args.as_slice()) {
            ("!", [of]) if call.is_operator_call() => self.needs(*of, Possible::TRUTH, at),
            ("-" | "+", [of]) if call.is_operator_call() => {
                self.needs(*of, Possible::NUMBER, at);
                of.and(Possible::NUMBER)
            }
            ("==" | "!=" | "<" | "<=" | ">" | ">=", [a, b]) => self.compare(&call.name, *a, *b, at),
            (operator, [a, b]) if call.is_operator_call() && ARITHMETIC.contains(&operator) => {
                self.arithmetic(operator, *a, *b, at)
            }
            (name, _) => self.apply(name, &args, at),
        }
    }

    fn apply(&mut self, name: &str, args: &[Possible], at: Position) -> Possible {
        // A function of the author's own hides one of ours only where the lint has refused it already.
        let Some((takes, gives)) = function(name).and_then(|_| signature(name)) else { return Possible::ANYTHING };
        for (number, (given, takes)) in args.iter().zip(takes).enumerate() {
            if !given.meets(*takes) {
                let (number, given, takes) = (number + 1, given.words(), takes.words());
                self.faults.push(fault(
                    at,
                    Words::new(
                        format!("argument {number} of '{name}' is {}, and the function takes {}", given.en, takes.en),
                        format!(
                            "l’argument {number} de « {name} » est {}, alors que la fonction prend {}",
                            given.fr, takes.fr
                        ),
                    ),
                ));
            }
        }
        gives
    }

    /// A fault where the value cannot be what is needed; gives what it then is.
    fn needs(&mut self, given: Possible, needed: Possible, at: Position) -> Possible {
        if !given.meets(needed) {
            let (given, words) = (given.words(), needed.words());
            self.faults.push(fault(
                at,
                Words::new(
                    format!("{} is needed here, and this is {}", words.en, given.en),
                    format!("il faut ici {}, or c’est {}", words.fr, given.fr),
                ),
            ));
        }
        needed
    }

    fn compare(&mut self, operator: &str, a: Possible, b: Possible, at: Position) -> Possible {
        let number = |of: Possible| if of.meets(Possible::NUMBER) { of.or(Possible::NUMBER) } else { of };
        // Characters compare with texts.
        let letter = |of: Possible| {
            if of.meets(Possible::TEXT.or(Possible::OTHER)) { of.or(Possible::TEXT).or(Possible::OTHER) } else { of }
        };
        let asks_for_nothing = a == Possible::NOTHING || b == Possible::NOTHING;
        if !asks_for_nothing && !letter(number(a)).meets(letter(number(b)).without(Possible::NOTHING)) {
            let always =
                if operator == "!=" { ("always true", "toujours vraie") } else { ("never true", "jamais vraie") };
            let (a, b) = (a.words(), b.words());
            self.faults.push(fault(
                at,
                Words::new(
                    format!("this compares {} with {}, which is {}", a.en, b.en, always.0),
                    format!("cette comparaison de {} avec {} n’est {}", a.fr, b.fr, always.1)
                        .replace("n’est toujours", "est toujours"),
                ),
            ));
        }
        Possible::TRUTH
    }

    fn arithmetic(&mut self, operator: &str, a: Possible, b: Possible, at: Position) -> Possible {
        let mut gives = Possible::NEVER;
        for left in a.types() {
            for right in b.types() {
                gives = gives.or(result(operator, left, right));
            }
        }
        if gives == Possible::NEVER {
            let (a, b) = (a.words(), b.words());
            self.faults.push(fault(
                at,
                Words::new(
                    format!("'{operator}' does not work on {} and {}", a.en, b.en),
                    format!("« {operator} » ne s’applique pas à {} et {}", a.fr, b.fr),
                ),
            ));
            return Possible::ANYTHING;
        }
        gives
    }

    /// A value that a script returns for an attribute: `#{ set: #{ name: value } }`.
    fn stored(&mut self, name: &str, value: &Expr) {
        let at = value.start_position();
        let Some(spec) = spec(self.document, name) else {
            let message = Words::new(
                format!("the script sets the attribute '{name}', which the flow does not declare"),
                format!("le script affecte l’attribut « {name} », que le scénario ne déclare pas"),
            );
            let hint = Words::new(
                "declare it under \"attributes\", or correct its name",
                "déclarez-le sous \"attributes\", ou corrigez son nom",
            );
            self.faults.push(ScriptFault { code: "unknown-attribute", span: error::position(at), message, hint });
            return;
        };
        let before = self.faults.len();
        let gives = self.expr(value);
        // The walk over the map has reported what is inside already.
        self.faults.truncate(before);
        if !gives.fits(spec.kind) {
            let (gives, held) = (gives.words(), Possible::stored_in(spec.kind).words());
            self.faults.push(fault(
                at,
                Words::new(
                    format!("the script sets the attribute '{name}' to {}, and it holds {}", gives.en, held.en),
                    format!("le script affecte {} à l’attribut « {name} », qui contient {}", gives.fr, held.fr),
                ),
            ));
        }
    }
}

/// What a chain of links starts from.
#[derive(Debug, Clone, Copy)]
enum Base {
    View(View),
    /// `contact.fields`.
    Fields,
    /// `queue(…)`.
    Queue,
    Value(Possible),
}

/// Members that rhai gives to values which are no maps.
const GETTERS: &[&str] = &[
    "bits",
    "bytes",
    "ceiling",
    "chars",
    "end",
    "floor",
    "fraction",
    "int",
    "is_empty",
    "is_even",
    "is_finite",
    "is_infinite",
    "is_nan",
    "is_odd",
    "is_zero",
    "len",
    "name",
    "round",
    "start",
    "tag",
];

const ARITHMETIC: &[&str] = &["+", "-", "*", "/", "%", "**"];

/// What an operator gives for two single types; never where it fails.
fn result(operator: &str, left: Possible, right: Possible) -> Possible {
    let numbers = left.within(Possible::NUMBER) && right.within(Possible::NUMBER);
    if left == Possible::OTHER || right == Possible::OTHER {
        return Possible::ANYTHING;
    }
    match operator {
        _ if numbers => {
            let whole = left == Possible::WHOLE && right == Possible::WHOLE;
            if whole { Possible::WHOLE } else { Possible::DECIMAL }
        }
        "+" if left == Possible::TEXT || right == Possible::TEXT => Possible::TEXT,
        // Takes the second out of the first.
        "-" if left == Possible::TEXT && right == Possible::TEXT => Possible::TEXT,
        "+" if left == Possible::LIST => Possible::LIST,
        "+" if left == Possible::MAP && right == Possible::MAP => Possible::MAP,
        _ => Possible::NEVER,
    }
}

fn fault(at: Position, message: Words) -> ScriptFault {
    ScriptFault {
        code: "type-mismatch",
        span: error::position(at),
        message,
        hint: Words::new(
            "use a value of the right type; number(text) and to_string(value) convert",
            "utilisez une valeur du bon type ; number(texte) et to_string(valeur) convertissent",
        ),
    }
}

#[cfg(test)]
mod tests;

//! What is wrong with a script that parses, and what it uses: one walk over its syntax tree answers both.
//!
//! The walk is also half of the sandbox. It refuses what no budget can bound: functions outside the table, closures
//! kept as values (chains of them overflow the stack when they are dropped), and assignment by index (the one way
//! to grow a map that rhai does not measure).

use std::collections::{BTreeMap, BTreeSet};

use rhai::{AST, ASTNode, Expr, ImmutableString, Position, Stmt};
use routewright_flows::{FlowDocument, Words, check::ScriptFault, suggest::Suggestions};

use super::{
    error,
    functions::{FUNCTIONS, TAKE_CLOSURES, function},
};

/// What a script reads of one view.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Part {
    /// Nothing.
    #[default]
    Nothing,
    /// These properties.
    Some(BTreeSet<String>),
    /// Perhaps any of it.
    All,
}

impl Part {
    fn add(&mut self, property: &str) {
        match self {
            Self::Nothing => *self = Self::Some(BTreeSet::from([property.to_owned()])),
            Self::Some(set) => {
                set.insert(property.to_owned());
            }
            Self::All => {}
        }
    }

    /// True when anything is read.
    pub(super) fn is_used(&self) -> bool {
        *self != Self::Nothing
    }
}

/// What a script uses: an evaluation builds nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Uses {
    pub(super) contact: Part,
    /// Of `contact.fields`.
    pub(super) fields: Part,
    pub(super) interaction: Part,
    pub(super) attributes: Part,
    pub(super) message: Part,
    pub(super) now: Part,
    /// Calendars named literally.
    pub(super) calendars: BTreeSet<ImmutableString>,
    /// Queues named literally.
    pub(super) queues: BTreeSet<ImmutableString>,
    /// True when a function of the document's library is called.
    pub(super) library: bool,
}

impl Uses {
    fn view(&mut self, view: View) -> &mut Part {
        match view {
            View::Contact => &mut self.contact,
            View::Interaction => &mut self.interaction,
            View::Attributes => &mut self.attributes,
            View::Message => &mut self.message,
            View::Now => &mut self.now,
        }
    }
}

/// The variables that exist in every script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    /// `contact`.
    Contact,
    /// `interaction`.
    Interaction,
    /// `attributes`.
    Attributes,
    /// `message`.
    Message,
    /// `now`.
    Now,
}

impl View {
    /// All of them, in the order of the documentation.
    pub(super) const ALL: [Self; 5] = [Self::Contact, Self::Interaction, Self::Attributes, Self::Message, Self::Now];

    /// Its name in scripts.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Interaction => "interaction",
            Self::Attributes => "attributes",
            Self::Message => "message",
            Self::Now => "now",
        }
    }

    /// Its properties; `None` where the document declares them.
    pub(super) fn properties(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Contact => Some(&["address", "name", "locale", "fields"]),
            Self::Interaction => {
                Some(&["id", "channel", "touchpoint", "position", "expected_wait_s", "expected_wait_minutes"])
            }
            Self::Attributes => None,
            Self::Message => Some(&["text", "choice"]),
            Self::Now => Some(&["iso", "timestamp_s", "timestamp_ms"]),
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.name() == name)
    }
}

/// Functions that scripts define: name and number of parameters.
pub(super) type Defined = BTreeSet<(String, usize)>;

/// The functions that a tree defines, closures left out.
pub(super) fn defined(ast: &AST) -> Defined {
    ast.iter_functions().filter(|f| !is_closure(f.name)).map(|f| (f.name.to_owned(), f.params.len())).collect()
}

/// What the walk must know of the script's surroundings.
pub(super) struct Surroundings<'a> {
    /// Gives the attributes that exist.
    pub(super) document: &'a FlowDocument,
    /// Functions of the document's library; `None` when it does not parse, and then no call is judged.
    pub(super) library: Option<&'a Defined>,
    /// True for the library itself.
    pub(super) is_library: bool,
}

/// Everything wrong with a tree, in the order of the text, and what it uses.
pub(super) fn lint(ast: &AST, around: &Surroundings<'_>) -> (Vec<ScriptFault>, Uses) {
    let own = defined(ast);
    let mut lint = Lint { around, own, uses: Uses::default(), faults: BTreeMap::new(), seen: BTreeSet::new() };
    lint.definitions(ast);
    let path = &mut Vec::new();
    for stmt in ast.statements() {
        if around.is_library && !matches!(stmt, Stmt::Noop(_)) {
            lint.fault(stmt.position(), "script-syntax", only_functions());
            break;
        }
        stmt.walk(path, &mut |path| lint.node(path, Body::Script));
        path.clear();
    }
    // Copying the functions of a tree costs more than looking through an expression.
    let bodies: &[Body] = if ast.has_functions() { &[Body::Function, Body::Closure] } else { &[] };
    for body in bodies.iter().copied() {
        // rhai 1.27's `clone_functions_only_filtered` keeps all functions, whatever the filter says.
        let mut bodies = ast.clone_functions_only();
        bodies.retain_functions(|_, _, name, _| is_closure(name) == (body == Body::Closure));
        bodies.walk(&mut |path| lint.node(path, body));
    }
    (lint.faults.into_values().collect(), lint.uses)
}

fn is_closure(name: &str) -> bool {
    name.starts_with("anon$")
}

/// What kind of body a node stands in: only the script itself sees the views by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    Script,
    Function,
    Closure,
}

struct Lint<'a> {
    around: &'a Surroundings<'a>,
    own: Defined,
    uses: Uses,
    /// By place and code, so that they come sorted and once.
    faults: BTreeMap<(Option<routewright_flows::finding::Position>, &'static str, String), ScriptFault>,
    /// Variables already understood as the beginning of a path.
    seen: BTreeSet<(usize, usize)>,
}

impl Lint<'_> {
    fn fault(&mut self, at: Position, code: &'static str, (message, hint): (Words, Words)) {
        let span = error::position(at);
        self.faults.insert((span, code, message.en.clone()), ScriptFault { code, span, message, hint });
    }

    fn definitions(&mut self, ast: &AST) {
        for f in ast.iter_fn_def().filter(|f| !is_closure(&f.name)) {
            let name = f.name.as_str();
            let library_has = !self.around.is_library
                && self.around.library.is_some_and(|l| l.contains(&(name.to_owned(), f.params.len())));
            if function(name).is_some() || library_has {
                self.fault(f.body.start_position(), "script-syntax", redefined(name));
            }
        }
    }

    fn node(&mut self, path: &[ASTNode<'_>], body: Body) -> bool {
        match path.last() {
            Some(ASTNode::Stmt(stmt)) => self.stmt(stmt),
            Some(ASTNode::Expr(expr)) => self.expr(expr, path, body),
            _ => {}
        }
        true
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Assignment(x) => self.assignment(&x.1.lhs),
            Stmt::FnCall(call, at) => self.call(&call.name, call.args.len(), false, &call.args, *at),
            Stmt::Import(_, at) | Stmt::Export(_, at) => self.fault(*at, "script-syntax", no_modules()),
            _ => {}
        }
    }

    fn assignment(&mut self, target: &Expr) {
        if let Expr::Index(_, _, at) = target {
            self.fault(*at, "script-syntax", no_index_assignment());
        }
        match target {
            Expr::Variable(x, short, at) if x.0.is_none() && short.is_none() && View::named(&x.1).is_some() => {
                self.fault(*at, "script-syntax", read_only(&x.1));
            }
            Expr::Dot(x, ..) | Expr::Index(x, ..) => {
                self.assignment(&x.lhs);
                self.index_inside(&x.rhs);
            }
            _ => {}
        }
    }

    fn index_inside(&mut self, chain: &Expr) {
        match chain {
            Expr::Index(_, _, at) => self.fault(*at, "script-syntax", no_index_assignment()),
            Expr::Dot(x, ..) => {
                self.index_inside(&x.lhs);
                self.index_inside(&x.rhs);
            }
            _ => {}
        }
    }

    fn expr(&mut self, expr: &Expr, path: &[ASTNode<'_>], body: Body) {
        match expr {
            Expr::Dot(x, _, _) | Expr::Index(x, _, _) => {
                let by_index = matches!(expr, Expr::Index(..));
                if let Expr::Variable(v, short, at) = &x.lhs
                    && v.0.is_none()
                    && short.is_none()
                    && let Some(view) = View::named(&v.1)
                    && body != Body::Function
                {
                    self.seen.insert(place(*at));
                    self.path(view, &x.rhs, by_index);
                }
            }
            Expr::Variable(v, short, at) => {
                let unresolved = v.0.is_none() && short.is_none();
                if !unresolved && View::named(&v.1).is_some() && is_capture(path) {
                    // Inside a closure a name means the view, whatever stands around it.
                    self.fault(*at, "script-syntax", hidden_view(&v.1));
                }
                if unresolved && !self.seen.contains(&place(*at)) {
                    self.bare(&v.1, *at, body, is_capture(path));
                }
            }
            Expr::FnCall(call, at) if !is_capture_call(expr, path) && !call.is_operator_call() => {
                self.call(&call.name, call.args.len(), false, &call.args, *at);
            }
            Expr::MethodCall(call, at) => self.call(&call.name, call.args.len(), true, &call.args, *at),
            Expr::DynamicConstant(value, at)
                if value.is_fnptr() && !is_capture(path) && !is_argument_of_taker(path, 1) =>
            {
                self.fault(*at, "script-syntax", no_function_values());
            }
            Expr::Stmt(block) if holds_capture(block.statements()) && !is_argument_of_taker(path, 1) => {
                self.fault(block.position(), "script-syntax", no_function_values());
            }
            _ => {}
        }
    }

    /// `view.property…` or `view["property"]…`.
    fn path(&mut self, view: View, rest: &Expr, by_index: bool) {
        let (first, after) = match rest {
            Expr::Dot(x, ..) => (&x.lhs, Some((&x.rhs, false))),
            Expr::Index(x, ..) => (&x.lhs, Some((&x.rhs, true))),
            _ => (rest, None),
        };
        let property = match first {
            Expr::Property(p, at) if !by_index => Some((p.2.as_str(), *at)),
            Expr::StringConstant(s, at) if by_index => Some((s.as_str(), *at)),
            _ => None,
        };
        let Some((property, at)) = property else {
            *self.uses.view(view) = Part::All;
            if view == View::Contact {
                self.uses.fields = Part::All;
            }
            return;
        };
        self.property(view, property, at);
        self.uses.view(view).add(property);
        if view == View::Contact && property == "fields" {
            self.fields(after);
        }
    }

    fn fields(&mut self, rest: Option<(&Expr, bool)>) {
        let first = |e: &Expr| match e {
            Expr::Dot(x, ..) | Expr::Index(x, ..) => x.lhs.clone(),
            _ => e.clone(),
        };
        match rest.map(|(e, by_index)| (first(e), by_index)) {
            Some((Expr::Property(p, _), false)) => self.uses.fields.add(&p.2),
            Some((Expr::StringConstant(s, _), true)) => self.uses.fields.add(&s),
            _ => self.uses.fields = Part::All,
        }
    }

    fn property(&mut self, view: View, property: &str, at: Position) {
        match view.properties() {
            Some(known) if !known.contains(&property) => {
                self.fault(at, "unknown-property", unknown_property(view, property, known));
            }
            Some(_) => {}
            None => {
                let document = self.around.document;
                let known = || document.attributes.keys().chain(document.inputs.keys()).map(|n| n.as_str());
                if !known().any(|n| n == property) {
                    self.fault(at, "unknown-attribute", unknown_attribute(property, known()));
                }
            }
        }
    }

    /// A variable by itself that the parser did not find among the script's own.
    fn bare(&mut self, name: &str, at: Position, body: Body, captured: bool) {
        match (View::named(name), body) {
            // The closure's own body says what it reads of the view.
            (Some(_), Body::Script | Body::Closure) if captured => {}
            (Some(view), Body::Script | Body::Closure) => {
                *self.uses.view(view) = Part::All;
                if view == View::Contact {
                    self.uses.fields = Part::All;
                }
            }
            (Some(_), Body::Function) => self.fault(at, "unknown-variable", not_in_functions(name)),
            // What a closure does not know it captures; the script or function around the outermost one is judged.
            (None, Body::Closure) => {}
            (None, Body::Script | Body::Function) => self.fault(at, "unknown-variable", unknown_variable(name)),
        }
    }

    fn call(&mut self, name: &str, n_args: usize, is_method: bool, args: &[Expr], at: Position) {
        // Operators are calls as well; rhai knows them all.
        if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return;
        }
        let given = if is_method { n_args + 1 } else { n_args };
        if let (false, Some(Expr::StringConstant(text, _))) = (is_method, args.first()) {
            match name {
                "calendar" => self.uses.calendars.insert(text.clone()),
                "queue" => self.uses.queues.insert(text.clone()),
                _ => false,
            };
        }
        if let Some(f) = function(name) {
            if !f.arities.contains(&given) {
                self.fault(at, "unknown-function", wrong_arity(f.signature, name, given));
            }
            return;
        }
        let key = (name.to_owned(), n_args);
        if self.own.contains(&key) {
            return;
        }
        match self.around.library {
            None => self.uses.library = true,
            Some(library) if library.contains(&key) => self.uses.library = true,
            Some(library) => {
                let others = self.own.iter().chain(library).find(|(n, _)| n == name).cloned();
                let words = match others {
                    Some((_, takes)) => wrong_arity_of_own(name, takes, n_args),
                    None => {
                        let own = self.own.iter().chain(library).map(|(n, _)| n.as_str());
                        let table = FUNCTIONS.iter().flat_map(|g| g.functions).map(|f| f.name);
                        unknown_function(name, own.chain(table))
                    }
                };
                self.fault(at, "unknown-function", words);
            }
        }
    }
}

fn place(at: Position) -> (usize, usize) {
    (at.line().unwrap_or(0), at.position().unwrap_or(0))
}

/// True for the block that rhai makes of a closure with captured variables.
fn holds_capture(block: &[Stmt]) -> bool {
    matches!(block, [Stmt::Share(_), ..])
}

/// True when the last node is the call that rhai makes to bind a closure's captured variables.
fn is_capture_call(expr: &Expr, path: &[ASTNode<'_>]) -> bool {
    let Expr::FnCall(call, _) = expr else { return false };
    let block = path.len().checked_sub(3).and_then(|i| path.get(i));
    call.name == "curry" && matches!(block, Some(ASTNode::Expr(Expr::Stmt(block))) if holds_capture(block.statements()))
}

/// True when the last node is an argument of that call.
fn is_capture(path: &[ASTNode<'_>]) -> bool {
    match path {
        [above @ .., ASTNode::Expr(parent), _] => {
            let mut with_parent: Vec<ASTNode<'_>> = above.to_vec();
            with_parent.push(ASTNode::Expr(parent));
            is_capture_call(parent, &with_parent)
        }
        _ => false,
    }
}

/// True when the last node is an argument of a function that takes functions.
fn is_argument_of_taker(path: &[ASTNode<'_>], up: usize) -> bool {
    let parent = path.len().checked_sub(1 + up).and_then(|i| path.get(i));
    match parent {
        Some(
            ASTNode::Expr(Expr::FnCall(call, _) | Expr::MethodCall(call, _)) | ASTNode::Stmt(Stmt::FnCall(call, _)),
        ) => TAKE_CLOSURES.contains(&call.name.as_str()),
        _ => false,
    }
}

type Said = (Words, Words);

fn did_you_mean<'n>(given: &str, known: impl IntoIterator<Item = &'n str>, otherwise: Words) -> Words {
    match Suggestions::default().nearest(given, known) {
        Some(near) => Words::new(format!("did you mean '{near}'?"), format!("vouliez-vous dire « {near} » ?")),
        None => otherwise,
    }
}

fn unknown_variable(name: &str) -> Said {
    (
        Words::new(format!("there is no variable '{name}'"), format!("la variable « {name} » n'existe pas")),
        did_you_mean(
            name,
            View::ALL.map(View::name),
            Words::new(
                "declare it with let, or read contact, interaction, attributes, message or now; text goes in double quotes",
                "déclarez-la par let, ou lisez contact, interaction, attributes, message ou now ; un texte se met entre guillemets droits",
            ),
        ),
    )
}

fn not_in_functions(name: &str) -> Said {
    (
        Words::new(
            format!("a function does not see '{name}', only its own arguments"),
            format!("une fonction ne voit pas « {name} », seulement ses propres arguments"),
        ),
        Words::new(
            format!("add a parameter and call the function with {name}"),
            format!("ajoutez un paramètre et appelez la fonction avec {name}"),
        ),
    )
}

fn hidden_view(name: &str) -> Said {
    (
        Words::new(
            format!("'{name}' is a variable of this script here, but not inside a closure"),
            format!("« {name} » est ici une variable du script, mais pas dans une fonction anonyme"),
        ),
        Words::new("give the variable another name", "donnez un autre nom à la variable"),
    )
}

fn unknown_property(view: View, property: &str, known: &[&str]) -> Said {
    let name = view.name();
    let message = Words::new(
        format!("'{name}' has no '{property}'; it has {}", known.join(", ")),
        format!("« {name} » n'a pas de « {property} » ; il a {}", known.join(", ")),
    );
    let otherwise = match view {
        View::Contact => Words::new(
            format!("what a touchpoint knows of a contact is in contact.fields: write contact.fields.{property}"),
            format!(
                "ce qu'un point de contact sait du contact est dans contact.fields : écrivez contact.fields.{property}"
            ),
        ),
        View::Interaction | View::Attributes | View::Message | View::Now => Words::new(
            format!("read one of {}", known.join(", ")),
            format!("lisez l'une des propriétés {}", known.join(", ")),
        ),
    };
    (message, did_you_mean(property, known.iter().copied(), otherwise))
}

fn unknown_attribute<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Said {
    (
        Words::new(
            format!("the flow declares no attribute '{name}'"),
            format!("le scénario ne déclare aucun attribut « {name} »"),
        ),
        did_you_mean(
            name,
            known,
            Words::new(
                "add it to the flow's attributes, with its type",
                "ajoutez-le aux attributs du scénario, avec son type",
            ),
        ),
    )
}

fn unknown_function<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Said {
    (
        Words::new(format!("there is no function '{name}'"), format!("la fonction « {name} » n'existe pas")),
        did_you_mean(
            name,
            known,
            Words::new(
                "see the list of functions in docs/scripting.md, or define it in the flow's library",
                "consultez la liste des fonctions dans docs/fr/scripting.md, ou définissez-la dans la bibliothèque du scénario",
            ),
        ),
    )
}

fn wrong_arity(signature: &str, name: &str, given: usize) -> Said {
    (
        Words::new(
            format!("'{name}' is called with {given} argument(s)"),
            format!("« {name} » est appelée avec {given} argument(s)"),
        ),
        Words::new(
            format!("write {signature}; as a method, the value before the dot is the first argument"),
            format!("écrivez {signature} ; comme méthode, la valeur avant le point est le premier argument"),
        ),
    )
}

fn wrong_arity_of_own(name: &str, takes: usize, given: usize) -> Said {
    (
        Words::new(
            format!("'{name}' takes {takes} argument(s), and is called with {given}"),
            format!("« {name} » prend {takes} argument(s), or elle est appelée avec {given}"),
        ),
        Words::new(format!("call it with {takes}"), format!("appelez-la avec {takes}")),
    )
}

fn redefined(name: &str) -> Said {
    (
        Words::new(format!("the function '{name}' exists already"), format!("la fonction « {name} » existe déjà")),
        Words::new("give yours another name", "donnez un autre nom à la vôtre"),
    )
}

fn read_only(name: &str) -> Said {
    (
        Words::new(format!("'{name}' is read-only"), format!("« {name} » est en lecture seule")),
        Words::new(
            "return what must change: #{ set: #{ name: value } } changes attributes",
            "renvoyez ce qui doit changer : #{ set: #{ nom: valeur } } modifie des attributs",
        ),
    )
}

fn no_index_assignment() -> Said {
    (
        Words::new("an element cannot be assigned with [ ]", "un élément ne peut pas être affecté avec [ ]"),
        Words::new("write x.set(key, value)", "écrivez x.set(clé, valeur)"),
    )
}

fn no_function_values() -> Said {
    (
        Words::new("a function cannot be kept as a value", "une fonction ne peut pas être gardée comme valeur"),
        Words::new(
            "write it where it is used: list.filter(|x| x > 3); or define it with fn",
            "écrivez-la là où elle sert : liste.filter(|x| x > 3) ; ou définissez-la avec fn",
        ),
    )
}

fn no_modules() -> Said {
    (
        Words::new("scripts have no modules", "les scripts n'ont pas de modules"),
        Words::new(
            "put common functions in the flow's library",
            "placez les fonctions communes dans la bibliothèque du scénario",
        ),
    )
}

fn only_functions() -> Said {
    (
        Words::new("a library holds only functions", "une bibliothèque ne contient que des fonctions"),
        Words::new("write fn name(arguments) { … }", "écrivez fn nom(arguments) { … }"),
    )
}

//! From source to something that can be evaluated: parse under bounds, lint, merge with the document's library,
//! simplify. Everything that can be refused is refused here, when a flow is checked, not when a contact waits.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use rhai::{AST, Engine, LexError, OptimizationLevel, ParseError, ParseErrorType, Scope};
use routewright_flows::{
    FlowDocument, Words,
    check::{Possible, ScriptFault},
    finding::Position,
};

use super::{
    error,
    lint::{self, Defined, Surroundings, Uses},
    shortcut::Shortcut,
    types,
};
use crate::limits;

/// A compiled expression or script.
#[derive(Debug)]
pub struct Program {
    pub(super) ast: AST,
    pub(super) uses: Uses,
    pub(super) operations_max: u64,
    /// True when it has functions or closures, which native functions may call back.
    pub(super) has_functions: bool,
    pub(super) shortcut: Option<Shortcut>,
}

/// The two ways to parse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// One expression: no loops, no closures, no statements, so no way to build deep values.
    Expression,
    /// Statements.
    Script,
}

/// The functions of one document, compiled.
#[derive(Debug)]
struct Library {
    source: String,
    /// `None` when it does not parse.
    ast: Option<AST>,
    defined: Defined,
    uses: Uses,
    faults: Vec<ScriptFault>,
}

/// The compiler. Holds the parsing engines, which keep no state between scripts, and the library compiled last: all
/// scripts of a document follow each other.
pub(super) struct Compiler {
    expressions: Engine,
    scripts: Engine,
    library: Mutex<Option<Arc<Library>>>,
    /// How many scripts it ever parsed.
    parsed: AtomicU64,
}

impl Compiler {
    pub(super) fn new() -> Self {
        let (expressions, scripts) = (engine(Mode::Expression), engine(Mode::Script));
        Self { expressions, scripts, library: Mutex::new(None), parsed: AtomicU64::new(0) }
    }

    pub(super) fn parsed(&self) -> u64 {
        self.parsed.load(Ordering::Relaxed)
    }

    /// Compiles, or says everything that is wrong, the library's own faults apart.
    pub(super) fn compile(
        &self,
        mode: Mode,
        source: &str,
        document: &FlowDocument,
    ) -> Result<Program, Vec<ScriptFault>> {
        let ast = self.parse(mode, source).map_err(|fault| vec![*fault])?;
        let library = self.library(document);
        let around =
            Surroundings { document, library: library.ast.is_some().then_some(&library.defined), is_library: false };
        let (faults, mut uses) = lint::lint(&ast, &around);
        if !faults.is_empty() {
            return Err(faults);
        }
        let shortcut = Shortcut::of(&ast);
        let ast = match &library.ast {
            Some(functions) if uses.library => {
                uses.calendars.extend(library.uses.calendars.iter().cloned());
                uses.queues.extend(library.uses.queues.iter().cloned());
                functions.merge(&ast)
            }
            _ => ast,
        };
        let ast = self.engine(mode).optimize_ast(&Scope::new(), ast, OptimizationLevel::Simple);
        let operations_max = match mode {
            Mode::Expression => limits::EXPRESSION_OPERATIONS_MAX,
            Mode::Script => limits::SCRIPT_OPERATIONS_MAX,
        };
        let has_functions = ast.has_functions();
        Ok(Program { ast, uses, operations_max, has_functions, shortcut })
    }

    /// Everything that is wrong with a source, its types included; `judge` looks at what it gives. Makes nothing that
    /// could run.
    pub(super) fn faults(
        &self,
        mode: Mode,
        source: &str,
        document: &FlowDocument,
        judge: impl Fn(Possible, rhai::Position) -> Option<ScriptFault>,
    ) -> Vec<ScriptFault> {
        let ast = match self.parse(mode, source) {
            Ok(ast) => ast,
            Err(fault) => return vec![*fault],
        };
        let library = self.library(document);
        let around =
            Surroundings { document, library: library.ast.is_some().then_some(&library.defined), is_library: false };
        let (faults, _) = lint::lint(&ast, &around);
        if !faults.is_empty() {
            return faults;
        }
        let (gives, mut faults) = types::infer(&ast, document);
        let at = ast.statements().last().map_or(rhai::Position::NONE, rhai::Stmt::position);
        faults.extend(if faults.is_empty() { judge(gives, at) } else { None });
        faults
    }

    /// The tree of an expression that parses.
    pub(super) fn tree(&self, source: &str) -> Option<AST> {
        self.parse(Mode::Expression, source).ok()
    }

    /// What is wrong with the document's library.
    pub(super) fn library_faults(&self, document: &FlowDocument) -> Vec<ScriptFault> {
        self.library(document).faults.clone()
    }

    fn engine(&self, mode: Mode) -> &Engine {
        match mode {
            Mode::Expression => &self.expressions,
            Mode::Script => &self.scripts,
        }
    }

    fn parse(&self, mode: Mode, source: &str) -> Result<AST, Box<ScriptFault>> {
        if limits::SCRIPT_BYTES_MAX < source.len() {
            return Err(Box::new(too_long(source.len())));
        }
        self.parsed.fetch_add(1, Ordering::Relaxed);
        match mode {
            Mode::Expression => self.expressions.compile_expression(source),
            Mode::Script => self.scripts.compile(source),
        }
        .map_err(|e| Box::new(syntax(&e, source)))
    }

    fn library(&self, document: &FlowDocument) -> Arc<Library> {
        let mut last = self.library.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some(library) if library.source == document.library => library.clone(),
            _ => {
                let library = Arc::new(self.compile_library(document));
                *last = Some(library.clone());
                library
            }
        }
    }

    fn compile_library(&self, document: &FlowDocument) -> Library {
        let source = document.library.clone();
        match self.parse(Mode::Script, &source) {
            Err(fault) => {
                Library { source, ast: None, defined: Defined::new(), uses: Uses::default(), faults: vec![*fault] }
            }
            Ok(ast) => {
                let defined = lint::defined(&ast);
                let around = Surroundings { document, library: Some(&defined), is_library: true };
                let (faults, uses) = lint::lint(&ast, &around);
                Library { source, ast: Some(ast), defined, uses, faults }
            }
        }
    }

    /// The library's faults when a program of this document cannot be trusted because of them.
    pub(super) fn refuse_faulty_library(
        &self,
        uses_library: bool,
        document: &FlowDocument,
    ) -> Result<(), Vec<ScriptFault>> {
        let faults = if uses_library { self.library_faults(document) } else { Vec::new() };
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

/// The bounds that hold while parsing and while running.
pub(super) fn bound(engine: &mut Engine) {
    let (global, inside) = limits::SCRIPT_EXPRESSION_DEPTH_MAX;
    engine
        .set_max_expr_depths(global, inside)
        .set_max_string_size(limits::SCRIPT_TEXT_BYTES_MAX)
        .set_max_array_size(limits::SCRIPT_ELEMENTS_MAX)
        .set_max_map_size(limits::SCRIPT_ELEMENTS_MAX)
        .set_max_variables(limits::SCRIPT_VARIABLES_MAX)
        .set_max_functions(limits::SCRIPT_FUNCTIONS_MAX)
        .set_max_call_levels(limits::SCRIPT_CALL_LEVELS_MAX)
        .set_max_modules(0);
}

/// A parsing engine. Unknown variables and functions are the lint's business, which finds all of them.
fn engine(mode: Mode) -> Engine {
    let mut engine = Engine::new_raw();
    bound(&mut engine);
    engine.set_optimization_level(OptimizationLevel::None);
    match mode {
        Mode::Expression => {
            engine.set_allow_looping(false).set_allow_anonymous_fn(false).set_allow_statement_expression(false)
        }
        Mode::Script => &mut engine,
    };
    engine
}

pub(super) fn too_long(length: usize) -> ScriptFault {
    let most = limits::SCRIPT_BYTES_MAX;
    ScriptFault {
        code: "script-too-long",
        span: None,
        message: Words::new(
            format!("the script has {length} bytes; at most {most} are allowed"),
            format!("le script compte {length} octets ; la limite est de {most}"),
        ),
        hint: Words::new(
            "move shared functions to the flow's library, or split the work over several nodes",
            "déplacez les fonctions communes dans la bibliothèque du scénario, ou répartissez le travail sur plusieurs nœuds",
        ),
    }
}

/// The parser stops at its first fault; this is it in our words.
fn syntax(parse: &ParseError, source: &str) -> ScriptFault {
    let at = error::position(parse.position()).or_else(|| end_of(source));
    let (code, message, hint) = words(parse.err_type());
    ScriptFault { code, span: at, message, hint }
}

fn end_of(source: &str) -> Option<Position> {
    let line = u32::try_from(source.lines().count().max(1)).ok()?;
    let column = u32::try_from(source.lines().last().map_or(0, |l| l.chars().count()) + 1).ok()?;
    Some(Position { line, column })
}

fn words(kind: &ParseErrorType) -> (&'static str, Words, Words) {
    use ParseErrorType as E;
    let plain = |en: &str, fr: &str, hint_en: &str, hint_fr: &str| {
        ("script-syntax", Words::new(en, fr), Words::new(hint_en, hint_fr))
    };
    match kind {
        E::UnexpectedEOF => plain(
            "the script ends too early",
            "le script s'arrête trop tôt",
            "complete the expression; look for a missing ) ] or }",
            "complétez l'expression ; cherchez un ) ] ou } manquant",
        ),
        E::BadInput(LexError::UnterminatedString) => plain(
            "a text is not closed",
            "un texte n'est pas fermé",
            "close it with a double quote",
            "fermez-le par un guillemet droit",
        ),
        E::BadInput(LexError::MalformedChar(given)) => plain(
            &format!("'{given}' is not one character"),
            &format!("« {given} » n'est pas un seul caractère"),
            "text goes in double quotes",
            "un texte se met entre guillemets droits doubles",
        ),
        E::MissingToken(token, _) => plain(
            &format!("'{token}' is missing"),
            &format!("il manque « {token} »"),
            &format!("write '{token}' here, or look for a mistake just before"),
            &format!("écrivez « {token} » ici, ou cherchez une erreur juste avant"),
        ),
        E::Reserved(symbol) if !symbol.starts_with(char::is_alphabetic) => plain(
            &format!("'{symbol}' has no meaning here"),
            &format!("« {symbol} » n'a pas de sens ici"),
            "remove it, or write x += 1 for one more and x -= 1 for one less",
            "retirez-le, ou écrivez x += 1 pour un de plus et x -= 1 pour un de moins",
        ),
        E::Reserved(word) => (
            "unknown-function",
            Words::new(
                format!("'{word}' is not available in scripts"),
                format!("« {word} » n'existe pas dans les scripts"),
            ),
            Words::new(
                "scripts only calculate; they have no modules, no output and no clock but now",
                "les scripts ne font que calculer ; ils n'ont ni modules, ni sortie, ni horloge autre que now",
            ),
        ),
        E::ExprTooDeep => plain(
            "the expression is nested too deeply",
            "l'expression est imbriquée trop profondément",
            "split it with let, or into functions",
            "découpez-la avec let ou en fonctions",
        ),
        E::TooManyFunctions => plain(
            &format!("more than {} functions", limits::SCRIPT_FUNCTIONS_MAX),
            &format!("plus de {} fonctions", limits::SCRIPT_FUNCTIONS_MAX),
            "remove functions that nothing calls",
            "retirez les fonctions que rien n'appelle",
        ),
        E::LiteralTooLarge(..) => plain(
            "a literal is too large",
            "un littéral est trop grand",
            "keep long texts in the flow's texts",
            "placez les longs textes dans les textes du scénario",
        ),
        E::AssignmentToConstant(name) => plain(
            &format!("'{name}' is a constant"),
            &format!("« {name} » est une constante"),
            "declare it with let",
            "déclarez-la par let",
        ),
        E::FnDuplicatedDefinition(name, _) => plain(
            &format!("the function '{name}' is defined twice"),
            &format!("la fonction « {name} » est définie deux fois"),
            "remove one of the two",
            "retirez l'une des deux",
        ),
        E::ExprExpected(_) => plain(
            "an expression is expected here",
            "une expression est attendue ici",
            "write a value, or remove what stands before",
            "écrivez une valeur, ou retirez ce qui précède",
        ),
        other => {
            let said: String = other.to_string().chars().take(200).collect();
            plain(
                &format!("the script cannot be read: {said}"),
                &format!("le script est illisible : {said}"),
                "compare with the examples of docs/scripting.md; text goes in double quotes",
                "comparez avec les exemples de docs/fr/scripting.md ; un texte se met entre guillemets droits",
            )
        }
    }
}

//! Why an evaluation failed: an enum to branch on and words to read. Never a panic.

use rhai::{EvalAltResult, Position as RhaiPosition};
use routewright_flows::{Words, finding::Position};

use super::budget::Stop;
use crate::{limits, node::Fault};

/// An evaluation that gave no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}", .position.map(|p| format!("{p}: ")).unwrap_or_default(), .message.en)]
pub struct ScriptError {
    /// What to branch on.
    pub kind: ScriptErrorKind,
    /// Where in the source, when known.
    pub position: Option<Position>,
    /// What happened and what to do.
    pub message: Words,
}

/// The ways to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ScriptErrorKind {
    /// More operations than allowed.
    Budget,
    /// More wall-clock time than allowed.
    Time,
    /// A text, list, map, nesting, call depth or number of variables past its bound.
    Size,
    /// The script itself failed: a missing value, a division by zero, a `throw`.
    Failed,
    /// The result does not have the type that the place wants.
    WrongType,
    /// The slot was never compiled.
    NotCompiled,
}

impl ScriptErrorKind {
    /// Stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Budget => "script-budget",
            Self::Time => "script-time",
            Self::Size => "script-size",
            Self::Failed => "script-failed",
            Self::WrongType => "script-type",
            Self::NotCompiled => "script-not-compiled",
        }
    }
}

impl ScriptError {
    /// Stable code of its kind.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// The slot was never compiled: its flow was published without passing the checks.
    #[must_use]
    pub fn not_compiled() -> Self {
        Self::new(
            ScriptErrorKind::NotCompiled,
            "this script was never compiled; check the flow and publish it again",
            "ce script n'a jamais été compilé ; vérifiez le scénario et publiez-le à nouveau",
        )
    }

    pub(super) fn new(kind: ScriptErrorKind, en: impl Into<String>, fr: impl Into<String>) -> Self {
        Self { kind, position: None, message: Words::new(en, fr) }
    }

    /// The result is of another type than the place wants.
    pub(super) fn wrong_type(wanted: &Words, given: &str) -> Self {
        Self::new(
            ScriptErrorKind::WrongType,
            format!("the result must be {}, and it is {given}", wanted.en),
            format!("le résultat doit être {}, or c'est {given}", wanted.fr),
        )
    }

    /// A result, or a text filled in, is too large.
    pub(super) fn too_large() -> Self {
        Self::new(
            ScriptErrorKind::Size,
            format!(
                "a value grew past its bound ({} bytes of text, {} elements, {} levels); keep less in one value",
                limits::SCRIPT_TEXT_BYTES_MAX,
                limits::SCRIPT_ELEMENTS_MAX,
                limits::SCRIPT_NESTING_MAX
            ),
            format!(
                "une valeur a dépassé sa limite ({} octets de texte, {} éléments, {} niveaux) ; réduisez-la",
                limits::SCRIPT_TEXT_BYTES_MAX,
                limits::SCRIPT_ELEMENTS_MAX,
                limits::SCRIPT_NESTING_MAX
            ),
        )
    }

    /// The engine panicked. rhai asserts in places; a script must not be able to take the process with it.
    pub(super) fn panicked() -> Self {
        Self::new(
            ScriptErrorKind::Failed,
            "the script engine gave up on this script; simplify it and report this script to the developers",
            "le moteur de scripts a renoncé à exécuter ce script ; simplifiez-le et signalez-le aux développeurs",
        )
    }

    /// What rhai reports, in our words. The library of a document is compiled apart; a position inside it would
    /// point at the wrong text, so the position of the call is given and the function is named.
    pub(super) fn from_rhai(error: &EvalAltResult, operations_max: u64) -> Self {
        let inner = innermost(error);
        let mut result = match inner {
            EvalAltResult::ErrorTerminated(token, _) => match token.clone().try_cast::<Stop>() {
                Some(Stop::Time) => Self::out_of_time(),
                Some(Stop::Size) => Self::too_large(),
                Some(Stop::Operations | Stop::NeedCalendar(_) | Stop::NeedQueue(_)) | None => {
                    Self::out_of_operations(operations_max)
                }
            },
            EvalAltResult::ErrorTooManyOperations(_) => Self::out_of_operations(operations_max),
            EvalAltResult::ErrorDataTooLarge(..) => Self::too_large(),
            EvalAltResult::ErrorTooManyVariables(_) => Self::new(
                ScriptErrorKind::Size,
                format!("more than {} variables at once; use fewer", limits::SCRIPT_VARIABLES_MAX),
                format!("plus de {} variables à la fois ; utilisez-en moins", limits::SCRIPT_VARIABLES_MAX),
            ),
            EvalAltResult::ErrorStackOverflow(_) => Self::new(
                ScriptErrorKind::Size,
                format!("functions call each other more than {} levels deep", limits::SCRIPT_CALL_LEVELS_MAX),
                format!("les fonctions s'appellent sur plus de {} niveaux", limits::SCRIPT_CALL_LEVELS_MAX),
            ),
            EvalAltResult::ErrorArithmetic(..) => Self::new(
                ScriptErrorKind::Failed,
                format!("a calculation has no result: {}", text(inner)),
                "un calcul n'a pas de résultat (division par zéro ou nombre trop grand)",
            ),
            EvalAltResult::ErrorFunctionNotFound(signature, _) => Self::new(
                ScriptErrorKind::Failed,
                format!("'{signature}' does not work on these values; check that none of them is missing"),
                format!("« {signature} » ne s'applique pas à ces valeurs ; vérifiez qu'aucune ne manque"),
            ),
            EvalAltResult::ErrorAssignmentToConstant(name, _) => Self::new(
                ScriptErrorKind::Failed,
                format!("'{name}' is read-only; return what must change instead"),
                format!("« {name} » est en lecture seule ; renvoyez plutôt ce qui doit changer"),
            ),
            EvalAltResult::ErrorRuntime(value, _) => {
                let said: String = value.to_string().chars().take(200).collect();
                Self::new(
                    ScriptErrorKind::Failed,
                    format!("the script threw: {said}"),
                    format!("le script a levé : {said}"),
                )
            }
            _ => Self::new(
                ScriptErrorKind::Failed,
                format!("the script failed: {}", text(inner)),
                format!("le script a échoué : {}", text(inner)),
            ),
        };
        result.position = position(error.position());
        if let EvalAltResult::ErrorInFunctionCall(name, ..) = error
            && !name.starts_with("anon$")
        {
            result.message.en = format!("{} (in '{name}')", result.message.en);
            result.message.fr = format!("{} (dans « {name} »)", result.message.fr);
        }
        result
    }

    fn out_of_operations(operations_max: u64) -> Self {
        Self::new(
            ScriptErrorKind::Budget,
            format!("the script needs more than {operations_max} operations; look for a loop that does not end"),
            format!("le script dépasse {operations_max} opérations ; cherchez une boucle qui ne se termine pas"),
        )
    }

    fn out_of_time() -> Self {
        let ms = limits::SCRIPT_TIME_MAX.as_millis();
        Self::new(
            ScriptErrorKind::Time,
            format!("the script ran for more than {ms} ms; make it do less"),
            format!("le script a duré plus de {ms} ms ; allégez-le"),
        )
    }
}

impl From<ScriptError> for Fault {
    fn from(error: ScriptError) -> Self {
        let at = error.position.map(|p| format!("{p}: ")).unwrap_or_default();
        Self::new(error.code(), format!("{at}{}", error.message.en), format!("{at}{}", error.message.fr))
    }
}

fn innermost(error: &EvalAltResult) -> &EvalAltResult {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _) => innermost(inner),
        _ => error,
    }
}

/// rhai's own sentence without its position, which is reported apart.
fn text(error: &EvalAltResult) -> String {
    let full = error.to_string();
    let end = full.rfind(" (line ").unwrap_or(full.len());
    full[..end].chars().take(200).collect()
}

/// A place in a source, from rhai's.
pub(super) fn position(at: RhaiPosition) -> Option<Position> {
    let line = u32::try_from(at.line()?).unwrap_or(u32::MAX);
    let column = u32::try_from(at.position().unwrap_or(0)).unwrap_or(u32::MAX).max(1);
    Some(Position { line, column })
}

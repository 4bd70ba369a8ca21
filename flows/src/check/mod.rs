//! The checks: a document in, every finding out, sorted.
//!
//! What the checks must know of the world they ask through three traits, so that this crate stays free of
//! behaviour: [`Kinds`] (node types), [`Scripts`] (the sandbox's compiler), [`Names`] (the tenant's catalogue).

mod assignment;
mod attributes;
mod checker;
pub mod codes;
mod conditions;
mod contracts;
mod entry;
mod exits;
mod fits;
mod naming;
mod nodes;
mod paths;
mod reading;
mod references;
mod rehearsals;
mod scripts;
mod secrets;
pub(crate) mod sink;
mod texts;
mod world;

pub use checker::{BadDescriptor, Checker, Report};

use crate::{
    descriptor::{Descriptor, ReferenceKind, Slot},
    document::FlowDocument,
    finding::Position,
    words::Words,
};

/// The node types that exist.
pub trait Kinds {
    /// What a kind declares.
    fn descriptor(&self, kind: &str) -> Option<&Descriptor>;

    /// All kinds, sorted, for "did you mean".
    fn kinds(&self) -> Vec<&str>;
}

/// The script compiler, seen from the language.
pub trait Scripts {
    /// Every fault of one script, expression or template, with positions inside `source`.
    ///
    /// `document` gives the attributes that exist and the library of functions.
    fn faults(&self, slot: &Slot, source: &str, document: &FlowDocument) -> Vec<ScriptFault>;

    /// Every fault of the document's own `library`.
    fn library_faults(&self, document: &FlowDocument) -> Vec<ScriptFault>;
}

/// A fault in a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptFault {
    /// The finding's code: `script-syntax`, `unknown-variable`, `unknown-function`, `unknown-attribute`,
    /// `unknown-property`, `script-too-long`, `template-syntax`.
    pub code: &'static str,
    /// Where in the source.
    pub span: Option<Position>,
    /// What is wrong.
    pub message: Words,
    /// What to do.
    pub hint: Words,
}

/// The catalogue, seen from the language.
pub trait Names {
    /// True when the thing exists.
    fn exists(&self, kind: ReferenceKind, name: &str) -> bool;

    /// Everything of that kind, sorted, for "did you mean".
    fn names(&self, kind: ReferenceKind) -> Vec<String>;
}

#[cfg(test)]
mod tests;

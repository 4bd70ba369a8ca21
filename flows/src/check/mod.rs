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
mod lifetime;
mod naming;
mod nodes;
mod paths;
mod possible;
mod reading;
mod references;
mod rehearsals;
mod scripts;
mod secrets;
mod silence;
pub(crate) mod sink;
mod texts;
mod world;

pub use checker::{BadDescriptor, Checker, Report};
pub use possible::Possible;

use std::{collections::BTreeSet, fmt, sync::Arc};

use serde_json::{Map, Value};

use crate::{
    channel::Channel,
    complete::Candidate,
    descriptor::{Descriptor, ReferenceKind, Slot},
    document::FlowDocument,
    finding::Position,
    name::AttributeName,
    stay::{AnswerTimes, Stay},
    words::Words,
};

/// The node types that exist.
pub trait Kinds {
    /// What a kind declares.
    fn descriptor(&self, kind: &str) -> Option<&Descriptor>;

    /// All kinds, sorted, for "did you mean".
    fn kinds(&self) -> Vec<&str>;

    /// What reads a configuration of this kind for good; `None` where its schema alone decides.
    fn reader(&self, _kind: &str) -> Option<Reader> {
        None
    }
}

/// Reads a configuration as the node itself will, and says what it means for the checks; or why it refuses, in English.
#[derive(Clone)]
pub struct Reader(Arc<ReadFn>);

type ReadFn = dyn Fn(Map<String, Value>, AnswerTimes) -> Result<Reading, String> + Send + Sync;

/// What a node says of itself, given its configuration.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// What it stores by itself.
    pub stores: Vec<(AttributeName, Possible)>,
    /// How long contacts stay; `None` leaves it to the flavour of its kind.
    pub stay: Option<Stay>,
    /// Cases that it never takes.
    pub covered: Vec<Covered>,
}

/// A case that is never taken, because an earlier one takes all that it would. Both are pointers into the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covered {
    /// The case.
    pub case: String,
    /// The earlier one, the last of several.
    pub by: String,
}

impl Reader {
    /// A reader.
    pub fn new(
        read: impl Fn(Map<String, Value>, AnswerTimes) -> Result<Reading, String> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(read))
    }

    /// Reads, where the catalogue gives contacts these times for an answer.
    ///
    /// # Errors
    /// Why the node would refuse this configuration.
    pub fn read(&self, config: Map<String, Value>, times: AnswerTimes) -> Result<Reading, String> {
        (self.0)(config, times)
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reader")
    }
}

/// The script compiler, seen from the language.
pub trait Scripts {
    /// Every fault of one script, expression or template, with positions inside `source`.
    ///
    /// `document` gives the attributes that exist and the library of functions.
    fn faults(&self, slot: &Slot, source: &str, document: &FlowDocument) -> Vec<ScriptFault>;

    /// Every fault of the document's own `library`.
    fn library_faults(&self, document: &FlowDocument) -> Vec<ScriptFault>;

    /// What each condition of a list decides when they are tried in order; one verdict for each.
    fn decide(&self, conditions: &[&str], _document: &FlowDocument) -> Vec<Verdict> {
        vec![Verdict::Open; conditions.len()]
    }

    /// What may be written next in a script or template, where `written` stands before.
    fn complete(&self, _slot: &Slot, _written: &str, _document: &FlowDocument) -> Vec<Candidate> {
        Vec::new()
    }

    /// What an expression may give.
    fn gives(&self, _source: &str, _document: &FlowDocument) -> Possible {
        Possible::ANYTHING
    }
}

/// What a condition decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It may be true and may be false, as far as can be told.
    Open,
    /// It is true whatever happens.
    Always,
    /// It is false whatever happens.
    Never,
    /// Whenever it is true, one before it is true already.
    Covered,
}

/// A fault in a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptFault {
    /// The finding's code: `script-syntax`, `unknown-variable`, `unknown-function`, `unknown-attribute`,
    /// `unknown-property`, `script-too-long`, `template-syntax`, `type-mismatch`.
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

    /// How long contacts have for an answer on these channels, all where there are none, where a node says nothing.
    fn answer_times(&self, _channels: &BTreeSet<Channel>) -> AnswerTimes {
        AnswerTimes::default()
    }
}

/// A catalogue in which everything exists, for documents that are bound to one later: imports, and documents out of any
/// tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anything;

impl Names for Anything {
    fn exists(&self, _: ReferenceKind, _: &str) -> bool {
        true
    }

    fn names(&self, _: ReferenceKind) -> Vec<String> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests;

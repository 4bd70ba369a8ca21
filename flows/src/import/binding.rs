//! What a source flow names by account ids, and what it is called here: the table that a person fills in.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::names::{Names, is_uuid, slug};

/// Values for the names of an import, by kind and name.
pub type Bindings = BTreeMap<BindingKind, BTreeMap<String, String>>;

/// Kinds of things that are bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BindingKind {
    /// A queue, workflow or topic: the name of a skill.
    Skill,
    /// Opening hours: the name of a calendar.
    Calendar,
    /// Another flow: its id.
    Flow,
    /// A function, webhook or service: an address beginning `https://`.
    Url,
    /// A recording: the words that are said instead.
    Prompt,
    /// A token or password: the name of a secret.
    Secret,
}

/// One row of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Binding {
    /// What it is.
    pub kind: BindingKind,
    /// Its name in the documents.
    pub name: String,
    /// What the source calls it.
    pub source: String,
    /// What it is bound to; `null` until somebody says so.
    pub value: Option<String>,
    /// The documents that use it.
    pub flows: BTreeSet<String>,
}

impl Binding {
    /// True when a document cannot work before somebody fills it in. Skills, calendars, flows and secrets are found in
    /// the catalogue by their name; the check says which of them are missing there.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match self.kind {
            BindingKind::Url | BindingKind::Prompt => self.value.is_none(),
            BindingKind::Skill | BindingKind::Calendar | BindingKind::Flow | BindingKind::Secret => false,
        }
    }
}

/// The table while an import runs.
#[derive(Debug, Clone)]
pub(super) struct BindingTable {
    given: Bindings,
    rows: BTreeMap<(BindingKind, String), Binding>,
    names: BTreeMap<BindingKind, Names>,
}

impl BindingTable {
    pub(super) fn new(given: Bindings) -> Self {
        Self { given, rows: BTreeMap::new(), names: BTreeMap::new() }
    }

    /// The row of a source's id, made at its first use. `called` is what people call it, when the source says.
    pub(super) fn row(&mut self, kind: BindingKind, source: &str, called: &str, flow: &str) -> &Binding {
        let row = self.rows.entry((kind, source.to_owned())).or_insert_with(|| {
            let wanted = if slug(called).is_empty() { readable(source) } else { called };
            let name = self.names.entry(kind).or_default().unique(wanted, kind.stem());
            let value = self.given.get(&kind).and_then(|names| names.get(&name)).cloned();
            Binding { kind, name, source: source.to_owned(), value, flows: BTreeSet::new() }
        });
        row.flows.insert(flow.to_owned());
        row
    }

    pub(super) fn into_rows(self) -> Vec<Binding> {
        self.rows.into_values().collect()
    }
}

impl BindingKind {
    fn stem(self) -> &'static str {
        match self {
            Self::Skill => "skill",
            Self::Calendar => "calendar",
            Self::Flow => "flow",
            Self::Url => "service",
            Self::Prompt => "prompt",
            Self::Secret => "secret",
        }
    }
}

/// The part of an id that says something: the last of an ARN, of a placeholder or of a path.
fn readable(source: &str) -> &str {
    let inner = source.trim_matches(|c: char| !c.is_alphanumeric());
    let inner = inner.strip_suffix(".arn").or_else(|| inner.strip_suffix(".Arn")).unwrap_or(inner);
    inner.rsplit(['/', ':', '.']).find(|part| !slug(part).is_empty() && !is_uuid(part)).unwrap_or(inner)
}

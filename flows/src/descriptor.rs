//! What a node type says of itself. Palette, forms, schema, documentation, checks and coverage read it; nothing else
//! needs to know a type by name.

use std::{borrow::Cow, collections::BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    channel::Channel,
    name::{ExitName, Kind},
    words::Words,
};

/// The JSON Schema keyword that marks a string as a [`Slot`].
pub const SLOT_KEYWORD: &str = "x-slot";

/// The JSON Schema keyword that says `description` in French.
pub const FRENCH_KEYWORD: &str = "x-fr";

/// Everything a node type declares.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Descriptor {
    /// Its name in documents.
    pub kind: Kind,
    /// Its name for people.
    pub title: Words,
    /// Its product page, in Markdown, with the headings of `docs/nodes/README.md`.
    pub docs: Words,
    /// The palette group.
    pub category: Category,
    /// A lucide icon name.
    pub icon: Cow<'static, str>,
    /// Whether it waits.
    pub flavour: Flavour,
    /// Its ways out.
    pub exits: Exits,
    /// JSON Schema (2020-12) of its `config`, closed, with sub-schemas inlined and slots marked.
    pub config: Value,
    /// Channels it works on.
    pub channels: BTreeSet<Channel>,
    /// Configurations that must be accepted, and ones that must be refused.
    pub examples: Vec<Example>,
    /// The version that brought it.
    pub since: Cow<'static, str>,
    /// How settled it is.
    pub stability: Stability,
}

/// Palette groups (DESIGN section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the palette's own")]
pub enum Category {
    Talk,
    Decide,
    Route,
    Time,
    CallOut,
    Structure,
    Finish,
}

/// Whether a node waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Flavour {
    /// Leaves at once; never waits.
    Instant,
    /// Waits for an event, always with a deadline. A legal cycle goes through one.
    Waiting,
    /// Ends the flow; has no exits.
    Terminal,
}

/// How settled a node type is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Stability {
    Stable,
    Preview,
    /// It only keeps the place of something that is not there: a flow that holds one may not be published.
    Placeholder,
}

/// The ways out of a node type: fixed ones, and ones that its configuration names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Exits {
    /// Exits that the type names itself.
    pub fixed: Vec<ExitSpec>,
    /// Where the configuration names further exits: a JSON pointer whose `*` stands for every element or key; a
    /// final `*` takes the keys themselves. `/options/*/id` for a menu, `/cases/*/exit` for a branch.
    pub from_config: Option<Cow<'static, str>>,
}

impl ExitSpec {
    /// True when a node of this configuration has the exit.
    #[must_use]
    pub fn exists_in(&self, config: &Map<String, Value>) -> bool {
        let Some(pointer) = &self.only_if else { return true };
        let setting = pointer.strip_prefix('/').and_then(|name| config.get(name));
        setting.and_then(Value::as_bool).unwrap_or(false)
    }
}

/// One way out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExitSpec {
    /// Its name.
    pub name: ExitName,
    /// What it stands for.
    pub role: ExitRole,
    /// When it is taken.
    pub docs: Words,
    /// The setting that opens it, as a JSON pointer to a boolean; the exit exists only where that is true. `None` for
    /// an exit that every node of the type has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only_if: Option<Cow<'static, str>>,
}

/// What an exit stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExitRole {
    /// The ordinary way on; must be wired.
    Normal,
    /// A deadline passed; must be wired.
    Timeout,
    /// An ordinary way on that is taken a bounded number of times, so a cycle through it ends; must be wired.
    Repeat,
    /// Something failed. May stay unwired: the fault then goes to the flow's error handler, and without one to the
    /// touchpoint's default skill.
    Error,
}

/// A configuration with the verdict it must get.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Example {
    /// What it shows.
    pub title: Words,
    /// The configuration.
    pub config: Map<String, Value>,
    /// True when the schema and `prepare` must accept it.
    pub valid: bool,
}

/// What a marked string of a configuration holds. Written into the schema under [`SLOT_KEYWORD`] by the engine's
/// field types; read here to compile, translate, cross-reference and complete it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "slot", rename_all = "snake_case")]
pub enum Slot {
    /// A rhai expression evaluated to a typed value.
    Expression {
        /// The type it must give.
        returns: Returns,
    },
    /// A rhai script of statements.
    Script,
    /// A text with `${expression}` parts, the same in every language.
    Template,
    /// `"@key"` of the flow's `texts`, or an object of texts by language.
    Text,
    /// The name of something in the catalogue.
    Reference {
        /// What it names.
        to: ReferenceKind,
    },
    /// The name of an attribute that the node writes.
    Attribute,
}

/// Types an expression may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Returns {
    Boolean,
    Integer,
    Number,
    String,
    Any,
}

/// Things a document may name. They are bound per environment; a document holds no account ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum ReferenceKind {
    Skill,
    Calendar,
    Template,
    Questionnaire,
    Flow,
    Disposition,
    Agent,
    Table,
    Secret,
}

impl ReferenceKind {
    /// The name used in messages and paths.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Skill => "skill",
            Self::Calendar => "calendar",
            Self::Template => "template",
            Self::Questionnaire => "questionnaire",
            Self::Flow => "flow",
            Self::Disposition => "disposition",
            Self::Agent => "agent",
            Self::Table => "table",
            Self::Secret => "secret",
        }
    }
}

/// The reference that means "what the touchpoint says": its default skill, its calendar.
pub const TOUCHPOINT: &str = "@touchpoint";

//! What a check found. Reporting and deciding are two jobs: code and severity to branch on, words to read.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{name::NodeId, words::Words};

/// One defect of a flow document.
///
/// Findings order by position in the document, then code, so that a report reads like the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Stable code, such as `unwired-exit`; documented in `docs/checks.md`.
    pub code: String,
    /// Whether it stops publishing.
    pub severity: Severity,
    /// JSON pointer (RFC 6901) of the faulty part.
    pub pointer: String,
    /// The node it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeId>,
    /// Where that is in the file the document was read from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// Where it is inside the script or template at `pointer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<Position>,
    /// What is wrong, with which id, and what was expected.
    pub message: Words,
    /// What to do next.
    pub hint: Words,
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The flow may not be published.
    Error,
    /// The flow may be published; somebody should look.
    Warning,
}

/// A place in a text; both count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Position {
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

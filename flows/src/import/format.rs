//! What a format must say: how its exports are read, and what each of its nodes is here.

use serde_json::Value;

use super::{
    draft::{Draft, Foreign, Step},
    reading::Refusal,
    source::{SourceFlow, SourceNode},
};

/// A format that is imported. A fifth one implements this in a folder of its own.
pub(super) trait Format {
    /// The flows of an export.
    fn read(&self, export: &Value) -> Result<Vec<SourceFlow>, Refusal>;

    /// The nodes here that do what a source node does, in order, or why there are none.
    fn map(&self, flow: &SourceFlow, node: &SourceNode, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign>;
}

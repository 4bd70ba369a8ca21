//! What each node type is here.

use crate::import::{
    draft::{Draft, Foreign, Step},
    source::{SourceFlow, SourceNode},
};

pub(super) fn map(_flow: &SourceFlow, node: &SourceNode, _draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
    Err(Foreign::unknown(&node.kind))
}

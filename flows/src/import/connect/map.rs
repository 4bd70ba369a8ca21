//! What each node type is here.

use crate::import::{
    draft::{Draft, Foreign, Step},
    source::SourceNode,
};

pub(super) fn map(node: &SourceNode, _draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
    Err(Foreign::unknown(&node.kind))
}

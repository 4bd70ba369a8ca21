//! The way back: what a source system would get again of a node.

use serde_json::Value;

use super::build::FOREIGN;
use crate::document::NodeDocument;

/// The node as its vendor's export had it; none for a node that was not imported, or that is a further step of one.
#[must_use]
pub fn vendor_payload(node: &NodeDocument) -> Option<&Value> {
    if node.kind.as_str() == FOREIGN {
        return node.config.get("payload");
    }
    node.vendor.values().find_map(|kept| kept.get("node"))
}

//! A published flow: every node prepared, every script compiled, immutable. Being written.

use std::{collections::BTreeMap, sync::Arc};

use routewright_flows::{
    AttributeName, ExitName, FlowDocument, FlowId, NodeId, Target,
    document::{AttributeSpec, Handlers},
};

use crate::{interaction::FlowVersion, node::PreparedNode};

/// A flow as interactions run it.
pub struct PublishedFlow {
    /// Its name and version.
    pub version: FlowVersion,
    /// Where interactions start.
    pub entry: NodeId,
    /// Where faults and hang-ups go.
    pub handlers: Handlers,
    /// The attributes that exist.
    pub attributes: BTreeMap<AttributeName, AttributeSpec>,
    /// What a caller gets back.
    pub outputs: BTreeMap<AttributeName, AttributeSpec>,
    /// The graph.
    pub nodes: BTreeMap<NodeId, PublishedNode>,
    /// The document it was made of.
    pub document: Arc<FlowDocument>,
}

impl std::fmt::Debug for PublishedFlow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PublishedFlow").field("version", &self.version).finish_non_exhaustive()
    }
}

/// A node of a published flow.
pub struct PublishedNode {
    /// Its behaviour.
    pub node: Arc<dyn PreparedNode>,
    /// Where its exits lead.
    pub exits: BTreeMap<ExitName, Target>,
}

/// Which version of a flow new interactions start on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The flow.
    pub flow: FlowId,
    /// The live version; `None` takes the flow out of service.
    pub live: Option<u32>,
}

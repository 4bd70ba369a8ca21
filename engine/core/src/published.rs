//! A published flow: every node read and prepared, every script compiled, every exit resolved, immutable.
//!
//! Opening an interaction on it compiles nothing, and following an exit is an index. What it deliberately does not
//! do: it checks no graph. That is the language's [`check`](routewright_flows::check), which a flow passes before it
//! comes here; what only a check can find (an unwired exit) is a fault when the flow runs into it, never a panic.

use std::{collections::BTreeMap, fmt, sync::Arc};

use routewright_flows::{
    AttributeName, ExitName, FlowDocument, Kind, NodeId, Target, Words,
    check::ScriptFault,
    document::{AttributeSpec, Handler, Handlers},
};

use crate::{
    interaction::FlowVersion,
    node::{Prepare, PreparedNode, Registry},
    script::Sandbox,
};

/// A flow as interactions run it.
pub struct PublishedFlow {
    /// Its name and version.
    pub version: FlowVersion,
    /// Where interactions start.
    pub entry: NodeId,
    /// Where faults and hang-ups go.
    pub handlers: Handlers,
    /// The attributes that exist; inputs and outputs are among them.
    pub attributes: BTreeMap<AttributeName, AttributeSpec>,
    /// What a caller must give.
    pub inputs: BTreeMap<AttributeName, AttributeSpec>,
    /// What a caller gets back.
    pub outputs: BTreeMap<AttributeName, AttributeSpec>,
    /// The graph, in order of node ids.
    pub nodes: Vec<PublishedNode>,
    /// The document it was made of.
    pub document: Arc<FlowDocument>,
    /// Values of attributes before any node sets them.
    pub(crate) defaults: BTreeMap<AttributeName, serde_json::Value>,
    pub(crate) start: NodeIndex,
    pub(crate) on_error: Option<NodeIndex>,
    pub(crate) on_disconnect: Option<NodeIndex>,
}

/// A node of a published flow.
pub struct PublishedNode {
    /// Its id.
    pub id: NodeId,
    /// Its behaviour.
    pub node: Arc<dyn PreparedNode>,
    /// Where its exits lead.
    pub exits: Vec<(ExitName, Destination)>,
}

/// The place of a node in [`PublishedFlow::nodes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeIndex(usize);

/// A [`Target`] whose node was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// To another node.
    Node(NodeIndex),
    /// The flow ends.
    End(ExitName),
    /// To one of the flow's handlers.
    Handler(Handler),
}

impl PublishedFlow {
    /// Reads and prepares every node of a document.
    ///
    /// # Errors
    /// [`PublishFault`] with the first node that does not exist, cannot be read or leads nowhere, or with every
    /// script that does not compile.
    pub fn prepare(
        document: Arc<FlowDocument>,
        version: u32,
        registry: &Registry,
        sandbox: &Sandbox,
    ) -> Result<Self, PublishFault> {
        let places: BTreeMap<&NodeId, NodeIndex> =
            document.nodes.keys().enumerate().map(|(place, id)| (id, NodeIndex(place))).collect();
        let find = |at: &dyn Fn() -> String, id: &NodeId| {
            places.get(id).copied().ok_or_else(|| PublishFault::UnknownNode { at: at(), node: id.clone() })
        };
        let mut nodes = Vec::with_capacity(document.nodes.len());
        let mut scripts = Vec::new();
        for (id, written) in &document.nodes {
            let mut cx = Prepare::new(sandbox, &document);
            let node = registry
                .prepare(&written.kind, written.config.clone(), &mut cx)
                .ok_or_else(|| PublishFault::UnknownKind { node: id.clone(), kind: written.kind.clone() })?
                .map_err(|e| PublishFault::Config { node: id.clone(), reason: e.to_string() })?;
            scripts.extend(cx.into_faults().into_iter().map(|fault| (id.clone(), fault)));
            let mut exits = Vec::with_capacity(written.exits.len());
            for (exit, target) in &written.exits {
                let to = match target {
                    Target::Node(to) => Destination::Node(find(&|| format!("/nodes/{id}/exits/{exit}"), to)?),
                    Target::End(end) => Destination::End(end.end.clone()),
                    Target::Handler(to) => Destination::Handler(to.handler),
                };
                exits.push((exit.clone(), to));
            }
            nodes.push(PublishedNode { id: id.clone(), node, exits });
        }
        if !scripts.is_empty() {
            return Err(PublishFault::Scripts(scripts));
        }
        let handler = |handler: Handler, name: &str| {
            document.handlers.node(handler).map(|id| find(&|| format!("/handlers/{name}"), id)).transpose()
        };
        let start = find(&|| "/entry".to_owned(), &document.entry)?;
        let on_error = handler(Handler::Error, "error")?;
        let on_disconnect = handler(Handler::Disconnect, "disconnect")?;
        let mut attributes = document.outputs.clone();
        attributes.extend(document.inputs.clone());
        attributes.extend(document.attributes.clone());
        let defaults =
            attributes.iter().filter_map(|(name, spec)| Some((name.clone(), spec.default.clone()?))).collect();
        Ok(Self {
            version: FlowVersion { flow: document.id.clone(), version },
            entry: document.entry.clone(),
            handlers: document.handlers.clone(),
            inputs: document.inputs.clone(),
            outputs: document.outputs.clone(),
            attributes,
            defaults,
            nodes,
            start,
            on_error,
            on_disconnect,
            document,
        })
    }

    /// The node with this id.
    #[must_use]
    pub fn node(&self, id: &NodeId) -> Option<&PublishedNode> {
        self.find(id).map(|index| self.at(index))
    }

    pub(crate) fn find(&self, id: &NodeId) -> Option<NodeIndex> {
        self.nodes.binary_search_by(|node| node.id.cmp(id)).ok().map(NodeIndex)
    }

    pub(crate) fn at(&self, index: NodeIndex) -> &PublishedNode {
        &self.nodes[index.0]
    }
}

impl PublishedNode {
    /// Where an exit leads; `None` when it is not wired.
    #[must_use]
    pub fn exit(&self, name: &str) -> Option<&(ExitName, Destination)> {
        self.exits.iter().find(|(exit, _)| exit.as_str() == name)
    }
}

impl fmt::Debug for PublishedFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublishedFlow").field("version", &self.version).finish_non_exhaustive()
    }
}

/// Why a document cannot be published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublishFault {
    /// A node's kind does not exist in this build.
    #[error("node '{node}' is of kind '{kind}', which does not exist here: choose another kind or install it")]
    UnknownKind {
        /// The node.
        node: NodeId,
        /// Its kind.
        kind: Kind,
    },
    /// A node's configuration does not have the shape of its kind.
    #[error("the configuration of node '{node}' cannot be read: {reason}")]
    Config {
        /// The node.
        node: NodeId,
        /// What the reader says.
        reason: String,
    },
    /// Something leads to a node that does not exist.
    #[error("{at} leads to node '{node}', which does not exist: add it or lead elsewhere")]
    UnknownNode {
        /// JSON pointer of what leads there.
        at: String,
        /// The missing node.
        node: NodeId,
    },
    /// Scripts that do not compile, each with its node.
    #[error("{} of the flow do not compile, the first in node '{}': {}", count(.0), .0[0].0, .0[0].1.message.en)]
    Scripts(Vec<(NodeId, ScriptFault)>),
}

fn count(faults: &[(NodeId, ScriptFault)]) -> String {
    format!("{} script(s)", faults.len())
}

impl PublishFault {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownKind { .. } => "unknown-kind",
            Self::Config { .. } => "bad-config",
            Self::UnknownNode { .. } => "dangling-exit",
            Self::Scripts(_) => "script-faults",
        }
    }

    /// The sentence in both languages.
    #[must_use]
    pub fn words(&self) -> Words {
        let fr = match self {
            Self::UnknownKind { node, kind } => format!(
                "le nœud « {node} » est du type « {kind} », qui n’existe pas ici : choisissez un autre type ou installez-le"
            ),
            Self::Config { node, reason } => {
                format!("la configuration du nœud « {node} » est illisible : {reason}")
            }
            Self::UnknownNode { at, node } => {
                format!("{at} mène au nœud « {node} », qui n’existe pas : ajoutez-le ou menez ailleurs")
            }
            Self::Scripts(faults) => format!(
                "{} script(s) du scénario ne se compilent pas, le premier dans le nœud « {} » : {}",
                faults.len(),
                faults[0].0,
                faults[0].1.message.fr
            ),
        };
        Words::new(self.to_string(), fr)
    }
}

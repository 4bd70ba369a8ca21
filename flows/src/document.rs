//! The flow document: what the editor saves and people review (DESIGN section 4). Strict: an unknown field is an
//! error, never silence. Nothing here is checked beyond its shape; that is [`crate::check`]'s work.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    channel::Channel,
    name::{AttributeName, ExitName, FlowId, Kind, NodeId, TextKey},
    scenario::Scenario,
    words::Localised,
};

/// The schema version this build reads and writes.
pub const SCHEMA: u32 = 1;

/// A routing script as its author wrote it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlowDocument {
    /// Version of this format; 1.
    pub schema: u32,
    /// Stable id of the flow.
    pub id: FlowId,
    /// What people call it.
    #[serde(default)]
    pub title: Localised,
    /// Channels the flow is written for.
    #[serde(default)]
    pub channels: BTreeSet<Channel>,
    /// Values the flow keeps about the interaction.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<AttributeName, AttributeSpec>,
    /// What a caller must give when this flow runs as a sub-flow; each is also an attribute here.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inputs: BTreeMap<AttributeName, AttributeSpec>,
    /// Attributes of this flow that a caller gets back.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<AttributeName, AttributeSpec>,
    /// Texts by key and language; templates with `${expression}`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub texts: BTreeMap<TextKey, Localised>,
    /// rhai functions that every script of the flow may call.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub library: String,
    /// Where an interaction starts.
    pub entry: NodeId,
    /// Where faults and hang-ups go.
    #[serde(default, skip_serializing_if = "Handlers::is_empty")]
    pub handlers: Handlers,
    /// The graph.
    pub nodes: BTreeMap<NodeId, NodeDocument>,
    /// Rehearsals that travel with the flow; `routewright test` plays them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<Scenario>,
    /// The editor's own; opaque, and outside the content hash.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub layout: Map<String, Value>,
    /// What importers keep of a source system.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub vendor: Map<String, Value>,
}

/// One node: its kind, its settings, and where each exit leads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NodeDocument {
    /// The node type.
    pub kind: Kind,
    /// What people call this node; the id when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Localised>,
    /// Settings, as the kind's JSON Schema wants them.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub config: Map<String, Value>,
    /// Where each exit leads.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub exits: BTreeMap<ExitName, Target>,
    /// A remark for other authors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What importers keep of a source system.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub vendor: Map<String, Value>,
}

/// Where an exit leads. Three explicit ways; a missing one is an error, never a silent end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Target {
    /// To another node.
    Node(NodeId),
    /// The flow ends here with a disposition.
    End(EndTarget),
    /// To one of the flow's handlers.
    Handler(HandlerTarget),
}

/// `{ "end": "<disposition>" }`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndTarget {
    /// The disposition the flow ends with; in a sub-flow, the exit its caller takes when it declares one so named.
    pub end: ExitName,
}

/// `{ "handler": "error" }`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HandlerTarget {
    /// Which handler.
    pub handler: Handler,
}

/// The handlers a flow may declare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Handler {
    /// A node failed and has no wired error exit of its own.
    Error,
    /// The contact left.
    Disconnect,
}

/// Entry nodes of the handlers. Where one is missing, the engine's last resort acts: the touchpoint's default
/// skill for errors, an end as `abandoned` for a contact who left.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Handlers {
    /// Entered on a fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<NodeId>,
    /// Entered when the contact leaves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disconnect: Option<NodeId>,
}

impl Handlers {
    /// True when the flow declares none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.error.is_none() && self.disconnect.is_none()
    }

    /// The node of one handler.
    #[must_use]
    pub fn node(&self, handler: Handler) -> Option<&NodeId> {
        match handler {
            Handler::Error => self.error.as_ref(),
            Handler::Disconnect => self.disconnect.as_ref(),
        }
    }
}

/// An attribute's type and first value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AttributeSpec {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: AttributeType,
    /// The only strings it may hold.
    #[serde(rename = "enum", default, skip_serializing_if = "Option::is_none")]
    pub one_of: Option<Vec<String>>,
    /// The value before any node sets it; without one it reads as `()` (nothing).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Localised>,
}

/// Types of attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttributeType {
    /// Text.
    String,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// True or false.
    Boolean,
    /// A list of anything.
    Array,
    /// Named values.
    Object,
    /// A calendar date, as ISO 8601 text.
    Date,
    /// Whatever is stored: for variables of systems whose variables have no type.
    Any,
}

impl AttributeSpec {
    /// True when the value may be stored in this attribute. `null` always may: it forgets.
    #[must_use]
    pub fn accepts(&self, value: &Value) -> bool {
        let kind = match (self.kind, value) {
            (_, Value::Null)
            | (AttributeType::Any, _)
            | (AttributeType::String | AttributeType::Date, Value::String(_))
            | (AttributeType::Number, Value::Number(_))
            | (AttributeType::Boolean, Value::Bool(_))
            | (AttributeType::Array, Value::Array(_))
            | (AttributeType::Object, Value::Object(_)) => true,
            (AttributeType::Integer, Value::Number(n)) => n.is_i64() || n.is_u64(),
            _ => false,
        };
        let listed = match (&self.one_of, value) {
            (Some(list), Value::String(text)) => list.iter().any(|one| one == text),
            _ => true,
        };
        kind && listed
    }
}

//! What a node type is. A type is one struct: its fields are the configuration, its `descriptor` says everything the
//! rest of the product needs to know, and four methods are its behaviour.
//!
//! What it deliberately does not do: a node sees no store, no socket and no other interaction. It reads and
//! commands through [`Turn`], and everything it commands is data.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use routewright_flows::{
    AnswerTimes, AttributeName, Descriptor, ExitName, FlowId, Kind, Stay, Words,
    check::{Covered, Kinds, Possible, Reader, Reading},
    complete::Described,
};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::event::Event;
pub use crate::step::{Prepare, Turn};

/// A node type. The struct is the configuration.
pub trait Node: DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// Everything the type declares; build it with [`describe`](crate::describe::describe).
    fn descriptor() -> Descriptor;

    /// Compiles the slots of the configuration; called once, when the flow is published.
    fn prepare(&mut self, _: &mut Prepare<'_>) {}

    /// What the node stores by itself, beside the expressions that its configuration assigns: an answer, a result.
    /// Checks hold it against the declarations of the attributes.
    fn stores(&self) -> Vec<(AttributeName, Possible)> {
        Vec::new()
    }

    /// Cases of the configuration that are never taken, because an earlier one takes all that they would; the check says
    /// so. Conditions in slots of their own are the check's to judge.
    fn covered(&self) -> Vec<Covered> {
        Vec::new()
    }

    /// How long a contact may be here without a word and without an agent, where the catalogue gives contacts these
    /// times for an answer; the check adds such stays up to the longest silence of a flow. `None` for an instant type
    /// that says nothing. A waiting type that says `None` leaves that figure unknown.
    fn stay(&self, _: AnswerTimes) -> Option<Stay> {
        None
    }

    /// The flow comes to this node.
    ///
    /// # Errors
    /// A [`Fault`] takes the node's `error` exit when it is wired, else the flow's error handler.
    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault>;

    /// Something happened while this node waits. Only called for waiting types; the default keeps waiting.
    ///
    /// # Errors
    /// As for [`Node::enter`].
    fn resume(&self, _: &Event, _: &mut Turn<'_>) -> Result<Next, Fault> {
        Ok(Next::Wait)
    }
}

/// A node of a published flow: configuration read, scripts compiled.
pub trait PreparedNode: Send + Sync {
    /// See [`Node::enter`].
    #[expect(clippy::missing_errors_doc, reason = "documented on Node")]
    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault>;
    /// See [`Node::resume`].
    #[expect(clippy::missing_errors_doc, reason = "documented on Node")]
    fn resume(&self, event: &Event, turn: &mut Turn<'_>) -> Result<Next, Fault>;
}

impl<N: Node> PreparedNode for N {
    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        Node::enter(self, turn)
    }

    fn resume(&self, event: &Event, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        Node::resume(self, event, turn)
    }
}

/// What comes next.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// Leave by an exit.
    Exit(Cow<'static, str>),
    /// Leave by an exit that the configuration names.
    By(ExitName),
    /// Wait for an event. At least one alarm must be set, or the interaction must be in a queue, with an agent or
    /// in wrap-up.
    Wait,
    /// End the flow with a disposition; in a sub-flow, return to the caller.
    End(ExitName),
    /// Go on in another flow, on its live version. Every flow under way is over, callers included; nothing comes back.
    Goto {
        /// Which flow.
        flow: FlowId,
        /// Its inputs.
        inputs: BTreeMap<AttributeName, Value>,
    },
    /// Run a sub-flow on its live version while this node goes on waiting in line. Its alarms stand; one of them, or an
    /// agent who takes the contact, ends the sub-flow wherever it is. When that ends by itself, also by a fault (`error`),
    /// this node hears [`Event::Returned`].
    Meanwhile {
        /// Which flow.
        flow: FlowId,
        /// Its inputs.
        inputs: BTreeMap<AttributeName, Value>,
    },
    /// Run a sub-flow on its live version; this node hears [`Event::Returned`].
    Call {
        /// Which flow.
        flow: FlowId,
        /// Its inputs.
        inputs: BTreeMap<AttributeName, Value>,
    },
}

impl Next {
    /// Leave by an exit whose name is fixed.
    #[must_use]
    pub fn exit(name: &'static str) -> Self {
        Self::Exit(Cow::Borrowed(name))
    }
}

/// A node could not do its work. A flow author's mistake or the world's, never a panic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Stable code (`script-budget`, `attribute-type`, `unknown-calendar`).
    pub code: Cow<'static, str>,
    /// What happened, to which thing, and what to do.
    pub message: Words,
}

impl Fault {
    /// A fault with its words, English first.
    pub fn new(code: &'static str, en: impl Into<String>, fr: impl Into<String>) -> Self {
        Self { code: Cow::Borrowed(code), message: Words::new(en, fr) }
    }
}

/// The node types of a build: a plain list, in palette order.
#[derive(Default, Clone)]
pub struct Registry {
    types: BTreeMap<Kind, NodeType>,
}

#[derive(Clone)]
struct NodeType {
    descriptor: Arc<Descriptor>,
    prepare: Arc<PrepareFn>,
    reader: Reader,
}

/// Reads a configuration and compiles its slots.
type PrepareFn =
    dyn Fn(Map<String, Value>, &mut Prepare<'_>) -> Result<Arc<dyn PreparedNode>, serde_json::Error> + Send + Sync;

impl Registry {
    /// Adds a node type; a second one of the same kind replaces the first.
    #[must_use]
    pub fn add<N: Node>(self) -> Self {
        let descriptor = N::descriptor();
        self.add_prepared(descriptor, Reader::new(read::<N>), prepare::<N>)
    }

    pub(crate) fn add_prepared(
        mut self,
        descriptor: Descriptor,
        reader: Reader,
        prepare: impl Fn(Map<String, Value>, &mut Prepare<'_>) -> Result<Arc<dyn PreparedNode>, serde_json::Error>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        let kind = descriptor.kind.clone();
        self.types.insert(kind, NodeType { descriptor: Arc::new(descriptor), prepare: Arc::new(prepare), reader });
        self
    }

    /// True when it has this type.
    #[must_use]
    pub fn has(&self, kind: &Kind) -> bool {
        self.types.contains_key(kind)
    }

    /// All descriptors, by kind.
    pub fn descriptors(&self) -> impl Iterator<Item = &Descriptor> {
        self.types.values().map(|t| &*t.descriptor)
    }

    /// Reads and prepares one node; `None` for a kind that does not exist.
    ///
    /// # Errors
    /// The configuration does not have the shape of the kind's struct.
    pub fn prepare(
        &self,
        kind: &Kind,
        config: Map<String, Value>,
        cx: &mut Prepare<'_>,
    ) -> Option<Result<Arc<dyn PreparedNode>, serde_json::Error>> {
        self.types.get(kind).map(|t| (t.prepare)(config, cx))
    }
}

fn prepare<N: Node>(
    config: Map<String, Value>,
    cx: &mut Prepare<'_>,
) -> Result<Arc<dyn PreparedNode>, serde_json::Error> {
    let mut node: N = serde_json::from_value(Value::Object(config))?;
    node.prepare(cx);
    Ok(Arc::new(node))
}

fn read<N: Node>(config: Map<String, Value>, times: AnswerTimes) -> Result<Reading, String> {
    let node: N = serde_json::from_value(Value::Object(config)).map_err(|error| error.to_string())?;
    Ok(Reading { stores: node.stores(), stay: node.stay(times), covered: node.covered() })
}

impl Described for Registry {
    fn all(&self) -> Vec<&Descriptor> {
        self.descriptors().collect()
    }
}

impl Kinds for Registry {
    fn descriptor(&self, kind: &str) -> Option<&Descriptor> {
        self.types.get(kind).map(|t| &*t.descriptor)
    }

    fn kinds(&self) -> Vec<&str> {
        self.types.keys().map(Kind::as_str).collect()
    }

    fn reader(&self, kind: &str) -> Option<Reader> {
        self.types.get(kind).map(|t| t.reader.clone())
    }
}

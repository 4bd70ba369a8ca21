//! The walk over the graph: from node to node, into the flows that they call and back, until one waits or the flow ends.

use std::{collections::BTreeMap, sync::Arc};

use routewright_flows::{AttributeName, ExitName, FlowId, document::Handler};
use serde_json::Value;

use super::{DONE, Turn, turn};
use crate::{
    event::Event,
    fact::{DequeueReason, Fact},
    interaction::Frame,
    limits::{ATTRIBUTES_BYTES_MAX, FRAMES_MAX},
    node::{Fault, Next},
    published::{Destination, NodeIndex, PublishedFlow},
    visits::Counted,
};

/// Where the walk over the graph stands.
pub(super) enum At {
    Enter(NodeIndex),
    Resume(NodeIndex, Event),
    Rest,
}

impl Turn<'_> {
    /// From node to node until one waits or the flow ends.
    pub(super) fn walk(&mut self, mut at: At) {
        loop {
            let index = match &at {
                At::Enter(index) | At::Resume(index, _) => *index,
                At::Rest => return,
            };
            let Some(flow) = self.flow.clone() else {
                return self.last_resort("flow-version-gone");
            };
            if self.budget.steps == 0 {
                at = self.out_of_steps(index);
                continue;
            }
            self.budget.steps -= 1;
            let node = flow.at(index);
            let next = match at {
                At::Rest => return,
                At::Enter(_) => {
                    let depth = self.depth();
                    if let Some(frame) = self.interaction.frames.last_mut() {
                        frame.node = node.id.clone();
                        frame.memory = Value::Null;
                        frame.since = self.world.now;
                    }
                    self.interaction.await_nothing();
                    self.count(Counted::Entered(node.id.clone()));
                    self.fact(Fact::NodeEntered { node: node.id.clone(), depth });
                    node.node.enter(self)
                }
                At::Resume(_, Event::Message(message)) => {
                    // The event lends its message to the scripts of the whole step.
                    let event = Event::Message(message.clone());
                    self.message = Some(message);
                    node.node.resume(&event, self)
                }
                At::Resume(_, event) => node.node.resume(&event, self),
            };
            let next = match self.misuse.take() {
                Some(fault) => Err(fault),
                None => next,
            };
            at = match next {
                Ok(Next::Wait) => At::Rest,
                Ok(Next::Exit(exit)) => self.leave(&flow, index, &exit),
                Ok(Next::By(exit)) => self.leave(&flow, index, exit.as_str()),
                Ok(Next::End(end)) => self.end_flow(end),
                Ok(Next::Call { flow: callee, inputs }) => match self.run_subflow(&callee, inputs) {
                    Ok(at) => at,
                    Err(fault) => self.raise(&flow, index, &fault),
                },
                Ok(Next::Meanwhile { flow: callee, inputs }) => match self.run_meanwhile(&callee, inputs) {
                    Ok(at) => at,
                    Err(fault) => self.raise(&flow, index, &fault),
                },
                Ok(Next::Goto { flow: other, inputs }) => match self.goto(&other, inputs) {
                    Ok(at) => at,
                    Err(fault) => self.raise(&flow, index, &fault),
                },
                Err(fault) => self.raise(&flow, index, &fault),
            };
        }
    }

    pub(super) fn leave(&mut self, flow: &PublishedFlow, index: NodeIndex, exit: &str) -> At {
        let node = flow.at(index);
        let Some((name, to)) = node.exit(exit) else {
            let fault = Fault::new(
                "unwired-exit",
                format!("node '{}' left by its exit '{exit}', which leads nowhere: wire it", node.id),
                format!("le nœud « {} » est sorti par « {exit} », qui ne mène nulle part : reliez-le", node.id),
            );
            return self.raise(flow, index, &fault);
        };
        let depth = self.depth();
        let since = self.interaction.frames.last().map_or(self.world.now, |frame| frame.since);
        let after_ms = u64::try_from(self.world.now.since(since).as_millis()).unwrap_or(u64::MAX);
        self.count(Counted::Left { node: node.id.clone(), exit: name.clone(), after_ms });
        self.fact(Fact::ExitTaken { node: node.id.clone(), exit: name.clone(), depth });
        match to {
            Destination::Node(index) => At::Enter(*index),
            Destination::End(end) => self.end_flow(end.clone()),
            Destination::Handler(Handler::Error) => self.take_error_handler("error-handler-missing"),
            Destination::Handler(Handler::Disconnect) => self.take_disconnect_handler(),
        }
    }

    /// The innermost flow is over: back to its caller, or the end of the interaction.
    fn end_flow(&mut self, end: ExitName) -> At {
        if self.interaction.frames.len() <= 1 {
            self.end(end.as_str());
            return At::Rest;
        }
        self.count(Counted::Ended { qualified: true });
        let callee = self.flow.take();
        let returned = self.interaction.frames.pop().map(|frame| frame.attributes).unwrap_or_default();
        let Some((index, caller)) = self.back_in_caller() else {
            self.last_resort("flow-version-gone");
            return At::Rest;
        };
        let Some(callee) = callee else {
            self.last_resort("flow-version-gone");
            return At::Rest;
        };
        self.fact(Fact::SubflowReturned { flow: callee.version.clone(), end: end.clone() });
        let outputs: BTreeMap<_, _> =
            returned.into_iter().filter(|(name, _)| callee.outputs.contains_key(name)).collect();
        for (name, value) in &outputs {
            if !callee.outputs[name].accepts(value) {
                let fault = Fault::new(
                    "subflow-output",
                    format!("flow '{}' gave back '{name}' with a value that does not fit its type", callee.version),
                    format!(
                        "le scénario « {} » a rendu « {name} » avec une valeur qui ne convient pas à son type",
                        callee.version
                    ),
                );
                return self.raise(&caller, index, &fault);
            }
        }
        let declared = caller.at(index).exit(end.as_str()).is_some();
        let end = if declared { end } else { ExitName::new(DONE).expect("'done' is an exit's name") };
        At::Resume(index, Event::Returned { end, outputs })
    }

    fn run_subflow(&mut self, callee: &FlowId, inputs: BTreeMap<AttributeName, Value>) -> Result<At, Fault> {
        if self.interaction.frames.len() >= FRAMES_MAX {
            return Err(Fault::new(
                "subflow-depth",
                format!("flow '{callee}' was called {FRAMES_MAX} sub-flows deep: call fewer inside one another"),
                format!(
                    "le scénario « {callee} » est appelé au-delà de {FRAMES_MAX} sous-scénarios imbriqués : réduisez l’imbrication"
                ),
            ));
        }
        let flow = self.callable(callee, &inputs)?;
        let bytes = self.attributes_bytes() + turn::bytes_of(&inputs) + turn::bytes_of(&flow.defaults);
        if ATTRIBUTES_BYTES_MAX < bytes {
            return Err(turn::attributes_too_large(bytes));
        }
        self.fact(Fact::SubflowCalled { flow: flow.version.clone() });
        Ok(self.begin(flow, inputs))
    }

    /// Runs a sub-flow while the node keeps its alarms.
    fn run_meanwhile(&mut self, callee: &FlowId, inputs: BTreeMap<AttributeName, Value>) -> Result<At, Fault> {
        let kept = self.interaction.alarms.clone();
        let at = self.run_subflow(callee, inputs)?;
        if let Some(caller) = self.interaction.frames.iter_mut().nth_back(1) {
            caller.meanwhile = Some(kept);
        }
        Ok(at)
    }

    /// Leaves every flow under way for another one.
    fn goto(&mut self, other: &FlowId, inputs: BTreeMap<AttributeName, Value>) -> Result<At, Fault> {
        let flow = self.callable(other, &inputs)?;
        let bytes = turn::bytes_of(&inputs) + turn::bytes_of(&flow.defaults);
        if ATTRIBUTES_BYTES_MAX < bytes {
            return Err(turn::attributes_too_large(bytes));
        }
        if self.interaction.frames.iter().any(|frame| frame.meanwhile.is_some()) {
            // The node that waits in line is left with the rest; nobody would hear of an agent.
            self.let_go(DequeueReason::FlowMovedOn);
        }
        self.interaction.frames.clear();
        self.interaction.await_nothing();
        self.fact(Fact::FlowChanged { flow: flow.version.clone() });
        Ok(self.begin(flow, inputs))
    }

    /// The live version of a flow, when the inputs are what it wants.
    fn callable(&self, callee: &FlowId, inputs: &BTreeMap<AttributeName, Value>) -> Result<Arc<PublishedFlow>, Fault> {
        let contact = &*self.interaction.contact.address;
        let Some(flow) = self.world.flows.meets(callee, None, &self.interaction.touchpoint, contact) else {
            return Err(Fault::new(
                "flow-not-live",
                format!("flow '{callee}' has no live version: publish it"),
                format!("le scénario « {callee} » n’a pas de version en service : publiez-le"),
            ));
        };
        for (name, spec) in &flow.inputs {
            let fits = match inputs.get(name) {
                Some(value) => spec.accepts(value),
                None => spec.default.is_some(),
            };
            if !fits {
                return Err(Fault::new(
                    "subflow-input",
                    format!("flow '{callee}' wants its input '{name}' with a value that fits its type"),
                    format!(
                        "le scénario « {callee} » attend son entrée « {name} » avec une valeur qui convient à son type"
                    ),
                ));
            }
        }
        if let Some(name) = inputs.keys().find(|name| !flow.inputs.contains_key(*name)) {
            return Err(Fault::new(
                "subflow-input",
                format!("flow '{callee}' declares no input '{name}'"),
                format!("le scénario « {callee} » ne déclare pas d’entrée « {name} »"),
            ));
        }
        Ok(flow)
    }

    /// Pushes a frame at the flow's entry.
    pub(super) fn begin(&mut self, flow: Arc<PublishedFlow>, inputs: BTreeMap<AttributeName, Value>) -> At {
        let mut attributes = flow.defaults.clone();
        attributes.extend(inputs);
        self.interaction.frames.push(Frame {
            flow: flow.version.clone(),
            node: flow.entry.clone(),
            since: self.world.now,
            memory: Value::Null,
            attributes,
            counters: BTreeMap::new(),
            meanwhile: None,
            handled: false,
        });
        self.attributes_bytes = None;
        let start = flow.start;
        self.flow = Some(flow);
        self.count(Counted::Started);
        At::Enter(start)
    }

    /// After a frame was popped: the caller's flow, and the node that called. `None` when either is gone.
    pub(super) fn back_in_caller(&mut self) -> Option<(NodeIndex, Arc<PublishedFlow>)> {
        self.attributes_bytes = None;
        self.interaction.await_nothing();
        let frame = self.interaction.frames.last_mut()?;
        if let Some(kept) = frame.meanwhile.take() {
            self.interaction.alarms = kept;
        }
        let flow = self.world.flows.version(&frame.flow)?;
        let index = flow.find(&frame.node)?;
        self.flow = Some(Arc::clone(&flow));
        Some((index, flow))
    }
}

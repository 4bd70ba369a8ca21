//! One event moves one interaction until it waits or ends.
//!
//! What it deliberately does not do: it decides nothing about agents. What a flow asks of capacity is recorded as
//! [`Request`]s, and the [switchboard](crate::switchboard) carries them there after the step.
//! Long because the table below is one match, and every way through it shares the budget and the log of one turn.
//!
//! | phase | event | to |
//! | --- | --- | --- |
//! | - | opened on a live version | `Flow`, at the entry |
//! | - | opened, no live version | `LastResort` |
//! | `Flow` | message, alarm, news from capacity | `Flow`: the node that waits hears it |
//! | `Flow`, `LastResort` | message, while an agent has the conversation | the same: the agent is shown it |
//! | `Flow` | an agent, or a deadline of its wait, while a flow runs in the meantime | `Flow`: that flow is over, and the node in line hears it |
//! | `Flow` | fault | the first that exists of: the node's `error` exit, the flow's error handler (once), the calling node's `error` exit, the caller's handler (once), and so on outwards; then `LastResort` |
//! | `Flow` | an end in the outermost flow | `Ended` with that disposition |
//! | `Flow` | the contact left | the innermost disconnect handler; without one `Ended` as `abandoned` |
//! | `Flow`, `LastResort` | nothing happened for [`WAIT_MAX`] | `Ended` as `expired` |
//! | `LastResort` | the agent closed the conversation | `Ended` as `default_route` |
//! | `LastResort` | the contact left | `Ended` as `abandoned` |
//! | `Ended` | anything | `Ended` |
//!
//! After every step a live interaction has an alarm, or an agent; so none is ever forgotten.

mod elevate;
mod fate;
mod prepare;
mod turn;
mod views;

use std::{collections::BTreeMap, sync::Arc};

use routewright_flows::{AttributeName, Channel, ExitName, FlowId, document::Handler};
use serde_json::Value;

use self::fate::Stands;
pub use self::{
    prepare::Prepare,
    turn::{ScriptOutcome, Turn},
};
use crate::{
    call::Call,
    capacity::{Capacity, Reach, Request, Requirement, WorkState},
    catalogue::Catalogue,
    contact::{Attached, Message, Said, Speaker},
    effect::{Action, Effect, EffectId},
    event::{Event, Routed},
    fact::{DequeueReason, Fact, FactRecord},
    id::{AgentId, AliasId, DispositionId, InteractionId, TouchpointId},
    interaction::{AlarmName, FlowVersion, Frame, Interaction, Phase},
    limits::{
        ATTRIBUTES_BYTES_MAX, FRAMES_MAX, HANDLER_MESSAGES_MAX, HANDLER_STEPS_MAX, MESSAGES_PER_EVENT_MAX,
        STEPS_PER_EVENT_MAX, WAIT_MAX,
    },
    node::{Fault, Next},
    published::{Destination, NodeIndex, PublishedFlow},
    release::{Fate, Plan, Release},
    script::Sandbox,
    silence::Promised,
    switchboard::outbound::served_by,
    time::Timestamp,
    visits::{Counted, Visit},
};

/// The alarm of a wait that set none of its own. No node can set it: `$` is in no name of ours.
pub(crate) const FORGOTTEN: &str = "$wait_max";

/// Why an interaction goes to the last resort at once: its touchpoint's flow is not in service.
const NO_LIVE_FLOW: &str = "no-live-flow";
/// How an interaction ends that nobody touched for [`WAIT_MAX`].
const EXPIRED: &str = "expired";
/// How an interaction ends whose contact left without a disconnect handler.
const ABANDONED: &str = "abandoned";
/// How an interaction ends whose contact was shut out.
const BANNED: &str = "banned";
/// How an interaction ends that the touchpoint's default skill has served.
const DEFAULT_ROUTE: &str = "default_route";
/// How an interaction ends that an agent began.
const BEGUN_BY_AGENT: &str = "begun_by_agent";
/// The exit of a node that could not do its work.
const ERROR: &str = "error";
/// How a flow ends that ran while its contact waited in line.
const INTERRUPTED: &str = "interrupted";
/// The exit a calling node takes when it declares none by the name of the sub-flow's end.
const DONE: &str = "done";

/// The flows of a tenant.
#[derive(Debug, Default)]
pub(crate) struct Flows {
    /// Every version an interaction may be on.
    pub(crate) versions: BTreeMap<FlowVersion, Arc<PublishedFlow>>,
    /// Which versions new interactions and calls start on.
    pub(crate) plans: BTreeMap<FlowId, Plan>,
    /// What becomes of those on versions that nobody starts on any more.
    pub(crate) fates: BTreeMap<FlowVersion, Fate>,
}

impl Flows {
    pub(crate) fn version(&self, version: &FlowVersion) -> Option<Arc<PublishedFlow>> {
        self.versions.get(version).cloned()
    }

    /// The version that a contact meets when he comes to a flow.
    pub(crate) fn meets(
        &self,
        flow: &FlowId,
        alias: Option<&AliasId>,
        touchpoint: &TouchpointId,
        address: &str,
    ) -> Option<Arc<PublishedFlow>> {
        let version = self.plans.get(flow)?.version_for(flow, alias, touchpoint, address)?;
        self.version(&FlowVersion { flow: flow.clone(), version })
    }

    /// Puts a release in force.
    pub(crate) fn release(&mut self, release: Release) {
        let Release { flow, plan } = release;
        self.fates.retain(|version, _| version.flow != flow);
        for (version, fate) in plan.fates.iter().filter(|(version, _)| !plan.starts(**version)) {
            self.fates.insert(FlowVersion { flow: flow.clone(), version: *version }, fate.clone());
        }
        self.plans.insert(flow, plan);
    }
}

/// What surrounds an interaction while it is moved. Nothing of it changes during a step.
pub(crate) struct World<'a> {
    pub(crate) sandbox: &'a Sandbox,
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) flows: &'a Flows,
    pub(crate) capacity: &'a Capacity,
    pub(crate) now: Timestamp,
}

/// What comes of one input, in order, over all the steps it makes.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) facts: Vec<FactRecord>,
    pub(crate) effects: Vec<Effect>,
    /// What is counted of it.
    pub(crate) visits: Vec<Visit>,
    /// What was said to the contact whose own message is being answered.
    pub(crate) said: Vec<Said>,
    /// Whose own message is being answered.
    pub(crate) answering: Option<InteractionId>,
    /// The further channel by which the message came that is being heard.
    pub(crate) heard_on: Option<Channel>,
    /// What the last step asks of capacity.
    pub(crate) requests: Vec<Request>,
}

/// What moves an interaction.
#[derive(Debug)]
pub(crate) enum Stimulus {
    /// Its contact's first message. It begins on this flow; without one it goes to the last resort.
    Opened { flow: Option<Arc<PublishedFlow>>, message: Message },
    /// Something happened while it waits.
    Heard(Event),
    /// Something happened to a node that waits in line while another flow runs: that one is over.
    Interrupted { frame: usize, event: Event },
    /// The agent who has it wrote.
    AgentWrote { agent: AgentId, text: String, attached: Vec<Attached> },
    /// The agent who has it wrote on another of its channels.
    AgentWroteOn { agent: AgentId, text: String, reach: Reach },
    /// An agent who has it, or took it, is to be put through on another of its channels.
    Reached { agent: AgentId, reach: Reach, subject: Option<String>, body: Option<String> },
    /// A timer of the conversation says something.
    Reminds { text: String },
    /// Its contact left.
    ContactLeft,
    /// Its contact, who had left, came back: a new interaction takes his message, and this one is over.
    Superseded,
    /// Its contact is shut out; somebody may be told.
    Banned { alert: Option<Call> },
    /// Its flow cannot go on for a reason outside it.
    Broken(Fault),
    /// Nothing but the fate of its version.
    Fate,
}

impl Stimulus {
    /// True when it is meant for the node that waits, and for nobody when that node is no more.
    fn is_for_node(&self) -> bool {
        match self {
            Self::Heard(_) | Self::Interrupted { .. } | Self::Fate => true,
            Self::Opened { .. }
            | Self::AgentWrote { .. }
            | Self::AgentWroteOn { .. }
            | Self::Reached { .. }
            | Self::Reminds { .. }
            | Self::ContactLeft
            | Self::Banned { .. }
            | Self::Superseded
            | Self::Broken(_) => false,
        }
    }
}

/// Who has an interaction, as its own step sees it: capacity's answer at the start, then its own commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
    /// Nobody.
    None,
    /// In line, or offered.
    InLine,
    /// In conversation.
    WithAgent,
    /// An agent completes the record.
    WrapUp,
}

impl Claim {
    fn of(state: Option<&WorkState>) -> Self {
        match state {
            None => Self::None,
            Some(WorkState::Waiting | WorkState::Offered { .. }) => Self::InLine,
            Some(WorkState::Active { .. }) => Self::WithAgent,
            Some(WorkState::WrapUp { .. }) => Self::WrapUp,
        }
    }
}

/// Moves one interaction. `effects` counts the effects of its turn so far, over all steps of the turn.
pub(crate) fn step(
    interaction: &mut Interaction,
    effects: &mut u32,
    stimulus: Stimulus,
    world: &World<'_>,
    log: &mut Log,
) {
    let claim = Claim::of(world.capacity.work(interaction.id).map(|work| &work.state));
    let flow = interaction.frames.last().and_then(|frame| world.flows.version(&frame.flow));
    let mut turn = Turn {
        interaction,
        world,
        log,
        effects,
        claim,
        flow,
        message: None,
        budget: Budget::default(),
        attributes_bytes: None,
        misuse: None,
    };
    let stands = turn.follow_fates();
    if stands == Stands::There || !stimulus.is_for_node() {
        turn.take(stimulus);
    }
    turn.settle();
}

/// What one event may still do.
#[derive(Debug)]
pub(crate) struct Budget {
    steps: u32,
    pub(crate) messages: usize,
    /// True once the reserve of the error handler was given.
    reserve_given: bool,
}

impl Default for Budget {
    fn default() -> Self {
        Self { steps: STEPS_PER_EVENT_MAX, messages: MESSAGES_PER_EVENT_MAX, reserve_given: false }
    }
}

/// Where the walk over the graph stands.
enum At {
    Enter(NodeIndex),
    Resume(NodeIndex, Event),
    Rest,
}

impl Turn<'_> {
    fn take(&mut self, stimulus: Stimulus) {
        match (&self.interaction.phase, stimulus) {
            (phase, Stimulus::Banned { alert }) => {
                let live = !matches!(phase, Phase::Ended { .. });
                if let Some(call) = alert {
                    let target = call.target();
                    let id = self.effect(Action::Call(call));
                    self.fact(Fact::CallMade { call: id, target });
                }
                if live {
                    self.end(BANNED);
                }
            }
            (Phase::Ended { .. }, _) => {}
            (Phase::Flow | Phase::LastResort, Stimulus::Opened { flow, message }) => {
                self.message = Some(message);
                match flow {
                    Some(flow) => {
                        let at = self.begin(flow, BTreeMap::new());
                        self.walk(at);
                    }
                    None => self.last_resort(NO_LIVE_FLOW),
                }
            }
            (Phase::Flow | Phase::LastResort, Stimulus::AgentWrote { agent, text, attached }) => {
                self.send(Said { text, options: Vec::new(), attached, by: Speaker::Agent(agent) });
            }
            (Phase::Flow | Phase::LastResort, Stimulus::AgentWroteOn { agent, text, reach }) => {
                let said = Said { text, options: Vec::new(), attached: Vec::new(), by: Speaker::Agent(agent) };
                self.fact(Fact::MessageSent { said: said.clone() });
                let Reach { touchpoint, address } = reach;
                self.effect(Action::SendMessage { touchpoint, address, said, in_answer: false });
            }
            (Phase::Flow | Phase::LastResort, Stimulus::Reached { agent, reach, subject, body }) => {
                let Reach { touchpoint, address } = reach;
                self.effect(Action::Reach { touchpoint, address, agent: Some(agent), subject, body });
            }
            (Phase::Flow | Phase::LastResort, Stimulus::Reminds { text }) => {
                self.send(Said { text, options: Vec::new(), attached: Vec::new(), by: Speaker::Flow });
            }
            (Phase::Flow | Phase::LastResort, Stimulus::Superseded) => self.end(ABANDONED),
            (Phase::Flow | Phase::LastResort, Stimulus::ContactLeft) => self.contact_left(),
            (Phase::Flow | Phase::LastResort, Stimulus::Heard(Event::Alarm(name))) if name.as_str() == FORGOTTEN => {
                self.end(EXPIRED);
            }
            (Phase::Flow | Phase::LastResort, Stimulus::Heard(Event::Message(message)))
                if self.interaction.agent.is_some() =>
            {
                self.show_agent(message);
            }
            (Phase::LastResort, Stimulus::Heard(event)) => match event {
                Event::Routed(Routed::Closed { .. }) => {
                    let begun = self.interaction.begun_by.is_some();
                    self.end(if begun { BEGUN_BY_AGENT } else { DEFAULT_ROUTE });
                }
                Event::Routed(Routed::Accepted { .. } | Routed::Requeued { .. } | Routed::WrapUpEnded { .. })
                | Event::Message(_)
                | Event::Alarm(_)
                | Event::Answered(_)
                | Event::Returned { .. } => {}
            },
            (Phase::LastResort, Stimulus::Broken(_)) | (Phase::Flow | Phase::LastResort, Stimulus::Fate) => {}
            (Phase::Flow, Stimulus::Broken(fault)) => {
                self.faulted(&fault);
                self.last_resort(&fault.code);
            }
            (Phase::LastResort, Stimulus::Interrupted { .. }) => {}
            (Phase::Flow, Stimulus::Interrupted { frame, event }) => self.interrupt(frame, event),
            (Phase::Flow, Stimulus::Heard(event)) => {
                if let Some(frame) = self.interrupted_by(&event) {
                    return self.interrupt(frame, event);
                }
                let place = self.interaction.frames.last().zip(self.flow.as_ref());
                let Some(index) = place.and_then(|(frame, flow)| flow.find(&frame.node)) else {
                    return self.last_resort("flow-version-gone");
                };
                self.walk(At::Resume(index, event));
            }
        }
    }

    /// The frame whose node waits in line while another flow runs, when the event is news for it.
    fn interrupted_by(&self, event: &Event) -> Option<usize> {
        match event {
            Event::Routed(Routed::Accepted { .. } | Routed::Requeued { .. } | Routed::Closed { .. }) => {
                self.interaction.frames.iter().rposition(|frame| frame.meanwhile.is_some())
            }
            Event::Routed(Routed::WrapUpEnded { .. })
            | Event::Message(_)
            | Event::Alarm(_)
            | Event::Answered(_)
            | Event::Returned { .. } => None,
        }
    }

    /// Ends the flows inside a frame, wherever they are, and lets its node hear.
    fn interrupt(&mut self, frame: usize, event: Event) {
        if let Some(inner) = self.interaction.frames.get(frame + 1).map(|inner| inner.flow.clone()) {
            let end = ExitName::new(INTERRUPTED).expect("'interrupted' is an exit's name");
            self.fact(Fact::SubflowReturned { flow: inner, end });
        }
        self.interaction.frames.truncate(frame + 1);
        match self.back_in_caller() {
            Some((index, _)) => self.walk(At::Resume(index, event)),
            None => self.last_resort("flow-version-gone"),
        }
    }

    /// While an agent has the conversation, what the contact writes is his to read, not the flow's.
    fn show_agent(&mut self, message: Message) {
        let Some(agent) = self.interaction.agent.clone() else { return };
        let text = if message.text.is_empty() { message.choice.unwrap_or_default() } else { message.text };
        let channel = self.log.heard_on;
        self.effect(Action::ShowAgent { agent, text, channel });
    }

    /// From node to node until one waits or the flow ends.
    fn walk(&mut self, mut at: At) {
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

    // -- ways on --------------------------------------------------------------------------------------------------

    fn leave(&mut self, flow: &PublishedFlow, index: NodeIndex, exit: &str) -> At {
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
    fn begin(&mut self, flow: Arc<PublishedFlow>, inputs: BTreeMap<AttributeName, Value>) -> At {
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
    fn back_in_caller(&mut self) -> Option<(NodeIndex, Arc<PublishedFlow>)> {
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

    // -- faults -----------------------------------------------------------------------------------------------------

    fn raise(&mut self, flow: &PublishedFlow, index: NodeIndex, fault: &Fault) -> At {
        self.faulted(fault);
        if flow.at(index).exit(ERROR).is_some() {
            return self.leave(flow, index, ERROR);
        }
        self.take_error_handler(&fault.code)
    }

    fn faulted(&mut self, fault: &Fault) {
        let Some(frame) = self.interaction.frames.last() else { return };
        let fact = Fact::Faulted {
            flow: frame.flow.clone(),
            node: frame.node.clone(),
            code: fault.code.to_string(),
            message: fault.message.clone(),
        };
        let node = frame.node.clone();
        self.count(Counted::Faulted(node));
        self.fact(fact);
    }

    /// The flow's handler, once in the life of its frame; then the caller's ways; then the last resort.
    fn take_error_handler(&mut self, reason: &str) -> At {
        loop {
            let handler = self.flow.as_ref().and_then(|flow| flow.on_error);
            if let Some((handler, frame)) = handler.zip(self.interaction.frames.last_mut())
                && !frame.handled
            {
                frame.handled = true;
                self.give_reserve();
                return At::Enter(handler);
            }
            if self.interaction.frames.len() <= 1 {
                self.last_resort(reason);
                return At::Rest;
            }
            let failed = self.interaction.frames.pop().map(|frame| frame.flow);
            let goes_on = self.interaction.frames.last().is_some_and(|frame| frame.meanwhile.is_some());
            if let Some(flow) = failed {
                self.fact(Fact::SubflowReturned {
                    flow,
                    end: ExitName::new(ERROR).expect("'error' is an exit's name"),
                });
            }
            let Some((index, caller)) = self.back_in_caller() else {
                self.last_resort("flow-version-gone");
                return At::Rest;
            };
            if goes_on {
                // A place in line is worth more than what was to be said meanwhile.
                let end = ExitName::new(ERROR).expect("'error' is an exit's name");
                return At::Resume(index, Event::Returned { end, outputs: BTreeMap::new() });
            }
            if caller.at(index).exit(ERROR).is_some() {
                self.give_reserve();
                return self.leave(&caller, index, ERROR);
            }
        }
    }

    /// The first time the handlers get their reserve; the second time nothing of the flow is trusted any more. The
    /// node's own `error` exit is not asked: it may be part of the loop.
    fn out_of_steps(&mut self, index: NodeIndex) -> At {
        let node = self.flow.as_ref().map(|flow| flow.at(index).id.to_string()).unwrap_or_default();
        let fault = Fault::new(
            "too-many-steps",
            format!(
                "the flow visited {STEPS_PER_EVENT_MAX} nodes for one event and came to '{node}': let it wait somewhere"
            ),
            format!(
                "le scénario a visité {STEPS_PER_EVENT_MAX} nœuds pour un seul événement, jusqu’à « {node} » : faites-le attendre quelque part"
            ),
        );
        self.faulted(&fault);
        if self.budget.reserve_given {
            self.last_resort(&fault.code);
            return At::Rest;
        }
        self.take_error_handler(&fault.code)
    }

    /// What the error handler may do beyond the bounds of the event; given once per event.
    fn give_reserve(&mut self) {
        if !self.budget.reserve_given {
            self.budget.reserve_given = true;
            self.budget.steps += HANDLER_STEPS_MAX;
            self.budget.messages += HANDLER_MESSAGES_MAX;
        }
    }

    /// The flow has no way on: an agent of the touchpoint's default skill takes the contact, or goes on with it.
    fn last_resort(&mut self, reason: &str) {
        if self.interaction.left {
            return self.end(ABANDONED);
        }
        self.interaction.phase = Phase::LastResort;
        self.interaction.await_nothing_anywhere();
        self.count_outermost(Counted::LastResort);
        self.fact(Fact::LastResortTaken { reason: reason.to_owned() });
        // What no script ever led goes by routing queues (WAP-04); what a script left goes to the last resort.
        if reason == NO_LIVE_FLOW
            && let Some(touchpoint) = self.settings()
        {
            let at = (&self.interaction.touchpoint, touchpoint);
            let (_, requirement, priority) = served_by(self.world.catalogue, at, &self.interaction.contact);
            (self.interaction.requirement, self.interaction.priority) = (requirement, priority);
        } else {
            // A skill that does not exist would find nobody: then any agent will do.
            let skill = self.default_skill().filter(|skill| self.world.catalogue.skills.contains_key(skill));
            let skills = skill.into_iter().map(|skill| (skill, crate::catalogue::Level::WORST)).collect();
            self.interaction.requirement = Requirement { skills, supervisor: false };
        }
        match self.claim {
            Claim::None | Claim::WrapUp => self.enqueue(),
            Claim::InLine => self.amend(),
            Claim::WithAgent => {}
        }
    }

    // -- ends ---------------------------------------------------------------------------------------------------------

    fn contact_left(&mut self) {
        self.interaction.left = true;
        self.fact(Fact::ContactLeft {});
        self.let_go(DequeueReason::Abandoned);
        self.interaction.await_nothing_anywhere();
        match self.interaction.phase {
            Phase::Flow => {
                let at = self.take_disconnect_handler();
                self.walk(at);
            }
            Phase::LastResort => self.end(ABANDONED),
            Phase::Ended { .. } => {}
        }
    }

    /// The innermost disconnect handler; flows inside the one that has it are over.
    fn take_disconnect_handler(&mut self) -> At {
        loop {
            if let Some(handler) = self.flow.as_ref().and_then(|flow| flow.on_disconnect) {
                return At::Enter(handler);
            }
            if self.interaction.frames.len() <= 1 {
                self.end(ABANDONED);
                return At::Rest;
            }
            self.interaction.frames.pop();
            if self.back_in_caller().is_none() {
                self.end(ABANDONED);
                return At::Rest;
            }
        }
    }

    fn end(&mut self, disposition: &str) {
        let disposition = DispositionId::new(disposition).expect("ends and dispositions follow the same rule of names");
        let reason = if self.interaction.left { DequeueReason::Abandoned } else { DequeueReason::FlowMovedOn };
        self.let_go(reason);
        if self.interaction.phase == Phase::Flow {
            let qualified = ![ABANDONED, EXPIRED].contains(&disposition.as_str());
            self.count_outermost(Counted::Ended { qualified });
        }
        let outermost = self.interaction.frames.drain(..).next();
        self.interaction.outcome = outermost.map(|frame| frame.attributes).unwrap_or_default();
        self.interaction.await_nothing();
        self.interaction.shown.clear();
        self.interaction.phase = Phase::Ended { disposition: disposition.clone(), at: self.world.now };
        self.flow = None;
        if let Some(due) = self.interaction.silence.done(Promised::Resolution, self.world.now) {
            let (promise, channel) = (Promised::Resolution, self.interaction.channel);
            let skills = self.interaction.requirement.skills.keys().cloned().collect();
            self.fact(Fact::PromiseJudged { promise, kept: true, due, channel, skills });
        }
        self.fact(Fact::InteractionEnded { disposition });
        if !self.interaction.left {
            let touchpoint = self.interaction.touchpoint.clone();
            let address = Arc::clone(&self.interaction.contact.address);
            self.effect(Action::EndConversation { touchpoint, address });
        }
    }

    /// Gives up the place in line, or the agent. A record being completed stays the agent's.
    fn let_go(&mut self, reason: DequeueReason) {
        match self.claim {
            Claim::None | Claim::WrapUp => {}
            Claim::InLine => {
                self.fact(Fact::Dequeued { reason });
                self.log.requests.push(Request::Withdraw { interaction: self.interaction.id });
                self.claim = Claim::None;
            }
            Claim::WithAgent => {
                self.log.requests.push(Request::Withdraw { interaction: self.interaction.id });
                self.interaction.agent = None;
                self.claim = Claim::WrapUp;
            }
        }
    }

    /// Gives a live interaction without agent and without alarm its last deadline.
    fn settle(&mut self) {
        let forgotten = AlarmName::new(FORGOTTEN);
        self.interaction.alarms.remove(&forgotten);
        if self.interaction.is_live() && self.interaction.agent.is_none() && self.interaction.alarms.is_empty() {
            self.interaction.alarms.insert(forgotten, self.world.now + WAIT_MAX);
        }
    }

    // -- records ------------------------------------------------------------------------------------------------------

    fn depth(&self) -> u8 {
        u8::try_from(self.interaction.frames.len().saturating_sub(1)).unwrap_or(u8::MAX)
    }

    /// Counts something of the flow in which the interaction stands.
    fn count(&mut self, what: Counted) {
        if let Some(frame) = self.interaction.frames.last() {
            self.log.visits.push(Visit { flow: frame.flow.clone(), what });
        }
    }

    /// Counts something of the flow that the interaction began with.
    fn count_outermost(&mut self, what: Counted) {
        if let Some(frame) = self.interaction.frames.first() {
            self.log.visits.push(Visit { flow: frame.flow.clone(), what });
        }
    }

    pub(crate) fn fact(&mut self, fact: Fact) {
        self.log.facts.push(FactRecord {
            tenant: self.interaction.tenant.clone(),
            at: self.world.now,
            interaction: Some(self.interaction.id),
            turn: self.interaction.turn,
            fact,
        });
    }

    pub(crate) fn effect(&mut self, action: Action) -> EffectId {
        let id = EffectId { interaction: self.interaction.id, turn: self.interaction.turn, index: *self.effects };
        *self.effects += 1;
        self.log.effects.push(Effect { id, tenant: self.interaction.tenant.clone(), action });
        id
    }
}

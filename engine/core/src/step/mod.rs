//! One event moves one interaction until it waits or ends.
//!
//! What it deliberately does not do: it decides nothing about agents. What a flow asks of capacity is recorded as
//! [`Request`]s, and the [switchboard](crate::switchboard) carries them there after the step.
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
mod ends;
mod fate;
mod faults;
mod flows;
mod prepare;
mod turn;
mod views;
mod walk;

use std::{collections::BTreeMap, sync::Arc};

use routewright_flows::{Channel, ExitName};

pub(crate) use self::flows::Flows;
use self::{fate::Stands, walk::At};
pub use self::{
    prepare::Prepare,
    turn::{ScriptOutcome, Turn},
};
use crate::{
    call::Call,
    capacity::{Capacity, Reach, Request, WorkState},
    catalogue::Catalogue,
    contact::{Attached, Message, Said, Speaker},
    effect::{Action, Effect, EffectId},
    event::{Event, Routed},
    fact::{Fact, FactRecord},
    id::{AgentId, InteractionId},
    interaction::{AlarmName, Interaction, Phase},
    limits::{MESSAGES_PER_EVENT_MAX, STEPS_PER_EVENT_MAX, WAIT_MAX},
    node::Fault,
    published::PublishedFlow,
    script::Sandbox,
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

    /// Gives a live interaction without agent and without alarm its last deadline.
    fn settle(&mut self) {
        let forgotten = AlarmName::new(FORGOTTEN);
        self.interaction.alarms.remove(&forgotten);
        if self.interaction.is_live() && self.interaction.agent.is_none() && self.interaction.alarms.is_empty() {
            self.interaction.alarms.insert(forgotten, self.world.now + WAIT_MAX);
        }
    }

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

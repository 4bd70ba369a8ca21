//! A test made of a conversation that took place: what the contact and the agents did becomes its steps, what the flow
//! answered its expectations.
//!
//! What it deliberately does not do: it takes over no name, address or agent's id of the conversation beyond what was
//! written in it; whoever keeps the test reads it first. Messages of agents are kept short for the same reason: only
//! that one wrote is played.

use std::collections::BTreeMap;

use routewright_flows::{
    Channel, HumanDuration, Locale,
    scenario::{AgentFinishes, AgentWrites, Expect, Given, GivenAgent, OutsideAnswers, Scenario, ScenarioStep},
};
use serde_json::Value;

use crate::{
    contact::Speaker,
    fact::{Fact, FactRecord},
    id::AgentId,
    time::Timestamp,
};

/// The circumstances of a conversation that its facts do not tell.
#[derive(Debug, Clone)]
pub struct Circumstances {
    /// What the test is to be called.
    pub name: String,
    /// On which channel it was.
    pub channel: Channel,
    /// In which language.
    pub locale: Locale,
    /// What was known of the contact, such as the flow may ask for.
    pub contact: BTreeMap<String, Value>,
}

/// The test that plays a conversation again. Facts come in the order of the journal, all of one interaction.
#[must_use]
pub fn record(circumstances: Circumstances, facts: &[FactRecord]) -> Scenario {
    let mut recorder = Recorder::default();
    for fact in facts {
        recorder.hear(fact);
    }
    recorder.expect();
    Scenario {
        name: circumstances.name,
        at: facts.first().map(|first| first.at.to_string()),
        channel: Some(circumstances.channel),
        locale: Some(circumstances.locale),
        contact: circumstances.contact,
        given: Given { agents: recorder.agents, ..Given::default() },
        steps: recorder.steps,
    }
}

#[derive(Default)]
struct Recorder {
    steps: Vec<ScenarioStep>,
    agents: BTreeMap<String, GivenAgent>,
    /// Names of the test for the agents of the conversation.
    names: BTreeMap<AgentId, String>,
    /// Skills that the contact waits for.
    skills: BTreeMap<String, u8>,
    /// When the last step was.
    now: Option<Timestamp>,
    /// What the flow said, and how it ended, since the last expectation.
    said: Vec<String>,
    ended: Option<String>,
    anything: bool,
}

impl Recorder {
    fn hear(&mut self, record: &FactRecord) {
        match &record.fact {
            Fact::MessageReceived { message, .. } => {
                let step = match &message.choice {
                    Some(choice) => ScenarioStep::ContactChooses(choice.clone()),
                    None => ScenarioStep::ContactSays(message.text.clone()),
                };
                self.step(record.at, step);
            }
            Fact::MessageSent { said } => match &said.by {
                Speaker::Flow => {
                    self.clock(record.at);
                    self.said.push(said.text.clone());
                    self.anything = true;
                }
                Speaker::Agent(agent) => {
                    let agent = self.name(agent);
                    let writes = AgentWrites { agent, text: AGENT_SAYS.to_owned() };
                    self.step(record.at, ScenarioStep::AgentWrites(writes));
                    self.said.push(AGENT_SAYS.to_owned());
                }
            },
            Fact::Enqueued { requirement, .. } | Fact::RequirementChanged { requirement, .. } => {
                self.skills = requirement.skills.keys().map(|skill| (skill.to_string(), 1)).collect();
            }
            Fact::OfferMade { agent, .. } => {
                let name = self.name(agent);
                let given =
                    self.agents.entry(name).or_insert_with(|| GivenAgent { available: true, ..GivenAgent::default() });
                given.skills.extend(self.skills.clone());
            }
            Fact::OfferAccepted { agent, .. } => {
                let name = self.name(agent);
                self.step(record.at, ScenarioStep::AgentAccepts(name));
            }
            Fact::OfferDeclined { agent, .. } => {
                let name = self.name(agent);
                self.step(record.at, ScenarioStep::AgentDeclines(name));
            }
            Fact::ConversationClosed { agent } => {
                let name = self.name(agent);
                self.step(record.at, ScenarioStep::AgentCloses(name));
            }
            Fact::WrapUpEnded { agent, disposition, expired: false } => {
                let agent = self.name(agent);
                let disposition = disposition.as_ref().map(ToString::to_string);
                self.step(record.at, ScenarioStep::AgentFinishes(AgentFinishes { agent, disposition }));
            }
            Fact::CallEnded { outcome, .. } => {
                // What the other system said is not among the facts; whoever keeps the test adds it.
                let step = match outcome.parse() {
                    Ok(status) => ScenarioStep::OutsideAnswers(OutsideAnswers { status, body: Value::Null }),
                    Err(_) => ScenarioStep::OutsideFails(outcome.clone()),
                };
                self.step(record.at, step);
            }
            Fact::ContactLeft {} => self.step(record.at, ScenarioStep::ContactLeaves {}),
            Fact::InteractionEnded { disposition } => {
                self.clock(record.at);
                self.ended = Some(disposition.to_string());
                self.anything = true;
            }
            Fact::InteractionOpened { .. }
            | Fact::NodeEntered { .. }
            | Fact::ExitTaken { .. }
            | Fact::SubflowCalled { .. }
            | Fact::VersionChanged { .. }
            | Fact::Promised { .. }
            | Fact::PromiseJudged { .. }
            | Fact::SubflowReturned { .. }
            | Fact::AttributeSet { .. }
            | Fact::Faulted { .. }
            | Fact::LastResortTaken { .. }
            | Fact::Dequeued { .. }
            | Fact::OfferExpired { .. }
            | Fact::OfferWithdrawn { .. }
            | Fact::Requeued { .. }
            | Fact::Elevated { .. }
            | Fact::Banned { .. }
            | Fact::Unbanned { .. }
            | Fact::ChannelClosed { .. }
            | Fact::ChannelFinished { .. }
            | Fact::Begun { .. }
            | Fact::ScreenPopped { .. }
            | Fact::Parked { .. }
            | Fact::Resumed { .. }
            | Fact::WrapUpStarted { .. }
            | Fact::WrapUpEnded { .. }
            | Fact::Answered { .. }
            | Fact::Assigned { .. }
            | Fact::ConnectionChanged { .. }
            | Fact::Transferred { .. }
            | Fact::FlowChanged { .. }
            | Fact::LineRefused { .. }
            | Fact::TimerFired { .. }
            | Fact::EventEmitted { .. }
            | Fact::CallMade { .. }
            | Fact::DispositionSet { .. }
            | Fact::PresenceChanged { .. } => {}
        }
    }

    /// Something that a person did: what the flow said before it is expected first.
    fn step(&mut self, at: Timestamp, step: ScenarioStep) {
        self.expect();
        self.clock(at);
        self.steps.push(step);
        self.anything = true;
    }

    /// Time that passed since the last step; a timer may have fired on the way, so what was expected comes before.
    fn clock(&mut self, at: Timestamp) {
        let Some(last) = self.now.replace(at) else { return };
        let passed = u64::try_from(at.since(last).as_millis()).unwrap_or(u64::MAX);
        if 0 < passed {
            self.expect();
            self.steps.push(ScenarioStep::TimePasses(HumanDuration::from_millis(passed)));
        }
    }

    /// What the flow answered since the last person did something.
    fn expect(&mut self) {
        if !std::mem::take(&mut self.anything) {
            return;
        }
        let expect = Expect {
            says: Some(std::mem::take(&mut self.said)),
            ended: self.ended.take().and_then(|ended| ended.parse().ok()),
            ..Expect::default()
        };
        self.steps.push(ScenarioStep::Expect(expect));
    }

    /// Agents are called by their turn.
    fn name(&mut self, agent: &AgentId) -> String {
        let next = format!("agent_{}", self.names.len() + 1);
        self.names.entry(agent.clone()).or_insert(next).clone()
    }
}

/// What agents write in a recorded test.
const AGENT_SAYS: &str = "…";

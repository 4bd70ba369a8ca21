//! The state of one interaction: everything that must survive from one event to the next, and nothing else.
//!
//! Its position is a node id and its locals are data, so recovery and new releases never replay code. Who has it
//! or waits for it is not here: that is [`crate::capacity::Work`], which has a row of its own, so that a decision
//! of capacity does not rewrite the conversation's state.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    str::FromStr,
    sync::Arc,
};

use routewright_flows::{AttributeName, Channel, FlowId, HumanDuration, NodeId, name::BadName};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::{
    capacity::{Leg, Requirement},
    contact::{Contact, ContactKey, SaidOption},
    effect::EffectId,
    id::{AgentId, DispositionId, InteractionId, QuestionnaireId, TenantId, TouchpointId},
    limits::RECEIPTS_MAX,
    silence::Silence,
    time::Timestamp,
};

/// One conversation being routed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Interaction {
    /// Its id.
    pub id: InteractionId,
    /// The tenant it belongs to.
    pub tenant: TenantId,
    /// Where it came in.
    pub touchpoint: TouchpointId,
    /// On which channel.
    pub channel: Channel,
    /// The person.
    pub contact: Contact,
    /// When it began.
    pub opened_at: Timestamp,
    /// Counts the turns; a turn is everything from one outside event to the next wait. Names effects.
    pub turn: u64,
    /// Where the flow stands, innermost sub-flow last. Empty once the flow has ended.
    pub frames: Vec<Frame>,
    /// What the next `enqueue` will ask for; `require_skills` and `set_priority` write it.
    #[serde(default)]
    pub requirement: Requirement,
    /// Priority in queues, higher first; `set_priority` writes it.
    #[serde(default)]
    pub priority: i32,
    /// Named alarms of the node that waits; cleared when it leaves. The earliest is the row's `due`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub alarms: BTreeMap<AlarmName, Timestamp>,
    /// The call to the outside that the node waits for; gone when it leaves. Answers to any other are recorded and
    /// heard by nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub awaited: Option<EffectId>,
    /// Whether it goes on.
    pub phase: Phase,
    /// How the agent or the flow qualified it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disposition: Option<DispositionId>,
    /// The agent of the conversation now going on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentId>,
    /// The agent who had the conversation last (preferred agent, sticky re-escalation).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_agent: Option<AgentId>,
    /// The agent who knows the contact, from this conversation or an earlier one, and since when (T-20).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_by: Option<KnownBy>,
    /// Who wrote last, and the timers that run on it.
    #[serde(default)]
    pub silence: Silence,
    /// Who is to be asked first, when the flow says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred: Option<Preference>,
    /// Further channels over which it is to go on once an agent has it; the next place in line takes them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub legs: Vec<Leg>,
    /// When it first stood in line; a transfer goes back to this place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lined_up_at: Option<Timestamp>,
    /// Options last shown to the contact, to understand `"2"` as the second one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shown: Vec<SaidOption>,
    /// Answers given to questionnaires.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<QuestionnaireId, BTreeMap<String, Value>>,
    /// That the contact is shut out, while he is (PBX-03); kept with his last conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ban: Option<Ban>,
    /// When the contact's last messages came, as far as the rules against floods look back.
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    pub lately: VecDeque<Timestamp>,
    /// Until when the contact was told of each calendar that it is closed (PBX-10); kept with his last conversation.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub told_closed: BTreeMap<String, Timestamp>,
    /// The agent who began it, when it was not the contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun_by: Option<AgentId>,
    /// What the desk of whoever takes it opens (WAP-22).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screen_pop: Option<String>,
    /// True once the contact left. What the flow then still says is sent to nobody.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub left: bool,
    /// The attributes of the outermost flow as they stood when it ended; empty before.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outcome: BTreeMap<AttributeName, Value>,
    /// Provider message ids heard lately with the turn that answered, oldest first; bounded by `RECEIPTS_MAX`.
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    pub receipts: VecDeque<Receipt>,
}

impl Interaction {
    /// A conversation that begins, with nothing said or decided.
    #[must_use]
    pub fn new(id: InteractionId, key: ContactKey, channel: Channel, contact: Contact, now: Timestamp) -> Self {
        let ContactKey { tenant, touchpoint, .. } = key;
        Self {
            id,
            tenant,
            touchpoint,
            channel,
            contact,
            opened_at: now,
            turn: 0,
            frames: Vec::new(),
            requirement: Requirement::default(),
            priority: 0,
            alarms: BTreeMap::new(),
            awaited: None,
            phase: Phase::Flow,
            disposition: None,
            agent: None,
            last_agent: None,
            known_by: None,
            silence: Silence::default(),
            preferred: None,
            legs: Vec::new(),
            lined_up_at: None,
            shown: Vec::new(),
            answers: BTreeMap::new(),
            ban: None,
            lately: VecDeque::new(),
            told_closed: BTreeMap::new(),
            begun_by: None,
            screen_pop: None,
            left: false,
            outcome: BTreeMap::new(),
            receipts: VecDeque::new(),
        }
    }

    /// Takes over what is kept of a contact from one conversation to the next.
    pub(crate) fn inherit(&mut self, before: Option<&Self>) {
        let Some(before) = before else { return };
        self.known_by.clone_from(&before.known_by);
        self.lately.clone_from(&before.lately);
        self.told_closed.clone_from(&before.told_closed);
        self.receipts = before.receipts_of_contact();
    }

    /// What finds it again when the contact writes.
    #[must_use]
    pub fn key(&self) -> ContactKey {
        ContactKey {
            tenant: self.tenant.clone(),
            touchpoint: self.touchpoint.clone(),
            address: self.contact.address.clone(),
        }
    }

    /// Forgets what the node that is left was waiting for.
    pub(crate) fn await_nothing(&mut self) {
        self.alarms.clear();
        self.awaited = None;
    }

    /// Forgets every wait in line below the innermost flow, too.
    pub(crate) fn await_nothing_anywhere(&mut self) {
        self.await_nothing();
        self.frames.iter_mut().for_each(|frame| frame.meanwhile = None);
    }

    /// When it next needs attention by itself.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        self.alarm_due().into_iter().chain(self.silence.due).min()
    }

    /// When the next alarm comes, of the node that waits or of one that waits in line below it.
    pub(crate) fn alarm_due(&self) -> Option<Timestamp> {
        let meanwhile = self.frames.iter().filter_map(|frame| frame.meanwhile.as_ref());
        meanwhile.flat_map(BTreeMap::values).chain(self.alarms.values()).min().copied()
    }

    /// Takes out the first alarm that has come, ties by name, with the frame whose node set it when that is not the
    /// innermost one. An outer node comes before an inner one.
    pub(crate) fn take_alarm(&mut self, now: Timestamp) -> Option<(AlarmName, Option<usize>)> {
        let due = self.alarm_due().filter(|at| *at <= now)?;
        let take = |alarms: &mut BTreeMap<AlarmName, Timestamp>| {
            let name = alarms.iter().find(|(_, at)| **at == due).map(|(name, _)| name.clone())?;
            alarms.remove(&name);
            Some(name)
        };
        let outer = self.frames.iter_mut().enumerate();
        let mut outer = outer.filter_map(|(place, frame)| Some((take(frame.meanwhile.as_mut()?)?, Some(place))));
        outer.next().or_else(|| take(&mut self.alarms).map(|name| (name, None)))
    }

    /// The conversation and its turn that answered this message of this author, when it was heard before.
    #[must_use]
    pub fn heard(&self, by: Option<&AgentId>, event_id: &str) -> Option<(InteractionId, u64)> {
        let receipt = self.receipts.iter().find(|r| &*r.event_id == event_id && r.by.as_ref() == by)?;
        Some((receipt.earlier.unwrap_or(self.id), receipt.turn))
    }

    /// The receipts of the contact's own messages: his next conversation begins with them, because a provider may
    /// repeat a message after the conversation that heard it is over.
    pub(crate) fn receipts_of_contact(&self) -> VecDeque<Receipt> {
        let own = self.receipts.iter().filter(|receipt| receipt.by.is_none());
        own.map(|receipt| Receipt { earlier: receipt.earlier.or(Some(self.id)), ..receipt.clone() }).collect()
    }

    /// Remembers that this message was heard in the present turn; forgets the oldest past the bound.
    pub(crate) fn receive(&mut self, by: Option<AgentId>, event_id: Arc<str>) {
        if self.receipts.len() == RECEIPTS_MAX {
            self.receipts.pop_front();
        }
        self.receipts.push_back(Receipt { event_id, turn: self.turn, earlier: None, by });
    }

    /// True while the contact's messages belong to it.
    #[must_use]
    pub fn is_live(&self) -> bool {
        match self.phase {
            Phase::Flow | Phase::LastResort => true,
            Phase::Ended { .. } => false,
        }
    }
}

/// An agent who handled a contact, and when he last took it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownBy {
    /// Who.
    pub agent: AgentId,
    /// When.
    pub at: Timestamp,
}

/// A contact is shut out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ban {
    /// Until when.
    pub until: Timestamp,
    /// Why, for people.
    pub reason: String,
}

/// An agent who is to be asked first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preference {
    /// Who.
    pub agent: AgentId,
    /// How long the contact is kept for him alone; as the settings of the skills say when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<HumanDuration>,
}

/// Whether an interaction goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum Phase {
    /// The flow decides.
    Flow,
    /// The flow failed without a way on: it waits for, or talks with, an agent of the touchpoint's default skill.
    LastResort,
    /// It is over.
    Ended {
        /// How.
        disposition: DispositionId,
        /// When.
        at: Timestamp,
    },
}

/// Where one flow stands inside an interaction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// The version it runs on; pinned for life unless migrated on purpose.
    pub flow: FlowVersion,
    /// The node it is at.
    pub node: NodeId,
    /// When it came to this node.
    #[serde(default)]
    pub since: Timestamp,
    /// What that node remembers while it waits (attempts, question number); `null` on entry.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub memory: Value,
    /// The flow's attributes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<AttributeName, Value>,
    /// What nodes of this flow count from one visit to the next; a counter at nought is left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counters: BTreeMap<NodeId, u32>,
    /// While another flow runs until an agent is found: the alarms of the node that waits in line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meanwhile: Option<BTreeMap<AlarmName, Timestamp>>,
    /// True once the flow's error handler was entered: it acts once in the life of a frame.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub handled: bool,
}

/// A published version of a flow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FlowVersion {
    /// The flow.
    pub flow: FlowId,
    /// The version, from 1.
    pub version: u32,
}

impl fmt::Display for FlowVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.flow, self.version)
    }
}

impl FromStr for FlowVersion {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let bad =
            || BadName { what: "flow version", given: text.to_owned(), expected: "a flow's id, '@' and a number" };
        let (flow, version) = text.split_once('@').ok_or_else(bad)?;
        Ok(Self { flow: FlowId::new(flow)?, version: version.parse().map_err(|_| bad())? })
    }
}

/// The name a node gives to one of its deadlines (`timeout`, `treatment`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AlarmName(Arc<str>);

impl AlarmName {
    /// A name for an alarm.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Proof that a provider's message was heard, and where its answer is.
///
/// A long conversation has many, and all of them are written with each of its turns. Hence a receipt is written as a
/// list, `["m7",3]`, which goes on only where an earlier conversation or an agent comes in. An object is read too.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Receipt {
    /// The provider's id of the message, or that of the agent's desk.
    pub event_id: Arc<str>,
    /// The turn that answered it, of the conversation that heard it.
    pub turn: u64,
    /// The conversation that heard it, when that was an earlier one of the same contact.
    #[serde(default, alias = "interaction")]
    pub earlier: Option<InteractionId>,
    /// The agent who wrote it; `None` for the contact. The two number their messages apart.
    #[serde(default)]
    pub by: Option<AgentId>,
}

impl Serialize for Receipt {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { event_id, turn, earlier, by } = self;
        match (earlier, by) {
            (None, None) => (event_id, turn).serialize(to),
            (Some(earlier), None) => (event_id, turn, earlier).serialize(to),
            (earlier, Some(by)) => (event_id, turn, earlier, by).serialize(to),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_receipt_is_a_short_list_and_was_once_an_object() {
        let agent = AgentId::new("lea").expect("an id");
        let receipt = |earlier, by| Receipt { event_id: "m7".into(), turn: 3, earlier, by };
        for (receipt, list, object) in [
            (receipt(None, None), json!(["m7", 3]), json!({ "event_id": "m7", "turn": 3 })),
            (
                receipt(Some(InteractionId(5)), None),
                json!(["m7", 3, "i5"]),
                json!({ "event_id": "m7", "interaction": "i5", "turn": 3 }),
            ),
            (
                receipt(None, Some(agent.clone())),
                json!(["m7", 3, null, "lea"]),
                json!({ "event_id": "m7", "by": "lea", "turn": 3 }),
            ),
        ] {
            assert_eq!(serde_json::to_value(&receipt).expect("it is written"), list);
            for written in [list, object] {
                assert_eq!(serde_json::from_value::<Receipt>(written).expect("it is read"), receipt);
            }
        }
    }
}

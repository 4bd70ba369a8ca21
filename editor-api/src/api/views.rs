//! What readers are shown of interactions and agents: flat, with instants as RFC 3339 and every id as people write it.

use std::collections::BTreeMap;

use routewright_engine::{
    Timestamp,
    capacity::{Leg, LegState, Work, WorkState},
    catalogue::Catalogue,
    contact::{Attached, Said, Speaker},
    event::PresenceStatus,
    fact::FactRecord,
    interaction::{Interaction, Phase},
    silence::{PromiseState, Promised},
};
use routewright_flows::Channel;
use routewright_runtime::{AgentView, InteractionView};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A message as a touchpoint delivers it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SaidView {
    /// The text in the contact's language.
    pub text: String,
    /// Options to tap; the id comes back as `choice`.
    pub options: Vec<OptionView>,
    /// What goes with the text where the channel can carry it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attached: Vec<Attached>,
    /// Whose words they are: `flow`, or `agent:` and his id.
    pub by: String,
}

/// An option to tap.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct OptionView {
    /// What comes back.
    pub id: String,
    /// What the contact reads.
    pub label: String,
}

impl From<Said> for SaidView {
    fn from(said: Said) -> Self {
        let options = said.options.into_iter().map(|option| OptionView { id: option.id, label: option.label });
        Self { text: said.text, options: options.collect(), attached: said.attached, by: speaker(&said.by) }
    }
}

/// Whose words, in text.
pub(crate) fn speaker(by: &Speaker) -> String {
    match by {
        Speaker::Flow => "flow".to_owned(),
        Speaker::Agent(agent) => format!("agent:{agent}"),
    }
}

/// Where an interaction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// The flow has it, and nobody else.
    InFlow,
    /// In line for an agent.
    Waiting,
    /// Offered to an agent.
    Offered,
    /// In conversation with an agent.
    Active,
    /// An agent completes its record.
    WrapUp,
    /// Over.
    Ended,
}

/// An interaction.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct InteractionShown {
    /// Its id.
    pub id: String,
    /// Where it stands.
    pub state: State,
    /// Where it came in.
    pub touchpoint: String,
    /// On which channel.
    pub channel: Channel,
    /// The person.
    pub contact: ContactShown,
    /// When it began, RFC 3339.
    pub opened_at: String,
    /// Counts its turns.
    pub turn: u64,
    /// Where its flows stand, innermost last.
    pub at: Vec<PlaceShown>,
    /// The agent who has it, or whose offer it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// Skills it waits for, or waited for last, with the worst level that will do.
    pub skills: BTreeMap<String, u8>,
    /// Its priority in line; higher first.
    pub priority: i32,
    /// Its place in line, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting_since: Option<String>,
    /// True when its flow failed and the touchpoint's default skill took over.
    pub last_resort: bool,
    /// How it was qualified, by an agent or else by how its flow ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disposition: Option<String>,
    /// When it ended, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    /// The agent who began it, when it was not the contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub begun_by: Option<String>,
    /// What the desk of whoever takes it opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub screen_pop: Option<String>,
    /// Answers to questionnaires, by questionnaire and question.
    pub answers: BTreeMap<String, BTreeMap<String, Value>>,
    /// What was promised to the contact, and how much time is left.
    #[serde(skip_serializing_if = "ServiceShown::is_empty")]
    pub service: ServiceShown,
}

/// What was promised to a contact (WAP-38..WAP-41).
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct ServiceShown {
    /// An agent's first answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_response: Option<PromiseShown>,
    /// The end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution: Option<PromiseShown>,
}

/// A promise as it stands.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PromiseShown {
    /// How it stands.
    pub state: PromiseState,
    /// By when, RFC 3339.
    pub due: String,
    /// Seconds of open time that are left, while it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remaining_s: Option<u64>,
    /// False while its clock stands still because the service is closed; absent once it runs no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counting: Option<bool>,
    /// The calendar whose open hours count; absent when every hour does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
    /// When it was done, in time or late, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done_at: Option<String>,
}

impl ServiceShown {
    fn of(interaction: &Interaction, catalogue: &Catalogue, now: Timestamp) -> Self {
        let shown = |which| {
            let (promise, state) = interaction.silence.promised(which)?;
            let calendar = promise.hours.as_ref().and_then(|id| catalogue.calendars.get(id)).map(AsRef::as_ref);
            // How much is left of hours that are no more, nobody can say.
            let runs = state == PromiseState::Running && promise.hours.is_some() == calendar.is_some();
            Some(PromiseShown {
                state,
                due: promise.due.to_string(),
                remaining_s: runs.then(|| promise.remaining(calendar, now).as_secs()),
                counting: runs.then(|| calendar.is_none_or(|calendar| calendar.is_open(now))),
                calendar: promise.hours.as_ref().map(ToString::to_string),
                done_at: promise.done_at.map(|at| at.to_string()),
            })
        };
        Self { first_response: shown(Promised::FirstResponse), resolution: shown(Promised::Resolution) }
    }

    fn is_empty(&self) -> bool {
        self.first_response.is_none() && self.resolution.is_none()
    }
}

/// The person of an interaction.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ContactShown {
    /// The address on the channel.
    pub address: String,
    /// The name, when the channel gave one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The language.
    pub locale: String,
    /// What the touchpoint told of the person, by name (`contact.fields` of a flow).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Value>,
}

/// Where one flow stands.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PlaceShown {
    /// The flow's version, `flow@3`.
    pub flow: String,
    /// The node.
    pub node: String,
    /// The flow's attributes.
    pub attributes: BTreeMap<String, Value>,
}

impl InteractionShown {
    /// An interaction as it stands now. What is left of promises is counted in the hours of the settings in force.
    pub(crate) fn of(view: InteractionView, catalogue: &Catalogue, now: Timestamp) -> Self {
        let service = ServiceShown::of(&view.interaction, catalogue, now);
        let state = state_of(&view);
        let InteractionView { interaction, work } = view;
        let (ended, last_resort) = match &interaction.phase {
            Phase::Ended { at, disposition } => (Some((at.to_string(), disposition.clone())), false),
            Phase::LastResort => (None, interaction.begun_by.is_none()),
            Phase::Flow => (None, false),
        };
        let (ended_at, ended_as) = ended.unzip();
        let held_by = work.as_ref().and_then(agent_of).or(interaction.agent.as_ref().map(ToString::to_string));
        let requirement = work.as_ref().map_or(&interaction.requirement, |work| &work.requirement);
        let skills = requirement.skills.iter().map(|(skill, level)| (skill.to_string(), u8::from(*level))).collect();
        let places = interaction.frames.into_iter().map(|frame| PlaceShown {
            flow: frame.flow.to_string(),
            node: frame.node.to_string(),
            attributes: frame.attributes.into_iter().map(|(name, value)| (name.to_string(), value)).collect(),
        });
        Self {
            state,
            agent: held_by,
            skills,
            at: places.collect(),
            id: interaction.id.to_string(),
            touchpoint: interaction.touchpoint.to_string(),
            channel: interaction.channel,
            contact: ContactShown {
                address: interaction.contact.address.to_string(),
                name: interaction.contact.name,
                locale: interaction.contact.locale.to_string(),
                fields: interaction.contact.fields.clone(),
            },
            opened_at: interaction.opened_at.to_string(),
            turn: interaction.turn,
            priority: interaction.priority,
            waiting_since: work.filter(|work| is_waiting(&work.state)).map(|work| work.since.to_string()),
            last_resort,
            disposition: interaction.disposition.or(ended_as).map(|disposition| disposition.to_string()),
            ended_at,
            begun_by: interaction.begun_by.map(|agent| agent.to_string()),
            screen_pop: interaction.screen_pop,
            answers: interaction.answers.into_iter().map(|(id, answers)| (id.to_string(), answers)).collect(),
            service,
        }
    }
}

/// Where an interaction stands: with somebody first, since an ended flow may still have a record open.
pub(crate) fn state_of(view: &InteractionView) -> State {
    match (&view.work, view.interaction.is_live()) {
        (Some(work), _) => standing(&work.state),
        (None, true) => State::InFlow,
        (None, false) => State::Ended,
    }
}

/// Where whoever has work for an agent stands.
pub(crate) fn standing(work: &WorkState) -> State {
    match work {
        WorkState::Waiting => State::Waiting,
        WorkState::Offered { .. } => State::Offered,
        WorkState::Active { .. } => State::Active,
        WorkState::WrapUp { .. } => State::WrapUp,
    }
}

fn is_waiting(state: &WorkState) -> bool {
    match state {
        WorkState::Waiting | WorkState::Offered { .. } => true,
        WorkState::Active { .. } | WorkState::WrapUp { .. } => false,
    }
}

/// The agent who has a work, or whose offer it is.
pub(crate) fn agent_of(work: &Work) -> Option<String> {
    match &work.state {
        WorkState::Waiting => None,
        WorkState::Offered { agent, .. } | WorkState::Active { agent, .. } | WorkState::WrapUp { agent, .. } => {
            Some(agent.to_string())
        }
    }
}

/// An agent's desk.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Desk {
    /// Who.
    pub agent: String,
    /// His presence.
    pub presence: PresenceStatus,
    /// The named status he chose, when he did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Slots taken: offers, conversations and wrap-ups.
    pub load: u32,
    /// Offers that wait for his answer.
    pub offers: Vec<Slot>,
    /// Conversations going on.
    pub conversations: Vec<Slot>,
    /// Records he completes.
    pub wrap_ups: Vec<Slot>,
}

/// One slot of an agent.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Slot {
    /// Which interaction.
    pub interaction: String,
    /// The offer it was, or is; absent in wrap-up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer: Option<String>,
    /// On which channel.
    pub channel: Channel,
    /// Further channels over which the conversation goes on, or whose record is open.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub legs: Vec<LegView>,
    /// True while it is set aside.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub parked: bool,
    /// When it first began to wait, RFC 3339.
    pub waiting_since: String,
    /// Since when he talks, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Until when the offer or the wrap-up lasts, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// A further channel of a conversation.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct LegView {
    /// Which.
    pub channel: Channel,
    /// The number or mailbox; absent for the channel by which the contact came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Until when its record is open, RFC 3339; absent while the conversation goes on over it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

impl From<AgentView> for Desk {
    fn from(view: AgentView) -> Self {
        let slots = |works: Vec<Work>| works.iter().map(slot).collect();
        Self {
            agent: view.agent.to_string(),
            presence: view.presence,
            status: view.status.map(|status| status.to_string()),
            load: view.load,
            offers: slots(view.offers),
            conversations: slots(view.conversations),
            wrap_ups: slots(view.wrap_ups),
        }
    }
}

fn slot(work: &Work) -> Slot {
    let (offer, since, until): (_, Option<Timestamp>, Option<Timestamp>) = match &work.state {
        WorkState::Waiting => (None, None, None),
        WorkState::Offered { offer, expires_at, .. } => (Some(offer.to_string()), None, Some(*expires_at)),
        WorkState::Active { offer, since, .. } => (Some(offer.to_string()), Some(*since), None),
        WorkState::WrapUp { until, .. } => (None, None, Some(*until)),
    };
    Slot {
        interaction: work.interaction.to_string(),
        offer,
        channel: work.channel,
        legs: work.legs.iter().map(leg).collect(),
        parked: work.parked.is_some(),
        waiting_since: work.since.to_string(),
        since: since.map(|at| at.to_string()),
        until: until.map(|at| at.to_string()),
    }
}

fn leg(leg: &Leg) -> LegView {
    let until = match leg.state {
        LegState::Open => None,
        LegState::WrapUp { until, .. } => Some(until.to_string()),
    };
    LegView { channel: leg.channel, address: leg.reach.as_ref().map(|reach| reach.address.to_string()), until }
}

/// A fact. `fact` names what happened; further members depend on it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FactView {
    /// When, RFC 3339.
    pub at: String,
    /// What happened, such as `offer_accepted`.
    pub fact: String,
    /// Of which interaction and turn, and the members of this fact.
    #[serde(flatten)]
    pub members: Map<String, Value>,
}

impl FactView {
    /// A record as people read it; the tenant is the reader's own.
    pub(crate) fn of(record: &FactRecord) -> Self {
        let mut members = match serde_json::to_value(record) {
            Ok(Value::Object(members)) => members,
            Ok(_) | Err(_) => Map::new(),
        };
        members.remove("tenant");
        members.remove("at");
        let fact = members.remove("fact").and_then(|fact| fact.as_str().map(str::to_owned)).unwrap_or_default();
        for name in ["expires_at", "until"] {
            if let Some(ms) = members.get(name).and_then(Value::as_i64) {
                members.insert(name.to_owned(), Timestamp(ms).to_string().into());
            }
        }
        Self { at: record.at.to_string(), fact, members }
    }
}

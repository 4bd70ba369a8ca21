//! Contacts and agents with their whims. They know only what the centre told them after a commit.

use std::{collections::BTreeMap, sync::Arc};

use routewright_engine::{
    AgentId, InteractionId, OfferId, TenantId, Timestamp,
    contact::{ContactKey, Message},
    effect::{Action, Effect},
    event::{AgentAction, ContactWrote, Input, PresenceStatus},
    fact::{Fact, FactRecord},
    release::{Fate, Migration, Plan, Release},
};
use routewright_flows::Locale;
use serde_json::json;

use super::{
    centre::{Tenant, VERSIONS},
    rng::Rng,
};

/// How often a desk says that it is still there.
pub const HEARTBEAT_MS: i64 = 20_000;

/// Everybody outside.
#[derive(Debug)]
pub struct People {
    rng: Rng,
    contacts: Vec<Person>,
    desks: Vec<Desk>,
    /// Messages that a provider has and will deliver, perhaps twice, perhaps in another order.
    post: Vec<ContactWrote>,
    posted: u64,
    /// Flows whose live version may be changed.
    flows: Vec<(TenantId, routewright_flows::FlowId)>,
    /// True when desks vanish without a word.
    vanish: bool,
}

#[derive(Debug)]
struct Person {
    key: ContactKey,
    locale: Option<Locale>,
    fields: BTreeMap<String, serde_json::Value>,
    options: Vec<String>,
}

/// An agent at his desk.
#[derive(Debug)]
struct Desk {
    tenant: TenantId,
    agent: AgentId,
    /// True while he is present, as far as he knows.
    present: bool,
    /// True while his desk sends heartbeats.
    beats: bool,
    last_beat: Timestamp,
    offers: Vec<OfferId>,
    /// Offers that are over, to be answered too late.
    past: Vec<OfferId>,
    talking: Vec<InteractionId>,
    records: Vec<InteractionId>,
}

const WORDS: [&str; 18] = [
    "bonjour",
    "1",
    "2",
    "3",
    "ventes",
    "facture",
    "aide",
    "je ne sais pas",
    "oui",
    "non",
    "5",
    "2 sur 5",
    "anna@example.org",
    "12/05/1980",
    "CL-10042",
    "Ma lampe ne s’allume plus.",
    "agent",
    "👍",
];

impl People {
    /// The people around these tenants.
    #[must_use]
    pub fn new(mut rng: Rng, tenants: &[Tenant], vanish: bool) -> Self {
        let mut contacts = Vec::new();
        let mut desks = Vec::new();
        let mut flows = Vec::new();
        for tenant in tenants {
            for touchpoint in tenant.catalogue.touchpoints.keys() {
                for n in 0..rng.between(3, 10) {
                    let address: Arc<str> = format!("{touchpoint}-{n}").into();
                    let key = ContactKey { tenant: tenant.id.clone(), touchpoint: touchpoint.clone(), address };
                    let tier = rng.pick(&[json!("gold"), json!("silver"), json!(7), json!(null)]).cloned();
                    let fields = tier.into_iter().map(|tier| ("tier".to_owned(), tier)).collect();
                    let locale = rng.pick(&["fr", "en", "fr-CA", "de"]).and_then(|tag| Locale::new(tag).ok());
                    let locale = locale.filter(|_| rng.chance(70));
                    contacts.push(Person { key, locale, fields, options: Vec::new() });
                }
            }
            for agent in tenant.catalogue.agents.keys() {
                desks.push(Desk {
                    tenant: tenant.id.clone(),
                    agent: agent.clone(),
                    present: false,
                    beats: false,
                    last_beat: Timestamp::default(),
                    offers: Vec::new(),
                    past: Vec::new(),
                    talking: Vec::new(),
                    records: Vec::new(),
                });
            }
            flows.extend(tenant.plans.keys().map(|flow| (tenant.id.clone(), flow.clone())));
        }
        Self { rng, contacts, desks, post: Vec::new(), posted: 0, flows, vanish }
    }

    /// How long nothing happens.
    pub fn pause_ms(&mut self) -> u64 {
        match self.rng.below(100) {
            0..40 => 0,
            40..75 => self.rng.below(5_000),
            75..95 => self.rng.between(5_000, 60_000),
            95..99 => self.rng.between(60_000, 1_200_000),
            _ => self.rng.between(1_200_000, 5 * 3_600_000),
        }
    }

    /// What happens at one instant, contacts before agents (DESIGN section 3, rule 3).
    pub fn act(&mut self) -> Vec<Input> {
        let mut inputs: Vec<Input> = (0..self.rng.between(1, 3)).map(|_| self.act_once()).collect();
        inputs.sort_by_key(|input| match input {
            Input::ContactWrote(_) | Input::ContactLeft(_) | Input::CallAnswered(_) => 0,
            Input::TimerDue(_) => 1,
            Input::Agent { .. } | Input::Configured(..) | Input::Published(..) | Input::Released(..) => 2,
            Input::FateReached { .. } => 1,
        });
        inputs
    }

    fn act_once(&mut self) -> Input {
        let agent = match self.rng.below(100) {
            0..34 => None,
            34..37 => return self.leave(),
            37..60 => self.answer_offer(),
            60..68 => self.write(),
            68..76 => self.close(),
            76..84 => self.finish(),
            84..95 => self.change_presence(),
            95..98 => self.blunder(),
            _ => return self.release(),
        };
        agent.unwrap_or_else(|| self.deliver())
    }

    // -- contacts ---------------------------------------------------------------------------------------------------

    /// A provider delivers one of the messages it has, mostly the oldest, and sometimes keeps it to deliver it again.
    fn deliver(&mut self) -> Input {
        if self.post.is_empty() || self.rng.chance(60) {
            let message = self.compose();
            self.post.push(message);
        }
        let at =
            if self.rng.chance(75) { 0 } else { usize::try_from(self.rng.below(self.post.len() as u64)).unwrap_or(0) };
        let again = self.rng.chance(20);
        let message = if again { self.post[at].clone() } else { self.post.remove(at) };
        Input::ContactWrote(message)
    }

    fn compose(&mut self) -> ContactWrote {
        self.posted += 1;
        let who = usize::try_from(self.rng.below(self.contacts.len() as u64)).unwrap_or(0);
        let person = &self.contacts[who];
        let choice = if self.rng.chance(50) { self.rng.pick(&person.options).cloned() } else { None };
        let text = match &choice {
            Some(_) => String::new(),
            None => self.rng.pick(&WORDS).copied().unwrap_or_default().to_owned(),
        };
        ContactWrote {
            from: person.key.clone(),
            event_id: format!("m{}", self.posted).into(),
            message: Message { text, choice },
            name: self.rng.chance(30).then(|| format!("Contact {who}")),
            locale: person.locale.clone(),
            fields: person.fields.clone(),
        }
    }

    fn leave(&mut self) -> Input {
        let who = usize::try_from(self.rng.below(self.contacts.len() as u64)).unwrap_or(0);
        Input::ContactLeft(self.contacts[who].key.clone())
    }

    // -- agents -----------------------------------------------------------------------------------------------------

    /// A desk of those that pass, as a number.
    fn desk(&mut self, wanted: impl Fn(&Desk) -> bool) -> Option<usize> {
        let fitting: Vec<usize> = (0..self.desks.len()).filter(|at| wanted(&self.desks[*at])).collect();
        self.rng.pick(&fitting).copied()
    }

    fn answer_offer(&mut self) -> Option<Input> {
        let at = self.desk(|desk| desk.beats && !desk.offers.is_empty())?;
        let offer = *self.rng.pick(&self.desks[at].offers)?;
        let action = match self.rng.below(100) {
            0..75 => AgentAction::Accept { offer },
            75..90 => AgentAction::Decline { offer },
            _ => return None,
        };
        Some(self.desks[at].does(action))
    }

    fn write(&mut self) -> Option<Input> {
        let at = self.desk(|desk| desk.beats && !desk.talking.is_empty())?;
        let interaction = *self.rng.pick(&self.desks[at].talking)?;
        self.posted += 1;
        let event_id = Some(Arc::from(format!("a{}", self.posted)));
        Some(self.desks[at].does(AgentAction::Write {
            interaction,
            text: "Je regarde.".into(),
            event_id,
            attached: Vec::new(),
        }))
    }

    fn close(&mut self) -> Option<Input> {
        let at = self.desk(|desk| desk.beats && !desk.talking.is_empty())?;
        let interaction = *self.rng.pick(&self.desks[at].talking)?;
        Some(self.desks[at].does(AgentAction::Close { interaction }))
    }

    fn finish(&mut self) -> Option<Input> {
        let at = self.desk(|desk| desk.beats && !desk.records.is_empty())?;
        let interaction = *self.rng.pick(&self.desks[at].records)?;
        let disposition = self.rng.pick(&["resolved", "unheard_of"]).and_then(|d| d.parse().ok());
        let disposition = disposition.filter(|_| self.rng.chance(60));
        Some(self.desks[at].does(AgentAction::Finish { interaction, disposition, answers: Default::default() }))
    }

    fn change_presence(&mut self) -> Option<Input> {
        let at = self.desk(|_| true)?;
        let present = self.desks[at].present;
        if self.vanish && present && self.rng.chance(15) {
            self.desks[at].beats = false;
            return None;
        }
        let choices: &[PresenceStatus] = match present {
            false => &[PresenceStatus::Available],
            true => &[
                PresenceStatus::Available,
                PresenceStatus::Available,
                PresenceStatus::Available,
                PresenceStatus::Draining,
                PresenceStatus::Paused,
                PresenceStatus::Offline,
            ],
        };
        let status = *self.rng.pick(choices)?;
        self.desks[at].beats = status != PresenceStatus::Offline;
        Some(self.desks[at].does(AgentAction::SetPresence { status }))
    }

    /// What nobody should do, and somebody always does.
    fn blunder(&mut self) -> Option<Input> {
        let at = self.desk(|_| true)?;
        let someone = self.desk(|desk| !desk.talking.is_empty() || !desk.records.is_empty());
        let foreign = someone.and_then(|other| {
            let other = &self.desks[other];
            other.talking.first().or(other.records.first()).copied()
        });
        let interaction = foreign.unwrap_or(InteractionId(self.rng.below(50)));
        let past = self.rng.pick(&self.desks[at].past).copied().unwrap_or(OfferId(self.rng.below(50)));
        let action = match self.rng.below(6) {
            0 => AgentAction::Accept { offer: past },
            1 => AgentAction::Decline { offer: past },
            2 => AgentAction::Close { interaction },
            3 => AgentAction::Finish { interaction, disposition: None, answers: Default::default() },
            4 => AgentAction::Write { interaction, text: "x".repeat(5_000), event_id: None, attached: Vec::new() },
            _ => AgentAction::Write { interaction, text: "Bonjour".into(), event_id: None, attached: Vec::new() },
        };
        Some(self.desks[at].does(action))
    }

    fn release(&mut self) -> Input {
        match self.rng.pick(&self.flows).cloned() {
            Some((tenant, flow)) => {
                let live = u32::try_from(self.rng.between(1, VERSIONS.into())).unwrap_or(1);
                let others = (1..=VERSIONS).filter(|version| *version != live);
                let fate = self.fate(live);
                let fates = fate.map(|fate| others.map(|version| (version, fate.clone())).collect());
                let plan = Plan { live: Some(live), fates: fates.unwrap_or_default(), ..Plan::default() };
                Input::Released(tenant, Release { flow, plan })
            }
            None => self.deliver(),
        }
    }

    /// What becomes of those in flight: mostly nothing, or they move, and once in a while they must leave at once.
    fn fate(&mut self, to: u32) -> Option<Fate> {
        match self.rng.below(12) {
            0..6 => None,
            6..11 => Some(Fate::Migrate(Migration { to, nodes: BTreeMap::new(), attributes: BTreeMap::new() })),
            _ => Some(Fate::Drain { until: Timestamp::default() }),
        }
    }

    // -- what they learn ----------------------------------------------------------------------------------------------

    /// The next instant at which a desk must be heard.
    #[must_use]
    pub fn next_beat(&self) -> Option<Timestamp> {
        self.desks.iter().filter(|d| d.beats && d.present).map(|d| Timestamp(d.last_beat.0 + HEARTBEAT_MS)).min()
    }

    /// The heartbeats that are due.
    pub fn beats(&mut self, now: Timestamp) -> Vec<Input> {
        let due = self.desks.iter_mut().filter(|d| d.beats && d.present && d.last_beat.0 + HEARTBEAT_MS <= now.0);
        due.map(|desk| {
            desk.last_beat = now;
            desk.does(AgentAction::Heartbeat)
        })
        .collect()
    }

    /// What was committed reaches those whom it concerns.
    pub fn learn(&mut self, facts: &[FactRecord], effects: &[Effect]) {
        for record in facts {
            self.learn_fact(record);
        }
        for effect in effects {
            if let Action::SendMessage { touchpoint, address, said, .. } = &effect.action {
                let theirs = |p: &&mut Person| {
                    p.key.tenant == effect.tenant && p.key.touchpoint == *touchpoint && p.key.address == *address
                };
                if let Some(person) = self.contacts.iter_mut().find(theirs) {
                    person.options = said.options.iter().map(|option| option.id.clone()).collect();
                }
            }
        }
    }

    fn learn_fact(&mut self, record: &FactRecord) {
        if let (Fact::InteractionEnded { .. }, Some(id)) = (&record.fact, record.interaction) {
            // Who talked with a contact who left sees the conversation end.
            self.desks.iter_mut().for_each(|desk| desk.talking.retain(|t| *t != id));
        }
        let agent = match &record.fact {
            Fact::OfferMade { agent, .. }
            | Fact::OfferAccepted { agent, .. }
            | Fact::OfferDeclined { agent, .. }
            | Fact::OfferExpired { agent, .. }
            | Fact::OfferWithdrawn { agent, .. }
            | Fact::Requeued { agent }
            | Fact::ConversationClosed { agent }
            | Fact::WrapUpStarted { agent, .. }
            | Fact::WrapUpEnded { agent, .. }
            | Fact::PresenceChanged { agent, .. } => agent,
            _ => return,
        };
        let Some(desk) = self.desks.iter_mut().find(|d| d.tenant == record.tenant && d.agent == *agent) else { return };
        if let Fact::PresenceChanged { status, .. } = &record.fact {
            desk.present = *status != PresenceStatus::Offline;
            desk.last_beat = record.at;
            return;
        }
        let Some(id) = record.interaction else { return };
        match &record.fact {
            Fact::OfferMade { offer, .. } => desk.offers.push(*offer),
            Fact::OfferAccepted { offer, .. } => {
                desk.forget(*offer);
                desk.talking.push(id);
            }
            Fact::OfferDeclined { offer, .. }
            | Fact::OfferExpired { offer, .. }
            | Fact::OfferWithdrawn { offer, .. } => desk.forget(*offer),
            Fact::Requeued { .. } | Fact::ConversationClosed { .. } => desk.talking.retain(|t| *t != id),
            Fact::WrapUpStarted { .. } => {
                desk.talking.retain(|t| *t != id);
                desk.records.push(id);
            }
            // A profile without wrap-up closes the record in the moment that the conversation ends.
            Fact::WrapUpEnded { .. } => {
                desk.talking.retain(|t| *t != id);
                desk.records.retain(|r| *r != id);
            }
            _ => {}
        }
    }

    // -- closing time -------------------------------------------------------------------------------------------------

    /// Every agent comes, or goes.
    pub fn all_agents(&mut self, status: PresenceStatus) -> Vec<Input> {
        self.desks
            .iter_mut()
            .filter(|desk| desk.present != (status != PresenceStatus::Offline) || !desk.beats)
            .map(|desk| {
                desk.beats = status != PresenceStatus::Offline;
                desk.does(AgentAction::SetPresence { status })
            })
            .collect()
    }

    /// Every agent does all that he has to do.
    pub fn work_off(&mut self) -> Vec<Input> {
        let mut inputs = Vec::new();
        for desk in self.desks.iter().filter(|desk| desk.present) {
            inputs.extend(desk.offers.iter().map(|offer| desk.does(AgentAction::Accept { offer: *offer })));
            inputs.extend(desk.talking.iter().map(|id| desk.does(AgentAction::Close { interaction: *id })));
            let finish = |id: &InteractionId| AgentAction::Finish {
                interaction: *id,
                disposition: None,
                answers: Default::default(),
            };
            inputs.extend(desk.records.iter().map(|id| desk.does(finish(id))));
        }
        inputs
    }
}

impl Desk {
    fn does(&self, action: AgentAction) -> Input {
        Input::Agent { tenant: self.tenant.clone(), agent: self.agent.clone(), action }
    }

    fn forget(&mut self, offer: OfferId) {
        self.offers.retain(|o| *o != offer);
        self.past.push(offer);
    }
}

//! Days of a centre, told to a switchboard alone: agents come and go in shifts, contacts write, wait, talk, fall silent and
//! leave, all from one seed. The benchmark tells one large day; the proof of determinism tells many small ones again and
//! again, and compares what was decided.
//!
//! People act on facts alone, so a switchboard that was rebuilt from its rows in between cannot be told from one that
//! was not. What it deliberately does not do: it keeps no books. The simulator ([`crate::sim`]) does.

use std::{
    cmp::{Ordering, Reverse},
    collections::{BTreeMap, BTreeSet, BinaryHeap},
    sync::Arc,
};

use routewright_engine::{
    AgentId, InteractionId, OfferId, TenantId, Timestamp, TouchpointId,
    catalogue::{AgentSettings, Catalogue, Level, ProfileSettings, SkillSettings, TouchpointSettings},
    contact::{ContactKey, Message},
    event::{AgentAction, ContactWrote, Input, PresenceStatus},
    fact::{DequeueReason, Fact, FactRecord},
    published::PublishedFlow,
    release::Release,
    script::Sandbox,
    switchboard::{Output, Switchboard, Touched},
};
use routewright_flows::FlowDocument;
use serde_json::{Value, json};

use crate::{
    centre::monday,
    sim::{rng::Rng, store::Store},
};

/// What is told.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Decides everything.
    pub seed: u64,
    /// Agents, a third of them in each shift of eight hours.
    pub agents: usize,
    /// Contacts in a day, more of them at noon than at midnight.
    pub contacts_a_day: u64,
    /// It ends after so many inputs, timers and heartbeats included; with the day when absent.
    pub events: Option<u64>,
    /// True to name every decision in the end.
    pub hashed: bool,
    /// When all state is written as text, and what is read back goes on in its place.
    pub reloads: Reloads,
}

/// After which inputs a telling goes on with what is read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reloads {
    /// None.
    Never,
    /// Each of the first `closely`; after those one in `one_in`, drawn by lot, so that no two inputs are safe from it.
    Often {
        /// Inputs of the first stretch.
        closely: u64,
        /// One in so many of the others; at least 1.
        one_in: u64,
    },
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Inputs, timers and heartbeats included.
    pub events: u64,
    /// Timers among them.
    pub timers: u64,
    /// Heartbeats among them.
    pub heartbeats: u64,
    /// Contacts who came.
    pub contacts: u64,
    /// Conversations that an agent took.
    pub taken: u64,
    /// Contacts who gave up waiting.
    pub abandoned: u64,
    /// Facts.
    pub facts: u64,
    /// Times that all state was written and read back.
    pub reloads: u64,
    /// Names every fact and every effect, in order; empty unless asked for.
    pub hash: String,
}

/// Tells the days of a plan.
///
/// # Errors
/// When the flow of the day cannot be published, or rows do not read back; in words.
pub fn tell(plan: Plan) -> Result<Told, String> {
    let mut day = Day::open(plan)?;
    while day.goes_on() {
        day.next()?;
    }
    let hash = if plan.hashed { day.hash.finalize().to_hex().to_string() } else { String::new() };
    Ok(Told { hash, ..day.told })
}

/// Tells the same days three times: twice alike, and once with all state written and read back in between.
///
/// # Errors
/// When two of them were decided otherwise, or a telling fails; in words.
pub fn prove(seed: u64, events: u64, reloads: Reloads) -> Result<Told, String> {
    let never = Reloads::Never;
    let plan = Plan { seed, agents: 12, contacts_a_day: 2_400, events: Some(events), hashed: true, reloads: never };
    let first = tell(plan)?;
    let again = tell(plan)?;
    if first != again {
        return Err(format!("the same days were told twice and came out otherwise: {first:?}, then {again:?}"));
    }
    let reloaded = tell(Plan { reloads, ..plan })?;
    if first != (Told { reloads: 0, ..reloaded.clone() }) {
        return Err(format!("with reloads it came out otherwise: {first:?}, then {reloaded:?}"));
    }
    Ok(reloaded)
}

/// Something that people will do. At one instant contacts come first, then timers, then agents.
#[derive(Debug)]
enum Happening {
    Comes,
    Writes(u64),
    Leaves(u64),
    Beat(usize),
    Presence(usize, bool),
    Accepts(usize, OfferId),
    Declines(usize, OfferId),
    Answers(usize, InteractionId),
    Closes(usize, InteractionId),
    Finishes(usize, InteractionId),
}

impl Happening {
    fn is_of_contact(&self) -> bool {
        matches!(self, Self::Comes | Self::Writes(_) | Self::Leaves(_))
    }
}

/// Something on the agenda. No two have one place in it.
#[derive(Debug)]
struct Planned {
    at: Timestamp,
    rank: u8,
    sequence: u64,
    happening: Happening,
}

impl Planned {
    fn place(&self) -> (i64, u64) {
        (self.at.0, u64::from(self.rank) << 56 | self.sequence)
    }
}

impl Ord for Planned {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place().cmp(&other.place())
    }
}

impl PartialOrd for Planned {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Planned {
    fn eq(&self, other: &Self) -> bool {
        self.place() == other.place()
    }
}

impl Eq for Planned {}

/// The order of one instant: contacts, timers, agents.
const RANKS: [u8; 3] = [0, 1, 2];

struct Day {
    plan: Plan,
    random: Rng,
    /// Draws the inputs that a reload follows; apart from what people do.
    lots: Rng,
    sandbox: Arc<Sandbox>,
    settings: Vec<Input>,
    board: Switchboard,
    store: Store,
    /// What was touched since the rows were last written.
    touched: Touched,
    agenda: BinaryHeap<Reverse<Planned>>,
    sequence: u64,
    now: Timestamp,
    tenant: TenantId,
    touchpoints: Vec<TouchpointId>,
    agents: Vec<AgentId>,
    names: BTreeMap<AgentId, usize>,
    present: Vec<bool>,
    /// Who the contact of an interaction is, while it lives.
    contacts: BTreeMap<InteractionId, u64>,
    /// Contacts who wait, and those whose conversation goes on: nobody else writes or leaves.
    waiting: BTreeSet<u64>,
    live: BTreeSet<u64>,
    messages: u64,
    hash: blake3::Hasher,
    told: Told,
}

const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;

/// A desk says so often that it is there: a third of its lease.
const BEAT_MS: u64 = 15_000;

/// Interactions kept in memory: more than ever live at once, so that only such are let go of as are over.
const KEPT_IN_HAND: usize = 4_096;

/// Inputs between two lettings-go.
const GROUP: u64 = 8_192;

impl Day {
    fn open(plan: Plan) -> Result<Self, String> {
        let sandbox = Arc::new(Sandbox::new());
        let tenant = TenantId::new("day").map_err(|e| e.to_string())?;
        let mut random = Rng::new(plan.seed);
        let (catalogue, flow) = centre(&plan, &mut random)?;
        let touchpoints = catalogue.touchpoints.keys().cloned().collect();
        let agents: Vec<AgentId> = catalogue.agents.keys().cloned().collect();
        let registry = routewright_nodes::standard();
        let flow = PublishedFlow::prepare(Arc::new(flow), 1, &registry, &sandbox).map_err(|e| e.to_string())?;
        let release = Release::of(flow.version.flow.clone(), Some(1));
        let settings = vec![
            Input::Configured(tenant.clone(), Arc::new(catalogue)),
            Input::Published(tenant.clone(), Arc::new(flow)),
            Input::Released(tenant.clone(), release),
        ];
        let told = Told {
            events: 0,
            timers: 0,
            heartbeats: 0,
            contacts: 0,
            taken: 0,
            abandoned: 0,
            facts: 0,
            reloads: 0,
            hash: String::new(),
        };
        let mut day = Self {
            plan,
            random,
            lots: Rng::new(plan.seed ^ 0x1075),
            board: Switchboard::new(Arc::clone(&sandbox)),
            sandbox,
            settings,
            store: Store::default(),
            touched: Touched::default(),
            agenda: BinaryHeap::new(),
            sequence: 0,
            now: monday(),
            tenant,
            touchpoints,
            names: agents.iter().cloned().zip(0..).collect(),
            present: vec![false; agents.len()],
            agents,
            contacts: BTreeMap::new(),
            waiting: BTreeSet::new(),
            live: BTreeSet::new(),
            messages: 0,
            hash: blake3::Hasher::new(),
            told,
        };
        day.board = day.rebuilt()?;
        for agent in 0..day.agents.len() {
            // A third comes at the beginning of each shift, all within its first ten minutes; the first one is there.
            let shift = (agent % 3) as u64;
            let late = day.random.below(600_000);
            day.after(shift * 8 * HOUR_MS + late * u64::from(0 < shift), Happening::Presence(agent, true));
        }
        day.schedule_contact();
        Ok(day)
    }

    fn goes_on(&self) -> bool {
        match self.plan.events {
            Some(events) => self.told.events < events,
            None => self.now.since(monday()).as_millis() < u128::from(DAY_MS),
        }
    }

    /// The next thing that happens: what people do, or a timer.
    fn next(&mut self) -> Result<(), String> {
        let [_, timer, _] = RANKS;
        let due = self.board.next_deadline();
        let people = self.agenda.peek().map(|Reverse(planned)| (planned.at, planned.rank));
        if let Some(due) = due
            && people.is_none_or(|(at, rank)| (due.max(self.now), timer) < (at, rank))
        {
            self.now = self.now.max(due);
            let key = self.board.pop_due(self.now).ok_or("a deadline that came cannot be taken")?;
            self.told.timers += 1;
            return self.handle(Input::TimerDue(key));
        }
        let Some(Reverse(planned)) = self.agenda.pop() else { return Err("nothing is left".into()) };
        self.now = self.now.max(planned.at);
        self.happen(planned.happening)
    }

    fn happen(&mut self, happening: Happening) -> Result<(), String> {
        match happening {
            Happening::Comes => {
                self.schedule_contact();
                self.told.contacts += 1;
                let contact = self.told.contacts;
                let patience = 30_000 + self.exponential(180_000);
                self.after(patience, Happening::Leaves(contact));
                self.write(contact)
            }
            Happening::Writes(contact) if self.live.contains(&contact) => self.write(contact),
            Happening::Leaves(contact) if self.waiting.contains(&contact) => {
                self.handle(Input::ContactLeft(self.key(contact)))
            }
            Happening::Writes(_) | Happening::Leaves(_) => Ok(()),
            Happening::Beat(agent) => {
                if !self.present[agent] {
                    return Ok(());
                }
                self.after(BEAT_MS, Happening::Beat(agent));
                self.told.heartbeats += 1;
                self.act(agent, AgentAction::Heartbeat)
            }
            Happening::Presence(agent, comes) => {
                self.present[agent] = comes;
                // He comes again tomorrow.
                let later = if comes { 8 * HOUR_MS } else { 16 * HOUR_MS };
                self.after(later, Happening::Presence(agent, !comes));
                if comes {
                    self.after(BEAT_MS, Happening::Beat(agent));
                }
                let status = if comes { PresenceStatus::Available } else { PresenceStatus::Offline };
                self.act(agent, AgentAction::SetPresence { status })
            }
            Happening::Accepts(agent, offer) => self.act(agent, AgentAction::Accept { offer }),
            Happening::Declines(agent, offer) => self.act(agent, AgentAction::Decline { offer }),
            Happening::Answers(agent, interaction) => {
                self.messages += 1;
                let event_id = Some(format!("a{}", self.messages).into());
                self.act(
                    agent,
                    AgentAction::Write {
                        interaction,
                        text: "Here is how it goes.".into(),
                        event_id,
                        attached: Vec::new(),
                    },
                )
            }
            Happening::Closes(agent, interaction) => self.act(agent, AgentAction::Close { interaction }),
            Happening::Finishes(agent, interaction) => {
                self.act(agent, AgentAction::Finish { interaction, disposition: None, answers: Default::default() })
            }
        }
    }

    fn write(&mut self, contact: u64) -> Result<(), String> {
        self.messages += 1;
        let event_id = format!("m{}", self.messages).into();
        let message = Message { text: "I have a question".into(), choice: None };
        let from = self.key(contact);
        let fields = BTreeMap::new();
        self.handle(Input::ContactWrote(ContactWrote { from, event_id, message, name: None, locale: None, fields }))
    }

    fn act(&mut self, agent: usize, action: AgentAction) -> Result<(), String> {
        self.handle(Input::Agent { tenant: self.tenant.clone(), agent: self.agents[agent].clone(), action })
    }

    fn handle(&mut self, input: Input) -> Result<(), String> {
        self.told.events += 1;
        let output = self.board.handle(input, self.now, &mut self.store).map_err(|e| e.to_string())?;
        let Output { facts, effects, touched, .. } = &output;
        self.told.facts += facts.len() as u64;
        if self.plan.hashed && !(facts.is_empty() && effects.is_empty()) {
            let line = serde_json::to_vec(&(facts, effects)).map_err(|e| e.to_string())?;
            self.hash.update(&line);
        }
        match self.plan.reloads {
            Reloads::Often { closely, one_in } => {
                self.touched.interactions.extend(&touched.interactions);
                self.touched.works.extend(touched.works.iter().cloned());
                self.touched.agents.extend(touched.agents.iter().cloned());
                if self.told.events <= closely || self.lots.below(one_in) == 0 {
                    self.reload()?;
                }
            }
            Reloads::Never if self.told.events.is_multiple_of(GROUP) => self.let_go()?,
            Reloads::Never => {}
        }
        for record in &output.facts {
            self.learn(record);
        }
        Ok(())
    }

    /// Nobody comes back, so what is over is forgotten; there is no store to fetch it from.
    fn let_go(&mut self) -> Result<(), String> {
        self.board.release(KEPT_IN_HAND);
        match self.contacts.keys().find(|id| self.board.interaction(**id).is_none()) {
            Some(id) => Err(format!("{id} is live and was let go of: keep more than {KEPT_IN_HAND} in hand")),
            None => Ok(()),
        }
    }

    /// Writes the rows of what was touched, and goes on with what is read back. Nobody comes back, so what is over is
    /// forgotten.
    fn reload(&mut self) -> Result<(), String> {
        self.told.reloads += 1;
        let touched = std::mem::take(&mut self.touched);
        self.store.commit(&self.board, &touched)?;
        self.store.forget_over(&self.board, &touched.interactions);
        self.board = self.rebuilt()?;
        Ok(())
    }

    /// A switchboard of the same settings and of the rows, with a lease for every desk that is there.
    fn rebuilt(&mut self) -> Result<Switchboard, String> {
        let mut board = Switchboard::new(Arc::clone(&self.sandbox));
        for input in &self.settings {
            board.handle(input.clone(), self.now, &mut self.store).map_err(|e| e.to_string())?;
        }
        self.store.recover(&mut board, std::slice::from_ref(&self.tenant), self.now)?;
        Ok(board)
    }

    /// What people do about what happened.
    fn learn(&mut self, record: &FactRecord) {
        let Some(interaction) = record.interaction else { return };
        match &record.fact {
            Fact::InteractionOpened { .. } => {
                self.contacts.insert(interaction, self.told.contacts);
                self.live.insert(self.told.contacts);
            }
            Fact::InteractionEnded { .. } => {
                if let Some(contact) = self.contacts.remove(&interaction) {
                    self.live.remove(&contact);
                }
            }
            Fact::Enqueued { .. } | Fact::Requeued { .. } => {
                self.waiting.extend(self.contacts.get(&interaction));
            }
            Fact::OfferMade { offer, agent, .. } => {
                let agent = self.names[agent];
                let takes = self.exponential(4_000);
                let declines = self.random.chance(2);
                let what =
                    if declines { Happening::Declines(agent, *offer) } else { Happening::Accepts(agent, *offer) };
                self.after(takes, what);
            }
            Fact::OfferAccepted { agent, .. } => {
                self.told.taken += 1;
                let agent = self.names[agent];
                let contact = self.contacts.get(&interaction).copied();
                if let Some(contact) = contact {
                    self.waiting.remove(&contact);
                }
                let mut at = 0;
                for exchange in 0..self.random.between(1, 3) {
                    at += self.exponential(40_000);
                    self.after(at, Happening::Answers(agent, interaction));
                    at += self.exponential(50_000);
                    // Some fall silent: the timers see to it.
                    if let Some(contact) = contact.filter(|_| exchange == 0 || !self.random.chance(5)) {
                        self.after(at, Happening::Writes(contact));
                    }
                }
                at += self.exponential(60_000);
                self.after(at, Happening::Closes(agent, interaction));
            }
            Fact::WrapUpStarted { agent, .. } => {
                let agent = self.names[agent];
                let takes = self.exponential(30_000);
                self.after(takes, Happening::Finishes(agent, interaction));
            }
            Fact::Dequeued { reason } => {
                self.told.abandoned += u64::from(*reason == DequeueReason::Abandoned);
                if let Some(contact) = self.contacts.get(&interaction) {
                    self.waiting.remove(contact);
                }
            }
            _ => {}
        }
    }

    fn schedule_contact(&mut self) {
        // From half of the mean at midnight to one and a half times at noon, in hours of the day.
        let hour = self.now.since(monday()).as_secs() / 3_600 % 24;
        let share = 6 + hour.min(24 - hour);
        let mean = DAY_MS * 12 / (self.plan.contacts_a_day.max(1) * share);
        let pause = self.exponential(mean);
        self.after(pause, Happening::Comes);
    }

    fn after(&mut self, ms: u64, happening: Happening) {
        self.sequence += 1;
        let [contact, _, agent] = RANKS;
        let rank = if happening.is_of_contact() { contact } else { agent };
        let at = Timestamp(self.now.0 + i64::try_from(ms).unwrap_or(0));
        self.agenda.push(Reverse(Planned { at, rank, sequence: self.sequence, happening }));
    }

    fn key(&self, contact: u64) -> ContactKey {
        let at = usize::try_from(contact).unwrap_or(0) % self.touchpoints.len();
        ContactKey {
            tenant: self.tenant.clone(),
            touchpoint: self.touchpoints[at].clone(),
            address: format!("contact-{contact}").into(),
        }
    }

    /// An exponential time, in whole milliseconds and without a floating-point unit in between: the same everywhere.
    /// Bits of a random number are read until one is set; each that is not makes the time longer by `mean * ln 2`.
    fn exponential(&mut self, mean: u64) -> u64 {
        let bits = self.random.bits() | 1 << 40;
        let halvings = u64::from(bits.trailing_zeros());
        let within = self.random.below(1_000);
        mean * 693 * (halvings * 1_000 + within) / 1_000_000
    }
}

/// Three touchpoints over one flow, three skills, and timers of every kind on their conversations.
fn centre(plan: &Plan, random: &mut Rng) -> Result<(Catalogue, FlowDocument), String> {
    let words = |e: routewright_flows::name::BadName| e.to_string();
    let skills = ["sales", "support", "billing"];
    let mut catalogue = Catalogue { version: 1, ..Catalogue::default() };
    for skill in skills {
        let settings = json!({ "service_level": { "within": "20s", "percent": 80 }, "ageing": { "initial": 0, "per_minute": 10, "max": 100 } });
        let settings: SkillSettings = serde_json::from_value(settings).map_err(|e| e.to_string())?;
        catalogue.skills.insert(skill.parse().map_err(words)?, settings);
    }
    let profile = ProfileSettings { default: true, ..ProfileSettings::default() };
    catalogue.profiles.insert("default".parse().map_err(words)?, profile);
    for n in 0..plan.agents {
        // Two skills each, so that nobody's absence closes a queue.
        let first = n % skills.len();
        let second = (first + 1 + usize::try_from(random.below(2)).unwrap_or(0)) % skills.len();
        let mut settings = AgentSettings::default();
        for skill in [first, second] {
            let level = u8::try_from(random.between(1, 20)).unwrap_or(1);
            settings.skills.insert(skills[skill].parse().map_err(words)?, Level::try_from(level)?);
        }
        catalogue.agents.insert(format!("agent-{n:05}").parse().map_err(words)?, settings);
    }
    for skill in skills {
        let settings = json!({
            "channel": "webchat", "default_skill": skill, "default_flow": "day", "active": true,
            "conversation": {
                "first_response": { "after": "2m" }, "agent_response": { "after": "3m" },
                "visitor_timeout": "5m", "warning": "1m", "nudge": { "after": "2m", "text": { "en": "Still there?" } },
                "service": { "first_response": "5m", "resolution": "30m" },
            },
        });
        let settings: TouchpointSettings = serde_json::from_value(settings).map_err(|e| e.to_string())?;
        catalogue.touchpoints.insert(skill.parse().map_err(words)?, settings);
    }
    let flow: Value = json!({
        "schema": 1, "id": "day", "channels": ["webchat"], "entry": "hello",
        "nodes": {
            "hello": { "kind": "send_message", "config": { "text": { "en": "Welcome." } }, "exits": { "done": "which" } },
            "which": { "kind": "switch", "config": { "value": "interaction.touchpoint", "cases": [
                { "when": { "equals": "sales" }, "exit": "sales" }, { "when": { "equals": "support" }, "exit": "support" } ] },
                "exits": { "sales": "sales", "support": "support", "otherwise": "billing" } },
            "sales": { "kind": "require_skills", "config": { "skills": { "sales": 20 } }, "exits": { "done": "queue" } },
            "support": { "kind": "require_skills", "config": { "skills": { "support": 20 } }, "exits": { "done": "queue" } },
            "billing": { "kind": "require_skills", "config": { "skills": { "billing": 15 } }, "exits": { "done": "queue" } },
            "queue": { "kind": "enqueue", "config": { "max_wait": "15m" }, "exits": { "ended": "end", "timeout": "end" } },
            "end": { "kind": "close", "config": { "disposition": "done" } },
        },
    });
    Ok((catalogue, serde_json::from_value(flow).map_err(|e| e.to_string())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_everything_that_happens_in_one() {
        let plan = Plan {
            seed: 1,
            agents: 12,
            contacts_a_day: 2_400,
            events: Some(40_000),
            hashed: true,
            reloads: Reloads::Never,
        };
        let told = tell(plan).expect("the day is told");
        assert_eq!(told.events, 40_000);
        assert!(200 < told.contacts && 100 < told.taken && 5 < told.abandoned, "{told:?}");
        assert!(100 < told.timers && 1_000 < told.heartbeats, "{told:?}");
        let other = tell(Plan { seed: 2, ..plan }).expect("the day is told");
        assert_ne!(told.hash, other.hash, "another seed is another day");
    }
}

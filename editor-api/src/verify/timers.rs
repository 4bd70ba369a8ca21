//! The timers of a conversation, judged by their closed forms (V-06): the silence that every message restarts, the first
//! response that is transferred, the contact that is kept for an agent.
//!
//! What runs is the product's own: [`Silence`] says when a timer fires, [`Timers`] brings it, [`Capacity`] transfers and
//! keeps. This module draws the messages, the answers and the ends of calls, and counts.
//! What it deliberately does not do: it computes no deadline of its own.

use std::{collections::BTreeMap, sync::Arc};

use routewright_engine::{
    AgentId, InteractionId, SkillId, Timestamp,
    capacity::{Capacity, Notice, Preferred, Request, Requirement},
    catalogue::{
        AgentSettings, Catalogue, ConversationSettings, FirstResponse, Level, PreferredAgent, ProfileSettings,
        SkillSettings,
    },
    event::PresenceStatus,
    id::ProfileId,
    silence::{Care, Outage, Silence},
    timers::{TimerKey, Timers},
};
use routewright_flows::{Channel, HumanDuration};

use super::{BATCHES, Row, compare, random::Random};

/// Milliseconds of the core's clock in one unit of the model's time: so many that its own small delays count for nothing.
const UNIT_MS: f64 = 1e7;

/// A timer to simulate; times and rates in one unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Timer {
    /// Expires after a silence of `tau`; messages come at a rate and each restarts it.
    Silence {
        /// Messages in a unit of time.
        rate: f64,
        /// How long a silence may be.
        tau: f64,
    },
    /// The first answer of an agent takes an exponential time; after `tau` another has the conversation.
    FirstResponse {
        /// Mean time of an answer.
        answer: f64,
        /// When it is transferred.
        tau: f64,
        /// The share of agents who never answer.
        dead: f64,
    },
    /// The agent who knows the contact is busy for an exponential time; after `tau` anybody may have it.
    PreferredAgent {
        /// Mean time that he is busy.
        busy: f64,
        /// How long the contact is kept for him.
        tau: f64,
    },
}

/// What the closed forms say of a timer: two measures by name.
#[must_use]
pub fn expected(timer: Timer) -> [(&'static str, f64); 2] {
    match timer {
        Timer::Silence { rate, tau } => {
            let restarts = (rate * tau).exp() - 1.0;
            [("mean time to the end", restarts / rate), ("mean restarts", restarts)]
        }
        Timer::FirstResponse { answer, tau, dead } => {
            // Each owner is silent until `tau` with the same chance; owners follow each other until one is not.
            let late = (-tau / answer).exp();
            let silent = dead + (1.0 - dead) * late;
            let transfers = silent / (1.0 - silent);
            let in_time = answer - tau * late / (1.0 - late);
            [("mean transfers", transfers), ("mean first answer", transfers * tau + in_time)]
        }
        Timer::PreferredAgent { busy, tau } => {
            let timeout = (-tau / busy).exp();
            [("P(timeout)", timeout), ("mean hold", busy * (1.0 - timeout))]
        }
    }
}

/// The rows of V-06.
#[must_use]
pub fn table() -> Vec<Timer> {
    vec![
        Timer::Silence { rate: 0.5, tau: 3.0 },
        Timer::Silence { rate: 1.0 / 45.0, tau: 120.0 },
        Timer::FirstResponse { answer: 40.0, tau: 60.0, dead: 0.0 },
        Timer::FirstResponse { answer: 40.0, tau: 60.0, dead: 0.1 },
        Timer::FirstResponse { answer: 40.0, tau: 60.0, dead: 0.3 },
        Timer::PreferredAgent { busy: 300.0, tau: 30.0 },
        Timer::PreferredAgent { busy: 300.0, tau: 120.0 },
        Timer::PreferredAgent { busy: 300.0, tau: 900.0 },
    ]
}

/// Simulates a timer so many times and compares both of its measures.
///
/// # Errors
/// When the core refuses a legal request, or a timer comes at another instant than its own; in words.
pub fn verify(table: &str, timer: Timer, episodes: u64, seed: u64) -> Result<Vec<Row>, String> {
    let mut stage = Stage::new(timer, seed)?;
    let per_batch = (episodes / BATCHES as u64).max(1);
    let mut means = [Vec::new(), Vec::new()];
    for _ in 0..BATCHES {
        let mut sums = [0.0; 2];
        for _ in 0..per_batch {
            let seen = stage.episode(timer)?;
            sums.iter_mut().zip(seen).for_each(|(sum, seen)| *sum += seen);
        }
        means.iter_mut().zip(sums).for_each(|(means, sum)| means.push(sum / per_batch as f64));
    }
    let rows = expected(timer).into_iter().zip(&means);
    Ok(rows.map(|((name, expected), values)| compare(table, &words(timer), name, expected, values)).collect())
}

fn words(timer: Timer) -> String {
    match timer {
        Timer::Silence { rate, tau } => format!("silence of {tau}, {rate:.4} messages a unit of time"),
        Timer::FirstResponse { answer, tau, dead } => {
            format!("first response after {tau}, answers take {answer}, {:.0} % of agents are dead", dead * 100.0)
        }
        Timer::PreferredAgent { busy, tau } => format!("kept {tau} for an agent who is busy for {busy}"),
    }
}

/// Agents who may follow each other: more than a conversation ever meets.
const AGENTS: usize = 12;

struct Stage {
    random: Random,
    capacity: Capacity,
    timers: Timers,
    settings: ConversationSettings,
    requirement: Requirement,
    first: AgentId,
    next: u64,
    now: Timestamp,
}

impl Stage {
    fn new(timer: Timer, seed: u64) -> Result<Self, String> {
        let skill = SkillId::new("skill").map_err(|e| e.to_string())?;
        let mut settings = ConversationSettings::default();
        let mut of_skill = SkillSettings::default();
        match timer {
            Timer::Silence { tau, .. } => settings.visitor_timeout = Some(length(tau)),
            Timer::FirstResponse { tau, .. } => {
                settings.first_response = Some(FirstResponse { after: length(tau), then: None });
            }
            Timer::PreferredAgent { tau, .. } => {
                of_skill.preferred_agent = Some(PreferredAgent {
                    timeout: length(tau),
                    when_offline: false,
                    when_busy: true,
                    memory: HumanDuration::from_millis(u64::MAX),
                });
            }
        }
        let profile = ProfileSettings {
            default: true,
            contacts_max: 1,
            wrap_up: HumanDuration::default(),
            ..ProfileSettings::default()
        };
        let mut catalogue = Catalogue { version: 1, ..Catalogue::default() };
        catalogue.profiles.insert(ProfileId::new("default").map_err(|e| e.to_string())?, profile);
        catalogue.skills.insert(skill.clone(), of_skill);
        let agents = (0..AGENTS).map(|n| AgentId::new(&format!("agent-{n:02}"))).collect::<Result<Vec<_>, _>>();
        let agents = agents.map_err(|e| e.to_string())?;
        for agent in &agents {
            let skills = BTreeMap::from([(skill.clone(), Level::BEST)]);
            catalogue.agents.insert(agent.clone(), AgentSettings { skills, ..AgentSettings::default() });
        }
        let mut capacity = Capacity::new();
        let now = Timestamp(0);
        capacity.configure(&Arc::new(catalogue), now);
        for agent in &agents {
            let request = Request::SetPresence { agent: agent.clone(), status: PresenceStatus::Available };
            capacity.handle(request, now).map_err(|e| e.to_string())?;
        }
        let first = agents.into_iter().next().ok_or("there are agents")?;
        Ok(Self {
            random: Random::new(seed),
            capacity,
            timers: Timers::default(),
            settings,
            requirement: Requirement { skills: BTreeMap::from([(skill, Level::WORST)]), supervisor: false },
            first,
            next: 1,
            now,
        })
    }

    /// One conversation; gives both measures.
    fn episode(&mut self, timer: Timer) -> Result<[f64; 2], String> {
        match timer {
            Timer::Silence { rate, .. } => self.silence(rate),
            Timer::FirstResponse { answer, dead, .. } => self.first_response(answer, dead),
            Timer::PreferredAgent { busy, .. } => self.preferred(busy),
        }
    }

    fn silence(&mut self, rate: f64) -> Result<[f64; 2], String> {
        let (id, begun) = (self.number(), self.now);
        let mut silence = Silence::default();
        silence.contact_wrote(begun);
        silence.accepted(begun);
        let mut restarts = 0.0;
        loop {
            self.arm(id, &mut silence);
            let message = self.after(1.0 / rate);
            if self.fires(id, &mut silence, Care::VisitorTimeout, message)? {
                return Ok([span(self.now, begun), restarts]);
            }
            restarts += 1.0;
            self.now = message;
            silence.contact_wrote(message);
        }
    }

    fn first_response(&mut self, answer: f64, dead: f64) -> Result<[f64; 2], String> {
        let (id, begun) = (self.number(), self.now);
        let mut silence = Silence::default();
        silence.contact_wrote(begun);
        let mut owner = self.enqueue(id, None)?.ok_or("nobody took the contact")?;
        let mut transfers = 0.0;
        loop {
            silence.accepted(self.now);
            self.arm(id, &mut silence);
            let is_dead = (self.random.below(1_000_000) as f64) < dead * 1e6;
            let answers = if is_dead { Timestamp(i64::MAX) } else { self.after(answer) };
            if !self.fires(id, &mut silence, Care::FirstResponse, answers)? {
                self.now = answers;
                silence.agent_wrote(answers);
                self.arm(id, &mut silence);
                self.ask(Request::Close { agent: owner, interaction: id })?;
                return Ok([transfers, span(self.now, begun)]);
            }
            transfers += 1.0;
            silence.leave();
            let request = Request::Transfer { interaction: id, by: None, requirement: None, preferred: None };
            owner = match self.ask(request)? {
                Some(agent) => agent,
                // Everybody had it: the one who may have it again is asked when the core says so.
                None => self.when_due(id)?,
            };
        }
    }

    fn preferred(&mut self, busy: f64) -> Result<[f64; 2], String> {
        let (held, id) = (self.number(), self.number());
        let knows = || Some(Preferred { agent: self.first.clone(), keep: None });
        let (first_knows, then_knows) = (knows(), knows());
        let owner = self.enqueue(held, first_knows)?;
        if owner.as_ref() != Some(&self.first) {
            return Err(format!("the agent who knows the contact is free, and it went to {owner:?}"));
        }
        let begun = self.now;
        if let Some(other) = self.enqueue(id, then_knows)? {
            return Err(format!("the contact is kept, and {other} has it"));
        }
        let free = self.after(busy);
        let due = self.capacity.work_deadline(id).ok_or("a contact that is kept has a deadline")?;
        let first = self.first.clone();
        let (timed_out, owner) = if due <= free {
            (true, self.when_due(id)?)
        } else {
            self.now = free;
            let taken = self.ask(Request::Close { agent: first.clone(), interaction: held })?;
            (false, taken.ok_or("the agent is free and does not get the contact")?)
        };
        if (owner == first) == timed_out {
            return Err(format!("the contact went to {owner}, timed out: {timed_out}"));
        }
        let hold = span(self.now, begun);
        self.ask(Request::Close { agent: owner, interaction: id })?;
        if timed_out {
            self.ask(Request::Close { agent: first, interaction: held })?;
        }
        Ok([f64::from(u8::from(timed_out)), hold])
    }

    /// Lets the deadline of a work come; gives who takes it then.
    fn when_due(&mut self, id: InteractionId) -> Result<AgentId, String> {
        while let Some(due) = self.capacity.work_deadline(id) {
            self.now = self.now.max(due);
            if let Some(agent) = self.ask(Request::WorkDue { interaction: id })? {
                return Ok(agent);
            }
        }
        Err(format!("nobody takes {id} and it has no deadline"))
    }

    /// Puts the timers of a silence into the table.
    fn arm(&mut self, id: InteractionId, silence: &mut Silence) {
        silence.rearm(&self.settings, Outage::default());
        self.timers.arm(TimerKey::Interaction(id), silence.due);
    }

    /// True when the timer comes before something else does; then it has come.
    fn fires(
        &mut self,
        id: InteractionId,
        silence: &mut Silence,
        care: Care,
        before: Timestamp,
    ) -> Result<bool, String> {
        // A message of the contact's instant comes before a timer's.
        let Some(due) = self.timers.earliest().filter(|due| *due < before) else { return Ok(false) };
        if self.timers.pop_due(due) != Some((due, TimerKey::Interaction(id))) {
            return Err(format!("the table gave another timer than that of {id}"));
        }
        if silence.next(&self.settings, Outage::default()) != Some((due, care)) {
            return Err(format!("{care:?} came at {due}, which is not its instant"));
        }
        silence.fire(care);
        self.now = due;
        Ok(true)
    }

    fn enqueue(&mut self, interaction: InteractionId, preferred: Option<Preferred>) -> Result<Option<AgentId>, String> {
        let requirement = self.requirement.clone();
        let since = self.now;
        self.ask(Request::Enqueue {
            touchpoint: None,
            interaction,
            channel: Channel::Webchat,
            requirement,
            priority: 0,
            since,
            preferred,
            legs: Vec::new(),
        })
    }

    /// Asks the core; whoever is offered a contact takes it, and is given back.
    fn ask(&mut self, request: Request) -> Result<Option<AgentId>, String> {
        let mut notices = self.capacity.handle(request, self.now).map_err(|e| e.to_string())?;
        let mut taken = None;
        while let Some(notice) = notices.pop() {
            if let Notice::OfferMade { offer, agent, .. } = notice {
                let accept = Request::Accept { agent: agent.clone(), offer };
                notices.extend(self.capacity.handle(accept, self.now).map_err(|e| e.to_string())?);
                taken = Some(agent);
            }
        }
        self.capacity.take_touched();
        Ok(taken)
    }

    fn number(&mut self) -> InteractionId {
        self.next += 1;
        InteractionId(self.next)
    }

    #[expect(clippy::cast_possible_truncation, reason = "lengths are far below 2^63")]
    fn after(&mut self, mean: f64) -> Timestamp {
        Timestamp(self.now.0 + (self.random.exponential(mean) * UNIT_MS).round() as i64)
    }
}

fn span(now: Timestamp, begun: Timestamp) -> f64 {
    now.since(begun).as_secs_f64() * 1e3 / UNIT_MS
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "lengths are positive and far below 2^63")]
fn length(units: f64) -> HumanDuration {
    HumanDuration::from_millis((units * UNIT_MS).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_06_the_closed_forms_agree_with_the_table() {
        let published: [[f64; 2]; 8] = [
            [6.9634, 3.4817],
            [602.636, 13.392],
            [0.28722, 40.000],
            [0.43024, 48.581],
            [0.83888, 73.100],
            [0.90484, 28.549],
            [0.67032, 98.904],
            [0.04979, 285.064],
        ];
        for (timer, published) in table().into_iter().zip(published) {
            for ((name, computed), published) in expected(timer).into_iter().zip(published) {
                assert!((computed / published - 1.0).abs() < 1e-4, "{timer:?}, {name}: {computed} and {published}");
            }
        }
    }

    #[test]
    fn v_06_p_12_wap_27_the_timers_of_the_core_agree_with_theory() {
        for timer in table() {
            for row in verify("V-06", timer, 20_000, 20_261_121).expect("the core takes every legal request") {
                assert!(row.passed, "{row:?}");
            }
        }
    }

    #[test]
    fn a_timer_that_is_a_tenth_too_long_is_caught() {
        let mut stage = Stage::new(Timer::Silence { rate: 0.5, tau: 3.3 }, 1).expect("a stage");
        let ends: Vec<f64> = (0..BATCHES)
            .map(|_| (0..1_000).map(|_| stage.silence(0.5).expect("it ends")[0]).sum::<f64>() / 1_000.0)
            .collect();
        let (name, expected) = expected(Timer::Silence { rate: 0.5, tau: 3.0 })[0];
        assert!(!compare("V-06", "", name, expected, &ends).passed);
    }
}

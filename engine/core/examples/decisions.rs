//! How long one decision takes: `cargo run --release --package routewright-engine --example decisions`.
//!
//! A centre of so many agents with ten of 500 skills each and 200 requirement classes, in two situations: crowded
//! (every agent full, a long line) and quiet (nobody waits). Each decision is timed alone, the reading of the clock
//! included. What it deliberately does not do: it times no store and no flow.

#![allow(clippy::disallowed_methods, reason = "a measurement reads the clock; the core does not")]

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use routewright_engine::{
    AgentId, InteractionId, SkillId, Timestamp,
    capacity::{Capacity, Notice, Request, Requirement},
    catalogue::{AgentSettings, Catalogue, Level, ProfileSettings},
    event::PresenceStatus,
    id::ProfileId,
};
use routewright_flows::{Channel, HumanDuration};

const SKILLS: u64 = 500;
const SKILLS_PER_AGENT: usize = 10;
const CLASSES: usize = 200;
const DECISIONS: u64 = 50_000;

fn main() {
    println!(
        "{:>7} {:>8} {:30} {:>10} {:>10} {:>10}",
        "agents", "waiting", "decision", "median ns", "p99 ns", "max ns"
    );
    for agents in [100, 1_000, 10_000] {
        crowded(agents, 10 * agents);
        quiet(agents);
    }
}

/// Every agent is full and contacts wait: an agent who closes asks for the next; a contact who comes finds nobody.
fn crowded(agents: u64, waiting: u64) {
    let mut centre = Centre::new(agents);
    for _ in 0..agents * 3 + waiting {
        centre.arrive();
    }
    let in_line = centre.capacity.works().count() as u64 - centre.active.len() as u64;
    let (mut closes, mut arrivals, mut whys) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..DECISIONS {
        arrivals.push(centre.arrive());
        closes.extend(centre.close());
        let who = AgentId::new(&format!("a{}", centre.random.below(agents))).expect("a name");
        let newest = InteractionId(centre.interactions);
        let start = Instant::now();
        std::hint::black_box(centre.capacity.why(newest, &who));
        whys.push(nanoseconds(start));
    }
    report(agents, in_line, "agent asks (close)", closes);
    report(agents, in_line, "contact asks (nobody is free)", arrivals);
    report(agents, in_line, "why", whys);
}

/// Nobody waits: a contact who comes is offered at once; an agent who closes finds nothing.
fn quiet(agents: u64) {
    let mut centre = Centre::new(agents);
    for _ in 0..agents {
        centre.arrive();
    }
    let in_line = centre.capacity.works().count() as u64 - centre.active.len() as u64;
    let (mut closes, mut arrivals) = (Vec::new(), Vec::new());
    for _ in 0..DECISIONS {
        arrivals.push(centre.arrive());
        closes.extend(centre.close());
    }
    report(agents, in_line, "contact asks (offered)", arrivals);
    report(agents, in_line, "agent asks (few wait)", closes);
}

fn report(agents: u64, waiting: u64, decision: &str, mut times: Vec<u64>) {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!("{agents:>7} {waiting:>8} {decision:30} {:>10} {:>10} {:>10}", at(0.5), at(0.99), at(1.0));
}

struct Centre {
    capacity: Capacity,
    classes: Vec<Requirement>,
    active: Vec<(AgentId, InteractionId)>,
    interactions: u64,
    now: Timestamp,
    random: Random,
}

impl Centre {
    fn new(agents: u64) -> Self {
        let mut random = Random(agents);
        let mut catalogue = Catalogue::default();
        let profile =
            ProfileSettings { default: true, wrap_up: HumanDuration::default(), ..ProfileSettings::default() };
        catalogue.profiles.insert(ProfileId::new("default").expect("a name"), profile);
        for id in 0..agents {
            let skills = (0..SKILLS_PER_AGENT).map(|_| {
                let skill = SkillId::new(&format!("skill-{}", random.below(SKILLS))).expect("a name");
                (skill, Level::try_from(1 + random.below(20) as u8).expect("1 to 20"))
            });
            let settings = AgentSettings { skills: skills.collect(), ..AgentSettings::default() };
            catalogue.agents.insert(AgentId::new(&format!("a{id}")).expect("a name"), settings);
        }
        // Every class asks what some agent has: one skill, or two in every fourth class.
        let settings: Vec<_> = catalogue.agents.values().collect();
        let classes = (0..CLASSES).map(|at| {
            let agent = settings[random.below(agents) as usize];
            let skills: BTreeMap<_, _> =
                agent.skills.keys().take(if at % 4 == 0 { 2 } else { 1 }).map(|s| (s.clone(), Level::WORST)).collect();
            Requirement { skills, supervisor: false }
        });
        let classes = classes.collect();
        let mut capacity = Capacity::new();
        let now = Timestamp(0);
        capacity.configure(&Arc::new(catalogue.clone()), now);
        for agent in catalogue.agents.into_keys() {
            let request = Request::SetPresence { agent, status: PresenceStatus::Available };
            capacity.handle(request, now).expect("the agent exists");
        }
        Self { capacity, classes, active: Vec::new(), interactions: 0, now, random }
    }

    /// A contact comes; gives the time of the decision. Whoever is offered it accepts.
    fn arrive(&mut self) -> u64 {
        self.now = Timestamp(self.now.0 + 1);
        self.interactions += 1;
        let priority = self.random.below(3) as i32;
        let requirement = self.classes[self.random.below(CLASSES as u64) as usize].clone();
        self.decide(Request::Enqueue {
            touchpoint: None,
            interaction: InteractionId(self.interactions),
            channel: Channel::Webchat,
            requirement,
            priority,
            since: self.now,
            preferred: None,
            legs: Vec::new(),
        })
    }

    /// Some agent closes some conversation; gives the time of the decision.
    fn close(&mut self) -> Option<u64> {
        if self.active.is_empty() {
            return None;
        }
        let at = self.random.below(self.active.len() as u64) as usize;
        let (agent, interaction) = self.active.swap_remove(at);
        Some(self.decide(Request::Close { agent, interaction }))
    }

    fn decide(&mut self, request: Request) -> u64 {
        let start = Instant::now();
        let notices = self.capacity.handle(request, self.now).expect("the request fits the state");
        let time = nanoseconds(start);
        for notice in notices {
            if let Notice::OfferMade { interaction, offer, agent, .. } = notice {
                let accept = Request::Accept { agent: agent.clone(), offer };
                self.capacity.handle(accept, self.now).expect("the offer is open");
                self.active.push((agent, interaction));
            }
        }
        self.capacity.take_touched();
        time
    }
}

fn nanoseconds(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// The same numbers on every machine (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

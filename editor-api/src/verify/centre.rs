//! A simulated centre around the real capacity core: random arrivals, services and patience under a virtual clock.
//!
//! Every decision is taken by [`Capacity`]; this module only makes events and counts. A unit of time of the model is
//! [`UNIT_MS`] milliseconds of the core's clock, so that rounding to milliseconds stays far below what is measured.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    sync::Arc,
};

use routewright_engine::{
    AgentId, InteractionId, SkillId, Timestamp,
    capacity::{Capacity, Notice, Request, Requirement},
    catalogue::{Ageing, AgentSettings, Catalogue, Level, LineBounds, ProfileSettings, SkillSettings},
    event::PresenceStatus,
    id::ProfileId,
};
use routewright_flows::{Channel, HumanDuration};

use super::random::Random;

/// Milliseconds of the core's clock in one unit of the model's time.
pub const UNIT_MS: f64 = 1e6;

/// A centre to simulate.
#[derive(Debug, Clone)]
pub struct Model {
    /// Kinds of contacts.
    pub streams: Vec<Stream>,
    /// Agents, each with the streams he takes and his mean service time as a factor of the stream's.
    pub agents: Vec<Server>,
    /// Whether contacts that find nobody wait.
    pub queue: bool,
    /// Places in line; endless when absent.
    pub places: Option<u32>,
    /// Contacts an agent takes at once, by count; the total speed while 1, 2, .. run. `[1.0]` for one at a time.
    pub speeds: Vec<f64>,
    /// Work units of an agent, when these and not the count are his bound.
    pub units: Option<u16>,
    /// Wrap-up after each service, constant.
    pub wrap_up: f64,
    /// Answered within it counts for the service level.
    pub threshold: f64,
}

/// A stream of contacts.
#[derive(Debug, Clone, Copy)]
pub struct Stream {
    /// Arrivals per unit of time.
    pub rate: f64,
    /// Its priority; higher first.
    pub priority: i32,
    /// Mean service time.
    pub service: f64,
    /// How service varies.
    pub law: Law,
    /// When a waiting contact gives up.
    pub patience: Patience,
    /// Its channel: carries the work units.
    pub channel: Channel,
    /// Work units of one contact.
    pub units: u16,
    /// Points of priority gained in a minute of waiting.
    pub rise: u32,
}

/// How a service time varies around its mean.
#[derive(Debug, Clone, Copy)]
pub enum Law {
    /// Exponential.
    Exponential,
    /// Always the mean.
    Constant,
    /// One of two exponentials: a tenth of the contacts take five and a half times the mean, the others half.
    Hyperexponential,
}

/// When a waiting contact gives up.
#[derive(Debug, Clone, Copy)]
pub enum Patience {
    /// Never.
    Endless,
    /// After an exponential time with this mean.
    Exponential(f64),
    /// After exactly this time.
    Constant(f64),
}

/// An agent.
#[derive(Debug, Clone)]
pub struct Server {
    /// Streams he takes; all when empty.
    pub takes: Vec<usize>,
    /// His speed, 1 for the stream's own mean.
    pub speed: f64,
}

/// What was counted over one batch of contacts.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// By stream.
    pub streams: Vec<StreamCounts>,
    /// Time each agent had at least one contact.
    pub busy: Vec<f64>,
    /// Work units in use, integrated over time.
    pub unit_time: f64,
    /// Contacts in service, integrated over time.
    pub active_time: f64,
    /// Contacts waiting, integrated over time.
    pub queue_time: f64,
    /// Length of the batch.
    pub time: f64,
}

/// Counts of one stream.
#[derive(Debug, Clone, Copy, Default)]
#[expect(missing_docs, reason = "sums named after what they count")]
pub struct StreamCounts {
    pub offered: f64,
    pub waited: f64,
    pub blocked: f64,
    pub served: f64,
    pub served_in_time: f64,
    pub abandoned: f64,
    pub abandoned_in_time: f64,
    pub wait: f64,
    pub served_wait: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    Arrival(usize),
    GivesUp(u64),
    ServiceEnds { interaction: u64, agent: usize, generation: u64 },
    WorkDue(u64),
}

struct Guest {
    stream: usize,
    batch: usize,
    arrived: u64,
}

/// The simulation.
pub struct Simulation<'a> {
    model: &'a Model,
    random: Random,
    capacity: Capacity,
    requirements: Vec<Requirement>,
    names: BTreeMap<AgentId, usize>,
    agents: Vec<AgentId>,
    heap: BinaryHeap<Reverse<(u64, u64, Happening)>>,
    sequence: u64,
    now: u64,
    guests: BTreeMap<u64, Guest>,
    /// By agent, the contacts he serves, oldest first, and the generation of his next completion when they share him.
    serving: Vec<(Vec<u64>, u64)>,
    /// Contacts that hold a slot, in service or wrap-up, with their stream.
    held: BTreeMap<u64, usize>,
    waiting: usize,
    units_used: u64,
    batches: Vec<Counts>,
    batch: usize,
}

impl<'a> Simulation<'a> {
    /// Prepares a run of `batches` equal batches.
    ///
    /// # Errors
    /// When the model has more agents or streams than ids allow; in words.
    pub fn new(model: &'a Model, seed: u64) -> Result<Self, String> {
        let catalogue = catalogue(model)?;
        let agents: Vec<AgentId> = catalogue.agents.keys().cloned().collect();
        let names = agents.iter().cloned().zip(0..).collect();
        let mut capacity = Capacity::new();
        capacity.configure(&Arc::new(catalogue), Timestamp(0));
        for agent in &agents {
            let request = Request::SetPresence { agent: agent.clone(), status: PresenceStatus::Available };
            capacity.handle(request, Timestamp(0)).map_err(|e| e.to_string())?;
        }
        let requirements = (0..model.streams.len()).map(requirement).collect::<Result<_, _>>()?;
        Ok(Self {
            model,
            random: Random::new(seed),
            capacity,
            requirements,
            names,
            serving: vec![(Vec::new(), 0); agents.len()],
            agents,
            heap: BinaryHeap::new(),
            sequence: 0,
            now: 0,
            guests: BTreeMap::new(),
            held: BTreeMap::new(),
            waiting: 0,
            units_used: 0,
            batches: Vec::new(),
            batch: 0,
        })
    }

    /// Runs until every batch has had its contacts; the first batch warms up and is dropped.
    ///
    /// # Errors
    /// When the core refuses a legal request: a defect.
    pub fn run(mut self, batches: usize, contacts_per_batch: u64) -> Result<Vec<Counts>, String> {
        let empty = Counts {
            streams: vec![StreamCounts::default(); self.model.streams.len()],
            busy: vec![0.0; self.agents.len()],
            ..Counts::default()
        };
        self.batches = vec![empty; batches + 1];
        for stream in 0..self.model.streams.len() {
            let after = self.random.exponential(1.0 / self.model.streams[stream].rate);
            self.schedule(after, Happening::Arrival(stream));
        }
        let mut arrivals = 0_u64;
        while let Some(Reverse((at, _, happening))) = self.heap.pop() {
            self.pass_time(at);
            if let Happening::Arrival(_) = happening {
                arrivals += 1;
                self.batch = usize::try_from(arrivals / contacts_per_batch).unwrap_or(usize::MAX);
                if batches < self.batch {
                    break;
                }
            }
            self.happen(happening, arrivals)?;
        }
        self.batches.remove(0);
        Ok(self.batches)
    }

    fn happen(&mut self, happening: Happening, number: u64) -> Result<(), String> {
        match happening {
            Happening::Arrival(stream) => self.arrive(stream, number),
            Happening::GivesUp(guest) => self.give_up(guest),
            Happening::ServiceEnds { interaction, agent, generation } => {
                self.end_service(interaction, agent, generation)
            }
            Happening::WorkDue(guest) => {
                let request = Request::WorkDue { interaction: InteractionId(guest) };
                self.ask(request).map(drop)
            }
        }
    }

    fn arrive(&mut self, stream: usize, number: u64) -> Result<(), String> {
        let settings = self.model.streams[stream];
        let next = self.random.exponential(1.0 / settings.rate);
        self.schedule(next, Happening::Arrival(stream));
        self.counts(self.batch, stream).offered += 1.0;
        if self.capacity.line_refuses(&self.requirements[stream], self.instant()).is_some() {
            self.counts(self.batch, stream).blocked += 1.0;
            return Ok(());
        }
        self.guests.insert(number, Guest { stream, batch: self.batch, arrived: self.now });
        self.waiting += 1;
        let request = Request::Enqueue {
            touchpoint: None,
            interaction: InteractionId(number),
            channel: settings.channel,
            requirement: self.requirements[stream].clone(),
            priority: settings.priority,
            since: self.instant(),
            preferred: None,
            legs: Vec::new(),
        };
        self.ask(request)?;
        if !self.guests.contains_key(&number) {
            return Ok(());
        }
        if !self.model.queue {
            self.counts(self.batch, stream).blocked += 1.0;
            return self.leave_line(number);
        }
        self.counts(self.batch, stream).waited += 1.0;
        let patience = match settings.patience {
            Patience::Endless => return Ok(()),
            Patience::Exponential(mean) => self.random.exponential(mean),
            Patience::Constant(length) => length,
        };
        self.schedule(patience, Happening::GivesUp(number));
        Ok(())
    }

    fn give_up(&mut self, number: u64) -> Result<(), String> {
        let Some(guest) = self.guests.get(&number) else { return Ok(()) };
        let (stream, batch, wait) = (guest.stream, guest.batch, self.since(guest.arrived));
        let in_time = wait <= self.model.threshold;
        let counts = self.counts(batch, stream);
        counts.abandoned += 1.0;
        counts.wait += wait;
        counts.abandoned_in_time += f64::from(u8::from(in_time));
        self.leave_line(number)
    }

    fn leave_line(&mut self, number: u64) -> Result<(), String> {
        self.guests.remove(&number);
        self.waiting -= 1;
        self.ask(Request::Withdraw { interaction: InteractionId(number) })
    }

    fn end_service(&mut self, number: u64, agent: usize, generation: u64) -> Result<(), String> {
        let shared = 1 < self.model.speeds.len();
        let number = if shared {
            if self.serving[agent].1 != generation {
                return Ok(());
            }
            let place = self.random.below(self.serving[agent].0.len() as u64);
            self.serving[agent].0[usize::try_from(place).unwrap_or(0)]
        } else {
            number
        };
        self.serving[agent].0.retain(|n| *n != number);
        if shared {
            self.share(agent);
        }
        let interaction = InteractionId(number);
        self.ask(Request::Close { agent: self.agents[agent].clone(), interaction })?;
        match self.capacity.work_deadline(interaction) {
            Some(until) => {
                let at = u64::try_from(until.0).unwrap_or(0);
                self.push(at, Happening::WorkDue(number));
            }
            None => self.free(number),
        }
        Ok(())
    }

    /// Asks the core and obeys its notices; every offer is accepted on the spot.
    fn ask(&mut self, request: Request) -> Result<(), String> {
        let mut notices = self.capacity.handle(request, self.instant()).map_err(|e| e.to_string())?;
        while let Some(notice) = notices.pop() {
            if let Notice::OfferMade { offer, agent, .. } = notice {
                let accept = Request::Accept { agent, offer };
                notices.extend(self.capacity.handle(accept, self.instant()).map_err(|e| e.to_string())?);
            } else if let Notice::Accepted { interaction, agent, .. } = notice {
                self.begin_service(interaction.0, &agent)?;
            } else if let Notice::WrapUpEnded { interaction, expired: true, .. } = notice {
                self.free(interaction.0);
            }
        }
        Ok(())
    }

    fn free(&mut self, number: u64) {
        if let Some(stream) = self.held.remove(&number) {
            self.units_used -= self.units_of_stream(stream);
        }
    }

    fn begin_service(&mut self, number: u64, agent: &AgentId) -> Result<(), String> {
        let agent = *self.names.get(agent).ok_or("the core named an agent that does not exist")?;
        let guest = self.guests.remove(&number).ok_or("the core gave a contact that does not wait")?;
        self.waiting -= 1;
        self.units_used += self.units_of_stream(guest.stream);
        self.held.insert(number, guest.stream);
        let wait = self.since(guest.arrived);
        let in_time = wait <= self.model.threshold;
        let counts = self.counts(guest.batch, guest.stream);
        counts.served += 1.0;
        counts.served_in_time += f64::from(u8::from(in_time));
        counts.wait += wait;
        counts.served_wait += wait;
        self.serving[agent].0.push(number);
        if 1 < self.model.speeds.len() {
            self.share(agent);
            return Ok(());
        }
        let stream = self.model.streams[guest.stream];
        let mean = stream.service / self.model.agents[agent].speed;
        let length = match stream.law {
            Law::Exponential => self.random.exponential(mean),
            Law::Constant => mean,
            Law::Hyperexponential => {
                let factor = if self.random.below(10) == 0 { 5.5 } else { 0.5 };
                self.random.exponential(mean * factor)
            }
        };
        self.schedule(length, Happening::ServiceEnds { interaction: number, agent, generation: 0 });
        Ok(())
    }

    /// Contacts of one agent share his speed: their next completion is drawn anew, as exponential laws allow.
    fn share(&mut self, agent: usize) {
        self.serving[agent].1 += 1;
        let (running, generation) = (self.serving[agent].0.len(), self.serving[agent].1);
        if running == 0 {
            return;
        }
        let speed = self.model.speeds[running.min(self.model.speeds.len()) - 1];
        let length = self.random.exponential(self.model.streams[0].service / speed);
        self.schedule(length, Happening::ServiceEnds { interaction: 0, agent, generation });
    }

    fn pass_time(&mut self, at: u64) {
        let length = self.span(at - self.now);
        self.now = at;
        let batch = self.batch.min(self.batches.len() - 1);
        let serving: Vec<bool> = self.serving.iter().map(|(contacts, _)| !contacts.is_empty()).collect();
        let active: usize = self.serving.iter().map(|(contacts, _)| contacts.len()).sum();
        let counts = &mut self.batches[batch];
        counts.time += length;
        counts.unit_time += length * self.units_used as f64;
        counts.active_time += length * active as f64;
        counts.queue_time += length * self.waiting as f64;
        for (busy, serving) in counts.busy.iter_mut().zip(serving) {
            *busy += if serving { length } else { 0.0 };
        }
    }

    fn counts(&mut self, batch: usize, stream: usize) -> &mut StreamCounts {
        let last = self.batches.len() - 1;
        &mut self.batches[batch.min(last)].streams[stream]
    }

    fn units_of_stream(&self, stream: usize) -> u64 {
        u64::from(self.model.streams[stream].units)
    }

    fn instant(&self) -> Timestamp {
        Timestamp(i64::try_from(self.now).unwrap_or(i64::MAX))
    }

    fn since(&self, earlier: u64) -> f64 {
        self.span(self.now - earlier)
    }

    #[expect(clippy::unused_self, reason = "reads as a property of the simulation's clock")]
    fn span(&self, ms: u64) -> f64 {
        ms as f64 / UNIT_MS
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "lengths are positive and far below 2^63"
    )]
    fn schedule(&mut self, after: f64, happening: Happening) {
        self.push(self.now + (after * UNIT_MS).round() as u64, happening);
    }

    fn push(&mut self, at: u64, happening: Happening) {
        self.sequence += 1;
        self.heap.push(Reverse((at, self.sequence, happening)));
    }
}

/// One skill for each stream; an agent has the skills of the streams he takes.
fn requirement(stream: usize) -> Result<Requirement, String> {
    let skill = SkillId::new(&format!("stream-{stream}")).map_err(|e| e.to_string())?;
    Ok(Requirement { skills: BTreeMap::from([(skill, Level::WORST)]), supervisor: false })
}

fn catalogue(model: &Model) -> Result<Catalogue, String> {
    let contacts_max =
        if model.units.is_some() { u16::MAX } else { u16::try_from(model.speeds.len()).map_err(|e| e.to_string())? };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "lengths are positive and far below 2^63"
    )]
    let wrap_up = HumanDuration::from_millis((model.wrap_up * UNIT_MS) as u64);
    let profile = ProfileSettings {
        default: true,
        contacts_max,
        units: model.streams.iter().map(|s| (s.channel, s.units)).collect(),
        units_max: model.units,
        wrap_up,
        offer_timeout: HumanDuration::from_millis(1),
        ..ProfileSettings::default()
    };
    let mut catalogue = Catalogue { version: 1, ..Catalogue::default() };
    catalogue.profiles.insert(ProfileId::new("default").map_err(|e| e.to_string())?, profile);
    for (n, stream) in model.streams.iter().enumerate() {
        let skill = SkillId::new(&format!("stream-{n}")).map_err(|e| e.to_string())?;
        let ageing = Ageing { per_minute: stream.rise, ..Ageing::default() };
        let line = LineBounds { places: model.places, ..LineBounds::default() };
        let settings = SkillSettings { ageing: Some(ageing), line: Some(line), ..SkillSettings::default() };
        catalogue.skills.insert(skill, settings);
    }
    for (n, server) in model.agents.iter().enumerate() {
        let all: Vec<usize> = (0..model.streams.len()).collect();
        let takes = if server.takes.is_empty() { &all } else { &server.takes };
        let skills = takes
            .iter()
            .map(|stream| SkillId::new(&format!("stream-{stream}")).map(|skill| (skill, Level::BEST)))
            .collect::<Result<_, _>>()
            .map_err(|e| e.to_string())?;
        let id = AgentId::new(&format!("agent-{n:05}")).map_err(|e| e.to_string())?;
        catalogue.agents.insert(id, AgentSettings { skills, ..AgentSettings::default() });
    }
    Ok(catalogue)
}

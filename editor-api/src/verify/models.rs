//! The instances of the verification tables, and the models that anybody can ask for with figures of their own.

use routewright_flows::Channel;

use super::{
    alis::Skilled,
    centre::{Counts, Law, Model, Patience, Server, Stream},
    formulas,
};

/// A simulated instance with what theory expects of it.
#[derive(Debug, Clone)]
pub struct Case {
    /// The table of the requirements, or the model's name.
    pub table: String,
    /// The instance, in words.
    pub instance: String,
    /// What is simulated.
    pub model: Model,
    /// Measures with their expected values.
    pub measures: Vec<(String, f64, Measure)>,
}

/// How a measure is read off the counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as in the tables")]
pub enum Measure {
    PWait(usize),
    Wait(usize),
    ServedWait(usize),
    PAbandon(usize),
    LevelOffered,
    LevelServed,
    LevelAbandonsGood,
    LevelShortAbandonsOut,
    Occupancy,
    Busy(usize),
    Blocked(usize),
    PWaitAccepted(usize),
    UnitsUsed,
    Active,
    Queue,
}

impl Measure {
    /// Its value over one batch.
    #[must_use]
    pub fn of(self, counts: &Counts, model: &Model) -> f64 {
        let stream = |n: usize| counts.streams[n];
        let all = |field: fn(&super::centre::StreamCounts) -> f64| counts.streams.iter().map(field).sum::<f64>();
        let in_time = all(|s| s.served_in_time);
        let gone_in_time = all(|s| s.abandoned_in_time);
        match self {
            Self::PWait(n) => stream(n).waited / stream(n).offered,
            Self::Wait(n) => stream(n).wait / stream(n).offered,
            Self::ServedWait(n) => stream(n).served_wait / stream(n).served,
            Self::PAbandon(n) => stream(n).abandoned / stream(n).offered,
            Self::LevelOffered => in_time / all(|s| s.offered),
            Self::LevelServed => in_time / all(|s| s.served),
            Self::LevelAbandonsGood => (in_time + gone_in_time) / all(|s| s.offered),
            Self::LevelShortAbandonsOut => in_time / (all(|s| s.offered) - gone_in_time),
            Self::Occupancy => counts.active_time / counts.time / model.agents.len() as f64,
            Self::Busy(agent) => counts.busy[agent] / counts.time,
            Self::Blocked(n) => stream(n).blocked / stream(n).offered,
            Self::PWaitAccepted(n) => stream(n).waited / (stream(n).offered - stream(n).blocked),
            Self::UnitsUsed => counts.unit_time / counts.time,
            Self::Active => counts.active_time / counts.time,
            Self::Queue => counts.queue_time / counts.time,
        }
    }
}

/// Figures of one's own; rates and times in one unit.
#[derive(Debug, Clone, Copy)]
pub struct Parameters {
    /// Agents.
    pub servers: u32,
    /// Arrivals per unit of time.
    pub arrivals: f64,
    /// Mean service time.
    pub service: f64,
    /// Mean patience (`erlang-a`), or the exact timer (`timer`).
    pub patience: f64,
    /// Threshold of the service level.
    pub threshold: f64,
}

/// Names that [`case`] takes.
pub const MODELS: [&str; 4] = ["erlang-c", "erlang-a", "erlang-b", "timer"];

/// The case of a named model; `None` for a name that is not in [`MODELS`].
#[must_use]
pub fn case(model: &str, p: Parameters) -> Option<Case> {
    match model {
        "erlang-c" => Some(erlang_c("erlang-c", p)),
        "erlang-a" => Some(erlang_a("erlang-a", p)),
        "erlang-b" => Some(erlang_b("erlang-b", "exponential service", p, Law::Exponential, 0.0)),
        "timer" => Some(timer("timer", p)),
        _ => None,
    }
}

/// Every instance of the tables that is a centre; V-06 is in [`super::timers`].
#[must_use]
pub fn tables() -> Vec<Case> {
    let mut all = Vec::new();
    for servers in 11..=18 {
        let p = Parameters { servers, arrivals: 10.0, service: 1.0, patience: 0.0, threshold: 20.0 / 180.0 };
        all.push(erlang_c("V-01", p));
    }
    for servers in [44, 46, 48, 50, 52, 54] {
        let p = Parameters { servers, arrivals: 48.0, service: 1.0, patience: 2.0, threshold: 20.0 / 60.0 };
        all.push(erlang_a("V-02", p));
    }
    all.extend(skills());
    all.push(priorities());
    all.push(ageing());
    for servers in [10, 12] {
        all.push(timer("V-05", Parameters { servers, arrivals: 10.0, service: 1.0, patience: 0.25, threshold: 0.0 }));
    }
    all.push(timer("V-05", Parameters { servers: 1, arrivals: 0.8, service: 1.0, patience: 3.0, threshold: 0.0 }));
    all.push(units(20, &[(4.0, 1, Channel::Webchat), (2.0, 2, Channel::Sms), (1.0, 5, Channel::Email)]));
    all.push(units(100, &[(2.0, 20, Channel::Webchat), (0.3, 100, Channel::Voice)]));
    let p = Parameters { servers: 12, arrivals: 10.0, service: 1.0, patience: 0.0, threshold: 0.0 };
    for (words, law, wrap_up) in [
        ("exponential talk and fixed wrap-up", Law::Exponential, 0.3),
        ("constant talk and fixed wrap-up", Law::Constant, 0.3),
        ("hyperexponential talk and fixed wrap-up", Law::Hyperexponential, 0.3),
    ] {
        all.push(erlang_b("V-08", words, p, law, wrap_up));
    }
    all.push(chats());
    all.push(places());
    all
}

fn stream(rate: f64, service: f64) -> Stream {
    Stream {
        rate,
        priority: 0,
        service,
        law: Law::Exponential,
        patience: Patience::Endless,
        channel: Channel::Webchat,
        units: 1,
        rise: 0,
    }
}

fn plain(streams: Vec<Stream>, servers: u32, threshold: f64) -> Model {
    let agents = (0..servers).map(|_| Server { takes: Vec::new(), speed: 1.0 }).collect();
    Model { streams, agents, queue: true, places: None, speeds: vec![1.0], units: None, wrap_up: 0.0, threshold }
}

fn described(p: Parameters) -> String {
    format!("{} agents, {} arrivals, service {}", p.servers, p.arrivals, p.service)
}

fn measure(name: &str, expected: f64, how: Measure) -> (String, f64, Measure) {
    (name.to_owned(), expected, how)
}

fn erlang_c(table: &str, p: Parameters) -> Case {
    let want = formulas::mmc(p.arrivals, 1.0 / p.service, p.servers, p.threshold);
    Case {
        table: table.into(),
        instance: described(p),
        model: plain(vec![stream(p.arrivals, p.service)], p.servers, p.threshold),
        measures: vec![
            measure("P(wait)", want.p_wait, Measure::PWait(0)),
            measure("mean wait", want.wait, Measure::Wait(0)),
            measure("service level", want.service_level, Measure::LevelOffered),
            measure("occupancy", want.occupancy, Measure::Occupancy),
        ],
    }
}

fn erlang_a(table: &str, p: Parameters) -> Case {
    let want = formulas::erlang_a(p.arrivals, 1.0 / p.service, 1.0 / p.patience, p.servers, p.threshold);
    let contacts = Stream { patience: Patience::Exponential(p.patience), ..stream(p.arrivals, p.service) };
    Case {
        table: table.into(),
        instance: format!("{}, patience {}", described(p), p.patience),
        model: plain(vec![contacts], p.servers, p.threshold),
        measures: vec![
            measure("P(wait)", want.p_wait, Measure::PWait(0)),
            measure("P(abandon)", want.p_abandon, Measure::PAbandon(0)),
            measure("mean wait", want.wait, Measure::Wait(0)),
            measure("mean wait of the served", want.served_wait, Measure::ServedWait(0)),
            measure("served in time / offered", want.level_offered, Measure::LevelOffered),
            measure("served in time / served", want.level_served, Measure::LevelServed),
            measure("served or gone in time / offered", want.level_abandons_good, Measure::LevelAbandonsGood),
            measure(
                "served in time / (offered - gone in time)",
                want.level_short_abandons_out,
                Measure::LevelShortAbandonsOut,
            ),
            measure("occupancy", want.occupancy, Measure::Occupancy),
        ],
    }
}

fn erlang_b(table: &str, words: &str, p: Parameters, law: Law, wrap_up_share: f64) -> Case {
    let talk = p.service * (1.0 - wrap_up_share);
    let contacts = Stream { law, ..stream(p.arrivals, talk) };
    let mut model = plain(vec![contacts], p.servers, 0.0);
    model.queue = false;
    model.wrap_up = p.service * wrap_up_share;
    Case {
        table: table.into(),
        instance: format!("{}, {words}", described(p)),
        model,
        measures: vec![measure("blocked", formulas::erlang_b(p.servers, p.arrivals * p.service), Measure::Blocked(0))],
    }
}

fn timer(table: &str, p: Parameters) -> Case {
    let want = formulas::mmc_with_timer(p.arrivals, 1.0 / p.service, p.servers, p.patience);
    let contacts = Stream { patience: Patience::Constant(p.patience), ..stream(p.arrivals, p.service) };
    Case {
        table: table.into(),
        instance: format!("{}, everybody leaves after {}", described(p), p.patience),
        model: plain(vec![contacts], p.servers, p.threshold),
        measures: vec![
            measure("P(timeout)", want.p_timeout, Measure::PAbandon(0)),
            measure("mean wait", want.wait, Measure::Wait(0)),
            measure("mean wait of the served", want.served_wait, Measure::ServedWait(0)),
        ],
    }
}

fn skills() -> Vec<Case> {
    /// Name, arrival rates, service rates, and the types that each agent takes.
    type Instance = (&'static str, &'static [f64], &'static [f64], &'static [&'static [usize]]);
    let instances: [Instance; 3] = [
        ("N", &[0.9, 0.7], &[1.0, 1.0], &[&[0], &[0, 1]]),
        ("W", &[0.6, 0.6], &[0.5, 0.7, 0.5], &[&[0], &[0, 1], &[1]]),
        ("3-chain", &[1.0, 0.8, 0.6], &[1.0, 1.2, 0.9], &[&[0, 1], &[1, 2], &[0, 2]]),
    ];
    let cases = instances.into_iter().filter_map(|(name, lambdas, mus, takes)| {
        let centre = Skilled {
            lambdas: lambdas.to_vec(),
            mus: mus.to_vec(),
            skills: takes.iter().map(|t| t.to_vec()).collect(),
        };
        let exact = centre.exact()?;
        let mut model = plain(lambdas.iter().map(|rate| stream(*rate, 1.0)).collect(), 0, 0.0);
        model.agents = mus.iter().zip(takes).map(|(mu, t)| Server { takes: t.to_vec(), speed: *mu }).collect();
        let mut measures = Vec::new();
        for kind in 0..lambdas.len() {
            measures.push(measure(&format!("P(wait) of type {kind}"), exact.p_wait[kind], Measure::PWait(kind)));
            measures.push(measure(&format!("mean wait of type {kind}"), exact.wait[kind], Measure::Wait(kind)));
        }
        for agent in 0..mus.len() {
            measures.push(measure(&format!("agent {agent} busy"), exact.busy[agent], Measure::Busy(agent)));
        }
        Some(Case { table: "V-03".into(), instance: format!("skills, {name} system"), model, measures })
    });
    cases.collect()
}

fn priorities() -> Case {
    let lambdas = [3.0, 4.0, 2.0];
    let want = formulas::strict_priorities(&lambdas, 1.0, 10);
    let streams =
        lambdas.iter().zip([2, 1, 0]).map(|(rate, priority)| Stream { priority, ..stream(*rate, 1.0) }).collect();
    let measures =
        want.iter().enumerate().map(|(n, wait)| measure(&format!("mean wait of class {n}"), *wait, Measure::Wait(n)));
    Case {
        table: "V-04".into(),
        instance: "10 agents, arrivals 3/4/2, strict priorities".into(),
        measures: measures.collect(),
        model: plain(streams, 10, 0.0),
    }
}

/// Priorities that rise with waiting, four, two and one times as fast: only their ratios matter.
fn ageing() -> Case {
    let (lambdas, rises) = ([3.0, 4.0, 2.0], [4_000_u32, 2_000, 1_000]);
    let want = formulas::ageing_priorities(&lambdas, &rises.map(f64::from), 1.0, 10);
    let streams = lambdas.iter().zip(rises).map(|(rate, rise)| Stream { rise, ..stream(*rate, 1.0) }).collect();
    let measures =
        want.iter().enumerate().map(|(n, wait)| measure(&format!("mean wait of class {n}"), *wait, Measure::Wait(n)));
    Case {
        table: "V-04".into(),
        instance: "10 agents, arrivals 3/4/2, acceleration 4:2:1".into(),
        measures: measures.collect(),
        model: plain(streams, 10, 0.0),
    }
}

/// Ninety agents of all skills, thirty places in line, ten minutes of service, 84 erlangs.
fn places() -> Case {
    let want = formulas::bounded(8.4, 0.1, 90, 30);
    let mut model = plain(vec![stream(8.4, 10.0)], 90, 0.0);
    model.places = Some(30);
    Case {
        table: "V-10".into(),
        instance: "90 agents, 30 places, 84 erlangs".into(),
        model,
        measures: vec![
            measure("blocked", want.blocked, Measure::Blocked(0)),
            measure("mean wait of the accepted", want.wait, Measure::ServedWait(0)),
            measure("P(wait) of the accepted", want.p_wait, Measure::PWaitAccepted(0)),
        ],
    }
}

/// One pool of units: a single agent of that many units, no queue.
fn units(pool: u16, classes: &[(f64, u16, Channel)]) -> Case {
    let wide: Vec<(f64, usize)> = classes.iter().map(|(load, width, _)| (*load, usize::from(*width))).collect();
    let (blocking, used) = formulas::shared_units(usize::from(pool), &wide);
    let streams =
        classes.iter().map(|(load, width, channel)| Stream { units: *width, channel: *channel, ..stream(*load, 1.0) });
    let mut model = plain(streams.collect(), 1, 0.0);
    model.queue = false;
    model.units = Some(pool);
    let mut measures: Vec<_> = blocking
        .iter()
        .zip(classes)
        .enumerate()
        .map(|(n, (blocked, (_, width, _)))| measure(&format!("blocked, width {width}"), *blocked, Measure::Blocked(n)))
        .collect();
    measures.push(measure("units in use", used, Measure::UnitsUsed));
    Case { table: "V-07".into(), instance: format!("{pool} work units"), model, measures }
}

/// One agent, at most three chats at once, total speed 1.0 / 1.7 / 2.1: a birth-death chain.
fn chats() -> Case {
    let (lambda, speeds) = (1.6, [1.0, 1.7, 2.1]);
    let mut weights = vec![1.0];
    for speed in speeds {
        weights.push(weights[weights.len() - 1] * lambda / speed);
    }
    let full = weights[3];
    let ratio = lambda / speeds[2];
    let tail = full * ratio / (1.0 - ratio);
    let total: f64 = weights.iter().sum::<f64>() + tail;
    let queue = full * ratio / (1.0 - ratio).powi(2) / total;
    let active = (weights[1] + 2.0 * weights[2] + 3.0 * (full + tail)) / total;
    let mut model = plain(vec![stream(lambda, 1.0)], 1, 0.0);
    model.speeds = speeds.to_vec();
    Case {
        table: "V-09".into(),
        instance: "one agent, three chats, speed 1.0 / 1.7 / 2.1, arrivals 1.6".into(),
        model,
        measures: vec![
            measure("P(wait)", (full + tail) / total, Measure::PWait(0)),
            measure("mean wait", queue / lambda, Measure::Wait(0)),
            measure("mean in queue", queue, Measure::Queue),
            measure("mean active", active, Measure::Active),
        ],
    }
}

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

/// Figures of one's own, of a model with contacts of one kind; rates and times in one unit.
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

/// A model with figures of one's own; rates and times in one unit.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "fields named as in `Parameters`, or as the tables name them")]
pub enum Asked {
    /// Everybody waits (V-01).
    ErlangC(Parameters),
    /// Who waits gives up after an exponential time (V-02).
    ErlangA(Parameters),
    /// Nobody waits (V-08).
    ErlangB(Parameters),
    /// Who waits gives up after exactly the patience (V-05).
    Timer(Parameters),
    /// So many places to wait (V-10).
    Bounded { of: Parameters, places: u32 },
    /// Several kinds of contacts, each before the next (V-04).
    Priorities { servers: u32, arrivals: Vec<f64>, service: f64 },
    /// Several kinds whose priority rises with the wait, the fastest first (V-04).
    Ageing { servers: u32, arrivals: Vec<f64>, accelerations: Vec<u32>, service: f64 },
    /// A pool of work units that kinds of contacts of several sizes share; nobody waits (V-07).
    Units { pool: u16, loads: Vec<f64>, sizes: Vec<u16> },
    /// One agent with several chats at once, whose speed depends on how many there are (V-09).
    Chats { arrivals: f64, speeds: Vec<f64> },
    /// Longest waiting to longest idle, among agents who each take some kinds (V-03).
    Skills { arrivals: Vec<f64>, speeds: Vec<f64>, takes: Vec<Vec<usize>> },
}

/// Kinds of contacts of one model at most: each of those that share units has a channel of its own.
pub const KINDS_MAX: usize = Channel::ALL.len();

/// How fast a priority may rise beside the slowest.
pub const ACCELERATION_MAX: u32 = 100;

/// The case of a model; `None` when nothing is known of it: more work than the agents can do, more agents with skills than
/// the product form can be summed over, or lists that do not go together.
#[must_use]
pub fn case(asked: &Asked) -> Option<Case> {
    let keeps_up = |servers: u32, arrivals: &[f64], service: f64| {
        (1..=KINDS_MAX).contains(&arrivals.len()) && arrivals.iter().sum::<f64>() * service < f64::from(servers)
    };
    match asked {
        Asked::ErlangC(p) => Some(erlang_c("erlang-c", *p)),
        Asked::ErlangA(p) => Some(erlang_a("erlang-a", *p)),
        Asked::ErlangB(p) => Some(erlang_b("erlang-b", "exponential service", *p, Law::Exponential, 0.0)),
        Asked::Timer(p) => Some(timer("timer", *p)),
        Asked::Bounded { of, places } => Some(bounded("bounded", *of, *places)),
        Asked::Priorities { servers, arrivals, service } => {
            keeps_up(*servers, arrivals, *service).then(|| priorities("priorities", *servers, arrivals, *service))
        }
        Asked::Ageing { servers, arrivals, accelerations, service } => {
            let together = arrivals.len() == accelerations.len()
                && accelerations.iter().all(|a| (1..=ACCELERATION_MAX).contains(a))
                && accelerations.is_sorted_by(|faster, slower| slower <= faster);
            (together && keeps_up(*servers, arrivals, *service))
                .then(|| ageing("ageing", *servers, arrivals, accelerations, *service))
        }
        Asked::Units { pool, loads, sizes } => {
            let together = loads.len() == sizes.len() && (1..=KINDS_MAX).contains(&sizes.len());
            let classes = loads.iter().zip(sizes).zip(Channel::ALL).map(|((load, size), on)| (*load, *size, on));
            (together && sizes.iter().all(|size| (1..=*pool).contains(size)))
                .then(|| units("units", *pool, &classes.collect::<Vec<_>>()))
        }
        Asked::Chats { arrivals, speeds } => {
            speeds.last().is_some_and(|full| arrivals < full).then(|| chats("chats", *arrivals, speeds))
        }
        Asked::Skills { arrivals, speeds, takes } => {
            let known = takes.iter().flatten().all(|kind| *kind < arrivals.len());
            let together = known && speeds.len() == takes.len() && arrivals.len() <= KINDS_MAX;
            together.then(|| skills("skills", arrivals, speeds, takes))?
        }
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
    all.extend(skills_of_the_table());
    all.push(priorities("V-04", 10, &[3.0, 4.0, 2.0], 1.0));
    all.push(ageing("V-04", 10, &[3.0, 4.0, 2.0], &[4, 2, 1], 1.0));
    for servers in [10, 12] {
        all.push(timer("V-05", Parameters { servers, arrivals: 10.0, service: 1.0, patience: 0.25, threshold: 0.0 }));
    }
    all.push(timer("V-05", Parameters { servers: 1, arrivals: 0.8, service: 1.0, patience: 3.0, threshold: 0.0 }));
    all.push(units("V-07", 20, &[(4.0, 1, Channel::Webchat), (2.0, 2, Channel::Sms), (1.0, 5, Channel::Email)]));
    all.push(units("V-07", 100, &[(2.0, 20, Channel::Webchat), (0.3, 100, Channel::Voice)]));
    let p = Parameters { servers: 12, arrivals: 10.0, service: 1.0, patience: 0.0, threshold: 0.0 };
    for (words, law, wrap_up) in [
        ("exponential talk and fixed wrap-up", Law::Exponential, 0.3),
        ("constant talk and fixed wrap-up", Law::Constant, 0.3),
        ("hyperexponential talk and fixed wrap-up", Law::Hyperexponential, 0.3),
    ] {
        all.push(erlang_b("V-08", words, p, law, wrap_up));
    }
    all.push(chats("V-09", 1.6, &[1.0, 1.7, 2.1]));
    // Ninety agents of all skills, thirty places in line, ten minutes of service, 84 erlangs.
    all.push(bounded(
        "V-10",
        Parameters { servers: 90, arrivals: 8.4, service: 10.0, patience: 0.0, threshold: 0.0 },
        30,
    ));
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

fn skills_of_the_table() -> Vec<Case> {
    /// Arrivals of each kind, speeds of the agents, and the kinds that each of them takes.
    type Instance<'a> = (&'a [f64], &'a [f64], &'a [&'a [usize]]);
    let instances: [Instance<'_>; 3] = [
        (&[0.9, 0.7], &[1.0, 1.0], &[&[0], &[0, 1]]),
        (&[0.6, 0.6], &[0.5, 0.7, 0.5], &[&[0], &[0, 1], &[1]]),
        (&[1.0, 0.8, 0.6], &[1.0, 1.2, 0.9], &[&[0, 1], &[1, 2], &[0, 2]]),
    ];
    let cases = instances.into_iter().zip(["N", "W", "3-chain"]).filter_map(|((lambdas, mus, takes), name)| {
        let takes: Vec<_> = takes.iter().map(|takes| takes.to_vec()).collect();
        Some(Case { instance: format!("skills, {name} system"), ..skills("V-03", lambdas, mus, &takes)? })
    });
    cases.collect()
}

fn skills(table: &str, lambdas: &[f64], mus: &[f64], takes: &[Vec<usize>]) -> Option<Case> {
    let centre = Skilled { lambdas: lambdas.to_vec(), mus: mus.to_vec(), skills: takes.to_vec() };
    let exact = centre.exact()?;
    let mut model = plain(lambdas.iter().map(|rate| stream(*rate, 1.0)).collect(), 0, 0.0);
    model.agents = mus.iter().zip(takes).map(|(mu, takes)| Server { takes: takes.clone(), speed: *mu }).collect();
    let mut measures = Vec::new();
    for kind in 0..lambdas.len() {
        measures.push(measure(&format!("P(wait) of type {kind}"), exact.p_wait[kind], Measure::PWait(kind)));
        measures.push(measure(&format!("mean wait of type {kind}"), exact.wait[kind], Measure::Wait(kind)));
    }
    for agent in 0..mus.len() {
        measures.push(measure(&format!("agent {agent} busy"), exact.busy[agent], Measure::Busy(agent)));
    }
    Some(Case { table: table.into(), instance: format!("{} agents with skills", mus.len()), model, measures })
}

fn of_classes(waits: &[f64]) -> Vec<(String, f64, Measure)> {
    let of_class = |(n, wait): (usize, &f64)| measure(&format!("mean wait of class {n}"), *wait, Measure::Wait(n));
    waits.iter().enumerate().map(of_class).collect()
}

fn priorities(table: &str, servers: u32, lambdas: &[f64], service: f64) -> Case {
    let want = formulas::strict_priorities(lambdas, 1.0 / service, servers);
    let streams = lambdas
        .iter()
        .zip((0..).map(|n: i32| -n))
        .map(|(rate, priority)| Stream { priority, ..stream(*rate, service) });
    Case {
        table: table.into(),
        instance: format!("{servers} agents, arrivals {lambdas:?}, service {service}, strict priorities"),
        measures: of_classes(&want),
        model: plain(streams.collect(), servers, 0.0),
    }
}

/// Priorities that rise with waiting: only their ratios matter, so they rise a thousand times as fast, lest steps show.
fn ageing(table: &str, servers: u32, lambdas: &[f64], accelerations: &[u32], service: f64) -> Case {
    let rises: Vec<f64> = accelerations.iter().map(|rise| f64::from(*rise)).collect();
    let want = formulas::ageing_priorities(lambdas, &rises, 1.0 / service, servers);
    let streams =
        lambdas.iter().zip(accelerations).map(|(rate, rise)| Stream { rise: rise * 1_000, ..stream(*rate, service) });
    Case {
        table: table.into(),
        instance: format!("{servers} agents, arrivals {lambdas:?}, service {service}, accelerations {accelerations:?}"),
        measures: of_classes(&want),
        model: plain(streams.collect(), servers, 0.0),
    }
}

fn bounded(table: &str, p: Parameters, places: u32) -> Case {
    let want = formulas::bounded(p.arrivals, 1.0 / p.service, p.servers, places);
    let mut model = plain(vec![stream(p.arrivals, p.service)], p.servers, 0.0);
    model.places = Some(places);
    Case {
        table: table.into(),
        instance: format!("{}, {places} places", described(p)),
        model,
        measures: vec![
            measure("blocked", want.blocked, Measure::Blocked(0)),
            measure("mean wait of the accepted", want.wait, Measure::ServedWait(0)),
            measure("P(wait) of the accepted", want.p_wait, Measure::PWaitAccepted(0)),
        ],
    }
}

/// One pool of units: a single agent of that many units, no queue.
fn units(table: &str, pool: u16, classes: &[(f64, u16, Channel)]) -> Case {
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
    Case { table: table.into(), instance: format!("{pool} work units"), model, measures }
}

/// One agent with several chats at once, whose speed depends on how many there are: a birth-death chain.
fn chats(table: &str, lambda: f64, speeds: &[f64]) -> Case {
    let mut weights = vec![1.0];
    for speed in speeds {
        weights.push(weights[weights.len() - 1] * lambda / speed);
    }
    let full = weights[speeds.len()];
    let ratio = lambda / speeds[speeds.len() - 1];
    let tail = full * ratio / (1.0 - ratio);
    let total: f64 = weights.iter().sum::<f64>() + tail;
    let queue = full * ratio / (1.0 - ratio).powi(2) / total;
    let chatting: f64 = weights.iter().zip(0_u32..).map(|(weight, chats)| weight * f64::from(chats)).sum();
    let active = (chatting + speeds.len() as f64 * tail) / total;
    let mut model = plain(vec![stream(lambda, 1.0)], 1, 0.0);
    model.speeds = speeds.to_vec();
    Case {
        table: table.into(),
        instance: format!("one agent, {} chats at speeds {speeds:?}, arrivals {lambda}", speeds.len()),
        model,
        measures: vec![
            measure("P(wait)", (full + tail) / total, Measure::PWait(0)),
            measure("mean wait", queue / lambda, Measure::Wait(0)),
            measure("mean in queue", queue, Measure::Queue),
            measure("mean active", active, Measure::Active),
        ],
    }
}

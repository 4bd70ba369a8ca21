//! `routewright verify`: the capacity core, judged by queueing theory.
//!
//! Without `--model` it runs every table of the requirements that the core has the means for. Exit code 1 when a
//! figure is more than four standard errors off.

use clap::Args;
use routewright_flows::Words;
use serde_json::json;

use super::{Format, Reader, Stop, Verdict};
use crate::verify::{
    Case, Parameters, Row, case,
    models::{ACCELERATION_MAX, Asked, KINDS_MAX},
    tables,
    timers::{self, Timer},
    verify,
};

/// Models that take figures of one's own.
const MODELS: [&str; 13] = [
    "erlang-c",
    "erlang-a",
    "erlang-b",
    "timer",
    "bounded",
    "priorities",
    "ageing",
    "units",
    "chats",
    "skills",
    "silence",
    "first-response",
    "preferred-agent",
];

/// The longest time, and the highest rate, of a model of timers: its clock counts ten thousand seconds in a unit.
const LENGTH_MAX: f64 = 10_000.0;

/// Restarts of one silence on average, at most.
const RESTARTS_MAX: f64 = 10_000.0;

/// Arguments of `verify`. Rates and times share one unit.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// One model instead of the tables: erlang-c, erlang-a, erlang-b, timer, bounded, priorities, ageing, units, chats,
    /// skills, silence, first-response, preferred-agent.
    #[arg(long)]
    model: Option<String>,
    /// Agents; work units of the pool for 'units'.
    #[arg(long)]
    servers: Option<u32>,
    /// Arrivals per unit of time, of each kind of contact where a model has several; messages for 'silence'.
    #[arg(long, value_delimiter = ',')]
    arrivals: Vec<f64>,
    /// Mean service time; of an answer for 'first-response', of the call for 'preferred-agent'.
    #[arg(long, default_value_t = 1.0)]
    service: f64,
    /// Places to wait, for 'bounded'.
    #[arg(long)]
    places: Option<u32>,
    /// How fast the priority of each kind rises, the fastest first, for 'ageing'.
    #[arg(long, value_delimiter = ',')]
    accelerations: Vec<u32>,
    /// Work units of each kind, for 'units'.
    #[arg(long, value_delimiter = ',')]
    sizes: Vec<u16>,
    /// Services per unit of time: of an agent with 1, 2, .. chats for 'chats', of each agent for 'skills'.
    #[arg(long, value_delimiter = ',')]
    speeds: Vec<f64>,
    /// For 'skills', the kinds that each agent takes, from 0: '0/0,1' for two agents, of whom the second takes both.
    #[arg(long)]
    skills: Option<String>,
    /// Mean patience, or the exact timer of the models of timers.
    #[arg(long, default_value_t = 1.0)]
    patience: f64,
    /// Share of agents who never answer, for 'first-response'.
    #[arg(long, default_value_t = 0.0)]
    dead: f64,
    /// Threshold of the service level.
    #[arg(long, default_value_t = 0.0)]
    threshold: f64,
    /// Contacts simulated for each instance.
    #[arg(long, default_value_t = 400_000)]
    contacts: u64,
    /// Chooses the random numbers.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Verify {
    pub(super) fn run(self, reader: Reader) -> Result<Verdict, Stop> {
        let (cases, of_timers) = match &self.model {
            None => (tables(), timers::table()),
            Some(model) => match self.timer(model)? {
                Some(timer) => (Vec::new(), vec![timer]),
                None => (vec![self.case(model)?], Vec::new()),
            },
        };
        let table = self.model.as_deref().unwrap_or("V-06");
        let centres = cases.iter().map(|case| verify(case, self.contacts, self.seed));
        let episodes = (self.contacts / 4).max(1);
        let of_timers = of_timers.iter().map(|timer| timers::verify(table, *timer, episodes, self.seed));
        let mut rows = Vec::new();
        if reader.format == Format::Text {
            println!("{}", reader.say(&heading()));
        }
        for verified in centres.chain(of_timers) {
            for row in verified.map_err(Stop::because)? {
                if reader.format == Format::Text {
                    println!("{}", line(&row));
                }
                rows.push(row);
            }
        }
        let wrong = rows.iter().filter(|row| !row.passed).count();
        match reader.format {
            Format::Json => drop(super::print_json(&json!({ "rows": rows, "outside": wrong }))),
            Format::Text => println!("\n{}", reader.say(&summary(rows.len(), wrong))),
        }
        Ok(if wrong == 0 { Verdict::Fine } else { Verdict::Findings })
    }

    fn case(&self, model: &str) -> Result<Case, Stop> {
        let needs = |flags: &str| {
            Stop::new(
                format!("model '{model}' needs {flags}"),
                format!("le modèle « {model} » exige {}", flags.replace(" and ", " et ")),
            )
        };
        let servers = || self.servers.ok_or_else(|| needs("--servers and --arrivals"));
        let one = || match self.arrivals[..] {
            [arrivals] => Ok(arrivals),
            _ => Err(needs("--servers and --arrivals")),
        };
        let Self { service, patience, threshold, .. } = *self;
        self.sound()?;
        let plain = || Ok(Parameters { servers: servers()?, arrivals: one()?, service, patience, threshold });
        let arrivals = self.arrivals.clone();
        let asked = match model {
            "erlang-c" => Asked::ErlangC(plain()?),
            "erlang-a" => Asked::ErlangA(plain()?),
            "erlang-b" => Asked::ErlangB(plain()?),
            "timer" => Asked::Timer(plain()?),
            "bounded" => Asked::Bounded { of: plain()?, places: self.places.ok_or_else(|| needs("--places"))? },
            "priorities" => Asked::Priorities { servers: servers()?, arrivals, service },
            "ageing" => {
                Asked::Ageing { servers: servers()?, arrivals, accelerations: self.accelerations.clone(), service }
            }
            "units" => {
                let pool = u16::try_from(servers()?).map_err(|_| needs("--servers"))?;
                let loads = arrivals.iter().map(|rate| rate * service).collect();
                Asked::Units { pool, loads, sizes: self.sizes.clone() }
            }
            "chats" => Asked::Chats { arrivals: one()?, speeds: self.speeds.clone() },
            "skills" => {
                let takes = self.takes().ok_or_else(|| needs("--skills"))?;
                Asked::Skills { arrivals, speeds: self.speeds.clone(), takes }
            }
            _ => return Err(unknown(model)),
        };
        case(&asked).ok_or_else(|| {
            Stop::new(
                format!(
                    "model '{model}' has no such instance: give as many figures in each of its lists, at most \
                     {KINDS_MAX} kinds, accelerations that fall from at most {ACCELERATION_MAX}, sizes that the pool \
                     holds, at most seven agents with skills, and less work than they can do"
                ),
                format!(
                    "le modèle « {model} » n’a pas de tel cas : donnez autant de chiffres dans chacune de ses listes, \
                     {KINDS_MAX} sortes au plus, des accélérations qui décroissent depuis {ACCELERATION_MAX} au plus, \
                     des tailles que la réserve contient, sept agents à compétences au plus, et moins de travail \
                     qu’ils n’en peuvent faire"
                ),
            )
        })
    }

    /// The kinds that each agent takes.
    fn takes(&self) -> Option<Vec<Vec<usize>>> {
        let agents = self.skills.as_ref()?.split('/');
        agents.map(|kinds| kinds.split(',').map(|kind| kind.trim().parse().ok()).collect()).collect()
    }

    /// The timer of a named model; none for a name of another kind.
    fn timer(&self, model: &str) -> Result<Option<Timer>, Stop> {
        let Self { service, patience: tau, dead, .. } = *self;
        let rate = self.arrivals.first().copied().unwrap_or(1.0);
        let timer = match model {
            "silence" => Timer::Silence { rate, tau },
            "first-response" => Timer::FirstResponse { answer: service, tau, dead },
            "preferred-agent" => Timer::PreferredAgent { busy: service, tau },
            _ => return Ok(None),
        };
        let positive = [rate, service, tau].iter().all(|v| v.is_finite() && 0.0 < *v && *v <= LENGTH_MAX);
        // A silence that messages always restart would have to be waited for.
        let ends = !matches!(timer, Timer::Silence { .. }) || rate * tau <= RESTARTS_MAX.ln();
        if positive && (0.0..1.0).contains(&dead) && ends {
            return Ok(Some(timer));
        }
        Err(Stop::new(
            format!(
                "times and rates must be above 0 and at most {LENGTH_MAX}, dead from 0 to below 1, and a silence restart at most {RESTARTS_MAX} times"
            ),
            format!(
                "durées et taux doivent dépasser 0 sans excéder {LENGTH_MAX}, dead aller de 0 à moins de 1, et un silence recommencer au plus {RESTARTS_MAX} fois"
            ),
        ))
    }

    /// Refuses figures that no model is defined for, before anything runs.
    fn sound(&self) -> Result<(), Stop> {
        let times = [self.service, self.patience];
        let positive = self.arrivals.iter().chain(&self.speeds).chain(&times).all(|v| v.is_finite() && 0.0 < *v);
        let some = self.servers.is_none_or(|servers| (1..=20_000).contains(&servers));
        let places = self.places.is_none_or(|places| places <= 20_000);
        if positive && some && places && self.threshold.is_finite() && 0.0 <= self.threshold {
            return Ok(());
        }
        Err(Stop::new(
            "arrivals, service, speeds and patience must be above 0, the threshold at least 0, servers from 1 to 20,000, and places at most 20,000",
            "arrivals, service, speeds et patience doivent dépasser 0, threshold être au moins 0, servers aller de 1 à 20 000, et places ne pas dépasser 20 000",
        ))
    }
}

fn unknown(model: &str) -> Stop {
    let known = MODELS.join(", ");
    Stop::new(
        format!("no model '{model}': choose one of {known}"),
        format!("aucun modèle « {model} » : choisissez parmi {known}"),
    )
}

fn heading() -> Words {
    Words::new(
        "table  expected     measured     standard error  deviation  instance: measure",
        "table  attendu      mesuré       erreur-type     écart      instance : mesure",
    )
}

fn line(row: &Row) -> String {
    let verdict = if row.passed { "" } else { "  <-- !" };
    format!(
        "{:<6} {:<12.6} {:<12.6} {:<15.6} {:>+9.2}  {}: {}{verdict}",
        row.table, row.expected, row.measured, row.standard_error, row.deviation, row.instance, row.measure
    )
}

fn summary(figures: usize, wrong: usize) -> Words {
    if wrong == 0 {
        return Words::new(
            format!("{figures} figures, all within four standard errors of theory"),
            format!("{figures} chiffres, tous à moins de quatre erreurs-types de la théorie"),
        );
    }
    Words::new(
        format!("{wrong} of {figures} figures are more than four standard errors off"),
        format!("{wrong} chiffres sur {figures} s’écartent de plus de quatre erreurs-types"),
    )
}

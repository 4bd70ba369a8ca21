//! `routewright verify`: the capacity core, judged by queueing theory.
//!
//! Without `--model` it runs every table of the requirements that the core has the means for. Exit code 1 when a
//! figure is more than four standard errors off.

use clap::Args;
use routewright_flows::Words;
use serde_json::json;

use super::{Format, Reader, Stop, Verdict};
use crate::verify::{Parameters, Row, case, models::MODELS, tables, verify};

/// Arguments of `verify`. Rates and times share one unit.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// One model instead of the tables: erlang-c, erlang-a, erlang-b, timer.
    #[arg(long, requires_all = ["servers", "arrivals"])]
    model: Option<String>,
    /// Agents.
    #[arg(long)]
    servers: Option<u32>,
    /// Arrivals per unit of time.
    #[arg(long)]
    arrivals: Option<f64>,
    /// Mean service time.
    #[arg(long, default_value_t = 1.0)]
    service: f64,
    /// Mean patience, or the exact timer of model 'timer'.
    #[arg(long, default_value_t = 1.0)]
    patience: f64,
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
        let cases = match (&self.model, self.servers, self.arrivals) {
            (Some(model), Some(servers), Some(arrivals)) => {
                let Self { service, patience, threshold, .. } = self;
                self.sound(servers, arrivals)?;
                let parameters = Parameters { servers, arrivals, service, patience, threshold };
                vec![case(model, parameters).ok_or_else(|| unknown(model))?]
            }
            _ => tables(),
        };
        let mut rows = Vec::new();
        if reader.format == Format::Text {
            println!("{}", reader.say(&heading()));
        }
        for case in cases {
            for row in verify(&case, self.contacts, self.seed).map_err(Stop::because)? {
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

    /// Refuses figures that no model is defined for, before anything runs.
    fn sound(&self, servers: u32, arrivals: f64) -> Result<(), Stop> {
        let positive = [arrivals, self.service, self.patience].iter().all(|v| v.is_finite() && 0.0 < *v);
        if positive && 0 < servers && servers <= 20_000 && self.threshold.is_finite() && 0.0 <= self.threshold {
            return Ok(());
        }
        Err(Stop::new(
            "arrivals, service and patience must be above 0, the threshold at least 0, and servers from 1 to 20,000",
            "arrivals, service et patience doivent dépasser 0, threshold être au moins 0, et servers aller de 1 à 20 000",
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

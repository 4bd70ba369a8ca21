//! The figures of `docs/performance.md`, each measured beside a peer or a physical limit in the same run.
//!
//! What it deliberately does not do: it judges nothing by wall-clock thresholds in the test run; machines are small
//! and noisy. It prints ratios and medians, and whether each goal of the issue is met, for people to read.

mod board;
pub mod check;
pub mod day;
pub mod hostile;
pub mod http;
pub mod idle;
pub mod machine;
pub mod memory;
pub mod nodes;
pub mod occupancy;
pub mod parked;
pub mod rehearsals;
mod scene;
pub mod step;
pub mod store;
pub mod timers;

use std::time::{Duration, Instant};

/// One line of the report.
#[derive(Debug)]
pub struct Figure {
    /// What was measured.
    pub what: String,
    /// The value with its unit.
    pub value: String,
    /// What was asked, and whether it is met; empty for figures that are only for the record.
    pub goal: Option<(String, bool)>,
}

impl Figure {
    /// A figure with a goal.
    pub fn judged(what: impl Into<String>, value: impl Into<String>, goal: impl Into<String>, met: bool) -> Self {
        Self { what: what.into(), value: value.into(), goal: Some((goal.into(), met)) }
    }

    /// A figure for the record.
    pub fn noted(what: impl Into<String>, value: impl Into<String>) -> Self {
        Self { what: what.into(), value: value.into(), goal: None }
    }
}

/// Prints a section as a Markdown table.
pub fn print(title: &str, figures: &[Figure]) {
    println!("\n### {title}\n\n| figure | measured | asked |\n| --- | --- | --- |");
    for f in figures {
        let goal = match &f.goal {
            Some((goal, true)) => format!("{goal}: met"),
            Some((goal, false)) => format!("{goal}: **missed**"),
            None => String::new(),
        };
        println!("| {} | {} | {goal} |", f.what, f.value);
    }
}

/// The value at a share of the sorted samples; 0.5 is the median.
#[must_use]
pub fn quantile(samples: &mut [Duration], share: f64) -> Duration {
    samples.sort_unstable();
    let last = samples.len().saturating_sub(1);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index"
    )]
    samples.get((last as f64 * share).round() as usize).copied().unwrap_or_default()
}

/// How long a job takes.
pub fn timed<T>(job: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let value = job();
    (start.elapsed(), value)
}

/// Things per second.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub fn rate(n: usize, took: Duration) -> f64 {
    n as f64 / took.as_secs_f64()
}

/// Microseconds with two decimals.
#[must_use]
pub fn us(d: Duration) -> String {
    format!("{:.2} µs", d.as_secs_f64() * 1e6)
}

/// Milliseconds with two decimals.
#[must_use]
pub fn ms(d: Duration) -> String {
    format!("{:.2} ms", d.as_secs_f64() * 1e3)
}

//! `routewright verify`: the capacity core under a virtual clock, judged by queueing theory.
//!
//! Expected values come from closed forms ([`formulas`], [`alis`], [`timers`]); measured ones from the same core that
//! routes real contacts ([`centre`], [`timers`]). A figure passes within four standard errors of batch means (U-31: no hidden rules).
//! What it deliberately does not do: it has no routing logic of its own.

pub mod alis;
pub mod centre;
pub mod formulas;
pub mod models;
pub mod random;
pub mod timers;

use serde::Serialize;

use self::centre::{Counts, Simulation};
pub use self::models::{Case, Parameters, case, tables};

/// Batches of a run; the standard error is that of their means.
const BATCHES: usize = 20;

/// A figure passes within this many standard errors.
pub const ERRORS_MAX: f64 = 4.0;

/// One expected and measured value.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// The table of the requirements (`V-01`), or the model that was asked for.
    pub table: String,
    /// The instance, in words.
    pub instance: String,
    /// The measure.
    pub measure: String,
    /// By the closed form.
    pub expected: f64,
    /// By the core.
    pub measured: f64,
    /// Measured less expected, in standard errors.
    pub deviation: f64,
    /// The standard error.
    pub standard_error: f64,
    /// True within [`ERRORS_MAX`].
    pub passed: bool,
}

/// Simulates a case and compares each of its measures.
///
/// # Errors
/// When the core refuses a legal request, or the model cannot be built; in words.
pub fn verify(case: &Case, contacts: u64, seed: u64) -> Result<Vec<Row>, String> {
    let per_batch = (contacts / BATCHES as u64).max(1);
    let batches = Simulation::new(&case.model, seed)?.run(BATCHES, per_batch)?;
    Ok(case.measures.iter().map(|(name, expected, measure)| row(case, name, *expected, &batches, *measure)).collect())
}

fn row(case: &Case, name: &str, expected: f64, batches: &[Counts], measure: models::Measure) -> Row {
    let values: Vec<f64> = batches.iter().map(|counts| measure.of(counts, &case.model)).collect();
    compare(&case.table, &case.instance, name, expected, &values)
}

/// Compares the mean of batches with what is expected of it.
fn compare(table: &str, instance: &str, measure: &str, expected: f64, values: &[f64]) -> Row {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let standard_error = (variance / n).sqrt();
    let deviation = if standard_error == 0.0 {
        if mean == expected { 0.0 } else { f64::INFINITY }
    } else {
        (mean - expected) / standard_error
    };
    Row {
        table: table.to_owned(),
        instance: instance.to_owned(),
        measure: measure.to_owned(),
        expected,
        measured: mean,
        deviation,
        standard_error,
        passed: deviation.abs() <= ERRORS_MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::{ERRORS_MAX, centre::Patience, tables, verify};

    const CONTACTS: u64 = 150_000;

    #[test]
    fn v_01_to_v_10_p_09_the_core_agrees_with_theory() {
        let mut figures = 0;
        for case in tables() {
            for row in verify(&case, CONTACTS, 20_261_121).expect("the core takes every legal request") {
                figures += 1;
                assert!(row.passed, "{row:?}");
            }
        }
        assert!(80 < figures, "only {figures} figures were compared");
    }

    #[test]
    fn a_wrong_centre_is_caught() {
        let mut case = tables().into_iter().find(|case| case.table == "V-02").expect("the table has rows");
        case.model.streams[0].patience = Patience::Exponential(2.4);
        let rows = verify(&case, CONTACTS, 1).expect("the core takes every legal request");
        assert!(rows.iter().any(|row| ERRORS_MAX < row.deviation.abs()), "{rows:?}");
    }
}

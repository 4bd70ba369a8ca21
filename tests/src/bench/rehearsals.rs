//! Tests in documents: how long a thousand of them take that span a day each, and whether they say the same every time.
//!
//! They are the library's own, each followed by a day in which every timer on the way fires and agents who are there
//! keep their desks.

use std::{collections::BTreeMap, sync::Arc};

use routewright_engine::{
    rehearsal::{Rehearsal, Troupe},
    script::Sandbox,
};
use routewright_flows::scenario::{Scenario, ScenarioStep};

use super::{Figure, ms, quantile, timed};
use crate::sim::centre::library;

/// Tests that are timed.
const TESTS: usize = 1_000;

/// Runs that must be the same to the byte.
const RUNS: usize = 100;

/// Every test of the library with a day after it, and the flow it is of.
pub struct Repertoire {
    troupes: Vec<Troupe>,
    tests: Vec<(usize, Scenario)>,
}

impl Repertoire {
    /// Prepares the library once.
    ///
    /// # Errors
    /// When a flow of the library cannot be published.
    pub fn new() -> Result<Self, String> {
        let (registry, sandbox) = (routewright_nodes::standard(), Arc::new(Sandbox::new()));
        let documents = library();
        let day: routewright_flows::HumanDuration = "24h".parse().map_err(|e| format!("{e}"))?;
        let mut repertoire = Self { troupes: Vec::new(), tests: Vec::new() };
        for document in &documents {
            let troupe = Troupe::new(document, &documents, &registry, &sandbox).map_err(|e| e.to_string())?;
            for scenario in &document.tests {
                let mut scenario = scenario.clone();
                scenario.steps.push(ScenarioStep::TimePasses(day));
                repertoire.tests.push((repertoire.troupes.len(), scenario));
            }
            repertoire.troupes.push(troupe);
        }
        Ok(repertoire)
    }

    /// How many tests there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tests.len()
    }

    /// True when the library has no test, which it never should.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tests.is_empty()
    }

    /// Plays one of them, in a circle.
    #[must_use]
    pub fn play(&self, number: usize) -> Rehearsal {
        let (troupe, scenario) = &self.tests[number % self.tests.len()];
        self.troupes[*troupe].play(scenario)
    }
}

/// Measures a thousand tests, then plays each of the library a hundred times.
///
/// # Errors
/// When a test fails or two runs differ: then there is nothing to measure.
pub fn run() -> Result<Vec<Figure>, String> {
    let repertoire = Repertoire::new()?;
    let mut first: BTreeMap<usize, String> = BTreeMap::new();
    let mut samples = Vec::with_capacity(TESTS);
    let (all, played) = timed(|| -> Result<(), String> {
        for number in 0..TESTS {
            let (took, rehearsal) = timed(|| repertoire.play(number));
            samples.push(took);
            same(&mut first, number % repertoire.len(), rehearsal)?;
        }
        Ok(())
    });
    played?;
    for _ in 0..RUNS {
        for number in 0..repertoire.len() {
            same(&mut first, number, repertoire.play(number))?;
        }
    }
    Ok(vec![
        Figure::judged(
            format!("{TESTS} tests of 24 virtual hours each, one core"),
            ms(all),
            "at most 10 s",
            all.as_secs() < 10,
        ),
        Figure::noted("one of them, median", ms(quantile(&mut samples, 0.5))),
        Figure::noted("one of them, the slowest", ms(quantile(&mut samples, 1.0))),
        Figure::judged(
            format!("transcripts of {} tests over {RUNS} runs", repertoire.len()),
            "byte-identical",
            "byte-identical",
            true,
        ),
    ])
}

/// Holds a transcript to that of the first run.
fn same(first: &mut BTreeMap<usize, String>, number: usize, rehearsal: Rehearsal) -> Result<(), String> {
    if !rehearsal.passed {
        return Err(rehearsal.report("en"));
    }
    let known = first.entry(number).or_insert_with(|| rehearsal.transcript.clone());
    if *known == rehearsal.transcript { Ok(()) } else { Err(format!("'{}' differs between two runs", rehearsal.name)) }
}

//! Plays the tests of a flow document against a real switchboard under a virtual clock: no network, no disk, no wait.
//!
//! Between any two events everything durable is written as JSON, the switchboard is thrown away, and another one is
//! built from what was written. So each rehearsal also proves that its flow survives a restart at every moment.
//!
//! What it deliberately does not do: it reads no catalogue. The world is what the scenario says under `given`, and
//! what the flow names besides: skills that nobody has, calendars that are always open. Dispositions exist when the
//! scenario uses them.

mod coverage;
mod expect;
mod record;
pub(crate) mod rows;
mod stage;
#[cfg(test)]
mod tests;
mod world;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::Arc,
};

use routewright_flows::{
    ExitName, FlowDocument, NodeId, Words,
    scenario::{Expect, Scenario, ScenarioStep},
};

pub use coverage::{Coverage, Part};
pub use record::{Circumstances, record};

use crate::{
    capacity::Work,
    fact::FactRecord,
    interaction::Interaction,
    node::Registry,
    published::{PublishFault, PublishedFlow},
    rehearsal::stage::Stage,
    script::Sandbox,
    time::Timestamp,
};

/// A flow ready to be rehearsed, with the flows it may call.
#[derive(Debug)]
pub struct Troupe {
    flow: Arc<PublishedFlow>,
    library: Vec<Arc<PublishedFlow>>,
    named: world::Named,
    sandbox: Arc<Sandbox>,
}

/// How a rehearsal went.
#[derive(Debug, Clone, PartialEq)]
pub struct Rehearsal {
    /// The scenario's name.
    pub name: String,
    /// True when every expectation held and every step could be played.
    pub passed: bool,
    /// What happened, a line each; the same for every run.
    pub transcript: String,
    /// What did not hold.
    pub failures: Vec<Failure>,
    /// Exits of the flow under test that were taken; those of sub-flows are not counted.
    pub exits: BTreeSet<(NodeId, ExitName)>,
    /// Nodes of the flow under test that it came to; those of sub-flows are not counted.
    pub nodes: BTreeSet<NodeId>,
    /// What was there where something was expected, by step.
    pub seen: BTreeMap<usize, Expect>,
}

/// Something that a scenario expected in vain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Which step, from 0; `None` for the scenario as a whole.
    pub step: Option<usize>,
    /// What was expected, as text or JSON.
    pub expected: String,
    /// What was there instead.
    pub got: String,
    /// The sentence for people.
    pub message: Words,
}

/// What was there after one step of a rehearsal.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// The step, from 0.
    pub step: usize,
    /// The virtual instant.
    pub now: Timestamp,
    /// What happened since the step before.
    pub facts: Vec<FactRecord>,
    /// The contact's latest interaction, once there is one.
    pub interaction: Option<Interaction>,
    /// Its claim on an agent, while there is one.
    pub work: Option<Work>,
    /// Claims of the other contacts, who stood in line from the start.
    pub others: Vec<Work>,
}

/// Plays one scenario of a document. To play many, make a [`Troupe`] once.
#[must_use]
pub fn rehearse(
    document: &Arc<FlowDocument>,
    library: &[Arc<FlowDocument>],
    scenario: &Scenario,
    registry: &Registry,
    sandbox: &Arc<Sandbox>,
) -> Rehearsal {
    match Troupe::new(document, library, registry, sandbox) {
        Ok(troupe) => troupe.play(scenario),
        Err(fault) => Rehearsal {
            name: scenario.name.clone(),
            passed: false,
            transcript: String::new(),
            failures: vec![Failure {
                step: None,
                expected: "a flow that can be published".to_owned(),
                got: fault.to_string(),
                message: fault.words(),
            }],
            exits: BTreeSet::new(),
            nodes: BTreeSet::new(),
            seen: BTreeMap::new(),
        },
    }
}

impl Troupe {
    /// Prepares a document and the flows it may call, each as version 1.
    ///
    /// # Errors
    /// As for [`PublishedFlow::prepare`], of the first document that cannot be published.
    pub fn new(
        document: &Arc<FlowDocument>,
        library: &[Arc<FlowDocument>],
        registry: &Registry,
        sandbox: &Arc<Sandbox>,
    ) -> Result<Self, PublishFault> {
        let prepare = |document: &Arc<FlowDocument>| {
            PublishedFlow::prepare(Arc::clone(document), 1, registry, sandbox).map(Arc::new)
        };
        let others = || library.iter().filter(|other| other.id != document.id);
        Ok(Self {
            flow: prepare(document)?,
            library: others().map(prepare).collect::<Result<_, _>>()?,
            named: world::Named::of(std::iter::once(document).chain(others()), registry),
            sandbox: Arc::clone(sandbox),
        })
    }

    /// Plays one scenario.
    #[must_use]
    pub fn play(&self, scenario: &Scenario) -> Rehearsal {
        self.perform(scenario, |_, _| {})
    }

    /// Plays one scenario, and shows what was there after each step.
    #[must_use]
    pub fn watch(&self, scenario: &Scenario) -> (Rehearsal, Vec<Moment>) {
        let mut moments = Vec::with_capacity(scenario.steps.len());
        let rehearsal = self.perform(scenario, |step, stage| moments.push(stage.moment(step)));
        (rehearsal, moments)
    }

    fn perform(&self, scenario: &Scenario, mut look: impl FnMut(usize, &mut Stage<'_>)) -> Rehearsal {
        let played = match Stage::set(self, scenario) {
            Ok(mut stage) => {
                for (index, step) in scenario.steps.iter().enumerate() {
                    let goes_on = stage.play(index, step);
                    look(index, &mut stage);
                    if !goes_on {
                        break;
                    }
                }
                stage.finish()
            }
            Err(failure) => Played { failures: vec![failure], ..Played::default() },
        };
        let Played { transcript, failures, exits, nodes, seen } = played;
        Rehearsal { name: scenario.name.clone(), passed: failures.is_empty(), transcript, failures, exits, nodes, seen }
    }
}

/// What a stage leaves behind.
#[derive(Debug, Default)]
struct Played {
    transcript: String,
    failures: Vec<Failure>,
    exits: BTreeSet<(NodeId, ExitName)>,
    nodes: BTreeSet<NodeId>,
    seen: BTreeMap<usize, Expect>,
}

impl Rehearsal {
    /// The scenario with its expectations as they turned out. One that expected nothing gets what was said, where the
    /// flow waits and how it ended.
    #[must_use]
    pub fn updated(&self, scenario: &Scenario) -> Scenario {
        let mut scenario = scenario.clone();
        for (step, seen) in &self.seen {
            if let Some(ScenarioStep::Expect(expect)) = scenario.steps.get_mut(*step) {
                *expect = seen.clone();
            }
        }
        scenario
    }

    /// The verdict with its reasons, for a terminal.
    #[must_use]
    pub fn report(&self, language: &str) -> String {
        let mut report = format!("{} {}\n", if self.passed { "ok  " } else { "FAIL" }, self.name);
        for failure in &self.failures {
            // Writing into a String cannot fail.
            let _ = writeln!(report, "     {}", failure.message.for_language(language));
        }
        report
    }
}

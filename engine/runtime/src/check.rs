//! The continuous check: rows rebuilt from the journal must be the rows that are there. Used by tests, by the simulator
//! and by the operator's `check-data`.
//!
//! What it deliberately does not do: it repairs nothing, and it runs no script and no decision.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use routewright_engine::InteractionId;
use serde::Serialize;

use crate::{
    documents::DocumentKind,
    error::StoreError,
    journal::{self, Record},
    shard::{interaction_row, json, outbox_of, work_row},
    store::Reader,
};

/// Rows read at once.
const PAGE: u32 = 512;

/// Disagreements listed; one is already too many, and they tend to come in thousands.
const FINDINGS_MAX: usize = 100;

/// What the check found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// Groups of the journal read.
    pub groups: u64,
    /// Turns in them.
    pub turns: u64,
    /// Interactions compared.
    pub interactions: u64,
    /// Everything that does not agree, at most a hundred lines; empty when all is well.
    pub findings: Vec<String>,
}

impl CheckReport {
    fn find(&mut self, finding: impl FnOnce() -> String) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(finding());
        }
    }
}

/// What the journal says each row is: a hash, so that a million rows fit.
#[derive(Default)]
struct Rebuilt {
    interactions: BTreeMap<InteractionId, Interaction>,
    works: BTreeMap<InteractionId, u64>,
    agents: BTreeMap<(String, String), u64>,
    documents: BTreeMap<(String, DocumentKind, String), u64>,
    /// By position; touchpoints have acknowledged what is missing.
    outbox: BTreeMap<u64, (String, String, String)>,
    /// Hash of every effect by its id, to find an id with two meanings.
    effects: BTreeMap<routewright_engine::effect::EffectId, u64>,
}

#[derive(Default)]
struct Interaction {
    row: u64,
    version: u64,
    /// Hash of the list of groups that speak of it.
    groups: u64,
}

/// Checks the file, then rebuilds every row from the journal and compares.
///
/// # Errors
/// [`StoreError`] when the store cannot be read; a row that can be read and is wrong is a finding.
pub fn check(reader: &mut dyn Reader) -> Result<CheckReport, StoreError> {
    let mut report = CheckReport { findings: reader.integrity()?, ..CheckReport::default() };
    let rebuilt = rebuild(reader, &mut report)?;
    compare_interactions(reader, &mut report, rebuilt.interactions)?;
    compare_works(reader, &mut report, rebuilt.works)?;
    compare_rest(reader, &mut report, &rebuilt.agents, &rebuilt.documents, &rebuilt.outbox)?;
    Ok(report)
}

fn rebuild(reader: &mut dyn Reader, report: &mut CheckReport) -> Result<Rebuilt, StoreError> {
    let mut rebuilt = Rebuilt::default();
    let (mut seq, mut at) = (0, i64::MIN);
    loop {
        let page = reader.journal(seq, PAGE)?;
        if page.is_empty() {
            return Ok(rebuilt);
        }
        for row in page {
            if row.seq != seq + 1 {
                report.find(|| format!("the journal goes from group {seq} to group {}", row.seq));
            }
            if row.at.0 < at {
                report.find(|| format!("the logical now of group {} is before that of the group before", row.seq));
            }
            (seq, at) = (row.seq, row.at.0);
            report.groups += 1;
            rebuilt.apply(seq, journal::records(&row)?, report);
        }
    }
}

impl Rebuilt {
    fn apply(&mut self, seq: u64, records: Vec<Record>, report: &mut CheckReport) {
        let mut spoken_of = std::collections::BTreeSet::new();
        let mut place = 0;
        for record in records {
            match record {
                Record::Turn(turn) => {
                    report.turns += 1;
                    spoken_of.extend(turn.facts.iter().filter_map(|of| of.interaction));
                    for effect in &turn.effects {
                        let meaning = hash(&json(effect));
                        if self.effects.insert(effect.id, meaning).is_some() {
                            report.find(|| format!("effect {} was made twice, again in group {seq}", effect.id));
                        }
                        if let Some(touchpoint) = outbox_of(&effect.action) {
                            let key = (effect.tenant.to_string(), touchpoint.to_string(), json(effect));
                            self.outbox.insert(crate::shard::position(seq, place), key);
                            place += 1;
                        }
                    }
                }
                Record::Interaction(interaction) => {
                    spoken_of.insert(interaction.id);
                    let known = self.interactions.entry(interaction.id).or_default();
                    (known.row, known.version) = (hash(&interaction_row(&interaction)), seq);
                }
                Record::Work(record) => {
                    let row = work_row(&record.tenant, &record.work);
                    self.works.insert(row.interaction, hash(&row));
                }
                Record::WorkGone(id) => drop(self.works.remove(&id)),
                Record::Agent(record) => {
                    let key = (record.tenant.to_string(), record.row.agent.to_string());
                    self.agents.insert(key, hash(&json(&record.row)));
                }
                Record::AgentGone { tenant, agent } => {
                    self.agents.remove(&(tenant.to_string(), agent.to_string()));
                }
                Record::Document(record) => {
                    let key = (record.tenant.to_string(), record.kind, record.id);
                    match record.document {
                        Some(document) => self.documents.insert(key, hash(&json(&document))),
                        None => self.documents.remove(&key),
                    };
                }
                Record::Acknowledged(ack) => self.outbox.retain(|position, (tenant, touchpoint, _)| {
                    ack.upto < *position || *tenant != ack.tenant.as_str() || *touchpoint != ack.touchpoint.as_str()
                }),
                Record::Counters(_) => {}
            }
        }
        for id in spoken_of {
            let known = self.interactions.entry(id).or_default();
            known.groups = hash(&(known.groups, seq));
        }
    }
}

fn compare_interactions(
    reader: &mut dyn Reader,
    report: &mut CheckReport,
    mut expected: BTreeMap<InteractionId, Interaction>,
) -> Result<(), StoreError> {
    let mut after = None;
    loop {
        let page = reader.scan_interactions(after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = Some(last.row.id);
        for stored in page {
            report.interactions += 1;
            let id = stored.row.id;
            let Some(known) = expected.remove(&id) else {
                report.find(|| format!("interaction {id} is not in the journal"));
                continue;
            };
            if known.row != hash(&stored.row) || known.version != stored.version {
                report.find(|| format!("interaction {id} is not what group {} made of it", known.version));
            }
            let groups = stored.groups.iter().fold(0, |so_far, seq| hash(&(so_far, *seq)));
            if known.groups != groups {
                report.find(|| format!("interaction {id} does not list the groups that speak of it"));
            }
        }
    }
    for id in expected.into_keys() {
        report.find(|| format!("interaction {id} is in the journal and has no row"));
    }
    Ok(())
}

fn compare_works(
    reader: &mut dyn Reader,
    report: &mut CheckReport,
    mut expected: BTreeMap<InteractionId, u64>,
) -> Result<(), StoreError> {
    let mut after = None;
    loop {
        let page = reader.scan_works(after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = Some(last.interaction);
        for row in page {
            if expected.remove(&row.interaction) != Some(hash(&row)) {
                report.find(|| format!("the work of interaction {} is not what the journal says", row.interaction));
            }
        }
    }
    for id in expected.into_keys() {
        report.find(|| format!("the work of interaction {id} is in the journal and has no row"));
    }
    Ok(())
}

fn compare_rest(
    reader: &mut dyn Reader,
    report: &mut CheckReport,
    agents: &BTreeMap<(String, String), u64>,
    documents: &BTreeMap<(String, DocumentKind, String), u64>,
    outbox: &BTreeMap<u64, (String, String, String)>,
) -> Result<(), StoreError> {
    let stored = reader.scan_agents()?;
    let stored = stored.iter().map(|row| ((row.tenant.to_string(), row.agent.to_string()), hash(&row.body)));
    if stored.collect::<BTreeMap<_, _>>() != *agents {
        report.find(|| "the agents are not what the journal says".to_owned());
    }
    let mut stored = BTreeMap::new();
    for tenant in reader.tenants()? {
        for kind in DocumentKind::ALL {
            let mut after: Option<String> = None;
            loop {
                let page = reader.documents(&tenant, kind, after.as_deref(), PAGE)?;
                let Some(last) = page.last() else { break };
                after = Some(last.id.clone());
                for document in page {
                    stored.insert((tenant.to_string(), kind, document.id.clone()), hash(&json(&document)));
                }
            }
        }
    }
    if stored != *documents {
        report.find(|| "the documents are not what the journal says".to_owned());
    }
    let mut stored = BTreeMap::new();
    let mut after = 0;
    loop {
        let page = reader.scan_outbox(after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = last.position;
        for row in page {
            stored.insert(row.position, (row.tenant.to_string(), row.touchpoint.to_string(), row.body));
        }
    }
    if stored != *outbox {
        report.find(|| "the outbox is not what the journal says".to_owned());
    }
    Ok(())
}

fn hash<T: Hash + ?Sized>(value: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

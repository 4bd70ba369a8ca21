//! The continuous check: rows rebuilt from the journal must be the rows that are there. Used by tests, by the simulator
//! and by the operator's `check-data`. Where the beginning of the journal was pruned, rows that nothing has changed since
//! are taken as they are.
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
    shard::{group_of, interaction_row, json, outbox_of, work_row},
    store::{InteractionRow, Reader},
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
    /// The first group that is there; 1 unless the journal was pruned.
    first: u64,
    /// What the journal itself says of its pruning: the last group that left.
    pruned: u64,
    interactions: BTreeMap<InteractionId, Interaction>,
    /// `None` for what is known to be no more, here and below.
    works: BTreeMap<InteractionId, Option<u64>>,
    agents: BTreeMap<(String, String), Option<u64>>,
    documents: BTreeMap<(String, DocumentKind, String), Option<u64>>,
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
    let mut rebuilt = rebuild(reader, &mut report)?;
    compare_interactions(reader, &mut report, &mut rebuilt)?;
    compare_works(reader, &mut report, &rebuilt)?;
    compare_rest(reader, &mut report, &rebuilt)?;
    Ok(report)
}

fn rebuild(reader: &mut dyn Reader, report: &mut CheckReport) -> Result<Rebuilt, StoreError> {
    let mut rebuilt = Rebuilt { first: 1, ..Rebuilt::default() };
    let (mut seq, mut at) = (0, i64::MIN);
    loop {
        let page = reader.journal(seq, PAGE)?;
        if page.is_empty() {
            let Rebuilt { first, pruned, .. } = rebuilt;
            if first != pruned + 1 {
                report.find(|| format!("the journal begins at group {first} and was pruned up to group {pruned}"));
            }
            return Ok(rebuilt);
        }
        for row in page {
            if seq == 0 {
                rebuilt.first = row.seq;
            } else if row.seq != seq + 1 {
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
                    self.works.insert(row.interaction, Some(hash(&row)));
                }
                Record::WorkGone(id) => drop(self.works.insert(id, None)),
                Record::Agent(record) => {
                    let key = (record.tenant.to_string(), record.row.agent.to_string());
                    self.agents.insert(key, Some(hash(&json(&record.row))));
                }
                Record::AgentGone { tenant, agent } => {
                    self.agents.insert((tenant.to_string(), agent.to_string()), None);
                }
                Record::Document(record) => {
                    let key = (record.tenant.to_string(), record.kind, record.id);
                    self.documents.insert(key, record.document.map(|document| hash(&json(&document))));
                }
                Record::Acknowledged(ack) => self.outbox.retain(|position, (tenant, touchpoint, _)| {
                    ack.upto < *position || *tenant != ack.tenant.as_str() || *touchpoint != ack.touchpoint.as_str()
                }),
                Record::Pruned(upto) => self.pruned = upto,
                Record::Visits(_) | Record::Counters(_) => {}
            }
        }
        for id in spoken_of {
            let known = self.interactions.entry(id).or_default();
            known.groups = hash(&(known.groups, seq));
        }
    }
}

impl Rebuilt {
    /// What is not stored as the journal says. Of what a pruned journal does not speak of, nothing can be said.
    fn disagreements<'a, K: Ord>(
        &self,
        expected: &'a BTreeMap<K, Option<u64>>,
        stored: &'a BTreeMap<K, u64>,
    ) -> Vec<&'a K> {
        let is_whole = self.first == 1;
        let wrong = expected.iter().filter(|(key, hash)| stored.get(key) != hash.as_ref()).map(|(key, _)| key);
        wrong.chain(stored.keys().filter(|key| is_whole && !expected.contains_key(key))).collect()
    }
}

fn compare_interactions(
    reader: &mut dyn Reader,
    report: &mut CheckReport,
    rebuilt: &mut Rebuilt,
) -> Result<(), StoreError> {
    let (first, mut expected) = (rebuilt.first, std::mem::take(&mut rebuilt.interactions));
    let mut after = None;
    loop {
        let page = reader.scan_interactions(after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = Some(last.row.id);
        for stored in page {
            report.interactions += 1;
            let id = stored.row.id;
            // A row that only pruned groups wrote is taken as it is; the groups that are left may still speak of it.
            let is_pruned = stored.version < first;
            let known = match expected.remove(&id) {
                Some(known) => known,
                None if is_pruned => Interaction::default(),
                None => {
                    report.find(|| format!("interaction {id} is not in the journal"));
                    continue;
                }
            };
            let is_as_written = known.version == stored.version
                && (known.row == hash(&stored.row) || Some(known.row) == rewritten(&stored.row).as_ref().map(hash));
            if !(is_as_written || is_pruned && known.version == 0) {
                report.find(|| format!("interaction {id} is not what group {} made of it", known.version));
            }
            let groups = stored.groups.iter().filter(|seq| first <= **seq);
            let groups = groups.fold(0, |so_far, seq| hash(&(so_far, *seq)));
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

/// A row as this version would write it; an older one may have said the same in other words.
fn rewritten(row: &InteractionRow) -> Option<InteractionRow> {
    let interaction = serde_json::from_str::<routewright_engine::interaction::Interaction>(&row.body).ok()?;
    Some(InteractionRow { body: json(&interaction), ..row.clone() })
}

fn compare_works(reader: &mut dyn Reader, report: &mut CheckReport, rebuilt: &Rebuilt) -> Result<(), StoreError> {
    let mut stored = BTreeMap::new();
    let mut after = None;
    loop {
        let page = reader.scan_works(after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = Some(last.interaction);
        stored.extend(page.iter().map(|row| (row.interaction, hash(row))));
    }
    for id in rebuilt.disagreements(&rebuilt.works, &stored) {
        report.find(|| format!("the work of interaction {id} is not what the journal says"));
    }
    Ok(())
}

fn compare_rest(reader: &mut dyn Reader, report: &mut CheckReport, rebuilt: &Rebuilt) -> Result<(), StoreError> {
    let stored = reader.scan_agents()?;
    let stored = stored.iter().map(|row| ((row.tenant.to_string(), row.agent.to_string()), hash(&row.body)));
    for (tenant, agent) in rebuilt.disagreements(&rebuilt.agents, &stored.collect()) {
        report.find(|| format!("agent '{agent}' of tenant '{tenant}' is not what the journal says"));
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
    for (tenant, kind, id) in rebuilt.disagreements(&rebuilt.documents, &stored) {
        report.find(|| format!("{kind} '{id}' of tenant '{tenant}' is not what the journal says"));
    }
    let mut stored = BTreeMap::new();
    let mut after = 0;
    loop {
        let page = reader.scan_outbox(after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = last.position;
        for row in page.into_iter().filter(|row| rebuilt.first <= group_of(row.position)) {
            stored.insert(row.position, (row.tenant.to_string(), row.touchpoint.to_string(), row.body));
        }
    }
    if stored != rebuilt.outbox {
        report.find(|| "the outbox is not what the journal says".to_owned());
    }
    Ok(())
}

fn hash<T: Hash + ?Sized>(value: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

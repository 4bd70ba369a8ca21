//! The group that is being filled: what its inputs did, who waits for an answer, and in the end the rows to write.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use routewright_engine::{
    InteractionId, TenantId, Timestamp, TouchpointId,
    capacity::Work,
    catalogue::Catalogue,
    effect::{Action, Effect},
    event::Input,
    fact::FactRecord,
    interaction::{FlowVersion, Interaction},
    switchboard::{Answer, Output, Switchboard, Touched},
    visits::VersionVisits,
};
use serde::Serialize;
use tokio::sync::oneshot;

use super::Telling;
use crate::{
    documents::Revision,
    error::{SubmitError, WriteError},
    floor::{FloorChange, standing},
    journal::{AgentRecord, CountersRecord, DocumentRecord, JournalWriter, Record, TurnMark, VisitsRecord, WorkRecord},
    store::{Acknowledged, AgentRow, DocumentRow, Group, InteractionRow, OutboxRow, WorkRow},
    views::{Committed, Submitted},
};

/// A place in the outbox or in a timeline is the group's number and the place in the group; this many bits are for the
/// latter.
const PLACE_BITS: u32 = 20;

/// A group being filled.
#[derive(Debug)]
pub(super) struct Draft {
    /// The number it will have if it writes anything.
    seq: u64,
    journal: JournalWriter,
    touched: Touched,
    mentioned: BTreeSet<InteractionId>,
    visits: BTreeMap<(TenantId, FlowVersion), VersionVisits>,
    pub(super) documents: Vec<DocumentRow>,
    outbox: Vec<OutboxRow>,
    acknowledged: Vec<Acknowledged>,
    pruned: Option<u64>,
    facts: Vec<FactRecord>,
    effects: Vec<Effect>,
    catalogues: Vec<(TenantId, Arc<Catalogue>)>,
    replies: Vec<Reply>,
    pub(super) tally: Tally,
}

/// What a group adds to the counters.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    pub(crate) inputs: u64,
    pub(crate) turns: u64,
    pub(crate) refused: u64,
    pub(crate) repeated: u64,
    pub(crate) timers: u64,
}

/// Somebody who waits, and what he will be told after the commit.
#[derive(Debug)]
pub(crate) enum Reply {
    Input(oneshot::Sender<Result<Submitted, SubmitError>>, Answer),
    Written(oneshot::Sender<Result<Vec<Revision>, WriteError>>, Result<Vec<Revision>, WriteError>),
    Told(Told),
}

/// The answer to a question, ready to be told.
pub(crate) struct Told(pub(crate) Telling);

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Told").finish_non_exhaustive()
    }
}

/// A closed group on its way to the committer.
#[derive(Debug)]
pub(crate) struct Batch {
    /// What to write; `None` when its inputs changed nothing.
    pub(crate) group: Option<Arc<Group>>,
    /// What subscribers are told; there is some exactly when there is something to write.
    pub(crate) committed: Committed,
    pub(crate) floor: FloorChange,
    pub(crate) catalogues: Vec<(TenantId, Arc<Catalogue>)>,
    pub(crate) replies: Vec<Reply>,
    pub(crate) tally: Tally,
}

impl Draft {
    /// An empty group with a number, and room for a journal row of so many bytes.
    pub(super) fn new(seq: u64, journal_bytes: usize) -> Self {
        Self {
            seq,
            journal: JournalWriter::with_capacity(journal_bytes),
            touched: Touched::default(),
            mentioned: BTreeSet::new(),
            visits: BTreeMap::new(),
            documents: Vec::new(),
            outbox: Vec::new(),
            acknowledged: Vec::new(),
            pruned: None,
            facts: Vec::new(),
            effects: Vec::new(),
            catalogues: Vec::new(),
            replies: Vec::new(),
            tally: Tally::default(),
        }
    }

    /// True when there is nothing to write and nobody to answer.
    pub(super) fn is_idle(&self) -> bool {
        self.journal.is_empty() && self.replies.is_empty() && self.tally.inputs == 0
    }

    /// True when there is something to write.
    pub(super) fn writes(&self) -> bool {
        !self.journal.is_empty()
    }

    /// The interactions that this group has changed so far.
    pub(super) fn interactions(&self) -> &BTreeSet<InteractionId> {
        &self.touched.interactions
    }

    pub(super) fn begin(&mut self, now: Timestamp, input: &Input) -> TurnMark {
        self.journal.begin_turn(now, input)
    }

    /// Takes what came of an input, and gives back what its caller will be told.
    pub(super) fn end(&mut self, mark: TurnMark, now: Timestamp, output: Output) -> Answer {
        let Output { answer, facts, effects, visits, touched } = output;
        self.tally.inputs += 1;
        match &answer {
            Answer::Refused(_) => self.tally.refused += 1,
            Answer::Repeated { .. } => self.tally.repeated += 1,
            Answer::Done | Answer::Heard { .. } | Answer::Accepted { .. } | Answer::Begun { .. } => {}
        }
        if facts.is_empty() && effects.is_empty() && touched.is_empty() {
            self.journal.drop_turn(mark);
            return answer;
        }
        self.tally.turns += 1;
        self.journal.end_turn(mark, &facts, &effects);
        self.touched.interactions.extend(touched.interactions);
        self.touched.works.extend(touched.works);
        self.touched.agents.extend(touched.agents);
        self.mentioned.extend(facts.iter().filter_map(|record| record.interaction));
        if let Some(first) = facts.first() {
            for visit in visits {
                let of = (first.tenant.clone(), visit.flow);
                self.visits.entry(of).or_default().count(visit.what);
            }
        }
        for effect in &effects {
            self.post(effect, now);
        }
        self.facts.extend(facts);
        self.effects.extend(effects);
        answer
    }

    pub(super) fn reply(&mut self, reply: Reply) {
        self.replies.push(reply);
    }

    pub(super) fn document(&mut self, row: DocumentRow) {
        let DocumentRow { tenant, kind, id, document } = row.clone();
        self.journal.record(&Record::Document(DocumentRecord { tenant, kind, id, document }));
        self.documents.push(row);
    }

    pub(super) fn acknowledge(&mut self, acknowledged: Acknowledged) {
        self.journal.record(&Record::Acknowledged(acknowledged.clone()));
        self.acknowledged.push(acknowledged);
    }

    /// The journal up to a group leaves with this one.
    pub(super) fn prune(&mut self, upto: u64) {
        self.journal.record(&Record::Pruned(upto));
        self.pruned = Some(upto);
    }

    pub(super) fn catalogue(&mut self, tenant: TenantId, catalogue: Arc<Catalogue>) {
        self.catalogues.push((tenant, catalogue));
    }

    /// Puts an effect on its touchpoint's outbox, unless an answer carries it or it is for a desk.
    fn post(&mut self, effect: &Effect, at: Timestamp) {
        let Some(touchpoint) = outbox_of(&effect.action) else { return };
        let place = u64::try_from(self.outbox.len()).expect("a length is no more than 64 bits");
        self.outbox.push(OutboxRow {
            position: position(self.seq, place),
            tenant: effect.tenant.clone(),
            touchpoint,
            effect: effect.id.to_string(),
            at,
            body: json(effect),
        });
    }

    /// Makes the rows. Everything touched is in hand until the switchboard is told to release it.
    pub(super) fn close(mut self, board: &Switchboard, at: Timestamp) -> Batch {
        if self.journal.is_empty() {
            return Batch {
                group: None,
                committed: Committed { group: self.seq - 1, facts: self.facts, effects: self.effects },
                floor: FloorChange::default(),
                catalogues: self.catalogues,
                replies: self.replies,
                tally: self.tally,
            };
        }
        let mut group = Group { seq: self.seq, at, ..Group::default() };
        let mut floor = FloorChange::default();
        self.write_interactions(&mut group, board);
        self.write_works(&mut group, &mut floor, board);
        self.write_agents(&mut group, &mut floor, board);
        if !self.visits.is_empty() {
            let visits = std::mem::take(&mut self.visits).into_iter();
            let records = visits.map(|((tenant, flow), visits)| VisitsRecord { tenant, flow, visits });
            self.journal.record(&Record::Visits(records.collect()));
        }
        let counters = board.counters();
        let counters = CountersRecord { interaction: counters.interaction, offer: counters.offer };
        self.journal.record(&Record::Counters(counters));
        group.journal = self.journal.finish();
        group.documents = self.documents;
        group.outbox = self.outbox;
        group.acknowledged = self.acknowledged;
        group.pruned = self.pruned;
        Batch {
            committed: Committed { group: group.seq, facts: self.facts, effects: self.effects },
            group: Some(Arc::new(group)),
            floor,
            catalogues: self.catalogues,
            replies: self.replies,
            tally: self.tally,
        }
    }

    fn write_interactions(&mut self, group: &mut Group, board: &Switchboard) {
        for id in &self.touched.interactions {
            let interaction = board.interaction(*id).expect("what is touched stays in hand until it is released");
            let body = self.journal.interaction(interaction);
            group.interactions.push(Arc::new(row_with(interaction, body)));
        }
        group.mentioned = self.mentioned.difference(&self.touched.interactions).copied().collect();
    }

    fn write_works(&mut self, group: &mut Group, floor: &mut FloorChange, board: &Switchboard) {
        for (tenant, id) in &self.touched.works {
            let work = board.work(tenant, *id);
            match work {
                Some(work) => {
                    let record = WorkRecord { tenant: tenant.clone(), work: work.clone() };
                    self.journal.record(&Record::Work(record));
                    group.works.push(work_row(tenant, work));
                }
                None => {
                    self.journal.record(&Record::WorkGone(*id));
                    group.works_gone.push(*id);
                }
            }
            floor.works.push((tenant.clone(), *id, work.cloned()));
        }
    }

    fn write_agents(&mut self, group: &mut Group, floor: &mut FloorChange, board: &Switchboard) {
        for (tenant, agent) in &self.touched.agents {
            let row = board.agent_row(tenant, agent);
            floor.agents.push((tenant.clone(), agent.clone(), row.as_ref().map(Into::into)));
            let (tenant, agent) = (tenant.clone(), agent.clone());
            match row {
                Some(row) => {
                    group.agents.push(AgentRow { tenant: tenant.clone(), agent, body: json(&row) });
                    self.journal.record(&Record::Agent(AgentRecord { tenant, row }));
                }
                None => {
                    group.agents_gone.push((tenant.clone(), agent.clone()));
                    self.journal.record(&Record::AgentGone { tenant, agent });
                }
            }
        }
    }
}

/// Whose outbox an effect belongs on; `None` when an answer carries it or it is for an agent's desk. Calls to the
/// outside have one of their own.
pub(crate) fn outbox_of(action: &Action) -> Option<TouchpointId> {
    match action {
        Action::SendMessage { touchpoint, in_answer, .. } => (!in_answer).then(|| touchpoint.clone()),
        Action::EndConversation { touchpoint, .. } | Action::Reach { touchpoint, .. } => Some(touchpoint.clone()),
        Action::Call(_) => Some(calls_outbox()),
        Action::ShowAgent { .. } => None,
    }
}

/// The name of the outbox of calls to the outside. No touchpoint may have it.
pub const CALLS_OUTBOX: &str = "0-calls";

pub(crate) fn calls_outbox() -> TouchpointId {
    TouchpointId::new(CALLS_OUTBOX).expect("it has the form of a touchpoint's id")
}

/// The place of a message in the outbox, or of a fact in a timeline.
pub(crate) const fn position(seq: u64, place: u64) -> u64 {
    (seq << PLACE_BITS) | place
}

/// The group of such a place.
pub(crate) const fn group_of(position: u64) -> u64 {
    position >> PLACE_BITS
}

/// The row of an interaction.
pub(crate) fn interaction_row(interaction: &Interaction) -> InteractionRow {
    row_with(interaction, json(interaction))
}

fn row_with(interaction: &Interaction, body: String) -> InteractionRow {
    InteractionRow {
        id: interaction.id,
        tenant: interaction.tenant.clone(),
        touchpoint: interaction.touchpoint.clone(),
        address: interaction.contact.address.to_string(),
        live: interaction.is_live(),
        due: interaction.due(),
        body,
    }
}

/// The row of a work.
pub(crate) fn work_row(tenant: &TenantId, work: &Work) -> WorkRow {
    let (state, agent) = standing(work);
    WorkRow { interaction: work.interaction, tenant: tenant.clone(), state, agent, body: json(work) }
}

/// Any state as the store keeps it.
pub(crate) fn json<T: Serialize>(state: &T) -> String {
    serde_json::to_string(state).expect("our states have text keys, and writing to memory does not fail")
}

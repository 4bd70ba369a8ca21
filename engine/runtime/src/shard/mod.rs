//! The shard's thread: wait, handle, hand over. It owns the switchboard and is the only one to change it.
//!
//! Inputs that arrive while the committer syncs gather in a draft; when the sync returns, the draft is the next group:
//! the group commit sets its own pace, and no timer is involved. Callers hear nothing before their group is on disk.
//!
//! What it deliberately does not do: it writes nothing itself, and decides nothing about contacts or agents.

mod clock;
mod draft;
mod mailbox;
mod recovery;
mod shelf;
mod standings;
mod sweep;
mod tallies;
mod window;

use std::{
    fmt,
    sync::{Arc, mpsc::SyncSender},
};

use routewright_engine::{
    TenantId, Timestamp,
    catalogue::Catalogue,
    event::Input,
    migration::MigrationRefusal,
    switchboard::{Answer, ShelfError, Switchboard},
};
use tokio::sync::oneshot;

use crate::{
    configure::Meaning,
    documents::{Change, DocumentKind, Expect, Revision, StoredDocument},
    error::{StoreError, SubmitError, WriteError},
    limits::{LEAVING_PER_SLICE_MAX, STANDINGS_PER_ROUND, TIMERS_PER_SLICE_MAX},
    shared::Shared,
    store::{Acknowledged, DocumentRow},
    views::Submitted,
};
use clock::LogicalClock;
pub use draft::CALLS_OUTBOX;
use draft::Draft;
pub(crate) use draft::{
    Batch, Reply, Told, calls_outbox, group_of, interaction_row, json, outbox_of, position, work_row,
};
use mailbox::Patience;
pub(crate) use mailbox::{Mailbox, Refused};
pub(crate) use recovery::recover;
use shelf::Shelves;
use standings::Standings;
use sweep::Sweep;
pub(crate) use tallies::Tallies;
use window::Window;

/// What is left in the mailbox.
#[derive(Debug)]
pub(crate) enum Command {
    Input { input: Box<Input>, reply: oneshot::Sender<Result<Submitted, SubmitError>> },
    Write(Write),
    Acknowledge { acknowledged: Acknowledged, reply: oneshot::Sender<Result<Vec<Revision>, WriteError>> },
    Ask(Question),
}

/// Something to read from the switchboard. It gives back the telling, which waits for the commit of what it saw.
pub(crate) struct Question {
    pub(crate) about: About,
    pub(crate) ask: Asking,
}

/// What a question needs to be known first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    /// Where everybody stands.
    Places,
    /// Nothing but what is known from the start.
    Rest,
}

/// Reads what somebody asked for.
pub(crate) type Asking = Box<dyn FnOnce(&Switchboard, &Tallies) -> Telling + Send>;

/// Tells somebody an answer.
pub(crate) type Telling = Box<dyn FnOnce() + Send>;

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Question").finish_non_exhaustive()
    }
}

/// A transaction of document changes, each with what it means.
#[derive(Debug)]
pub(crate) struct Write {
    pub(crate) tenant: TenantId,
    pub(crate) by: String,
    pub(crate) changes: Vec<(Change, Meaning)>,
    pub(crate) reply: oneshot::Sender<Result<Vec<Revision>, WriteError>>,
}

/// What comes first at one instant (DESIGN section 3, rule 3). Arrival decides within one rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// What people write and what contacts do.
    Contact,
    /// What comes by itself.
    Timer,
    /// What agents do.
    Agent,
    /// What people ask.
    Question,
}

impl Command {
    fn rank(&self) -> Rank {
        match self {
            Self::Input { input, .. } => match **input {
                Input::ContactWrote(_)
                | Input::ContactLeft(_)
                | Input::CallAnswered(_)
                | Input::Configured(..)
                | Input::Published(..)
                | Input::Released(..) => Rank::Contact,
                Input::TimerDue(_) | Input::FateReached { .. } => Rank::Timer,
                Input::Agent { .. } => Rank::Agent,
            },
            Self::Write(_) | Self::Acknowledge { .. } => Rank::Contact,
            // Whoever asks sees what this instant brought.
            Self::Ask(_) => Rank::Question,
        }
    }
}

/// Why the shard cannot go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Shelf(#[from] ShelfError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The state of the thread.
pub(crate) struct Shard {
    board: Switchboard,
    shelves: Shelves,
    clock: LogicalClock,
    /// The logical now of the present round.
    now: Timestamp,
    window: Window,
    /// The group being filled.
    draft: Draft,
    /// The number of the last group that writes something.
    last_seq: u64,
    /// True while the committer has a batch.
    committing: bool,
    committer: SyncSender<Batch>,
    shared: Arc<Shared>,
    group_max: usize,
    in_hand_max: usize,
    sweep: Sweep,
    tallies: Tallies,
    standings: Standings,
}

impl Shard {
    /// Runs until the mailbox is closed and empty, or something fails.
    pub(crate) fn run(mut self) -> Result<(), Failure> {
        loop {
            let patience = self.patience();
            let taken = self.shared.mailbox.take(self.room(), patience);
            if 0 < taken.committed {
                self.committing = false;
                self.shelves.in_flight = None;
            }
            if self.shared.has_failed() {
                return Ok(());
            }
            self.now = self.clock.now();
            self.window.refill(&mut self.board, &mut self.shelves, &self.draft, self.now)?;
            self.round(taken.commands)?;
            self.hand_over()?;
            self.standings.read_some(&mut self.board, &mut self.shelves, STANDINGS_PER_ROUND)?;
            if !taken.open && !self.committing {
                return Ok(());
            }
        }
    }

    /// How many inputs the draft still takes.
    fn room(&self) -> usize {
        usize::try_from(self.draft.tally.inputs).map_or(0, |inputs| self.group_max.saturating_sub(inputs))
    }

    fn patience(&mut self) -> Patience {
        if !self.standings.are_known() {
            return Patience::None;
        }
        let Some(deadline) = self.window.next_look(&mut self.board) else { return Patience::Endless };
        if deadline <= self.now {
            // With a full draft only the committer can help.
            return if self.room() == 0 { Patience::Endless } else { Patience::None };
        }
        self.clock.sleep_for(deadline).map_or(Patience::Endless, Patience::Bounded)
    }

    /// Serves what was taken, and timers in between. All of it happens at one instant.
    fn round(&mut self, mut commands: Vec<Command>) -> Result<(), Failure> {
        let room = self.room();
        let timers_max = if commands.is_empty() { room } else { room.min(TIMERS_PER_SLICE_MAX) };
        commands.sort_by_key(Command::rank);
        let n_before_timers = commands.partition_point(|command| command.rank() < Rank::Timer);
        let after_timers = commands.split_off(n_before_timers);
        for command in commands {
            self.serve(command)?;
        }
        for _ in 0..timers_max {
            let Some(key) = self.board.pop_due(self.now) else { break };
            self.draft.tally.timers += 1;
            self.input(Input::TimerDue(key))?;
        }
        // Nobody has left a version as long as some who may be on it are unknown.
        let leaving_max = if self.standings.are_known() { self.room().min(LEAVING_PER_SLICE_MAX) } else { 0 };
        for _ in 0..leaving_max {
            let Some(input) = self.board.next_to_leave(self.now) else { break };
            self.input(input)?;
        }
        for command in after_timers {
            self.serve(command)?;
        }
        self.shared.set_timers(self.board.deadlines());
        Ok(())
    }

    fn serve(&mut self, command: Command) -> Result<(), Failure> {
        match command {
            Command::Input { input, reply } => {
                let answer = self.input(*input)?;
                self.draft.reply(Reply::Input(reply, answer));
            }
            Command::Write(write) => self.write(write)?,
            Command::Acknowledge { acknowledged, reply } => {
                self.draft.acknowledge(acknowledged);
                self.draft.reply(Reply::Written(reply, Ok(Vec::new())));
            }
            Command::Ask(Question { about, ask }) => {
                if about == About::Places {
                    self.standings.read_all(&mut self.board, &mut self.shelves)?;
                }
                self.draft.reply(Reply::Told(Told(ask(&self.board, &self.tallies))));
            }
        }
        Ok(())
    }

    fn input(&mut self, input: Input) -> Result<Answer, Failure> {
        let mark = self.draft.begin(self.now, &input);
        let output = self.board.handle(input, self.now, &mut self.shelves)?;
        if let Some(first) = output.facts.first() {
            self.tallies.count(&first.tenant, &output.visits);
        }
        Ok(self.draft.end(mark, self.now, output))
    }

    /// Writes documents and puts what they mean in force, all or nothing.
    fn write(&mut self, write: Write) -> Result<(), Failure> {
        let Write { tenant, by, changes, reply } = write;
        let mut rows: Vec<DocumentRow> = Vec::with_capacity(changes.len());
        let mut meanings = Vec::with_capacity(changes.len());
        let n_before = self.draft.documents.len();
        for (change, meaning) in changes {
            let (kind, id, expect) = change.target();
            // Changes of one transaction see each other.
            self.draft.documents.append(&mut rows);
            let found = self.shelves.revision(&self.draft.documents, &tenant, kind, id)?;
            rows = self.draft.documents.split_off(n_before);
            let expect = bound(&change, expect);
            if !expect.admits(found) {
                let conflict = WriteError::Conflict { kind, id: id.to_owned(), expected: expect, found };
                self.draft.reply(Reply::Written(reply, Err(conflict)));
                return Ok(());
            }
            rows.push(self.row(&tenant, &by, change, found));
            meanings.push(meaning);
        }
        if meanings.iter().any(|meaning| matches!(meaning, Meaning::Release(_))) {
            self.standings.read_all(&mut self.board, &mut self.shelves)?;
        }
        if let Err(refusal) = self.check_releases(&tenant, &meanings) {
            self.draft.reply(Reply::Written(reply, Err(WriteError::Migration(Box::new(refusal)))));
            return Ok(());
        }
        let revisions = rows.iter().map(|row| Revision(row.document.as_ref().map_or(0, |d| d.revision))).collect();
        for row in rows {
            self.forget_visits(&row);
            self.draft.document(row);
        }
        self.put_in_force(&tenant, meanings)?;
        self.draft.reply(Reply::Written(reply, Ok(revisions)));
        Ok(())
    }

    /// Judged here, where nobody moves between the judgement and the release.
    fn check_releases(&self, tenant: &TenantId, meanings: &[Meaning]) -> Result<(), MigrationRefusal> {
        let flow_of = |meaning: &Meaning| match meaning {
            Meaning::Version(flow) => Some(Arc::clone(flow)),
            Meaning::Setting(_) | Meaning::Release(_) | Meaning::Tenant | Meaning::Kept => None,
        };
        let new: Vec<_> = meanings.iter().filter_map(flow_of).collect();
        meanings.iter().try_for_each(|meaning| match meaning {
            Meaning::Release(release) => self.board.check_release(tenant, release, &new),
            Meaning::Setting(_) | Meaning::Version(_) | Meaning::Tenant | Meaning::Kept => Ok(()),
        })
    }

    /// The totals of a version go with it.
    fn forget_visits(&mut self, row: &DocumentRow) {
        if row.kind == DocumentKind::FlowVersion && row.document.is_none() && self.tallies.forget(&row.tenant, &row.id)
        {
            let (tenant, id) = (row.tenant.clone(), row.id.clone());
            self.draft.document(DocumentRow { tenant, kind: DocumentKind::Visits, id, document: None });
        }
    }

    fn row(&self, tenant: &TenantId, by: &str, change: Change, found: Option<u64>) -> DocumentRow {
        let tenant = tenant.clone();
        match change {
            Change::Put { kind, id, body, .. } => {
                let revision = found.unwrap_or(0) + 1;
                let by = by.to_owned();
                let document = StoredDocument { id: id.clone(), revision, updated_at: self.now, by, body };
                DocumentRow { tenant, kind, id, document: Some(document) }
            }
            Change::Delete { kind, id, .. } => DocumentRow { tenant, kind, id, document: None },
        }
    }

    /// One new snapshot of the settings for the whole transaction, then versions, then releases.
    fn put_in_force(&mut self, tenant: &TenantId, meanings: Vec<Meaning>) -> Result<(), Failure> {
        let known = self.board.catalogue(tenant);
        let mut catalogue = known.map_or_else(Catalogue::default, |catalogue| Catalogue::clone(catalogue));
        let mut is_changed = known.is_none();
        let (mut versions, mut releases) = (Vec::new(), Vec::new());
        for meaning in meanings {
            match meaning {
                Meaning::Setting(setting) => {
                    setting.enter(&mut catalogue);
                    is_changed = true;
                }
                Meaning::Version(flow) => versions.push(flow),
                Meaning::Release(release) => releases.push(release),
                Meaning::Tenant | Meaning::Kept => {}
            }
        }
        if is_changed {
            catalogue.version += 1;
            let catalogue = Arc::new(catalogue);
            self.draft.catalogue(tenant.clone(), Arc::clone(&catalogue));
            self.input(Input::Configured(tenant.clone(), catalogue))?;
        }
        for flow in versions {
            self.input(Input::Published(tenant.clone(), flow))?;
        }
        for release in releases {
            self.input(Input::Released(tenant.clone(), release))?;
        }
        Ok(())
    }

    /// Gives the draft to the committer when that is free, and begins the next one.
    fn hand_over(&mut self) -> Result<(), Failure> {
        if self.committing || self.draft.is_idle() {
            return Ok(());
        }
        self.sweep.ride(&mut self.draft, &mut *self.shelves.reader, self.now)?;
        self.tallies.ride(&mut self.draft, self.last_seq + 1, self.now);
        let draft = std::mem::replace(&mut self.draft, Draft::new(0, 0));
        let batch = draft.close(&self.board, self.now);
        // The next group is about as large as this one.
        let journal_bytes = batch.group.as_ref().map_or(0, |group| group.journal.len());
        self.board.release(self.in_hand_max);
        if let Some(group) = &batch.group {
            self.last_seq = group.seq;
            self.shelves.in_flight = Some(Arc::clone(group));
            self.committing = true;
            // A committer that is gone has said why; `run` finds out in its next round.
            let _ = self.committer.send(batch);
        } else {
            // Nothing to write and nothing being written: the answers need not wait.
            self.shared.publish(batch, None).give();
        }
        self.draft = Draft::new(self.last_seq + 1, journal_bytes);
        Ok(())
    }
}

/// A published version never changes: writing it again is a conflict, whatever the writer expects.
fn bound(change: &Change, expect: Expect) -> Expect {
    match change {
        Change::Put { kind: DocumentKind::FlowVersion, .. } => Expect::Absent,
        Change::Put { .. } | Change::Delete { .. } => expect,
    }
}

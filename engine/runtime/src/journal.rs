//! The journal: what happened and what came of it, one row per group commit, as text with one JSON record per line.
//!
//! The first line names the format. Then come turns in the order they were handled, then the deltas of the group: each
//! changed row as it is from then on. A reader never needs to run a script or a decision again, so an upgrade cannot
//! change the past, and rows may be written later than their journal (they say which group wrote them).
//!
//! What it deliberately does not do: it does not compress and does not index. A line can be found and read with the
//! tools every operator has.

use routewright_engine::{
    AgentId, InteractionId, TenantId, Timestamp,
    capacity::{AgentRow, Work},
    contact::ContactKey,
    effect::Effect,
    event::{AgentAction, CallAnswered, ContactWrote, Input},
    fact::{Fact, FactRecord},
    interaction::{FlowVersion, Interaction},
    timers::TimerKey,
    visits::VersionVisits,
};
use routewright_flows::FlowId;
use serde::{Deserialize, Serialize, Serializer};

use crate::{
    documents::{DocumentKind, StoredDocument},
    error::StoreError,
    store::{Acknowledged, JournalRow},
};

/// The first line of every row that this version writes.
const FORMAT: &[u8] = b"{\"journal\":2}\n";

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// One input and what came of it.
    Turn(TurnRecord),
    /// An interaction as it is from then on.
    Interaction(Box<Interaction>),
    /// A work as it is from then on.
    Work(WorkRecord),
    /// A work that is no more.
    WorkGone(InteractionId),
    /// An agent as he is from then on.
    Agent(AgentRecord),
    /// An agent who is no more.
    AgentGone {
        /// Whose.
        tenant: TenantId,
        /// Who.
        agent: AgentId,
    },
    /// A document as it is from then on.
    Document(DocumentRecord),
    /// A touchpoint has its messages up to a position.
    Acknowledged(Acknowledged),
    /// The journal up to this group left with this row.
    Pruned(u64),
    /// What the turns of this row counted.
    Visits(Vec<VisitsRecord>),
    /// Where the numbering stands; every row ends with it.
    Counters(CountersRecord),
}

/// What one row counted of one version of a flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VisitsRecord {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub flow: FlowVersion,
    /// How much.
    pub visits: VersionVisits,
}

/// The numbers that the next interaction and the next offer get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountersRecord {
    /// Of the next interaction.
    pub interaction: u64,
    /// Of the next offer.
    pub offer: u64,
}

/// One input and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TurnRecord {
    /// The instant it was handled at.
    pub now: Timestamp,
    /// The input.
    pub input: InputRecord,
    /// What happened, in order: consecutive facts of one turn of one interaction together.
    pub facts: Vec<Happening>,
    /// What was to be done outside after the commit, in order. What the answer to a contact's own message says is not
    /// among it: it is what the facts of that turn say was sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<Effect>,
}

impl TurnRecord {
    /// Its facts with their circumstances, in order.
    pub fn into_facts(self) -> impl Iterator<Item = FactRecord> {
        let at = self.now;
        self.facts.into_iter().flat_map(move |of| {
            let Happening { tenant, interaction, turn, facts } = of;
            facts.into_iter().map(move |fact| FactRecord { tenant: tenant.clone(), at, interaction, turn, fact })
        })
    }
}

/// Facts that share their circumstances.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Happening {
    /// Whose.
    pub tenant: TenantId,
    /// Of which interaction, when of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interaction: Option<InteractionId>,
    /// In which of its turns; 0 when it is only spoken of.
    #[serde(default)]
    pub turn: u64,
    /// What, in order.
    pub facts: Vec<Fact>,
}

/// The same by reference, to write without copying.
#[derive(Serialize)]
struct HappeningView<'a> {
    tenant: &'a TenantId,
    #[serde(skip_serializing_if = "Option::is_none")]
    interaction: Option<InteractionId>,
    turn: u64,
    facts: FactsView<'a>,
}

struct FactsView<'a>(&'a [FactRecord]);

impl Serialize for FactsView<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.iter().map(|record| &record.fact))
    }
}

impl<'a> HappeningView<'a> {
    /// Facts in runs of the same circumstances.
    fn runs(facts: &'a [FactRecord]) -> impl Iterator<Item = Self> {
        let circumstances = |record: &FactRecord| (record.interaction, record.turn);
        facts
            .chunk_by(move |a, b| circumstances(a) == circumstances(b) && a.tenant == b.tenant)
            .filter_map(|run| run.first().map(|first| (first, run)))
            .map(|(first, run)| Self {
                tenant: &first.tenant,
                interaction: first.interaction,
                turn: first.turn,
                facts: FactsView(run),
            })
    }
}

/// An input as the journal keeps it: settings and flows by their version, all else whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputRecord {
    /// See [`Input::ContactWrote`].
    ContactWrote(ContactWrote),
    /// See [`Input::ContactLeft`].
    ContactLeft(ContactKey),
    /// See [`Input::CallAnswered`].
    CallAnswered(CallAnswered),
    /// See [`Input::Agent`].
    Agent {
        /// His tenant.
        tenant: TenantId,
        /// Who.
        agent: AgentId,
        /// What.
        action: AgentAction,
    },
    /// See [`Input::TimerDue`].
    TimerDue(TimerKey),
    /// See [`Input::Configured`].
    Configured {
        /// Whose settings.
        tenant: TenantId,
        /// The snapshot.
        version: u64,
    },
    /// See [`Input::Published`].
    Published {
        /// Whose flow.
        tenant: TenantId,
        /// The version.
        flow: FlowVersion,
    },
    /// See [`Input::Released`].
    Released {
        /// Whose flow.
        tenant: TenantId,
        /// The flow.
        flow: FlowId,
        /// The live version.
        live: Option<u32>,
    },
    /// See [`Input::FateReached`].
    FateReached {
        /// Its tenant.
        tenant: TenantId,
        /// Which.
        interaction: InteractionId,
    },
}

/// The same by reference, to write without copying.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum InputView<'a> {
    ContactWrote(&'a ContactWrote),
    ContactLeft(&'a ContactKey),
    CallAnswered(&'a CallAnswered),
    Agent { tenant: &'a TenantId, agent: &'a AgentId, action: &'a AgentAction },
    TimerDue(&'a TimerKey),
    Configured { tenant: &'a TenantId, version: u64 },
    Published { tenant: &'a TenantId, flow: &'a FlowVersion },
    Released { tenant: &'a TenantId, flow: &'a FlowId, live: Option<u32> },
    FateReached { tenant: &'a TenantId, interaction: InteractionId },
}

impl<'a> InputView<'a> {
    fn of(input: &'a Input) -> Self {
        match input {
            Input::ContactWrote(wrote) => Self::ContactWrote(wrote),
            Input::ContactLeft(key) => Self::ContactLeft(key),
            Input::CallAnswered(answered) => Self::CallAnswered(answered),
            Input::Agent { tenant, agent, action } => Self::Agent { tenant, agent, action },
            Input::TimerDue(key) => Self::TimerDue(key),
            Input::Configured(tenant, catalogue) => Self::Configured { tenant, version: catalogue.version },
            Input::Published(tenant, flow) => Self::Published { tenant, flow: &flow.version },
            Input::Released(tenant, release) => Self::Released { tenant, flow: &release.flow, live: release.plan.live },
            Input::FateReached { tenant, interaction } => Self::FateReached { tenant, interaction: *interaction },
        }
    }
}

/// A work as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkRecord {
    /// Whose.
    pub tenant: TenantId,
    /// The work.
    pub work: Work,
}

/// An agent as he is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgentRecord {
    /// Whose.
    pub tenant: TenantId,
    /// The agent.
    pub row: AgentRow,
}

/// A document as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DocumentRecord {
    /// Whose.
    pub tenant: TenantId,
    /// Its kind.
    pub kind: DocumentKind,
    /// Its id.
    pub id: String,
    /// What it is; `None` when it was deleted.
    pub document: Option<StoredDocument>,
}

/// Writes one row.
#[derive(Debug)]
pub struct JournalWriter {
    text: Vec<u8>,
}

impl JournalWriter {
    /// An empty row with room for so many bytes.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        let mut text = Vec::with_capacity(bytes.max(FORMAT.len()));
        text.extend_from_slice(FORMAT);
        Self { text }
    }

    /// Begins a turn, before the input is handled and gone. Give the mark to [`JournalWriter::end_turn`] or
    /// [`JournalWriter::drop_turn`].
    pub fn begin_turn(&mut self, now: Timestamp, input: &Input) -> TurnMark {
        let mark = TurnMark(self.text.len());
        self.text.extend_from_slice(b"{\"turn\":{\"now\":");
        self.json(&now);
        self.text.extend_from_slice(b",\"input\":");
        self.json(&InputView::of(input));
        mark
    }

    /// The input changed something.
    pub fn end_turn(&mut self, _: TurnMark, facts: &[FactRecord], effects: &[Effect]) {
        self.text.extend_from_slice(b",\"facts\":");
        self.list(HappeningView::runs(facts));
        let mut outside = effects.iter().filter(|effect| !effect.is_in_answer()).peekable();
        if outside.peek().is_some() {
            self.text.extend_from_slice(b",\"effects\":");
            self.list(outside);
        }
        self.text.extend_from_slice(b"}}\n");
    }

    /// The input changed nothing: it leaves no trace.
    pub fn drop_turn(&mut self, mark: TurnMark) {
        self.text.truncate(mark.0);
    }

    /// An interaction. Gives its JSON, so that its row need not be written a second time.
    pub fn interaction(&mut self, interaction: &Interaction) -> String {
        self.text.extend_from_slice(b"{\"interaction\":");
        let begin = self.text.len();
        self.json(interaction);
        let body = str::from_utf8(&self.text[begin..]).expect("JSON is text").to_owned();
        self.text.extend_from_slice(b"}\n");
        body
    }

    /// Any other record.
    pub fn record(&mut self, record: &Record) {
        self.json(record);
        self.text.push(b'\n');
    }

    /// True when nothing was written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.len() == FORMAT.len()
    }

    /// The row.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.text
    }

    fn list<T: Serialize>(&mut self, items: impl Iterator<Item = T>) {
        self.text.push(b'[');
        for (n, item) in items.enumerate() {
            if 0 < n {
                self.text.push(b',');
            }
            self.json(&item);
        }
        self.text.push(b']');
    }

    fn json<T: Serialize + ?Sized>(&mut self, value: &T) {
        serde_json::to_writer(&mut self.text, value)
            .expect("our records have text keys, and writing to memory does not fail");
    }
}

/// Where a turn begins in a row.
#[derive(Debug, Clone, Copy)]
#[must_use = "a turn that was begun must be ended or dropped"]
pub struct TurnMark(usize);

/// Reads a row.
///
/// # Errors
/// [`StoreError::Damaged`] for a format or a line that this version does not know.
pub fn records(row: &JournalRow) -> Result<Vec<Record>, StoreError> {
    lines(row)?.map(|line| read(row, line)).collect()
}

/// Reads only the turns of a row.
///
/// # Errors
/// As for [`records`].
pub fn turns(row: &JournalRow) -> Result<Vec<TurnRecord>, StoreError> {
    let mut turns = Vec::new();
    for line in lines(row)?.filter(|line| line.starts_with(b"{\"turn\":")) {
        if let Record::Turn(turn) = read(row, line)? {
            turns.push(turn);
        }
    }
    Ok(turns)
}

/// Reads only the turns of a row that speak of one interaction.
///
/// # Errors
/// As for [`records`].
pub fn turns_of(row: &JournalRow, id: InteractionId) -> Result<Vec<TurnRecord>, StoreError> {
    // Ids stand in quotes wherever they occur, so a line without this text does not speak of it.
    let name = format!("\"{id}\"");
    let name = memchr::memmem::Finder::new(name.as_bytes());
    let mut turns = Vec::new();
    for line in lines(row)? {
        if line.starts_with(b"{\"turn\":")
            && name.find(line).is_some()
            && let Record::Turn(turn) = read(row, line)?
        {
            turns.push(turn);
        }
    }
    Ok(turns)
}

/// Reads only what a row says of visits: what it counted, and which documents changed.
///
/// # Errors
/// As for [`records`].
pub fn visits_of(row: &JournalRow) -> Result<Vec<Record>, StoreError> {
    let speaks = |line: &&[u8]| line.starts_with(b"{\"visits\":") || line.starts_with(b"{\"document\":");
    lines(row)?.filter(speaks).map(|line| read(row, line)).collect()
}

fn lines(row: &JournalRow) -> Result<impl Iterator<Item = &[u8]>, StoreError> {
    let Some(text) = row.body.strip_prefix(FORMAT) else {
        return Err(damaged(row, "its first line does not name a format of this version"));
    };
    Ok(text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()))
}

fn read(row: &JournalRow, line: &[u8]) -> Result<Record, StoreError> {
    serde_json::from_slice(line).map_err(|error| damaged(row, error))
}

fn damaged(row: &JournalRow, message: impl ToString) -> StoreError {
    StoreError::Damaged { what: format!("group {} of the journal", row.seq), message: message.to_string() }
}

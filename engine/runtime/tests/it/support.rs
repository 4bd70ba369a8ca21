//! A small contact centre in a temporary directory, and a store that breaks when it is told to.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use routewright_engine::{
    AgentId, InteractionId, OfferId, TenantId, Timestamp, TouchpointId,
    contact::{ContactKey, Message},
    event::{AgentAction, ContactWrote, Input, PresenceStatus},
    switchboard::Answer,
};
use routewright_runtime::{
    Change, DocumentKind, Expect, ManualClock, OpenError, Options, Runtime, StoreError, SubmitError, Submitted,
    store::{Group, Reader, SqliteStore, Store, Tidied},
};
use serde_json::{Value, json};

pub const START: Timestamp = Timestamp(1_780_000_000_000);

pub fn acme() -> TenantId {
    TenantId::new("acme").expect("a valid name")
}

pub fn web() -> TouchpointId {
    TouchpointId::new("web").expect("a valid name")
}

pub fn ana() -> AgentId {
    AgentId::new("ana").expect("a valid name")
}

pub fn options(directory: &Path, clock: &Arc<ManualClock>) -> Options {
    let clock: Arc<ManualClock> = Arc::clone(clock);
    Options { clock, ..Options::new(directory, Arc::new(routewright_nodes::standard())) }
}

pub async fn open(directory: &Path, clock: &Arc<ManualClock>) -> Runtime {
    Runtime::open(options(directory, clock)).await.expect("it opens without help")
}

/// Greets, waits up to an hour for an answer, then puts the contact in line; an agent's conversation ends the flow.
pub fn flow() -> Value {
    json!({
        "schema": 1,
        "id": "welcome",
        "title": { "en": "Welcome" },
        "texts": { "hello": { "en": "Hello" }, "silence": { "en": "Are you there?" } },
        "entry": "greet",
        "nodes": {
            "greet": { "kind": "send_message", "config": { "text": "@hello" }, "exits": { "done": "pause" } },
            "pause": { "kind": "wait", "config": { "for": "1h", "interruptible": true },
                       "exits": { "done": "remind", "message": "skills" } },
            "remind": { "kind": "send_message", "config": { "text": "@silence" }, "exits": { "done": { "end": "no_answer" } } },
            "skills": { "kind": "require_skills", "config": { "skills": { "sales": 20 } }, "exits": { "done": "queue" } },
            "queue": { "kind": "enqueue", "config": {},
                       "exits": { "ended": { "end": "handled" }, "timeout": { "end": "nobody" } } }
        }
    })
}

pub fn put(kind: DocumentKind, id: &str, body: Value) -> Change {
    Change::Put { kind, id: id.to_owned(), expect: Expect::Any, body }
}

/// Settings, one agent and the flow, live.
pub fn settings() -> Vec<Change> {
    vec![
        put(DocumentKind::Tenant, "acme", json!({})),
        put(DocumentKind::Skill, "sales", json!({})),
        put(DocumentKind::Profile, "usual", json!({ "default": true })),
        put(DocumentKind::Agent, "ana", json!({ "name": "Ana", "skills": { "sales": 1 } })),
        put(
            DocumentKind::Touchpoint,
            "web",
            json!({ "channel": "webchat", "default_skill": "sales", "default_flow": "welcome", "locale": "en", "active": true }),
        ),
        put(DocumentKind::FlowVersion, "welcome@1", json!({ "document": flow() })),
        put(DocumentKind::Release, "welcome", json!({ "live": 1 })),
    ]
}

pub async fn furnish(runtime: &Runtime) {
    runtime.write(acme(), "test".to_owned(), settings()).await.expect("the settings are sound");
}

pub fn wrote(address: &str, event: &str, text: &str) -> Input {
    Input::ContactWrote(ContactWrote {
        from: ContactKey { tenant: acme(), touchpoint: web(), address: address.into() },
        event_id: event.into(),
        message: Message { text: text.to_owned(), choice: None },
        name: None,
        locale: None,
        fields: std::collections::BTreeMap::new(),
    })
}

pub fn agent(action: AgentAction) -> Input {
    Input::Agent { tenant: acme(), agent: ana(), action }
}

pub fn presence(status: PresenceStatus) -> Input {
    agent(AgentAction::SetPresence { status })
}

pub fn accept(offer: OfferId) -> Input {
    agent(AgentAction::Accept { offer })
}

/// What a contact was told, as plain texts.
pub fn heard(submitted: &Submitted) -> (InteractionId, Vec<String>) {
    match &submitted.answer {
        Answer::Heard { interaction, said, .. } => (*interaction, said.iter().map(|said| said.text.clone()).collect()),
        other => panic!("a contact is heard, not {other:?}"),
    }
}

/// Waits until something holds; the shard works on its own threads.
pub async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let mut look = tokio::time::interval(Duration::from_millis(2));
    let looking = async {
        while !holds().await {
            look.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), looking).await.unwrap_or_else(|_| panic!("in time: {what}"));
}

/// No row disagrees with the journal.
pub async fn sound(runtime: &Runtime) {
    let report = runtime.verify_journal().await.expect("it can be checked");
    assert_eq!(report.findings, Vec::<String>::new(), "rows are what the journal says");
}

/// When the writer dies, relative to the commit of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Death {
    /// Nothing of the group reaches the disk.
    Before,
    /// The group is on disk and nobody hears of it.
    After,
}

/// A store whose writer dies at one commit.
pub struct Mortal {
    store: SqliteStore,
    commits: Arc<AtomicU64>,
    at: u64,
    death: Death,
}

impl Mortal {
    pub fn open(
        directory: &Path,
        commits: &Arc<AtomicU64>,
        at: u64,
        death: Death,
    ) -> Result<Box<dyn Store>, OpenError> {
        let mut store = SqliteStore::open(directory)?;
        if at.is_multiple_of(2) {
            // Now and then a commit writes rows of earlier groups along with its own.
            store.bound_lag(8 * 1024);
        }
        Ok(Box::new(Self { store, commits: Arc::clone(commits), at, death }))
    }
}

impl Store for Mortal {
    fn commit(&mut self, group: &Group) -> Result<(), StoreError> {
        let died = || StoreError::Failed { doing: "sync a group", message: "disk I/O error".to_owned() };
        let n = self.commits.fetch_add(1, Ordering::SeqCst) + 1;
        assert!(n <= self.at, "a failed commit is never followed by another");
        if n < self.at {
            return self.store.commit(group);
        }
        if self.death == Death::After {
            self.store.commit(group)?;
        }
        Err(died())
    }

    fn settled(&self) -> u64 {
        self.store.settled()
    }

    fn recall(&mut self, group: &Group) -> Result<(), StoreError> {
        self.store.recall(group)
    }

    fn tidy(&mut self) -> Result<Tidied, StoreError> {
        self.store.tidy()
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        self.store.reader()
    }
}

/// True when the shard was gone.
pub fn is_stopped(result: &Result<Submitted, SubmitError>) -> bool {
    matches!(result, Err(SubmitError::Stopped))
}

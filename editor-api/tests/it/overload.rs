//! More than the shard can take: a disk that hangs while callers keep coming. The store is the real one; its writer
//! stands still at a gate.

use std::{
    path::PathBuf,
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::future::{BoxFuture, FutureExt, join_all};
use reqwest::StatusCode;
use routewright_engine::{
    contact::{ContactKey, Message},
    event::{ContactWrote, Input},
};
use routewright_runtime::{
    Options, Runtime, StoreError, SubmitError, Submitted,
    store::{Group, Reader, SqliteStore, Store, Tidied},
};
use serde_json::json;
use tempfile::TempDir;
use tokio::time::{interval, timeout};

use crate::server::{Answer, Server, options, queueing};

const MAILBOX_MAX: usize = 8;
const CALLERS: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_mailbox_answers_overloaded_loses_nothing_and_leaves_others_alone() {
    let (server, gate) = gated().await;
    server.touchpoint_with(queueing("queue", "general")).await;
    server.create("agents", "lea", json!({})).await;
    let before = server.write("before", "1", "hello").await.ok();
    gate.shut();
    let held = fill(&server.door.runtime, &gate).await;

    let names: Vec<_> = (0..CALLERS).map(|n| format!("c{n}")).collect();
    let write = |name| server.write(name, "1", "hello");
    join_all(names.iter().map(|name| write(name))).await.into_iter().for_each(overloaded);
    overloaded(server.post("/api/v1/skills", &server.admin, json!({ "id": "sales", "settings": {} })).await);
    overloaded(server.get("/api/v1/agents/lea/why", &server.admin).await);
    // Whoever only looks is served as ever, and is shown nothing that could still be lost.
    for path in ["/healthz", "/readyz", "/api/v1/desks", "/api/v1/flows"] {
        server.get(path, &server.admin).await.ok();
    }
    let interaction = before["interaction"].as_str().expect("an id");
    server.get(&format!("/api/v1/interactions/{interaction}"), &server.admin).await.ok();
    let seen = server.get("/api/v1/interactions", &server.admin).await.ok();
    assert_eq!(seen["items"].as_array().map(Vec::len), Some(1), "what is not committed is not shown: {seen}");
    let metrics = server.get("/metrics", "").await.ok();
    let counted = format!("routewright_inputs_overloaded_total {}", CALLERS + 2);
    assert!(metrics.as_str().is_some_and(|text| text.contains(&counted)), "{metrics}");

    gate.open();
    let n_held = held.len();
    for answer in join_all(held).await {
        assert!(!answer.expect("what was taken is answered").repeated);
    }
    for name in &names {
        assert_eq!(write(name).await.ok()["repeated"], false, "nothing of what was refused was kept: {name}");
    }
    for n in 0..n_held {
        assert_eq!(server.write(&format!("held{n}"), "1", "hello").await.ok()["repeated"], true, "held{n} was heard");
    }
    let all = server.get("/api/v1/interactions?limit=500", &server.admin).await.ok();
    assert_eq!(all["items"].as_array().map(Vec::len), Some(1 + n_held + CALLERS), "one conversation for each");
}

type Held = BoxFuture<'static, Result<Submitted, SubmitError>>;

/// Inputs until no more fit: one on its way to the disk, one in the next group, and a full mailbox.
async fn fill(runtime: &Runtime, gate: &Gate) -> Vec<Held> {
    let mut held = Vec::new();
    let post = async |held: &mut Vec<Held>| {
        let (runtime, input) = (runtime.clone(), wrote(format!("held{}", held.len())));
        let mut submitted = async move { runtime.submit(input).await }.boxed();
        assert!((&mut submitted).now_or_never().is_none(), "it waits for its commit");
        held.push(submitted);
    };
    post(&mut held).await;
    eventually("the writer stands at the gate", || gate.reached.load(Ordering::SeqCst)).await;
    post(&mut held).await;
    eventually("the next group has begun", || runtime.stats().waiting_inputs == 0).await;
    for _ in 0..MAILBOX_MAX {
        post(&mut held).await;
    }
    held
}

async fn eventually(what: &str, holds: impl Fn() -> bool) {
    let mut look = interval(Duration::from_millis(2));
    let looking = async {
        while !holds() {
            look.tick().await;
        }
    };
    timeout(Duration::from_secs(20), looking).await.unwrap_or_else(|_| panic!("in time: {what}"));
}

fn wrote(address: String) -> Input {
    let (tenant, touchpoint) = ("main".parse().expect("a name"), "web".parse().expect("a name"));
    Input::ContactWrote(ContactWrote {
        from: ContactKey { tenant, touchpoint, address: address.into() },
        event_id: "1".into(),
        message: Message { text: "hello".to_owned(), choice: None },
        name: None,
        locale: None,
        fields: std::collections::BTreeMap::new(),
    })
}

fn overloaded(answer: Answer) {
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.body);
    let wait: u64 = answer.headers["retry-after"].to_str().expect("text").parse().expect("seconds");
    assert!((1..60).contains(&wait));
    answer.problem(503, "overloaded");
}

/// A server whose store has a gate, open at first.
async fn gated() -> (Server, Arc<Gate>) {
    let dir = TempDir::new().expect("a directory");
    let gate = Arc::new(Gate::default());
    let (place, guard): (PathBuf, _) = (dir.path().to_owned(), Arc::clone(&gate));
    let store = move || {
        let store = SqliteStore::open(&place)?;
        Ok(Box::new(Gated { store, gate: guard }) as Box<dyn Store>)
    };
    let options = Options { mailbox_max: MAILBOX_MAX, group_max: 1, ..options(&dir) };
    let runtime = Runtime::open_on(options, store).await.expect("the store opens");
    (Server::on(runtime, dir).await, gate)
}

/// Where a writer stands still.
#[derive(Default)]
struct Gate {
    shut: Mutex<bool>,
    news: Condvar,
    /// The writer stood there while it was shut.
    reached: AtomicBool,
}

impl Gate {
    fn shut(&self) {
        *self.shut.lock().expect("no panic") = true;
    }

    fn open(&self) {
        *self.shut.lock().expect("no panic") = false;
        self.news.notify_all();
    }

    fn pass(&self) {
        let shut = self.shut.lock().expect("no panic");
        self.reached.store(*shut, Ordering::SeqCst);
        drop(self.news.wait_while(shut, |shut| *shut).expect("no panic"));
    }
}

struct Gated {
    store: SqliteStore,
    gate: Arc<Gate>,
}

impl Store for Gated {
    fn commit(&mut self, group: &Group) -> Result<(), StoreError> {
        self.gate.pass();
        self.store.commit(group)
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

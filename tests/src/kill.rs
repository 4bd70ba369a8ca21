//! The kill test: a real server under concurrent load, killed with `kill -9` at random moments and started again,
//! and then every promise counted.
//!
//! - every acknowledged message of a contact is in exactly one timeline exactly once, with the answer he was given;
//! - a message sent again, before or after a kill, gets the first answer;
//! - every acknowledged message of an agent was said exactly once;
//! - every offer ended at most once, and no agent ever had more than his profile allows;
//! - no timer is lost: when all is over, nothing is overdue.
//!
//! It drives the product through HTTP alone and knows none of its types.

mod ledger;
mod people;

use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{client::Reply, server::Server, sim::rng::Rng};
pub use ledger::{Acknowledged, Ledger};

/// How hard to try.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// How often the server is killed.
    pub kills: u32,
    /// Contacts that write, each from a thread of his own.
    pub contacts: u32,
    /// Agents that answer, likewise.
    pub agents: u32,
    /// Chooses the moments and what people do; threads make the rest of each run its own.
    pub seed: u64,
}

/// What a run came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Acknowledged messages of contacts.
    pub messages: usize,
    /// Acknowledged messages of agents.
    pub replies: usize,
    /// Interactions they made.
    pub interactions: usize,
    /// Requests that a kill cut off and that were sent again.
    pub cut_off: usize,
}

/// Most contacts at once in the centre's profile.
pub(crate) const CONTACTS_MAX: usize = 3;

/// The server as people see it: sometimes gone, then back at another address.
#[derive(Debug)]
pub(crate) struct World {
    address: Mutex<Option<SocketAddr>>,
    back: Condvar,
    over: AtomicBool,
    pub(crate) ledger: Mutex<Ledger>,
    pub(crate) progress: Condvar,
}

impl World {
    fn new() -> Self {
        Self {
            address: Mutex::new(None),
            back: Condvar::new(),
            over: AtomicBool::new(false),
            ledger: Mutex::new(Ledger::default()),
            progress: Condvar::new(),
        }
    }

    fn serve_at(&self, address: Option<SocketAddr>) {
        *self.address.lock().unwrap_or_else(PoisonError::into_inner) = address;
        self.back.notify_all();
    }

    /// True when everybody should go home.
    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    /// Sends a request until it is answered: over and over, to wherever the server is. `None` when all is over.
    pub(crate) fn insist(&self, method: &str, path: &str, key: &str, body: Option<&Value>) -> Option<Reply> {
        loop {
            let address = self.wait_for_server()?;
            match crate::client::request(address, method, path, key, body) {
                Ok(reply) if reply.status < 500 => return Some(reply),
                Ok(_) | Err(_) => {
                    self.lock().cut_off += 1;
                    self.wait_for_another(address)?;
                }
            }
        }
    }

    /// The ledger, whatever happened to other threads.
    pub(crate) fn lock(&self) -> std::sync::MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_for_server(&self) -> Option<SocketAddr> {
        let mut address = self.address.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if self.is_over() {
                return None;
            }
            if let Some(found) = *address {
                return Some(found);
            }
            address =
                self.back.wait_timeout(address, Duration::from_millis(50)).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// After a failure: the dead address must be replaced, or answer again (a request may fail for other reasons).
    fn wait_for_another(&self, dead: SocketAddr) -> Option<()> {
        let address = self.address.lock().unwrap_or_else(PoisonError::into_inner);
        if *address == Some(dead) {
            let waited = self.back.wait_timeout(address, Duration::from_millis(100));
            drop(waited);
        }
        (!self.is_over()).then_some(())
    }
}

/// Runs the whole test in a data directory.
///
/// # Errors
/// In words, with the first broken promise.
pub fn run(data: &Path, plan: Plan) -> Result<Outcome, String> {
    let mut server = Server::start(data, &[])?;
    let administrator = server.administrator_key().ok_or("the first start printed no administrator key")?;
    furnish(&server, &administrator, plan)?;
    let world = Arc::new(World::new());
    world.serve_at(Some(server.address()));
    let mut people = Vec::new();
    let touchpoint_key = server.key("touchpoint", json!({ "touchpoint": "web" }))?;
    for n in 0..plan.contacts {
        let (world, key) = (Arc::clone(&world), touchpoint_key.clone());
        people.push(std::thread::spawn(move || people::contact(&world, &key, n, Rng::new(plan.seed ^ u64::from(n)))));
    }
    for n in 0..plan.agents {
        let key = server.key("agent", json!({ "agent": format!("agent{n}") }))?;
        let world = Arc::clone(&world);
        let random = Rng::new(plan.seed ^ 0xa9e4 ^ u64::from(n));
        people.push(std::thread::spawn(move || people::agent(&world, &key, n, random)));
    }
    let mut random = Rng::new(plan.seed);
    for kill in 0..plan.kills {
        wait_for_progress(&world, 20 + random.below(100), kill)?;
        world.serve_at(None);
        server.kill();
        server = Server::start(data, &[])?;
        world.serve_at(Some(server.address()));
    }
    wait_for_progress(&world, 100, plan.kills)?;
    world.over.store(true, Ordering::Release);
    world.back.notify_all();
    for person in people {
        person.join().map_err(|_| "a person's thread panicked")??;
    }
    let ledger = world.lock();
    settle(&server, &administrator)?;
    ledger.audit(&server, &administrator)
}

/// Waits until that many more messages were acknowledged; a server that acknowledges nothing has failed.
fn wait_for_progress(world: &World, more: u64, kill: u32) -> Result<(), String> {
    let deadline = Instant::now() + Duration::from_secs(30);
    let mut ledger = world.lock();
    let goal = ledger.messages.len() + usize::try_from(more).unwrap_or(usize::MAX);
    while ledger.messages.len() < goal {
        if let Some(broken) = ledger.broken.first() {
            return Err(broken.clone());
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(format!(
                "after kill {kill} only {} of {goal} messages were acknowledged in 30 s",
                ledger.messages.len()
            ));
        }
        ledger = world.progress.wait_timeout(ledger, left).unwrap_or_else(PoisonError::into_inner).0;
    }
    Ok(())
}

/// Waits until every offer and wrap-up has ended by its own timer: a lost one never would.
fn settle(server: &Server, key: &str) -> Result<(), String> {
    let deadline = Instant::now() + Duration::from_secs(60);
    let (lock, never) = (Mutex::new(()), Condvar::new());
    loop {
        let mut open = 0;
        for state in ["offered", "wrap_up"] {
            let reply = server.request("GET", &format!("/api/v1/interactions?state={state}&limit=500"), key, None)?;
            open += reply.body["items"].as_array().ok_or_else(|| format!("no list: {reply:?}"))?.len();
        }
        if open == 0 {
            return Ok(());
        }
        if deadline < Instant::now() {
            return Err(format!(
                "{open} offers or wrap-ups are still open a minute after everybody left: a timer was lost"
            ));
        }
        let guard = lock.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = never.wait_timeout(guard, Duration::from_millis(200));
    }
}

/// A centre with short timers, so that many run out in the course of a test.
fn furnish(server: &Server, key: &str, plan: Plan) -> Result<(), String> {
    let post = |path: &str, body: Value| {
        let reply = server.request("POST", &format!("/api/v1/{path}"), key, Some(&body))?;
        if (200..300).contains(&reply.status) {
            Ok(())
        } else {
            Err(format!("{path} was refused: {body} -> {reply:?}"))
        }
    };
    post("skills", json!({ "id": "sales", "settings": {} }))?;
    post(
        "profiles",
        json!({
            "id": "busy",
            "settings": { "default": true, "contacts_max": CONTACTS_MAX, "wrap_up": "700ms", "offer_timeout": "900ms" },
        }),
    )?;
    for n in 0..plan.agents {
        post("agents", json!({ "id": format!("agent{n}"), "settings": { "skills": { "sales": 1 } } }))?;
    }
    post("flows", flow())?;
    post("flows/kill/publish", json!({ "release": true, "message": "for the kill test" }))?;
    post(
        "touchpoints",
        json!({
            "id": "web",
            "settings": { "channel": "webchat", "default_skill": "sales", "default_flow": "kill", "active": true },
        }),
    )
}

/// Menu, queue with treatment, wrap-up, close; every wait has a short deadline.
fn flow() -> Value {
    json!({
        "schema": 1, "id": "kill", "title": { "fr": "Épreuve", "en": "Trial" }, "channels": ["webchat"],
        "texts": {
            "hello": { "fr": "Bonjour. 1 : un conseiller, 2 : au revoir", "en": "Hello. 1: an agent, 2: goodbye" },
            "wait": { "fr": "Un instant.", "en": "One moment." },
            "thanks": { "fr": "Merci !", "en": "Thank you!" },
        },
        "entry": "menu",
        "nodes": {
            "menu": {
                "kind": "menu",
                "config": { "text": "@hello", "timeout": "2s", "attempts": 2, "options": [
                    { "id": "agent", "label": { "fr": "Un conseiller", "en": "An agent" }, "match": ["1"] },
                    { "id": "bye", "label": { "fr": "Au revoir", "en": "Goodbye" }, "match": ["2"] },
                ] },
                "exits": { "agent": "skills", "bye": "close", "no_match": "skills", "timeout": { "end": "no_answer" } },
            },
            "skills": { "kind": "require_skills", "config": { "skills": { "sales": 20 } }, "exits": { "done": "queue" } },
            "queue": {
                "kind": "enqueue",
                "config": { "max_wait": "20s", "treatment": [{ "after": "1s", "text": "@wait", "repeat_every": "2s" }] },
                "exits": { "ended": "close", "timeout": { "end": "nobody" } },
            },
            "close": { "kind": "close", "config": { "text": "@thanks", "disposition": "done" } },
        },
    })
}

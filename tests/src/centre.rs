//! A small centre opened through the runtime's public face, for benchmarks: one webchat touchpoint, one skill, and a
//! flow whose menu leads back to itself, so that any number of turns can be made.

use std::{path::Path, sync::Arc};

use routewright_engine::{
    Timestamp,
    contact::{ContactKey, Message},
    event::{ContactWrote, Input},
    id::{TenantId, TouchpointId},
    switchboard::Answer,
};
use routewright_runtime::{Change, Clock as _, DocumentKind, Expect, Options, Runtime, SystemClock};
use serde_json::{Value, json};

/// The centre.
pub struct Centre {
    runtime: Runtime,
}

impl Centre {
    /// Opens the data directory, and furnishes it when it is new.
    ///
    /// # Errors
    /// When the store or the furnishing is refused, in words.
    pub async fn open(dir: &Path) -> Result<Self, String> {
        let options = Options::new(dir, Arc::new(routewright_nodes::standard()));
        let runtime = Runtime::open(options).await.map_err(|e| e.to_string())?;
        let centre = Self { runtime };
        if centre.runtime.tenants().await.map_err(|e| e.to_string())?.is_empty() {
            centre.furnish().await?;
        }
        Ok(centre)
    }

    async fn furnish(&self) -> Result<(), String> {
        let put = |kind, id: &str, body: Value| Change::Put { kind, id: id.into(), expect: Expect::Absent, body };
        let version = json!({
            "document": flow(), "hash": "measured", "message": "", "by": "bench", "sequence": 1,
            "published_at": SystemClock.now().to_string(),
        });
        let changes = vec![
            put(DocumentKind::Tenant, "measured", json!({})),
            put(DocumentKind::Profile, "default", json!({ "default": true })),
            put(DocumentKind::Skill, "sales", json!({})),
            put(DocumentKind::FlowVersion, "measured@1", version),
            put(DocumentKind::Release, "measured", json!({ "live": 1 })),
            put(
                DocumentKind::Touchpoint,
                "web",
                json!({
                    "channel": "webchat", "default_skill": "sales", "default_flow": "measured", "active": true,
                }),
            ),
        ];
        self.runtime.write(tenant(), "bench".into(), changes).await.map_err(|e| e.to_string())?;
        Ok(())
    }

    /// Opens one interaction for each of `contacts`, all parked at the menu.
    ///
    /// # Errors
    /// When one is refused.
    pub async fn greet(self: &Arc<Self>, contacts: usize) -> Result<(), String> {
        const WORKERS: usize = 512;
        let workers: Vec<_> = (0..WORKERS.min(contacts))
            .map(|worker| {
                let centre = Arc::clone(self);
                tokio::spawn(async move {
                    for contact in (worker..contacts).step_by(WORKERS) {
                        centre.write(contact, format!("hello-{contact}"), "bonjour").await?;
                    }
                    Ok::<_, String>(())
                })
            })
            .collect();
        for worker in workers {
            worker.await.map_err(|e| e.to_string())??;
        }
        Ok(())
    }

    /// One turn of a parked contact: menu, branch, text, menu again.
    ///
    /// # Errors
    /// When it is refused, or the flow did not answer with its two texts.
    pub async fn turn(&self, contact: usize, n: usize) -> Result<(), String> {
        self.write(contact, format!("storm-{n}"), "1").await
    }

    /// Waits until it is known where everybody stands.
    ///
    /// # Errors
    /// When nobody stands anywhere.
    pub async fn standing(&self) -> Result<(), String> {
        let flow = "measured".parse().map_err(|e| format!("{e}"))?;
        let versions = self.runtime.occupancy(tenant(), flow).await.map_err(|e| e.to_string())?;
        let waiting: usize = versions.iter().flat_map(|of| &of.nodes).map(|node| node.waiting).sum();
        if waiting == 0 { Err("nobody stands anywhere".into()) } else { Ok(()) }
    }

    async fn write(&self, contact: usize, event_id: String, text: &str) -> Result<(), String> {
        let from =
            ContactKey { tenant: tenant(), touchpoint: touchpoint(), address: format!("visitor-{contact}").into() };
        let message = Message { text: text.into(), choice: None };
        let wrote = ContactWrote {
            from,
            event_id: event_id.into(),
            message,
            name: None,
            locale: None,
            fields: std::collections::BTreeMap::new(),
        };
        match self.runtime.submit(Input::ContactWrote(wrote)).await.map_err(|e| e.to_string())?.answer {
            Answer::Heard { said, .. } if !said.is_empty() => Ok(()),
            other => Err(format!("contact {contact} was answered {other:?}")),
        }
    }

    /// Closes the store.
    pub async fn close(self) {
        self.runtime.close().await;
    }
}

fn tenant() -> TenantId {
    TenantId::new("measured").expect("a valid id")
}

fn touchpoint() -> TouchpointId {
    TouchpointId::new("web").expect("a valid id")
}

fn flow() -> Value {
    json!({
        "schema": 1, "id": "measured", "title": { "fr": "Mesuré", "en": "Measured" }, "channels": ["webchat"],
        "attributes": { "tier": { "type": "string", "default": "gold" } },
        "texts": {
            "hello": { "fr": "Bonjour, que puis-je faire pour vous ?", "en": "Hello, how can I help?" },
            "again": { "fr": "Très bien, recommençons.", "en": "Fine, once more." },
        },
        "entry": "menu",
        "nodes": {
            "menu": {
                "kind": "menu",
                "config": { "text": "@hello", "timeout": "1d", "options": [
                    { "id": "again", "label": { "fr": "Encore", "en": "Again" }, "match": ["1"] },
                    { "id": "agent", "label": { "fr": "Un conseiller", "en": "An agent" }, "match": ["2"] },
                ] },
                "exits": { "again": "branch", "agent": "skills", "no_match": "menu", "timeout": { "end": "no_answer" } },
            },
            "branch": {
                "kind": "branch",
                "config": { "cases": [{ "when": "attributes.tier == \"gold\"", "exit": "gold" }] },
                "exits": { "gold": "say", "otherwise": "skills" },
            },
            "say": { "kind": "send_message", "config": { "text": "@again" }, "exits": { "done": "menu" } },
            "skills": { "kind": "require_skills", "config": { "skills": { "sales": 3 } }, "exits": { "done": "queue" } },
            "queue": { "kind": "enqueue", "config": {}, "exits": { "ended": { "end": "served" }, "timeout": { "end": "nobody" } } },
        },
    })
}

/// The measured flow as a document, for benchmarks below the runtime.
#[must_use]
pub fn measured_flow() -> Value {
    flow()
}

/// An instant for benchmarks under a virtual clock: a Monday morning.
#[must_use]
pub fn monday() -> Timestamp {
    Timestamp(1_768_208_400_000)
}

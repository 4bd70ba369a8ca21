//! A whole shard with a flow that asks another system, across a crash.

use std::{path::Path, sync::Arc, time::Duration};

use routewright_engine::{
    InteractionId, TenantId, TouchpointId,
    contact::{ContactKey, Message},
    event::{ContactWrote, Input},
    fact::Fact,
    interaction::Phase,
    switchboard::Answer,
};
use routewright_outside::{Options as Reaching, Outside, Reach};
use routewright_runtime::{CALLS_OUTBOX, Change, DocumentKind, Expect, OpenError, Options, Runtime, vault::SecretKeys};
use serde_json::{Value, json};

use crate::web::Server;

pub fn acme() -> TenantId {
    TenantId::new("acme").expect("a tenant's id")
}

pub async fn open(directory: &Path, with_caller: bool) -> Runtime {
    open_with(directory, with_caller, None).await.expect("it opens")
}

async fn open_with(directory: &Path, with_caller: bool, keys: Option<&str>) -> Result<Runtime, OpenError> {
    let mut options = Options::new(directory, Arc::new(routewright_nodes::standard()));
    if with_caller {
        let outside = Outside::new(Reaching { reach: Reach::Everywhere }).expect("a way out");
        options.caller = Some(Arc::new(outside));
    }
    options.secret_keys = keys.map(|keys| Arc::new(SecretKeys::parse(keys).expect("keys")));
    Runtime::open(options).await
}

async fn furnish(runtime: &Runtime, at: std::net::SocketAddr) {
    let put = |kind, id: &str, body: Value| Change::Put { kind, id: id.to_owned(), expect: Expect::Any, body };
    let flow = json!({
        "schema": 1, "id": "ask", "entry": "ask",
        "attributes": { "tier": { "type": "string" } },
        "nodes": {
            "ask": {
                "kind": "http_request",
                "config": {
                    "url": format!("http://{at}/customers"), "query": { "phone": "${contact.address}" },
                    "secret_headers": { "authorization": "crm" }, "into": { "/tier": "tier" },
                },
                "exits": { "ok": "say", "rejected": { "end": "rejected" }, "failed": { "end": "failed" } },
            },
            "say": { "kind": "send_message", "config": { "text": { "en": "You are ${attributes.tier}." } }, "exits": { "done": { "end": "told" } } },
        },
    });
    let touchpoint = json!({ "channel": "webchat", "default_skill": "sales", "default_flow": "ask", "locale": "en", "active": true });
    let changes = vec![
        put(DocumentKind::Tenant, "acme", json!({})),
        put(DocumentKind::Skill, "sales", json!({})),
        put(DocumentKind::Profile, "usual", json!({ "default": true })),
        put(DocumentKind::Secret, "crm", json!({ "value": "Bearer 4f1c" })),
        put(DocumentKind::FlowVersion, "ask@1", json!({ "document": flow })),
        put(DocumentKind::Release, "ask", json!({ "live": 1 })),
        put(DocumentKind::Touchpoint, "web", touchpoint),
    ];
    runtime.write(acme(), "test".to_owned(), changes).await.expect("the settings are sound");
}

pub async fn writes(runtime: &Runtime) -> InteractionId {
    let touchpoint = TouchpointId::new("web").expect("a touchpoint's id");
    let input = Input::ContactWrote(ContactWrote {
        from: ContactKey { tenant: acme(), touchpoint, address: "+33600000001".into() },
        event_id: "m1".into(),
        message: Message { text: "hello".to_owned(), choice: None },
        name: None,
        locale: None,
        fields: Default::default(),
    });
    match runtime.submit(input).await.expect("it is heard").answer {
        Answer::Heard { interaction, .. } => interaction,
        other => panic!("a contact is heard, not {other:?}"),
    }
}

pub async fn ends(runtime: &Runtime, id: InteractionId) -> String {
    let mut look = tokio::time::interval(Duration::from_millis(5));
    let looking = async {
        loop {
            let view = runtime.interaction(acme(), id).await.expect("it can be read").expect("it exists");
            if let Phase::Ended { disposition, .. } = view.interaction.phase {
                return disposition.to_string();
            }
            look.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), looking).await.expect("it ends in time")
}

/// True when some file of the directory has these words.
fn is_written(directory: &Path, words: &str) -> bool {
    let files = std::fs::read_dir(directory).expect("the directory is there");
    files
        .map(|file| std::fs::read(file.expect("a file").path()).expect("it can be read"))
        .any(|bytes| bytes.windows(words.len()).any(|window| window == words.as_bytes()))
}

#[tokio::test]
async fn secrets_are_sealed_and_reach_their_calls_all_the_same() {
    let (server, at) = Server::start().await;
    let directory = tempfile::tempdir().expect("a directory");
    let at_rest = directory.path();
    let runtime = open(at_rest, false).await;
    furnish(&runtime, at).await;
    runtime.close().await;
    assert!(is_written(at_rest, "Bearer 4f1c"), "without keys it is stored as it is");

    let [old, new] = ["0a".repeat(32), "0b".repeat(32)];
    let runtime = open_with(at_rest, true, Some(&old)).await.expect("it opens");
    let body = json!({ "value": "never written as it is" });
    let secret = Change::Put { kind: DocumentKind::Secret, id: "mail".to_owned(), expect: Expect::Absent, body };
    runtime.write(acme(), "test".to_owned(), vec![secret]).await.expect("a secret");
    let id = writes(&runtime).await;
    assert_eq!(ends(&runtime, id).await, "told");
    assert_eq!(server.asked()[0].headers["authorization"], "Bearer 4f1c");
    runtime.close().await;
    assert!(!is_written(at_rest, "never written"), "the key is there from the beginning of this one");

    let shut = |opened: Result<Runtime, OpenError>| match opened {
        Err(OpenError::Shut { tenant, id }) => (tenant, id),
        other => panic!("a sealed secret opens nowhere, but: {other:?}"),
    };
    let of_acme = ("acme".to_owned(), "crm".to_owned());
    assert_eq!(shut(open_with(at_rest, false, None).await), of_acme);
    assert_eq!(shut(open_with(at_rest, false, Some(&new)).await), of_acme);
    let both = format!("{new}\n{old}\n");
    open_with(at_rest, false, Some(&both)).await.expect("the old key opens").close().await;
    let runtime = open_with(at_rest, false, Some(&new)).await.expect("the new one sealed them all");
    let kept = runtime.document(acme(), DocumentKind::Secret, "crm").await.expect("it can be read");
    let kept = kept.expect("it is there");
    assert!(kept.body["value"].as_str().is_some_and(|value| value.starts_with("sealed:")), "{kept:?}");
    assert_eq!(kept.revision, 3, "sealed twice: by the old key, then by the new one");
    runtime.close().await;
}

#[tokio::test]
async fn the_flow_goes_on_with_the_answer() {
    let (server, at) = Server::start().await;
    let directory = tempfile::tempdir().expect("a directory");
    let runtime = open(directory.path(), true).await;
    furnish(&runtime, at).await;
    let id = writes(&runtime).await;
    assert_eq!(ends(&runtime, id).await, "told");
    let facts = runtime.timeline(acme(), id).await.expect("it can be read");
    let ended =
        facts.iter().filter(|record| matches!(&record.fact, Fact::CallEnded { outcome, .. } if outcome == "200"));
    assert_eq!(ended.count(), 1);
    assert!(
        facts.iter().any(|record| matches!(&record.fact, Fact::MessageSent { said } if said.text == "You are gold."))
    );
    let [asked] = &server.asked()[..] else { panic!("asked once") };
    assert_eq!(asked.path, "/customers?phone=%2B33600000001");
    assert_eq!(asked.headers["authorization"], "Bearer 4f1c");
    let report = runtime.verify_journal().await.expect("it can be checked");
    assert_eq!(report.findings, Vec::<String>::new());
    runtime.close().await;
}

#[tokio::test]
async fn a_call_that_was_committed_is_made_after_a_restart() {
    let (server, at) = Server::start().await;
    let directory = tempfile::tempdir().expect("a directory");
    // Without a caller the call is as good as cut off by a crash: committed, and not made.
    let runtime = open(directory.path(), false).await;
    furnish(&runtime, at).await;
    let id = writes(&runtime).await;
    runtime.close().await;
    assert!(server.asked().is_empty());

    let runtime = open(directory.path(), true).await;
    assert_eq!(ends(&runtime, id).await, "told");
    assert_eq!(server.asked().len(), 1);

    // Once it has ended the outbox forgets it, so the next start does not make it again.
    let calls = TouchpointId::new(CALLS_OUTBOX).expect("a touchpoint's id");
    let mut look = tokio::time::interval(Duration::from_millis(5));
    let forgotten = async {
        while !runtime.outbox(acme(), calls.clone(), None, 10).await.expect("it can be read").is_empty() {
            look.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), forgotten).await.expect("it is forgotten in time");
    runtime.close().await;
    let runtime = open(directory.path(), true).await;
    assert_eq!(writes(&runtime).await, id, "a repeated message gets its first answer");
    runtime.close().await;
    assert_eq!(server.asked().len(), 1);
}

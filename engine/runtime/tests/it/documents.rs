//! What people write: all or nothing, revisions that hold, and meanings in force in the order of inputs.

use std::sync::Arc;

use routewright_engine::refusal::Refusal;
use routewright_runtime::{Change, DocumentKind, Expect, ManualClock, Revision, SubmitError, WriteError};
use serde_json::json;

use crate::support::{START, acme, flow, furnish, open, put, sound, wrote};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_is_written_whole_or_not_at_all() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let clock = Arc::new(ManualClock::new(START));
    let runtime = open(directory.path(), &clock).await;
    furnish(&runtime).await;
    let write = async |changes| runtime.write(acme(), "test".to_owned(), changes).await;
    let skill =
        |id: &str, expect| Change::Put { kind: DocumentKind::Skill, id: id.to_owned(), expect, body: json!({}) };

    let both = write(vec![skill("billing", Expect::Absent), skill("billing", Expect::Revision(1))]).await;
    assert_eq!(both, Ok(vec![Revision(1), Revision(2)]), "changes of one transaction see each other");
    let stale = write(vec![skill("returns", Expect::Absent), skill("billing", Expect::Revision(1))]).await;
    assert!(matches!(stale, Err(WriteError::Conflict { found: Some(2), .. })), "{stale:?}");
    assert!(runtime.document(acme(), DocumentKind::Skill, "returns").await.expect("it reads").is_none());
    let shapeless = write(vec![skill("returns", Expect::Any), put(DocumentKind::Skill, "x y", json!({}))]).await;
    assert!(matches!(shapeless, Err(WriteError::Invalid { .. })), "{shapeless:?}");
    let again = write(vec![put(DocumentKind::FlowVersion, "welcome@1", json!({ "document": flow() }))]).await;
    assert!(matches!(again, Err(WriteError::Conflict { .. })), "a published version never changes");
    let skills = runtime.catalogue(&acme()).expect("it is configured").skills.len();
    assert_eq!(skills, 2, "only what was written is in force");
    sound(&runtime).await;
    runtime.close().await;

    let runtime = open(directory.path(), &clock).await;
    let document = runtime.document(acme(), DocumentKind::Skill, "billing").await.expect("it reads");
    assert_eq!(document.map(|document| (document.revision, document.by)), Some((2, "test".to_owned())));
    assert_eq!(runtime.catalogue(&acme()).expect("it is configured").skills.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_are_in_force_for_the_next_input() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let runtime = open(directory.path(), &Arc::new(ManualClock::new(START))).await;
    let refused = runtime.submit(wrote("+331", "m1", "hi")).await;
    assert_eq!(refused, Err(SubmitError::Refused(Refusal::UnknownTenant(acme()))));
    assert_eq!(runtime.stats().commits, 0, "a refusal writes nothing");
    furnish(&runtime).await;
    runtime.submit(wrote("+331", "m1", "hi")).await.expect("it is heard");
}

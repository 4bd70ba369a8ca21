//! Keys over HTTP: list them without their secrets, make one, revoke one.

use std::sync::Arc;

use axum::extract::State;
use routewright_runtime::{Change, DocumentKind, Expect, StoredDocument};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::openapi::HttpMethod::{Delete, Get, Post};

use super::{
    change::{Once, Reply, Written, words_of, write},
    extract::{Params, Segments, Text, parse},
    operation::{Api, Operation},
    page::{Page, PageQuery, documents},
};
use crate::{
    door::Door,
    keys::{NewKey, Principal, Role, StoredKey},
    problem::Problem,
};

/// The routes of keys and of the audit trail.
pub(crate) fn routes(api: Api) -> Api {
    let about = |id: &str, summary: &str| Operation::new(id, "keys", summary);
    let listing = about("list_keys", "List keys, without their secrets").query::<PageQuery>();
    let creation = about("create_key", "Make a key; its secret is told once").body::<Wanted>().idempotent();
    let trail = about("list_audit", "Every change, oldest first").query::<PageQuery>();
    api.add(Get, "/api/v1/keys", listing.answers::<Page<KeyLine>>(200, "A page"), list)
        .add(Post, "/api/v1/keys", creation.answers::<Made>(201, "Made"), create)
        .add(
            Delete,
            "/api/v1/keys/{id}",
            about("revoke_key", "Revoke a key").answers::<Written>(200, "Revoked"),
            revoke,
        )
        .add(Get, "/api/v1/audit", trail.answers::<Page<AuditLine>>(200, "A page"), audit)
}

/// A key in a list.
#[derive(Debug, Serialize, JsonSchema)]
struct KeyLine {
    /// The middle part of the key.
    id: String,
    /// What people call it.
    title: String,
    /// What it may do.
    #[serde(flatten)]
    role: Role,
    /// When it was made, RFC 3339.
    made_at: String,
}

/// A key to be made.
#[derive(Debug, Deserialize, JsonSchema)]
struct Wanted {
    /// What people call it.
    #[serde(default)]
    title: String,
    /// What it may do.
    #[serde(flatten)]
    role: Role,
}

/// A new key.
#[derive(Debug, Serialize, JsonSchema)]
struct Made {
    /// The middle part of the key; it names the key from now on.
    id: String,
    /// The key itself, told this once. A repeated request is not told it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

/// A line of the audit trail.
#[derive(Debug, Serialize, JsonSchema)]
struct AuditLine {
    /// Its id; lines order by it.
    id: String,
    /// What was done: when, by which key, and to what.
    #[serde(flatten)]
    line: serde_json::Map<String, Value>,
}

async fn list(
    who: Principal,
    State(door): State<Arc<Door>>,
    Params(page): Params<PageQuery>,
) -> Result<Reply, Problem> {
    who.administrator()?;
    let page = documents(&door, who.tenant, DocumentKind::ApiKey, page, "/api/v1/keys").await?;
    Ok(Reply::done(page.shown(|document| {
        let stored: StoredKey = serde_json::from_value(document.body).map_err(Problem::internal)?;
        let made_at = document.updated_at.to_string();
        Ok(KeyLine { id: document.id, title: stored.title, role: stored.role, made_at })
    })?))
}

async fn create(who: Principal, State(door): State<Arc<Door>>, once: Once, Text(text): Text) -> Result<Reply, Problem> {
    who.administrator()?;
    if let Some(first) = once.earlier(&door, &who, &text).await? {
        return Ok(first);
    }
    let wanted: Wanted = parse(&text)?;
    named_thing_exists(&door, &who, &wanted.role)?;
    let key = NewKey::make(wanted.role, wanted.title).map_err(Problem::internal)?;
    let at = format!("/api/v1/keys/{}", key.prefix);
    // What is kept for a repeated request is without the secret: no secret is ever on disk.
    let kept = Reply::created(at.clone(), Made { id: key.prefix.clone(), key: None });
    let written = once.write(&door, &who, &text, vec![key.change()], kept.clone()).await?;
    if written != kept {
        return Ok(written);
    }
    let told = Made { id: key.prefix.clone(), key: Some(key.secret.reveal().to_owned()) };
    door.keyring.add(key.prefix, who.tenant, key.stored);
    Ok(Reply::created(at, told))
}

async fn revoke(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(id): Segments<String>,
) -> Result<Reply, Problem> {
    who.administrator()?;
    let found = door.runtime.document(who.tenant.clone(), DocumentKind::ApiKey, &id).await?;
    found.ok_or_else(|| Problem::not_found(&words_of(DocumentKind::ApiKey), &id))?;
    let change = Change::Delete { kind: DocumentKind::ApiKey, id: id.clone(), expect: Expect::Present };
    write(&door, &who, vec![change]).await?;
    door.keyring.remove(&id);
    Ok(Reply::done(Written { id, revision: 0 }))
}

async fn audit(
    who: Principal,
    State(door): State<Arc<Door>>,
    Params(page): Params<PageQuery>,
) -> Result<Reply, Problem> {
    who.administrator()?;
    let page = documents(&door, who.tenant, DocumentKind::Audit, page, "/api/v1/audit").await?;
    let line = |document: StoredDocument| AuditLine {
        id: document.id,
        line: document.body.as_object().cloned().unwrap_or_default(),
    };
    Ok(Reply::done(page.shown(|document| Ok(line(document)))?))
}

/// A key for an agent or a touchpoint that does not exist would be a mistake nobody notices.
fn named_thing_exists(door: &Door, who: &Principal, role: &Role) -> Result<(), Problem> {
    let catalogue = door.runtime.catalogue(&who.tenant).unwrap_or_default();
    let missing = match role {
        Role::Administrator | Role::Author | Role::Supervisor => None,
        Role::Agent { agent } => {
            (!catalogue.agents.contains_key(agent)).then(|| (DocumentKind::Agent, agent.to_string()))
        }
        Role::Touchpoint { touchpoint } | Role::Visitor { touchpoint } => {
            (!catalogue.touchpoints.contains_key(touchpoint))
                .then(|| (DocumentKind::Touchpoint, touchpoint.to_string()))
        }
    };
    missing.map_or(Ok(()), |(kind, id)| Err(Problem::not_found(&words_of(kind), id)))
}

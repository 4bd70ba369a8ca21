//! Keys over HTTP: list them without their secrets, make one, revoke one.

use std::{collections::BTreeMap, sync::Arc};

use axum::extract::State;
use routewright_runtime::{Change, DocumentKind, Expect, StoredDocument, limits::LIST_MAX};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::openapi::HttpMethod::{Delete, Get, Post};

use super::{
    change::{Once, Reply, Written, words_of, write},
    extract::{Params, Segments, Text, parse},
    operation::{Api, Operation},
    page::{Page, PageQuery, documents},
    sought::{LOOKED_AT_MAX, Sought, encoded, leaves},
    usage::every,
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
    let trail = about("list_audit", "Every change: what was done to what, when, by whom and why").query::<AuditQuery>();
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

/// Which lines of the audit trail.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AuditQuery {
    /// Lines on the page, 1 to 500; 100 when absent.
    #[serde(default)]
    limit: Option<u32>,
    /// The id that the page comes after.
    #[serde(default)]
    after: Option<String>,
    /// `newest` for the latest change first; the oldest is first when absent.
    #[serde(default)]
    order: Order,
    /// Words, all of which must be found in the line, whatever their case. A request looks at 5,000 lines, so a page with
    /// a `next` may hold few or none.
    #[serde(default)]
    text: Option<String>,
}

/// Which comes first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Order {
    /// The oldest.
    #[default]
    Oldest,
    /// The newest.
    Newest,
}

/// A line of the audit trail.
#[derive(Debug, Serialize, JsonSchema)]
struct AuditLine {
    /// Its id; lines order by it.
    id: String,
    /// What the key is called; absent once it is revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
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
    Params(query): Params<AuditQuery>,
) -> Result<Reply, Problem> {
    who.administrator()?;
    let limit = PageQuery { limit: query.limit, after: None }.limit()?;
    let keys = every(&door, &who.tenant, DocumentKind::ApiKey).await?.into_iter();
    let titles: BTreeMap<String, String> =
        keys.filter_map(|key| Some((key.id, key.body["title"].as_str()?.to_owned()))).collect();
    let sought = query.text.as_deref().map(Sought::of);
    let size = if sought.is_some() { LIST_MAX } else { limit + 1 };
    let (mut lines, mut after, mut looked_at) = (Vec::new(), query.after, 0);
    let is_cut = loop {
        let page = match query.order {
            Order::Oldest => {
                door.runtime.documents(who.tenant.clone(), DocumentKind::Audit, after.clone(), size).await?
            }
            Order::Newest => {
                door.runtime.latest_documents(who.tenant.clone(), DocumentKind::Audit, after.clone(), size).await?
            }
        };
        let was_last = page.len() < size as usize;
        looked_at += page.len();
        after = page.last().map(|last| last.id.clone()).or(after);
        let read = page.into_iter().map(|document| AuditLine::of(document, &titles));
        lines.extend(read.filter(|line| sought.as_ref().is_none_or(|sought| sought.is_in(line.texts()))));
        if was_last || (limit as usize) < lines.len() {
            break false;
        }
        if LOOKED_AT_MAX <= looked_at {
            break true;
        }
    };
    let order = if query.order == Order::Newest { "&order=newest" } else { "" };
    let text = query.text.map(|text| format!("&text={}", encoded(&text))).unwrap_or_default();
    let link = |last: &str| format!("/api/v1/audit?limit={limit}{order}{text}&after={last}");
    let mut page = Page::cut(lines, limit, |last| link(&last.id));
    if is_cut && page.next.is_none() {
        page.next = after.as_deref().map(link);
    }
    Ok(Reply::done(page))
}

impl AuditLine {
    fn of(document: StoredDocument, titles: &BTreeMap<String, String>) -> Self {
        let line = document.body.as_object().cloned().unwrap_or_default();
        let title = line.get("key").and_then(|key| titles.get(key.as_str()?)).cloned();
        Self { id: document.id, title, line }
    }

    /// What a search looks at.
    fn texts(&self) -> Vec<&str> {
        let mut texts: Vec<&str> = self.title.as_deref().into_iter().collect();
        self.line.values().for_each(|value| leaves(value, &mut texts));
        texts
    }
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

//! How the door writes: one transaction that holds the change, its line of the audit trail, and the first answer to the
//! request when it came under an idempotency key. Either all of it is on disk or none.

use std::sync::{Arc, atomic::Ordering};

use axum::{
    extract::FromRequestParts,
    http::{HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use routewright_flows::Words;
use routewright_runtime::{Change, DocumentKind, Expect, ReadError, Revision, SubmitError, WriteError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::extract::text_header;
use crate::{
    door::Door,
    keys::{Principal, random_hex},
    problem::Problem,
};

/// The header of a request that may be repeated.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Characters of an idempotency key at most; a UUID has 36.
const KEY_CHARS_MAX: usize = 255;

/// What a change answers.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Written {
    /// The thing's id.
    pub id: String,
    /// Its revision from now on; also the `ETag`.
    pub revision: u64,
}

/// An answer that can be given again: to a request repeated under its idempotency key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Reply {
    status: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revision: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    /// JSON text: written once, whether it is sent, kept or both.
    body: String,
}

impl Reply {
    /// Something was created, at a path, and is at its first revision.
    pub(crate) fn created(location: String, body: impl Serialize) -> Self {
        Self::new(StatusCode::CREATED, Some(1), Some(location), body)
    }

    /// It is done.
    pub(crate) fn done(body: impl Serialize) -> Self {
        Self::new(StatusCode::OK, None, None, body)
    }

    /// Something is at a revision.
    pub(crate) fn at_revision(revision: u64, body: impl Serialize) -> Self {
        Self::new(StatusCode::OK, Some(revision), None, body)
    }

    fn new(status: StatusCode, revision: Option<u64>, location: Option<String>, body: impl Serialize) -> Self {
        // Answers are plain structs with text keys, which always serialise.
        let body = serde_json::to_string(&body).unwrap_or_default();
        Self { status: status.as_u16(), revision, location, body }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        let mut response = (status, [(header::CONTENT_TYPE, "application/json")], self.body).into_response();
        let mut put = |name, text: Option<String>| {
            if let Some(Ok(value)) = text.map(HeaderValue::try_from) {
                response.headers_mut().insert(name, value);
            }
        };
        put(header::ETAG, self.revision.map(|revision| format!("\"{revision}\"")));
        put(header::LOCATION, self.location);
        response
    }
}

/// A request that creates something and may be repeated.
#[derive(Debug)]
pub(crate) struct Once {
    /// The id of the document that keeps the first answer; absent when the caller sent no key.
    id: Option<String>,
}

impl FromRequestParts<Arc<Door>> for Once {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, door: &Arc<Door>) -> Result<Self, Problem> {
        let Some(key) = text_header(&parts.headers, &IDEMPOTENCY_KEY)?.map(str::to_owned) else {
            return Ok(Self { id: None });
        };
        if key.is_empty() || KEY_CHARS_MAX < key.len() {
            let expected = Words::new("1 to 255 characters", "1 à 255 caractères");
            return Err(Problem::bad_header("Idempotency-Key", &expected));
        }
        let who = Principal::from_request_parts(parts, door).await?;
        // Keys of two callers, or for two paths, are two keys. The NUL cannot occur in any of the parts.
        let scope = format!("{}\0{}\0{}\0{key}", who.key, parts.method, parts.uri.path());
        Ok(Self { id: Some(blake3::hash(scope.as_bytes()).to_hex().to_string()) })
    }
}

/// The kept first answer.
#[derive(Debug, Serialize, Deserialize)]
struct FirstAnswer {
    /// blake3 of the request's body.
    request: String,
    reply: Reply,
}

impl Once {
    /// The first answer, when this request was made before.
    ///
    /// # Errors
    /// `idempotency-mismatch` when the key came with another body.
    pub(crate) async fn earlier(&self, door: &Door, who: &Principal, request: &str) -> Result<Option<Reply>, Problem> {
        let Some(id) = &self.id else {
            return Ok(None);
        };
        let kept = door.runtime.document(who.tenant.clone(), DocumentKind::Idempotency, id).await?;
        let Some(kept) = kept else {
            return Ok(None);
        };
        let first: FirstAnswer = serde_json::from_value(kept.body).map_err(Problem::internal)?;
        if first.request == digest(request) { Ok(Some(first.reply)) } else { Err(Problem::idempotency_mismatch()) }
    }

    /// Writes the changes with the answer that this request gets from now on. Of two equal requests at the same time
    /// one writes, and the other gets its answer.
    pub(crate) async fn write(
        &self,
        door: &Door,
        who: &Principal,
        request: &str,
        mut changes: Vec<Change>,
        reply: Reply,
    ) -> Result<Reply, Problem> {
        if let Some(id) = &self.id {
            let first = FirstAnswer { request: digest(request), reply: reply.clone() };
            let body = serde_json::to_value(first).map_err(Problem::internal)?;
            changes.push(Change::Put { kind: DocumentKind::Idempotency, id: id.clone(), expect: Expect::Absent, body });
        }
        match write(door, who, changes).await {
            Ok(_) => Ok(reply),
            Err(problem) => match self.earlier(door, who, request).await? {
                Some(first) => Ok(first),
                None => Err(problem),
            },
        }
    }
}

fn digest(request: &str) -> String {
    blake3::hash(request.as_bytes()).to_hex().to_string()
}

/// Writes changes and their line of the audit trail in one transaction.
pub(crate) async fn write(door: &Door, who: &Principal, mut changes: Vec<Change>) -> Result<Vec<Revision>, Problem> {
    let line = audit_line(door, who, &changes.iter().filter_map(audited).collect::<Vec<_>>())?;
    changes.push(line);
    let mut revisions = door.runtime.write(who.tenant.clone(), who.key.clone(), changes).await?;
    revisions.pop();
    Ok(revisions)
}

/// Writes down something that was done without a document: a line of the audit trail alone.
pub(crate) async fn note(door: &Door, who: &Principal, what: Value) -> Result<(), Problem> {
    let line = audit_line(door, who, &[what])?;
    door.runtime.write(who.tenant.clone(), who.key.clone(), vec![line]).await?;
    Ok(())
}

fn audit_line(door: &Door, who: &Principal, changes: &[Value]) -> Result<Change, Problem> {
    let now = door.now();
    // The number keeps lines of one millisecond in their order; what is random, those of two starts apart.
    let number = door.audit_lines.fetch_add(1, Ordering::Relaxed);
    let id = format!("{:013}-{number:08x}-{}", now.0, random_hex::<4>().map_err(Problem::internal)?);
    let body = json!({ "at": now.to_string(), "key": who.key, "role": who.role, "changes": changes });
    Ok(Change::Put { kind: DocumentKind::Audit, id, expect: Expect::Absent, body })
}

/// What the audit trail says of a change: what was done to which thing, and why where the change says so; never its
/// content, which has its own revisions.
fn audited(change: &Change) -> Option<Value> {
    let (kind, id, _) = change.target();
    if kind == DocumentKind::Idempotency {
        return None;
    }
    let Change::Put { body, .. } = change else { return Some(json!({ "action": "delete", "kind": kind, "id": id })) };
    let mut line = json!({ "action": "put", "kind": kind, "id": id });
    if matches!(kind, DocumentKind::FlowVersion | DocumentKind::ReleaseNote)
        && let Some(why) = body["message"].as_str().filter(|why| !why.is_empty())
    {
        line["message"] = json!(why);
    }
    if kind == DocumentKind::ReleaseNote {
        line["done"] = body["action"].clone();
    }
    Some(line)
}

/// What a kind of document is called.
pub(crate) fn words_of(kind: DocumentKind) -> Words {
    let (en, fr) = match kind {
        DocumentKind::Touchpoint => ("touchpoint", "point de contact"),
        DocumentKind::Skill => ("skill", "compétence"),
        DocumentKind::Agent => ("agent", "agent"),
        DocumentKind::Profile => ("handling profile", "profil de traitement"),
        DocumentKind::Calendar => ("calendar", "calendrier"),
        DocumentKind::Defaults => ("set of defaults", "jeu de réglages par défaut"),
        DocumentKind::Account => ("business account", "compte d’entreprise"),
        DocumentKind::Role => ("role", "rôle"),
        DocumentKind::RoutingQueue => ("routing queue", "file de routage"),
        DocumentKind::Disposition => ("disposition", "qualification"),
        DocumentKind::Questionnaire => ("questionnaire", "questionnaire"),
        DocumentKind::Table => ("table", "table"),
        DocumentKind::Secret => ("secret", "secret"),
        DocumentKind::NodeType => ("node type", "type de nœud"),
        DocumentKind::CannedAnswer => ("canned answer", "réponse type"),
        DocumentKind::FlowDraft => ("flow", "scénario"),
        DocumentKind::FlowVersion => ("flow version", "version de scénario"),
        DocumentKind::Release => ("release", "mise en service"),
        DocumentKind::ReleaseNote => ("release note", "note de mise en service"),
        DocumentKind::Visits => ("totals of visits", "totaux de passages"),
        DocumentKind::PublishingRule => ("publishing rule", "règle de publication"),
        DocumentKind::ApiKey => ("key", "clé"),
        DocumentKind::Audit => ("audit line", "ligne d’audit"),
        DocumentKind::Session => ("session", "session"),
        DocumentKind::Idempotency => ("first answer", "première réponse"),
        DocumentKind::Tenant => ("tenant", "organisation"),
    };
    Words::new(en, fr)
}

impl From<WriteError> for Problem {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Conflict { kind, id, expected: Expect::Absent, .. } => {
                Self::already_exists(&words_of(kind), id)
            }
            WriteError::Conflict { kind, id, found: None, .. } => Self::not_found(&words_of(kind), id),
            WriteError::Conflict { found, .. } => Self::stale_revision(found),
            WriteError::Invalid { message, .. } => Self::unexpected_body(message),
            WriteError::Stopped => Self::stopping(),
            WriteError::Overloaded => Self::overloaded(),
            WriteError::Migration(refusal) => Self::migration_refused(&refusal),
            error @ WriteError::TooMany { .. } => Self::internal(error),
        }
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Closed => Self::stopping(),
            error @ ReadError::Store(_) => Self::internal(error),
        }
    }
}

impl From<SubmitError> for Problem {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Refused(refusal) => refusal.into(),
            SubmitError::Stopped => Self::stopping(),
            SubmitError::Overloaded => Self::overloaded(),
        }
    }
}

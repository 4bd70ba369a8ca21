//! Signing in from a browser: a key goes in once, and a session cookie comes back that no script can read and no other
//! site can use. Programs keep sending their key as a bearer token and never come here.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use routewright_runtime::DocumentKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::openapi::HttpMethod::{Delete, Get, Post};

use super::{
    auth::{SESSION_COOKIE, of_this_host, session_of},
    change::{Reply, write},
    extract::{Text, parse, text_header},
    operation::{Api, Operation},
    touchpoints::Done,
};
use crate::{
    door::Door,
    keys::{Principal, Role, StoredKey},
    problem::Problem,
    sessions::{NewSession, SESSION_LENGTH, ending},
};

/// The routes of sessions.
pub(crate) fn routes(api: Api) -> Api {
    let open = |id: &str, summary: &str| Operation::open(id, "session", summary);
    let about = |id: &str, summary: &str| Operation::new(id, "session", summary);
    let sign_in = open("sign_in", "Exchange a key for a session cookie").body::<SignIn>();
    api.add(Post, "/api/v1/session", sign_in.answers::<SessionView>(201, "Signed in"), begin)
        .add(Get, "/api/v1/session", about("read_session", "Who I am").answers::<SessionView>(200, "This key"), read)
        .add(Delete, "/api/v1/session", open("sign_out", "End the session").answers::<Done>(200, "Signed out"), end)
}

/// A key to be exchanged.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    /// The whole key, `rw_...`.
    key: String,
}

/// Who the caller is.
#[derive(Debug, Serialize, JsonSchema)]
struct SessionView {
    /// The tenant that everything he asks for belongs to.
    tenant: String,
    /// The key's prefix.
    key: String,
    /// What people call the key.
    title: String,
    /// What it may do.
    #[serde(flatten)]
    role: Role,
    /// When the session ends, RFC 3339; absent for a bearer token.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
}

async fn begin(State(door): State<Arc<Door>>, headers: HeaderMap, Text(text): Text) -> Result<Response, Problem> {
    // Another site could otherwise sign its visitor in as somebody else.
    of_this_host(&headers)?;
    let SignIn { key } = parse(&text)?;
    let who = door.keyring.find(key.trim()).ok_or_else(Problem::unauthorised)?;
    let now = door.now();
    let session = NewSession::make(who.key.clone(), now).map_err(Problem::internal)?;
    let over = door.sessions.over(&who.tenant, now);
    let changes = std::iter::once(session.change()).chain(over.iter().map(|id| ending(id)));
    write(&door, &who, changes.collect()).await?;
    over.iter().for_each(|id| door.sessions.remove(id));
    let view = view(&door, &who, Some(session.stored.expires_at.to_string())).await?;
    door.sessions.add(session.id, who.tenant, session.stored);
    let reply = Reply::created("/api/v1/session".to_owned(), view);
    with_cookie(reply, &session.cookie, SESSION_LENGTH.as_secs(), &headers)
}

async fn read(who: Principal, State(door): State<Arc<Door>>, headers: HeaderMap) -> Result<Reply, Problem> {
    let until = session_of(&door, &headers)?.map(|session| session.expires_at.to_string());
    Ok(Reply::done(view(&door, &who, until).await?))
}

async fn end(State(door): State<Arc<Door>>, headers: HeaderMap) -> Result<Response, Problem> {
    of_this_host(&headers)?;
    if let Some(session) = session_of(&door, &headers)? {
        // Its key may have been revoked in the meantime; the session ends all the same.
        door.runtime.write(session.tenant, session.key, vec![ending(&session.id)]).await?;
        door.sessions.remove(&session.id);
    }
    with_cookie(Reply::done(Done { done: true }), "", 0, &headers)
}

async fn view(door: &Door, who: &Principal, expires_at: Option<String>) -> Result<SessionView, Problem> {
    let stored = door.runtime.document(who.tenant.clone(), DocumentKind::ApiKey, &who.key).await?;
    let key: Option<StoredKey> = stored.and_then(|document| serde_json::from_value(document.body).ok());
    Ok(SessionView {
        tenant: who.tenant.to_string(),
        key: who.key.clone(),
        title: key.map(|key| key.title).unwrap_or_default(),
        role: who.role.clone(),
        expires_at,
    })
}

/// The answer with the cookie set. It is marked `Secure` where the browser came over TLS; on plain HTTP, which only
/// suits one's own machine, a secure cookie would be thrown away.
fn with_cookie(reply: Reply, value: &str, seconds: u64, headers: &HeaderMap) -> Result<Response, Problem> {
    let forwarded = text_header(headers, &header::HeaderName::from_static("x-forwarded-proto"))?;
    let origin = text_header(headers, &header::ORIGIN)?.unwrap_or_default();
    let secure = if forwarded == Some("https") || origin.starts_with("https://") { "; Secure" } else { "" };
    let cookie = format!("{SESSION_COOKIE}={value}; HttpOnly; SameSite=Strict; Path=/; Max-Age={seconds}{secure}");
    let cookie = HeaderValue::try_from(cookie).map_err(Problem::internal)?;
    let mut response = reply.into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

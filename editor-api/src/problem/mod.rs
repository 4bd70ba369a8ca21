//! Problem details (RFC 9457): the one shape of every refusal the door gives. A problem has a stable code to branch
//! on, and a sentence and a next step to read, in French or English.
//!
//! A handler returns a [`Problem`] in both languages; [`localise`] writes the body, because only what surrounds the
//! handlers knows which language the caller asked for. Internal causes go to the log, never to the caller.

mod occasions;

use std::borrow::Cow;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use routewright_flows::Words;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::language::Language;

/// Seconds after which a caller who was told 503 should come again: a group commit takes far less, a restart little
/// more.
const RETRY_AFTER_S: HeaderValue = HeaderValue::from_static("1");

/// The media type of problem details.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// A refusal, before it is put into one language.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// Stable, kebab-case.
    pub code: Cow<'static, str>,
    /// What it says. Boxed, because every handler's result has room for a problem.
    said: Box<Saying>,
}

#[derive(Debug, Clone)]
struct Saying {
    /// What happened, to which thing, and what was expected.
    detail: Words,
    /// What to do next.
    hint: Words,
    /// Further members, such as `findings` or `users`.
    more: Map<String, Value>,
}

/// What a caller reads.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub struct ProblemDetails {
    /// A URN that ends in the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// Stable code to branch on.
    pub code: String,
    /// What happened, to which thing, and what was expected.
    pub detail: String,
    /// What to do next.
    pub hint: String,
    /// The request, as the log names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// Further members, such as `findings` or `users`.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl Problem {
    /// A problem with its sentence and its next step, English first in each.
    pub fn new(status: StatusCode, code: impl Into<Cow<'static, str>>, detail: Words, hint: Words) -> Self {
        Self { status, code: code.into(), said: Box::new(Saying { detail, hint, more: Map::new() }) }
    }

    /// Adds a member for programs.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        // A member that cannot be written is left out: the problem itself matters more.
        if let Ok(value) = serde_json::to_value(value) {
            self.said.more.insert(name.to_owned(), value);
        }
        self
    }

    /// The body for one reader.
    #[must_use]
    pub fn details(self, language: Language, request_id: Option<&str>) -> ProblemDetails {
        ProblemDetails {
            kind: format!("urn:routewright:problem:{}", self.code),
            title: language.of(&title(self.status)).to_owned(),
            status: self.status.as_u16(),
            detail: language.of(&self.said.detail).to_owned(),
            hint: language.of(&self.said.hint).to_owned(),
            code: self.code.into_owned(),
            instance: request_id.map(|id| format!("urn:routewright:request:{id}")),
            more: self.said.more,
        }
    }
}

impl IntoResponse for Problem {
    /// An empty response that carries the problem to [`localise`].
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the problem of a handler in the caller's language, and gives a problem to every refusal that the libraries
/// made without one.
pub fn localise(mut response: Response, path: &str, language: Language, request: &str) -> Response {
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None => match response.status() {
            StatusCode::METHOD_NOT_ALLOWED => Problem::method_not_allowed(path),
            StatusCode::PAYLOAD_TOO_LARGE => Problem::body_too_large(None),
            _ => return response,
        },
    };
    if problem.status.is_server_error() {
        tracing::error!(code = %problem.code, detail = %problem.said.detail.en, "request failed");
    }
    let (mut parts, _) = response.into_parts();
    let details = problem.details(language, Some(request));
    // Strings, numbers and JSON values always serialise.
    let body = serde_json::to_vec(&details).unwrap_or_default();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    parts.headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    if parts.status == StatusCode::UNAUTHORIZED {
        parts.headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"routewright\""));
    }
    if [StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS].contains(&parts.status) {
        parts.headers.insert(header::RETRY_AFTER, RETRY_AFTER_S);
    }
    Response::from_parts(parts, body.into())
}

/// The status in words.
fn title(status: StatusCode) -> Words {
    let (en, fr) = match status {
        StatusCode::BAD_REQUEST => ("The request cannot be read", "La requête est illisible"),
        StatusCode::UNAUTHORIZED => ("No valid key", "Aucune clé valide"),
        StatusCode::FORBIDDEN => ("Not allowed with this key", "Non autorisé avec cette clé"),
        StatusCode::NOT_FOUND => ("Not found", "Introuvable"),
        StatusCode::METHOD_NOT_ALLOWED => ("Method not allowed", "Méthode non autorisée"),
        StatusCode::CONFLICT => ("In conflict with what is there", "En conflit avec l’existant"),
        StatusCode::PRECONDITION_FAILED => ("Changed in the meantime", "Modifié entre-temps"),
        StatusCode::PAYLOAD_TOO_LARGE => ("Body too large", "Corps trop volumineux"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ("Media type not supported", "Type de contenu non pris en charge"),
        StatusCode::UNPROCESSABLE_ENTITY => ("Understood, but refused", "Compris, mais refusé"),
        StatusCode::PRECONDITION_REQUIRED => ("A precondition is required", "Une précondition est requise"),
        StatusCode::TOO_MANY_REQUESTS => ("Too many requests", "Trop de requêtes"),
        StatusCode::SERVICE_UNAVAILABLE => ("Not available now", "Indisponible pour le moment"),
        _ => ("The server failed", "Le serveur a échoué"),
    };
    Words::new(en, fr)
}

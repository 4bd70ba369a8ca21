//! What handlers take out of a request. Each refusal is a problem with a stable code; axum's own plain-text rejections
//! never reach a caller.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, OptionalFromRequestParts, Path, Query, Request},
    http::{HeaderMap, HeaderName, StatusCode, header, request::Parts},
    response::IntoResponse,
};
use routewright_flows::Words;
use routewright_runtime::Expect;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// Reads JSON of one shape; telling apart what is not JSON and what has another shape.
pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    serde_json::from_str(text).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => Problem::unexpected_body(error),
        serde_json::error::Category::Io | serde_json::error::Category::Syntax | serde_json::error::Category::Eof => {
            Problem::malformed_json(&error)
        }
    })
}

/// A JSON body as its text. Handlers read it with [`parse`] once they know that the caller may ask at all, so that a
/// wrong role is told so whatever it sent.
pub(crate) struct Text(pub String);

impl<S: Send + Sync> FromRequest<S> for Text {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let announced = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = announced.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if essence != "application/json" && !essence.ends_with("+json") {
            return Err(Problem::not_json());
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            match rejection.into_response().status() {
                StatusCode::PAYLOAD_TOO_LARGE => Problem::body_too_large(None),
                _ => Problem::unreadable_body(),
            }
        })?;
        String::from_utf8(bytes.into()).map(Self).map_err(|_| Problem::unreadable_body())
    }
}

/// The parameters of the path.
pub(crate) struct Segments<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Segments<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = <Path<T> as FromRequestParts<S>>::from_request_parts(parts, state).await;
        path.map(|Path(value)| Self(value)).map_err(|rejection| Problem::bad_path(rejection.body_text()))
    }
}

/// The query.
pub(crate) struct Params<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query.map(|Query(value)| Self(value)).map_err(|rejection| Problem::bad_query(rejection.body_text()))
    }
}

/// The revision that a change was made from; a change without one is refused.
pub(crate) struct IfMatch(pub Expect);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(text) = text_header(&parts.headers, &header::IF_MATCH)? else {
            return Err(Problem::if_match_required());
        };
        if text == "*" {
            return Ok(Self(Expect::Present));
        }
        let revision =
            text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).and_then(|digits| digits.parse().ok());
        let expected = Words::new("the ETag of an answer, such as \"7\"", "l’ETag d’une réponse, par exemple \"7\"");
        revision.map(|r| Self(Expect::Revision(r))).ok_or_else(|| Problem::bad_header("If-Match", &expected))
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Problem> {
        if parts.headers.contains_key(header::IF_MATCH) {
            <Self as FromRequestParts<S>>::from_request_parts(parts, state).await.map(Some)
        } else {
            Ok(None)
        }
    }
}

/// A header as text; a problem when it is not text.
pub(crate) fn text_header<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h str>, Problem> {
    let words = Words::new("visible ASCII characters", "des caractères ASCII visibles");
    headers.get(name).map(|value| value.to_str().map_err(|_| Problem::bad_header(name.as_str(), &words))).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn if_match_takes_an_etag_or_a_star() {
        for (header, expected) in [
            (Some("\"7\""), Ok(Expect::Revision(7))),
            (Some("*"), Ok(Expect::Present)),
            (Some("7"), Err("bad-header")),
            (Some("W/\"7\""), Err("bad-header")),
            (None, Err("if-match-required")),
        ] {
            let mut request = axum::http::Request::new(());
            header.map(|text| request.headers_mut().insert("if-match", text.parse().expect("a header value")));
            let (mut parts, ()) = request.into_parts();
            let given = <IfMatch as FromRequestParts<()>>::from_request_parts(&mut parts, &())
                .await
                .map(|m| m.0)
                .map_err(|p| p.code);
            assert_eq!(given, expected.map_err(Into::into), "{header:?}");
        }
    }
}

//! The Studio's pages, embedded in the binary, under a content security policy that lets nothing in from elsewhere.
//!
//! The files are what `cargo xtask ui` built and committed; most are kept compressed and go out as they are kept. What
//! it deliberately does not do: it knows nothing of what the pages show. They use the API as any other client does.

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, Method, Uri, header},
    response::{IntoResponse, Response},
};
use rust_embed::RustEmbed;

use crate::problem::Problem;

/// The built files. `index.html` and the pages of the demonstration stand at the top, all else under `assets`.
#[derive(RustEmbed)]
#[folder = "ui/dist"]
struct Files;

/// What the Studio's own pages may do: use their own files and this host, and nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
                      connect-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// Names of files under here change with their content, so a browser may keep them.
const ASSETS: &str = "assets/";

/// The script that other sites embed; it must load there too, and change when it changes here.
const WIDGET: &str = "webchat.js";

/// A file of the Studio, or its page for any other path that a browser asks to show.
pub(super) async fn page(method: Method, uri: Uri, headers: HeaderMap) -> Result<Response, Problem> {
    let path = uri.path();
    let nothing = || Problem::no_such_path(path);
    if (method != Method::GET && method != Method::HEAD) || path.starts_with("/api/") {
        return Err(nothing());
    }
    let name = path.trim_start_matches('/');
    if let Some(response) = file(name) {
        return Ok(response);
    }
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_of_a_person = name.is_empty() || accepted.contains("text/html") && !name.starts_with(ASSETS);
    // The page finds out by itself what its path means, so that every view can be linked to.
    is_of_a_person.then(|| file("index.html")).flatten().ok_or_else(nothing)
}

fn file(name: &str) -> Option<Response> {
    let plain = Files::get(name);
    let compressed = plain.is_none().then(|| Files::get(&format!("{name}.gz"))).flatten();
    let encoding = compressed.is_some().then_some("gzip");
    let content = plain.or(compressed)?;
    let keep = if name.starts_with(ASSETS) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = Body::from(Bytes::from(content.data.into_owned())).into_response();
    let mut put = |name, value| response.headers_mut().insert(name, HeaderValue::from_static(value));
    put(header::CONTENT_TYPE, media_type(name)?);
    put(header::CACHE_CONTROL, keep);
    put(header::CONTENT_SECURITY_POLICY, POLICY);
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(header::REFERRER_POLICY, "no-referrer");
    if let Some(encoding) = encoding {
        put(header::CONTENT_ENCODING, encoding);
    }
    if name == WIDGET {
        put(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        put(header::HeaderName::from_static("cross-origin-resource-policy"), "cross-origin");
    }
    Some(response)
}

/// The type of a built file; the build makes no others, and `build.json` is not for browsers.
fn media_type(name: &str) -> Option<&'static str> {
    let (_, ending) = name.rsplit_once('.')?;
    match ending {
        "html" => Some("text/html; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "css" => Some("text/css; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        "woff2" => Some("font/woff2"),
        _ => None,
    }
}

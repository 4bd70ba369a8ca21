//! One attempt of an HTTP call.
//!
//! Redirects are not followed and no proxy is asked: the address that was judged is the address that is called. The
//! answer is read until it is whole or too large, never further.

use std::{
    error::Error,
    fmt::Write as _,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    task::{Context, Poll},
    time::{SystemTime, UNIX_EPOCH},
    vec,
};

use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response, Uri,
    body::{Bytes, Incoming},
    header::{HeaderMap, HeaderName, HeaderValue},
};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{
        Client, Error as ClientError,
        connect::{HttpConnector, dns::Name},
    },
    rt::TokioExecutor,
};
use routewright_engine::{
    call::{CallAnswer, CallFailure, HttpCall},
    limits::CALL_BYTES_MAX,
};
use routewright_runtime::calls::CallOrder;
use tokio::net::lookup_host;
use tower_service::Service;

use crate::{Attempt, CONNECT_MAX, guard::Reach, signature};

/// The client of all calls; it keeps connections to hosts that were called lately.
#[derive(Debug)]
pub(crate) struct Http {
    client: Client<HttpsConnector<HttpConnector<Guarded>>, Full<Bytes>>,
    reach: Reach,
}

impl Http {
    pub(crate) fn new(reach: Reach) -> io::Result<Self> {
        let mut plain = HttpConnector::new_with_resolver(Guarded { reach });
        plain.enforce_http(false);
        plain.set_connect_timeout(Some(CONNECT_MAX));
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(rustls::crypto::ring::default_provider())?
            .https_or_http()
            .enable_http1()
            .wrap_connector(plain);
        Ok(Self { client: Client::builder(TokioExecutor::new()).build(connector), reach })
    }

    /// Tries once. The one who tries keeps the time.
    pub(crate) async fn attempt(&self, call: &HttpCall, order: &CallOrder) -> Attempt {
        let request = match self.request(call, order) {
            Ok(request) => request,
            Err(attempt) => return attempt,
        };
        match self.client.request(request).await {
            Ok(response) => read(response).await,
            Err(error) => failure(&error),
        }
    }

    fn request(&self, call: &HttpCall, order: &CallOrder) -> Result<Request<Full<Bytes>>, Attempt> {
        let url = parse(&call.url)?;
        // A literal address is never resolved, so it is judged here.
        if let Some(address) = literal(&url)
            && !self.reach.allows(address)
        {
            return Err(forbidden(&address.to_string()));
        }
        let body = Full::from(call.body.clone().unwrap_or_default());
        let request = Request::builder().method(call.method.as_str()).uri(url).body(body);
        let mut request = request.map_err(|error| Attempt::never(CallFailure::Invalid, error))?;
        let headers = request.headers_mut();
        put(headers, "user-agent", concat!("routewright/", env!("CARGO_PKG_VERSION")))?;
        for (name, value) in &call.headers {
            put(headers, name, value)?;
        }
        for (name, secret) in &call.secret_headers {
            let value = order.secret(secret).map_err(unknown_secret)?;
            put(headers, name, value)?;
        }
        put(headers, "idempotency-key", &order.id.to_string())?;
        if let Some(secret) = &call.sign_with {
            let secret = order.secret(secret).map_err(unknown_secret)?;
            // A clock before 1970 signs what every receiver refuses, which is right.
            let now_s = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
            let body = call.body.as_deref().unwrap_or_default();
            put(headers, signature::TIMESTAMP, &now_s.to_string())?;
            let signature = signature::sign(secret, now_s, call.method.as_str(), &call.url, body);
            put(headers, signature::SIGNATURE, &signature)?;
        }
        Ok(request)
    }
}

/// The host and port of an address, for counting failures by.
pub(crate) fn host_of(url: &str) -> Result<String, Attempt> {
    let url = parse(url)?;
    Ok(url.authority().map(ToString::to_string).unwrap_or_default().to_ascii_lowercase())
}

fn parse(url: &str) -> Result<Uri, Attempt> {
    let parsed: Uri = escaped(url).parse().map_err(|error| Attempt::never(CallFailure::Invalid, error))?;
    let is_web = matches!(parsed.scheme_str(), Some("http" | "https"));
    let is_plain = parsed.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    if is_web && is_plain {
        Ok(parsed)
    } else {
        Err(Attempt::never(CallFailure::Invalid, "expected http:// or https:// and a host, without a password"))
    }
}

/// Letters that no address may hold, percent-encoded, and without the fragment, which is never sent.
fn escaped(url: &str) -> String {
    let mut escaped = String::with_capacity(url.len());
    for byte in url.split('#').next().unwrap_or_default().bytes() {
        if byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            // Writing into a String cannot fail.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

fn literal(url: &Uri) -> Option<IpAddr> {
    url.host()?.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

fn put(headers: &mut HeaderMap, name: &str, value: &str) -> Result<(), Attempt> {
    let named = HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_str(value).ok());
    let Some((name, mut value)) = named else {
        return Err(Attempt::never(CallFailure::Invalid, format!("the header '{name}' cannot be sent")));
    };
    // No log and no debug output shows it.
    value.set_sensitive(true);
    headers.insert(name, value);
    Ok(())
}

fn unknown_secret(name: &str) -> Attempt {
    Attempt::never(CallFailure::UnknownSecret, format!("secret '{name}' does not exist: store it, or name another"))
}

fn forbidden(what: &str) -> Attempt {
    Attempt::never(CallFailure::Forbidden, format!("'{what}' is not an address of the public Internet"))
}

async fn read(response: Response<Incoming>) -> Attempt {
    let status = response.status();
    let mut incoming = response.into_body();
    let mut body = Vec::new();
    while let Some(frame) = incoming.frame().await {
        let chunk = match frame {
            Ok(frame) => frame.into_data().unwrap_or_default(),
            Err(error) => return Attempt::again(CallFailure::Unreachable, error),
        };
        if CALL_BYTES_MAX < body.len() + chunk.len() {
            let message = format!("the answer is larger than {CALL_BYTES_MAX} bytes");
            return Attempt::never(CallFailure::TooLarge, message);
        }
        body.extend_from_slice(&chunk);
    }
    let body = String::from_utf8_lossy(&body).into_owned();
    let answer = CallAnswer::Replied { status: status.as_u16(), body };
    Attempt { answer, again: status.is_server_error() || status.as_u16() == 429 }
}

fn failure(error: &ClientError) -> Attempt {
    let causes = || std::iter::successors(error.source(), |cause: &&(dyn Error + 'static)| (**cause).source());
    if let Some(Kept(name)) = causes().find_map(|cause| cause.downcast_ref::<Kept>()) {
        return forbidden(name);
    }
    let message = causes().last().map_or_else(|| error.to_string(), ToString::to_string);
    Attempt::again(CallFailure::Unreachable, message)
}

/// Resolves names, and keeps back addresses that may not be called. It is asked for every connection.
#[derive(Debug, Clone, Copy)]
struct Guarded {
    reach: Reach,
}

/// Every address of a name may not be called.
#[derive(Debug, thiserror::Error)]
#[error("'{0}' has no address that may be called")]
struct Kept(String);

impl Service<Name> for Guarded {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let reach = self.reach;
        Box::pin(async move {
            let found = lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|address| reach.allows(address.ip())).collect();
            if allowed.is_empty() {
                return Err(Kept(name.as_str().to_owned()).into());
            }
            Ok(allowed.into_iter())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{host_of, literal, parse};

    #[test]
    fn addresses_are_made_whole_or_refused() {
        for (given, sent) in [
            ("https://a.example/é b?q=\"1\"#part", "https://a.example/%C3%A9%20b?q=%221%22"),
            ("http://A.example:8080", "http://A.example:8080/"),
            ("https://a.example/%20", "https://a.example/%20"),
        ] {
            assert_eq!(parse(given).expect("an address").to_string(), sent);
        }
        for bad in ["", "a.example", "ftp://a.example/", "http://user:word@a.example/", "/path", "http://"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert_eq!(host_of("http://A.example:8080/x").expect("an address"), "a.example:8080");
        for (url, is_literal) in [("http://127.0.0.1/", true), ("http://[::1]:80/", true), ("http://a.example/", false)]
        {
            assert_eq!(literal(&parse(url).expect("an address")).is_some(), is_literal, "{url}");
        }
    }
}

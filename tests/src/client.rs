//! The smallest HTTP client that the process tests need: one request per connection, blocking, with a deadline.
//!
//! It deliberately follows no redirect and keeps no connection: a killed server must look like a failure at once.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

const TIMEOUT: Duration = Duration::from_secs(10);

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body as JSON; `null` when there is none.
    pub body: Value,
    /// The head as text, for `ETag` and the like.
    pub head: String,
}

/// Sends one request and reads its whole answer.
///
/// # Errors
/// In words, when the server cannot be reached, hangs up early, or does not speak HTTP: the request may or may not
/// have been handled.
pub fn request(
    address: SocketAddr,
    method: &str,
    path: &str,
    key: &str,
    body: Option<&Value>,
) -> Result<Reply, String> {
    send(address, (method, path), key, "", body)
}

/// Replaces what is at a path, whatever its revision.
///
/// # Errors
/// As [`request`].
pub fn put(address: SocketAddr, path: &str, key: &str, body: &Value) -> Result<Reply, String> {
    send(address, ("PUT", path), key, "if-match: *\r\n", Some(body))
}

fn send(
    address: SocketAddr,
    (method, path): (&str, &str),
    key: &str,
    headers: &str,
    body: Option<&Value>,
) -> Result<Reply, String> {
    let mut socket = TcpStream::connect_timeout(&address, TIMEOUT).map_err(|e| format!("connect: {e}"))?;
    socket.set_read_timeout(Some(TIMEOUT)).map_err(|e| e.to_string())?;
    let text = body.map(Value::to_string).unwrap_or_default();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\nauthorization: Bearer {key}\r\n{headers}\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{text}",
        text.len()
    );
    socket.write_all(request.as_bytes()).map_err(|e| format!("write: {e}"))?;
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).map_err(|e| format!("read: {e}"))?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("the server hung up before its answer")?;
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).ok_or("not an HTTP answer")?;
    let length = head.lines().find_map(|l| {
        let (name, value) = l.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    if length.is_some_and(|length| body.len() < length) {
        return Err("the server hung up in the middle of its answer".into());
    }
    let body = if body.is_empty() { Value::Null } else { serde_json::from_str(body).unwrap_or(Value::Null) };
    Ok(Reply { status, body, head: head.to_owned() })
}

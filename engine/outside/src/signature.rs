//! Signatures of requests, for receivers who must know that a request is ours and new.
//!
//! `Routewright-Timestamp` holds Unix seconds, and `Routewright-Signature` holds `v1=` and the hexadecimal
//! HMAC-SHA-256, under the shared secret, of `timestamp.METHOD.address.body`. A receiver recomputes it, compares without
//! a shortcut, and refuses timestamps more than [`WINDOW`] away; an `Idempotency-Key` seen before within it is a repeat.

use std::{fmt::Write as _, time::Duration};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The header that holds the timestamp.
pub const TIMESTAMP: &str = "routewright-timestamp";
/// The header that holds the signature.
pub const SIGNATURE: &str = "routewright-signature";
/// How far a timestamp may be from the receiver's clock: what clocks differ by, and what retries take.
pub const WINDOW: Duration = Duration::from_secs(300);

/// The value of the signature's header.
#[must_use]
pub fn sign(secret: &str, timestamp_s: u64, method: &str, address: &str, body: &str) -> String {
    let mut text = String::from("v1=");
    for byte in mac(secret, timestamp_s, method, address, body).finalize().into_bytes() {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// True for a signature that is right and of a time within the window; for receivers written in Rust.
#[must_use]
pub fn verify(
    secret: &str,
    signature: &str,
    timestamp_s: u64,
    now_s: u64,
    method: &str,
    address: &str,
    body: &str,
) -> bool {
    let Some(bytes) = signature.strip_prefix("v1=").and_then(bytes_of) else { return false };
    timestamp_s.abs_diff(now_s) <= WINDOW.as_secs()
        && mac(secret, timestamp_s, method, address, body).verify_slice(&bytes).is_ok()
}

fn mac(secret: &str, timestamp_s: u64, method: &str, address: &str, body: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(format!("{timestamp_s}.{method}.{address}.").as_bytes());
    mac.update(body.as_bytes());
    mac
}

fn bytes_of(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    digits
        .map(|pair| {
            let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
            u8::from_str_radix(pair, 16).ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{WINDOW, sign, verify};

    #[test]
    fn a_signature_is_right_for_one_request_and_one_time() {
        let signature = sign("key", 1_000, "POST", "https://a.example/x", "{}");
        // Computed with another implementation: printf '1000.POST.https://a.example/x.{}' | openssl dgst -sha256 -hmac key
        assert_eq!(signature, "v1=403dbc07c27a2533b09b8d76be05c75928b581a5baed83d37240a11cccc8def4");
        let right =
            |timestamp, now, method, address, body| verify("key", &signature, timestamp, now, method, address, body);
        assert!(right(1_000, 1_000, "POST", "https://a.example/x", "{}"));
        assert!(right(1_000, 1_000 + WINDOW.as_secs(), "POST", "https://a.example/x", "{}"));
        assert!(!right(1_000, 1_001 + WINDOW.as_secs(), "POST", "https://a.example/x", "{}"), "too old");
        assert!(!right(1_001, 1_001, "POST", "https://a.example/x", "{}"), "another time");
        assert!(!right(1_000, 1_000, "GET", "https://a.example/x", "{}"), "another method");
        assert!(!right(1_000, 1_000, "POST", "https://a.example/y", "{}"), "another address");
        assert!(!right(1_000, 1_000, "POST", "https://a.example/x", "{ }"), "another body");
        assert!(!verify("other", &signature, 1_000, 1_000, "POST", "https://a.example/x", "{}"));
        for bad in ["", "v1=", "v1=zz", "v2=00", &signature[3..]] {
            assert!(!verify("key", bad, 1_000, 1_000, "POST", "https://a.example/x", "{}"), "{bad}");
        }
    }
}

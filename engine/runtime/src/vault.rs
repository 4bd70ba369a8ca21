//! Secrets as they are stored: sealed under a key that the store does not hold (ADR 0015), or as they are when the
//! operator gave none.
//!
//! A sealed value is `sealed:` and the hexadecimal nonce and ciphertext of AES-256-GCM. Tenant and name are
//! authenticated with it, so that a value put under another name opens nowhere.
//!
//! What it deliberately does not do: it keeps no secret in memory, and reads no file; whoever starts the server does.

use std::fmt::{self, Write as _};

use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand::{SecureRandom as _, SystemRandom},
};
use routewright_engine::TenantId;

/// What a sealed value begins with. No plain one may.
const SEALED: &str = "sealed:";

/// Bytes of a key.
const KEY_BYTES: usize = 32;

/// The keys of a server's secrets: the first seals, and each may open.
pub struct SecretKeys(Vec<LessSafeKey>);

/// A text that holds no keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is not a key: expected {} hexadecimal digits", 2 * KEY_BYTES)]
pub struct BadSecretKey {
    /// Which line, from 1.
    pub line: usize,
}

impl SecretKeys {
    /// Reads keys, one a line; the first seals what is written from now on.
    ///
    /// # Errors
    /// [`BadSecretKey`] for the first line that is none. An empty text has a first line that is none.
    pub fn parse(text: &str) -> Result<Self, BadSecretKey> {
        let key = |line: usize, digits: &str| {
            let bytes = bytes_of(digits.trim()).filter(|bytes| bytes.len() == KEY_BYTES);
            let key = bytes.and_then(|bytes| UnboundKey::new(&AES_256_GCM, &bytes).ok());
            key.map(LessSafeKey::new).ok_or(BadSecretKey { line: line + 1 })
        };
        let keys = text.trim_end().split('\n').enumerate().map(|(line, digits)| key(line, digits));
        keys.collect::<Result<_, _>>().map(Self)
    }

    /// The value as it is stored; none when the machine has no randomness to give.
    fn seal(&self, tenant: &TenantId, name: &str, value: &str) -> Option<String> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).ok()?;
        let mut sealed = value.as_bytes().to_vec();
        let key = self.0.first()?;
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), whose(tenant, name), &mut sealed).ok()?;
        let mut text = SEALED.to_owned();
        for byte in nonce.iter().chain(&sealed) {
            // Writing into a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Some(text)
    }

    /// The value that was sealed, and by which of the keys.
    fn open(&self, tenant: &TenantId, name: &str, digits: &str) -> Option<(usize, String)> {
        let bytes = bytes_of(digits)?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
        self.0.iter().enumerate().find_map(|(place, key)| {
            let mut sealed = sealed.to_vec();
            let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
            let value = key.open_in_place(nonce, whose(tenant, name), &mut sealed).ok()?;
            Some((place, String::from_utf8(value.to_vec()).ok()?))
        })
    }
}

impl fmt::Debug for SecretKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} keys", self.0.len())
    }
}

fn whose(tenant: &TenantId, name: &str) -> Aad<String> {
    // Neither holds a line break, so no two pairs are written alike.
    Aad::from(format!("{tenant}\n{name}"))
}

fn bytes_of(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok());
    pairs.map(|pair| pair.filter(|pair| pair.len() == 2).and_then(|pair| u8::from_str_radix(pair, 16).ok())).collect()
}

/// How a stored value stands to the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kept {
    /// As it should be, with what it holds.
    Well(String),
    /// Readable, and to be sealed by the key of today.
    Stale(String),
    /// Sealed by a key that is not here.
    Shut,
}

/// What a stored value holds, by these keys or without any.
pub(crate) fn kept(keys: Option<&SecretKeys>, tenant: &TenantId, name: &str, stored: &str) -> Kept {
    match (stored.strip_prefix(SEALED), keys) {
        (None, None) => Kept::Well(stored.to_owned()),
        (None, Some(_)) => Kept::Stale(stored.to_owned()),
        (Some(_), None) => Kept::Shut,
        (Some(digits), Some(keys)) => match keys.open(tenant, name, digits) {
            Some((0, value)) => Kept::Well(value),
            Some((_, value)) => Kept::Stale(value),
            None => Kept::Shut,
        },
    }
}

/// A value as it is to be stored.
///
/// # Errors
/// Why it cannot be.
pub(crate) fn keep(
    keys: Option<&SecretKeys>,
    tenant: &TenantId,
    name: &str,
    value: &str,
) -> Result<String, &'static str> {
    match keys {
        Some(keys) => keys.seal(tenant, name, value).ok_or("the machine has no randomness to seal it with"),
        None if value.starts_with(SEALED) => Err("it begins like one that was sealed, 'sealed:'"),
        None => Ok(value.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> SecretKeys {
        SecretKeys::parse(text).expect("keys")
    }

    fn tenant(id: &str) -> TenantId {
        TenantId::new(id).expect("a tenant's id")
    }

    #[test]
    fn a_sealed_value_opens_under_its_own_name_alone() {
        let [one, other] = ["0a".repeat(32), "0b".repeat(32)];
        let acme = tenant("acme");
        let sealed = keep(Some(&keys(&one)), &acme, "crm", "pässword").expect("sealed");
        assert!(!sealed.contains("pässword") && sealed.starts_with(SEALED), "{sealed}");
        let again = keep(Some(&keys(&one)), &acme, "crm", "pässword").expect("sealed");
        assert_ne!(sealed, again, "equal values are not seen to be equal");
        let value = || "pässword".to_owned();
        let both = keys(&format!("{other}\n{one}\n"));
        for (keys, tenant, name, wanted) in [
            (Some(&keys(&one)), &acme, "crm", Kept::Well(value())),
            (Some(&both), &acme, "crm", Kept::Stale(value())),
            (Some(&keys(&other)), &acme, "crm", Kept::Shut),
            (Some(&keys(&one)), &acme, "mail", Kept::Shut),
            (Some(&keys(&one)), &tenant("other"), "crm", Kept::Shut),
            (None, &acme, "crm", Kept::Shut),
        ] {
            assert_eq!(kept(keys, tenant, name, &sealed), wanted, "{tenant} {name} {keys:?}");
        }
        let cut = &sealed[..sealed.len() - 1];
        for damaged in [cut, &sealed[..SEALED.len()], &format!("{cut}é")] {
            assert_eq!(kept(Some(&keys(&one)), &acme, "crm", damaged), Kept::Shut, "{damaged}");
        }
    }

    #[test]
    fn plain_values_stay_readable_and_are_to_be_sealed_once_there_is_a_key() {
        let acme = tenant("acme");
        let stored = keep(None, &acme, "crm", "open").expect("kept");
        assert_eq!(kept(None, &acme, "crm", &stored), Kept::Well("open".to_owned()));
        assert_eq!(kept(Some(&keys(&"0a".repeat(32))), &acme, "crm", &stored), Kept::Stale("open".to_owned()));
        assert!(keep(None, &acme, "crm", "sealed:00").is_err(), "nothing plain looks sealed");
    }

    #[test]
    fn a_text_that_holds_no_keys_is_refused_with_its_line() {
        let good = "0A".repeat(32);
        for (text, line) in
            [(String::new(), 1), ("0a".repeat(31), 1), (format!("{good}\nzz"), 2), (format!("\n{good}"), 1)]
        {
            assert_eq!(SecretKeys::parse(&text).expect_err("no keys"), BadSecretKey { line }, "{text:?}");
        }
        assert!(SecretKeys::parse(&format!("{good}\r\n")).is_ok());
    }
}

//! Sessions of people in browsers: a key is shown once at sign-in, and a cookie that scripts cannot read stands for it
//! until it ends. A session opens what its key opens, and ends with it.
//!
//! Like keys, sessions are kept as hashes in the store and held in memory, so that a restart signs nobody out and a
//! request costs no read. What it deliberately does not do: it knows no password.

use std::{
    collections::BTreeMap,
    sync::{PoisonError, RwLock},
    time::Duration,
};

use routewright_engine::{TenantId, Timestamp};
use routewright_runtime::{Change, DocumentKind, Expect, ReadError, Runtime};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::keys::{NoRandomness, random_hex};

/// How long a session lasts: a long working day. Every sign-in begins another.
pub const SESSION_LENGTH: Duration = Duration::from_secs(12 * 60 * 60);

/// Sessions read from the store at once.
const PAGE: u32 = 500;

/// A session as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredSession {
    /// The prefix of the key it stands for.
    pub key: String,
    /// blake3 of the whole cookie, in hexadecimal.
    pub hash: String,
    /// When it ends, if nobody ends it before.
    pub expires_at: Timestamp,
}

/// A new session: what is kept, and the cookie that its browser is given.
pub struct NewSession {
    /// The id it is kept under; the first part of the cookie.
    pub id: String,
    /// What is kept.
    pub stored: StoredSession,
    /// The cookie's value.
    pub cookie: String,
}

impl NewSession {
    /// Makes a session for a key.
    ///
    /// # Errors
    /// [`NoRandomness`] when the operating system has none.
    pub fn make(key: String, now: Timestamp) -> Result<Self, NoRandomness> {
        let id = random_hex::<6>()?;
        let cookie = format!("{id}_{}", random_hex::<32>()?);
        let hash = blake3::hash(cookie.as_bytes()).to_hex().to_string();
        Ok(Self { id, stored: StoredSession { key, hash, expires_at: now + SESSION_LENGTH }, cookie })
    }

    /// The change that keeps it.
    #[must_use]
    pub fn change(&self) -> Change {
        // Two texts and a number always serialise.
        let body = serde_json::to_value(&self.stored).unwrap_or(Value::Null);
        Change::Put { kind: DocumentKind::Session, id: self.id.clone(), expect: Expect::Absent, body }
    }
}

/// The change that ends a session.
#[must_use]
pub fn ending(id: &str) -> Change {
    Change::Delete { kind: DocumentKind::Session, id: id.to_owned(), expect: Expect::Any }
}

/// A session that a cookie opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSession {
    /// Its id.
    pub id: String,
    /// The tenant it belongs to.
    pub tenant: TenantId,
    /// The prefix of the key it stands for.
    pub key: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// All sessions, by id.
#[derive(Debug, Default)]
pub struct Sessions {
    open: RwLock<BTreeMap<String, (TenantId, StoredSession)>>,
}

impl Sessions {
    /// Every session of the store.
    ///
    /// # Errors
    /// As for [`Runtime::documents`].
    pub async fn load(runtime: &Runtime) -> Result<Self, ReadError> {
        let sessions = Self::default();
        for tenant in runtime.tenants().await? {
            let mut after = None;
            loop {
                let page = runtime.documents(tenant.clone(), DocumentKind::Session, after, PAGE).await?;
                after = page.last().map(|last| last.id.clone());
                for document in page {
                    // A session of a newer version opens nothing here: its owner signs in again.
                    if let Ok(stored) = serde_json::from_value(document.body) {
                        sessions.add(document.id, tenant.clone(), stored);
                    }
                }
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(sessions)
    }

    /// The session that this cookie opens now.
    #[must_use]
    pub fn find(&self, cookie: &str, now: Timestamp) -> Option<OpenSession> {
        let (id, _) = cookie.split_once('_')?;
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        let (tenant, stored) = open.get(id)?;
        let kept = blake3::Hash::from_hex(&stored.hash).ok()?;
        // Comparing two blake3 hashes takes the same time wherever they differ.
        let opens = blake3::hash(cookie.as_bytes()) == kept && now < stored.expires_at;
        opens.then(|| OpenSession {
            id: id.to_owned(),
            tenant: tenant.clone(),
            key: stored.key.clone(),
            expires_at: stored.expires_at,
        })
    }

    /// Takes a session that the store now has.
    pub fn add(&self, id: String, tenant: TenantId, stored: StoredSession) {
        self.open.write().unwrap_or_else(PoisonError::into_inner).insert(id, (tenant, stored));
    }

    /// Forgets a session that the store no longer has.
    pub fn remove(&self, id: &str) {
        self.open.write().unwrap_or_else(PoisonError::into_inner).remove(id);
    }

    /// Sessions of a tenant that are over, a bounded number: each sign-in tidies up some.
    #[must_use]
    pub fn over(&self, tenant: &TenantId, now: Timestamp) -> Vec<String> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        let over = open.iter().filter(|(_, (own, stored))| own == tenant && stored.expires_at <= now);
        over.map(|(id, _)| id.clone()).take(TIDIED_MAX).collect()
    }
}

/// Sessions that one sign-in tidies up at most: more than it makes, so that they never pile up.
const TIDIED_MAX: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_cookie_opens_and_only_until_the_session_ends() {
        let sessions = Sessions::default();
        let tenant = TenantId::new("main").expect("a name");
        let start = Timestamp(1_000);
        let session = NewSession::make("abc".to_owned(), start).expect("randomness");
        sessions.add(session.id.clone(), tenant.clone(), session.stored.clone());
        let whole = session.cookie.clone();
        assert_eq!(sessions.find(&whole, start).map(|open| open.key), Some("abc".to_owned()));
        for wrong in ["", "_", &whole[..whole.len() - 1], &format!("{}_", session.id), &format!("{whole}0")] {
            assert_eq!(sessions.find(wrong, start), None, "{wrong}");
        }
        let end = start + SESSION_LENGTH;
        assert!(sessions.over(&tenant, start).is_empty());
        assert_eq!(sessions.find(&whole, end), None);
        assert_eq!(sessions.over(&tenant, end), [session.id.as_str()]);
        sessions.remove(&session.id);
        assert_eq!(sessions.find(&whole, start), None);
    }

    #[test]
    fn a_stored_session_does_not_hold_its_cookie() {
        let session = NewSession::make("abc".to_owned(), Timestamp(0)).expect("randomness");
        let kept = serde_json::to_string(&session.stored).expect("it serialises");
        let secret = session.cookie.rsplit('_').next().expect("a secret part").to_owned();
        assert!(!kept.contains(&secret));
        assert_eq!(secret.len(), 64, "256 bits");
    }
}

//! API keys: who may do what, for which tenant. A key is `rw_<prefix>_<secret>`; only its blake3 hash is kept, which
//! needs no slow function because the secret has 256 random bits.
//!
//! The ring holds every key of the store in memory, so that a request costs no read. What it deliberately does not
//! do: it knows no password and no session.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{PoisonError, RwLock},
};

use routewright_engine::{AgentId, TenantId, TouchpointId};
use routewright_flows::Words;
use routewright_runtime::{Change, DocumentKind, Expect, ReadError, Runtime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a key may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "role", rename_all = "snake_case", deny_unknown_fields)]
pub enum Role {
    /// Everything in its tenant.
    Administrator,
    /// Flows, and reading what they may name.
    Author,
    /// Reading everything that goes on.
    Supervisor,
    /// What one agent does at his desk.
    Agent {
        /// Which agent.
        agent: AgentId,
    },
    /// What one touchpoint delivers and sends.
    Touchpoint {
        /// Which touchpoint.
        touchpoint: TouchpointId,
    },
    /// What visitors of a web site do at one touchpoint. Its key stands in their pages: it is no secret.
    Visitor {
        /// Which touchpoint.
        touchpoint: TouchpointId,
    },
}

impl Role {
    /// What a page that embeds the webchat holds.
    #[must_use]
    pub fn a_visitors() -> Words {
        Words::new("the public key of a webchat", "la clé publique d’un webchat")
    }

    /// Its name for people.
    #[must_use]
    pub fn words(&self) -> Words {
        match self {
            Self::Administrator => Words::new("an administrator's key", "une clé d’administrateur"),
            Self::Author => Words::new("an author's key", "une clé d’auteur"),
            Self::Supervisor => Words::new("a supervisor's key", "une clé de superviseur"),
            Self::Agent { agent } => {
                Words::new(format!("the key of agent '{agent}'"), format!("la clé de l’agent « {agent} »"))
            }
            Self::Touchpoint { touchpoint } => Words::new(
                format!("the key of touchpoint '{touchpoint}'"),
                format!("la clé du point de contact « {touchpoint} »"),
            ),
            Self::Visitor { .. } => Self::a_visitors(),
        }
    }
}

/// A key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredKey {
    /// What it may do.
    pub role: Role,
    /// What people call it.
    #[serde(default)]
    pub title: String,
    /// blake3 of the whole key, in hexadecimal.
    pub hash: String,
}

/// A new key: what is kept, and what its holder is told once.
pub struct NewKey {
    /// The id it is kept under; the middle part of the key.
    pub prefix: String,
    /// What is kept.
    pub stored: StoredKey,
    /// What the holder is told, once.
    pub secret: Secret,
}

/// The text of a key. It never appears in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text, for the one answer that tells it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// The machine has no random numbers to give.
#[derive(Debug, thiserror::Error)]
#[error("the machine gives no random numbers: {0}; no key can be made here")]
pub struct NoRandomness(String);

impl NewKey {
    /// Makes a key.
    ///
    /// # Errors
    /// [`NoRandomness`] when the operating system has none.
    pub fn make(role: Role, title: impl Into<String>) -> Result<Self, NoRandomness> {
        let prefix = random_hex::<6>()?;
        let secret = format!("rw_{prefix}_{}", random_hex::<32>()?);
        let hash = blake3::hash(secret.as_bytes()).to_hex().to_string();
        Ok(Self { prefix, stored: StoredKey { role, title: title.into(), hash }, secret: Secret(secret) })
    }

    /// The change that keeps it.
    #[must_use]
    pub fn change(&self) -> Change {
        // A role and two texts always serialise.
        let body = serde_json::to_value(&self.stored).unwrap_or(Value::Null);
        Change::Put { kind: DocumentKind::ApiKey, id: self.prefix.clone(), expect: Expect::Absent, body }
    }
}

/// Who makes a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The tenant that everything he asks for belongs to.
    pub tenant: TenantId,
    /// What he may do.
    pub role: Role,
    /// His key's prefix: how the audit trail names him.
    pub key: String,
}

/// All keys, by prefix.
#[derive(Debug, Default)]
pub struct Keyring {
    keys: RwLock<BTreeMap<String, (TenantId, StoredKey)>>,
}

impl Keyring {
    /// Every key of the store.
    ///
    /// # Errors
    /// As for [`Runtime::documents`].
    pub async fn load(runtime: &Runtime) -> Result<Self, ReadError> {
        let ring = Self::default();
        for tenant in runtime.tenants().await? {
            let mut after = None;
            loop {
                let page = runtime.documents(tenant.clone(), DocumentKind::ApiKey, after, PAGE).await?;
                after = page.last().map(|last| last.id.clone());
                for document in page {
                    // A key of a newer version opens nothing here, which is the safe way to not understand it.
                    if let Ok(stored) = serde_json::from_value(document.body) {
                        ring.add(document.id, tenant.clone(), stored);
                    }
                }
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(ring)
    }

    /// Whose key this is.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<Principal> {
        let prefix = key.strip_prefix("rw_")?.split('_').next()?;
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let (tenant, stored) = keys.get(prefix)?;
        let kept = blake3::Hash::from_hex(&stored.hash).ok()?;
        // Comparing two blake3 hashes takes the same time wherever they differ.
        (blake3::hash(key.as_bytes()) == kept).then(|| Principal {
            tenant: tenant.clone(),
            role: stored.role.clone(),
            key: prefix.to_owned(),
        })
    }

    /// Whoever holds the key of this prefix; none once it is revoked. Only for those who have already proved themselves.
    #[must_use]
    pub fn holder(&self, prefix: &str) -> Option<Principal> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let (tenant, stored) = keys.get(prefix)?;
        Some(Principal { tenant: tenant.clone(), role: stored.role.clone(), key: prefix.to_owned() })
    }

    /// Takes a key that the store now has.
    pub fn add(&self, prefix: String, tenant: TenantId, stored: StoredKey) {
        self.keys.write().unwrap_or_else(PoisonError::into_inner).insert(prefix, (tenant, stored));
    }

    /// Forgets a key that the store no longer has.
    pub fn remove(&self, prefix: &str) {
        self.keys.write().unwrap_or_else(PoisonError::into_inner).remove(prefix);
    }

    /// True when no key opens anything: the first start.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

/// Keys read from the store at once.
const PAGE: u32 = 500;

/// So many random bytes, in hexadecimal.
pub(crate) fn random_hex<const N: usize>() -> Result<String, NoRandomness> {
    let mut bytes = [0_u8; N];
    getrandom::fill(&mut bytes).map_err(|error| NoRandomness(error.to_string()))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_key_opens_and_only_until_it_is_revoked() {
        let ring = Keyring::default();
        let tenant = TenantId::new("main").expect("a name");
        let key = NewKey::make(Role::Author, "test").expect("randomness");
        ring.add(key.prefix.clone(), tenant, key.stored.clone());
        let whole = key.secret.reveal().to_owned();
        assert_eq!(ring.find(&whole).map(|p| p.role), Some(Role::Author));
        for wrong in ["", "rw_", &whole[..whole.len() - 1], &format!("rw_{}_", key.prefix), &format!("{whole}0")] {
            assert_eq!(ring.find(wrong), None, "{wrong}");
        }
        ring.remove(&key.prefix);
        assert_eq!(ring.find(&whole), None);
    }

    #[test]
    fn a_stored_key_does_not_hold_its_secret() {
        let key = NewKey::make(Role::Administrator, "").expect("randomness");
        let kept = serde_json::to_string(&key.stored).expect("it serialises");
        let secret = key.secret.reveal().rsplit('_').next().expect("a secret part").to_owned();
        assert!(!kept.contains(&secret));
        assert_eq!(format!("{:?}", key.secret), "Secret(..)");
        assert_eq!(secret.len(), 64, "256 bits");
    }
}

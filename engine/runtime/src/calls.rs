//! Calls to the outside: taken from what was committed, made by a [`Caller`], and answered back as inputs.
//!
//! A call waits in an outbox of its own until it was made, so it survives a crash; then it is made again, under the same
//! id. Calls end in any order, and the outbox forgets from its beginning only: after a crash some that had ended are made
//! again, which the id tells their receivers, and whose second answers nobody waits for.
//!
//! What it deliberately does not do: it opens no connection. Without a [`Caller`] calls wait, and the nodes that made them
//! give up at their deadlines.

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::Pin,
    sync::{Arc, Weak},
    time::Duration,
};

use routewright_engine::{
    TenantId,
    call::{Call, CallAnswer},
    effect::{Action, Effect, EffectId},
    event::{CallAnswered, Input},
    id::SecretId,
};
use serde::{Deserialize, Serialize};
use tokio::{
    sync::{Notify, mpsc, oneshot},
    time::timeout,
};

use crate::{
    documents::DocumentKind,
    readers::Readers,
    shard::{Command, Refused, calls_outbox},
    shared::Shared,
    store::{Acknowledged, OutboxRow},
    vault::{self, Kept, SecretKeys},
};

/// What comes of a call, some time.
pub type Answering = Pin<Box<dyn Future<Output = CallAnswer> + Send>>;

/// Makes calls. It tries again as the call allows, and always comes to an end.
pub trait Caller: Send + Sync {
    /// Makes one.
    fn call(&self, order: CallOrder) -> Answering;
}

/// A call to be made.
#[derive(Debug, Clone)]
pub struct CallOrder {
    /// Its idempotency key.
    pub id: EffectId,
    /// Whose.
    pub tenant: TenantId,
    /// What.
    pub call: Call,
    /// The values of the secrets that it names and that exist.
    pub secrets: BTreeMap<SecretId, String>,
}

impl CallOrder {
    /// The value of a secret.
    ///
    /// # Errors
    /// The name of one that does not exist.
    pub fn secret<'s>(&'s self, name: &'s SecretId) -> Result<&'s str, &'s str> {
        self.secrets.get(name).map(String::as_str).ok_or(name.as_str())
    }
}

/// What a secret's document holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredSecret {
    /// The value, sealed or as it is; see [`crate::vault`].
    pub value: String,
}

/// The sending end: where the committer leaves calls.
pub(crate) type CallSender = mpsc::UnboundedSender<OutboxRow>;

/// Makes calls until the shard stops. Holds nothing that keeps the shard alive.
pub(crate) async fn run(
    caller: Arc<dyn Caller>,
    shared: Weak<Shared>,
    readers: Weak<Readers>,
    secret_keys: Option<Arc<SecretKeys>>,
    mut calls: mpsc::UnboundedReceiver<OutboxRow>,
) {
    let (ended, mut ends) = mpsc::unbounded_channel::<(TenantId, u64)>();
    let mut under_way = UnderWay::default();
    loop {
        tokio::select! {
            row = calls.recv() => {
                let Some(row) = row else { return };
                let Some(readers) = readers.upgrade() else { return };
                under_way.begin(&row);
                let (caller, secret_keys) = (Arc::clone(&caller), secret_keys.clone());
                let errand = Errand { caller, shared: Weak::clone(&shared), readers, secret_keys };
                let ended = ended.clone();
                tokio::spawn(async move {
                    let (tenant, position) = (row.tenant.clone(), row.position);
                    if errand.run(row).await.is_some() {
                        // The receiver goes only with the shard.
                        let _ = ended.send((tenant, position));
                    }
                });
            }
            Some((tenant, position)) = ends.recv() => {
                let Some(shared) = shared.upgrade() else { return };
                if let Some(upto) = under_way.end(&tenant, position) {
                    let acknowledged = Acknowledged { tenant, touchpoint: calls_outbox(), upto };
                    let (reply, _) = oneshot::channel();
                    // When the mailbox is full, the next end forgets this one too.
                    let _ = shared.mailbox.post(Command::Acknowledge { acknowledged, reply });
                }
            }
        }
    }
}

/// The calls of each tenant that have begun and not ended, and the last that ended.
#[derive(Debug, Default)]
struct UnderWay {
    tenants: BTreeMap<TenantId, (BTreeSet<u64>, u64)>,
}

impl UnderWay {
    fn begin(&mut self, row: &OutboxRow) {
        self.tenants.entry(row.tenant.clone()).or_default().0.insert(row.position);
    }

    /// Up to where everything has ended; `None` when that did not move.
    fn end(&mut self, tenant: &TenantId, position: u64) -> Option<u64> {
        let (open, last) = self.tenants.get_mut(tenant)?;
        let was_first = open.first() == Some(&position);
        open.remove(&position);
        *last = (*last).max(position);
        was_first.then(|| open.first().map_or(*last, |next| next - 1))
    }
}

/// One call from the outbox row to the answer.
struct Errand {
    caller: Arc<dyn Caller>,
    shared: Weak<Shared>,
    readers: Arc<Readers>,
    secret_keys: Option<Arc<SecretKeys>>,
}

/// How long to leave a full mailbox alone.
const MAILBOX_REST: Duration = Duration::from_millis(50);

impl Errand {
    /// `None` when the shard stopped first: the call is made again after the next start.
    async fn run(self, row: OutboxRow) -> Option<()> {
        let effect: Effect = match serde_json::from_str(&row.body) {
            Ok(effect) => effect,
            Err(error) => {
                tracing::error!(%error, effect = row.effect, "a call cannot be read and is left out");
                return Some(());
            }
        };
        let Action::Call(call) = effect.action else { return Some(()) };
        let secrets = self.secrets(&effect.tenant, &call).await?;
        let order = CallOrder { id: effect.id, tenant: effect.tenant.clone(), call, secrets };
        let answer = self.caller.call(order).await;
        let answered = CallAnswered { tenant: effect.tenant, call: effect.id, answer };
        self.deliver(answered).await
    }

    async fn deliver(&self, answered: CallAnswered) -> Option<()> {
        let never = Notify::new();
        loop {
            let (reply, committed) = oneshot::channel();
            let input = Box::new(Input::CallAnswered(answered.clone()));
            let posted = self.shared.upgrade()?.mailbox.post(Command::Input { input, reply });
            match posted {
                Ok(()) => {
                    // A refusal says that the interaction is gone; either way there is nothing more to deliver.
                    return match committed.await {
                        Ok(_) => Some(()),
                        Err(_) => None,
                    };
                }
                Err(Refused::Full) => {
                    let _ = timeout(MAILBOX_REST, never.notified()).await;
                }
                Err(Refused::Closed) => return None,
            }
        }
    }

    async fn secrets(&self, tenant: &TenantId, call: &Call) -> Option<BTreeMap<SecretId, String>> {
        let names: BTreeSet<SecretId> = match call {
            Call::Http(http) => http.secret_headers.values().chain(&http.sign_with).cloned().collect(),
            Call::Mail(mail) => BTreeSet::from([mail.server.clone()]),
        };
        if names.is_empty() {
            return Some(BTreeMap::new());
        }
        let (tenant, keys) = (tenant.clone(), self.secret_keys.clone());
        let read = self.readers.read(move |reader| {
            let mut values = BTreeMap::new();
            for name in names {
                let found = reader.document(&tenant, DocumentKind::Secret, name.as_str())?;
                let secret = found.and_then(|found| serde_json::from_value::<StoredSecret>(found.body).ok());
                let kept = secret.map(|secret| vault::kept(keys.as_deref(), &tenant, name.as_str(), &secret.value));
                match kept {
                    Some(Kept::Well(value) | Kept::Stale(value)) => drop(values.insert(name, value)),
                    Some(Kept::Shut) => {
                        tracing::error!(%tenant, secret = %name, "it is sealed by a key that is not here")
                    }
                    None => {}
                }
            }
            Ok(values)
        });
        match read.await {
            Ok(values) => Some(values),
            Err(error) => {
                tracing::error!(%error, "secrets cannot be read: the call waits for the next start");
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use routewright_engine::{TenantId, Timestamp};

    use super::{OutboxRow, UnderWay, calls_outbox};

    #[test]
    fn the_outbox_forgets_up_to_the_first_call_that_has_not_ended() {
        let tenant = TenantId::new("acme").expect("a valid name");
        let mut under_way = UnderWay::default();
        for position in [10, 20, 30] {
            under_way.begin(&OutboxRow {
                position,
                tenant: tenant.clone(),
                touchpoint: calls_outbox(),
                effect: position.to_string(),
                at: Timestamp(0),
                body: String::new(),
            });
        }
        assert_eq!(under_way.end(&tenant, 20), None);
        assert_eq!(under_way.end(&tenant, 10), Some(29));
        assert_eq!(under_way.end(&tenant, 30), Some(30));
    }
}

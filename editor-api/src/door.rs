//! What every handler holds: the runtime, the checker, the keys, and the signal that the server is stopping.

use std::sync::{Arc, atomic::AtomicU64};

use routewright_engine::{TenantId, Timestamp, TouchpointId, contact::ContactKey};
use routewright_flows::{Checker, check::BadDescriptor};
use routewright_runtime::{Clock, ReadError, Runtime};
use tokio::sync::{Mutex, watch};

use crate::{
    api::RequestNames, guard::Guards, hints::Hints, keys::Keyring, meter::Meter, pace::Pace, sessions::Sessions,
};

/// Messages a visitor may write at once: more than anybody types in a row, menus included.
const VISITOR_AT_ONCE: u32 = 20;

/// Then one in so many milliseconds.
const VISITOR_EVERY_MS: i64 = 1_000;

/// Messages of all visitors of a touchpoint at once. His secret costs a visitor nothing, so a bound on each is not enough.
const VISITED_AT_ONCE: u32 = 1_000;

/// Then one in so many milliseconds: a hundred a second, far more than any floor of agents answers.
const VISITED_EVERY_MS: i64 = 10;

/// The state behind the routes.
pub struct Door {
    /// The shard and its store.
    pub runtime: Runtime,
    /// Who may do what.
    pub keyring: Keyring,
    /// Who is signed in with a browser.
    pub sessions: Sessions,
    /// Every node type's schema, compiled once.
    pub(crate) checker: Arc<Checker>,
    /// Held while settings are judged and written, so that no reference is lost between the two. One process writes a
    /// store, hence one lock is enough.
    pub(crate) settings: Mutex<()>,
    /// Roll-outs that go back by themselves.
    pub(crate) guards: Guards,
    /// Where the time of audit lines comes from.
    clock: Arc<dyn Clock>,
    /// Who is writing just now.
    pub(crate) hints: Hints,
    /// How fast each visitor of a webchat may write.
    pub(crate) visitors: Pace<ContactKey>,
    /// How fast all visitors of a touchpoint together may write.
    pub(crate) visited: Pace<(TenantId, TouchpointId)>,
    /// Counts requests.
    pub(crate) meter: Meter,
    /// Names requests that come without a name.
    pub(crate) requests: RequestNames,
    /// Numbers lines of the audit trail.
    pub(crate) audit_lines: AtomicU64,
    /// True once the server stops: streams and sockets, which never end by themselves, watch it.
    stopping: watch::Sender<bool>,
}

/// The door cannot open.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// The keys or the sessions cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A node type of this build is faulty.
    #[error(transparent)]
    Descriptor(#[from] BadDescriptor),
}

impl Door {
    /// A door to a running shard.
    ///
    /// # Errors
    /// [`DoorError`] when the keys cannot be read or a node type is faulty.
    pub async fn new(runtime: Runtime, clock: Arc<dyn Clock>) -> Result<Self, DoorError> {
        let checker = Arc::new(Checker::new(&**runtime.registry())?);
        let keyring = Keyring::load(&runtime).await?;
        let sessions = Sessions::load(&runtime).await?;
        Ok(Self {
            runtime,
            keyring,
            sessions,
            checker,
            settings: Mutex::new(()),
            guards: Guards::default(),
            clock,
            hints: Hints::new(),
            visitors: Pace::new(VISITOR_AT_ONCE, VISITOR_EVERY_MS),
            visited: Pace::new(VISITED_AT_ONCE, VISITED_EVERY_MS),
            meter: Meter::new(),
            requests: RequestNames::new(),
            audit_lines: AtomicU64::new(0),
            stopping: watch::Sender::new(false),
        })
    }

    /// The instant, as the runtime's clock shows it.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Ends every stream and socket, so that a graceful stop does not wait for them.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Ends when the server stops.
    pub(crate) fn stopped(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut stopping = self.stopping.subscribe();
        async move {
            // An error means that the door is gone, which is a stop too.
            let _ = stopping.wait_for(|stopping| *stopping).await;
        }
    }
}

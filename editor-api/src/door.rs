//! What every handler holds: the runtime, the checker, the keys, and the signal that the server is stopping.

use std::sync::Arc;

use routewright_engine::Timestamp;
use routewright_flows::{Checker, check::BadDescriptor};
use routewright_runtime::{Clock, ReadError, Runtime};
use tokio::sync::{Mutex, watch};

use crate::{api::RequestNames, keys::Keyring, meter::Meter, sessions::Sessions};

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
    /// Where the time of audit lines comes from.
    clock: Arc<dyn Clock>,
    /// Counts requests.
    pub(crate) meter: Meter,
    /// Names requests that come without a name.
    pub(crate) requests: RequestNames,
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
            clock,
            meter: Meter::new(),
            requests: RequestNames::new(),
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

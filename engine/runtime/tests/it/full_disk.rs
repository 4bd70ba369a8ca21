//! A disk without room, for real: the database itself refuses to grow. The process test with a file limit of the system
//! is the door's.

use std::{path::Path, sync::Arc};

use routewright_engine::InteractionId;
use routewright_runtime::{
    ManualClock, Runtime, Stopped, SubmitError,
    store::{SqliteStore, Store},
};

use crate::support::{START, acme, furnish, heard, is_stopped, open, options, sound, wrote};

/// Room for a few dozen conversations.
const PAGES_LEFT: u32 = 24;

/// Far more than that room holds.
const CONTACTS: usize = 2_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_without_room_stops_the_shard_and_loses_nothing_acknowledged() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let clock = Arc::new(ManualClock::new(START));
    let runtime = open(directory.path(), &clock).await;
    furnish(&runtime).await;
    runtime.close().await;

    let (acknowledged, refused) = fill_up(directory.path(), &clock).await;
    assert!(10 < acknowledged.len(), "there was room for some: {}", acknowledged.len());
    let runtime = open(directory.path(), &clock).await;
    sound(&runtime).await;
    for (address, interaction) in acknowledged {
        let view = runtime.interaction(acme(), interaction).await.expect("it reads").expect("it was acknowledged");
        assert_eq!(&*view.interaction.contact.address, address);
        let again = runtime.submit(wrote(&address, "m1", "hi")).await.expect("it is heard");
        assert!(again.repeated, "{address} was heard the first time");
    }
    let first = runtime.submit(wrote(&refused, "m1", "hi")).await.expect("there is room again");
    assert!(!first.repeated, "what was not acknowledged left no trace");
    sound(&runtime).await;
}

/// Contacts write until the shard stops: who was acknowledged, and who was not.
async fn fill_up(directory: &Path, clock: &Arc<ManualClock>) -> (Vec<(String, InteractionId)>, String) {
    let place = directory.to_owned();
    let store = move || {
        let store = SqliteStore::open(&place)?;
        store.bound_growth(PAGES_LEFT)?;
        Ok(Box::new(store) as Box<dyn Store>)
    };
    let runtime = Runtime::open_on(options(directory, clock), store).await.expect("it opens");
    let mut acknowledged = Vec::new();
    for n in 0..CONTACTS {
        let address = format!("c{n}");
        match runtime.submit(wrote(&address, "m1", "hi")).await {
            Ok(submitted) => acknowledged.push((address, heard(&submitted).0)),
            Err(error) => {
                assert_eq!(error, SubmitError::Stopped);
                let Stopped::Failed(why) = runtime.stopped().await else { panic!("the shard says why it stopped") };
                assert!(why.contains("full"), "it says what is wrong: {why}");
                assert!(runtime.stats().stopped);
                assert!(is_stopped(&runtime.submit(wrote("late", "late", "hi")).await), "nothing is taken any more");
                return (acknowledged, address);
            }
        }
    }
    panic!("the disk was never full");
}

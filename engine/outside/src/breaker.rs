//! Leaves a host alone that is in trouble: after a number of failures in a row nothing is sent to it for a while, then
//! one call tries it.
//!
//! | state | what happens | to |
//! | --- | --- | --- |
//! | closed | a success | closed, nothing counted |
//! | closed | a failure, fewer than `FAILURES_MAX` in a row | closed |
//! | closed | the failure that makes `FAILURES_MAX` | open |
//! | open | a call before `OPEN_FOR` has passed | open; the call is not made |
//! | open | a call after that | trying; the call is made |
//! | trying | another call | trying; not made |
//! | trying | a success | closed |
//! | trying | a failure | open again |

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// Failures in a row that open the circuit: enough that one bad minute of a balanced service does not.
const FAILURES_MAX: u32 = 5;

/// How long nothing is sent.
const OPEN_FOR: Duration = Duration::from_secs(30);

/// Hosts remembered. Only hosts in trouble are, and a flow names its hosts; past that the first found is forgotten.
const HOSTS_MAX: usize = 10_000;

/// The circuit of every host in trouble.
#[derive(Debug, Default)]
pub(crate) struct Breakers {
    hosts: Mutex<HashMap<String, Circuit>>,
}

#[derive(Debug)]
enum Circuit {
    Closed { failures: u32 },
    Open { since: Instant },
    Trying { since: Instant },
}

impl Breakers {
    /// True when a call may be made now. One that may must be followed by [`Breakers::note`].
    pub(crate) fn may_call(&self, host: &str, now: Instant) -> bool {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        match hosts.get_mut(host) {
            None | Some(Circuit::Closed { .. }) => true,
            // A trial whose end nobody noted is over by then as well.
            Some(circuit @ (Circuit::Open { .. } | Circuit::Trying { .. })) => {
                let (Circuit::Open { since } | Circuit::Trying { since }) = circuit else { return true };
                let rested = OPEN_FOR <= now.duration_since(*since);
                if rested {
                    *circuit = Circuit::Trying { since: now };
                }
                rested
            }
        }
    }

    /// How a call went.
    pub(crate) fn note(&self, host: &str, failed: bool, now: Instant) {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if !failed {
            hosts.remove(host);
            return;
        }
        if HOSTS_MAX <= hosts.len()
            && !hosts.contains_key(host)
            && let Some(one) = hosts.keys().next().cloned()
        {
            hosts.remove(&one);
        }
        let circuit = hosts.entry(host.to_owned()).or_insert(Circuit::Closed { failures: 0 });
        *circuit = match circuit {
            Circuit::Closed { failures } if *failures + 1 < FAILURES_MAX => Circuit::Closed { failures: *failures + 1 },
            Circuit::Closed { .. } | Circuit::Trying { .. } => {
                tracing::warn!(host, "calls to this host fail: it is left alone for a while");
                Circuit::Open { since: now }
            }
            Circuit::Open { since } => Circuit::Open { since: *since },
        };
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Breakers, FAILURES_MAX, OPEN_FOR};

    #[test]
    fn a_host_in_trouble_is_left_alone_then_tried_once() {
        let (breakers, start) = (Breakers::default(), Instant::now());
        for _ in 1..FAILURES_MAX {
            assert!(breakers.may_call("a", start));
            breakers.note("a", true, start);
        }
        breakers.note("a", false, start);
        for _ in 0..FAILURES_MAX {
            assert!(breakers.may_call("a", start));
            breakers.note("a", true, start);
        }
        assert!(!breakers.may_call("a", start + OPEN_FOR - Duration::from_millis(1)));
        assert!(breakers.may_call("b", start), "another host is not meant");
        let later = start + OPEN_FOR;
        assert!(breakers.may_call("a", later), "one call tries it");
        assert!(!breakers.may_call("a", later), "and only one");
        breakers.note("a", true, later);
        assert!(!breakers.may_call("a", later + OPEN_FOR - Duration::from_millis(1)));
        assert!(breakers.may_call("a", later + OPEN_FOR));
        breakers.note("a", false, later + OPEN_FOR);
        assert!(breakers.may_call("a", later + OPEN_FOR));
    }
}

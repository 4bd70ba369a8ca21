//! Guards of roll-outs: a version that fails too often loses its contacts by itself.
//!
//! Every few seconds the totals of each guarded version are compared with those of one window before. When a measure is
//! beyond its bound, the roll-out ends as if somebody had ended it: the release, a note with the figures, and a line of
//! the audit trail, in one transaction. Those in flight finish on their version.
//!
//! What it deliberately does not do: it keeps no samples over a restart. The window then begins anew.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use routewright_engine::{TenantId, Timestamp, release::Guard, visits::VersionVisits};
use routewright_flows::FlowId;
use routewright_runtime::DocumentKind;

use crate::{
    api::{end_rollout_as_guard, every, releases::Current},
    door::Door,
    problem::Problem,
};

/// How often guards look.
const EVERY: Duration = Duration::from_secs(5);

/// Guarded roll-outs, each with its samples.
#[derive(Debug, Default)]
pub(crate) struct Guards {
    watched: Mutex<BTreeMap<(TenantId, String), Watched>>,
}

/// A guarded roll-out.
#[derive(Debug)]
struct Watched {
    version: u32,
    /// Totals at earlier instants, oldest first; the first is one window old, or the beginning.
    samples: VecDeque<(Timestamp, Measures)>,
}

/// What guards measure, as totals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Measures {
    started: u64,
    ended: u64,
    faults: u64,
    last_resorts: u64,
    unqualified: u64,
}

impl Measures {
    fn of(visits: &VersionVisits) -> Self {
        Self {
            started: visits.started,
            ended: visits.ended,
            faults: visits.faults(),
            last_resorts: visits.last_resorts,
            unqualified: visits.unqualified,
        }
    }

    fn since(self, earlier: Self) -> Self {
        Self {
            started: self.started.saturating_sub(earlier.started),
            ended: self.ended.saturating_sub(earlier.ended),
            faults: self.faults.saturating_sub(earlier.faults),
            last_resorts: self.last_resorts.saturating_sub(earlier.last_resorts),
            unqualified: self.unqualified.saturating_sub(earlier.unqualified),
        }
    }
}

/// What is beyond its bound, with the figures; `None` while all is well, or too little happened to tell.
fn judge(guard: &Guard, seen: Measures) -> Option<String> {
    if seen.started < u64::from(guard.started_min) {
        return None;
    }
    let measures = [
        ("faults", "défaillances", seen.faults, seen.started, guard.faults_max),
        ("last resorts", "derniers recours", seen.last_resorts, seen.started, guard.last_resorts_max),
        ("ends without disposition", "fins sans qualification", seen.unqualified, seen.ended, guard.unqualified_max),
    ];
    measures.into_iter().find_map(|(en, fr, count, of, max)| {
        let max = max?;
        let beyond = 0 < of && u64::from(max) * of < count * 100;
        beyond.then(|| format!("{count} {en} of {of}, at most {max} % / {count} {fr} sur {of}, au plus {max} %"))
    })
}

impl Guards {
    /// Begins to watch the roll-out of a flow, when it has a guard.
    pub(crate) async fn watch(&self, door: &Door, tenant: &TenantId, flow: &str) -> Result<(), Problem> {
        let rollout = Current::of(door, tenant, flow).await?.plan.rollout;
        let Some(rollout) = rollout.filter(|rollout| rollout.guard.is_some()) else { return Ok(()) };
        let now = measured(door, tenant, flow, rollout.version).await?;
        let samples = VecDeque::from([(door.now(), now)]);
        self.lock().insert((tenant.clone(), flow.to_owned()), Watched { version: rollout.version, samples });
        Ok(())
    }

    /// Begins to watch every guarded roll-out of the store.
    pub(crate) async fn load(&self, door: &Door) -> Result<(), Problem> {
        for tenant in door.runtime.tenants().await? {
            for release in every(door, &tenant, DocumentKind::Release).await? {
                self.watch(door, &tenant, &release.id).await?;
            }
        }
        Ok(())
    }

    /// Looks at each of them once.
    pub(crate) async fn look(&self, door: &Door) -> Result<(), Problem> {
        let watched: Vec<(TenantId, String)> = self.lock().keys().cloned().collect();
        for (tenant, flow) in watched {
            if !self.look_at(door, &tenant, &flow).await? {
                self.lock().remove(&(tenant, flow));
            }
        }
        Ok(())
    }

    /// False when there is nothing to watch any more.
    async fn look_at(&self, door: &Door, tenant: &TenantId, flow: &str) -> Result<bool, Problem> {
        let Some(rollout) = Current::of(door, tenant, flow).await?.plan.rollout else { return Ok(false) };
        let Some(guard) = &rollout.guard else { return Ok(false) };
        let (now, totals) = (door.now(), measured(door, tenant, flow, rollout.version).await?);
        let seen = {
            let mut all = self.lock();
            let Some(own) = all.get_mut(&(tenant.clone(), flow.to_owned())) else { return Ok(false) };
            if own.version != rollout.version {
                return Ok(false);
            }
            let begins = now - guard.window.get();
            while own.samples.get(1).is_some_and(|(at, _)| *at <= begins) {
                own.samples.pop_front();
            }
            let first = own.samples.front().map_or(totals, |(_, first)| *first);
            own.samples.push_back((now, totals));
            totals.since(first)
        };
        match judge(guard, seen) {
            None => Ok(true),
            Some(reason) => {
                tracing::warn!(%tenant, flow, version = rollout.version, reason, "a roll-out goes back");
                end_rollout_as_guard(door, tenant, flow, rollout.version, reason).await?;
                Ok(false)
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<(TenantId, String), Watched>> {
        // Every critical section leaves the map whole.
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn measured(door: &Door, tenant: &TenantId, flow: &str, version: u32) -> Result<Measures, Problem> {
    let flow = FlowId::new(flow).map_err(Problem::internal)?;
    let versions = door.runtime.occupancy(tenant.clone(), flow).await?;
    let own = versions.iter().find(|of| of.version == version);
    Ok(own.map(|of| Measures::of(&of.visits)).unwrap_or_default())
}

/// Looks at every guarded roll-out once, and ends those that are beyond a bound.
///
/// # Errors
/// [`Problem`] when the store cannot be read or written.
pub async fn look(door: &Door) -> Result<(), Problem> {
    door.guards.look(door).await
}

/// Watches guarded roll-outs until the server stops.
pub async fn run(door: Arc<Door>) {
    if let Err(problem) = door.guards.load(&door).await {
        tracing::error!(?problem, "guards of roll-outs cannot be read: none acts until one is set again");
    }
    let stopped = door.stopped();
    tokio::pin!(stopped);
    let mut tick = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            () = &mut stopped => return,
            _ = tick.tick() => {
                if let Err(problem) = look(&door).await {
                    tracing::error!(?problem, "guards of roll-outs could not look");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use routewright_engine::release::Guard;
    use serde_json::{Value, json};

    use super::{Measures, judge};

    fn acts(guard: Value, seen: Measures) -> bool {
        let guard: Guard = serde_json::from_value(guard).expect("a guard");
        judge(&guard, seen).is_some()
    }

    #[test]
    fn a_guard_acts_on_what_is_beyond_its_bound_and_only_on_enough() {
        let seen = Measures { started: 100, ended: 50, faults: 5, last_resorts: 1, unqualified: 10 };
        assert!(acts(json!({ "faults_max": 4 }), seen));
        assert!(!acts(json!({ "faults_max": 5 }), seen), "at the bound is not beyond it");
        assert!(!acts(json!({}), seen), "a guard without a measure never acts");
        assert!(acts(json!({ "last_resorts_max": 0 }), seen));
        assert!(acts(json!({ "unqualified_max": 19 }), seen), "of those that ended");
        assert!(!acts(json!({ "unqualified_max": 20 }), seen));
        assert!(!acts(json!({ "faults_max": 0, "started_min": 101 }), seen), "too few to tell");
    }

    #[test]
    fn it_says_what_and_how_much_in_both_languages() {
        let guard: Guard = serde_json::from_value(json!({ "faults_max": 2 })).expect("a guard");
        let seen = Measures { started: 40, faults: 4, ..Measures::default() };
        let reason = judge(&guard, seen).expect("it acts");
        assert_eq!(reason, "4 faults of 40, at most 2 % / 4 défaillances sur 40, au plus 2 %");
    }
}

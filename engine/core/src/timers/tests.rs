//! The table against two ordered maps, over random histories.

use proptest::prelude::*;

use super::*;

/// The plainest table that can be thought of.
#[derive(Debug, Default)]
struct Model(BTreeMap<TimerKey, Timestamp>);

impl Model {
    fn first(&self) -> Option<(Timestamp, TimerKey)> {
        self.0.iter().map(|(key, at)| (*at, key.clone())).min()
    }
}

/// Instants near and far, so that deadlines lie on every level of the wheel and move between them.
fn instant() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => 0_i64..40,
        2 => 0_i64..70_000,
        1 => any::<i64>(),
        1 => prop::sample::select(vec![-1, 255, 256, 65_535, 65_536, i64::MIN, i64::MAX]),
    ]
}

#[derive(Debug, Clone)]
enum Deed {
    Arm(TimerKey, Option<i64>),
    Pop(i64),
}

fn key() -> impl Strategy<Value = TimerKey> {
    let agent = |n: u8| AgentId::new(&format!("agent-{n}")).expect("a valid id");
    let tenant = |n: u8| TenantId::new(&format!("tenant-{n}")).expect("a valid id");
    prop_oneof![
        // Two pages of the table, with gaps.
        (10_u64..22).prop_map(|id| TimerKey::Interaction(InteractionId(id))),
        (10_u64..22).prop_map(|id| TimerKey::Work(InteractionId(id))),
        (0_u8..2, 0_u8..3).prop_map(move |(t, a)| TimerKey::Agent(tenant(t), agent(a))),
    ]
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        6 => (key(), prop::option::weighted(0.8, instant())).prop_map(|(key, at)| Deed::Arm(key, at)),
        1 => instant().prop_map(Deed::Pop),
    ]
}

proptest! {
    #[test]
    fn the_table_is_an_ordered_map_whatever_is_armed_moved_and_forgotten(deeds in prop::collection::vec(deed(), 0..400)) {
        let (mut timers, mut model) = (Timers::default(), Model::default());
        for deed in deeds {
            match deed {
                Deed::Arm(key, at) => {
                    let at = at.map(Timestamp);
                    timers.arm(key.clone(), at);
                    match at {
                        Some(at) => model.0.insert(key.clone(), at),
                        None => model.0.remove(&key),
                    };
                    prop_assert_eq!(timers.get(&key), at);
                }
                Deed::Pop(now) => {
                    let first = model.first().filter(|(at, _)| *at <= Timestamp(now));
                    if let Some((_, key)) = &first {
                        model.0.remove(key);
                    }
                    prop_assert_eq!(timers.pop_due(Timestamp(now)), first);
                }
            }
            // Asked only now and then: in between, places that moved pile up.
            if timers.len() % 3 != 0 {
                prop_assert_eq!(timers.earliest(), model.first().map(|(at, _)| at));
            }
            prop_assert_eq!(timers.len(), model.0.len());
        }
        while let Some(first) = model.first() {
            model.0.remove(&first.1);
            prop_assert_eq!(timers.pop_due(Timestamp(i64::MAX)), Some(first));
        }
        prop_assert!(timers.is_empty());
    }
}

#[test]
fn restarts_without_end_keep_places_within_twice_the_deadlines() {
    let mut timers = Timers::default();
    for n in 0..10_000_i64 {
        // Earlier each time: the case that leaves a place behind.
        timers.arm(TimerKey::Work(InteractionId(n.unsigned_abs() % 100 + 1)), Some(Timestamp(100_000 - n)));
    }
    assert_eq!(timers.len(), 100);
    assert!(timers.numbered.places() <= 2 * 100 + 65, "{} places", timers.numbered.places());
}

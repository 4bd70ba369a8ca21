//! The short form of `cargo xtask determinism`.

use routewright_tests::day::{Reloads, prove};

#[test]
fn the_same_days_are_decided_alike_with_a_reload_between_any_two_events() {
    let told = prove(1, 24_000, Reloads::Often { closely: 8_000, one_in: 7 }).unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(told.events, 24_000);
    assert!(50 < told.taken && 20 < told.timers, "nothing was decided: {told:?}");
}

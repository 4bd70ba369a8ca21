//! Mistakes of every class are found, and none is seen where there is none.

use routewright_tests::{mutate::Bench, sim::centre};

/// `cargo xtask mutate` makes a thousand; a run of the tests makes a few of each class.
#[test]
fn of_a_hundred_mistakes_the_checks_find_at_least_ninety_nine() {
    let flows = centre::library().into_iter().map(|flow| flow.as_ref().clone());
    let outcome = Bench::new(flows).expect("the library has no finding").run(7, 160);
    assert_eq!(outcome.made(), 160);
    assert!(990 <= outcome.recall_per_mille(), "{:#?}", outcome.missed);
}

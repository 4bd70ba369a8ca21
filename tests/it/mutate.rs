//! Mistakes of every class are found, and none is seen where there is none.

use routewright_tests::{corpus, mutate::Bench, sim::centre};

/// `cargo xtask mutate` makes a thousand; a run of the tests makes a few of each class.
#[test]
fn of_a_hundred_mistakes_the_checks_find_at_least_ninety_nine() {
    let flows = centre::library().into_iter().map(|flow| flow.as_ref().clone());
    let bench = Bench::new([flows.collect()]).expect("the library can be laid out");
    assert_eq!(bench.findings_before(), [""; 0], "the library has no finding");
    judge(&bench);
}

/// The same of flows that other systems' authors wrote, with the defects they have of their own.
#[test]
fn of_a_hundred_mistakes_in_imported_flows_the_checks_find_at_least_ninety_nine() {
    let Some(imports) = corpus::imports() else {
        println!("no corpus here: set ROUTEWRIGHT_SHARED");
        return;
    };
    judge(&Bench::new(imports).expect("imports can be laid out"));
}

fn judge(bench: &Bench) {
    let outcome = bench.run(7, 160);
    assert_eq!(outcome.made(), 160);
    assert!(990 <= outcome.recall_per_mille(), "{:#?}", outcome.missed);
}

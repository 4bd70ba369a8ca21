//! The kill test in its short form: a real server, concurrent load, 20 kills.

use routewright_tests::kill::{Plan, run};

#[test]
fn nothing_acknowledged_is_lost_when_the_server_is_killed() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let plan = Plan { kills: 20, contacts: 12, agents: 4, seed: 20_261_121 };
    match run(dir.path(), plan) {
        Ok(outcome) => {
            assert!(0 < outcome.messages && 0 < outcome.replies && 0 < outcome.cut_off, "too quiet: {outcome:?}");
        }
        Err(broken) => panic!("{broken}"),
    }
}

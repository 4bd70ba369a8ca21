//! The short form of `cargo xtask sim`, and what only a comparison of stories can show.

use routewright_tests::sim::{Options, run};

const SEEDS: std::ops::RangeInclusive<u64> = 1..=20;
const STORY: Options = Options { seed: 0, inputs: 2_000, crashes: true, vanish: true };

fn tell(options: Options) -> routewright_tests::sim::Report {
    run(options).unwrap_or_else(|failure| panic!("{failure}"))
}

#[test]
fn no_rule_is_broken_in_twenty_stories_with_crashes() {
    let mut crashes = 0;
    for seed in SEEDS {
        let told = tell(Options { seed, ..STORY });
        assert!(0 < told.interactions && 0 < told.messages, "nothing happened in the story of seed {seed}");
        crashes += told.crashes;
    }
    assert!(20 < crashes, "the stories had only {crashes} crashes");
}

#[test]
fn a_seed_tells_the_same_story_every_time() {
    for seed in [3, 7] {
        let options = Options { seed, inputs: 1_000, ..STORY };
        assert_eq!(tell(options), tell(options), "seed {seed}");
    }
}

#[test]
fn crashes_change_nothing_that_people_see() {
    for seed in 21..=26 {
        let calm = Options { seed, inputs: 1_000, crashes: false, vanish: false };
        let (calm, rough) = (tell(calm), tell(Options { crashes: true, ..calm }));
        assert_eq!(calm.hash, rough.hash, "seed {seed} went otherwise with crashes");
        assert!(calm.crashes == 0 && 0 < rough.crashes, "seed {seed}");
    }
}

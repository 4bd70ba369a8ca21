//! The longest way, held against every walk that counts its rounds.

use proptest::prelude::*;

use super::{Legs, Net, Trail, Way};

const VERTICES: usize = 5;
/// The vertex where silences end.
const GOAL: usize = VERTICES;

/// A way of a random net: from, to, seconds, counted.
type Path = (usize, usize, u64, bool);

fn path() -> impl Strategy<Value = Path> {
    (0..VERTICES, 0..=VERTICES, prop_oneof![2 => Just(0), 3 => 1_u64..9], prop::bool::weighted(0.3))
}

fn net(paths: &[Path], rounds: u64, legs: &mut Legs<usize>) -> Net {
    let mut net = Net::of(VERTICES + 1);
    net.rounds = vec![rounds; VERTICES + 1];
    for (index, (from, to, length, counted)) in paths.iter().enumerate() {
        let quiet = Some(legs.wait(index, *length));
        net.ways[*from].push(Way { to: *to, quiet, after: None, counted: *counted });
    }
    net
}

/// The longest way to the goal from every vertex by going every way, each loop's rounds counted until it is left by
/// another way; an error when some circle makes it longer and longer.
fn by_walking(paths: &[Path], rounds: u64) -> Result<Vec<Option<u64>>, ()> {
    let rounds = usize::try_from(rounds).expect("a few rounds");
    let loops: Vec<usize> = (0..VERTICES).filter(|v| paths.iter().any(|(from, .., c)| from == v && *c)).collect();
    let kinds = (rounds + 1).pow(u32::try_from(loops.len()).expect("a few loops"));
    let place = |vertex: usize| loops.iter().position(|one| *one == vertex).map(|p| (rounds + 1).pow(p as u32));
    let mut longest = vec![None; (VERTICES + 1) * kinds];
    (0..kinds).for_each(|counts| longest[GOAL * kinds + counts] = Some(0));
    for turn in 0..=longest.len() {
        let mut changed = false;
        for (from, to, length, counted) in paths {
            for counts in 0..kinds {
                let used = place(*from).map_or(0, |unit| counts / unit % (rounds + 1));
                let then = match (place(*from), counted) {
                    (Some(_), true) if used == rounds => continue,
                    (Some(unit), true) => counts + unit,
                    (Some(unit), false) => counts - used * unit,
                    (None, _) => counts,
                };
                let Some(on) = longest[to * kinds + then] else { continue };
                let here = &mut longest[from * kinds + counts];
                if here.is_none_or(|here| here < length + on) {
                    *here = Some(length + on);
                    changed = true;
                }
            }
        }
        if !changed {
            // Nobody knows how often a loop was gone round before.
            let of = |vertex: usize| longest[vertex * kinds..(vertex + 1) * kinds].iter().copied().max().flatten();
            return Ok((0..=VERTICES).map(of).collect());
        }
        if turn == longest.len() {
            return Err(());
        }
    }
    Err(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    /// Never too short, and exact where no loop is inside another one's round; endless whenever a walk is.
    #[test]
    fn the_longest_way_is_that_of_the_longest_walk(paths in prop::collection::vec(path(), 1..11), rounds in 1_u64..4) {
        let mut legs = Legs::new();
        let net = net(&paths, rounds, &mut legs);
        let walked = by_walking(&paths, rounds);
        let n_loops = (0..VERTICES).filter(|v| paths.iter().any(|(from, .., c)| from == v && *c)).count();
        if net.endless().is_some() {
            // A walk that never reaches the goal is endless all the same.
            return Ok(());
        }
        let Ok(walked) = walked else { return Err(TestCaseError::fail("a walk is endless")) };
        let found = net.longest(&mut legs, &[(GOAL, Trail::NONE)]);
        for (vertex, walked) in walked.iter().enumerate() {
            let trail = found[vertex];
            prop_assert_eq!(trail.is_some(), walked.is_some(), "vertex {}", vertex);
            let (Some(trail), Some(walked)) = (trail, *walked) else { continue };
            prop_assert!(walked <= trail.length, "vertex {}: {} walked, {} found", vertex, walked, trail.length);
            if n_loops <= 1 {
                prop_assert_eq!(walked, trail.length, "vertex {}", vertex);
            }
            let sum: u64 = legs.waits(trail).iter().map(|(index, times)| paths[*index].2 * times).sum();
            prop_assert_eq!(sum, trail.length, "the waits of vertex {}", vertex);
        }
    }
}

fn longest(paths: &[Path], rounds: &[(usize, u64)]) -> Option<u64> {
    let mut legs = Legs::new();
    let mut net = net(paths, 0, &mut legs);
    rounds.iter().for_each(|(vertex, rounds)| net.rounds[*vertex] = *rounds);
    if net.endless().is_some() {
        return None;
    }
    net.longest(&mut legs, &[(GOAL, Trail::NONE)])[0].map(|trail| trail.length)
}

#[test]
fn rounds_inside_rounds_are_multiplied() {
    // An outer loop at 0 of a wait and an inner loop at 1 of another wait.
    let nested = [(0, 1, 60, true), (1, 2, 0, true), (2, 1, 5, false), (1, 0, 0, false), (0, GOAL, 7, false)];
    assert_eq!(longest(&nested, &[(0, 3), (1, 4)]), Some(3 * (60 + 4 * 5) + 7));
    // The same inner loop, left for good from inside its round.
    let left = [nested.as_slice(), &[(2, GOAL, 1_000, false)]].concat();
    assert_eq!(longest(&left, &[(0, 3), (1, 4)]), Some(3 * 60 + 2 * 4 * 5 + 3 * 5 + 1_000));
}

#[test]
fn only_circles_that_nothing_counts_and_that_take_time_are_endless() {
    assert_eq!(longest(&[(0, 1, 1, false), (1, 0, 0, false), (1, GOAL, 0, false)], &[]), None);
    assert_eq!(longest(&[(0, 1, 0, false), (1, 0, 0, false), (1, GOAL, 3, false)], &[]), Some(3));
    assert_eq!(longest(&[(0, 1, 1, false), (1, 0, 0, true), (1, GOAL, 0, false)], &[(1, 9)]), Some(10));
    // Two loops that begin each other anew.
    let anew = [(0, 2, 1, true), (2, 0, 0, false), (0, 1, 0, false), (1, 0, 0, false), (1, GOAL, 0, false)];
    assert_eq!(longest(&anew, &[(0, 2)]), None);
}

#[test]
fn loops_deeper_than_are_followed_are_taken_at_their_worst() {
    let depth = super::LOOPS_NESTED_MAX + 3;
    let mut legs = Legs::new();
    let mut net = Net::of(depth + 1);
    // Each loop's round goes to the next loop, whose end leads back.
    for at in 0..depth {
        let inner = if at + 1 < depth { at + 1 } else { at };
        let quiet = Some(legs.wait(at, 1));
        net.ways[at].push(Way { to: inner, quiet, after: None, counted: true });
        let out = if at == 0 { depth } else { at - 1 };
        net.ways[at].push(Way { to: out, quiet: Some(Trail::NONE), after: None, counted: false });
        net.rounds[at] = 2;
    }
    assert_eq!(net.endless(), None);
    let found = net.longest(&mut legs, &[(depth, Trail::NONE)])[0].expect("a way").length;
    let exact = (1..=depth).fold(0_u64, |inner, _| 2 * (1 + inner));
    assert!(exact <= found, "{exact} walked, {found} found");
}

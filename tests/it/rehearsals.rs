//! The library's tests with a day after each: the same to the byte every time. `cargo xtask bench rehearsals` plays a
//! thousand of them, and each a hundred times.

use routewright_tests::bench::rehearsals::Repertoire;

#[test]
fn a_day_of_virtual_time_passes_the_same_way_every_time() {
    let repertoire = Repertoire::new().expect("the library can be published");
    assert!(!repertoire.is_empty());
    for number in 0..repertoire.len() {
        let first = repertoire.play(number);
        assert!(first.passed, "{}", first.report("en"));
        assert!(first.transcript.lines().any(|line| line.contains('|')), "it tells something");
        for _ in 0..3 {
            assert_eq!(repertoire.play(number).transcript, first.transcript, "{}", first.name);
        }
    }
    // One of them a hundred times: what differs once in a hundred must show.
    let first = repertoire.play(0).transcript;
    assert!((0..100).all(|_| repertoire.play(0).transcript == first));
}

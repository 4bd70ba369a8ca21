//! What contacts can expect, told from rows.

use routewright_flows::{Channel, HumanDuration};

use super::{super::*, Centre, agent, levels, seconds};
use crate::catalogue::ProfileSettings;

const SALES: &[(&str, u8)] = &[("sales", 3)];
const SUPPORT: &[(&str, u8)] = &[("support", 3)];
const BOTH: &[(&str, u8)] = &[("sales", 3), ("support", 3)];

/// One contact at a time, no wrap-up.
fn one_at_a_time() -> ProfileSettings {
    ProfileSettings { contacts_max: 1, wrap_up: HumanDuration::default(), ..ProfileSettings::default() }
}

#[test]
fn the_wait_to_expect_follows_the_pace_of_the_agents_and_survives_a_restart() {
    let mut centre = Centre::new(&[("ada", SALES), ("bob", SALES)], one_at_a_time());
    let sales = Requirement { skills: levels(SALES), supervisor: false };
    let seconds_at = |centre: &Centre, place| {
        centre.capacity.expected_wait(Channel::Webchat, &sales, place).map(|wait| wait.as_secs())
    };
    assert_eq!(seconds_at(&centre, 1), None, "nobody is there");
    centre.online(&["ada"]);
    assert_eq!(seconds_at(&centre, 1), Some(0), "an agent is free");
    centre.arrive(1, SALES);
    centre.accept(1);
    assert_eq!(seconds_at(&centre, 1), None, "nobody has handled a contact yet");
    centre.now = centre.now + seconds(300);
    centre.arrive(2, SALES);
    centre.close(1);
    centre.accept(2);
    assert_eq!((seconds_at(&centre, 1), seconds_at(&centre, 3)), (Some(300), Some(900)));
    centre.now = centre.now + seconds(700);
    centre.arrive(3, SALES);
    centre.close(2);
    // An eighth of the way from 300 to 700.
    assert_eq!(seconds_at(&centre, 2), Some(700));
    centre.online(&["bob"]);
    centre.arrive(4, SALES);
    centre.arrive(5, SALES);
    // Bob has handled nobody: he is taken to be as fast as the others.
    assert_eq!((seconds_at(&centre, 1), seconds_at(&centre, 2)), (Some(175), Some(350)));
    assert_eq!(centre.capacity.expected_wait_of(InteractionId(5)).map(|wait| wait.as_secs()), Some(175));
    let row = centre.capacity.agent_row(&agent("ada")).expect("she exists");
    assert_eq!(row.handling_ms / 1_000, 350, "the row has it, for after a restart");
}

#[test]
fn the_service_level_of_the_moment_counts_who_waits_and_who_is_served() {
    let mut centre = Centre::new(&[("ada", BOTH)], one_at_a_time());
    let level = |centre: &Centre, within, skill: &str| {
        centre.capacity.service_level(&[SkillId::new(skill).expect("a name")], seconds(within), centre.now)
    };
    assert_eq!(level(&centre, 60, "sales"), None, "nobody waits and nobody is served");
    centre.arrive(1, SALES);
    centre.now = centre.now + seconds(60);
    centre.online(&["ada"]);
    centre.accept(1);
    assert_eq!((level(&centre, 61, "sales"), level(&centre, 59, "sales")), (Some(100), Some(0)));
    centre.arrive(2, SALES);
    centre.arrive(3, SALES);
    centre.arrive(4, SUPPORT);
    centre.now = centre.now + seconds(62);
    centre.arrive(5, SALES);
    assert_eq!((level(&centre, 61, "sales"), level(&centre, 61, "support")), (Some(50), Some(0)));
}

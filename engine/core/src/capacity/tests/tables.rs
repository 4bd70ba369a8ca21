//! Rows of the requirements, one test each.

use std::{sync::Arc, time::Duration};

use routewright_flows::{Channel, HumanDuration};

use super::{super::*, Centre, agent, levels, seconds};
use crate::{
    catalogue::{Ageing, Catalogue, PreferredAgent, ProfileSettings, SkillSettings, Strategy, WideningStep},
    id::ProfileId,
    limits::{EXCLUSION_MAX, PRESENCE_LEASE, REOFFER_DELAY_MIN},
};

const SALES: &[(&str, u8)] = &[("sales", 3)];
const SUPPORT: &[(&str, u8)] = &[("support", 3)];
const BOTH: &[(&str, u8)] = &[("sales", 3), ("support", 3)];
const NONE: [&str; 0] = [];

/// One contact at a time, no wrap-up.
fn one_at_a_time() -> ProfileSettings {
    ProfileSettings { contacts_max: 1, wrap_up: HumanDuration::default(), ..ProfileSettings::default() }
}

fn finish(who: &str, interaction: u64) -> Request {
    Request::Finish { agent: agent(who), interaction: InteractionId(interaction), disposition: None }
}

#[test]
fn p_01_only_available_agents_get_contacts() {
    let offered = |status| {
        let mut centre = Centre::new(&[("ada", SALES)], ProfileSettings::default());
        centre.status("ada", status);
        !centre.arrive(1, SALES).is_empty()
    };
    let table = [
        (PresenceStatus::Available, true),
        (PresenceStatus::Draining, false),
        (PresenceStatus::Paused, false),
        (PresenceStatus::Offline, false),
    ];
    assert_eq!(table.map(|(status, _)| (status, offered(status))), table);
}

#[test]
fn p_09_the_queue_goes_by_priority_then_age_then_number() {
    let mut centre = Centre::new(&[("ada", SALES)], one_at_a_time());
    centre.arrive(2, SALES);
    centre.arrive(1, SALES);
    centre.now = centre.now + seconds(1);
    centre.arrive(3, SALES);
    centre.arrive_as(4, SALES, 5);
    let mut order = Vec::new();
    centre.online(&["ada"]);
    for _ in 0..4 {
        let interaction = centre.capacity.agent(&agent("ada")).expect("she exists").offers[0].interaction.0;
        order.push(interaction);
        centre.accept(interaction);
        centre.close(interaction);
    }
    assert_eq!(order, [4, 1, 2, 3]);
}

#[test]
fn p_12_amending_keeps_the_place_and_asks_again() {
    let mut centre = Centre::new(&[("ada", SALES), ("bob", SUPPORT)], one_at_a_time());
    centre.online(&["ada", "bob"]);
    centre.arrive(1, SALES);
    centre.arrive(2, SALES);
    let to_support = |interaction| Request::Amend {
        interaction: InteractionId(interaction),
        requirement: Requirement { skills: levels(SUPPORT), supervisor: false },
        priority: 0,
    };
    let since = centre.capacity.work(InteractionId(2)).map(|work| work.since);
    assert_eq!(centre.do_(to_support(2)), ["i2 offered to bob"]);
    assert_eq!(centre.capacity.work(InteractionId(2)).map(|work| work.since), since);
    // The offer to Ada no longer suits the contact, and Bob is full.
    assert_eq!(centre.do_(to_support(1)), ["i1 Withdrawn ada"]);
    assert_eq!(centre.capacity.work(InteractionId(1)).map(|work| work.bounced.len()), Some(0), "she did nothing wrong");
}

#[test]
fn fce_05_new_limits_apply_at_the_next_offer_and_nothing_is_taken_away() {
    let mut centre = Centre::new(&[("ada", SALES)], ProfileSettings::default());
    centre.online(&["ada"]);
    for interaction in 1..=4 {
        centre.arrive(interaction, SALES);
    }
    centre.accept(1);
    let default = ProfileId::new("default").expect("a name");
    centre.catalogue.profiles.get_mut(&default).expect("it exists").contacts_max = 2;
    assert_eq!(centre.configure(), NONE, "she keeps three");
    assert_eq!(centre.decline(2), ["i2 Declined ada"], "two are left, and two is the maximum now");
    centre.catalogue.profiles.get_mut(&default).expect("it exists").contacts_max = 3;
    assert_eq!(centre.configure(), ["i4 offered to ada"], "a raised limit is an event");
}

#[test]
fn fce_06_offers_count_against_the_maximum() {
    let mut centre = Centre::new(&[("ada", SALES)], ProfileSettings::default());
    centre.online(&["ada"]);
    for interaction in 1..=3 {
        assert_eq!(centre.arrive(interaction, SALES), [format!("i{interaction} offered to ada")]);
    }
    assert_eq!(centre.arrive(4, SALES), NONE);
    centre.accept(1);
    assert_eq!(centre.with(4), None, "an accepted offer frees nothing");
    centre.close(1);
    assert_eq!(centre.with(4), None, "nor does a wrap-up");
    assert_eq!(centre.do_(finish("ada", 1)), ["i1 closed by ada", "i4 offered to ada"]);
}

#[test]
fn fce_07_wrap_up_runs_from_the_close_by_agent_or_contact() {
    let mut centre = Centre::new(&[("ada", SALES)], ProfileSettings::default());
    centre.online(&["ada"]);
    let until = centre.now + seconds(60);
    for interaction in 1..=2 {
        centre.arrive(interaction, SALES);
        centre.accept(interaction);
    }
    assert_eq!(centre.close(1), [format!("i1 wrapped up by ada until {}", until.0)]);
    let left = Request::Withdraw { interaction: InteractionId(2) };
    assert_eq!(centre.do_(left.clone()), [format!("i2 wrapped up by ada until {}", until.0)]);
    assert_eq!(centre.do_(left), NONE, "the record is hers to complete");
    assert_eq!(centre.do_(finish("ada", 2)), ["i2 closed by ada"]);
}

#[test]
fn fce_07_a_wrap_up_of_zero_frees_the_slot_at_once() {
    let mut centre = Centre::new(&[("ada", SALES)], one_at_a_time());
    centre.online(&["ada"]);
    centre.arrive(1, SALES);
    centre.arrive(2, SALES);
    centre.accept(1);
    assert_eq!(centre.close(1), ["i1 closed by ada", "i2 offered to ada"]);
}

#[test]
fn fce_08_wrap_up_takes_a_slot_and_not_the_agent() {
    let mut centre = Centre::new(&[("ada", SALES)], ProfileSettings { contacts_max: 2, ..ProfileSettings::default() });
    centre.online(&["ada"]);
    centre.arrive(1, SALES);
    centre.accept(1);
    centre.close(1);
    assert_eq!(centre.arrive(2, SALES), ["i2 offered to ada"]);
    assert_eq!(centre.arrive(3, SALES), NONE);
}

#[test]
fn fce_09_t_14_wrap_up_closes_by_itself() {
    let mut centre = Centre::new(&[("ada", SALES)], ProfileSettings { contacts_max: 1, ..ProfileSettings::default() });
    centre.online(&["ada"]);
    centre.arrive(1, SALES);
    centre.accept(1);
    centre.close(1);
    centre.arrive(2, SALES);
    assert_eq!(centre.pass(seconds(59)), NONE);
    assert_eq!(centre.pass(seconds(1)), ["i1 closed by ada (expired)", "i2 offered to ada"]);
}

#[test]
fn t_14_a_flow_may_set_the_length_from_the_beginning() {
    let mut centre = Centre::new(&[("ada", SALES)], ProfileSettings::default());
    centre.online(&["ada"]);
    centre.arrive(1, SALES);
    centre.accept(1);
    let set = |length| Request::SetWrapUp { interaction: InteractionId(1), length };
    assert_eq!(centre.ask(set(seconds(5))), Err(CapacityRefusal::NoWrapUp(InteractionId(1))));
    centre.close(1);
    let begin = centre.now;
    centre.pass(seconds(10));
    assert_eq!(centre.do_(set(seconds(120))), NONE);
    assert_eq!(centre.capacity.work_deadline(InteractionId(1)), Some(begin + seconds(120)));
    assert_eq!(centre.do_(set(seconds(10))), ["i1 closed by ada (expired)"]);
}

#[test]
fn t_04_an_offer_expires_and_an_answer_at_that_instant_is_late() {
    let mut centre = Centre::new(&[("ada", SALES), ("bob", SALES)], one_at_a_time());
    centre.online(&["ada", "bob"]);
    centre.arrive(1, SALES);
    let Some(WorkState::Offered { offer, agent, expires_at }) = centre.state(1) else { panic!("i1 is offered") };
    centre.now = expires_at;
    let late = Request::Accept { agent: agent.clone(), offer };
    assert_eq!(centre.ask(late), Err(CapacityRefusal::OfferGone { offer, agent }));
    assert_eq!(centre.pass(Duration::ZERO), ["i1 Expired ada", "i1 offered to bob"]);
}

#[test]
fn pbx_18_work_units_bound_what_an_agent_carries() {
    let profile = ProfileSettings {
        contacts_max: 9,
        units: [(Channel::Voice, 4), (Channel::Webchat, 2)].into(),
        units_max: Some(7),
        ..ProfileSettings::default()
    };
    let mut centre = Centre::new(&[("ada", &[])], profile);
    centre.online(&["ada"]);
    let mut call = |interaction, channel| {
        let interaction = InteractionId(interaction);
        let (requirement, since) = (Requirement::default(), centre.now);
        !centre
            .do_(Request::Enqueue {
                touchpoint: None,
                interaction,
                channel,
                requirement,
                priority: 0,
                since,
                preferred: None,
                legs: Vec::new(),
            })
            .is_empty()
    };
    assert!(call(1, Channel::Voice), "4 of 7");
    assert!(!call(2, Channel::Voice), "8 of 7");
    assert!(call(3, Channel::Webchat), "6 of 7");
    assert!(!call(4, Channel::Webchat), "8 of 7");
    assert!(call(5, Channel::Email), "a channel that is not named weighs 1");
    assert!(!call(6, Channel::Email), "8 of 7");
    assert_eq!(
        centre.capacity.why(InteractionId(2), &agent("ada")),
        Some(Why::Capacity(Bound::Units { has: 7, weight: 4, max: 7 }))
    );
}

#[test]
fn fce_12_each_channel_has_its_own_maximum() {
    let profile = ProfileSettings {
        contacts_max: 3,
        channel_max: [(Channel::Voice, 1), (Channel::Sms, 0)].into(),
        ..ProfileSettings::default()
    };
    let mut centre = Centre::new(&[("ada", &[])], profile);
    centre.online(&["ada"]);
    let channels = [Channel::Sms, Channel::Voice, Channel::Voice, Channel::Webchat, Channel::Webchat, Channel::Webchat];
    let offered = [1, 2, 3, 4, 5, 6].map(|interaction| {
        let (interaction, channel) = (InteractionId(interaction), channels[interaction as usize - 1]);
        let (requirement, since) = (Requirement::default(), centre.now);
        !centre
            .do_(Request::Enqueue {
                touchpoint: None,
                interaction,
                channel,
                requirement,
                priority: 0,
                since,
                preferred: None,
                legs: Vec::new(),
            })
            .is_empty()
    });
    assert_eq!(offered, [false, true, false, true, true, false]);
    let codes = [1, 3, 6].map(|i| centre.capacity.why(InteractionId(i), &agent("ada")).map(|why| why.code()));
    assert_eq!(codes, [Some("channel"), Some("channel-max"), Some("contacts-max")]);
}

#[test]
fn max_06_dyd_33_an_agent_is_filled_from_the_line_until_he_is_full() {
    let mut centre = Centre::new(&[("ada", BOTH)], ProfileSettings::default());
    centre.arrive(1, SALES);
    centre.now = centre.now + seconds(1);
    centre.arrive(2, SUPPORT);
    centre.now = centre.now + seconds(1);
    for interaction in 3..=4 {
        centre.arrive(interaction, SALES);
    }
    let told = centre.status("ada", PresenceStatus::Available);
    assert_eq!(told, ["ada Available", "i1 offered to ada", "i2 offered to ada", "i3 offered to ada"]);
}

#[test]
fn dyd_22_dyd_34_draining_keeps_everything_and_gets_nothing_new() {
    let mut centre = Centre::new(&[("ada", SALES)], ProfileSettings::default());
    centre.online(&["ada"]);
    centre.arrive(1, SALES);
    centre.arrive(2, SALES);
    centre.accept(1);
    assert_eq!(centre.status("ada", PresenceStatus::Draining), ["ada Draining"]);
    assert_eq!(centre.arrive(3, SALES), NONE);
    assert_eq!(centre.accept(2), ["i2 accepted by ada"], "an offer made before is hers");
    assert_eq!(centre.status("ada", PresenceStatus::Available), ["ada Available", "i3 offered to ada"]);
}

#[test]
fn wap_23_a_level_as_good_as_needed_will_do_and_an_unknown_skill_waits() {
    let mut centre = Centre::new(&[("ada", &[("sales", 3)])], ProfileSettings::default());
    centre.online(&["ada"]);
    assert_eq!(centre.arrive(1, &[("sales", 3)]), ["i1 offered to ada"]);
    assert_eq!(centre.arrive(2, &[("sales", 20)]), ["i2 offered to ada"]);
    assert_eq!(centre.arrive(3, &[("sales", 2)]), NONE);
    assert_eq!(centre.arrive(4, &[("welding", 20)]), NONE);
    assert_eq!(centre.state(4), Some(WorkState::Waiting), "never lost");
    assert_eq!(centre.arrive(5, &[]), ["i5 offered to ada"], "no skill needed: anybody");
}

#[test]
fn wap_33_declined_contact_keeps_its_place() {
    let mut centre = Centre::new(&[("ada", SALES), ("bob", SALES)], one_at_a_time());
    centre.online(&["ada", "bob"]);
    centre.arrive(1, SALES);
    centre.arrive(2, SALES);
    centre.now = centre.now + seconds(1);
    centre.arrive(3, SALES);
    let (place, ada) = (centre.capacity.work(InteractionId(1)).map(|work| work.since), Some("ada".to_owned()));
    assert_eq!(centre.with(1), ada);
    assert_eq!(centre.decline(1), ["i1 Declined ada", "i3 offered to ada"], "she gets the next one instead");
    assert_eq!(centre.capacity.work(InteractionId(1)).map(|work| work.since), place);
    centre.arrive(4, SALES);
    centre.accept(2);
    assert_eq!(centre.close(2), ["i2 closed by bob", "i1 offered to bob"], "before i4, who came later");
}

#[test]
fn p_06_the_longest_idle_agent_is_asked_and_ties_go_by_id() {
    let mut centre = Centre::new(&[("cy", SALES), ("ada", SALES), ("bob", SALES)], one_at_a_time());
    for who in ["cy", "bob", "ada"] {
        centre.status(who, PresenceStatus::Available);
    }
    centre.arrive(1, SALES);
    assert_eq!(centre.with(1).as_deref(), Some("ada"), "all became available at the same instant");
    centre.now = centre.now + seconds(1);
    centre.accept(1);
    centre.close(1);
    let order = [2, 3, 4].map(|interaction| {
        centre.arrive(interaction, SALES);
        centre.with(interaction)
    });
    assert_eq!(order, [Some("bob".to_owned()), Some("cy".to_owned()), Some("ada".to_owned())]);
}

#[test]
fn u_01_freed_capacity_pulls_the_oldest_contact() {
    let mut centre = Centre::new(&[("ada", BOTH)], one_at_a_time());
    centre.online(&["ada"]);
    centre.arrive(1, SALES);
    centre.accept(1);
    for (interaction, skill) in [(2, SUPPORT), (3, SALES), (4, SUPPORT)] {
        centre.now = centre.now + seconds(1);
        centre.arrive(interaction, skill);
    }
    assert_eq!(centre.close(1), ["i1 closed by ada", "i2 offered to ada"]);
}

#[test]
fn u_02_presence_alone_serves_those_who_wait() {
    let mut centre = Centre::new(&[("ada", SALES)], ProfileSettings::default());
    centre.online(&["ada"]);
    centre.status("ada", PresenceStatus::Offline);
    centre.arrive(1, SALES);
    assert_eq!(centre.status("ada", PresenceStatus::Available), ["ada Available", "i1 offered to ada"]);
}

#[test]
fn u_06_u_23_two_agents_cannot_take_the_same_contact() {
    let mut centre = Centre::new(&[("ada", SALES), ("bob", SALES)], ProfileSettings::default());
    centre.online(&["ada", "bob"]);
    centre.arrive(1, SALES);
    let Some(WorkState::Offered { offer, .. }) = centre.state(1) else { panic!("i1 is offered") };
    let bob = Request::Accept { agent: agent("bob"), offer };
    assert_eq!(centre.ask(bob), Err(CapacityRefusal::OfferGone { offer, agent: agent("bob") }));
    let ada = Request::Accept { agent: agent("ada"), offer };
    assert_eq!(centre.do_(ada.clone()), ["i1 accepted by ada"]);
    assert_eq!(centre.do_(ada), NONE, "twice is harmless");
}

#[test]
fn u_07_u_29_a_burst_respects_limits_and_spreads() {
    let profile = ProfileSettings { contacts_max: 2, ..ProfileSettings::default() };
    let mut centre = Centre::new(&[("ada", SALES), ("bob", SALES), ("cy", SALES)], profile);
    centre.online(&["ada", "bob", "cy"]);
    for interaction in 1..=9 {
        centre.arrive(interaction, SALES);
    }
    let with: Vec<_> = (1..=9).map(|interaction| centre.with(interaction).unwrap_or_default()).collect();
    assert_eq!(with, ["ada", "bob", "cy", "ada", "bob", "cy", "", "", ""]);
}

#[test]
fn u_10_the_only_agent_is_asked_again_soon() {
    let mut centre = Centre::new(&[("ada", SALES)], ProfileSettings::default());
    centre.online(&["ada"]);
    centre.arrive(1, SALES);
    assert_eq!(centre.decline(1), ["i1 Declined ada"]);
    assert_eq!(centre.pass(REOFFER_DELAY_MIN), ["i1 offered to ada"]);
}

#[test]
fn u_10_others_are_asked_first_and_exclusion_expires() {
    let mut centre = Centre::new(&[("ada", SALES), ("bob", SALES)], one_at_a_time());
    centre.online(&["ada", "bob"]);
    centre.arrive(1, SALES);
    centre.arrive(2, SALES);
    centre.accept(2);
    centre.decline(1);
    let declined = centre.now;
    assert_eq!(centre.capacity.work_deadline(InteractionId(1)), Some(declined + EXCLUSION_MAX), "Bob may get free");
    assert_eq!(centre.pass(EXCLUSION_MAX - seconds(1)), NONE);
    assert_eq!(centre.pass(seconds(1)), ["i1 offered to ada"], "Bob did not");
    centre.decline(1);
    centre.pass(REOFFER_DELAY_MIN);
    assert_eq!(centre.status("bob", PresenceStatus::Draining), ["bob Draining"], "Bob is no longer in the pool");
    assert_eq!(centre.pass(Duration::ZERO), ["i1 offered to ada"]);
}

#[test]
fn u_13_an_idle_agent_comes_before_one_with_contacts() {
    let mut centre = Centre::new(&[("ada", SALES), ("bob", SALES)], ProfileSettings::default());
    centre.online(&["ada", "bob"]);
    centre.arrive(1, SALES);
    centre.accept(1);
    centre.now = centre.now + seconds(10);
    centre.arrive(2, SALES);
    centre.accept(2);
    assert_eq!(centre.with(2).as_deref(), Some("bob"));
    centre.close(2);
    centre.do_(finish("bob", 2));
    assert_eq!(centre.arrive(3, SALES), ["i3 offered to bob"], "Ada was given work longer ago, but still has it");
}

#[test]
fn u_15_u_28_presence_is_a_lease() {
    let mut centre = Centre::new(&[("ada", SALES), ("bob", SALES)], one_at_a_time());
    centre.online(&["ada"]);
    let ada = agent("ada");
    let lease = centre.capacity.lease_deadline(&ada).expect("she is there");
    centre.now = centre.now + seconds(20);
    assert_eq!(centre.do_(Request::Heartbeat { agent: ada.clone() }), NONE);
    assert!(lease < centre.capacity.lease_deadline(&ada).expect("she is there"));
    centre.arrive(1, SALES);
    centre.accept(1);
    centre.now = lease;
    let due = Request::LeaseDue { agent: ada.clone() };
    assert_eq!(centre.do_(due.clone()), NONE, "she was heard of since");
    centre.status("bob", PresenceStatus::Available);
    centre.now = centre.now + PRESENCE_LEASE;
    assert_eq!(centre.do_(due.clone()), ["ada Offline (lease)", "i1 lost ada", "i1 offered to bob"]);
    assert_eq!(centre.do_(due), NONE, "once");
    assert_eq!(centre.ask(Request::Heartbeat { agent: ada.clone() }), Err(CapacityRefusal::AgentOffline(ada)));
}

#[test]
fn u_16_going_offline_returns_everything_to_its_place() {
    let mut centre = Centre::new(&[("ada", SALES)], ProfileSettings::default());
    centre.online(&["ada"]);
    for interaction in 1..=3 {
        centre.arrive(interaction, SALES);
    }
    centre.accept(1);
    centre.accept(2);
    centre.close(2);
    assert_eq!(
        centre.status("ada", PresenceStatus::Offline),
        ["ada Offline", "i1 lost ada", "i2 closed by ada (expired)", "i3 Withdrawn ada"]
    );
    assert_eq!(centre.status("ada", PresenceStatus::Available), ["ada Available", "i1 offered to ada"]);
}

#[test]
fn u_20_presence_that_flaps_is_not_offered_the_same_contact_in_a_loop() {
    let mut centre = Centre::new(&[("ada", SALES)], ProfileSettings::default());
    centre.online(&["ada"]);
    centre.arrive(1, SALES);
    for _ in 0..10 {
        centre.status("ada", PresenceStatus::Offline);
        assert_eq!(centre.status("ada", PresenceStatus::Available), ["ada Available"]);
    }
    assert_eq!(centre.pass(REOFFER_DELAY_MIN), ["i1 offered to ada"]);
}

#[test]
fn u_22_each_contact_has_its_own_wrap_up() {
    let mut centre = Centre::new(&[("ada", BOTH)], ProfileSettings::default());
    centre.online(&["ada"]);
    for (interaction, skill) in [(1, SALES), (2, SUPPORT)] {
        centre.arrive(interaction, skill);
        centre.accept(interaction);
        centre.close(interaction);
        centre.pass(seconds(20));
    }
    assert_eq!(centre.pass(seconds(20)), ["i1 closed by ada (expired)"]);
    assert_eq!(centre.pass(seconds(20)), ["i2 closed by ada (expired)"]);
}

#[test]
fn u_31_time_away_is_not_idle_time() {
    let mut centre = Centre::new(&[("ada", SALES), ("bob", SALES)], one_at_a_time());
    centre.online(&["ada", "bob"]);
    centre.status("ada", PresenceStatus::Paused);
    centre.now = centre.now + seconds(600);
    centre.status("ada", PresenceStatus::Available);
    assert_eq!(centre.arrive(1, SALES), ["i1 offered to bob"]);
}

#[test]
fn an_agent_taken_out_of_the_catalogue_loses_his_contacts_to_others() {
    let mut centre = Centre::new(&[("ada", SALES), ("bob", SALES)], ProfileSettings::default());
    centre.online(&["ada", "bob"]);
    centre.arrive(1, SALES);
    centre.accept(1);
    centre.catalogue.agents.remove(&agent("ada"));
    assert_eq!(centre.configure(), ["ada Offline", "i1 lost ada", "i1 offered to bob"]);
    assert_eq!(centre.capacity.agent_row(&agent("ada")), None);
    let unknown = Request::Heartbeat { agent: agent("ada") };
    assert_eq!(centre.ask(unknown), Err(CapacityRefusal::UnknownAgent(agent("ada"))));
}

#[test]
fn rows_that_disagree_with_the_catalogue_lose_no_contact() {
    let mut centre = Centre::new(&[("ada", SALES)], ProfileSettings::default());
    centre.online(&["ada"]);
    centre.arrive(1, SALES);
    centre.accept(1);
    let work = centre.capacity.work(InteractionId(1)).cloned();
    let row = centre.capacity.agent_row(&agent("ada"));
    let mut capacity = Capacity::new();
    capacity.configure(&Arc::new(Catalogue::default()), centre.now);
    capacity.restore(row.into_iter(), work.into_iter(), centre.now);
    capacity.check().expect("the invariants hold");
    assert_eq!(capacity.work(InteractionId(1)).map(|work| &work.state), Some(&WorkState::Waiting));
    let (works, agents) = capacity.take_touched();
    assert_eq!((works, agents), ([InteractionId(1)].into(), [agent("ada")].into()), "the rows are set right");
}

#[test]
fn classes_that_scripts_compute_do_not_pile_up() {
    let mut centre = Centre::new(&[("ada", SALES)], ProfileSettings::default());
    let rounds = 2 * crate::limits::CLASSES_KEPT_MAX as u64;
    for interaction in 0..rounds {
        let skill = SkillId::new(&format!("s-{interaction}")).expect("a name");
        let requirement = Requirement { skills: [(skill, Level::WORST)].into(), supervisor: false };
        let interaction = InteractionId(interaction);
        let (channel, since) = (Channel::Webchat, centre.now);
        let enqueue = Request::Enqueue {
            touchpoint: None,
            interaction,
            channel,
            requirement,
            priority: 0,
            since,
            preferred: None,
            legs: Vec::new(),
        };
        centre.capacity.handle(enqueue, centre.now).expect("it is new");
        centre.capacity.handle(Request::Withdraw { interaction }, centre.now).expect("it waits");
    }
    assert_eq!(centre.capacity.classes.iter().count(), crate::limits::CLASSES_KEPT_MAX);
    centre.online(&["ada"]);
    assert_eq!(centre.arrive(rounds, SALES), [format!("i{rounds} offered to ada")], "a row that was used before works");
}

#[test]
fn an_idle_agent_is_told_what_waits_and_what_keeps_it_from_him() {
    let profile =
        ProfileSettings { contacts_max: 1, channel_max: [(Channel::Sms, 0)].into(), ..ProfileSettings::default() };
    let mut centre = Centre::new(&[("ada", SALES), ("bob", &[])], profile);
    let idle = |centre: &Centre, id: &str| {
        let idle = centre.capacity.why_idle(&agent(id), centre.now).expect("he is in the catalogue");
        let lines: Vec<_> = idle.lines.iter().map(|l| (l.first.0, l.waiting, l.serves, l.why.code())).collect();
        (idle.verdict.code(), idle.takes.len(), lines)
    };
    assert_eq!(idle(&centre, "ada"), ("presence", 0, vec![]), "she is offline");
    centre.online(&["ada", "bob"]);
    assert_eq!(idle(&centre, "ada"), ("nobody-waits", Channel::ALL.len() - 1, vec![]), "all channels but one");

    for interaction in 1..=3 {
        centre.arrive(interaction, SALES);
    }
    assert_eq!(idle(&centre, "ada"), ("contacts-max", 0, vec![(2, 2, true, "contacts-max")]), "1 is offered to her");
    assert_eq!(idle(&centre, "bob").0, "nothing-for-him");
    assert_eq!(idle(&centre, "bob").2, [(2, 2, false, "skill")]);
    centre.do_(Request::SetPresence { agent: agent("bob"), status: PresenceStatus::Paused });
    assert_eq!(idle(&centre, "bob"), ("presence", 0, vec![(2, 2, false, "presence")]));
    assert_eq!(centre.capacity.why(InteractionId(99), &agent("ada")), Some(Why::NotInLine));
    assert_eq!(centre.capacity.why_idle(&agent("nobody"), centre.now), None);
}

/// Who is offered each of six contacts that nobody answers, under a strategy; Ada holds level 5, Bob 1, Cy 9.
fn asked_in_order(strategy: Strategy, profile: ProfileSettings) -> Vec<String> {
    let agents: [(&str, &[(&str, u8)]); 3] =
        [("ada", &[("sales", 5)]), ("bob", &[("sales", 1)]), ("cy", &[("sales", 9)])];
    let mut centre = Centre::new(&agents, profile);
    centre.skill("sales", SkillSettings { strategy: Some(strategy), ..SkillSettings::default() });
    centre.online(&["cy", "ada", "bob"]);
    let asked = (1..=6).map(|interaction| {
        centre.arrive(interaction, &[("sales", 20)]);
        centre.now = centre.now + seconds(1);
        centre.with(interaction).expect("there is room for six")
    });
    asked.collect()
}

#[test]
fn p_06_wap_23_wap_30_wap_31_each_strategy_asks_in_its_own_order() {
    for (strategy, order) in [
        (Strategy::LongestIdle, ["cy", "ada", "bob", "cy", "ada", "bob"]),
        (Strategy::Proficiency, ["bob", "bob", "bob", "ada", "ada", "ada"]),
        (Strategy::LeastBusy, ["cy", "ada", "bob", "cy", "ada", "bob"]),
        (Strategy::MostBusy, ["cy", "cy", "cy", "ada", "ada", "ada"]),
        (Strategy::RoundRobin, ["cy", "ada", "bob", "cy", "ada", "bob"]),
        (Strategy::FewestHandled, ["cy", "ada", "bob", "cy", "ada", "bob"]),
        (Strategy::Linear, ["ada", "ada", "ada", "bob", "bob", "bob"]),
    ] {
        assert_eq!(asked_in_order(strategy, ProfileSettings::default()), order, "{strategy:?}");
    }
}

#[test]
fn wap_23_equal_levels_go_to_the_longest_available() {
    let mut centre = Centre::new(&[("ada", SALES), ("bob", SALES)], one_at_a_time());
    centre.skill("sales", SkillSettings { strategy: Some(Strategy::Proficiency), ..SkillSettings::default() });
    centre.online(&["bob", "ada"]);
    assert_eq!(centre.arrive(1, SALES), ["i1 offered to bob"]);
}

#[test]
fn p_06_fewest_handled_counts_closed_records() {
    let mut centre = Centre::new(&[("ada", SALES), ("bob", SALES)], one_at_a_time());
    centre.skill("sales", SkillSettings { strategy: Some(Strategy::FewestHandled), ..SkillSettings::default() });
    centre.online(&["ada"]);
    for interaction in 1..=2 {
        centre.arrive(interaction, SALES);
        centre.accept(interaction);
        centre.close(interaction);
    }
    centre.online(&["bob"]);
    for interaction in 3..=4 {
        assert_eq!(centre.arrive(interaction, SALES), [format!("i{interaction} offered to bob")]);
        centre.accept(interaction);
        centre.close(interaction);
    }
    assert_eq!(centre.arrive(5, SALES), ["i5 offered to ada"], "both have two, and she is idle for longer");
}

#[test]
fn wap_42_p_09_priority_rises_with_waiting_up_to_its_maximum() {
    let mut centre = Centre::new(&[("ada", &[("sales", 1), ("support", 1)])], one_at_a_time());
    let ageing = |initial, per_minute, max| SkillSettings {
        ageing: Some(Ageing { initial, per_minute, max }),
        ..SkillSettings::default()
    };
    centre.skill("sales", ageing(0, 6, Some(10)));
    centre.skill("support", ageing(5, 0, None));
    let first_after = |centre: &Centre, wait: u64| {
        let mut centre = Centre { capacity: Capacity::new(), catalogue: centre.catalogue.clone(), now: centre.now };
        centre.configure();
        centre.arrive(1, SALES);
        centre.now = centre.now + seconds(wait);
        centre.arrive(2, SUPPORT);
        centre.arrive_as(3, SUPPORT, 6);
        centre.online(&["ada"]);
        centre.capacity.agent(&agent("ada")).expect("she exists").offers[0].interaction.0
    };
    assert_eq!(first_after(&centre, 40), 3, "4 points are fewer than 11");
    assert_eq!(first_after(&centre, 900), 3, "the maximum of 10 stays below 11");
    centre.skill("sales", ageing(0, 6, None));
    assert_eq!(first_after(&centre, 900), 1, "90 points are more than 11");
}

#[test]
fn wap_42_at_the_maximum_contacts_go_by_age() {
    let mut centre = Centre::new(&[("ada", SALES)], one_at_a_time());
    let ageing = Some(Ageing { initial: 0, per_minute: 60, max: Some(10) });
    centre.skill("sales", SkillSettings { ageing, ..SkillSettings::default() });
    centre.arrive(1, SALES);
    centre.now = centre.now + seconds(1);
    centre.arrive_as(2, SALES, 9);
    centre.now = centre.now + seconds(1);
    centre.status("ada", PresenceStatus::Available);
    assert_eq!(centre.with(2).as_deref(), Some("ada"), "11 of 2 capped to 10 is more than the 2 of 1");
    centre.status("ada", PresenceStatus::Offline);
    centre.now = centre.now + seconds(60);
    centre.status("ada", PresenceStatus::Available);
    assert_eq!(centre.with(1).as_deref(), Some("ada"), "both are at 10, and 1 is older");
}

fn preferring(when_offline: bool, when_busy: bool) -> SkillSettings {
    let timeout = HumanDuration::from_millis(900_000);
    let memory = HumanDuration::from_millis(99 * 86_400_000);
    SkillSettings {
        preferred_agent: Some(PreferredAgent { timeout, when_offline, when_busy, memory }),
        ..SkillSettings::default()
    }
}

#[test]
fn wap_24_wap_26_t_15_a_contact_is_kept_for_the_agent_who_is_offline_until_the_timeout() {
    let mut centre = Centre::new(&[("ada", SALES), ("bob", SALES)], one_at_a_time());
    centre.skill("sales", preferring(true, true));
    centre.online(&["bob"]);
    assert_eq!(centre.arrive_for(1, SALES, "ada", None), NONE, "Bob is free, and it is not his");
    assert_eq!(centre.arrive_for(2, SALES, "ada", None), NONE);
    centre.online(&["ada"]);
    assert_eq!(centre.with(1).as_deref(), Some("ada"));
    assert_eq!(centre.pass(seconds(30)), ["i1 Expired ada", "i1 offered to bob", "i2 offered to ada"]);
}

#[test]
fn wap_26_when_the_timeout_passes_anybody_may_have_it() {
    let mut centre = Centre::new(&[("ada", SALES), ("bob", SALES)], one_at_a_time());
    centre.skill("sales", preferring(true, true));
    centre.online(&["bob"]);
    centre.arrive_for(1, SALES, "ada", None);
    assert_eq!(centre.pass(seconds(899)), NONE);
    assert_eq!(centre.pass(seconds(1)), ["i1 offered to bob"]);
}

#[test]
fn wap_27_dyd_30_u_04_a_busy_or_absent_agent_is_waited_for_only_when_the_settings_say_so() {
    for (when_offline, when_busy, absent, waits) in
        [(true, false, true, true), (false, true, true, false), (true, false, false, false), (false, true, false, true)]
    {
        let mut centre = Centre::new(&[("ada", SALES), ("bob", SALES)], one_at_a_time());
        centre.skill("sales", preferring(when_offline, when_busy));
        centre.online(&["ada", "bob"]);
        centre.status("ada", if absent { PresenceStatus::Offline } else { PresenceStatus::Paused });
        let said = centre.arrive_for(1, SALES, "ada", None);
        assert_eq!(said.is_empty(), waits, "offline {when_offline}, busy {when_busy}, absent {absent}: {said:?}");
    }
}

#[test]
fn wap_29_without_history_or_settings_nobody_is_waited_for() {
    let mut centre = Centre::new(&[("ada", SALES), ("bob", SALES), ("cy", SUPPORT)], one_at_a_time());
    centre.online(&["bob", "ada"]);
    assert_eq!(centre.arrive_for(1, SALES, "ada", None), ["i1 offered to bob"], "no settings");
    centre.skill("sales", preferring(true, true));
    assert_eq!(centre.arrive(2, SALES), ["i2 offered to ada"], "no history");
    assert_eq!(centre.arrive_for(3, SALES, "cy", None), NONE, "Cy has not the skill, and the others are full");
    assert_eq!(centre.capacity.work(InteractionId(3)).map(|work| work.kept.clone()), Some(None));
}

#[test]
fn p_08_the_preferred_agent_comes_before_the_strategy_and_a_refusal_ends_the_preference() {
    let mut centre = Centre::new(&[("ada", SALES), ("bob", SALES)], ProfileSettings::default());
    centre.skill("sales", preferring(true, true));
    centre.online(&["bob", "ada"]);
    assert_eq!(centre.arrive_for(1, SALES, "ada", None), ["i1 offered to ada"], "Bob is idle for longer");
    assert_eq!(centre.decline(1), ["i1 Declined ada", "i1 offered to bob"]);
}

#[test]
fn wap_43_p_07_weaker_levels_will_do_as_time_passes() {
    let mut centre = Centre::new(&[("ada", &[("sales", 8)]), ("bob", SUPPORT)], one_at_a_time());
    let step = |s: u64, level: Option<u8>| WideningStep {
        after: HumanDuration::from_millis(s * 1_000),
        level: level.map(|level| Level::try_from(level).expect("a level")),
    };
    let widening = vec![step(30, Some(10)), step(60, None)];
    centre.skill("sales", SkillSettings { widening, ..SkillSettings::default() });
    centre.online(&["ada", "bob"]);
    assert_eq!(centre.arrive(1, SALES), NONE);
    assert_eq!(centre.arrive(2, SALES), NONE);
    assert_eq!(centre.pass(seconds(29)), NONE);
    assert_eq!(centre.pass(seconds(1)), ["i1 offered to ada"]);
    centre.accept(1);
    assert_eq!(centre.capacity.why(InteractionId(2), &agent("bob")).map(|why| why.code()), Some("skill"));
    assert_eq!(centre.pass(seconds(30)), ["i2 offered to bob"]);
}

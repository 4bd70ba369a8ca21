//! Complaints of users of other systems (U-rows), and rows that several of them share: each is what must not happen.

use std::{collections::BTreeMap, time::Duration};

use routewright_flows::{Channel, HumanDuration};
use serde_json::json;

use super::{super::*, Centre, agent, levels, seconds};
use crate::{
    catalogue::{AgentSettings, ProfileSettings, SkillSettings, Strategy, WideningStep},
    limits::PRESENCE_LEASE,
};

const SALES: &[(&str, u8)] = &[("sales", 3)];
const NONE: [&str; 0] = [];

fn profile(settings: serde_json::Value) -> ProfileSettings {
    serde_json::from_value(settings).expect("settings of a profile")
}

fn by(strategy: Strategy) -> SkillSettings {
    SkillSettings { strategy: Some(strategy), ..SkillSettings::default() }
}

fn arrive_on(centre: &mut Centre, interaction: u64, channel: Channel) -> Vec<String> {
    centre.do_(Request::Enqueue {
        touchpoint: None,
        interaction: InteractionId(interaction),
        channel,
        requirement: Requirement { skills: levels(SALES), supervisor: false },
        priority: 0,
        since: centre.now,
        preferred: None,
        legs: Vec::new(),
    })
}

fn finish(centre: &mut Centre, who: &str, interaction: u64) -> Vec<String> {
    centre.do_(Request::Finish { agent: agent(who), interaction: InteractionId(interaction), disposition: None })
}

#[test]
fn u_03_least_busy_reads_the_load_of_the_moment() {
    let agents: [(&str, &[(&str, u8)]); 3] = [("ada", SALES), ("bob", SALES), ("cy", SALES)];
    let mut centre = Centre::new(&agents, profile(json!({ "contacts_max": 4 })));
    centre.skill("sales", by(Strategy::LeastBusy));
    centre.online(&["ada", "bob", "cy"]);
    for interaction in 1..=12 {
        centre.arrive(interaction, SALES);
    }
    for who in ["ada", "bob", "cy"] {
        assert_eq!(centre.capacity.agent(&agent(who)).expect("he exists").load.contacts, 4, "{who}");
    }
    assert_eq!(centre.arrive(13, SALES), NONE, "nobody is above his limit");
}

#[test]
fn u_05_nobody_who_is_away_gets_anything_and_nobody_is_forgotten() {
    for away in [PresenceStatus::Draining, PresenceStatus::Paused, PresenceStatus::Offline] {
        let mut centre = Centre::new(&[("ada", SALES)], ProfileSettings::default());
        centre.online(&["ada"]);
        centre.status("ada", away);
        assert_eq!(centre.arrive(1, SALES), NONE, "{away:?}");
        assert_eq!(centre.capacity.position(InteractionId(1)), Some(1), "it is in line, with a place");
        centre.now = centre.now + seconds(1);
        let back = centre.status("ada", PresenceStatus::Available);
        assert!(back.contains(&"i1 offered to ada".to_owned()), "{away:?}: {back:?}");
    }
}

#[test]
fn u_08_u_19_a_contact_has_one_owner_and_a_desk_that_is_gone_keeps_nothing() {
    let mut centre = Centre::new(&[("ada", SALES), ("bob", SALES)], profile(json!({ "contacts_max": 1 })));
    centre.online(&["ada"]);
    centre.arrive(1, SALES);
    centre.accept(1);
    centre.online(&["bob"]);
    centre.now = centre.now + PRESENCE_LEASE;
    centre.do_(Request::Heartbeat { agent: agent("bob") });
    let said = centre.do_(Request::LeaseDue { agent: agent("ada") });
    assert_eq!(said, ["ada Offline (lease)", "i1 lost ada", "i1 offered to bob"]);
    let late = centre.ask(Request::Close { agent: agent("ada"), interaction: InteractionId(1) });
    assert_eq!(late, Err(CapacityRefusal::AgentOffline(agent("ada"))));
    centre.status("ada", PresenceStatus::Available);
    let late = centre.ask(Request::Close { agent: agent("ada"), interaction: InteractionId(1) });
    let (interaction, agent) = (InteractionId(1), agent("ada"));
    assert_eq!(late, Err(CapacityRefusal::NotYours { interaction, agent }), "what he no longer has does not move");
    assert_eq!(centre.with(1).as_deref(), Some("bob"));
}

#[test]
fn u_14_p_07_each_step_widens_whom_the_strategy_then_orders() {
    let agents: [(&str, &[(&str, u8)]); 3] =
        [("ada", &[("sales", 2)]), ("bob", &[("sales", 9)]), ("cy", &[("sales", 7)])];
    let mut centre = Centre::new(&agents, profile(json!({ "contacts_max": 1 })));
    let level = |level| Some(Level::try_from(level).expect("a level"));
    let widening = vec![
        WideningStep { after: HumanDuration::from_millis(10_000), level: level(8) },
        WideningStep { after: HumanDuration::from_millis(20_000), level: level(20) },
    ];
    centre.skill("sales", SkillSettings { widening, ..by(Strategy::Proficiency) });
    centre.online(&["bob", "cy"]);
    centre.arrive(1, &[("sales", 3)]);
    assert_eq!(centre.pass(seconds(9)), NONE, "the first ring has nobody");
    assert_eq!(centre.pass(seconds(1)), ["i1 offered to cy"], "the second ring is asked in its time, not skipped");
    centre.arrive(2, &[("sales", 3)]);
    assert_eq!(centre.capacity.why(InteractionId(2), &agent("bob")).map(|why| why.code()), Some("level"));
    let told = centre.pass(seconds(20));
    assert!(told.contains(&"i2 offered to bob".to_owned()), "the third ring has Bob: {told:?}");
}

#[test]
fn u_17_a_status_is_chosen_by_the_agent_and_nothing_pending_takes_it_back() {
    let mut centre = Centre::new(&[("ada", SALES)], profile(json!({ "wrap_up": "10s" })));
    centre.online(&["ada"]);
    centre.arrive(1, SALES);
    centre.accept(1);
    centre.close(1);
    centre.arrive(2, SALES);
    centre.status("ada", PresenceStatus::Paused);
    centre.pass(seconds(60));
    let status = centre.capacity.agent(&agent("ada")).expect("she exists").status;
    assert_eq!(status, PresenceStatus::Paused, "neither the end of a record nor that of an offer changes it");
    assert_eq!(centre.with(2), None, "the offer passed");
}

#[test]
fn wap_34_a_desk_that_refuses_everything_of_itself_is_not_asked_in_a_loop() {
    let mut centre = Centre::new(&[("ada", SALES), ("bob", SALES)], profile(json!({ "contacts_max": 1 })));
    centre.online(&["ada"]);
    centre.arrive(1, SALES);
    let (mut offers, start) = (0, centre.now);
    while centre.now.since(start) < seconds(60) {
        if centre.with(1).is_some() {
            offers += 1;
            centre.decline(1);
        }
        centre.pass(Duration::from_millis(500));
    }
    assert!((1..=13).contains(&offers), "once in five seconds at most: {offers}");
    if centre.with(1).is_some() {
        centre.decline(1);
    }
    centre.online(&["bob"]);
    assert_eq!(centre.with(1).as_deref(), Some("bob"), "and nobody else is kept from it");
}

#[test]
fn u_21_an_agent_who_is_away_holds_up_no_fixed_order() {
    let agents: [(&str, &[(&str, u8)]); 3] = [("ada", SALES), ("bob", SALES), ("cy", SALES)];
    for strategy in [Strategy::Linear, Strategy::RoundRobin] {
        let mut centre = Centre::new(&agents, profile(json!({ "contacts_max": 9 })));
        centre.skill("sales", by(strategy));
        centre.online(&["ada", "bob", "cy"]);
        centre.arrive(1, SALES);
        centre.status("ada", PresenceStatus::Paused);
        centre.status("cy", PresenceStatus::Offline);
        for interaction in 2..=4 {
            assert_eq!(centre.arrive(interaction, SALES), [format!("i{interaction} offered to bob")], "{strategy:?}");
        }
    }
}

#[test]
fn u_24_each_record_counts_once_however_often_it_changed_hands() {
    let mut centre = Centre::new(&[("ada", SALES), ("bob", SALES)], profile(json!({ "contacts_max": 1 })));
    centre.online(&["ada", "bob"]);
    let handled = |centre: &Centre, who: &str| centre.capacity.agent_row(&agent(who)).expect("he exists").handled;
    centre.arrive(1, SALES);
    centre.accept(1);
    let (interaction, by) = (InteractionId(1), Some(agent("ada")));
    centre.do_(Request::Transfer { interaction, by, requirement: None, preferred: None });
    centre.accept(1);
    assert_eq!((handled(&centre, "ada"), handled(&centre, "bob")), (0, 0), "it is not over");
    centre.close(1);
    finish(&mut centre, "bob", 1);
    let twice = centre.ask(Request::Finish { agent: agent("bob"), interaction, disposition: None });
    assert!(twice.is_err());
    assert_eq!((handled(&centre, "ada"), handled(&centre, "bob")), (0, 1));
}

#[test]
fn u_25_a_contact_whom_an_agent_may_not_take_blocks_none_that_he_may() {
    let mut centre = Centre::new(&[("ada", SALES)], profile(json!({ "channel_max": { "voice": 1 } })));
    centre.online(&["ada"]);
    arrive_on(&mut centre, 1, Channel::Voice);
    centre.accept(1);
    let heavy = Request::Enqueue {
        touchpoint: None,
        interaction: InteractionId(2),
        channel: Channel::Voice,
        requirement: Requirement { skills: levels(SALES), supervisor: false },
        priority: 9,
        since: centre.now,
        preferred: None,
        legs: Vec::new(),
    };
    assert_eq!(centre.do_(heavy), NONE, "she has a call");
    assert_eq!(arrive_on(&mut centre, 3, Channel::Webchat), ["i3 offered to ada"], "a chat is not behind it");
}

#[test]
fn u_27_p_04_wrap_up_is_a_state_that_everybody_sees_and_that_ends_by_itself() {
    let mut centre = Centre::new(&[("ada", SALES)], profile(json!({ "contacts_max": 2, "wrap_up": "30s" })));
    centre.online(&["ada"]);
    for interaction in [1, 2] {
        centre.arrive(interaction, SALES);
        centre.accept(interaction);
    }
    centre.close(1);
    centre.now = centre.now + seconds(10);
    centre.close(2);
    let view = centre.capacity.agent(&agent("ada")).expect("she exists");
    let until: BTreeMap<u64, Option<Timestamp>> = view
        .wrap_ups
        .iter()
        .map(|work| (work.interaction.0, centre.capacity.work_deadline(work.interaction)))
        .collect();
    let ends = |after| Some(centre.now + seconds(after));
    assert_eq!((view.active.len(), until), (0, BTreeMap::from([(1, ends(20)), (2, ends(30))])), "each its own");
    assert_eq!(view.load.contacts, 2, "and each its place");
    assert_eq!(centre.arrive(3, SALES), NONE);
    assert_eq!(centre.pass(seconds(20)), ["i1 closed by ada (expired)", "i3 offered to ada"]);
}

#[test]
fn p_05_a_skill_a_level_and_a_role_say_who_may_have_it() {
    let agents: [(&str, &[(&str, u8)]); 3] =
        [("ada", &[("sales", 2)]), ("bob", &[("sales", 9)]), ("cy", &[("support", 1)])];
    let mut centre = Centre::new(&agents, ProfileSettings::default());
    centre.catalogue.agents.get_mut(&agent("bob")).expect("he exists").supervisor = true;
    centre.configure();
    let table = [
        (levels(&[("sales", 5)]), false, ["could-be-offered", "level", "skill"]),
        (levels(&[("sales", 20)]), false, ["could-be-offered", "could-be-offered", "skill"]),
        (levels(&[("sales", 20)]), true, ["supervisor", "could-be-offered", "skill"]),
        (levels(&[("sales", 20), ("support", 20)]), false, ["skill", "skill", "skill"]),
        (BTreeMap::new(), true, ["supervisor", "could-be-offered", "supervisor"]),
    ];
    for (number, (skills, supervisor, expected)) in (1..).zip(table) {
        let mut alone = Vec::new();
        for (who, code) in ["ada", "bob", "cy"].iter().zip(expected) {
            let mut one = Centre::new(&[], ProfileSettings::default());
            one.catalogue = centre.catalogue.clone();
            one.configure();
            one.online(&[who]);
            one.do_(Request::Enqueue {
                touchpoint: None,
                interaction: InteractionId(number),
                channel: Channel::Webchat,
                requirement: Requirement { skills: skills.clone(), supervisor },
                priority: 0,
                since: one.now,
                preferred: None,
                legs: Vec::new(),
            });
            let offered = one.with(number).is_some();
            assert_eq!(offered, code == "could-be-offered", "{who} and {skills:?}");
            if !offered {
                assert_eq!(one.capacity.why(InteractionId(number), &agent(who)).map(|why| why.code()), Some(code));
            }
            alone.push(offered);
        }
        assert_eq!(alone.len(), 3);
    }
}

#[test]
fn pbx_18_pbx_19_pbx_20_every_channel_weighs_what_the_profile_says() {
    let units = json!({ "webchat": 3, "sms": 1, "whatsapp": 2, "email": 4, "voice": 5 });
    for (channel, weight) in
        [(Channel::Webchat, 3), (Channel::Sms, 1), (Channel::Whatsapp, 2), (Channel::Email, 4), (Channel::Voice, 5)]
    {
        let settings = json!({ "contacts_max": 99, "units": units, "units_max": 10 });
        let mut centre = Centre::new(&[("ada", SALES)], profile(settings));
        centre.online(&["ada"]);
        let fit = 10 / weight;
        for interaction in 1..=fit + 1 {
            arrive_on(&mut centre, interaction, channel);
        }
        let load = centre.capacity.agent(&agent("ada")).expect("she exists").load;
        assert_eq!((u64::from(load.contacts), u64::from(load.units)), (fit, fit * weight), "{channel}");
        assert_eq!(centre.with(fit + 1), None, "{channel}: one more would be too much");
    }
}

#[test]
fn max_02_several_contacts_at_once_and_several_channels_of_one_are_two_permissions() {
    let both = |settings: serde_json::Value| {
        let mut centre = Centre::new(&[("ada", SALES)], profile(settings));
        centre.online(&["ada"]);
        arrive_on(&mut centre, 1, Channel::Webchat);
        centre.accept(1);
        let leg = Leg { channel: Channel::Voice, reach: None, state: LegState::Open };
        let elevated =
            centre.ask(Request::Elevate { interaction: InteractionId(1), by: Some(agent("ada")), leg }).is_ok();
        arrive_on(&mut centre, 2, Channel::Email);
        (elevated, centre.with(2).is_some())
    };
    assert_eq!(both(json!({ "contacts_max": 1 })), (false, false), "neither");
    assert_eq!(
        both(json!({ "contacts_max": 2, "channel_max": { "webchat": 1, "email": 1 } })),
        (true, false),
        "one contact"
    );
    assert_eq!(both(json!({ "contacts_max": 1, "elevated": "heaviest" })), (true, false), "only over several channels");
    assert_eq!(both(json!({ "contacts_max": 3 })), (true, true), "both");
}

#[test]
fn max_18_wap_17_an_agent_who_is_given_a_skill_has_its_contacts_at_once() {
    let mut centre = Centre::new(&[("ada", &[])], ProfileSettings::default());
    centre.online(&["ada"]);
    assert_eq!(centre.arrive(1, SALES), NONE, "she has not the skill");
    let settings = AgentSettings { skills: levels(&[("sales", 3)]), ..AgentSettings::default() };
    centre.catalogue.agents.insert(agent("ada"), settings);
    assert_eq!(centre.configure(), ["i1 offered to ada"], "no five minutes of waiting");
}

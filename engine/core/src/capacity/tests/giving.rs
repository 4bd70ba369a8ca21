//! Rows of presence, bounds and giving: named statuses, cross-channel bounds, pull, transfer, assignment, lost desks.

use std::{sync::Arc, time::Duration};

use routewright_flows::Channel;
use serde_json::json;

use super::{super::*, Centre, agent, levels, seconds};
use crate::{
    calendar::{Calendar, ZoneRules},
    catalogue::{Hours, LimitOverrides, Misses, NoAnswer, ProfileSettings},
    id::CalendarId,
    limits::PRESENCE_LEASE,
};

const SALES: &[(&str, u8)] = &[("sales", 3)];
const NONE: [&str; 0] = [];

fn profile(settings: serde_json::Value) -> ProfileSettings {
    serde_json::from_value(settings).expect("settings of a profile")
}

fn arrive_on(centre: &mut Centre, interaction: u64, channel: Channel) -> bool {
    let request = Request::Enqueue {
        touchpoint: None,
        interaction: InteractionId(interaction),
        channel,
        requirement: Requirement { skills: levels(SALES), supervisor: false },
        priority: 0,
        since: centre.now,
        preferred: None,
        legs: Vec::new(),
    };
    centre.do_(request);
    centre.with(interaction).is_some()
}

fn choose(centre: &mut Centre, who: &str, name: &str) -> Result<Vec<String>, CapacityRefusal> {
    centre.ask(Request::ChooseStatus { agent: agent(who), name: StatusId::new(name).expect("a name") })
}

#[test]
fn p_01_dyd_22_a_named_status_is_routable_per_channel() {
    let settings = profile(json!({ "statuses": {
        "looking_up": { "channels": ["email", "sms"] }, "no_new_conversation": {}, "phone": { "channels": [] },
    }}));
    for (status, channel, offered) in [
        ("looking_up", Channel::Email, true),
        ("looking_up", Channel::Sms, true),
        ("looking_up", Channel::Webchat, false),
        ("no_new_conversation", Channel::Email, false),
        ("phone", Channel::Email, false),
    ] {
        let mut centre = Centre::new(&[("ada", SALES)], settings.clone());
        choose(&mut centre, "ada", status).expect("a status of her profile");
        assert_eq!(arrive_on(&mut centre, 1, channel), offered, "{status} and {channel}");
    }
    let mut centre = Centre::new(&[("ada", SALES)], settings);
    let (agent, name) = (agent("ada"), StatusId::new("lunch").expect("a name"));
    assert_eq!(choose(&mut centre, "ada", "lunch"), Err(CapacityRefusal::UnknownStatus { agent, name }));
}

#[test]
fn dyd_22_a_status_keeps_what_he_has_and_the_next_one_fills_him() {
    let mut centre = Centre::new(&[("ada", SALES)], profile(json!({ "statuses": { "training": {} } })));
    centre.online(&["ada"]);
    centre.arrive(1, SALES);
    centre.accept(1);
    choose(&mut centre, "ada", "training").expect("a status of her profile");
    assert_eq!(centre.with(1).as_deref(), Some("ada"));
    assert_eq!(centre.arrive(2, SALES), NONE);
    let why = centre.capacity.why(InteractionId(2), &agent("ada"));
    assert_eq!(why.map(|why| why.code()), Some("presence"), "a status without channels drains");
    assert!(centre.status("ada", PresenceStatus::Available).contains(&"i2 offered to ada".to_owned()));
}

/// Per pair of channels (what she has, what comes): is it offered, when the first is interruptible or excludes the
/// second?
#[test]
fn p_03_interruptible_and_excluding_channels_for_every_pair() {
    for has in Channel::ALL {
        for comes in Channel::ALL {
            let room = |settings: serde_json::Value| {
                let mut centre = Centre::new(&[("ada", SALES)], profile(settings));
                centre.online(&["ada"]);
                assert!(arrive_on(&mut centre, 1, has));
                arrive_on(&mut centre, 2, comes)
            };
            assert!(!room(json!({ "contacts_max": 1 })), "{has} fills her");
            assert_eq!(room(json!({ "contacts_max": 1, "interruptible": [has] })), has != comes, "{has} then {comes}");
            assert_eq!(room(json!({ "units_max": 1, "interruptible": [has] })), has != comes, "{has} then {comes}");
            assert!(!room(json!({ "excludes": { has.as_str(): [comes] } })), "{has} excludes {comes}");
            assert!(
                room(json!({ "excludes": { comes.as_str(): [Channel::Voicemail] } })) || comes == Channel::Voicemail
            );
        }
    }
}

#[test]
fn p_02_dyd_01_max_19_an_agents_own_limits_win_over_his_profile() {
    let mut centre = Centre::new(&[("ada", SALES), ("bob", SALES)], profile(json!({ "contacts_max": 1 })));
    centre.catalogue.agents.get_mut(&agent("ada")).expect("she exists").limits =
        LimitOverrides { contacts_max: Some(2), ..LimitOverrides::default() };
    centre.configure();
    centre.online(&["ada"]);
    assert!(arrive_on(&mut centre, 1, Channel::Webchat) && arrive_on(&mut centre, 2, Channel::Webchat));
    assert!(!arrive_on(&mut centre, 3, Channel::Webchat));
    centre.online(&["bob"]);
    assert_eq!(centre.with(3).as_deref(), Some("bob"));
    assert!(!arrive_on(&mut centre, 4, Channel::Webchat), "his profile gives him one");
}

#[test]
fn dyd_33_contacts_of_some_channels_are_accepted_at_once() {
    let mut centre = Centre::new(&[("ada", SALES)], profile(json!({ "auto_accept": ["webchat"] })));
    centre.online(&["ada"]);
    assert_eq!(centre.arrive(1, SALES), ["i1 offered to ada", "i1 accepted by ada"]);
    arrive_on(&mut centre, 2, Channel::Email);
    assert!(matches!(centre.state(2), Some(WorkState::Offered { .. })));
}

#[test]
fn p_10_pbx_13_after_some_offers_passed_the_agent_gets_no_more() {
    for (status, kept) in [(NoAnswer::Paused, Some("ada")), (NoAnswer::Offline, None)] {
        let settings =
            ProfileSettings { misses: Some(Misses { max: 2, status }), contacts_max: 2, ..ProfileSettings::default() };
        let mut centre = Centre::new(&[("ada", SALES)], settings);
        centre.online(&["ada"]);
        centre.arrive(1, SALES);
        centre.accept(1);
        centre.arrive(2, SALES);
        assert_eq!(centre.pass(seconds(30)), ["i2 Expired ada"]);
        let said = centre.pass(seconds(5 + 30));
        assert_eq!(said[..2], ["i2 offered to ada", "i2 Expired ada"]);
        assert_eq!(said[2], format!("ada {}", if kept.is_some() { "Paused" } else { "Offline" }));
        assert_eq!(centre.with(1).as_deref(), kept, "{status:?}");
        assert_eq!(centre.pass(seconds(600)), NONE, "nothing is offered to her any more");
    }
}

#[test]
fn p_10_an_accepted_offer_forgives_the_misses() {
    let misses = Some(Misses { max: 2, status: NoAnswer::Paused });
    let mut centre = Centre::new(&[("ada", SALES)], ProfileSettings { misses, ..ProfileSettings::default() });
    centre.online(&["ada"]);
    centre.arrive(1, SALES);
    centre.pass(seconds(30 + 5));
    centre.accept(1);
    centre.arrive(2, SALES);
    assert_eq!(centre.pass(seconds(30)), ["i2 Expired ada"], "one miss since then");
}

#[test]
fn max_05_p_19_pull_gives_the_first_in_line_and_no_choice() {
    let mut centre = Centre::new(&[("ada", SALES)], profile(json!({ "push": false, "pull": true, "contacts_max": 2 })));
    centre.online(&["ada"]);
    arrive_on(&mut centre, 2, Channel::Email);
    arrive_on(&mut centre, 1, Channel::Webchat);
    let pull = Request::Pull { agent: agent("ada") };
    assert_eq!(centre.capacity.why(InteractionId(2), &agent("ada")), Some(Why::PullOnly));
    centre.now = centre.now + seconds(1);
    assert_eq!(centre.do_(pull.clone()), ["i1 offered to ada"], "equal age goes by number");
    assert_eq!(centre.do_(pull.clone()), ["i2 offered to ada"]);
    assert_eq!(centre.ask(pull.clone()), Err(CapacityRefusal::NothingToPull(agent("ada"))));
    centre.arrive(3, SALES);
    assert_eq!(centre.ask(pull.clone()), Err(CapacityRefusal::NothingToPull(agent("ada"))), "she has her maximum");
    let mut pushed = Centre::new(&[("ada", SALES)], ProfileSettings::default());
    pushed.online(&["ada"]);
    assert_eq!(pushed.ask(pull), Err(CapacityRefusal::MayNotPull(agent("ada"))));
}

#[test]
fn max_07_a_call_does_not_keep_an_agent_from_asking_for_a_chat() {
    let settings = json!({ "pull": true, "excludes": { "voice": ["webchat"] } });
    let mut centre = Centre::new(&[("ada", SALES)], profile(settings));
    centre.online(&["ada"]);
    assert!(arrive_on(&mut centre, 1, Channel::Voice));
    centre.accept(1);
    assert!(!arrive_on(&mut centre, 2, Channel::Webchat), "it is not pushed");
    assert_eq!(centre.do_(Request::Pull { agent: agent("ada") }), ["i2 offered to ada"]);
}

fn transfer(interaction: u64, by: &str, to: Option<&str>) -> Request {
    Request::Transfer {
        interaction: InteractionId(interaction),
        by: Some(agent(by)),
        requirement: None,
        preferred: to.map(|to| Preferred { agent: agent(to), keep: Some(Duration::from_secs(60)) }),
    }
}

#[test]
fn p_24_dyd_07_a_transfer_keeps_the_age_and_asks_others_first() {
    let mut centre = Centre::new(&[("ada", SALES), ("bob", SALES)], profile(json!({ "contacts_max": 1 })));
    centre.online(&["ada", "bob"]);
    centre.arrive(1, SALES);
    centre.accept(1);
    let since = centre.capacity.work(InteractionId(1)).map(|work| work.since);
    centre.now = centre.now + seconds(100);
    assert_eq!(centre.do_(transfer(1, "ada", None)), ["i1 lost ada", "i1 offered to bob"]);
    assert_eq!(centre.capacity.work(InteractionId(1)).map(|work| work.since), since);
    assert_eq!(
        centre.ask(transfer(1, "ada", None)),
        Err(CapacityRefusal::NotYours { interaction: InteractionId(1), agent: agent("ada") })
    );
}

#[test]
fn p_24_a_transfer_to_an_agent_waits_for_him_and_one_to_a_skill_changes_the_need() {
    let agents: [(&str, &[(&str, u8)]); 3] = [("ada", SALES), ("bob", SALES), ("cy", &[("support", 1)])];
    let mut centre = Centre::new(&agents, profile(json!({ "contacts_max": 1 })));
    centre.online(&["ada", "cy"]);
    let since = centre.now;
    centre.arrive(1, SALES);
    centre.accept(1);
    assert!(matches!(
        centre.ask(transfer(1, "ada", Some("cy"))),
        Err(CapacityRefusal::DoesNotFit { why: Why::Skill(_), .. })
    ));
    assert_eq!(centre.do_(transfer(1, "ada", Some("bob"))), ["i1 lost ada"], "Bob is offline, and it waits for him");
    centre.online(&["bob"]);
    assert_eq!(centre.with(1).as_deref(), Some("bob"));
    centre.accept(1);
    let requirement = Some(Requirement { skills: levels(&[("support", 5)]), supervisor: false });
    let (interaction, by) = (InteractionId(1), Some(agent("bob")));
    let said = centre.do_(Request::Transfer { interaction, by, requirement, preferred: None });
    assert_eq!(said, ["i1 lost bob", "i1 offered to cy"]);
    assert_eq!(centre.capacity.work(interaction).map(|work| work.since), Some(since), "it keeps its place");
}

#[test]
fn p_24_a_supervisor_assigns_and_an_override_is_on_record() {
    let mut centre = Centre::new(&[("ada", SALES), ("bob", SALES), ("cy", &[])], profile(json!({ "contacts_max": 1 })));
    let assign = |interaction, to: &str, force| Request::Assign {
        interaction: InteractionId(interaction),
        agent: agent(to),
        by: agent("boss"),
        force,
    };
    centre.online(&["ada", "bob", "cy"]);
    centre.arrive(1, SALES);
    assert_eq!(centre.with(1).as_deref(), Some("ada"));
    assert_eq!(
        centre.do_(assign(1, "bob", false)),
        ["i1 Withdrawn ada", "i1 assigned to bob by boss", "i1 offered to bob"]
    );
    centre.arrive(2, SALES);
    let refused = centre.ask(assign(2, "bob", false));
    assert!(matches!(refused, Err(CapacityRefusal::DoesNotFit { why: Why::Capacity(_), .. })), "{refused:?}");
    assert_eq!(
        centre.do_(assign(2, "bob", true)),
        ["i2 Withdrawn ada", "i2 assigned to bob by boss against contacts-max", "i2 offered to bob"]
    );
    assert_eq!(
        centre.do_(assign(2, "cy", true)),
        ["i2 Withdrawn bob", "i2 assigned to cy by boss against skill", "i2 offered to cy"]
    );
    centre.status("ada", PresenceStatus::Offline);
    assert_eq!(centre.ask(assign(1, "ada", true)), Err(CapacityRefusal::AgentOffline(agent("ada"))));
}

#[test]
fn t_12_t_13_dyd_31_p_22_u_32_conversations_wait_for_a_lost_desk_and_offers_do_not() {
    let mut centre = Centre::new(&[("ada", SALES), ("bob", SALES)], profile(json!({ "reconnect": "20s" })));
    centre.online(&["ada"]);
    centre.arrive(1, SALES);
    centre.accept(1);
    centre.arrive(2, SALES);
    centre.online(&["bob"]);
    centre.now = centre.now + PRESENCE_LEASE;
    centre.do_(Request::Heartbeat { agent: agent("bob") });
    let due = || Request::LeaseDue { agent: agent("ada") };
    assert_eq!(centre.do_(due()), ["i1 misses ada", "i2 Withdrawn ada", "i2 offered to bob"]);
    centre.now = centre.now + seconds(19);
    assert_eq!(centre.do_(due()), NONE);
    assert_eq!(centre.do_(Request::Heartbeat { agent: agent("ada") }), ["i1 has again ada"]);
    assert_eq!(centre.with(1).as_deref(), Some("ada"));

    centre.now = centre.now + PRESENCE_LEASE;
    centre.do_(Request::Heartbeat { agent: agent("bob") });
    assert_eq!(centre.do_(due()), ["i1 misses ada"]);
    centre.now = centre.now + seconds(20);
    assert_eq!(centre.do_(due()), ["ada Offline (lease)", "i1 lost ada", "i1 offered to bob"]);
}

#[test]
fn t_19_dyd_34_the_end_of_a_shift_drains_the_agent() {
    let hours = json!({ "zone": "UTC", "weekly": { "thursday": [{ "from": "00:00", "to": "18:00" }] } });
    let zone = ZoneRules { name: "UTC".into(), version: "test".into(), offsets: vec![(0, 0)] };
    let calendar = Calendar::new(serde_json::from_value(hours).expect("settings"), Arc::new(zone)).expect("a calendar");
    let mut centre = Centre::new(&[("ada", SALES)], ProfileSettings::default());
    let shift = CalendarId::new("shift").expect("a name");
    centre.catalogue.calendars.insert(shift.clone(), Arc::new(calendar));
    centre.catalogue.agents.get_mut(&agent("ada")).expect("she exists").calendar = Some(Hours::Of(shift));
    centre.configure();
    let six = Timestamp::parse("1970-01-01T18:00:00Z").expect("an instant");
    centre.now = six - seconds(10);
    centre.online(&["ada"]);
    centre.arrive(1, SALES);
    centre.accept(1);
    assert_eq!(centre.capacity.lease_deadline(&agent("ada")), Some(six));
    centre.now = six;
    assert_eq!(centre.do_(Request::LeaseDue { agent: agent("ada") }), ["ada Draining"]);
    assert_eq!(centre.arrive(2, SALES), NONE);
    assert_eq!(centre.with(1).as_deref(), Some("ada"), "she keeps what she has");
    assert_eq!(centre.status("ada", PresenceStatus::Available), NONE, "her shift is over");
}

fn line(settings: serde_json::Value) -> crate::catalogue::SkillSettings {
    serde_json::from_value(json!({ "line": settings })).expect("settings of a skill")
}

fn refuses(centre: &Centre) -> Option<LineRefusal> {
    let needs = Requirement { skills: levels(SALES), supervisor: false };
    centre.capacity.line_refuses(&needs, centre.now)
}

#[test]
fn p_11_dyd_02_places_in_line_are_bounded_in_all_and_per_agent() {
    let mut centre = Centre::new(&[("ada", SALES), ("bob", SALES)], profile(json!({ "contacts_max": 1 })));
    centre.skill("sales", line(json!({ "places": 3, "places_per_agent": 1 })));
    let full = |waiting, places| {
        let skill = SkillId::new("sales").expect("a name");
        Some(LineRefusal::Full { skill, waiting, places })
    };
    assert_eq!(refuses(&centre), full(0, 0), "nobody is connected");
    centre.online(&["ada", "bob"]);
    assert_eq!(refuses(&centre), None, "they are free");
    for interaction in 1..=4 {
        assert_eq!(refuses(&centre), None, "{interaction}");
        centre.arrive(interaction, SALES);
    }
    assert_eq!(refuses(&centre), full(2, 2), "one place for each of two agents");
    centre.status("bob", PresenceStatus::Offline);
    assert_eq!(refuses(&centre), full(3, 1), "those who wait stay");
    centre.skill("sales", line(json!({ "places": 4 })));
    assert_eq!(refuses(&centre), None);
}

#[test]
fn dyd_11_p_11_the_line_closes_before_the_service_does() {
    let hours = json!({ "zone": "UTC", "weekly": { "thursday": [{ "from": "08:00", "to": "18:00" }] } });
    let zone = ZoneRules { name: "UTC".into(), version: "test".into(), offsets: vec![(0, 0)] };
    let calendar = Calendar::new(serde_json::from_value(hours).expect("settings"), Arc::new(zone)).expect("a calendar");
    let mut centre = Centre::new(&[("ada", SALES)], ProfileSettings::default());
    centre.catalogue.calendars.insert(CalendarId::new("service").expect("a name"), Arc::new(calendar));
    centre.skill("sales", line(json!({ "calendar": "service", "closes_before": "10m" })));
    let at = |text: &str| Timestamp::parse(text).expect("an instant");
    let closing = |at| Some(LineRefusal::Closing { skill: SkillId::new("sales").expect("a name"), at });
    for (now, refused) in [
        ("1970-01-01T07:59:59Z", closing(None)),
        ("1970-01-01T08:00:00Z", None),
        ("1970-01-01T17:49:59Z", None),
        ("1970-01-01T17:50:00Z", closing(Some(at("1970-01-01T18:00:00Z")))),
        ("1970-01-01T18:00:00Z", closing(None)),
    ] {
        centre.now = at(now);
        assert_eq!(refuses(&centre), refused, "{now}");
    }
}

#[test]
fn u_12_a_call_that_waited_too_long_closes_one_agent_to_chats() {
    let settings = json!({ "units": { "voice": 3, "webchat": 1 }, "units_max": 3 });
    let mut centre = Centre::new(&[("ada", SALES), ("bob", SALES)], profile(settings));
    centre.skill("sales", serde_json::from_value(json!({ "reserve_after": "60s" })).expect("settings"));
    centre.online(&["ada", "bob"]);
    for interaction in 1..=6 {
        assert!(arrive_on(&mut centre, interaction, Channel::Webchat));
        centre.accept(interaction);
    }
    assert!(!arrive_on(&mut centre, 7, Channel::Voice));
    centre.pass(seconds(59));
    let close = |centre: &mut Centre, interaction: u64| {
        let Some(WorkState::Active { agent, .. }) = centre.state(interaction) else { panic!("it is in conversation") };
        centre.do_(Request::Close { agent: agent.clone(), interaction: InteractionId(interaction) });
        centre.do_(Request::Finish { agent, interaction: InteractionId(interaction), disposition: None })
    };
    let of = |centre: &Centre, who: &str| -> Vec<u64> {
        (1..=6).filter(|interaction| centre.with(*interaction).as_deref() == Some(who)).collect()
    };
    let (adas, bobs) = (of(&centre, "ada"), of(&centre, "bob"));
    close(&mut centre, adas[0]);
    assert!(arrive_on(&mut centre, 8, Channel::Webchat), "before the time is up chats take every gap");
    centre.accept(8);
    centre.pass(seconds(1));
    let closed_for = |centre: &Centre| centre.capacity.work(InteractionId(7)).and_then(|work| work.room.clone());
    assert_eq!(closed_for(&centre).and_then(|room| room.agent), Some(agent("ada")));
    close(&mut centre, adas[1]);
    assert!(!arrive_on(&mut centre, 9, Channel::Webchat), "the gap is kept");
    assert_eq!(centre.capacity.why(InteractionId(9), &agent("ada")).map(|why| why.code()), Some("saved"));
    assert!(close(&mut centre, bobs[0]).contains(&"i9 offered to bob".to_owned()), "Bob goes on with chats");
    close(&mut centre, adas[2]);
    let Some(WorkState::Active { agent, .. }) = centre.state(8) else { panic!("it is in conversation") };
    centre.do_(Request::Close { agent: agent.clone(), interaction: InteractionId(8) });
    let said = centre.do_(Request::Finish { agent, interaction: InteractionId(8), disposition: None });
    assert!(said.contains(&"i7 offered to ada".to_owned()), "{said:?}");
}

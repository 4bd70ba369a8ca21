//! Rows of conversations over several channels, and of conversations set aside.

use std::{collections::BTreeSet, time::Duration};

use routewright_flows::Channel;
use serde_json::json;

use super::{super::*, Centre, agent, levels, seconds};
use crate::{catalogue::ProfileSettings, elevation};

const SALES: &[(&str, u8)] = &[("sales", 3)];
const NONE: [&str; 0] = [];

fn profile(settings: serde_json::Value) -> ProfileSettings {
    serde_json::from_value(settings).expect("settings of a profile")
}

fn one_agent(settings: serde_json::Value) -> Centre {
    let mut centre = Centre::new(&[("ada", SALES)], profile(settings));
    centre.online(&["ada"]);
    centre
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

fn elevate(interaction: u64, by: Option<&str>, channel: Channel) -> Request {
    let leg = Leg { channel, reach: None, state: LegState::Open };
    Request::Elevate { interaction: InteractionId(interaction), by: by.map(agent), leg }
}

fn close_leg(interaction: u64, who: &str, channel: Channel) -> Request {
    Request::CloseLeg { agent: agent(who), interaction: InteractionId(interaction), channel }
}

fn finish_leg(interaction: u64, who: &str, channel: Channel) -> Request {
    Request::FinishLeg { agent: agent(who), interaction: InteractionId(interaction), channel, disposition: None }
}

fn park(interaction: u64) -> Request {
    Request::Park { agent: agent("ada"), interaction: InteractionId(interaction) }
}

fn resume(interaction: u64) -> Request {
    Request::Resume { agent: agent("ada"), interaction: InteractionId(interaction) }
}

fn call_back(interaction: u64) -> Request {
    Request::CallBack { interaction: InteractionId(interaction) }
}

#[test]
fn max_08_max_09_p_17_capacity_refuses_every_pair_that_is_not_in_the_table() {
    for from in Channel::ALL {
        for to in Channel::ALL {
            let mut centre = one_agent(json!({ "contacts_max": 9 }));
            arrive_on(&mut centre, 1, from);
            centre.accept(1);
            let came = centre.ask(elevate(1, Some("ada"), to));
            let refused = CapacityRefusal::NotElevated { interaction: InteractionId(1), channel: to };
            if elevation::targets(from).contains(&to) {
                assert_eq!(came, Ok(vec![format!("i1 goes on by {to}")]), "{from} to {to}");
                assert_eq!(centre.ask(elevate(1, Some("ada"), to)), Err(refused), "it is there already");
            } else {
                assert_eq!(came, Err(refused), "{from} to {to}");
            }
        }
    }
}

#[test]
fn max_14_an_elevated_chat_weighs_the_sum_of_its_channels_or_the_heaviest() {
    let load = |settings: serde_json::Value| {
        let mut centre = one_agent(settings);
        arrive_on(&mut centre, 1, Channel::Webchat);
        centre.accept(1);
        centre.do_(elevate(1, Some("ada"), Channel::Voice));
        let load = centre.capacity.agent(&agent("ada")).expect("she exists").load;
        (load.contacts, load.units, load.of(Channel::Webchat), load.of(Channel::Voice))
    };
    let units = json!({ "webchat": 2, "voice": 5 });
    assert_eq!(load(json!({ "units": units })), (2, 7, 1, 1), "the sum by default");
    assert_eq!(load(json!({ "units": units, "elevated": "heaviest" })), (1, 5, 1, 1));
}

#[test]
fn max_14_a_channel_is_opened_only_where_there_is_room_for_it() {
    let mut centre = one_agent(json!({ "contacts_max": 2, "channel_max": { "voice": 1 } }));
    arrive_on(&mut centre, 1, Channel::Webchat);
    centre.accept(1);
    arrive_on(&mut centre, 2, Channel::Webchat);
    centre.accept(2);
    let full = centre.ask(elevate(1, Some("ada"), Channel::Voice));
    assert!(matches!(full, Err(CapacityRefusal::DoesNotFit { why: Why::Capacity(Bound::Contacts { .. }), .. })));
    centre.close(2);
    centre.do_(Request::Finish { agent: agent("ada"), interaction: InteractionId(2), disposition: None });
    centre.do_(elevate(1, Some("ada"), Channel::Voice));
    assert_eq!(arrive_on(&mut centre, 3, Channel::Email), NONE, "both channels count");
    let why = centre.capacity.why(InteractionId(3), &agent("ada")).map(|why| why.code());
    assert_eq!(why, Some("contacts-max"));
    let stranger = centre.ask(elevate(1, Some("bob"), Channel::Sms));
    assert!(matches!(stranger, Err(CapacityRefusal::NotYours { .. })), "{stranger:?}");
}

#[test]
fn max_15_max_16_p_17_a_session_ends_with_the_last_record_of_its_channels() {
    let mut centre = one_agent(json!({ "wrap_up": "60s" }));
    arrive_on(&mut centre, 1, Channel::Webchat);
    centre.accept(1);
    centre.do_(elevate(1, Some("ada"), Channel::Voice));
    // The chat is over first: the call takes its place, and the chat's record keeps its slot (FCE-08).
    let said = centre.do_(close_leg(1, "ada", Channel::Webchat));
    assert_eq!(said, ["i1 wrapped up on webchat by ada"]);
    assert_eq!(centre.capacity.work(InteractionId(1)).map(|work| work.channel), Some(Channel::Voice));
    assert_eq!(centre.capacity.agent(&agent("ada")).expect("she exists").load.contacts, 2);
    let not_yet = centre.ask(finish_leg(1, "ada", Channel::Voice));
    assert!(matches!(not_yet, Err(CapacityRefusal::NotYours { .. })), "the call goes on: {not_yet:?}");
    // The call is over: the conversation is, and two records are open.
    centre.now = centre.now + seconds(30);
    centre.do_(close_leg(1, "ada", Channel::Voice));
    assert_eq!(centre.do_(finish_leg(1, "ada", Channel::Voice)), ["i1 closed on voice by ada"]);
    assert!(matches!(centre.state(1), Some(WorkState::WrapUp { .. })), "the chat's record is still open");
    assert_eq!(centre.pass(seconds(29)), NONE);
    assert_eq!(centre.pass(seconds(1)), ["i1 closed by ada (expired)"], "T-14 runs from the chat's own end");
    assert_eq!(centre.state(1), None);
}

#[test]
fn p_17_the_whole_conversation_ends_on_all_channels_at_once() {
    let mut centre = one_agent(json!({ "wrap_up": "0s" }));
    arrive_on(&mut centre, 1, Channel::Email);
    centre.accept(1);
    centre.do_(elevate(1, Some("ada"), Channel::Voice));
    assert_eq!(centre.close(1), ["i1 closed on voice by ada", "i1 closed by ada"]);
    assert_eq!(centre.capacity.agent(&agent("ada")).expect("she exists").load, Load::default());
}

#[test]
fn p_17_an_elevated_contact_waits_for_an_agent_who_has_room_for_all_its_channels() {
    let agents: [(&str, &[(&str, u8)]); 2] = [("ada", SALES), ("bob", SALES)];
    let mut centre = Centre::new(&agents, profile(json!({ "contacts_max": 3, "channel_max": { "voice": 1 } })));
    centre.online(&["ada", "bob"]);
    for interaction in [1, 2] {
        arrive_on(&mut centre, interaction, Channel::Voice);
        centre.accept(interaction);
    }
    arrive_on(&mut centre, 3, Channel::Webchat);
    assert_eq!(centre.with(3).as_deref(), Some("ada"));
    // Its flow promises a call: no offer stands that has no room for it.
    assert_eq!(centre.do_(elevate(3, None, Channel::Voice)), ["i3 goes on by voice", "i3 Withdrawn ada"]);
    assert_eq!(centre.capacity.why(InteractionId(3), &agent("ada")).map(|why| why.code()), Some("channel-max"));
    let bob = centre.with(2);
    assert_eq!(bob.as_deref(), Some("bob"));
    centre.close(2);
    let said = centre.do_(Request::Finish { agent: agent("bob"), interaction: InteractionId(2), disposition: None });
    assert_eq!(said, ["i2 closed by bob", "i3 offered to bob"]);
}

#[test]
fn max_14_p_24_a_session_that_loses_its_agent_keeps_its_channels() {
    let agents: [(&str, &[(&str, u8)]); 2] = [("ada", SALES), ("bob", SALES)];
    let mut centre = Centre::new(&agents, profile(json!({ "channel_max": { "voice": 1 } })));
    centre.online(&["ada"]);
    arrive_on(&mut centre, 1, Channel::Webchat);
    centre.accept(1);
    centre.do_(elevate(1, Some("ada"), Channel::Voice));
    centre.do_(elevate(1, Some("ada"), Channel::Email));
    centre.do_(close_leg(1, "ada", Channel::Email));
    centre.online(&["bob"]);
    let said = centre.status("ada", PresenceStatus::Offline);
    assert_eq!(said, ["ada Offline", "i1 closed on email by ada (expired)", "i1 lost ada", "i1 offered to bob"]);
    let channels: BTreeSet<_> =
        centre.capacity.work(InteractionId(1)).into_iter().flat_map(|work| work.channels()).collect();
    assert_eq!(channels, [Channel::Webchat, Channel::Voice].into());
}

#[test]
fn u_09_a_parked_chat_gives_its_place_and_taking_it_up_obeys_the_limit() {
    let mut centre = one_agent(json!({ "contacts_max": 1, "parked_max": 1 }));
    arrive_on(&mut centre, 1, Channel::Webchat);
    centre.accept(1);
    arrive_on(&mut centre, 2, Channel::Webchat);
    assert_eq!(centre.do_(park(1)), ["i1 set aside by ada", "i2 offered to ada"], "an inactive chat blocks nobody");
    centre.accept(2);
    let again = centre.ask(park(2));
    assert_eq!(again, Err(CapacityRefusal::ParkedEnough { agent: agent("ada"), max: 1 }));
    let full = centre.ask(resume(1));
    assert!(matches!(full, Err(CapacityRefusal::DoesNotFit { why: Why::Capacity(Bound::Contacts { .. }), .. })));
    centre.close(2);
    centre.do_(Request::Finish { agent: agent("ada"), interaction: InteractionId(2), disposition: None });
    assert_eq!(centre.do_(resume(1)), ["i1 taken up by ada"]);
    assert!(matches!(centre.ask(resume(1)), Err(CapacityRefusal::NotYours { .. })), "it goes on");
}

#[test]
fn u_11_parked_work_keeps_units_so_that_it_can_come_back() {
    let settings = json!({ "contacts_max": 9, "units_max": 4, "units": { "webchat": 2 }, "parked_max": 2,
                           "parked_units": { "webchat": 1 } });
    let mut centre = one_agent(settings);
    for interaction in [1, 2] {
        arrive_on(&mut centre, interaction, Channel::Webchat);
        centre.accept(interaction);
    }
    centre.do_(park(1));
    assert_eq!(arrive_on(&mut centre, 3, Channel::Webchat), NONE, "2 go on and 1 is reserved: 2 more are too much");
    centre.do_(park(2));
    arrive_on(&mut centre, 4, Channel::Webchat);
    assert_eq!(centre.with(3).as_deref(), Some("ada"));
    centre.accept(3);
    let load = centre.capacity.agent(&agent("ada")).expect("she exists").load;
    assert_eq!((load.units, load.reserved, load.parked, load.contacts), (2, 2, 2, 1));
    // Both contacts write again: no limit is broken, and they come before the one who waits.
    assert_eq!(centre.do_(call_back(2)), NONE);
    centre.now = centre.now + seconds(1);
    assert_eq!(centre.do_(call_back(1)), NONE);
    centre.close(3);
    let said = centre.do_(Request::Finish { agent: agent("ada"), interaction: InteractionId(3), disposition: None });
    assert_eq!(said, ["i3 closed by ada", "i2 taken up by ada", "i1 taken up by ada"], "before the chat in line");
}

#[test]
fn u_09_a_contact_who_writes_brings_the_conversation_back() {
    let mut centre = one_agent(json!({ "contacts_max": 2, "parked_max": 1 }));
    arrive_on(&mut centre, 1, Channel::Webchat);
    centre.accept(1);
    centre.do_(park(1));
    assert_eq!(centre.do_(call_back(1)), ["i1 taken up by ada"]);
    assert_eq!(centre.do_(call_back(1)), NONE, "it is not set aside any more");
    centre.do_(park(1));
    assert_eq!(centre.status("ada", PresenceStatus::Offline), ["ada Offline", "i1 lost ada"]);
    assert_eq!(centre.capacity.work(InteractionId(1)).and_then(|work| work.parked.clone()), None);
    centre.pass(Duration::from_secs(60));
}

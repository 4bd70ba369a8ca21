//! Rows of agents who come back, one or many, and of the strategies that look at what agents did before.

use std::collections::{BTreeMap, BTreeSet};

use routewright_flows::Channel;
use serde_json::json;

use super::{super::*, Centre, agent, levels, seconds};
use crate::catalogue::{AgentSettings, ProfileSettings, SkillSettings, Strategy};

const SALES: &[(&str, u8)] = &[("sales", 3)];

fn profile(settings: serde_json::Value) -> ProfileSettings {
    serde_json::from_value(settings).expect("settings of a profile")
}

/// Tells capacity the deadline of an agent that has come.
fn due(centre: &mut Centre, who: &str) -> Vec<String> {
    centre.do_(Request::LeaseDue { agent: agent(who) })
}

#[test]
fn u_11_an_agent_who_comes_is_filled_one_contact_at_a_time_oldest_first() {
    let mut centre = Centre::new(&[("ada", SALES)], profile(json!({ "filling": { "every": "5s" } })));
    for interaction in 1..=5 {
        centre.arrive(interaction, SALES);
        centre.now = centre.now + seconds(1);
    }
    assert_eq!(centre.status("ada", PresenceStatus::Available), ["ada Available", "i1 offered to ada"]);
    assert_eq!(centre.capacity.why(InteractionId(2), &agent("ada")).map(|why| why.code()), Some("filling"));
    assert_eq!(centre.capacity.lease_deadline(&agent("ada")), Some(centre.now + seconds(5)));
    centre.now = centre.now + seconds(5);
    assert_eq!(due(&mut centre, "ada"), ["i2 offered to ada"]);
    centre.now = centre.now + seconds(5);
    assert_eq!(due(&mut centre, "ada"), ["i3 offered to ada"]);
    centre.now = centre.now + seconds(5);
    assert_eq!(due(&mut centre, "ada"), [""; 0], "she has her fill, and the rate is over");
    centre.accept(1);
    centre.close(1);
    let said = centre.do_(Request::Finish { agent: agent("ada"), interaction: InteractionId(1), disposition: None });
    assert_eq!(said, ["i1 closed by ada", "i4 offered to ada"], "from then on a free place is filled at once");
}

#[test]
fn u_11_a_site_that_comes_back_begins_one_agent_after_the_other() {
    let agents: [(&str, &[(&str, u8)]); 3] = [("ada", SALES), ("bob", SALES), ("cy", SALES)];
    let mut centre = Centre::new(&agents, profile(json!({ "filling": { "every": "10s", "stagger": "2s" } })));
    for interaction in 1..=9 {
        centre.arrive(interaction, SALES);
    }
    let start = centre.now;
    for who in ["ada", "bob", "cy"] {
        centre.status(who, PresenceStatus::Available);
    }
    assert_eq!((centre.with(1).as_deref(), centre.with(2)), (Some("ada"), None));
    centre.now = start + seconds(2);
    assert_eq!(due(&mut centre, "bob"), ["i2 offered to bob"]);
    assert_eq!(due(&mut centre, "cy"), [""; 0], "it is not yet his time");
    centre.now = start + seconds(4);
    assert_eq!(due(&mut centre, "cy"), ["i3 offered to cy"]);
}

/// The acceptance of U-11: a whole site comes back to a long line and many conversations that were set aside, whose
/// contacts all write at once.
#[test]
fn u_02_u_11_five_hundred_agents_come_back_to_a_long_line() {
    const AGENTS: usize = 500;
    const WAITING: u64 = 5_000;
    let every = seconds(10);
    let mut catalogue = Catalogue::default();
    let settings = json!({ "default": true, "contacts_max": 3, "parked_max": 4, "reconnect": "10m" });
    catalogue.profiles.insert("usual".parse().expect("a name"), profile(settings));
    let names: Vec<AgentId> = (0..AGENTS).map(|n| agent(&format!("a{n:03}"))).collect();
    for name in &names {
        let settings = AgentSettings { skills: levels(SALES), ..AgentSettings::default() };
        catalogue.agents.insert(name.clone(), settings);
    }
    let mut capacity = Capacity::new();
    let mut now = Timestamp(1_000_000);
    capacity.configure(&Arc::new(catalogue.clone()), now);
    let mut next = 0;
    let mut arrive = |capacity: &mut Capacity, now: Timestamp| -> (InteractionId, Vec<Notice>) {
        next += 1;
        let notices = capacity.handle(
            Request::Enqueue {
                touchpoint: None,
                interaction: InteractionId(next),
                channel: Channel::Webchat,
                requirement: Requirement { skills: levels(SALES), supervisor: false },
                priority: 0,
                since: now,
                preferred: None,
                legs: Vec::new(),
            },
            now,
        );
        (InteractionId(next), notices.expect("it is new"))
    };
    let mut parked = Vec::new();
    for name in &names {
        capacity
            .handle(Request::SetPresence { agent: name.clone(), status: PresenceStatus::Available }, now)
            .expect("he exists");
        for _ in 0..4 {
            let (interaction, notices) = arrive(&mut capacity, now);
            let Some(Notice::OfferMade { offer, agent: to, .. }) = notices.first().cloned() else {
                panic!("somebody is free: {notices:?}")
            };
            capacity.handle(Request::Accept { agent: to.clone(), offer }, now).expect("it is his");
            capacity.handle(Request::Park { agent: to, interaction }, now).expect("he may");
            parked.push(interaction);
        }
        capacity
            .handle(Request::SetPresence { agent: name.clone(), status: PresenceStatus::Paused }, now)
            .expect("he is there");
    }
    assert_eq!(parked.len(), 2_000);
    now = now + crate::limits::PRESENCE_LEASE;
    for name in &names {
        capacity.handle(Request::LeaseDue { agent: name.clone() }, now).expect("he exists");
    }
    for _ in 0..WAITING {
        now = now + Duration::from_millis(1);
        arrive(&mut capacity, now);
    }
    let paced = json!({ "default": true, "contacts_max": 3, "parked_max": 4, "reconnect": "10m",
                        "filling": { "every": "10s", "stagger": "20ms" } });
    catalogue.profiles.insert("usual".parse().expect("a name"), profile(paced));
    capacity.configure(&Arc::new(catalogue), now);
    // Everybody comes back; a while later everybody writes whose conversation was set aside.
    let mut offered: BTreeMap<AgentId, Timestamp> = BTreeMap::new();
    let mut last = InteractionId(0);
    let mut offers = 0;
    let mut watch = |capacity: &Capacity, notices: Vec<Notice>, now: Timestamp| {
        for notice in notices {
            let Notice::OfferMade { interaction, agent, .. } = notice else { continue };
            assert!(last < interaction, "oldest first: {interaction} after {last}");
            last = interaction;
            offers += 1;
            if let Some(before) = offered.insert(agent.clone(), now) {
                assert!(every <= now.since(before), "'{agent}' is filled at the rate of his profile");
            }
            let load = capacity.agent(&agent).expect("he exists").load;
            assert!(load.contacts <= 3 && load.parked <= 4, "'{agent}' is never above his limit: {load:?}");
        }
    };
    let came = now;
    for name in &names {
        let said =
            capacity.handle(Request::SetPresence { agent: name.clone(), status: PresenceStatus::Available }, now);
        watch(&capacity, said.expect("he exists"), now);
    }
    let mut dues: BTreeSet<(Timestamp, AgentId)> = BTreeSet::new();
    let again = |capacity: &Capacity, name: &AgentId| capacity.lease_deadline(name).map(|at| (at, name.clone()));
    dues.extend(names.iter().filter_map(|name| again(&capacity, name)));
    while let Some((at, name)) = dues.pop_first().filter(|(at, _)| at.since(came) <= seconds(40)) {
        now = now.max(at);
        if came + seconds(15) <= now {
            for interaction in std::mem::take(&mut parked) {
                let said = capacity.handle(Request::CallBack { interaction }, now).expect("it is his");
                watch(&capacity, said, now);
            }
        }
        capacity.handle(Request::Heartbeat { agent: name.clone() }, now).expect("he is there");
        let said = capacity.handle(Request::LeaseDue { agent: name.clone() }, now).expect("he exists");
        watch(&capacity, said, now);
        dues.extend(again(&capacity, &name));
    }
    capacity.check().expect("the invariants hold");
    let full = capacity.agents().filter(|view| view.load.contacts == 3).count();
    assert_eq!(full, AGENTS, "in the end everybody has his fill");
    assert!(
        parked.is_empty() && AGENTS <= offers,
        "contacts and conversations that were set aside came back: {offers}"
    );
}

#[test]
fn p_06_least_talk_counts_conversations_that_are_over() {
    let mut centre = Centre::new(&[("ada", SALES), ("bob", SALES)], profile(json!({ "wrap_up": "0s" })));
    centre.skill("sales", SkillSettings { strategy: Some(Strategy::LeastTalk), ..SkillSettings::default() });
    centre.online(&["ada", "bob"]);
    for (interaction, length, who) in
        [(1, 60, "ada"), (2, 10, "bob"), (3, 20, "bob"), (4, 5, "bob"), (5, 40, "bob"), (6, 1, "ada")]
    {
        centre.arrive(interaction, SALES);
        assert_eq!(centre.with(interaction).as_deref(), Some(who), "i{interaction}");
        centre.accept(interaction);
        centre.now = centre.now + seconds(length);
        for name in ["ada", "bob"] {
            centre.do_(Request::Heartbeat { agent: agent(name) });
        }
        centre.close(interaction);
    }
}

/// Ten thousand contacts go to three agents by lot.
fn drawn(weights: [u16; 3]) -> (Vec<String>, BTreeMap<String, u32>) {
    let mut catalogue = Catalogue::default();
    let settings = json!({ "default": true, "wrap_up": "0s" });
    catalogue.profiles.insert("usual".parse().expect("a name"), profile(settings));
    let by_lot = SkillSettings { strategy: Some(Strategy::WeightedRandom), ..SkillSettings::default() };
    catalogue.skills.insert("sales".parse().expect("a name"), by_lot);
    for (name, weight) in ["ada", "bob", "cy"].into_iter().zip(weights) {
        let settings = AgentSettings { skills: levels(SALES), weight, ..AgentSettings::default() };
        catalogue.agents.insert(agent(name), settings);
    }
    let mut capacity = Capacity::new();
    let now = Timestamp(1_000_000);
    capacity.configure(&Arc::new(catalogue), now);
    for name in ["ada", "bob", "cy"] {
        capacity
            .handle(Request::SetPresence { agent: agent(name), status: PresenceStatus::Available }, now)
            .expect("he exists");
    }
    let mut order = Vec::new();
    for number in 0..10_000 {
        let request = Request::Enqueue {
            touchpoint: None,
            interaction: InteractionId(number),
            channel: Channel::Webchat,
            requirement: Requirement { skills: levels(SALES), supervisor: false },
            priority: 0,
            since: now,
            preferred: None,
            legs: Vec::new(),
        };
        let said = capacity.handle(request, now).expect("it is new");
        let Some(Notice::OfferMade { offer, agent, .. }) = said.first().cloned() else { panic!("all are free") };
        order.push(agent.to_string());
        capacity.handle(Request::Accept { agent: agent.clone(), offer }, now).expect("it is his");
        capacity.handle(Request::Close { agent, interaction: InteractionId(number) }, now).expect("he has it");
    }
    let mut counts = BTreeMap::new();
    order.iter().for_each(|name| *counts.entry(name.clone()).or_insert(0) += 1);
    (order, counts)
}

#[test]
fn p_06_weighted_random_gives_each_his_share_and_the_same_again() {
    for weights in [[1, 1, 1], [1, 2, 5]] {
        let (order, counts) = drawn(weights);
        let total: u32 = weights.iter().map(|w| u32::from(*w)).sum();
        for (name, weight) in ["ada", "bob", "cy"].into_iter().zip(weights) {
            let share = f64::from(weight) / f64::from(total);
            let (expected, deviation) = (10_000.0 * share, (10_000.0 * share * (1.0 - share)).sqrt());
            let got = f64::from(counts[name]);
            assert!((got - expected).abs() < 4.0 * deviation, "{name} of {weights:?}: {got}, not {expected}");
        }
        // Whoever was chosen last is chosen next as often as his weight says: no memory.
        let own = f64::from(weights[2]) / f64::from(total);
        let after: Vec<bool> = order.windows(2).filter(|pair| pair[0] == "cy").map(|pair| pair[1] == "cy").collect();
        let (n, again) = (after.len() as f64, after.iter().filter(|again| **again).count() as f64);
        assert!((again - n * own).abs() < 4.0 * (n * own * (1.0 - own)).sqrt(), "{again} of {n} after himself");
        assert_eq!(drawn(weights).0, order, "nothing is random");
    }
}

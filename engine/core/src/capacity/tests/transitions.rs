//! The transition table of the module's documentation, walked for every pair of state and request.

use std::time::Duration;

use routewright_flows::Channel;

use super::{super::*, Centre, agent, levels};
use crate::{catalogue::ProfileSettings, limits::PRESENCE_LEASE};

const STATES: [&str; 5] = ["none", "Waiting", "Offered", "Active", "WrapUp"];
const REQUESTS: [&str; 18] = [
    "Enqueue",
    "Amend",
    "Withdraw",
    "SetPresence Draining",
    "SetPresence Offline",
    "Heartbeat",
    "Accept",
    "Decline",
    "Close",
    "SetWrapUp",
    "Finish",
    "WorkDue early",
    "WorkDue",
    "LeaseDue",
    "Pull",
    "Transfer",
    "Assign",
    "Assign forced",
];

/// What becomes of the contact: a state, or `!` and why the request is refused. One column per state.
const TABLE: [[&str; 5]; 18] = [
    ["Offered", "Waiting", "Offered", "! not waiting", "Offered"],
    ["! not waiting", "Offered", "Waiting", "! not waiting", "! not waiting"],
    ["none", "none", "none", "WrapUp", "WrapUp"],
    ["none", "Waiting", "Offered", "Active", "WrapUp"],
    ["none", "Waiting", "Waiting", "Waiting", "none"],
    ["none", "Waiting", "Offered", "Active", "WrapUp"],
    ["! offer gone", "! offer gone", "Active", "Active", "! offer gone"],
    ["! offer gone", "! offer gone", "Waiting", "! offer gone", "! offer gone"],
    ["! not yours", "! not yours", "! not yours", "WrapUp", "! not yours"],
    ["! no wrap-up", "! no wrap-up", "! no wrap-up", "! no wrap-up", "WrapUp"],
    ["! not yours", "! not yours", "! not yours", "! not yours", "none"],
    ["none", "Waiting", "Offered", "Active", "WrapUp"],
    ["none", "Offered", "Waiting", "Active", "none"],
    ["none", "Waiting", "Waiting", "Waiting", "none"],
    ["! may not pull", "! may not pull", "! may not pull", "! may not pull", "! may not pull"],
    ["! not yours", "! not yours", "! not yours", "Waiting", "! not yours"],
    ["! not waiting", "Offered", "! not waiting", "! not waiting", "! not waiting"],
    ["! not waiting", "Offered", "! not waiting", "! not waiting", "! not waiting"],
];

const IT: InteractionId = InteractionId(1);

/// A centre with one agent, Ada, and the contact in the wanted state; a waiting one was declined by her.
fn centre_in(state: &str) -> Centre {
    let mut centre = Centre::new(&[("ada", &[("sales", 3)])], ProfileSettings::default());
    centre.online(&["ada"]);
    if state != "none" {
        centre.arrive(1, &[("sales", 3)]);
    }
    if state == "Waiting" {
        centre.decline(1);
    }
    if state == "Active" || state == "WrapUp" {
        centre.accept(1);
    }
    if state == "WrapUp" {
        centre.close(1);
    }
    assert_eq!(state_of(&centre), state);
    centre
}

fn state_of(centre: &Centre) -> &'static str {
    match centre.state(1) {
        None => "none",
        Some(WorkState::Waiting) => "Waiting",
        Some(WorkState::Offered { .. }) => "Offered",
        Some(WorkState::Active { .. }) => "Active",
        Some(WorkState::WrapUp { .. }) => "WrapUp",
    }
}

fn request(name: &str, state: &str, centre: &mut Centre) -> Request {
    let ada = agent("ada");
    // The first and only offer of the contact.
    let offer = OfferId(0);
    let skills = |skills| Requirement { skills: levels(skills), supervisor: false };
    match name {
        "Enqueue" => Request::Enqueue {
            touchpoint: None,
            interaction: IT,
            channel: Channel::Webchat,
            requirement: skills(&[("sales", 3)]),
            priority: 0,
            since: centre.now,
            preferred: None,
            legs: Vec::new(),
        },
        // A need that Ada does not meet ends her offer; a waiting contact that anybody may have is still hers to
        // refuse first, so there it needs somebody new.
        "Amend" if state == "Waiting" => {
            let settings = centre.catalogue.agents[&ada].clone();
            centre.catalogue.agents.insert(agent("bob"), settings);
            centre.catalogue.agents.get_mut(&agent("bob")).expect("just added").skills = levels(&[("support", 1)]);
            centre.configure();
            centre.online(&["bob"]);
            Request::Amend { interaction: IT, requirement: skills(&[("support", 1)]), priority: 0 }
        }
        "Amend" => Request::Amend { interaction: IT, requirement: skills(&[("support", 1)]), priority: 0 },
        "Withdraw" => Request::Withdraw { interaction: IT },
        "SetPresence Draining" => Request::SetPresence { agent: ada, status: PresenceStatus::Draining },
        "SetPresence Offline" => Request::SetPresence { agent: ada, status: PresenceStatus::Offline },
        "Heartbeat" => Request::Heartbeat { agent: ada },
        "Accept" => Request::Accept { agent: ada, offer },
        "Decline" => Request::Decline { agent: ada, offer },
        "Close" => Request::Close { agent: ada, interaction: IT },
        "SetWrapUp" => Request::SetWrapUp { interaction: IT, length: Duration::from_secs(7) },
        "Finish" => Request::Finish { agent: ada, interaction: IT, disposition: None },
        "WorkDue early" => Request::WorkDue { interaction: IT },
        "WorkDue" => {
            centre.now = centre.capacity.work_deadline(IT).unwrap_or(centre.now);
            Request::WorkDue { interaction: IT }
        }
        "LeaseDue" => {
            centre.now = centre.now + PRESENCE_LEASE;
            Request::LeaseDue { agent: ada }
        }
        "Pull" => Request::Pull { agent: ada },
        "Transfer" => Request::Transfer { interaction: IT, by: Some(ada), requirement: None, preferred: None },
        "Assign" => Request::Assign { interaction: IT, agent: ada.clone(), by: ada, force: false },
        "Assign forced" => Request::Assign { interaction: IT, agent: ada.clone(), by: ada, force: true },
        other => panic!("no request is called {other}"),
    }
}

#[test]
fn every_pair_of_state_and_request_does_what_the_table_says() {
    for (row, name) in TABLE.into_iter().zip(REQUESTS) {
        let came = STATES.map(|state| {
            let mut centre = centre_in(state);
            let request = request(name, state, &mut centre);
            match centre.ask(request) {
                Ok(_) => state_of(&centre),
                Err(CapacityRefusal::NotWaiting(_)) => "! not waiting",
                Err(CapacityRefusal::OfferGone { .. }) => "! offer gone",
                Err(CapacityRefusal::NotYours { .. }) => "! not yours",
                Err(CapacityRefusal::NoWrapUp(_)) => "! no wrap-up",
                Err(CapacityRefusal::UnknownAgent(_)) => "! unknown agent",
                Err(CapacityRefusal::AgentOffline(_)) => "! agent offline",
                Err(CapacityRefusal::UnknownStatus { .. }) => "! unknown status",
                Err(CapacityRefusal::MayNotPull(_)) => "! may not pull",
                Err(CapacityRefusal::NothingToPull(_)) => "! nothing to pull",
                Err(CapacityRefusal::DoesNotFit { .. }) => "! does not fit",
                Err(CapacityRefusal::NotElevated { .. }) => "! not elevated",
                Err(CapacityRefusal::ParkedEnough { .. }) => "! parked enough",
                Err(CapacityRefusal::BegunEnough { .. }) => "! begun enough",
            }
        });
        assert_eq!(came, row, "{name}");
    }
}

#[test]
fn an_agent_who_is_offline_or_unknown_is_refused_everything_but_presence() {
    let mut centre = centre_in("none");
    centre.status("ada", PresenceStatus::Offline);
    let asks = |who: &str| {
        let (agent, offer, interaction) = (agent(who), OfferId(0), IT);
        [
            Request::Heartbeat { agent: agent.clone() },
            Request::Accept { agent: agent.clone(), offer },
            Request::Decline { agent: agent.clone(), offer },
            Request::Close { agent: agent.clone(), interaction },
            Request::Finish { agent, interaction, disposition: None },
        ]
    };
    for (offline, unknown) in asks("ada").into_iter().zip(asks("zoe")) {
        assert_eq!(centre.ask(offline), Err(CapacityRefusal::AgentOffline(agent("ada"))));
        assert_eq!(centre.ask(unknown), Err(CapacityRefusal::UnknownAgent(agent("zoe"))));
    }
    let presence = Request::SetPresence { agent: agent("zoe"), status: PresenceStatus::Available };
    assert_eq!(centre.ask(presence), Err(CapacityRefusal::UnknownAgent(agent("zoe"))));
}

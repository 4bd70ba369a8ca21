//! Tests of capacity: random sequences against a model that looks at everybody; the transition table; tables named
//! after the rows of the requirements.

mod coming;
mod complaints;
mod forecast;
mod giving;
mod legs;
mod model;
mod random;
mod ring;
mod tables;
mod transitions;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use routewright_flows::Channel;

use super::*;
use crate::{
    catalogue::{AgentSettings, Catalogue, ProfileSettings, SkillSettings},
    id::ProfileId,
    limits::PRESENCE_LEASE,
};

/// A small centre under a hand-driven clock. Rows are written out and read back after every request, so that each
/// test is a test of recovery too; invariants are checked each time.
struct Centre {
    capacity: Capacity,
    catalogue: Catalogue,
    now: Timestamp,
}

impl Centre {
    /// Agents with their skills and levels, all with one profile.
    fn new(agents: &[(&str, &[(&str, u8)])], profile: ProfileSettings) -> Self {
        let mut catalogue = Catalogue::default();
        catalogue
            .profiles
            .insert(ProfileId::new("default").expect("a name"), ProfileSettings { default: true, ..profile });
        for (id, skills) in agents {
            catalogue.agents.insert(agent(id), AgentSettings { skills: levels(skills), ..AgentSettings::default() });
        }
        let mut centre = Self { capacity: Capacity::new(), catalogue, now: Timestamp(1_000_000) };
        centre.configure();
        centre
    }

    fn configure(&mut self) -> Vec<String> {
        let notices = self.capacity.configure(&Arc::new(self.catalogue.clone()), self.now);
        self.checked(notices)
    }

    fn ask(&mut self, request: Request) -> Result<Vec<String>, CapacityRefusal> {
        let before = (self.rows(), self.capacity.next_offer());
        match self.capacity.handle(request.clone(), self.now) {
            Ok(notices) => Ok(self.checked(notices)),
            Err(refusal) => {
                assert_eq!(before, (self.rows(), self.capacity.next_offer()), "a refusal changes nothing: {request:?}");
                Err(refusal)
            }
        }
    }

    fn checked(&mut self, notices: Vec<Notice>) -> Vec<String> {
        self.capacity.check().expect("the invariants hold");
        self.restart();
        self.capacity.check().expect("the invariants hold after a restart");
        notices.iter().map(told).collect()
    }

    /// Writes every row, reads them back into a new capacity; leases stay as they were.
    fn restart(&mut self) {
        let (agents, works) = self.rows();
        let agents: Vec<AgentRow> = serde_json::from_str(&agents).expect("rows read back");
        let works: Vec<Work> = serde_json::from_str(&works).expect("rows read back");
        let leases: BTreeMap<AgentId, Timestamp> =
            self.capacity.agents.iter().map(|agent| (agent.id.clone(), agent.lease_until)).collect();
        let mut again = Capacity::new();
        again.configure(&Arc::new(self.catalogue.clone()), self.now);
        again.restore(agents.into_iter(), works.into_iter(), self.now);
        assert_eq!(again.next_offer(), self.capacity.next_offer(), "offer numbers rise over a restart");
        for agent in &mut again.agents {
            agent.lease_until = leases[&agent.id];
        }
        self.capacity = again;
    }

    fn rows(&self) -> (String, String) {
        let agents: Vec<_> = self.capacity.agents().filter_map(|view| self.capacity.agent_row(view.agent)).collect();
        let works: Vec<_> = self.capacity.works().collect();
        (serde_json::to_string(&agents).expect("rows write"), serde_json::to_string(&works).expect("rows write"))
    }

    fn do_(&mut self, request: Request) -> Vec<String> {
        self.ask(request).expect("the request fits the state")
    }

    fn online(&mut self, agents: &[&str]) {
        for id in agents {
            self.status(id, PresenceStatus::Available);
            self.now = self.now + Duration::from_millis(1);
        }
    }

    fn status(&mut self, id: &str, status: PresenceStatus) -> Vec<String> {
        self.do_(Request::SetPresence { agent: agent(id), status })
    }

    fn arrive(&mut self, interaction: u64, skills: &[(&str, u8)]) -> Vec<String> {
        self.arrive_as(interaction, skills, 0)
    }

    /// A contact whom an agent knows.
    fn arrive_for(
        &mut self,
        interaction: u64,
        skills: &[(&str, u8)],
        knows: &str,
        keep: Option<Duration>,
    ) -> Vec<String> {
        self.do_(Request::Enqueue {
            touchpoint: None,
            interaction: InteractionId(interaction),
            channel: Channel::Webchat,
            requirement: Requirement { skills: levels(skills), supervisor: false },
            priority: 0,
            since: self.now,
            preferred: Some(Preferred { agent: agent(knows), keep }),
            legs: Vec::new(),
        })
    }

    fn skill(&mut self, id: &str, settings: SkillSettings) {
        self.catalogue.skills.insert(SkillId::new(id).expect("a name"), settings);
        self.configure();
    }

    fn arrive_as(&mut self, interaction: u64, skills: &[(&str, u8)], priority: i32) -> Vec<String> {
        self.do_(Request::Enqueue {
            touchpoint: None,
            interaction: InteractionId(interaction),
            channel: Channel::Webchat,
            requirement: Requirement { skills: levels(skills), supervisor: false },
            priority,
            since: self.now,
            preferred: None,
            legs: Vec::new(),
        })
    }

    /// The agent accepts the offer of this contact.
    fn accept(&mut self, interaction: u64) -> Vec<String> {
        let Some(WorkState::Offered { offer, agent, .. }) = self.state(interaction) else {
            panic!("i{interaction} is offered");
        };
        self.do_(Request::Accept { agent, offer })
    }

    fn decline(&mut self, interaction: u64) -> Vec<String> {
        let Some(WorkState::Offered { offer, agent, .. }) = self.state(interaction) else {
            panic!("i{interaction} is offered");
        };
        self.do_(Request::Decline { agent, offer })
    }

    fn close(&mut self, interaction: u64) -> Vec<String> {
        let Some(WorkState::Active { agent, .. }) = self.state(interaction) else {
            panic!("i{interaction} is in conversation");
        };
        self.do_(Request::Close { agent, interaction: InteractionId(interaction) })
    }

    fn state(&self, interaction: u64) -> Option<WorkState> {
        self.capacity.work(InteractionId(interaction)).map(|work| work.state.clone())
    }

    fn with(&self, interaction: u64) -> Option<String> {
        self.state(interaction).and_then(|state| state.agent().map(ToString::to_string))
    }

    /// Lets time pass and tells capacity every deadline that comes, in order; heartbeats keep agents there.
    fn pass(&mut self, length: Duration) -> Vec<String> {
        let end = self.now + length;
        let mut told = Vec::new();
        for agent in &mut self.capacity.agents {
            agent.lease_until = end + PRESENCE_LEASE;
        }
        loop {
            let due = self
                .capacity
                .works()
                .filter_map(|work| self.capacity.work_deadline(work.interaction).map(|at| (at, work.interaction)));
            let Some((at, interaction)) = due.min().filter(|(at, _)| *at <= end) else { break };
            self.now = self.now.max(at);
            told.extend(self.do_(Request::WorkDue { interaction }));
        }
        self.now = end;
        told
    }
}

fn agent(id: &str) -> AgentId {
    AgentId::new(id).expect("a name")
}

fn levels(skills: &[(&str, u8)]) -> BTreeMap<SkillId, Level> {
    let level = |level: u8| Level::try_from(level).expect("a level");
    skills.iter().map(|(skill, at)| (SkillId::new(skill).expect("a name"), level(*at))).collect()
}

fn told(notice: &Notice) -> String {
    match notice {
        Notice::OfferMade { interaction, agent, .. } => format!("{interaction} offered to {agent}"),
        Notice::Accepted { interaction, agent, .. } => format!("{interaction} accepted by {agent}"),
        Notice::OfferEnded { interaction, agent, why, .. } => format!("{interaction} {why:?} {agent}"),
        Notice::Requeued { interaction, agent } => format!("{interaction} lost {agent}"),
        Notice::Assigned { interaction, agent, by, overrides } => {
            let overrides = overrides.map(|why| format!(" against {why}")).unwrap_or_default();
            format!("{interaction} assigned to {agent} by {by}{overrides}")
        }
        Notice::Connection { interaction, agent, lost } => {
            format!("{interaction} {} {agent}", if *lost { "misses" } else { "has again" })
        }
        Notice::LegOpened { interaction, channel, .. } => format!("{interaction} goes on by {channel}"),
        Notice::LegWrapUp { interaction, agent, channel, .. } => {
            format!("{interaction} wrapped up on {channel} by {agent}")
        }
        Notice::LegEnded { interaction, agent, channel, expired, .. } => {
            format!("{interaction} closed on {channel} by {agent}{}", if *expired { " (expired)" } else { "" })
        }
        Notice::Parked { interaction, agent } => format!("{interaction} set aside by {agent}"),
        Notice::Resumed { interaction, agent } => format!("{interaction} taken up by {agent}"),
        Notice::WrapUpStarted { interaction, agent, until } => {
            format!("{interaction} wrapped up by {agent} until {}", until.0)
        }
        Notice::WrapUpEnded { interaction, agent, expired, .. } => {
            format!("{interaction} closed by {agent}{}", if *expired { " (expired)" } else { "" })
        }
        Notice::PresenceChanged { agent, status, lease_expired } => {
            format!("{agent} {status:?}{}", if *lease_expired { " (lease)" } else { "" })
        }
    }
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

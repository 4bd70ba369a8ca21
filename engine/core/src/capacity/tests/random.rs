//! Random centres and random sequences of requests: the product and the model make the same decisions, the
//! invariants hold, the rows that are said to have changed are all that changed, timers armed for them are never
//! wrong, and a restart between any two steps changes nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use proptest::{collection::vec, option, prelude::*, sample::select};
use routewright_flows::{Channel, HumanDuration};
use serde_json::json;

use super::{super::*, agent, levels, model::Model};
use crate::{
    catalogue::{
        AgentSettings, Catalogue, Charge, Filling, LimitOverrides, Misses, NoAnswer, Permissions, ProfileSettings,
        RoleSettings, SkillSettings, StatusSettings, TouchpointSettings,
    },
    id::{ProfileId, RoleId, StatusId, TenantId, TouchpointId},
    limits::PRESENCE_LEASE,
    timers::{TimerKey, Timers},
};

const AGENTS: [&str; 6] = ["ada", "bob", "cy", "di", "eve", "fay"];
const SKILLS: [&str; 3] = ["sales", "support", "french"];
const STATUSES: [&str; 3] = ["chats-only", "training", "unknown"];
const CHANNELS: [Channel; 3] = [Channel::Webchat, Channel::Voice, Channel::Email];
const TOUCHPOINTS: [&str; 2] = ["chat", "whatsapp"];
const LEGS: [Channel; 4] = [Channel::Voice, Channel::Email, Channel::Sms, Channel::Webchat];

#[derive(Debug, Clone)]
enum Op {
    Arrive {
        interaction: u64,
        touchpoint: Option<TouchpointId>,
        channel: Channel,
        requirement: Requirement,
        priority: i32,
        age: u64,
        preferred: Option<Preferred>,
    },
    /// An agent begins a conversation, and sets aside one of his for it.
    Begin {
        interaction: u64,
        agent: AgentId,
        touchpoint: TouchpointId,
        channel: Channel,
        requirement: Requirement,
        hold: Option<u64>,
    },
    /// He sends a template unasked.
    CountBegun {
        agent: AgentId,
        touchpoint: TouchpointId,
    },
    Amend {
        interaction: u64,
        requirement: Requirement,
        priority: i32,
    },
    Withdraw {
        interaction: u64,
    },
    SetPresence {
        agent: AgentId,
        status: PresenceStatus,
    },
    ChooseStatus {
        agent: AgentId,
        name: &'static str,
    },
    Pull {
        agent: AgentId,
    },
    Transfer {
        interaction: u64,
        requirement: Option<Requirement>,
        preferred: Option<Preferred>,
    },
    Assign {
        interaction: u64,
        agent: AgentId,
        force: bool,
    },
    Heartbeat {
        agent: AgentId,
    },
    /// Answers one of the last offers, seldom as the wrong agent.
    Answer {
        back: u64,
        accept: bool,
        as_agent: Option<AgentId>,
    },
    /// Closes or finishes, seldom as the wrong agent.
    End {
        interaction: u64,
        finish: bool,
        as_agent: Option<AgentId>,
    },
    SetWrapUp {
        interaction: u64,
        length: Duration,
    },
    /// One more channel, as its agent or its flow wants.
    Elevate {
        interaction: u64,
        channel: Channel,
        by_agent: bool,
    },
    /// Ends one channel, or closes its record.
    EndLeg {
        interaction: u64,
        channel: Channel,
        finish: bool,
    },
    Park {
        interaction: u64,
    },
    Resume {
        interaction: u64,
        by_contact: bool,
    },
    /// A timer that comes for no reason.
    Stray {
        interaction: u64,
        agent: AgentId,
    },
    Pass {
        length: Duration,
    },
    Configure {
        which: usize,
    },
    Restart,
}

fn requirement() -> impl Strategy<Value = Requirement> {
    let skills = vec((select(&SKILLS[..]), select(&[1_u8, 5, 20][..])), 0..=2);
    (skills, prop::bool::weighted(0.1))
        .prop_map(|(skills, supervisor)| Requirement { skills: levels(&skills), supervisor })
}

fn preferred() -> impl Strategy<Value = Option<Preferred>> {
    let keep = option::weighted(0.3, select(&[1_u64, 20][..]).prop_map(Duration::from_secs));
    option::weighted(0.4, (someone(), keep).prop_map(|(agent, keep)| Preferred { agent, keep }))
}

/// Settings of a skill: everything that changes the order of agents or contacts.
fn skill() -> impl Strategy<Value = SkillSettings> {
    use crate::catalogue::{Ageing, PreferredAgent, Strategy as By, WideningStep};
    const STRATEGIES: [By; 9] = [
        By::LongestIdle,
        By::Proficiency,
        By::LeastBusy,
        By::MostBusy,
        By::RoundRobin,
        By::FewestHandled,
        By::LeastTalk,
        By::WeightedRandom,
        By::Linear,
    ];
    let seconds = |s: u64| HumanDuration::from_millis(s * 1_000);
    let ageing = (-1..2_i32, select(&[0_u32, 1, 60, 600][..]), option::of(0..4_i32))
        .prop_map(|(initial, per_minute, max)| Ageing { initial, per_minute, max });
    let preferred = (select(&[1_u64, 10, 60][..]), any::<bool>(), any::<bool>()).prop_map(
        move |(timeout, when_offline, when_busy)| PreferredAgent {
            timeout: seconds(timeout),
            when_offline,
            when_busy,
            memory: seconds(60),
        },
    );
    const STEPS: [&[(u64, Option<u8>)]; 5] =
        [&[], &[], &[(4, Some(5))], &[(2, Some(5)), (9, Some(20))], &[(3, Some(12)), (30, None)]];
    let widening = select(&STEPS[..]);
    let widening = widening.prop_map(move |steps: &[(u64, Option<u8>)]| {
        let step = |(after, level): &(u64, Option<u8>)| WideningStep {
            after: seconds(*after),
            level: level.map(|level| Level::try_from(level).expect("a level")),
        };
        steps.iter().map(step).collect()
    });
    let reserve_after = option::weighted(0.4, select(&[3_u64, 20][..]).prop_map(seconds));
    let at_once = option::weighted(0.4, 1..=4_u16);
    let order = (option::of(select(&STRATEGIES[..])), option::of(ageing), option::of(preferred), at_once);
    (order, widening, reserve_after).prop_map(
        |((strategy, ageing, preferred_agent, at_once), widening, reserve_after)| SkillSettings {
            reserve_after,
            strategy,
            at_once,
            ageing,
            preferred_agent,
            widening,
            ..SkillSettings::default()
        },
    )
}

fn someone() -> impl Strategy<Value = AgentId> {
    select(&AGENTS[..]).prop_map(agent)
}

fn touchpoint() -> impl Strategy<Value = TouchpointId> {
    select(&TOUCHPOINTS[..]).prop_map(|id| TouchpointId::new(id).expect("a name"))
}

fn op() -> impl Strategy<Value = Op> {
    let interaction = || 0..12_u64;
    let rarely = || option::weighted(0.1, someone());
    let status = select(
        &[
            PresenceStatus::Available,
            PresenceStatus::Available,
            PresenceStatus::Available,
            PresenceStatus::Draining,
            PresenceStatus::Paused,
            PresenceStatus::Offline,
        ][..],
    );
    let length = || select(&[0_u64, 1, 1_000, 5_000, 12_000, 30_000, 61_000][..]).prop_map(Duration::from_millis);
    let place = || (option::weighted(0.5, touchpoint()), select(&CHANNELS[..]));
    // Now and then most of the day goes by, so that what was begun is counted no more.
    let passes = || prop_oneof![30 => length(), 1 => Just(Duration::from_secs(9 * 3_600))];
    prop_oneof![
        6 => (interaction(), place(), requirement(), -1..2_i32, 0..3_u64, preferred()).prop_map(
            |(interaction, (touchpoint, channel), requirement, priority, age, preferred)| Op::Arrive {
                interaction, touchpoint, channel, requirement, priority, age, preferred
            }
        ),
        2 => (interaction(), someone(), touchpoint(), select(&CHANNELS[..]), requirement(), option::of(interaction()))
            .prop_map(|(interaction, agent, touchpoint, channel, requirement, hold)| Op::Begin {
                interaction, agent, touchpoint, channel, requirement, hold
            }),
        1 => (someone(), touchpoint()).prop_map(|(agent, touchpoint)| Op::CountBegun { agent, touchpoint }),
        1 => (interaction(), requirement(), -1..2_i32)
            .prop_map(|(interaction, requirement, priority)| Op::Amend { interaction, requirement, priority }),
        1 => interaction().prop_map(|interaction| Op::Withdraw { interaction }),
        4 => (someone(), status).prop_map(|(agent, status)| Op::SetPresence { agent, status }),
        2 => someone().prop_map(|agent| Op::Heartbeat { agent }),
        2 => (someone(), select(&STATUSES[..])).prop_map(|(agent, name)| Op::ChooseStatus { agent, name }),
        2 => someone().prop_map(|agent| Op::Pull { agent }),
        2 => (interaction(), option::weighted(0.3, requirement()), preferred()).prop_map(
            |(interaction, requirement, preferred)| Op::Transfer { interaction, requirement, preferred }
        ),
        2 => (interaction(), someone(), any::<bool>())
            .prop_map(|(interaction, agent, force)| Op::Assign { interaction, agent, force }),
        8 => (0..4_u64, prop::bool::weighted(0.6), rarely())
            .prop_map(|(back, accept, as_agent)| Op::Answer { back, accept, as_agent }),
        4 => (interaction(), any::<bool>(), rarely())
            .prop_map(|(interaction, finish, as_agent)| Op::End { interaction, finish, as_agent }),
        1 => (interaction(), length()).prop_map(|(interaction, length)| Op::SetWrapUp { interaction, length }),
        3 => (interaction(), select(&LEGS[..]), prop::bool::weighted(0.7))
            .prop_map(|(interaction, channel, by_agent)| Op::Elevate { interaction, channel, by_agent }),
        3 => (interaction(), select(&LEGS[..]), any::<bool>())
            .prop_map(|(interaction, channel, finish)| Op::EndLeg { interaction, channel, finish }),
        3 => interaction().prop_map(|interaction| Op::Park { interaction }),
        3 => (interaction(), any::<bool>())
            .prop_map(|(interaction, by_contact)| Op::Resume { interaction, by_contact }),
        1 => (interaction(), someone()).prop_map(|(interaction, agent)| Op::Stray { interaction, agent }),
        3 => passes().prop_map(|length| Op::Pass { length }),
        1 => (0..2_usize).prop_map(|which| Op::Configure { which }),
        1 => Just(Op::Restart),
    ]
}

fn profile() -> impl Strategy<Value = ProfileSettings> {
    let seconds = |choices: &'static [u64]| select(choices).prop_map(|s| HumanDuration::from_millis(s * 1_000));
    let per_channel = |max: u16| prop::collection::btree_map(select(&CHANNELS[..]), 0..=max, 0..=2);
    let some = || prop::collection::btree_set(select(&CHANNELS[..]), 0..=1);
    let bounds = (per_channel(2), 0..=4_u16, per_channel(3), option::of(0..=6_u16));
    let misses = (1..=2_u16, any::<bool>())
        .prop_map(|(max, offline)| Misses { max, status: if offline { NoAnswer::Offline } else { NoAnswer::Paused } });
    let excludes = prop::collection::btree_map(select(&CHANNELS[..]), some(), 0..=1);
    let every = select(&[1_u64, 4][..]).prop_map(|s| HumanDuration::from_millis(s * 1_000));
    let stagger = option::of(select(&[500_u64, 3_000][..]).prop_map(HumanDuration::from_millis));
    let filling = option::weighted(0.3, (every, stagger).prop_map(|(every, stagger)| Filling { every, stagger }));
    let sides =
        (0..=2_u16, per_channel(2), any::<bool>(), filling).prop_map(|(parked_max, parked_units, sum, filling)| {
            (parked_max, parked_units, if sum { Charge::Sum } else { Charge::Heaviest }, filling)
        });
    let giving = (some(), excludes, some(), prop::bool::weighted(0.8), any::<bool>(), option::weighted(0.3, misses));
    (bounds, giving, sides, seconds(&[0, 10, 60]), seconds(&[0, 5, 30]), seconds(&[0, 0, 7])).prop_map(
        |(bounds, giving, sides, wrap_up, offer_timeout, reconnect)| {
            let (parked_max, parked_units, elevated, filling) = sides;
            let (channel_max, contacts_max, units, units_max) = bounds;
            let (interruptible, excludes, auto_accept, push, pull, misses) = giving;
            let status = |name: &str, channels: &[Channel]| {
                let channels = channels.iter().copied().collect();
                (StatusId::new(name).expect("a name"), StatusSettings { channels, ..StatusSettings::default() })
            };
            ProfileSettings {
                channel_max,
                contacts_max,
                units,
                units_max,
                wrap_up,
                offer_timeout,
                interruptible,
                excludes,
                elevated,
                parked_max,
                parked_units,
                filling,
                auto_accept,
                push,
                pull,
                misses,
                reconnect,
                statuses: [status(STATUSES[0], &CHANNELS[..1]), status(STATUSES[1], &[])].into(),
                ..ProfileSettings::default()
            }
        },
    )
}

fn role_settings() -> impl Strategy<Value = RoleSettings> {
    let permissions = any::<bool>().prop_map(|reply| Permissions { reply, ..Permissions::ALL });
    let seen = prop::collection::btree_set(select(&SKILLS[..]).prop_map(|id| SkillId::new(id).expect("a name")), 0..=3);
    (prop::collection::btree_map(touchpoint(), permissions, 0..=2), option::weighted(0.5, seen))
        .prop_map(|(touchpoints, skills)| RoleSettings { touchpoints, skills, ..RoleSettings::default() })
}

fn catalogue() -> impl Strategy<Value = Catalogue> {
    let skills = vec((select(&SKILLS[..]), select(&[1_u8, 3, 10][..])), 0..=3);
    let limits = (option::weighted(0.2, 0..=3_u16), option::weighted(0.1, 0..=5_u16))
        .prop_map(|(contacts_max, units_max)| LimitOverrides { contacts_max, units_max, ..LimitOverrides::default() });
    let role = |role| RoleId::new(role).expect("a name");
    // The second of them is in few catalogues: a role that is no more binds nobody.
    let roles = option::weighted(0.4, select(&["chats", "few"][..]).prop_map(role));
    let settings = (skills, prop::bool::weighted(0.2), any::<bool>(), limits, 1..=3_u16, roles).prop_map(
        |(skills, supervisor, own, limits, weight, role)| AgentSettings {
            role,
            skills: levels(&skills),
            limits,
            weight,
            supervisor,
            profile: own.then(|| ProfileId::new("own").expect("a name")),
            ..AgentSettings::default()
        },
    );
    let skills = vec(option::of(skill()), SKILLS.len());
    let roles = (role_settings(), option::weighted(0.3, role_settings())).prop_map(move |(chats, few)| {
        [(role("chats"), Some(chats)), (role("few"), few)]
            .into_iter()
            .filter_map(|(id, own)| Some((id, own?)))
            .collect()
    });
    let touchpoints = vec(option::weighted(0.8, 0..=3_u32), TOUCHPOINTS.len()).prop_map(|bounds| {
        let settings = |bound: Option<u32>| {
            json!({ "channel": "whatsapp", "provider": {
            "account": "acme", "number": "+33123456789", "display_name": "Acme", "begun_per_day": bound
        } })
        };
        let settings = |bound| serde_json::from_value::<TouchpointSettings>(settings(bound)).expect("settings");
        let named = TOUCHPOINTS.iter().map(|id| TouchpointId::new(id).expect("a name"));
        named.zip(bounds.into_iter().map(settings)).collect()
    });
    let named = (roles, touchpoints);
    (prop::collection::btree_map(someone(), settings, 1..=5), profile(), profile(), skills, named).prop_map(
        |(agents, default, own, skills, (roles, touchpoints))| {
            let id = |name| ProfileId::new(name).expect("a name");
            let profiles =
                BTreeMap::from([(id("all"), ProfileSettings { default: true, ..default }), (id("own"), own)]);
            let named = SKILLS.iter().map(|skill| SkillId::new(skill).expect("a name"));
            let skills = named.zip(skills).filter_map(|(id, settings)| Some((id, settings?))).collect();
            Catalogue { agents, profiles, skills, roles, touchpoints, ..Catalogue::default() }
        },
    )
}

/// The product and the model side by side, with the store and the timers that a switchboard would keep.
struct Pair {
    capacity: Capacity,
    model: Model,
    catalogues: [Catalogue; 2],
    now: Timestamp,
    timers: Timers,
    works: BTreeMap<InteractionId, String>,
    agents: BTreeMap<AgentId, String>,
}

impl Pair {
    fn new(catalogues: [Catalogue; 2]) -> Self {
        let mut pair = Self {
            capacity: Capacity::new(),
            model: Model::default(),
            catalogues,
            now: Timestamp(1_000_000),
            timers: Timers::default(),
            works: BTreeMap::new(),
            agents: BTreeMap::new(),
        };
        pair.configure(0);
        pair
    }

    fn run(&mut self, op: Op) {
        match op {
            Op::Arrive { interaction, touchpoint, channel, requirement, priority, age, preferred } => {
                self.ask(Request::Enqueue {
                    touchpoint,
                    interaction: InteractionId(interaction),
                    channel,
                    requirement,
                    priority,
                    since: self.now - Duration::from_secs(age),
                    preferred,
                    legs: Vec::new(),
                })
            }
            Op::Begin { interaction, agent, touchpoint, channel, requirement, hold } => {
                let work = Work::waiting(InteractionId(interaction), channel, Arc::new(requirement), self.now);
                let work = Box::new(Work { touchpoint: Some(touchpoint.clone()), ..work });
                // A conversation that is begun is a new one.
                if !self.model.works.contains_key(&work.interaction) {
                    self.ask(Request::Begin { work, agent, touchpoint, hold: hold.map(InteractionId) });
                }
            }
            Op::CountBegun { agent, touchpoint } => self.ask(Request::CountBegun { agent, touchpoint }),
            Op::Amend { interaction, requirement, priority } => {
                self.ask(Request::Amend { interaction: InteractionId(interaction), requirement, priority });
            }
            Op::Withdraw { interaction } => self.ask(Request::Withdraw { interaction: InteractionId(interaction) }),
            Op::SetPresence { agent, status } => self.ask(Request::SetPresence { agent, status }),
            Op::ChooseStatus { agent, name } => {
                self.ask(Request::ChooseStatus { agent, name: StatusId::new(name).expect("a name") });
            }
            Op::Pull { agent } => self.ask(Request::Pull { agent }),
            Op::Transfer { interaction, requirement, preferred } => {
                let interaction = InteractionId(interaction);
                let by = self.model.works.get(&interaction).and_then(|work| work.state.agent().cloned());
                self.ask(Request::Transfer { interaction, by, requirement, preferred });
            }
            Op::Assign { interaction, agent, force } => {
                let by = super::agent(AGENTS[0]);
                self.ask(Request::Assign { interaction: InteractionId(interaction), agent, by, force });
            }
            Op::Heartbeat { agent } => self.ask(Request::Heartbeat { agent }),
            Op::Answer { back, accept, as_agent } => {
                let offer = OfferId(self.capacity.next_offer().saturating_sub(1 + back));
                let to = self.model.works.values().find_map(|work| match &work.state {
                    WorkState::Offered { offer: o, agent, .. } | WorkState::Active { offer: o, agent, .. }
                        if *o == offer =>
                    {
                        Some(agent.clone())
                    }
                    WorkState::Offered { .. }
                    | WorkState::Active { .. }
                    | WorkState::Waiting
                    | WorkState::WrapUp { .. } => {
                        work.also.iter().find(|also| also.offer == offer).map(|also| also.agent.clone())
                    }
                });
                let agent = as_agent.or(to).unwrap_or_else(|| agent(AGENTS[0]));
                self.ask(if accept { Request::Accept { agent, offer } } else { Request::Decline { agent, offer } });
            }
            Op::End { interaction, finish, as_agent } => {
                let interaction = InteractionId(interaction);
                let with = self.model.works.get(&interaction).and_then(|work| work.state.agent().cloned());
                let agent = as_agent.or(with).unwrap_or_else(|| agent(AGENTS[0]));
                self.ask(if finish {
                    Request::Finish { agent, interaction, disposition: None }
                } else {
                    Request::Close { agent, interaction }
                });
            }
            Op::SetWrapUp { interaction, length } => {
                self.ask(Request::SetWrapUp { interaction: InteractionId(interaction), length });
            }
            Op::Elevate { interaction, channel, by_agent } => {
                let interaction = InteractionId(interaction);
                let by = self.holder(interaction).filter(|_| by_agent);
                self.ask(Request::Elevate {
                    interaction,
                    by,
                    leg: Leg { channel, reach: None, state: LegState::Open },
                });
            }
            Op::EndLeg { interaction, channel, finish } => {
                let interaction = InteractionId(interaction);
                let agent = self.holder(interaction).unwrap_or_else(|| agent(AGENTS[0]));
                self.ask(if finish {
                    Request::FinishLeg { agent, interaction, channel, disposition: None }
                } else {
                    Request::CloseLeg { agent, interaction, channel }
                });
            }
            Op::Park { interaction } => {
                let interaction = InteractionId(interaction);
                let agent = self.holder(interaction).unwrap_or_else(|| agent(AGENTS[0]));
                self.ask(Request::Park { agent, interaction });
            }
            Op::Resume { interaction, by_contact } => {
                let interaction = InteractionId(interaction);
                let agent = self.holder(interaction).unwrap_or_else(|| agent(AGENTS[0]));
                self.ask(if by_contact {
                    Request::CallBack { interaction }
                } else {
                    Request::Resume { agent, interaction }
                });
            }
            Op::Stray { interaction, agent } => {
                self.ask(Request::WorkDue { interaction: InteractionId(interaction) });
                self.ask(Request::LeaseDue { agent });
            }
            Op::Pass { length } => self.pass(length),
            Op::Configure { which } => self.configure(which),
            Op::Restart => self.restart(),
        }
    }

    fn holder(&self, interaction: InteractionId) -> Option<AgentId> {
        self.model.works.get(&interaction).and_then(|work| work.state.agent().cloned())
    }

    fn ask(&mut self, request: Request) {
        self.decide(request);
        self.compare();
    }

    fn decide(&mut self, request: Request) {
        let said = self.capacity.handle(request.clone(), self.now);
        self.model.say_why = match &said {
            Err(CapacityRefusal::DoesNotFit { why, .. }) => Some(why.clone()),
            Ok(_) | Err(_) => None,
        };
        assert_eq!(said, self.model.handle(request.clone(), self.now), "{request:?}");
    }

    fn configure(&mut self, which: usize) {
        let catalogue = self.catalogues[which].clone();
        let model = self.model.configure(&catalogue, self.now);
        assert_eq!(self.capacity.configure(&Arc::new(catalogue), self.now), model);
        self.compare();
    }

    fn pass(&mut self, length: Duration) {
        let end = self.now + length;
        while let Some((at, key)) = self.timers.pop_due(end) {
            self.now = self.now.max(at);
            match key.clone() {
                TimerKey::Work(interaction) => self.decide(Request::WorkDue { interaction }),
                TimerKey::Agent(_, agent) => self.decide(Request::LeaseDue { agent }),
                TimerKey::Interaction(_) => unreachable!("nobody arms one here"),
            }
            self.arm(key);
            self.compare();
        }
        self.now = end;
        self.compare();
    }

    /// A new process: rows are read back. Leases are renewed on both sides, as they are not durable.
    fn restart(&mut self) {
        let agents = self.agents.values().map(|row| serde_json::from_str::<AgentRow>(row).expect("rows read back"));
        let works = self.works.values().map(|row| serde_json::from_str::<Work>(row).expect("rows read back"));
        let mut again = Capacity::new();
        assert_eq!(again.configure(&Arc::new(self.model.catalogue.clone()), self.now), [], "nothing to match yet");
        again.restore(agents, works, self.now);
        assert_eq!(again.take_touched(), (BTreeSet::new(), BTreeSet::new()), "a restart writes nothing");
        // Offers of agents who left the catalogue are forgotten with their rows; the runtime's floor covers them.
        again.set_next_offer(self.capacity.next_offer());
        self.capacity = again;
        // An agent who left the catalogue took what he knew of the race with him.
        self.model.race = self.model.rows.values().filter_map(|row| row.lot).map(|lot| lot.from).max().unwrap_or(0);
        for (agent, lease) in &mut self.model.leases {
            *lease = self.now + PRESENCE_LEASE;
            self.timers.arm(lease_key(agent), self.capacity.lease_deadline(agent));
        }
        self.compare();
    }

    fn arm(&mut self, key: TimerKey) {
        let at = match &key {
            TimerKey::Work(interaction) => self.capacity.work_deadline(*interaction),
            TimerKey::Agent(_, agent) => self.capacity.lease_deadline(agent),
            TimerKey::Interaction(_) => None,
        };
        self.timers.arm(key, at);
    }

    fn compare(&mut self) {
        self.capacity.check().expect("the invariants hold");
        let (works, agents) = self.capacity.take_touched();
        for interaction in works {
            let row = self.capacity.work(interaction).map(|work| serde_json::to_string(work).expect("rows write"));
            match row {
                Some(row) => drop(self.works.insert(interaction, row)),
                None => drop(self.works.remove(&interaction)),
            }
            self.arm(TimerKey::Work(interaction));
        }
        for id in agents {
            match self.capacity.agent_row(&id) {
                Some(row) => drop(self.agents.insert(id.clone(), serde_json::to_string(&row).expect("rows write"))),
                None => drop(self.agents.remove(&id)),
            }
            self.arm(lease_key(&id));
        }
        let (capacity, model) = (&self.capacity, &self.model);
        assert_eq!(capacity.works().collect::<Vec<_>>(), model.works.values().collect::<Vec<_>>());
        assert_eq!(capacity.next_offer(), model.next_offer);
        for (interaction, work) in &model.works {
            let row = self.works.get(interaction);
            assert_eq!(row, Some(&serde_json::to_string(work).expect("rows write")), "its row is written");
            assert_eq!(capacity.work_deadline(*interaction), model.deadline(*interaction));
            assert_eq!(self.timers.get(&TimerKey::Work(*interaction)), model.deadline(*interaction), "{work:?}");
            for id in model.rows.keys() {
                let why = capacity.why(*interaction, id);
                assert_eq!(why.as_ref().map(Why::code), model.why(*interaction, id), "{interaction} and '{id}'");
            }
        }
        assert_eq!(self.works.len(), model.works.len(), "the rows of what is gone are deleted");
        self.compare_lines();
        for (id, row) in &model.rows {
            assert_eq!(capacity.agent_row(id).as_ref(), Some(row));
            // The row of an agent who was never there is not written.
            let written = self.agents.get(id).map(|row| serde_json::from_str(row).expect("rows read back"));
            let fresh = AgentRow { idle_since: Timestamp(0), status: PresenceStatus::Offline, ..row.clone() };
            assert_eq!(written.as_ref().unwrap_or(&fresh), row);
            assert_eq!(capacity.lease_deadline(id), model.lease(id));
            let armed = self.timers.get(&lease_key(id));
            assert!(armed.is_some() == model.leases.contains_key(id) && armed <= model.lease(id));
        }
        assert!(self.agents.keys().all(|id| model.rows.contains_key(id)), "the rows of who is gone are deleted");
        for skill in SKILLS {
            let skill = SkillId::new(skill).expect("a name");
            assert_eq!(capacity.queue(&skill), model.queue(&skill), "queue '{skill}'");
        }
    }

    /// What is said of a queue holds for everybody in it, and every queue with somebody in it is spoken of.
    fn compare_lines(&self) {
        let waiting = || self.model.works.values().filter(|work| work.state == WorkState::Waiting);
        for id in self.model.rows.keys() {
            let idle = self.capacity.why_idle(id, self.now).expect("he is in the catalogue");
            assert_eq!((idle.lines.iter().map(|line| line.waiting).sum::<usize>(), idle.more), (waiting().count(), 0));
            for line in &idle.lines {
                assert_ne!(line.why, Why::CouldBeOffered, "'{id}' would have {} already", line.first);
                let at = |work: &Work| work.touchpoint.clone();
                let need = |work: &Work| (at(work), work.channel, self.model.needs(work), work.requirement.supervisor);
                let first = &self.model.works[&line.first];
                let of_line = (at(first), line.channel, line.requirement.skills.clone(), line.requirement.supervisor);
                // What a contact needs beside the channel of its queue is its own affair, too.
                let plain = |work: &&Work| work.legs.is_empty();
                if !self.model.works.get(&line.first).is_some_and(|first| plain(&first)) {
                    continue;
                }
                for work in waiting().filter(plain).filter(|work| need(work) == of_line) {
                    let own = self.model.why(work.interaction, id);
                    // Whom a contact is kept for, and who bounced it, is its own affair.
                    let personal =
                        |code| ["bounced", "kept", "saved", "filling", "reserved", "pull-only"].contains(&code);
                    let same =
                        own.is_some_and(|own| own == line.why.code() || (personal(own) && personal(line.why.code())));
                    assert!(same, "{} waits for the reason of its queue: {own:?}, {:?}", work.interaction, line.why);
                }
            }
            let takes_some = !idle.takes.is_empty();
            assert!(!(takes_some && matches!(idle.verdict, Idle::Presence(_))), "who takes contacts is available");
        }
    }
}

fn lease_key(agent: &AgentId) -> TimerKey {
    TimerKey::Agent(TenantId::new("acme").expect("a name"), agent.clone())
}

proptest! {
    #[test]
    fn p_02_p_21_the_product_decides_as_a_model_that_looks_at_everybody(
        first in catalogue(),
        second in catalogue(),
        ops in vec(op(), 1..120),
    ) {
        let mut pair = Pair::new([first, second]);
        for agent in AGENTS {
            pair.run(Op::SetPresence { agent: super::agent(agent), status: PresenceStatus::Available });
        }
        for op in ops {
            pair.run(op);
        }
    }

    #[test]
    fn late_repeated_and_reordered_events_never_move_a_contact_that_is_no_longer_theirs(
        first in catalogue(),
        second in catalogue(),
        ops in vec(op(), 1..80),
    ) {
        let mut pair = Pair::new([first, second]);
        for agent in AGENTS {
            pair.run(Op::SetPresence { agent: super::agent(agent), status: PresenceStatus::Available });
        }
        for op in ops {
            pair.run(op);
        }
        let (capacity, now) = (&mut pair.capacity, pair.now);
        let all: Vec<Work> = capacity.works().cloned().collect();
        for agent in AGENTS.map(agent) {
            // What he may still answer is his; every other number is of an offer that is over, or never was his.
            let answers = |offer: OfferId| {
                let holds = |work: &Work| matches!(&work.state, WorkState::Active { agent: with, offer: taken, .. } if *with == agent && *taken == offer);
                all.iter().any(|work| holds(work) || work.offer_to(&agent).is_some_and(|(open, _)| open == offer))
            };
            let over = (0..=capacity.next_offer()).map(OfferId).filter(|offer| !answers(*offer));
            let clicks: Vec<Request> = over
                .flat_map(|offer| {
                    let agent = || agent.clone();
                    [Request::Accept { agent: agent(), offer }, Request::Decline { agent: agent(), offer }]
                })
                .collect();
            let others = all.iter().filter(|work| !work.holders().any(|holder| *holder == agent));
            let words = others.flat_map(|work| {
                let (interaction, channel, agent) = (work.interaction, work.channel, || agent.clone());
                [
                    Request::Close { agent: agent(), interaction },
                    Request::Finish { agent: agent(), interaction, disposition: None },
                    Request::CloseLeg { agent: agent(), interaction, channel },
                    Request::FinishLeg { agent: agent(), interaction, channel, disposition: None },
                    Request::Park { agent: agent(), interaction },
                    Request::Resume { agent: agent(), interaction },
                    Request::Transfer { interaction, by: Some(agent()), requirement: None, preferred: None },
                ]
            });
            for request in clicks.into_iter().chain(words.collect::<Vec<_>>()) {
                prop_assert!(capacity.handle(request.clone(), now).is_err(), "{:?}", request);
                prop_assert!(capacity.works().eq(all.iter()), "{:?} moved somebody", request);
            }
        }
    }
}

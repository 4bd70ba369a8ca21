//! The single writer of a shard. It owns the interactions in hand, the capacity of each tenant, and the timers, and
//! carries messages between them until quiet.
//!
//! | input | first | then |
//! | --- | --- | --- |
//! | contact wrote, message known | - | answered as the first time, nothing changes |
//! | contact wrote, conversation live | its interaction hears the message, or its agent is shown it | capacity |
//! | contact wrote, else | an interaction opens on the touchpoint's default flow | capacity |
//! | contact left | the interaction runs its disconnect handler | capacity |
//! | agent did something | capacity, or his message goes out | the interactions concerned hear of it |
//! | timer of an interaction | its earliest alarm, or timer of its silences, that has come | capacity |
//! | timer of a work, of an agent | capacity | the interactions concerned hear of it |
//! | settings, versions, releases | the tenant's new settings | capacity, and so on |
//! | fate of a version | one interaction on it goes on in another version, or leaves its flow | capacity |
//!
//! "Capacity" and "hear of it" alternate until neither has anything to say, at most `ROUNDS_PER_INPUT_MAX` times.
//!
//! What it deliberately does not do: it keeps no clock and reads no store. It is told the instant, and asks a
//! [`Shelf`] for the interactions it let go.

mod bans;
mod care;
mod check;
mod closing;
mod desk;
mod hand;
mod legs;
pub(crate) mod outbound;
mod qualify;
#[cfg(test)]
pub(crate) mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use routewright_flows::{FlowId, NodeId};

use self::{desk::Desk, hand::Hand, legs::Legs};
use crate::{
    capacity::{AgentRow, AgentView, Capacity, IdleWhy, Why, Work},
    catalogue::Catalogue,
    contact::{ContactKey, Said},
    effect::Effect,
    event::Input,
    fact::FactRecord,
    id::{AgentId, InteractionId, OfferId, SkillId, TenantId},
    interaction::{FlowVersion, Interaction},
    migration::{self, MigrationRefusal},
    occupancy::{NodeOccupancy, Occupancy, Standing},
    published::PublishedFlow,
    refusal::Refusal,
    release::Release,
    script::{QueueView, Sandbox},
    silence::Outage,
    step::Flows,
    time::Timestamp,
    timers::{TimerKey, Timers},
    visits::Visit,
};

/// Where interactions that are not in hand are found. The runtime reads its store; tests keep serialised bytes.
///
/// It answers from what the switchboard released, so an interaction that was changed and not yet released is never
/// asked for.
pub trait Shelf {
    /// The interaction with this id, live or ended.
    ///
    /// # Errors
    /// [`ShelfError`] when the store cannot be read; the shard must stop.
    fn fetch(&mut self, id: InteractionId) -> Result<Option<Interaction>, ShelfError>;

    /// The latest interaction of a contact, live or ended.
    ///
    /// # Errors
    /// As for [`Shelf::fetch`].
    fn latest(&mut self, key: &ContactKey) -> Result<Option<InteractionId>, ShelfError>;
}

/// The shelf could not be read. Fatal: the shard stops acknowledging, exits and recovers.
#[derive(Debug, thiserror::Error)]
#[error("the store cannot be read: {0}")]
pub struct ShelfError(pub String);

/// What came of one input.
#[derive(Debug, Default)]
pub struct Output {
    /// What the caller is told, after the commit.
    pub answer: Answer,
    /// What happened, in order.
    pub facts: Vec<FactRecord>,
    /// What to do outside, after the commit, in order.
    pub effects: Vec<Effect>,
    /// What is counted, all of one tenant.
    pub visits: Vec<Visit>,
    /// Which rows changed.
    pub touched: Touched,
}

/// What a caller is told.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Answer {
    /// It is done; nothing more to tell.
    #[default]
    Done,
    /// A contact's message was heard: the interaction, its turn, and what was said in return.
    Heard {
        /// Which.
        interaction: InteractionId,
        /// Its turn.
        turn: u64,
        /// What was said.
        said: Vec<Said>,
    },
    /// The provider repeated a message: the answer is what was said in that turn.
    Repeated {
        /// Which.
        interaction: InteractionId,
        /// The turn that answered the first time.
        turn: u64,
    },
    /// An offer was accepted.
    Accepted {
        /// Which interaction it was.
        interaction: InteractionId,
        /// The offer.
        offer: OfferId,
    },
    /// An agent began a conversation.
    Begun {
        /// Which.
        interaction: InteractionId,
    },
    /// Refused; nothing changed.
    Refused(Refusal),
}

/// Rows that changed and must be written.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Touched {
    /// Interactions.
    pub interactions: BTreeSet<InteractionId>,
    /// Works: written when they exist, deleted when they no longer do.
    pub works: BTreeSet<(TenantId, InteractionId)>,
    /// Agents.
    pub agents: BTreeSet<(TenantId, AgentId)>,
}

impl Touched {
    /// True when there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.interactions.is_empty() && self.works.is_empty() && self.agents.is_empty()
    }
}

/// The shard.
#[derive(Debug)]
pub struct Switchboard {
    sandbox: Arc<Sandbox>,
    tenants: BTreeMap<TenantId, Tenant>,
    /// Interactions that are changed and not yet stored, and some more.
    hand: Hand,
    timers: Timers,
    /// Whose capacity has the work of an interaction.
    works: BTreeMap<InteractionId, TenantId>,
    /// The conversations that go on over further channels, by where those lead.
    legs: Legs,
    /// Alarms of interactions later than this are left to the store's index of deadlines.
    horizon: Timestamp,
    /// The latest instant told; never backwards.
    now: Timestamp,
    /// The last time that the process was down.
    outage: Outage,
    /// When the next timer that takes turns after an outage may fire.
    next_turn: Timestamp,
    /// Versions that must be left, each from an instant on.
    leaving: BTreeSet<(Timestamp, TenantId, FlowVersion)>,
    counters: Counters,
}

/// A tenant's share of the shard.
#[derive(Debug, Default)]
struct Tenant {
    catalogue: Arc<Catalogue>,
    flows: Flows,
    capacity: Capacity,
    occupancy: Occupancy,
}

/// The numbers that the next interaction and the next offer get. They only rise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counters {
    /// Of the next interaction.
    pub interaction: u64,
    /// Of the next offer, over all tenants.
    pub offer: u64,
}

impl Default for Counters {
    fn default() -> Self {
        Self { interaction: 1, offer: 1 }
    }
}

impl Switchboard {
    /// A shard without tenants.
    #[must_use]
    pub fn new(sandbox: Arc<Sandbox>) -> Self {
        Self {
            sandbox,
            tenants: BTreeMap::new(),
            hand: Hand::default(),
            timers: Timers::default(),
            works: BTreeMap::new(),
            legs: Legs::default(),
            horizon: Timestamp(i64::MAX),
            now: Timestamp::default(),
            outage: Outage::default(),
            next_turn: Timestamp::default(),
            leaving: BTreeSet::new(),
            counters: Counters::default(),
        }
    }

    // -- inputs -----------------------------------------------------------------------------------------------------

    /// Takes one input at one instant. Inputs that configure never fail. An instant before the last one counts as
    /// the last one.
    ///
    /// # Errors
    /// [`ShelfError`] only: the shard must stop, and what this input did must be dropped.
    pub fn handle(&mut self, input: Input, now: Timestamp, shelf: &mut dyn Shelf) -> Result<Output, ShelfError> {
        self.now = self.now.max(now);
        let output = Desk::new(self, shelf).serve(input)?;
        debug_assert_eq!(self.check_touched(&output.touched), Ok(()), "an input left the shard unsound");
        Ok(output)
    }

    /// Lets go of interactions that the store now has; keeps at most `keep` of those used last.
    pub fn release(&mut self, keep: usize) {
        self.hand.release(keep);
    }

    // -- recovery ---------------------------------------------------------------------------------------------------

    /// Where the numbering stands.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Goes on numbering from here, never lower than before.
    pub fn restore_counters(&mut self, counters: Counters) {
        self.counters.interaction = self.counters.interaction.max(counters.interaction);
        self.counters.offer = self.counters.offer.max(counters.offer);
    }

    /// Says when the process was last down, so that timers which passed meanwhile follow their restart policy.
    pub fn set_outage(&mut self, outage: Outage) {
        self.outage = outage;
    }

    /// Takes back the agents and works of a tenant from their rows, after its catalogue and before anything else of
    /// it. Makes no decision: what was decided is in the rows.
    pub fn restore(
        &mut self,
        tenant: &TenantId,
        agents: impl Iterator<Item = AgentRow>,
        works: impl Iterator<Item = Work>,
        now: Timestamp,
    ) {
        self.now = self.now.max(now);
        let own = self.tenants.entry(tenant.clone()).or_default();
        own.capacity.restore(agents, works, self.now);
        self.counters.offer = self.counters.offer.max(own.capacity.next_offer());
        for work in own.capacity.works() {
            let id = work.interaction;
            self.works.insert(id, tenant.clone());
            self.legs.put(tenant, id, Some(work));
            self.timers.arm(TimerKey::Work(id), own.capacity.work_deadline(id));
        }
        for agent in own.capacity.agents() {
            let deadline = own.capacity.lease_deadline(agent.agent);
            self.timers.arm(TimerKey::Agent(tenant.clone(), agent.agent.clone()), deadline);
        }
    }

    /// Says where an interaction stands, as its latest row has it; for every one that a flow has. Until that is done,
    /// only those who were touched stand somewhere. One in hand knows better than its row.
    pub fn restore_standing(&mut self, standing: &Standing) {
        if self.hand.get(standing.id).is_none() {
            let own = self.tenants.entry(standing.tenant.clone()).or_default();
            own.occupancy.set(standing.id, standing.places());
        }
    }

    // -- deadlines --------------------------------------------------------------------------------------------------

    /// The earliest deadline in the table, or the instant from which a version must be left.
    #[must_use]
    pub fn next_deadline(&mut self) -> Option<Timestamp> {
        self.timers.earliest().into_iter().chain(self.leaving.first().map(|(at, ..)| *at)).min()
    }

    /// Somebody on a version that must be left by now; it goes back in as it is. Ask until there is nobody: all of them
    /// are then off it, and whoever was touched before his turn came was moved already.
    pub fn next_to_leave(&mut self, now: Timestamp) -> Option<Input> {
        while let Some((at, tenant, version)) = self.leaving.first() {
            if now < *at {
                return None;
            }
            let left = self.tenants.get(tenant).and_then(|own| own.occupancy.anyone_on(version));
            if let Some(interaction) = left {
                return Some(Input::FateReached { tenant: tenant.clone(), interaction });
            }
            self.leaving.pop_first();
        }
        None
    }

    /// Takes out the earliest deadline that has come; it goes back in as [`Input::TimerDue`].
    pub fn pop_due(&mut self, now: Timestamp) -> Option<TimerKey> {
        self.timers.pop_due(now).map(|(_, key)| key)
    }

    /// Moves the near window: alarms up to `horizon` are kept in the table from now on, and `due` are the stored ones
    /// that come into it. An interaction in hand knows better than its row.
    pub fn admit(&mut self, due: impl Iterator<Item = (InteractionId, Timestamp)>, horizon: Timestamp) {
        self.horizon = horizon;
        for (id, stored) in due {
            let at = match self.hand.get(id) {
                Some(held) => held.interaction.due(),
                None => Some(stored),
            };
            self.timers.arm(TimerKey::Interaction(id), at.filter(|at| *at <= horizon));
        }
    }

    /// How many deadlines are in the table.
    #[must_use]
    pub fn deadlines(&self) -> usize {
        self.timers.len()
    }

    // -- rows and views -----------------------------------------------------------------------------------------------

    /// The interaction as it stands, when it is in hand.
    #[must_use]
    pub fn interaction(&self, id: InteractionId) -> Option<&Interaction> {
        self.hand.get(id).map(|held| &held.interaction)
    }

    /// The work of an interaction.
    #[must_use]
    pub fn work(&self, tenant: &TenantId, id: InteractionId) -> Option<&Work> {
        self.tenants.get(tenant)?.capacity.work(id)
    }

    /// Every work of a tenant, in the order of interactions.
    pub fn works(&self, tenant: &TenantId) -> impl Iterator<Item = &Work> {
        self.tenants.get(tenant).into_iter().flat_map(|own| own.capacity.works())
    }

    /// What the store keeps of an agent; `None` deletes his row.
    #[must_use]
    pub fn agent_row(&self, tenant: &TenantId, agent: &AgentId) -> Option<AgentRow> {
        self.tenants.get(tenant)?.capacity.agent_row(agent)
    }

    /// An agent as people see him.
    #[must_use]
    pub fn agent(&self, tenant: &TenantId, agent: &AgentId) -> Option<AgentView<'_>> {
        self.tenants.get(tenant)?.capacity.agent(agent)
    }

    /// Every agent of a tenant, in the order of ids.
    pub fn agents(&self, tenant: &TenantId) -> impl Iterator<Item = AgentView<'_>> {
        self.tenants.get(tenant).into_iter().flat_map(|own| own.capacity.agents())
    }

    /// What is known of a skill's queue.
    #[must_use]
    pub fn queue(&self, tenant: &TenantId, skill: &SkillId) -> QueueView {
        self.tenants.get(tenant).map(|own| own.capacity.queue(skill)).unwrap_or_default()
    }

    /// What keeps a contact from an agent: the first test that fails.
    ///
    /// # Errors
    /// [`Refusal`] when the tenant or the agent does not exist. An interaction that does not exist waits for nobody.
    pub fn why(&self, tenant: &TenantId, interaction: InteractionId, agent: &AgentId) -> Result<Why, Refusal> {
        let own = self.tenants.get(tenant).ok_or_else(|| Refusal::UnknownTenant(tenant.clone()))?;
        own.capacity.why(interaction, agent).ok_or_else(|| Refusal::UnknownAgent(agent.clone()))
    }

    /// Why an agent takes nothing more.
    ///
    /// # Errors
    /// As for [`Switchboard::why`].
    pub fn why_idle(&self, tenant: &TenantId, agent: &AgentId) -> Result<IdleWhy, Refusal> {
        let own = self.tenants.get(tenant).ok_or_else(|| Refusal::UnknownTenant(tenant.clone()))?;
        own.capacity.why_idle(agent, self.now).ok_or_else(|| Refusal::UnknownAgent(agent.clone()))
    }

    /// The nodes of a version where somebody stands, in order.
    pub fn occupancy(&self, tenant: &TenantId, version: &FlowVersion) -> impl Iterator<Item = NodeOccupancy> {
        self.tenants.get(tenant).into_iter().flat_map(move |own| own.occupancy.nodes(version))
    }

    /// The versions of a flow that somebody is on, in order.
    pub fn occupied_versions(&self, tenant: &TenantId, flow: &FlowId) -> impl Iterator<Item = u32> {
        self.tenants.get(tenant).into_iter().flat_map(move |own| own.occupancy.versions(flow))
    }

    /// Those who wait at a node, longest first.
    pub fn waiting_at(
        &self,
        tenant: &TenantId,
        version: &FlowVersion,
        node: &NodeId,
    ) -> impl Iterator<Item = (Timestamp, InteractionId)> {
        self.tenants.get(tenant).into_iter().flat_map(move |own| own.occupancy.waiting_at(version, node))
    }

    /// Judges a release by where everybody stands now. `new` are versions that come with it.
    ///
    /// # Errors
    /// [`MigrationRefusal`] when somebody would have no place in the version that he is to go on in.
    pub fn check_release(
        &self,
        tenant: &TenantId,
        release: &Release,
        new: &[Arc<PublishedFlow>],
    ) -> Result<(), MigrationRefusal> {
        let Some(own) = self.tenants.get(tenant) else { return Ok(()) };
        let version = |number: u32| {
            let wanted = FlowVersion { flow: release.flow.clone(), version: number };
            let fresh = new.iter().find(|flow| flow.version == wanted).cloned();
            fresh.or_else(|| own.flows.version(&wanted))
        };
        let known = migration::Known {
            version: &version,
            occupancy: &own.occupancy,
            holds_a_place: &|id| own.capacity.work(id).is_some(),
        };
        migration::check(release, &known)
    }

    /// The settings in force.
    #[must_use]
    pub fn catalogue(&self, tenant: &TenantId) -> Option<&Arc<Catalogue>> {
        self.tenants.get(tenant).map(|own| &own.catalogue)
    }
}

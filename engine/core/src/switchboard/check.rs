//! The invariants of a shard (DESIGN section 3, rule 5), in words and as code.
//!
//! 1. A live interaction has an alarm, or an agent: nobody waits without a deadline.
//! 2. An interaction in hand says it is with an agent exactly when capacity says so.
//! 3. A live interaction of a flow stands in at least one frame; an ended one in none, with no alarm, and at most the
//!    wrap-up of its agent left.
//! 4. The next alarm of an interaction that was just moved is in the table, when it is within the horizon.
//! 5. The index of who stands where says of an interaction that was just moved what its state says.
//! 6. Capacity's own: no agent above a bound, no contact owned twice, counters equal a recount.

use super::{Switchboard, Touched};
use crate::{
    capacity::WorkState,
    interaction::{Interaction, Phase},
};

impl Switchboard {
    /// Everything, for what is in hand. Costs as much as there is.
    ///
    /// # Errors
    /// The first invariant that does not hold, in words.
    pub fn check(&self) -> Result<(), String> {
        for (id, tenant) in &self.tenants {
            tenant.capacity.check().map_err(|broken| format!("tenant {id}: {broken}"))?;
        }
        self.hand.iter().try_for_each(|interaction| self.check_interaction(interaction))
    }

    /// The rows that one input changed; cheap enough for every input.
    ///
    /// # Errors
    /// The first invariant that does not hold, in words.
    pub fn check_touched(&self, touched: &Touched) -> Result<(), String> {
        let of_works = touched.works.iter().map(|(_, id)| id);
        let touched_ids = touched.interactions.iter().chain(of_works);
        touched_ids.filter_map(|id| self.interaction(*id)).try_for_each(|i| self.check_interaction(i))?;
        touched.interactions.iter().filter_map(|id| self.interaction(*id)).try_for_each(|i| {
            self.check_alarm(i)?;
            self.check_place(i)
        })
    }

    fn check_interaction(&self, interaction: &Interaction) -> Result<(), String> {
        let id = interaction.id;
        let hold = |holds: bool, invariant: &str| if holds { Ok(()) } else { Err(format!("{id}: {invariant}")) };
        let work = self.work(&interaction.tenant, id).map(|work| &work.state);
        let active = match work {
            Some(WorkState::Active { agent, .. }) => Some(agent),
            None | Some(WorkState::Waiting | WorkState::Offered { .. } | WorkState::WrapUp { .. }) => None,
        };
        hold(interaction.agent.as_ref() == active, "interaction and capacity name the same agent in conversation")?;
        match interaction.phase {
            Phase::Flow => hold(!interaction.frames.is_empty(), "a flow that goes on stands at a node")?,
            Phase::LastResort => {}
            Phase::Ended { .. } => {
                hold(interaction.frames.is_empty(), "a flow that ended stands nowhere")?;
                hold(interaction.alarms.is_empty(), "an ended interaction has no alarm")?;
                let wraps_up = matches!(work, None | Some(WorkState::WrapUp { .. }));
                hold(wraps_up, "an ended interaction is in no line and in no conversation")?;
            }
        }
        if interaction.is_live() {
            let attended = interaction.agent.is_some() || interaction.due().is_some();
            hold(attended, "a live interaction has an alarm or an agent")?;
        }
        Ok(())
    }

    fn check_place(&self, interaction: &Interaction) -> Result<(), String> {
        let agrees = self.tenants.get(&interaction.tenant).is_some_and(|own| own.occupancy.agrees(interaction));
        if agrees { Ok(()) } else { Err(format!("{}: the index says where it stands", interaction.id)) }
    }

    fn check_alarm(&self, interaction: &Interaction) -> Result<(), String> {
        let id = interaction.id;
        let due = interaction.due().filter(|due| *due <= self.horizon);
        if due.is_none_or(|due| self.timers.holds(id, due)) {
            Ok(())
        } else {
            Err(format!("{id}: the next alarm is in the table"))
        }
    }
}

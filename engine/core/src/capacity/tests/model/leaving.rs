//! Agents who leave, or whose desk is gone, and what becomes of what they had.

use super::{Model, Notice, OfferEnd, Work, WorkState};
use crate::{
    event::PresenceStatus,
    id::{AgentId, InteractionId},
    time::Timestamp,
};

impl Model {
    pub(super) fn leave(&mut self, agent: &AgentId, lease_expired: bool, now: Timestamp, notices: &mut Vec<Notice>) {
        let back = self.depart(agent, lease_expired, now, notices);
        self.ask_agents_in_line_order(back, now, notices);
    }

    pub(super) fn depart(
        &mut self,
        agent: &AgentId,
        lease_expired: bool,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) -> Vec<InteractionId> {
        let row = self.rows.get_mut(agent).expect("a known agent");
        if row.status == PresenceStatus::Offline {
            return Vec::new();
        }
        (row.status, row.named, row.lost_at, row.missed) = (PresenceStatus::Offline, None, None, 0);
        row.paced_until = None;
        self.leases.remove(agent);
        let agent = agent.clone();
        let status = PresenceStatus::Offline;
        notices.push(Notice::PresenceChanged { agent: agent.clone(), status, lease_expired });
        let mut back = Vec::new();
        for Work { interaction, state, .. } in self.held(&agent).cloned().collect::<Vec<_>>() {
            match state {
                WorkState::Waiting => {}
                WorkState::Offered { .. } => {
                    let waits = self.drop_offer(interaction, &agent, OfferEnd::Withdrawn, notices);
                    self.exclude(interaction, &agent, now);
                    back.extend(waits.then_some(interaction));
                }
                WorkState::Active { .. } => {
                    self.close_records(interaction, true, notices);
                    self.talk_over(interaction, now);
                    let work = self.works.get_mut(&interaction).expect("a conversation");
                    (work.state, work.parked) = (WorkState::Waiting, None);
                    notices.push(Notice::Requeued { interaction, agent: agent.clone() });
                    back.push(interaction);
                }
                WorkState::WrapUp { .. } => self.close_record(interaction, None, true, now, notices),
            }
        }
        back
    }
}

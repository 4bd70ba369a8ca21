//! Conversations that agents begin, and how many the provider allows.

use std::collections::BTreeMap;

use super::Model;
use crate::{
    capacity::{CapacityRefusal, Notice, Parked, Work},
    id::{AgentId, InteractionId, TouchpointId},
    time::Timestamp,
};

/// The hours that count are this one and the 24 before it: all of every hour that began less than a day ago, and more.
const HOURS: i64 = 24;

fn hour(at: Timestamp) -> i64 {
    at.0.div_euclid(60 * 60 * 1_000)
}

impl Model {
    pub(super) fn begin_with(
        &mut self,
        work: Work,
        agent: AgentId,
        touchpoint: TouchpointId,
        hold: Option<InteractionId>,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) -> Result<(), CapacityRefusal> {
        self.online(&agent)?;
        hold.map_or(Ok(()), |held| self.may_park(held, &agent))?;
        // He sets it aside first, and takes it back when nothing comes of it.
        self.set_aside(hold, Some(Parked { since: now, called: None }));
        let interaction = work.interaction;
        let counted = if self.refuses(&agent, &work) {
            let why = self.say_why.clone().expect("the product says why it refuses");
            Err(CapacityRefusal::DoesNotFit { interaction, agent: agent.clone(), why })
        } else {
            self.count_begun(&agent, touchpoint, now)
        };
        if counted.is_err() {
            self.set_aside(hold, None);
            return counted;
        }
        notices.extend(hold.map(|interaction| Notice::Parked { interaction, agent: agent.clone() }));
        let (offer, expires_at) = self.number_offer(&agent, now);
        self.works.insert(interaction, work);
        notices.push(Notice::OfferMade { interaction, offer, agent: agent.clone(), expires_at });
        self.begin(interaction, agent.clone(), offer, now, notices);
        self.ask_contacts(&agent, now, notices);
        Ok(())
    }

    fn set_aside(&mut self, hold: Option<InteractionId>, parked: Option<Parked>) {
        let held = hold.and_then(|held| self.works.get_mut(&held));
        held.into_iter().for_each(|work| work.parked = parked.clone());
    }

    pub(super) fn count_begun(
        &mut self,
        agent: &AgentId,
        touchpoint: TouchpointId,
        now: Timestamp,
    ) -> Result<(), CapacityRefusal> {
        let number = self.catalogue.touchpoints.get(&touchpoint).and_then(|settings| settings.provider.as_ref());
        let Some(max) = number.and_then(|number| number.begun_per_day) else { return Ok(()) };
        let of_day = |at: &Timestamp| hour(now) - HOURS <= hour(*at);
        let lately = self.sent.iter().filter(|(_, by, at)| *by == touchpoint && of_day(at)).count();
        if lately >= max as usize {
            return Err(CapacityRefusal::BegunEnough { touchpoint, max });
        }
        // His row forgets what is too old whenever it counts one more.
        self.sent.retain(|(by, of, at)| by != agent || *of != touchpoint || of_day(at));
        self.sent.push((agent.clone(), touchpoint, now));
        let mut row: BTreeMap<&TouchpointId, BTreeMap<i64, u32>> = BTreeMap::new();
        for (_, touchpoint, at) in self.sent.iter().filter(|(by, ..)| by == agent) {
            *row.entry(touchpoint).or_default().entry(hour(*at)).or_default() += 1;
        }
        let row = serde_json::to_string(&row).and_then(|row| serde_json::from_str(&row));
        self.rows.get_mut(agent).expect("he is online").begun = row.expect("rows read back");
        Ok(())
    }
}

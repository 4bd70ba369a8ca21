//! Conversations that go on over further channels (MAX-08..MAX-15): what an agent does with them, and to whom a message
//! belongs that comes by one.
//!
//! What it deliberately does not do: it judges nothing; [`crate::elevation`] and capacity do. What it knows is derived
//! from the works, so it is never stored.

use std::{collections::BTreeMap, sync::Arc};

use routewright_flows::Channel;

use super::{
    Answer,
    desk::{Desk, Served, check_length, in_words},
};
use crate::{
    capacity::{Leg, LegState, Reach, Request, Work},
    contact::{ContactKey, Message},
    elevation::Elevation,
    event::{ContactWrote, Event},
    fact::Fact,
    id::{AgentId, InteractionId, TenantId},
    refusal::Refusal,
    step::Stimulus,
};

/// Where further channels lead, and to whose conversation.
#[derive(Debug, Default)]
pub(super) struct Legs {
    by_key: BTreeMap<ContactKey, (InteractionId, Channel)>,
    of: BTreeMap<InteractionId, Vec<ContactKey>>,
}

impl Legs {
    /// Takes note of a work as it is now; none once it is over.
    pub(super) fn put(&mut self, tenant: &TenantId, id: InteractionId, work: Option<&Work>) {
        let leads = work.is_some_and(|work| !work.legs.is_empty() || work.reach.is_some());
        if !leads && !self.of.contains_key(&id) {
            return;
        }
        for key in self.of.remove(&id).unwrap_or_default() {
            self.by_key.remove(&key);
        }
        for (channel, reach) in work.into_iter().flat_map(Work::reached) {
            let Reach { touchpoint, address } = reach.clone();
            let key = ContactKey { tenant: tenant.clone(), touchpoint, address };
            // Whoever was reached there first keeps it.
            if !self.by_key.contains_key(&key) {
                self.by_key.insert(key.clone(), (id, channel));
                self.of.entry(id).or_default().push(key);
            }
        }
    }
}

impl Desk<'_> {
    /// The conversation to which a message belongs that comes by a further channel of it.
    pub(super) fn elevated(&self, from: &ContactKey) -> Option<(InteractionId, Channel)> {
        self.board.legs.by_key.get(from).copied()
    }

    /// The contact wrote on a further channel of his conversation.
    pub(super) fn hear_on(&mut self, id: InteractionId, channel: Channel, wrote: ContactWrote) -> Served<Answer> {
        // Providers number their messages apart.
        let event_id: Arc<str> = format!("{}/{}", wrote.from.touchpoint, wrote.event_id).into();
        self.board.hand.load(id, self.shelf)?;
        let interaction = self.board.interaction(id);
        if let Some((interaction, turn)) = interaction.and_then(|interaction| interaction.heard(None, &event_id)) {
            return Ok(Answer::Repeated { interaction, turn });
        }
        self.open_turn(id)?;
        if let Some(held) = self.board.hand.get_mut(id) {
            held.interaction.receive(None, Arc::clone(&event_id));
            held.interaction.silence.contact_wrote(self.board.now);
        }
        self.fact(id, Fact::MessageReceived { message: wrote.message.clone(), event_id });
        self.log.heard_on = Some(channel);
        self.step(id, Stimulus::Heard(Event::Message(wrote.message)), 0)?;
        self.log.heard_on = None;
        self.call_back(id);
        Ok(self.heard(id))
    }

    /// An agent takes his conversation to one channel more.
    pub(super) fn elevate(
        &mut self,
        tenant: &TenantId,
        agent: AgentId,
        interaction: InteractionId,
        to: Elevation,
    ) -> Served<Result<Answer, Refusal>> {
        if let Err(refusal) = self.find(tenant, interaction)? {
            return Ok(Err(refusal));
        }
        let line = self.board.tenants.get(tenant).map(|own| to.line(&own.catalogue));
        let touchpoint = match line {
            None => return Ok(Err(Refusal::UnknownTenant(tenant.clone()))),
            Some(Err(refusal)) => return Ok(Err(refusal.into())),
            Some(Ok(line)) => line,
        };
        let Elevation { channel, address, subject, body, .. } = to;
        let reach = Reach { touchpoint, address: address.into() };
        let leg = Leg::open(channel, reach.clone());
        match self.ask(tenant, Request::Elevate { interaction, by: Some(agent.clone()), leg }) {
            Err(refused) => Ok(Err(in_words(refused))),
            Ok(notices) => {
                self.open_turn(interaction)?;
                let Reach { touchpoint, address } = reach.clone();
                self.fact(interaction, Fact::Elevated { channel, touchpoint, address, agent: Some(agent.clone()) });
                self.step(interaction, Stimulus::Reached { agent, reach, subject, body }, 0)?;
                self.hear(tenant, notices, 1)?;
                Ok(Ok(Answer::Done))
            }
        }
    }

    /// An agent ends his conversation on one of its channels; with the last one it is over for the flow too.
    pub(super) fn close_channel(
        &mut self,
        tenant: &TenantId,
        agent: AgentId,
        interaction: InteractionId,
        channel: Channel,
    ) -> Served<Result<Answer, Refusal>> {
        if let Err(refusal) = self.find(tenant, interaction)? {
            return Ok(Err(refusal));
        }
        let last = self
            .board
            .work(tenant, interaction)
            .is_some_and(|work| work.channel == channel && work.legs.iter().all(|leg| leg.state != LegState::Open));
        if last {
            return self.close(tenant, agent, interaction);
        }
        self.agent_asks(tenant, Request::CloseLeg { agent, interaction, channel })
    }

    /// An agent asks capacity something about an interaction of his tenant.
    pub(super) fn asks_of(
        &mut self,
        tenant: &TenantId,
        interaction: InteractionId,
        request: Request,
    ) -> Served<Result<Answer, Refusal>> {
        match self.find(tenant, interaction)? {
            Err(refusal) => Ok(Err(refusal)),
            Ok(()) => self.agent_asks(tenant, request),
        }
    }

    /// An agent who took an elevated conversation is put through on its calls.
    pub(super) fn put_through(&mut self, id: InteractionId, agent: &AgentId, round: u32) -> Served<()> {
        let tenant = self.board.interaction(id).map(|interaction| interaction.tenant.clone());
        let work = tenant.as_ref().and_then(|tenant| self.board.work(tenant, id));
        let reached = work.into_iter().flat_map(Work::reached);
        let calls: Vec<Reach> =
            reached.filter(|(channel, _)| *channel == Channel::Voice).map(|(_, reach)| reach.clone()).collect();
        for reach in calls {
            self.step(id, Stimulus::Reached { agent: agent.clone(), reach, subject: None, body: None }, round)?;
        }
        Ok(())
    }

    /// An agent writes on a further channel of his conversation.
    pub(super) fn writes_on(
        &mut self,
        tenant: &TenantId,
        agent: AgentId,
        (id, channel): (InteractionId, Channel),
        text: String,
        event_id: Option<Arc<str>>,
    ) -> Served<Result<Answer, Refusal>> {
        if let Err(refusal) = check_length(&Message { text: text.clone(), choice: None }) {
            return Ok(Err(refusal));
        }
        if let Err(refusal) = self.find(tenant, id)? {
            return Ok(Err(refusal));
        }
        let Some(interaction) = self.board.interaction(id) else {
            return Ok(Err(Refusal::UnknownInteraction(id)));
        };
        if let Some((_, turn)) = event_id.as_ref().and_then(|event_id| interaction.heard(Some(&agent), event_id)) {
            return Ok(Ok(Answer::Repeated { interaction: id, turn }));
        }
        let open = self.board.work(tenant, id).and_then(|work| work.reach_on(channel)).cloned();
        let reach = open.filter(|_| interaction.agent.as_ref() == Some(&agent));
        let Some(reach) = reach else { return Ok(Err(Refusal::NotYours { interaction: id, agent })) };
        self.open_turn(id)?;
        if let Some(held) = self.board.hand.get_mut(id) {
            held.interaction.silence.agent_wrote(self.board.now);
            if let Some(event_id) = event_id {
                held.interaction.receive(Some(agent.clone()), event_id);
            }
        }
        self.step(id, Stimulus::AgentWroteOn { agent, text, reach }, 0)?;
        Ok(Ok(Answer::Done))
    }

    /// The contact of a conversation wrote: if it is set aside, it is to come back.
    pub(super) fn call_back(&mut self, id: InteractionId) {
        let Some(tenant) = self.board.interaction(id).map(|interaction| interaction.tenant.clone()) else { return };
        if self.board.work(&tenant, id).is_some_and(|work| work.parked.is_some()) {
            self.later(&tenant, Request::CallBack { interaction: id });
        }
    }
}

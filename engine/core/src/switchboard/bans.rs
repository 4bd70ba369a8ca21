//! Contacts who are shut out (PBX-02, PBX-03, P-23): by the rules of their touchpoint, or by a person; until an instant, on
//! record, and with one alert.
//!
//! What it deliberately does not do: it keeps no list. A ban stands with the contact's last conversation at the
//! touchpoint, which is read for every message anyway.

use std::time::Duration;

use super::{
    Answer,
    desk::{Desk, Served},
};
use crate::{
    catalogue::{BanRules, Flood},
    contact::Message,
    fact::Fact,
    id::{AgentId, InteractionId, TenantId},
    interaction::Ban,
    refusal::Refusal,
    step::Stimulus,
};

impl Desk<'_> {
    /// Holds a message against the rules of its touchpoint. True when its contact is shut out for it.
    pub(super) fn offends(&mut self, id: InteractionId, message: &Message) -> Served<bool> {
        let now = self.board.now;
        let Some(rules) = self.rules_of(id) else { return Ok(false) };
        let Some(held) = self.board.hand.get_mut(id) else { return Ok(false) };
        let lately = &mut held.interaction.lately;
        let reason = if let Some(word) = rules.forbidden(&message.text) {
            Some(format!("'{word}'"))
        } else if let Some(Flood { messages, within }) = rules.flood {
            lately.push_back(now);
            while lately.front().is_some_and(|at| within.get() <= now.since(*at)) {
                lately.pop_front();
            }
            let count = lately.len();
            (usize::from(messages) < count).then(|| format!("{count} messages within {within}"))
        } else {
            None
        };
        match reason {
            None => Ok(false),
            Some(reason) => {
                self.shut_out(id, rules.lasts.get(), reason, None)?;
                Ok(true)
            }
        }
    }

    /// A person shuts a contact out: the agent who talks with him, or a supervisor.
    pub(super) fn bans(
        &mut self,
        tenant: &TenantId,
        agent: AgentId,
        interaction: InteractionId,
        lasts: Duration,
        reason: String,
    ) -> Served<Result<Answer, Refusal>> {
        if let Err(refusal) = self.find(tenant, interaction)? {
            return Ok(Err(refusal));
        }
        let his = self.board.interaction(interaction).is_some_and(|own| own.agent.as_ref() == Some(&agent));
        if !his && !self.is_supervisor(tenant, &agent) {
            return Ok(Err(Refusal::NotSupervisor(agent)));
        }
        let latest = self.latest_of(interaction)?;
        self.shut_out(latest, lasts, reason, Some(agent))?;
        Ok(Ok(Answer::Done))
    }

    /// A supervisor lets a contact in again.
    pub(super) fn unbans(
        &mut self,
        tenant: &TenantId,
        agent: AgentId,
        interaction: InteractionId,
    ) -> Served<Result<Answer, Refusal>> {
        if let Err(refusal) = self.find(tenant, interaction)? {
            return Ok(Err(refusal));
        }
        if !self.is_supervisor(tenant, &agent) {
            return Ok(Err(Refusal::NotSupervisor(agent)));
        }
        let latest = self.latest_of(interaction)?;
        self.open_turn(latest)?;
        let lifted = self.board.hand.get_mut(latest).and_then(|held| held.interaction.ban.take());
        if lifted.is_some() {
            self.fact(latest, Fact::Unbanned { by: agent });
        }
        Ok(Ok(Answer::Done))
    }

    fn shut_out(&mut self, id: InteractionId, lasts: Duration, reason: String, by: Option<AgentId>) -> Served<()> {
        self.open_turn(id)?;
        let until = self.board.now + lasts;
        let alert = self.rules_of(id).and_then(|rules| rules.alert);
        let Some(held) = self.board.hand.get_mut(id) else { return Ok(()) };
        let interaction = &mut held.interaction;
        interaction.ban = Some(Ban { until, reason: reason.clone() });
        interaction.lately.clear();
        let (touchpoint, address) = (interaction.touchpoint.clone(), interaction.contact.address.clone());
        let alert = alert.map(|alert| {
            let who = by.as_ref().map_or_else(|| "routewright".to_owned(), ToString::to_string);
            let subject = format!("{touchpoint}: {address}");
            let text = format!("{id}\n{touchpoint}: {address}\n{reason}\n{who}\n-> {until}\n");
            alert.mail(subject, text)
        });
        self.fact(id, Fact::Banned { until, reason, by });
        self.step(id, Stimulus::Banned { alert }, 0)
    }

    fn rules_of(&self, id: InteractionId) -> Option<BanRules> {
        let interaction = self.board.interaction(id)?;
        let own = self.board.tenants.get(&interaction.tenant)?;
        own.catalogue.touchpoints.get(&interaction.touchpoint)?.conversation.bans.clone()
    }

    fn is_supervisor(&self, tenant: &TenantId, agent: &AgentId) -> bool {
        let own = self.board.tenants.get(tenant);
        own.and_then(|own| own.catalogue.agents.get(agent)).is_some_and(|settings| settings.supervisor)
    }

    /// The last conversation of the contact of one.
    fn latest_of(&mut self, id: InteractionId) -> Served<InteractionId> {
        let Some(key) = self.board.interaction(id).map(crate::interaction::Interaction::key) else { return Ok(id) };
        Ok(self.board.hand.latest(&key, self.shelf)?.map_or(id, |held| held.interaction.id))
    }
}

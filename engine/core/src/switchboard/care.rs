//! What is done when a timer of a conversation fires: somebody is warned, reminded or relieved (T-05..T-12, T-16, T-17).
//!
//! What it deliberately does not do: it computes no deadline; [`crate::silence`] does.

use std::time::Duration;

use super::{
    Tenant,
    desk::{Desk, Served},
};
use crate::{
    capacity::Request,
    catalogue::{ConversationSettings, NoAnswer, TouchpointSettings},
    event::PresenceStatus,
    fact::Fact,
    id::{AgentId, InteractionId, TenantId},
    interaction::Interaction,
    limits::{PACED_PER_SECOND, TRANSFERS_MAX_DEFAULT},
    silence::{Care, Promised, Promises},
    step::Stimulus,
    time::Timestamp,
};

impl Desk<'_> {
    /// A timer of a conversation came, or what it hung on has changed: then the next one is armed instead.
    pub(super) fn care_due(&mut self, id: InteractionId) -> Served<()> {
        self.open_turn(id)?;
        let now = self.board.now;
        let outage = self.board.outage;
        let Some(held) = self.board.hand.get_mut(id) else { return Ok(()) };
        let interaction = &mut held.interaction;
        let Some(own) = self.board.tenants.get(&interaction.tenant) else { return Ok(()) };
        let settings = settings_of(own, interaction).map(|touchpoint| touchpoint.conversation.clone());
        let settings = settings.unwrap_or_default();
        let next = interaction.silence.next(&settings, outage);
        let Some((_, care)) = next.filter(|(at, _)| *at <= now) else { return Ok(()) };
        if interaction.silence.needs_turn(care, &settings, outage) {
            let turn = self.board.next_turn.max(now);
            self.board.next_turn = turn + Duration::from_secs(1) / PACED_PER_SECOND;
            if now < turn {
                interaction.silence.take_turn(turn);
                return Ok(());
            }
        }
        interaction.silence.fire(care);
        let (tenant, agent) = (interaction.tenant.clone(), interaction.agent.clone());
        self.fact(id, Fact::TimerFired { timer: care, agent: agent.clone() });
        if let Some(promise) = care.promise() {
            self.judge(id, promise, None);
        }
        match (care, agent) {
            // The fact is the warning, and the breach: desks and reports read it.
            (Care::Warning | Care::FirstResponsePromise | Care::ResolutionPromise, _) | (_, None) => Ok(()),
            (Care::Nudge, Some(_)) => self.remind(id, settings.nudge.map(|sentence| sentence.text)),
            (Care::Disconnected, Some(_)) => self.remind(id, settings.disconnected.map(|sentence| sentence.text)),
            (Care::Reengagement, Some(agent)) => {
                let status = self.board.agent(&tenant, &agent).map(|view| view.status);
                let sentence = settings.reengagement.filter(|s| status.is_some_and(|now| s.statuses.contains(&now)));
                self.remind(id, sentence.map(|sentence| sentence.text))
            }
            (Care::CustomerResponse | Care::VisitorTimeout, Some(agent)) => {
                // A refusal says that the conversation is not his any more.
                self.close(&tenant, agent, id).map(drop)
            }
            (Care::FirstResponse, Some(agent)) => {
                let then = settings.first_response.as_ref().and_then(|timer| timer.then);
                self.relieve(&tenant, id, &settings)?;
                self.put_aside(&tenant, agent, then)
            }
            (Care::AgentResponse, Some(_)) => {
                let notice = settings.agent_response.as_ref().and_then(|timer| timer.notice.clone());
                if self.relieve(&tenant, id, &settings)? { self.remind(id, notice) } else { Ok(()) }
            }
        }
    }

    /// A silent agent's conversation goes to another, unless it was handed on often enough (PBX-14).
    fn relieve(&mut self, tenant: &TenantId, id: InteractionId, settings: &ConversationSettings) -> Served<bool> {
        let Some(held) = self.board.hand.get_mut(id) else { return Ok(false) };
        let silence = &mut held.interaction.silence;
        if settings.transfers_max.unwrap_or(TRANSFERS_MAX_DEFAULT) <= silence.transfers {
            return Ok(false);
        }
        silence.transfers += 1;
        let request = Request::Transfer { interaction: id, by: None, requirement: None, preferred: None };
        // A refusal says that the conversation has changed hands already.
        let notices = self.ask(tenant, request).unwrap_or_default();
        let moved = !notices.is_empty();
        self.hear(tenant, notices, 1)?;
        Ok(moved)
    }

    /// What becomes of an agent who did not answer (PBX-13).
    fn put_aside(&mut self, tenant: &TenantId, agent: AgentId, then: Option<NoAnswer>) -> Served<()> {
        let status = match then {
            None => return Ok(()),
            Some(NoAnswer::Paused) => PresenceStatus::Paused,
            Some(NoAnswer::Offline) => PresenceStatus::Offline,
        };
        let notices = self.ask(tenant, Request::SetPresence { agent, status }).unwrap_or_default();
        self.hear(tenant, notices, 1)
    }

    fn remind(&mut self, id: InteractionId, text: Option<routewright_flows::Localised>) -> Served<()> {
        let Some(held) = self.board.hand.get(id) else { return Ok(()) };
        let locale = &held.interaction.contact.locale;
        match text.as_ref().and_then(|text| text.pick(locale, locale)).map(str::to_owned) {
            Some(text) => self.step(id, Stimulus::Reminds { text }, 0),
            None => Ok(()),
        }
    }

    /// What a touchpoint promises to a contact who comes now.
    pub(super) fn promises(&self, tenant: &TenantId, touchpoint: &TouchpointSettings) -> Promises {
        let Some(catalogue) = self.board.tenants.get(tenant).map(|own| &own.catalogue) else {
            return Promises::default();
        };
        match catalogue.service_of(touchpoint) {
            None => Promises::default(),
            Some(service) => Promises::made(service, catalogue.hours_of_touchpoint(touchpoint), self.board.now),
        }
    }

    /// Puts on record that a promise was kept, `due` at some instant, or with `None` that it was broken.
    pub(super) fn judge(&mut self, id: InteractionId, promise: Promised, kept: Option<Timestamp>) {
        let Some(interaction) = self.board.interaction(id) else { return };
        let due = kept.or_else(|| interaction.silence.promised(promise).map(|(promise, _)| promise.due));
        let Some(due) = due else { return };
        let skills = interaction.requirement.skills.keys().cloned().collect();
        let (kept, channel) = (kept.is_some(), interaction.channel);
        self.fact(id, Fact::PromiseJudged { promise, kept, due, channel, skills });
    }

    /// When the messaging window of a conversation closed, when it did (T-18).
    pub(super) fn window_closed(&self, interaction: &Interaction) -> Option<Timestamp> {
        let own = self.board.tenants.get(&interaction.tenant)?;
        let until = interaction.silence.window_until(&settings_of(own, interaction)?.conversation)?;
        (until <= self.board.now).then_some(until)
    }

    /// Computes when the next timer of each conversation that was moved fires.
    pub(super) fn rearm_silences(&mut self) {
        let outage = self.board.outage;
        for id in &self.touched.interactions {
            let Some(held) = self.board.hand.get_mut(*id) else { continue };
            let interaction = &mut held.interaction;
            if !interaction.is_live() {
                interaction.silence.end();
                continue;
            }
            let own = self.board.tenants.get(&interaction.tenant);
            match own.and_then(|own| settings_of(own, interaction)) {
                Some(touchpoint) => interaction.silence.rearm(&touchpoint.conversation, outage),
                None => interaction.silence.due = None,
            }
        }
    }
}

fn settings_of<'a>(own: &'a Tenant, interaction: &Interaction) -> Option<&'a TouchpointSettings> {
    own.catalogue.touchpoints.get(&interaction.touchpoint)
}

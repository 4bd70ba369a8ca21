//! What agents send unasked: conversations that they begin, and what may go out to whom (WAP-04..WAP-08, WAP-13, MAX-10).
//!
//! A contact is written to unasked only when he wrote earlier or said that he may be; where the channel has a messaging
//! window, only with an approved template; and only as often as the provider allows. The conversation belongs to the
//! agent at once. If he loses it, it waits for the skill of the routing queue that it passes, else for the touchpoint's
//! default skill; its script, if there is one, never leads it.
//!
//! What it deliberately does not do: it counts nothing; capacity does.

use std::sync::Arc;

use super::{
    Answer,
    desk::{Desk, Served, check_length, in_words},
};
use crate::{
    capacity::{Request, Requirement, Work},
    catalogue::{Catalogue, Level, TouchpointSettings},
    contact::{Attached, Contact, ContactKey, Message},
    event::Beginning,
    fact::{Consent, Fact},
    id::{AgentId, InteractionId, RoutingQueueId, TenantId, TouchpointId},
    interaction::{Interaction, Phase},
    limits::ADDRESS_CHARS_MAX,
    refusal::Refusal,
    step::Stimulus,
};

/// What an agent is about to send.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outgoing<'a> {
    pub text: &'a str,
    pub attached: &'a [Attached],
}

impl Outgoing<'_> {
    pub fn has_template(self) -> bool {
        self.attached.iter().any(|what| matches!(what, Attached::Template { .. }))
    }
}

impl Desk<'_> {
    /// An agent begins a conversation; the one that he holds, if he names it, is set aside for it.
    pub(super) fn begin(
        &mut self,
        tenant: &TenantId,
        agent: AgentId,
        beginning: Beginning,
    ) -> Served<Result<Answer, Refusal>> {
        let Beginning { touchpoint, address, name, locale, text, attached, opted_in, hold } = beginning;
        let outgoing = Outgoing { text: &text, attached: &attached };
        let settings = match self.may_begin(tenant, &agent, &touchpoint, outgoing) {
            Ok(settings) => settings,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if address.trim().is_empty() || ADDRESS_CHARS_MAX < address.chars().count() {
            return Ok(Err(Refusal::BadAddress(touchpoint)));
        }
        let key = ContactKey { tenant: tenant.clone(), touchpoint: touchpoint.clone(), address: address.into() };
        let now = self.board.now;
        let earlier = self.board.hand.latest(&key, self.shelf)?.map(|held| held.interaction.clone());
        if let Some(earlier) = &earlier {
            if let Some(until) = earlier.ban.as_ref().map(|ban| ban.until).filter(|until| now < *until) {
                return Ok(Err(Refusal::Banned { touchpoint, until }));
            }
            if earlier.is_live() {
                return Ok(Err(Refusal::InConversation(earlier.id)));
            }
        }
        let wrote = earlier.as_ref().filter(|earlier| earlier.silence.has_heard());
        let Some(consent) =
            opted_in.map(|said| Consent::OptIn { said }).or(wrote.map(|e| Consent::Earlier { interaction: e.id }))
        else {
            return Ok(Err(Refusal::NoConsent(touchpoint)));
        };
        let open_until = wrote.and_then(|earlier| earlier.silence.window_until(&settings.conversation));
        let windowed = settings.conversation.messaging_window.is_some();
        if windowed && open_until.is_none_or(|until| until <= now) && !outgoing.has_template() {
            return Ok(Err(Refusal::TemplateNeeded(touchpoint)));
        }
        let locale = locale.or(earlier.as_ref().map(|earlier| earlier.contact.locale.clone()));
        let name = name.or(earlier.as_ref().and_then(|earlier| earlier.contact.name.clone()));
        let contact = Contact {
            address: Arc::clone(&key.address),
            name,
            locale: locale.unwrap_or_else(|| settings.locale.clone()),
            fields: earlier.as_ref().map(|earlier| earlier.contact.fields.clone()).unwrap_or_default(),
        };
        let id = InteractionId(self.board.counters.interaction);
        let Some(own) = self.board.tenants.get(tenant) else { return Ok(Err(Refusal::UnknownTenant(tenant.clone()))) };
        let (queue, requirement, priority) = served_by(&own.catalogue, (&touchpoint, &settings), &contact);
        let work = Box::new(Work {
            touchpoint: (!own.catalogue.roles.is_empty()).then(|| touchpoint.clone()),
            priority,
            ..Work::waiting(id, settings.channel, Arc::new(requirement.clone()), now)
        });
        let request = Request::Begin { work, agent: agent.clone(), touchpoint: touchpoint.clone(), hold };
        let notices = match self.ask(tenant, request) {
            Err(refused) => return Ok(Err(in_words(refused))),
            Ok(notices) => notices,
        };
        self.board.counters.interaction += 1;
        let mut begun = Interaction::new(id, key, settings.channel, contact, now);
        begun.inherit(earlier.as_ref());
        (begun.begun_by, begun.requirement, begun.priority) = (Some(agent.clone()), requirement, priority);
        begun.phase = Phase::LastResort;
        self.board.hand.open(begun);
        self.open_turn(id)?;
        self.fact(id, Fact::InteractionOpened { touchpoint, flow: None });
        self.fact(id, Fact::Begun { agent: agent.clone(), queue, consent });
        self.hear(tenant, notices, 1)?;
        self.step(id, Stimulus::AgentWrote { agent, text, attached }, 0)?;
        Ok(Ok(Answer::Begun { interaction: id }))
    }

    /// The touchpoint through which an agent may begin a conversation with this message.
    fn may_begin(
        &self,
        tenant: &TenantId,
        agent: &AgentId,
        touchpoint: &TouchpointId,
        outgoing: Outgoing<'_>,
    ) -> Result<TouchpointSettings, Refusal> {
        let own = self.board.tenants.get(tenant).ok_or_else(|| Refusal::UnknownTenant(tenant.clone()))?;
        let settings = own.catalogue.touchpoints.get(touchpoint);
        let settings = settings.ok_or_else(|| Refusal::UnknownTouchpoint(touchpoint.clone()))?;
        if !own.catalogue.permissions(agent, touchpoint).start {
            return Err(not_permitted(agent, touchpoint, "start"));
        }
        if settings.is_pending() {
            return Err(Refusal::NumberPending(touchpoint.clone()));
        }
        self.may_send(tenant, agent, touchpoint, outgoing)?;
        Ok(settings.clone())
    }

    /// What keeps an agent from sending a message at a touchpoint: its length, his role (WAP-05), a template that is not
    /// approved (WAP-13).
    pub(super) fn may_send(
        &self,
        tenant: &TenantId,
        agent: &AgentId,
        touchpoint: &TouchpointId,
        Outgoing { text, attached }: Outgoing<'_>,
    ) -> Result<(), Refusal> {
        check_length(&Message { text: text.to_owned(), choice: None })?;
        if text.is_empty() && attached.is_empty() {
            return Err(Refusal::NothingSaid);
        }
        let Some(own) = self.board.tenants.get(tenant) else { return Ok(()) };
        if let Some(what) = own.catalogue.permissions(agent, touchpoint).refuse(text, attached) {
            return Err(not_permitted(agent, touchpoint, what));
        }
        let settings = own.catalogue.touchpoints.get(touchpoint);
        for what in attached {
            let Attached::Template { name, language, parameters } = what else { continue };
            if let Some(why) = settings.and_then(|own| own.refuses_template(name, language, parameters.len())) {
                return Err(Refusal::TemplateRefused { template: name.clone(), why });
            }
        }
        Ok(())
    }

    /// True once an agent may write in a conversation of his: the messaging window is open, or a template goes out, which
    /// the provider counts as a conversation that we begin (WAP-06, WAP-08).
    pub(super) fn may_write_now(
        &mut self,
        tenant: &TenantId,
        agent: &AgentId,
        id: InteractionId,
        has_template: bool,
    ) -> Result<(), Refusal> {
        let Some(interaction) = self.board.interaction(id) else { return Err(Refusal::UnknownInteraction(id)) };
        let Some(closed_at) = self.window_closed(interaction) else { return Ok(()) };
        if !has_template {
            return Err(Refusal::WindowClosed { interaction: id, closed_at });
        }
        let touchpoint = interaction.touchpoint.clone();
        self.ask(tenant, Request::CountBegun { agent: agent.clone(), touchpoint }).map(drop).map_err(in_words)
    }
}

fn not_permitted(agent: &AgentId, touchpoint: &TouchpointId, what: &'static str) -> Refusal {
    Refusal::NotPermitted { agent: agent.clone(), touchpoint: touchpoint.clone(), what }
}

/// Who serves a contact whom no script leads: the routing queue that he passes, else the touchpoint's default skill.
pub(crate) fn served_by(
    catalogue: &Catalogue,
    (id, touchpoint): (&TouchpointId, &TouchpointSettings),
    contact: &Contact,
) -> (Option<RoutingQueueId>, Requirement, i32) {
    let queue = catalogue.routing_queue(id, touchpoint.channel, &contact.locale);
    let skill = queue.map(|(_, queue)| &queue.skill).or(touchpoint.default_skill.as_ref());
    // A skill that does not exist would find nobody: then any agent will do.
    let skill = skill.filter(|skill| catalogue.skills.contains_key(*skill));
    let skills = skill.into_iter().map(|skill| (skill.clone(), Level::WORST)).collect();
    let (queue, priority) = queue.map(|(id, queue)| (id.clone(), queue.priority)).unzip();
    (queue, Requirement { skills, supervisor: false }, priority.unwrap_or_default())
}

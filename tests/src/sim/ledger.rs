//! What must be true of a centre, counted from facts, answers and effects alone; nothing of the engine is asked.
//!
//! It keeps, for every agent, what the facts say he holds, and compares it with what capacity says he holds: two
//! books, kept apart, that must agree after every input.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use routewright_engine::{
    AgentId, InteractionId, OfferId, TenantId, TouchpointId,
    contact::ContactKey,
    effect::EffectId,
    event::Input,
    fact::{Fact, FactRecord},
    switchboard::{Answer, Output, Switchboard},
};
use routewright_flows::Channel;

use super::centre::Tenant;

/// The books.
#[derive(Debug, Default)]
pub struct Ledger {
    interactions: BTreeMap<InteractionId, Conversation>,
    offers: BTreeMap<OfferId, bool>,
    held: BTreeMap<(TenantId, AgentId), BTreeMap<InteractionId, Hold>>,
    heard: BTreeMap<(ContactKey, Arc<str>), (InteractionId, u64)>,
    effects: BTreeMap<EffectId, String>,
}

#[derive(Debug)]
struct Conversation {
    touchpoint: TouchpointId,
    ended: bool,
}

/// What an agent holds of a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hold {
    Offered(OfferId),
    Talking,
    WrappingUp,
}

type Verdict = Result<(), String>;

impl Ledger {
    /// Enters what came of one input.
    ///
    /// # Errors
    /// The first rule that it breaks, in words.
    pub fn enter(&mut self, input: &Input, output: &Output) -> Verdict {
        let mut closing = BTreeSet::new();
        for record in &output.facts {
            self.enter_fact(record, &mut closing).map_err(|broken| format!("{broken}, by the fact {record:?}"))?;
        }
        for (key, id) in closing {
            self.held.entry(key).or_default().remove(&id);
        }
        for effect in &output.effects {
            let content = serde_json::to_string(effect).map_err(|e| format!("an effect cannot be written: {e}"))?;
            if let Some(before) = self.effects.insert(effect.id, content) {
                return Err(format!("effect {} was made twice, first as {before}", effect.id));
            }
        }
        match (input, &output.answer) {
            (Input::ContactWrote(wrote), Answer::Heard { interaction, turn, .. }) => {
                let recorded = output.facts.iter().any(|record| {
                    record.interaction == Some(*interaction)
                        && matches!(&record.fact, Fact::MessageReceived { event_id, .. } if *event_id == wrote.event_id)
                });
                hold(recorded, || format!("message {} was acknowledged and is in no fact", wrote.event_id))?;
                let key = (wrote.from.clone(), Arc::clone(&wrote.event_id));
                let before = self.heard.insert(key, (*interaction, *turn));
                hold(before.is_none(), || {
                    format!("message {} was heard twice: {before:?}, then {interaction} {turn}", wrote.event_id)
                })
            }
            (Input::ContactWrote(wrote), Answer::Repeated { interaction, turn }) => {
                let key = (wrote.from.clone(), Arc::clone(&wrote.event_id));
                let first = self.heard.get(&key);
                hold(first == Some(&(*interaction, *turn)), || {
                    format!("message {} repeated: answered {interaction} {turn}, first {first:?}", wrote.event_id)
                })?;
                hold(output.facts.is_empty() && output.effects.is_empty(), || "a repeated message did something".into())
            }
            (_, Answer::Refused(refusal)) => {
                hold(output.facts.is_empty() && output.effects.is_empty() && output.touched.is_empty(), || {
                    format!("a refused input changed something: {refusal}")
                })
            }
            _ => Ok(()),
        }
    }

    fn enter_fact(
        &mut self,
        record: &FactRecord,
        closing: &mut BTreeSet<((TenantId, AgentId), InteractionId)>,
    ) -> Verdict {
        let Some(id) = record.interaction else { return Ok(()) };
        if let Fact::InteractionOpened { touchpoint, .. } = &record.fact {
            let conversation = Conversation { touchpoint: touchpoint.clone(), ended: false };
            let before = self.interactions.insert(id, conversation);
            return hold(before.is_none(), || format!("{id} was opened twice"));
        }
        let conversation = self.interactions.get_mut(&id).ok_or(format!("{id} was never opened"))?;
        let of = |agent: &AgentId| (record.tenant.clone(), agent.clone());
        match &record.fact {
            Fact::OfferMade { offer, agent, .. } => {
                hold(!conversation.ended, || format!("{id} is over and is offered"))?;
                hold(self.offers.insert(*offer, true).is_none(), || format!("{offer} was made twice"))?;
                let owner = self.held.iter().find(|(_, held)| held.contains_key(&id)).map(|(key, _)| key);
                hold(owner.is_none(), || format!("{id} is offered while {owner:?} holds it"))?;
                self.held.entry(of(agent)).or_default().insert(id, Hold::Offered(*offer));
                Ok(())
            }
            Fact::OfferAccepted { offer, agent } => {
                self.end_offer(*offer)?;
                self.change(of(agent), id, Hold::Offered(*offer), Some(Hold::Talking))
            }
            Fact::OfferDeclined { offer, agent }
            | Fact::OfferExpired { offer, agent }
            | Fact::OfferWithdrawn { offer, agent } => {
                self.end_offer(*offer)?;
                self.change(of(agent), id, Hold::Offered(*offer), None)
            }
            Fact::Requeued { agent } => self.change(of(agent), id, Hold::Talking, None),
            Fact::ConversationClosed { agent } => {
                // Without a wrap-up the slot is free at once, and no fact says so again.
                closing.insert((of(agent), id));
                Ok(())
            }
            Fact::WrapUpStarted { agent, .. } => {
                closing.remove(&(of(agent), id));
                self.change(of(agent), id, Hold::Talking, Some(Hold::WrappingUp))
            }
            Fact::WrapUpEnded { agent, .. } => {
                // A profile without wrap-up closes the record in the moment that the conversation ends.
                let at_once = closing.remove(&(of(agent), id));
                self.change(of(agent), id, if at_once { Hold::Talking } else { Hold::WrappingUp }, None)
            }
            Fact::InteractionEnded { .. } => {
                hold(!std::mem::replace(&mut conversation.ended, true), || format!("{id} ended twice"))?;
                let talking = self.held.iter().filter(|(_, held)| held.get(&id) == Some(&Hold::Talking));
                closing.extend(talking.map(|(key, _)| (key.clone(), id)));
                Ok(())
            }
            Fact::MessageReceived { .. } => hold(!conversation.ended, || format!("{id} is over and hears a message")),
            Fact::InteractionOpened { .. }
            | Fact::MessageSent { .. }
            | Fact::NodeEntered { .. }
            | Fact::ExitTaken { .. }
            | Fact::SubflowCalled { .. }
            | Fact::VersionChanged { .. }
            | Fact::FlowChanged { .. }
            | Fact::SubflowReturned { .. }
            | Fact::AttributeSet { .. }
            | Fact::Faulted { .. }
            | Fact::LastResortTaken { .. }
            | Fact::TimerFired { .. }
            | Fact::Elevated { .. }
            | Fact::Banned { .. }
            | Fact::Unbanned { .. }
            | Fact::ChannelClosed { .. }
            | Fact::ChannelFinished { .. }
            | Fact::Begun { .. }
            | Fact::ScreenPopped { .. }
            | Fact::Parked { .. }
            | Fact::Resumed { .. }
            | Fact::LineRefused { .. }
            | Fact::Assigned { .. }
            | Fact::ConnectionChanged { .. }
            | Fact::Transferred { .. }
            | Fact::Enqueued { .. }
            | Fact::RequirementChanged { .. }
            | Fact::Dequeued { .. }
            | Fact::Answered { .. }
            | Fact::DispositionSet { .. }
            | Fact::CallMade { .. }
            | Fact::Promised { .. }
            | Fact::PromiseJudged { .. }
            | Fact::CallEnded { .. }
            | Fact::EventEmitted { .. }
            | Fact::ContactLeft {}
            | Fact::PresenceChanged { .. } => Ok(()),
        }
    }

    fn end_offer(&mut self, offer: OfferId) -> Verdict {
        match self.offers.insert(offer, false) {
            Some(true) => Ok(()),
            Some(false) => Err(format!("{offer} ended twice")),
            None => Err(format!("{offer} ended and was never made")),
        }
    }

    fn change(&mut self, agent: (TenantId, AgentId), id: InteractionId, from: Hold, to: Option<Hold>) -> Verdict {
        let held = self.held.entry(agent.clone()).or_default();
        let had = held.remove(&id);
        if let Some(to) = to {
            held.insert(id, to);
        }
        hold(had == Some(from), || format!("{} holds {id} as {had:?}, not as {from:?}", agent.1))
    }

    /// Compares the books with the switchboard's, and loads with bounds.
    ///
    /// # Errors
    /// Where they differ.
    pub fn audit(&self, board: &Switchboard, tenants: &[Tenant]) -> Verdict {
        for tenant in tenants {
            for view in board.agents(&tenant.id) {
                let theirs: BTreeSet<InteractionId> =
                    view.offers.iter().chain(&view.active).chain(&view.wrap_ups).map(|work| work.interaction).collect();
                let held = self.held.get(&(tenant.id.clone(), view.agent.clone()));
                let ours: BTreeSet<InteractionId> = held.into_iter().flatten().map(|(id, _)| *id).collect();
                hold(ours == theirs, || format!("by the facts {} holds {ours:?}, by capacity {theirs:?}", view.agent))?;
                self.audit_load(tenant, view.agent, &ours)?;
            }
        }
        Ok(())
    }

    fn audit_load(&self, tenant: &Tenant, agent: &AgentId, holds: &BTreeSet<InteractionId>) -> Verdict {
        let profile = tenant.catalogue.profile_of(agent);
        let mut by_channel: BTreeMap<Channel, u16> = BTreeMap::new();
        for id in holds {
            let touchpoint = self.interactions.get(id).and_then(|c| tenant.catalogue.touchpoints.get(&c.touchpoint));
            let channel =
                touchpoint.map(|t| t.channel).ok_or(format!("{agent} holds {id}, whose touchpoint is gone"))?;
            *by_channel.entry(channel).or_default() += 1;
        }
        let contacts: u16 = by_channel.values().sum();
        hold(contacts <= profile.contacts_max, || {
            format!("{agent} holds {contacts} contacts of at most {}", profile.contacts_max)
        })?;
        for (channel, count) in &by_channel {
            let max = profile.channel_max.get(channel).copied().unwrap_or(profile.contacts_max);
            hold(*count <= max, || format!("{agent} holds {count} contacts of {channel}, at most {max}"))?;
        }
        let units: u16 = by_channel.iter().map(|(c, n)| n * profile.units.get(c).copied().unwrap_or(1)).sum();
        hold(profile.units_max.is_none_or(|max| units <= max), || format!("{agent} carries {units} work units"))
    }

    /// True once every interaction is over.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.interactions.values().all(|conversation| conversation.ended)
    }

    /// Interactions that are not over.
    pub fn live(&self) -> impl Iterator<Item = InteractionId> + '_ {
        self.interactions.iter().filter(|(_, conversation)| !conversation.ended).map(|(id, _)| *id)
    }

    /// True when the interaction is over, by the facts.
    #[must_use]
    pub fn is_over(&self, id: InteractionId) -> bool {
        self.interactions.get(&id).is_some_and(|conversation| conversation.ended)
    }

    /// How many interactions there were.
    #[must_use]
    pub fn opened(&self) -> usize {
        self.interactions.len()
    }

    /// How many offers there were.
    #[must_use]
    pub fn offers(&self) -> usize {
        self.offers.len()
    }

    /// How many messages were acknowledged.
    #[must_use]
    pub fn messages(&self) -> usize {
        self.heard.len()
    }

    /// Offers that have not ended.
    pub fn open_offers(&self) -> impl Iterator<Item = OfferId> + '_ {
        self.offers.iter().filter(|(_, open)| **open).map(|(offer, _)| *offer)
    }
}

fn hold(holds: bool, words: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(words()) }
}

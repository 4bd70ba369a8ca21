//! How an interaction ends: its contact leaves, its flow is over, or it expires.

use std::sync::Arc;

use super::{ABANDONED, Claim, EXPIRED, Turn, walk::At};
use crate::{
    capacity::Request,
    effect::Action,
    fact::{DequeueReason, Fact},
    id::DispositionId,
    interaction::Phase,
    silence::Promised,
    visits::Counted,
};

impl Turn<'_> {
    pub(super) fn contact_left(&mut self) {
        self.interaction.left = true;
        self.fact(Fact::ContactLeft {});
        self.let_go(DequeueReason::Abandoned);
        self.interaction.await_nothing_anywhere();
        match self.interaction.phase {
            Phase::Flow => {
                let at = self.take_disconnect_handler();
                self.walk(at);
            }
            Phase::LastResort => self.end(ABANDONED),
            Phase::Ended { .. } => {}
        }
    }

    /// The innermost disconnect handler; flows inside the one that has it are over.
    pub(super) fn take_disconnect_handler(&mut self) -> At {
        loop {
            if let Some(handler) = self.flow.as_ref().and_then(|flow| flow.on_disconnect) {
                return At::Enter(handler);
            }
            if self.interaction.frames.len() <= 1 {
                self.end(ABANDONED);
                return At::Rest;
            }
            self.interaction.frames.pop();
            if self.back_in_caller().is_none() {
                self.end(ABANDONED);
                return At::Rest;
            }
        }
    }

    pub(super) fn end(&mut self, disposition: &str) {
        let disposition = DispositionId::new(disposition).expect("ends and dispositions follow the same rule of names");
        let reason = if self.interaction.left { DequeueReason::Abandoned } else { DequeueReason::FlowMovedOn };
        self.let_go(reason);
        if self.interaction.phase == Phase::Flow {
            let qualified = ![ABANDONED, EXPIRED].contains(&disposition.as_str());
            self.count_outermost(Counted::Ended { qualified });
        }
        let outermost = self.interaction.frames.drain(..).next();
        self.interaction.outcome = outermost.map(|frame| frame.attributes).unwrap_or_default();
        self.interaction.await_nothing();
        self.interaction.shown.clear();
        self.interaction.phase = Phase::Ended { disposition: disposition.clone(), at: self.world.now };
        self.flow = None;
        if let Some(due) = self.interaction.silence.done(Promised::Resolution, self.world.now) {
            let (promise, channel) = (Promised::Resolution, self.interaction.channel);
            let skills = self.interaction.requirement.skills.keys().cloned().collect();
            self.fact(Fact::PromiseJudged { promise, kept: true, due, channel, skills });
        }
        self.fact(Fact::InteractionEnded { disposition });
        if !self.interaction.left {
            let touchpoint = self.interaction.touchpoint.clone();
            let address = Arc::clone(&self.interaction.contact.address);
            self.effect(Action::EndConversation { touchpoint, address });
        }
    }

    /// Gives up the place in line, or the agent. A record being completed stays the agent's.
    pub(super) fn let_go(&mut self, reason: DequeueReason) {
        match self.claim {
            Claim::None | Claim::WrapUp => {}
            Claim::InLine => {
                self.fact(Fact::Dequeued { reason });
                self.log.requests.push(Request::Withdraw { interaction: self.interaction.id });
                self.claim = Claim::None;
            }
            Claim::WithAgent => {
                self.log.requests.push(Request::Withdraw { interaction: self.interaction.id });
                self.interaction.agent = None;
                self.claim = Claim::WrapUp;
            }
        }
    }
}

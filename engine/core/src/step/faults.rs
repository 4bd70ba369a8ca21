//! What is done about a fault: the node's own exit, the handlers from the inside out, then the last resort.

use std::collections::BTreeMap;

use routewright_flows::ExitName;

use super::{ABANDONED, Claim, ERROR, NO_LIVE_FLOW, Turn, walk::At};
use crate::{
    capacity::Requirement,
    catalogue::Level,
    event::Event,
    fact::Fact,
    interaction::Phase,
    limits::{HANDLER_MESSAGES_MAX, HANDLER_STEPS_MAX, STEPS_PER_EVENT_MAX},
    node::Fault,
    published::{NodeIndex, PublishedFlow},
    switchboard::outbound::served_by,
    visits::Counted,
};

impl Turn<'_> {
    pub(super) fn raise(&mut self, flow: &PublishedFlow, index: NodeIndex, fault: &Fault) -> At {
        self.faulted(fault);
        if flow.at(index).exit(ERROR).is_some() {
            return self.leave(flow, index, ERROR);
        }
        self.take_error_handler(&fault.code)
    }

    pub(super) fn faulted(&mut self, fault: &Fault) {
        let Some(frame) = self.interaction.frames.last() else { return };
        let fact = Fact::Faulted {
            flow: frame.flow.clone(),
            node: frame.node.clone(),
            code: fault.code.to_string(),
            message: fault.message.clone(),
        };
        let node = frame.node.clone();
        self.count(Counted::Faulted(node));
        self.fact(fact);
    }

    /// The flow's handler, once in the life of its frame; then the caller's ways; then the last resort.
    pub(super) fn take_error_handler(&mut self, reason: &str) -> At {
        loop {
            let handler = self.flow.as_ref().and_then(|flow| flow.on_error);
            if let Some((handler, frame)) = handler.zip(self.interaction.frames.last_mut())
                && !frame.handled
            {
                frame.handled = true;
                self.give_reserve();
                return At::Enter(handler);
            }
            if self.interaction.frames.len() <= 1 {
                self.last_resort(reason);
                return At::Rest;
            }
            let failed = self.interaction.frames.pop().map(|frame| frame.flow);
            let goes_on = self.interaction.frames.last().is_some_and(|frame| frame.meanwhile.is_some());
            if let Some(flow) = failed {
                self.fact(Fact::SubflowReturned {
                    flow,
                    end: ExitName::new(ERROR).expect("'error' is an exit's name"),
                });
            }
            let Some((index, caller)) = self.back_in_caller() else {
                self.last_resort("flow-version-gone");
                return At::Rest;
            };
            if goes_on {
                // A place in line is worth more than what was to be said meanwhile.
                let end = ExitName::new(ERROR).expect("'error' is an exit's name");
                return At::Resume(index, Event::Returned { end, outputs: BTreeMap::new() });
            }
            if caller.at(index).exit(ERROR).is_some() {
                self.give_reserve();
                return self.leave(&caller, index, ERROR);
            }
        }
    }

    /// The first time the handlers get their reserve; the second time nothing of the flow is trusted any more. The
    /// node's own `error` exit is not asked: it may be part of the loop.
    pub(super) fn out_of_steps(&mut self, index: NodeIndex) -> At {
        let node = self.flow.as_ref().map(|flow| flow.at(index).id.to_string()).unwrap_or_default();
        let fault = Fault::new(
            "too-many-steps",
            format!(
                "the flow visited {STEPS_PER_EVENT_MAX} nodes for one event and came to '{node}': let it wait somewhere"
            ),
            format!(
                "le scénario a visité {STEPS_PER_EVENT_MAX} nœuds pour un seul événement, jusqu’à « {node} » : faites-le attendre quelque part"
            ),
        );
        self.faulted(&fault);
        if self.budget.reserve_given {
            self.last_resort(&fault.code);
            return At::Rest;
        }
        self.take_error_handler(&fault.code)
    }

    /// What the error handler may do beyond the bounds of the event; given once per event.
    fn give_reserve(&mut self) {
        if !self.budget.reserve_given {
            self.budget.reserve_given = true;
            self.budget.steps += HANDLER_STEPS_MAX;
            self.budget.messages += HANDLER_MESSAGES_MAX;
        }
    }

    /// The flow has no way on: an agent of the touchpoint's default skill takes the contact, or goes on with it.
    pub(super) fn last_resort(&mut self, reason: &str) {
        if self.interaction.left {
            return self.end(ABANDONED);
        }
        self.interaction.phase = Phase::LastResort;
        self.interaction.await_nothing_anywhere();
        self.count_outermost(Counted::LastResort);
        self.fact(Fact::LastResortTaken { reason: reason.to_owned() });
        // What no script ever led goes by routing queues (WAP-04); what a script left goes to the last resort.
        if reason == NO_LIVE_FLOW
            && let Some(touchpoint) = self.settings()
        {
            let at = (&self.interaction.touchpoint, touchpoint);
            let (_, requirement, priority) = served_by(self.world.catalogue, at, &self.interaction.contact);
            (self.interaction.requirement, self.interaction.priority) = (requirement, priority);
        } else {
            // A skill that does not exist would find nobody: then any agent will do.
            let skill = self.default_skill().filter(|skill| self.world.catalogue.skills.contains_key(skill));
            let skills = skill.into_iter().map(|skill| (skill, Level::WORST)).collect();
            self.interaction.requirement = Requirement { skills, supervisor: false };
        }
        match self.claim {
            Claim::None | Claim::WrapUp => self.enqueue(),
            Claim::InLine => self.amend(),
            Claim::WithAgent => {}
        }
    }
}

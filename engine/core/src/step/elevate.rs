//! A flow takes its conversation to one channel more.
//!
//! What it deliberately does not do: it judges no pair of channels and no address; [`crate::elevation`] does.

use std::sync::Arc;

use routewright_flows::Words;

use super::{Claim, Turn};
use crate::{
    capacity::{Leg, LegRefusal, Reach, Request},
    effect::Action,
    elevation::{self, Elevation},
    fact::Fact,
    node::Fault,
};

impl Turn<'_> {
    /// Takes the conversation to one channel more (MAX-08). A contact who waits, or will, is then given to an agent who
    /// has room for all of its channels; an e-mail or a text message with a `body` goes out at once, a call when an agent
    /// has taken the conversation.
    ///
    /// # Errors
    /// A fault when none of its channels leads there, when something is missing, or when its agent has no room for it.
    pub fn elevate(&mut self, to: &Elevation) -> Result<(), Fault> {
        let channel = to.channel;
        let id = self.interaction.id;
        let own = self.interaction.channel;
        let told = &self.interaction.legs;
        let refused = match self.claim {
            Claim::InLine | Claim::WithAgent => self.world.capacity.refuses_leg(id, channel),
            Claim::None | Claim::WrapUp => {
                let from = || std::iter::once(own).chain(told.iter().map(|leg| leg.channel));
                let leads = from().any(|from| elevation::targets(from).contains(&channel));
                (!leads || from().any(|own| own == channel)).then_some(LegRefusal::NotElevated)
            }
        };
        match refused {
            None => {}
            Some(LegRefusal::NotElevated) => {
                return Err(Fault::new(
                    "not-elevated",
                    format!(
                        "interaction {id} cannot be elevated to '{channel}': none of its channels leads there, or it is there already"
                    ),
                    format!(
                        "l’interaction {id} ne peut pas passer au canal « {channel} » : aucun de ses canaux n’y mène, ou elle y est déjà"
                    ),
                ));
            }
            Some(LegRefusal::NoRoom(_)) => {
                return Err(Fault::new(
                    "no-room",
                    format!("the agent of interaction {id} has no room for channel '{channel}'"),
                    format!("l’agent de l’interaction {id} n’a pas de place pour le canal « {channel} »"),
                ));
            }
        }
        let line = to.line(self.world.catalogue).map_err(|refusal| {
            let Words { en, fr } = refusal.words();
            Fault::new(refusal.code(), en, fr)
        })?;
        let reach = Reach { touchpoint: line, address: to.address.as_str().into() };
        let leg = Leg::open(channel, reach.clone());
        match self.claim {
            Claim::InLine | Claim::WithAgent => {
                self.log.requests.push(Request::Elevate { interaction: id, by: None, leg });
            }
            Claim::None | Claim::WrapUp => self.interaction.legs.push(leg),
        }
        let Reach { touchpoint, address } = reach;
        let agent = self.interaction.agent.clone();
        self.fact(Fact::Elevated {
            channel,
            touchpoint: touchpoint.clone(),
            address: Arc::clone(&address),
            agent: None,
        });
        if to.body.is_some() || agent.is_some() {
            let (subject, body) = (to.subject.clone(), to.body.clone());
            self.effect(Action::Reach { touchpoint, address, agent, subject, body });
        }
        Ok(())
    }
}

//! Why capacity refuses what it is asked.

use routewright_flows::Channel;

use super::Why;
use crate::id::{AgentId, InteractionId, OfferId, StatusId, TouchpointId};

/// Why a request was refused. A refused request changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CapacityRefusal {
    /// The offer was never made to this agent, or is over.
    #[error("offer {offer} is not open for agent '{agent}': it expired, was withdrawn, or was answered")]
    OfferGone {
        /// Which.
        offer: OfferId,
        /// Who answered.
        agent: AgentId,
    },
    /// The agent does not hold the interaction in the state that the request needs.
    #[error("interaction {interaction} is not with agent '{agent}', or not at a point where he can do this")]
    NotYours {
        /// Which.
        interaction: InteractionId,
        /// Who tried.
        agent: AgentId,
    },
    /// The agent is not in the catalogue.
    #[error("agent '{0}' does not exist: create him first")]
    UnknownAgent(AgentId),
    /// The agent is not there.
    #[error("agent '{0}' is offline: set a presence first")]
    AgentOffline(AgentId),
    /// The interaction is not in line: it never was, or an agent has it.
    #[error("interaction {0} is not in line: only a contact who waits or is offered can change what it waits for")]
    NotWaiting(InteractionId),
    /// The agent's profile has no status of this name.
    #[error("agent '{agent}' has no status '{name}': choose one of his handling profile")]
    UnknownStatus {
        /// Who.
        agent: AgentId,
        /// What he chose.
        name: StatusId,
    },
    /// The agent's profile does not let him ask for contacts (MAX-05).
    #[error("agent '{0}' may not ask for contacts: set `pull` in his handling profile")]
    MayNotPull(AgentId),
    /// Nobody waits whom the agent could take.
    #[error("nobody waits whom agent '{0}' could take")]
    NothingToPull(AgentId),
    /// The contact cannot be given to this agent.
    #[error("interaction {interaction} cannot go to agent '{agent}' ({}): choose another agent, or force it", why.code())]
    DoesNotFit {
        /// Which.
        interaction: InteractionId,
        /// To whom.
        agent: AgentId,
        /// The first test that fails.
        why: Why,
    },
    /// The conversation cannot go on over this channel too: it does already, or none of its channels leads there (MAX-08).
    #[error(
        "interaction {interaction} cannot be elevated to '{channel}': none of its channels leads there, or it is there already"
    )]
    NotElevated {
        /// Which.
        interaction: InteractionId,
        /// To which channel.
        channel: Channel,
    },
    /// The agent has set aside as many conversations as he may.
    #[error("agent '{agent}' may set aside {max} conversations and has: take one up first, or raise `parked_max`")]
    ParkedEnough {
        /// Who.
        agent: AgentId,
        /// How many.
        max: u32,
    },
    /// The provider allows no more conversations to be begun by us today (WAP-08).
    #[error("{max} conversations were begun at touchpoint '{touchpoint}' within a day: its provider allows no more")]
    BegunEnough {
        /// Where.
        touchpoint: TouchpointId,
        /// How many are allowed.
        max: u32,
    },
    /// No agent completes a record of the interaction.
    #[error("interaction {0} has no wrap-up: its length can be set only between the close and the end of the record")]
    NoWrapUp(InteractionId),
}

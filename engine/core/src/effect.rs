//! Effects: what must be done outside, in the imperative. The runtime performs them after the commit that made them,
//! at least once, under an id that never changes.

use std::{fmt, sync::Arc};

use routewright_flows::Channel;
use serde::{Deserialize, Serialize};

use crate::{
    call::Call,
    contact::Said,
    id::{AgentId, InteractionId, TenantId, TouchpointId},
};

/// Something to do outside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// Its idempotency key.
    pub id: EffectId,
    /// Whose.
    pub tenant: TenantId,
    /// What.
    #[serde(flatten)]
    pub action: Action,
}

impl Effect {
    /// True when the answer to a contact's own message carries it, so that nobody has to perform it.
    #[must_use]
    pub fn is_in_answer(&self) -> bool {
        matches!(self.action, Action::SendMessage { in_answer: true, .. })
    }
}

/// The idempotency key of an effect: `(interaction, turn, index)`, shown as `i42.7.0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EffectId {
    /// The interaction.
    pub interaction: InteractionId,
    /// Its turn.
    pub turn: u64,
    /// The place among the turn's effects.
    pub index: u32,
}

impl fmt::Display for EffectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.interaction, self.turn, self.index)
    }
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Action {
    /// Send the contact a message. Sent in the answer to his own message when it belongs to that turn
    /// (`in_answer`), else put on the touchpoint's outbox.
    SendMessage {
        /// Through which touchpoint.
        touchpoint: TouchpointId,
        /// To which address.
        address: Arc<str>,
        /// What.
        said: Said,
        /// True when the answer to the contact's own request carries it.
        in_answer: bool,
    },
    /// Tell the contact's touchpoint that the conversation is over.
    EndConversation {
        /// Through which touchpoint.
        touchpoint: TouchpointId,
        /// To which address.
        address: Arc<str>,
    },
    /// Ask another system for something. What comes of it is an input,
    /// [`CallAnswered`](crate::event::CallAnswered), under this effect's id.
    Call(Call),
    /// Reach the contact of an elevated conversation on another channel: call the number and put the agent through, or
    /// send the message.
    Reach {
        /// Through which touchpoint.
        touchpoint: TouchpointId,
        /// Which number or mailbox.
        address: Arc<str>,
        /// Who talks with him there; none while nobody has the conversation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<AgentId>,
        /// The subject of an e-mail.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<String>,
        /// What is sent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<String>,
    },
    /// Show an agent's desk what the contact wrote.
    ShowAgent {
        /// Whose desk.
        agent: AgentId,
        /// What the contact wrote.
        text: String,
        /// On which channel, when it is not the one by which the contact came.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        channel: Option<Channel>,
    },
}

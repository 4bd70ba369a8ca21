//! The channels that interactions arrive on.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A medium of conversation (MAX-01, WAP-01).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A WhatsApp business number.
    Whatsapp,
    /// The chat widget of a web page; MAX calls it chat.
    Webchat,
    /// Text messages.
    Sms,
    /// E-mail.
    Email,
    /// A call, through a voice bridge.
    Voice,
    /// A recorded message.
    Voicemail,
    /// A task from another system.
    WorkItem,
}

impl Channel {
    /// Every channel, in declaration order.
    pub const ALL: [Self; 7] =
        [Self::Whatsapp, Self::Webchat, Self::Sms, Self::Email, Self::Voice, Self::Voicemail, Self::WorkItem];

    /// The name used in documents.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Whatsapp => "whatsapp",
            Self::Webchat => "webchat",
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Voice => "voice",
            Self::Voicemail => "voicemail",
            Self::WorkItem => "work_item",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

//! The person on the other side, and what is said both ways.

use std::{collections::BTreeMap, sync::Arc};

use routewright_flows::{Locale, Words};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::{AgentId, TenantId, TouchpointId};

/// Who writes to us.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    /// The address on the channel: a number, a mailbox, a widget's visitor id.
    pub address: Arc<str>,
    /// The name the channel gave, when it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The language to answer in.
    pub locale: Locale,
    /// What the touchpoint told of him (`contact.fields.tier`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Value>,
}

/// What finds a contact's conversation again: one live interaction per touchpoint and address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ContactKey {
    /// The tenant.
    pub tenant: TenantId,
    /// The touchpoint.
    pub touchpoint: TouchpointId,
    /// The address on its channel.
    pub address: Arc<str>,
}

/// What a contact or an agent sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The text; the label of the option when an option was tapped and the channel sent no text.
    #[serde(default)]
    pub text: String,
    /// The id of the option that was tapped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<String>,
}

/// What a contact is sent: a text, and options to tap where the channel has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The text in the contact's language, expressions filled in.
    pub text: String,
    /// Options, each with the id that comes back as [`Message::choice`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<SaidOption>,
    /// What goes with the text where the channel can carry it; the text alone says as much as the contact needs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attached: Vec<Attached>,
    /// Whose words they are.
    pub by: Speaker,
}

/// Something that goes with a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "attached", rename_all = "snake_case", deny_unknown_fields)]
pub enum Attached {
    /// A file that the channel shows.
    Media {
        /// What it is.
        kind: MediaKind,
        /// Where the channel's provider fetches it.
        url: String,
        /// Its name for people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    /// An address to open.
    Link {
        /// The address.
        url: String,
        /// What the contact reads.
        label: String,
    },
    /// A message that the provider approved beforehand and fills in; then the text is what it comes to.
    Template {
        /// Its name at the provider.
        name: String,
        /// Its language at the provider.
        language: String,
        /// What it is filled in with, in its order.
        parameters: Vec<String>,
    },
}

/// Kinds of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum MediaKind {
    Image,
    Video,
    Audio,
    Document,
}

/// An option of a menu or question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaidOption {
    /// Comes back when tapped.
    pub id: String,
    /// What the contact reads.
    pub label: String,
}

/// Whose words a message holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// The flow.
    Flow,
    /// An agent.
    Agent(AgentId),
}

/// The languages of the product's own words, for code that must choose one of [`Words`].
#[must_use]
pub fn in_language<'a>(words: &'a Words, locale: &Locale) -> &'a str {
    words.for_language(locale.as_str())
}

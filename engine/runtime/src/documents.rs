//! Documents: what people write and keep, as JSON under a kind and an id, with a revision that rises at every change.
//!
//! What it deliberately does not do: it does not know what a document means; `configure` does, for the kinds that the
//! heart must know.

use std::{fmt, str::FromStr};

use routewright_engine::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Kinds of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// `TouchpointSettings`.
    Touchpoint,
    /// `SkillSettings`.
    Skill,
    /// `AgentSettings`.
    Agent,
    /// `ProfileSettings`.
    Profile,
    /// `CalendarSettings`.
    Calendar,
    /// `DefaultsSettings`; its id is `general` or a channel's name.
    Defaults,
    /// `AccountSettings`.
    Account,
    /// `RoleSettings`.
    Role,
    /// `RoutingQueueSettings`.
    RoutingQueue,
    /// `DispositionSettings`.
    Disposition,
    /// `QuestionnaireSettings`.
    Questionnaire,
    /// `TableSettings`.
    Table,
    /// A secret: its value, which nothing but the performer of calls reads.
    Secret,
    /// A node type that the tenant brought himself.
    NodeType,
    /// Words that agents have at hand.
    CannedAnswer,
    /// A `FlowDocument` as the editor saved it.
    FlowDraft,
    /// An immutable version of a flow; its id is `flow@3`.
    FlowVersion,
    /// Which version of a flow is live; its id is the flow's.
    Release,
    /// What was done with the versions of a flow; its id is `flow@` and the revision of the release.
    ReleaseNote,
    /// Totals of visits of a version; its id is the version's.
    Visits,
    /// What a flow must show before it is published; its id is the flow's.
    PublishingRule,
    /// An API key.
    ApiKey,
    /// A person signed in with a browser.
    Session,
    /// A line of the audit trail.
    Audit,
    /// The first answer to a request that carried an idempotency key.
    Idempotency,
    /// The tenant itself; its id is the tenant's.
    Tenant,
}

impl DocumentKind {
    /// Every kind.
    pub const ALL: [Self; 26] = [
        Self::Touchpoint,
        Self::Skill,
        Self::Agent,
        Self::Profile,
        Self::Calendar,
        Self::Defaults,
        Self::Account,
        Self::Role,
        Self::RoutingQueue,
        Self::Disposition,
        Self::Questionnaire,
        Self::Table,
        Self::Secret,
        Self::NodeType,
        Self::CannedAnswer,
        Self::FlowDraft,
        Self::FlowVersion,
        Self::Release,
        Self::ReleaseNote,
        Self::Visits,
        Self::PublishingRule,
        Self::ApiKey,
        Self::Session,
        Self::Audit,
        Self::Idempotency,
        Self::Tenant,
    ];

    /// True for kinds that the shard must know of; the others are only kept.
    #[must_use]
    pub const fn means_something(self) -> bool {
        match self {
            Self::Touchpoint
            | Self::Skill
            | Self::Agent
            | Self::Profile
            | Self::Calendar
            | Self::Defaults
            | Self::Account
            | Self::Role
            | Self::RoutingQueue
            | Self::Disposition
            | Self::Questionnaire
            | Self::Table
            | Self::Secret
            | Self::FlowVersion
            | Self::Release
            | Self::Tenant => true,
            Self::NodeType
            | Self::CannedAnswer
            | Self::FlowDraft
            | Self::ReleaseNote
            | Self::Visits
            | Self::PublishingRule
            | Self::ApiKey
            | Self::Session
            | Self::Audit
            | Self::Idempotency => false,
        }
    }

    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Touchpoint => "touchpoint",
            Self::Skill => "skill",
            Self::Agent => "agent",
            Self::Profile => "profile",
            Self::Calendar => "calendar",
            Self::Defaults => "defaults",
            Self::Account => "account",
            Self::Role => "role",
            Self::RoutingQueue => "routing_queue",
            Self::Disposition => "disposition",
            Self::Questionnaire => "questionnaire",
            Self::Table => "table",
            Self::Secret => "secret",
            Self::NodeType => "node_type",
            Self::CannedAnswer => "canned_answer",
            Self::FlowDraft => "flow_draft",
            Self::FlowVersion => "flow_version",
            Self::Release => "release",
            Self::ReleaseNote => "release_note",
            Self::Visits => "visits",
            Self::PublishingRule => "publishing_rule",
            Self::ApiKey => "api_key",
            Self::Session => "session",
            Self::Audit => "audit",
            Self::Idempotency => "idempotency",
            Self::Tenant => "tenant",
        }
    }
}

impl fmt::Display for DocumentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for DocumentKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

/// The store holds a kind of document that this build does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a kind of document that this version knows: it was written by a newer one")]
pub struct UnknownKind(pub String);

/// A document as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredDocument {
    /// Its id, unique in its tenant and kind.
    pub id: String,
    /// Rises by one at every change, from 1.
    pub revision: u64,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Who changed it last.
    pub by: String,
    /// What it says.
    pub body: Value,
}

/// The revision of a document after a change; 0 once it is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub u64);

/// What a writer believes of a document he changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Nothing: the last writer wins.
    Any,
    /// It does not exist yet.
    Absent,
    /// It exists, at whatever revision.
    Present,
    /// It is at this revision.
    Revision(u64),
}

impl Expect {
    /// True when what is there is what the writer believes.
    #[must_use]
    pub fn admits(self, found: Option<u64>) -> bool {
        match self {
            Self::Any => true,
            Self::Absent => found.is_none(),
            Self::Present => found.is_some(),
            Self::Revision(revision) => found == Some(revision),
        }
    }
}

/// One change of one document.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Creates or replaces it.
    Put {
        /// Its kind.
        kind: DocumentKind,
        /// Its id.
        id: String,
        /// What the writer believes is there.
        expect: Expect,
        /// What it says from now on.
        body: Value,
    },
    /// Removes it; removing one that is not there changes nothing.
    Delete {
        /// Its kind.
        kind: DocumentKind,
        /// Its id.
        id: String,
        /// What the writer believes is there.
        expect: Expect,
    },
}

impl Change {
    /// The kind, the id and what the writer believes is there.
    #[must_use]
    pub fn target(&self) -> (DocumentKind, &str, Expect) {
        match self {
            Self::Put { kind, id, expect, .. } | Self::Delete { kind, id, expect } => (*kind, id, *expect),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_back_from_its_stored_name() {
        for kind in DocumentKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).expect("a kind is JSON"), kind.as_str());
        }
        assert!("flows".parse::<DocumentKind>().is_err());
    }

    #[test]
    fn an_expectation_admits_what_it_says() {
        for (expect, absent, at_2, at_3) in [
            (Expect::Any, true, true, true),
            (Expect::Absent, true, false, false),
            (Expect::Present, false, true, true),
            (Expect::Revision(2), false, true, false),
        ] {
            assert_eq!(
                [expect.admits(None), expect.admits(Some(2)), expect.admits(Some(3))],
                [absent, at_2, at_3],
                "{expect:?}"
            );
        }
    }
}

//! Who makes the request, and whether his role reaches that far. Handlers ask in words (`who.author()?`); the table of
//! what each role may do is the set of those words and their users.
//!
//! A program sends its key as a bearer token. A browser has a session cookie, which it also sends when another site
//! makes it ask; hence a cookie changes nothing and opens no socket unless the page is one of this host.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use routewright_engine::{AgentId, TouchpointId};
use routewright_flows::Words;

use super::extract::text_header;
use crate::{
    door::Door,
    keys::{Principal, Role},
    problem::Problem,
    sessions::OpenSession,
};

/// The name of the session cookie.
pub(crate) const SESSION_COOKIE: &str = "rw_session";

impl FromRequestParts<Arc<Door>> for Principal {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, door: &Arc<Door>) -> Result<Self, Problem> {
        let bearer = text_header(&parts.headers, &header::AUTHORIZATION)?.and_then(|value| {
            let (scheme, key) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
        });
        if bearer.is_some() {
            return bearer.and_then(|key| door.keyring.find(key)).ok_or_else(Problem::unauthorised);
        }
        let session = session_of(door, &parts.headers)?.ok_or_else(Problem::unauthorised)?;
        if !parts.method.is_safe() || parts.headers.contains_key(header::UPGRADE) {
            of_this_host(&parts.headers)?;
        }
        door.keyring.holder(&session.key).filter(|who| who.tenant == session.tenant).ok_or_else(Problem::unauthorised)
    }
}

/// The session that the request's cookie opens.
pub(crate) fn session_of(door: &Door, headers: &HeaderMap) -> Result<Option<OpenSession>, Problem> {
    let cookies = text_header(headers, &header::COOKIE)?.unwrap_or_default();
    let mut pairs = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
    let cookie = pairs.find(|(name, _)| *name == SESSION_COOKIE);
    Ok(cookie.and_then(|(_, value)| door.sessions.find(value, door.now())))
}

/// Refuses what a page of another site asks for. A browser always says which site a change or a socket comes from;
/// what says nothing does not come from a browser, and holds no cookie.
pub(crate) fn of_this_host(headers: &HeaderMap) -> Result<(), Problem> {
    let origin = text_header(headers, &header::ORIGIN)?.unwrap_or_default();
    let host = text_header(headers, &header::HOST)?.unwrap_or_default();
    let of_origin = origin.split_once("://").map_or(origin, |(_, rest)| rest);
    if !host.is_empty() && of_origin.eq_ignore_ascii_case(host) { Ok(()) } else { Err(Problem::other_site()) }
}

impl Principal {
    /// Changes of settings and keys.
    pub(crate) fn administrator(&self) -> Result<(), Problem> {
        self.one_of(
            matches!(self.role, Role::Administrator),
            Words::new("an administrator's key", "une clé d’administrateur"),
        )
    }

    /// Changes of flows.
    pub(crate) fn author(&self) -> Result<(), Problem> {
        self.one_of(
            matches!(self.role, Role::Administrator | Role::Author),
            Words::new("an author's key", "une clé d’auteur"),
        )
    }

    /// Reading settings and flows.
    pub(crate) fn reader(&self) -> Result<(), Problem> {
        self.one_of(
            matches!(self.role, Role::Administrator | Role::Author | Role::Supervisor | Role::Agent { .. }),
            Words::new("the key of a person", "la clé d’une personne"),
        )
    }

    /// Watching everything that goes on.
    pub(crate) fn supervisor(&self) -> Result<(), Problem> {
        self.one_of(
            matches!(self.role, Role::Administrator | Role::Supervisor),
            Words::new("a supervisor's key", "une clé de superviseur"),
        )
    }

    /// What one agent does. An administrator may do it for him.
    pub(crate) fn acts_for(&self, agent: &AgentId) -> Result<(), Problem> {
        let his = matches!(&self.role, Role::Agent { agent: own } if own == agent);
        self.one_of(his || self.role == Role::Administrator, Role::Agent { agent: agent.clone() }.words())
    }

    /// Seeing one agent's desk: he, and those who watch.
    pub(crate) fn sees(&self, agent: &AgentId) -> Result<(), Problem> {
        self.supervisor().or_else(|_| self.acts_for(agent))
    }

    /// The agent whose key this is, for actions that only an agent takes.
    pub(crate) fn agent(&self) -> Result<&AgentId, Problem> {
        match &self.role {
            Role::Agent { agent } => Ok(agent),
            Role::Administrator | Role::Author | Role::Supervisor | Role::Touchpoint { .. } | Role::Visitor { .. } => {
                Err(Problem::forbidden(&Words::new("an agent's key", "une clé d’agent")))
            }
        }
    }

    /// What one touchpoint delivers and sends. An administrator may do it for tests.
    pub(crate) fn speaks_for(&self, touchpoint: &TouchpointId) -> Result<(), Problem> {
        let its_own = matches!(&self.role, Role::Touchpoint { touchpoint: own } if own == touchpoint);
        self.one_of(
            its_own || self.role == Role::Administrator,
            Role::Touchpoint { touchpoint: touchpoint.clone() }.words(),
        )
    }

    #[expect(clippy::unused_self, reason = "reads as a sentence beside the tests above")]
    fn one_of(&self, allowed: bool, needed: Words) -> Result<(), Problem> {
        if allowed { Ok(()) } else { Err(Problem::forbidden(&needed)) }
    }
}

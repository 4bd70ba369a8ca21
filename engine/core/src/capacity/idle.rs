//! Why an agent takes nothing more: what waits that he could take, and what keeps each of it from him.
//!
//! A queue is answered for as a whole. Presence, channel, skills and capacity are the same for everybody in it who goes on
//! over one channel; and what an agent bounced, he bounced every one of, or the next in line would be his.
//!
//! What it deliberately does not do: it decides nothing, and names no contact but the first of each line.

use std::sync::Arc;

use routewright_flows::{Channel, Words};

use super::{Capacity, Requirement, Why, agents::AgentIdx, queues::Class};
use crate::{
    event::PresenceStatus,
    id::{AgentId, InteractionId},
    limits::LINES_EXPLAINED_MAX,
    time::Timestamp,
};

/// The answer for one agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdleWhy {
    /// In one word.
    pub verdict: Idle,
    /// Channels of which he could take a contact now, if one came.
    pub takes: Vec<Channel>,
    /// Queues in which somebody waits, in the order in which they would be served; at most [`LINES_EXPLAINED_MAX`].
    pub lines: Vec<LineWhy>,
    /// How many more queues there are.
    pub more: usize,
}

/// Why he takes nothing more, in one word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Idle {
    /// His presence lets nothing new come.
    Presence(PresenceStatus),
    /// Nobody waits.
    NobodyWaits,
    /// Everybody who waits needs somebody else.
    NothingForHim,
    /// What keeps the first contact from him that he could serve.
    Kept(Why),
}

/// A queue in which somebody waits, as one agent sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineWhy {
    /// On which channel.
    pub channel: Channel,
    /// What it needs.
    pub requirement: Arc<Requirement>,
    /// How many wait.
    pub waiting: usize,
    /// Who is first.
    pub first: InteractionId,
    /// Since when that one waits.
    pub since: Timestamp,
    /// True when the agent can serve the queue, capacity and presence of the moment aside.
    pub serves: bool,
    /// What keeps the queue from him.
    pub why: Why,
}

impl Capacity {
    /// Why an agent takes nothing more. None when he is unknown.
    #[must_use]
    pub fn why_idle(&self, agent: &AgentId, now: Timestamp) -> Option<IdleWhy> {
        let idx = self.find(agent)?;
        let row = &self.agents[idx.at()];
        let mut heads: Vec<_> =
            self.classes.iter().filter_map(|(at, class)| Some((class.line.head(now)?, at, class))).collect();
        heads.sort_unstable_by_key(|(place, at, _)| (*place, *at));
        let more = heads.len().saturating_sub(LINES_EXPLAINED_MAX);
        let lines: Vec<LineWhy> = heads
            .into_iter()
            .take(LINES_EXPLAINED_MAX)
            .filter_map(|(place, at, class)| self.line_why(place.interaction, class, self.can_serve(idx, at), agent))
            .collect();
        let verdict = if !row.is_available() {
            Idle::Presence(row.status)
        } else if lines.is_empty() {
            Idle::NobodyWaits
        } else {
            let his = lines.iter().find(|line| line.serves);
            his.map_or(Idle::NothingForHim, |line| Idle::Kept(line.why.clone()))
        };
        Some(IdleWhy { verdict, takes: self.takes(idx), lines, more })
    }

    fn line_why(&self, first: InteractionId, class: &Class, serves: bool, agent: &AgentId) -> Option<LineWhy> {
        Some(LineWhy {
            channel: class.channel,
            requirement: Arc::clone(&class.requirement),
            waiting: class.line.len(),
            first,
            since: self.work(first)?.since,
            serves,
            why: self.why(first, agent)?,
        })
    }

    fn takes(&self, agent: AgentIdx) -> Vec<Channel> {
        let takes = self.agents[agent.at()].standing.takes;
        Channel::ALL.into_iter().filter(|channel| takes.contains(*channel)).collect()
    }
}

impl Idle {
    /// A stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Presence(status) => Why::Presence(*status).code(),
            Self::NobodyWaits => "nobody-waits",
            Self::NothingForHim => "nothing-for-him",
            Self::Kept(why) => why.code(),
        }
    }

    /// The sentence in both languages.
    #[must_use]
    pub fn words(&self) -> Words {
        match self {
            Self::Presence(status) => Why::Presence(*status).words(),
            Self::NobodyWaits => Words::new("nobody waits", "personne n’attend"),
            Self::NothingForHim => Words::new(
                "those who wait need what this agent does not offer: another skill, level, channel or role",
                "ceux qui attendent demandent ce que cet agent n’offre pas : autre compétence, niveau, canal ou rôle",
            ),
            Self::Kept(why) => why.words(),
        }
    }
}

//! How long a contact may be at one node without a word and without an agent, as the node itself says of its
//! configuration. The check sums these up over every way through a flow ([`Lifetime`](crate::lifetime::Lifetime)).
//!
//! What it deliberately does not do: it says nothing of the way there, of the way on, or of how likely any of it is.

use std::{collections::BTreeMap, time::Duration};

use crate::name::FlowId;

/// What a node says of its waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stay {
    /// It waits by itself.
    Own(Waits),
    /// It waits as long as the flow that it calls, and leaves by the exit that is named like that flow's end, else by
    /// `done`.
    Called(FlowId),
    /// It waits by itself, while a flow runs that may take the contact to another flow for good.
    Beside(Waits, FlowId),
    /// It hands the contact to another flow for good.
    Gone(FlowId),
}

/// The waits of a node, each the longest that can be. What is said on leaving counts as said before leaving.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waits {
    /// From coming to the node to its first word; `None` for one that says nothing, or may leave before it does.
    pub first: Option<Duration>,
    /// Between two of its words, and from an agent's leaving the contact to its next word.
    pub between: Option<Duration>,
    /// On leaving by a fault.
    pub fault: Leaving,
    /// On leaving by one of these exits.
    pub by: BTreeMap<&'static str, Leaving>,
    /// On leaving by any other exit, and on ending the flow.
    pub otherwise: Leaving,
    /// How many times in a row it leaves by an exit that repeats.
    pub rounds: Option<u32>,
}

/// A way to leave a node, each part `None` where it cannot be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Leaving {
    /// Since coming to the node, when nothing was said at it and no agent had the contact.
    pub quiet: Option<Duration>,
    /// Since its last word, or since an agent had the contact.
    pub after: Option<Duration>,
}

impl Leaving {
    /// Nothing was said for at most so long.
    #[must_use]
    pub fn quiet(longest: Duration) -> Self {
        Self { quiet: Some(longest), after: None }
    }

    /// The last word, or the agent, is at most so long ago.
    #[must_use]
    pub fn after(longest: Duration) -> Self {
        Self { quiet: None, after: Some(longest) }
    }
}

impl Waits {
    /// A node that says nothing and waits at most so long.
    #[must_use]
    pub fn silent(longest: Duration) -> Self {
        let leaving = Leaving::quiet(longest);
        Self { first: None, between: None, fault: leaving, by: BTreeMap::new(), otherwise: leaving, rounds: None }
    }

    /// A node that speaks as soon as it is come to, and again whenever it goes on waiting after at most so long; unless
    /// it cannot, which is a fault.
    #[must_use]
    pub fn asking(longest: Duration) -> Self {
        Self {
            first: Some(Duration::ZERO),
            between: Some(longest),
            fault: Leaving { quiet: Some(Duration::ZERO), after: Some(longest) },
            by: BTreeMap::new(),
            otherwise: Leaving::after(longest),
            rounds: None,
        }
    }

    /// A node that goes on at once and says nothing.
    #[must_use]
    pub fn passing() -> Self {
        Self::silent(Duration::ZERO)
    }

    /// A node that speaks and goes on at once.
    #[must_use]
    pub fn speaking() -> Self {
        Self::asking(Duration::ZERO)
    }

    /// Another way to leave by one exit.
    #[must_use]
    pub fn by(mut self, exit: &'static str, leaving: Leaving) -> Self {
        self.by.insert(exit, leaving);
        self
    }

    /// What it says of an exit.
    #[must_use]
    pub fn leaving(&self, exit: &str) -> Leaving {
        self.by.get(exit).copied().unwrap_or(self.otherwise)
    }
}

/// How long contacts have for an answer where a node says nothing: the catalogue's own times for the channels of a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnswerTimes {
    /// The longest that the catalogue gives on any of the channels.
    longest: Option<Duration>,
    /// True when it says nothing for some channel.
    unsaid: bool,
}

impl Default for AnswerTimes {
    /// A catalogue that says nothing.
    fn default() -> Self {
        Self { longest: None, unsaid: true }
    }
}

impl AnswerTimes {
    /// The times of each channel; `None` for one of which nothing is said.
    #[must_use]
    pub fn of(channels: impl IntoIterator<Item = Option<Duration>>) -> Self {
        let start = Self { longest: None, unsaid: false };
        let times = channels
            .into_iter()
            .fold(start, |times, one| Self { longest: times.longest.max(one), unsaid: times.unsaid || one.is_none() });
        if times == start { Self::default() } else { times }
    }

    /// The longest that a question waits which takes `otherwise` where nothing is said.
    #[must_use]
    pub fn or(self, otherwise: Duration) -> Duration {
        let unsaid = self.unsaid.then_some(otherwise);
        self.longest.max(unsaid).unwrap_or(otherwise)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::AnswerTimes;

    #[test]
    fn t_01_the_longest_time_of_any_channel_counts() {
        let [short, own, long] = [1, 10, 60].map(|minutes| Duration::from_secs(60 * minutes));
        for (channels, longest) in [
            (vec![], own),
            (vec![None], own),
            (vec![Some(short)], short),
            (vec![Some(short), None], own),
            (vec![Some(long), None, Some(short)], long),
        ] {
            assert_eq!(AnswerTimes::of(channels.clone()).or(own), longest, "{channels:?}");
        }
        assert_eq!(AnswerTimes::default().or(own), own);
    }
}

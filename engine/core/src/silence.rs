//! One conversation's silences: who wrote last, whom that leaves waiting, and which timers run on it (T-05..T-12,
//! T-16..T-18). All hang on one object, so that one message restarts or stops them together.
//!
//! A deadline is a function of this object and of the settings; nothing else is stored of it. A timer that fired is
//! marked and fires again only in another silence: exactly one effect. Restarting is one store.
//!
//! What it deliberately does not do: it performs nothing; the switchboard does, when a timer fires. T-01 and T-02 are
//! alarms of nodes; T-03, T-04, T-13..T-15 and T-19 are capacity's; T-20 is read when a contact comes again.
//!
//! | timer | runs from | stops | after an outage |
//! | --- | --- | --- | --- |
//! | T-05 first response | accept | agent wrote | grace |
//! | T-06 agent response | first unanswered message | agent wrote | grace |
//! | T-07 customer response | agent wrote | contact wrote | credit |
//! | T-08 visitor timeout | contact wrote, or accept | end | credit |
//! | T-09 warning | before T-08 | with T-08 | skip |
//! | T-10 nudge, T-11 re-engagement | as T-08 | as T-08 | credit |
//! | T-12 disconnected | desk gone | desk back | paced |
//! | T-16, T-17 promises | opened | agent wrote; end | fire |
//!
//! A touchpoint may choose another policy for each of them (`restart`).

#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    calendar::Calendar,
    catalogue::{ConversationSettings, Open, ServiceTimes},
    fact::Fact,
    id::CalendarId,
    limits::OUTAGE_GRACE,
    time::Timestamp,
};

/// A timer of a conversation. At one instant the first of this order fires first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Care {
    /// T-05.
    FirstResponse,
    /// T-06.
    AgentResponse,
    /// T-09.
    Warning,
    /// T-10.
    Nudge,
    /// T-11.
    Reengagement,
    /// T-12.
    Disconnected,
    /// T-07.
    CustomerResponse,
    /// T-08.
    VisitorTimeout,
    /// T-16.
    FirstResponsePromise,
    /// T-17.
    ResolutionPromise,
}

/// What becomes of a deadline that passed while the process was down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RestartPolicy {
    /// It fires at once.
    Fire,
    /// It fires a while after the restart: nobody could act meanwhile.
    Grace,
    /// It is later by the length of the outage: nobody is thrown out for it.
    Credit,
    /// It does not fire.
    Skip,
    /// It waits for its turn: so many fire in a second, in the order in which they were due
    /// ([`PACED_PER_SECOND`](crate::limits::PACED_PER_SECOND)).
    Paced,
}

impl Care {
    /// What an outage does to it.
    #[must_use]
    pub fn restart_policy(self) -> RestartPolicy {
        match self {
            Self::FirstResponse | Self::AgentResponse => RestartPolicy::Grace,
            Self::CustomerResponse | Self::VisitorTimeout | Self::Nudge | Self::Reengagement => RestartPolicy::Credit,
            Self::Warning => RestartPolicy::Skip,
            Self::Disconnected => RestartPolicy::Paced,
            Self::FirstResponsePromise | Self::ResolutionPromise => RestartPolicy::Fire,
        }
    }

    /// The promise that it breaks.
    #[must_use]
    pub fn promise(self) -> Option<Promised> {
        match self {
            Self::FirstResponsePromise => Some(Promised::FirstResponse),
            Self::ResolutionPromise => Some(Promised::Resolution),
            Self::FirstResponse
            | Self::AgentResponse
            | Self::Warning
            | Self::Nudge
            | Self::Reengagement
            | Self::Disconnected
            | Self::CustomerResponse
            | Self::VisitorTimeout => None,
        }
    }

    /// True for those that a new message of the contact starts afresh.
    fn is_of_silence(self) -> bool {
        match self {
            Self::Warning | Self::Nudge | Self::Reengagement | Self::CustomerResponse | Self::VisitorTimeout => true,
            Self::FirstResponse
            | Self::AgentResponse
            | Self::Disconnected
            | Self::FirstResponsePromise
            | Self::ResolutionPromise => false,
        }
    }
}

/// The last time that the process was down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outage {
    /// The last instant before it.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
}

impl Outage {
    /// A deadline that began to run at `start`, as the outage leaves it; none when it is skipped.
    #[must_use]
    pub fn applied(self, policy: RestartPolicy, start: Timestamp, deadline: Timestamp) -> Option<Timestamp> {
        let began_before = start <= self.from;
        let passed = self.held(deadline);
        match policy {
            RestartPolicy::Fire => Some(deadline),
            RestartPolicy::Grace if began_before && self.from < deadline => Some(deadline.max(self.to + OUTAGE_GRACE)),
            RestartPolicy::Credit if began_before && self.from < deadline => Some(deadline + self.length()),
            RestartPolicy::Skip if passed => None,
            RestartPolicy::Paced if passed => Some(self.to),
            RestartPolicy::Grace | RestartPolicy::Credit | RestartPolicy::Skip | RestartPolicy::Paced => Some(deadline),
        }
    }

    /// True for an instant within it.
    fn held(self, at: Timestamp) -> bool {
        self.from < at && at <= self.to
    }

    fn length(self) -> Duration {
        self.to.since(self.from)
    }
}

/// The state of one conversation's silences.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Silence {
    /// When the agent who has it accepted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted_at: Option<Timestamp>,
    /// True once he wrote.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    answered: bool,
    /// When the contact last wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact_at: Option<Timestamp>,
    /// The contact's first message that no agent answered yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    unanswered_since: Option<Timestamp>,
    /// The agent's last message, while the contact has not answered it.
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_at: Option<Timestamp>,
    /// Since when the agent's desk is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    lost_at: Option<Timestamp>,
    /// How many times it was handed on because an agent was silent.
    #[serde(skip_serializing_if = "is_zero")]
    pub transfers: u8,
    /// What was promised, and whether it was kept.
    #[serde(skip_serializing_if = "Promises::is_empty")]
    pub promises: Promises,
    /// When a timer that passed during an outage may fire, as it takes its turn among many.
    #[serde(skip_serializing_if = "Option::is_none")]
    turn_at: Option<Timestamp>,
    /// True once the conversation is over: nothing runs any more.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    over: bool,
    /// Timers that fired in this silence, with this agent.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    fired: BTreeSet<Care>,
    /// When the next of its timers fires, as it was last computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(n: &u8) -> bool {
    *n == 0
}

/// What is promised to a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Promised {
    /// An agent's first answer.
    FirstResponse,
    /// The end.
    Resolution,
}

/// A promise, in business time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// By when.
    pub due: Timestamp,
    /// The calendar whose open hours were counted; none when every hour counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<CalendarId>,
    /// When it was done, in time or late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_at: Option<Timestamp>,
}

impl Promised {
    /// The timer that breaks it.
    fn breaker(self) -> Care {
        match self {
            Self::FirstResponse => Care::FirstResponsePromise,
            Self::Resolution => Care::ResolutionPromise,
        }
    }
}

impl Promise {
    /// How much business time is left to it; zero once it is broken (WAP-41).
    #[must_use]
    pub fn remaining(&self, calendar: Option<&Calendar>, now: Timestamp) -> Duration {
        calendar.map_or_else(|| self.due.since(now), |calendar| calendar.elapsed(now, self.due))
    }
}

/// How a promise stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PromiseState {
    /// There is still time.
    Running,
    /// It was done in time.
    Kept,
    /// Its instant came and it was not done.
    Broken,
    /// The conversation ended before it was done, and before its instant.
    Void,
}

/// What was promised.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Promises {
    /// An agent's first answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_response: Option<Promise>,
    /// The end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Promise>,
}

impl Promises {
    /// What is promised to a contact who comes at an instant. Without hours every hour counts; hours that never come
    /// again promise nothing.
    #[must_use]
    pub fn made(service: ServiceTimes, hours: Option<Open<'_>>, now: Timestamp) -> Self {
        let (calendar, id) = (hours.and_then(Open::calendar), hours.and_then(Open::id));
        let due = |length: Duration| calendar.map_or(Some(now + length), |calendar| calendar.due(now, length));
        let made = |length: routewright_flows::HumanDuration| {
            Some(Promise { due: due(length.get())?, hours: id.cloned(), done_at: None })
        };
        Self { first_response: service.first_response.and_then(made), resolution: service.resolution.and_then(made) }
    }

    /// What is on record of them when they are made.
    #[must_use]
    pub fn fact(&self) -> Fact {
        let due = |promise: &Option<Promise>| promise.as_ref().map(|promise| promise.due);
        Fact::Promised { first_response: due(&self.first_response), resolution: due(&self.resolution) }
    }

    fn of(&self, which: Promised) -> Option<&Promise> {
        match which {
            Promised::FirstResponse => self.first_response.as_ref(),
            Promised::Resolution => self.resolution.as_ref(),
        }
    }

    fn of_mut(&mut self, which: Promised) -> Option<&mut Promise> {
        match which {
            Promised::FirstResponse => self.first_response.as_mut(),
            Promised::Resolution => self.resolution.as_mut(),
        }
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Silence {
    /// Of a conversation that begins with promises.
    #[must_use]
    pub fn promising(promises: Promises) -> Self {
        Self { promises, ..Self::default() }
    }

    /// Something is promised from now on; what is left out stands. An answer that was given keeps its promise.
    pub fn promise(&mut self, promises: Promises) {
        if let Some(promise) = promises.first_response.filter(|_| !self.answered) {
            self.promises.first_response = Some(promise);
            self.fired.remove(&Care::FirstResponsePromise);
        }
        if let Some(promise) = promises.resolution {
            self.promises.resolution = Some(promise);
            self.fired.remove(&Care::ResolutionPromise);
        }
    }

    /// A promise, and how it stands.
    #[must_use]
    pub fn promised(&self, which: Promised) -> Option<(&Promise, PromiseState)> {
        let promise = self.promises.of(which)?;
        let state = match (self.fired.contains(&which.breaker()), promise.done_at, self.over) {
            (true, _, _) => PromiseState::Broken,
            (false, Some(_), _) => PromiseState::Kept,
            (false, None, true) => PromiseState::Void,
            (false, None, false) => PromiseState::Running,
        };
        Some((promise, state))
    }

    /// What was promised is done; gives the instant of a promise that is kept thereby.
    pub fn done(&mut self, which: Promised, now: Timestamp) -> Option<Timestamp> {
        let broken = self.fired.contains(&which.breaker());
        let promise = self.promises.of_mut(which).filter(|promise| promise.done_at.is_none())?;
        promise.done_at = Some(now);
        (!broken).then_some(promise.due)
    }

    /// The contact wrote: every silence of his is over, and one of the agent may begin.
    pub fn contact_wrote(&mut self, now: Timestamp) {
        self.contact_at = Some(now);
        self.unanswered_since.get_or_insert(now);
        (self.agent_at, self.turn_at) = (None, None);
        self.fired.retain(|care| !care.is_of_silence());
    }

    /// An agent took the conversation.
    pub fn accepted(&mut self, now: Timestamp) {
        self.leave();
        self.accepted_at = Some(now);
    }

    /// The agent wrote.
    pub fn agent_wrote(&mut self, now: Timestamp) {
        (self.answered, self.agent_at, self.unanswered_since) = (true, Some(now), None);
        self.fired.remove(&Care::AgentResponse);
        self.fired.remove(&Care::CustomerResponse);
    }

    /// The agent's desk is gone, or is back.
    pub fn connection(&mut self, lost: bool, now: Timestamp) {
        (self.lost_at, self.turn_at) = (lost.then_some(now), None);
        self.fired.remove(&Care::Disconnected);
    }

    /// The agent has it no more.
    pub fn leave(&mut self) {
        (self.accepted_at, self.answered, self.agent_at, self.lost_at) = (None, false, None, None);
        self.turn_at = None;
        self.fired.retain(|care| care.promise().is_some());
    }

    /// The conversation is over. What was promised stays to be read.
    pub fn end(&mut self) {
        self.leave();
        let (promises, fired) = (std::mem::take(&mut self.promises), std::mem::take(&mut self.fired));
        *self = Self { contact_at: self.contact_at, promises, fired, over: true, ..Self::default() };
    }

    /// True when the contact wrote at all.
    #[must_use]
    pub fn has_heard(&self) -> bool {
        self.contact_at.is_some()
    }

    /// Until when agents may write freely; none when there is no such limit (T-18).
    #[must_use]
    pub fn window_until(&self, settings: &ConversationSettings) -> Option<Timestamp> {
        Some(self.contact_at? + settings.messaging_window?.get())
    }

    /// Marks a timer as fired.
    pub fn fire(&mut self, care: Care) {
        self.fired.insert(care);
        self.turn_at = None;
    }

    /// True for a timer that has come, and passed during an outage after which many take turns: it has none yet.
    #[must_use]
    pub fn needs_turn(&self, care: Care, settings: &ConversationSettings, outage: Outage) -> bool {
        let mut running = self.running(settings).into_iter().flatten();
        running.any(|(runs, _, deadline)| {
            let policy = settings.policy(care);
            runs == care && policy == RestartPolicy::Paced && outage.held(self.in_turn(policy, deadline))
        })
    }

    /// A deadline that took a turn after an outage is at its turn from then on; another outage may hold that one too.
    fn in_turn(&self, policy: RestartPolicy, deadline: Timestamp) -> Timestamp {
        let turn = self.turn_at.filter(|_| policy == RestartPolicy::Paced);
        turn.map_or(deadline, |turn| turn.max(deadline))
    }

    /// Gives the timer that passed during an outage its turn.
    pub fn take_turn(&mut self, at: Timestamp) {
        self.turn_at = Some(at);
    }

    /// Computes when the next timer fires.
    pub fn rearm(&mut self, settings: &ConversationSettings, outage: Outage) {
        self.due = self.next(settings, outage).map(|(at, _)| at);
    }

    /// The timer that fires next.
    #[must_use]
    pub fn next(&self, settings: &ConversationSettings, outage: Outage) -> Option<(Timestamp, Care)> {
        let running = self.running(settings).into_iter().flatten().filter(|(care, _, _)| !self.fired.contains(care));
        let left = running.filter_map(|(care, start, deadline)| {
            let policy = settings.policy(care);
            Some((outage.applied(policy, start, self.in_turn(policy, deadline))?, care))
        });
        left.min()
    }

    /// Each timer that runs: since when, until when.
    fn running(&self, settings: &ConversationSettings) -> [Option<(Care, Timestamp, Timestamp)>; 10] {
        let from = |care: Care, start: Option<Timestamp>, length: Option<Duration>| {
            let (start, length) = (start?, length?);
            Some((care, start, start + length))
        };
        let first = settings.first_response.as_ref().map(|timer| timer.after.get());
        // The first answer is an answer too: one of the two timers runs on it, not both.
        let waits_for_first = !self.answered && first.is_some();
        let asked = self.accepted_at.zip(self.unanswered_since).map(|(accepted, asked)| accepted.max(asked));
        let silent = self.accepted_at.map(|accepted| self.contact_at.map_or(accepted, |wrote| wrote.max(accepted)));
        let timeout = settings.visitor_timeout.map(|timer| timer.get());
        let warning = timeout.zip(settings.warning).map(|(timeout, before)| timeout.saturating_sub(before.get()));
        let promised = |care: Care, promise: &Option<Promise>| {
            let runs = promise.as_ref().filter(|promise| promise.done_at.is_none() && !self.over);
            runs.map(|promise| (care, Timestamp(i64::MIN), promise.due))
        };
        [
            from(Care::FirstResponse, self.accepted_at.filter(|_| !self.answered), first),
            from(
                Care::AgentResponse,
                asked.filter(|_| !waits_for_first),
                settings.agent_response.as_ref().map(|timer| timer.after.get()),
            ),
            from(Care::Warning, silent, warning),
            from(Care::Nudge, silent, settings.nudge.as_ref().map(|timer| timer.after.get())),
            from(Care::Reengagement, silent, settings.reengagement.as_ref().map(|timer| timer.after.get())),
            from(Care::Disconnected, self.lost_at, settings.disconnected.as_ref().map(|timer| timer.after.get())),
            from(
                Care::CustomerResponse,
                self.agent_at.filter(|_| self.accepted_at.is_some()),
                settings.customer_response.map(|timer| timer.get()),
            ),
            from(Care::VisitorTimeout, silent, timeout),
            promised(Care::FirstResponsePromise, &self.promises.first_response),
            promised(Care::ResolutionPromise, &self.promises.resolution),
        ]
    }
}

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
//! | T-12 disconnected | desk gone | desk back | fire |
//! | T-16, T-17 promises | opened | agent wrote; end | fire |

use std::{collections::BTreeSet, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    calendar::Calendar,
    catalogue::{ConversationSettings, ServiceTimes},
    limits::OUTAGE_GRACE,
    time::Timestamp,
};

/// A timer of a conversation. At one instant the first of this order fires first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestartPolicy {
    /// It fires at once.
    Fire,
    /// It fires a while after the restart: nobody could act meanwhile.
    Grace,
    /// It is later by the length of the outage: nobody is thrown out for it.
    Credit,
    /// It does not fire.
    Skip,
}

impl Care {
    /// What an outage does to it.
    #[must_use]
    pub fn restart_policy(self) -> RestartPolicy {
        match self {
            Self::FirstResponse | Self::AgentResponse => RestartPolicy::Grace,
            Self::CustomerResponse | Self::VisitorTimeout | Self::Nudge | Self::Reengagement => RestartPolicy::Credit,
            Self::Warning => RestartPolicy::Skip,
            Self::Disconnected | Self::FirstResponsePromise | Self::ResolutionPromise => RestartPolicy::Fire,
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

    fn is_promise(self) -> bool {
        matches!(self, Self::FirstResponsePromise | Self::ResolutionPromise)
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
        let passed = self.from < deadline && deadline <= self.to;
        match policy {
            RestartPolicy::Fire => Some(deadline),
            RestartPolicy::Grace if began_before && self.from < deadline => Some(deadline.max(self.to + OUTAGE_GRACE)),
            RestartPolicy::Credit if began_before && self.from < deadline => Some(deadline + self.length()),
            RestartPolicy::Skip if passed => None,
            RestartPolicy::Grace | RestartPolicy::Credit | RestartPolicy::Skip => Some(deadline),
        }
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
    /// What was promised, until it is kept or over.
    #[serde(skip_serializing_if = "Promises::is_empty")]
    pub promises: Promises,
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

/// Instants by which something was promised, in business time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Promises {
    /// An agent's first answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_response: Option<Timestamp>,
    /// The end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Timestamp>,
}

impl Promises {
    /// What is promised to a contact who comes at an instant. Without a calendar every hour counts.
    #[must_use]
    pub fn made(service: ServiceTimes, calendar: Option<&Calendar>, now: Timestamp) -> Self {
        let due = |length: Duration| calendar.map_or(Some(now + length), |calendar| calendar.due(now, length));
        Self {
            first_response: service.first_response.and_then(|length| due(length.get())),
            resolution: service.resolution.and_then(|length| due(length.get())),
        }
    }

    /// How much business time is left to a promise; zero once it is broken (WAP-41).
    #[must_use]
    pub fn remaining(due: Timestamp, calendar: Option<&Calendar>, now: Timestamp) -> Duration {
        calendar.map_or_else(|| due.since(now), |calendar| calendar.elapsed(now, due))
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
        if let Some(due) = promises.first_response.filter(|_| !self.answered) {
            self.promises.first_response = Some(due);
            self.fired.remove(&Care::FirstResponsePromise);
        }
        if let Some(due) = promises.resolution {
            self.promises.resolution = Some(due);
            self.fired.remove(&Care::ResolutionPromise);
        }
    }

    /// The contact wrote: every silence of his is over, and one of the agent may begin.
    pub fn contact_wrote(&mut self, now: Timestamp) {
        self.contact_at = Some(now);
        self.unanswered_since.get_or_insert(now);
        self.agent_at = None;
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
        self.promises.first_response = None;
        self.fired.remove(&Care::AgentResponse);
        self.fired.remove(&Care::CustomerResponse);
    }

    /// The agent's desk is gone, or is back.
    pub fn connection(&mut self, lost: bool, now: Timestamp) {
        self.lost_at = lost.then_some(now);
        self.fired.remove(&Care::Disconnected);
    }

    /// The agent has it no more.
    pub fn leave(&mut self) {
        (self.accepted_at, self.answered, self.agent_at, self.lost_at) = (None, false, None, None);
        self.fired.retain(|care| care.is_promise());
    }

    /// The conversation is over.
    pub fn end(&mut self) {
        *self = Self { contact_at: self.contact_at, ..Self::default() };
    }

    /// Until when agents may write freely; none when there is no such limit (T-18).
    #[must_use]
    pub fn window_until(&self, settings: &ConversationSettings) -> Option<Timestamp> {
        Some(self.contact_at? + settings.messaging_window?.get())
    }

    /// Marks a timer as fired.
    pub fn fire(&mut self, care: Care) {
        self.fired.insert(care);
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
            Some((outage.applied(care.restart_policy(), start, deadline)?, care))
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
        let promised = |care: Care, due: Option<Timestamp>| due.map(|due| (care, Timestamp(i64::MIN), due));
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
            promised(Care::FirstResponsePromise, self.promises.first_response),
            promised(Care::ResolutionPromise, self.promises.resolution),
        ]
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};
    use serde_json::json;

    use super::*;

    const START: Timestamp = Timestamp(1_000_000);

    fn settings(settings: serde_json::Value) -> ConversationSettings {
        serde_json::from_value(settings).expect("settings")
    }

    fn at(seconds: u64) -> Timestamp {
        START + Duration::from_secs(seconds)
    }

    fn next(silence: &Silence, settings: &ConversationSettings) -> Option<(u64, Care)> {
        silence.next(settings, Outage::default()).map(|(at, care)| (at.since(START).as_secs(), care))
    }

    /// A contact who wrote at the start and was accepted ten seconds later.
    fn talking() -> Silence {
        let mut silence = Silence::default();
        silence.contact_wrote(START);
        silence.accepted(at(10));
        silence
    }

    #[test]
    fn t_05_the_first_response_runs_from_the_accept_to_the_agents_first_message() {
        let settings = settings(json!({ "first_response": { "after": "60s" } }));
        let mut silence = talking();
        assert_eq!(next(&silence, &settings), Some((70, Care::FirstResponse)));
        silence.contact_wrote(at(20));
        assert_eq!(next(&silence, &settings), Some((70, Care::FirstResponse)), "the contact does not restart it");
        silence.agent_wrote(at(30));
        assert_eq!(next(&silence, &settings), None);
        silence.accepted(at(50));
        assert_eq!(next(&silence, &settings), Some((110, Care::FirstResponse)), "a new owner starts it");
    }

    #[test]
    fn t_06_wap_35_dyd_07_unanswered_messages_keep_the_first_start() {
        let settings = settings(json!({ "agent_response": { "after": "60s" } }));
        let mut silence = talking();
        assert_eq!(next(&silence, &settings), Some((70, Care::AgentResponse)), "he waits since the accept");
        silence.agent_wrote(at(15));
        assert_eq!(next(&silence, &settings), None);
        silence.contact_wrote(at(20));
        silence.contact_wrote(at(40));
        assert_eq!(next(&silence, &settings), Some((80, Care::AgentResponse)));
    }

    #[test]
    fn t_05_t_06_the_first_answer_is_an_answer_too() {
        let settings = settings(json!({ "first_response": { "after": "90s" }, "agent_response": { "after": "30s" } }));
        let mut silence = talking();
        assert_eq!(next(&silence, &settings), Some((100, Care::FirstResponse)), "not both at once");
        silence.agent_wrote(at(20));
        silence.contact_wrote(at(25));
        assert_eq!(next(&silence, &settings), Some((55, Care::AgentResponse)));
    }

    #[test]
    fn t_07_wap_36_the_customer_response_runs_from_the_agents_last_message() {
        let settings = settings(json!({ "customer_response": "60s" }));
        let mut silence = talking();
        assert_eq!(next(&silence, &settings), None);
        silence.agent_wrote(at(20));
        silence.agent_wrote(at(40));
        assert_eq!(next(&silence, &settings), Some((100, Care::CustomerResponse)), "restarted by the agent");
        silence.contact_wrote(at(50));
        assert_eq!(next(&silence, &settings), None);
    }

    #[test]
    fn t_08_t_09_t_10_t_11_dyd_03_dyd_05_one_silence_carries_four_timers_and_one_message_restarts_them() {
        let settings = settings(json!({
            "visitor_timeout": "300s", "warning": "30s", "nudge": { "after": "60s", "text": {} },
            "reengagement": { "after": "120s", "text": {} },
        }));
        let mut silence = talking();
        silence.agent_wrote(at(12));
        let mut fired = Vec::new();
        while let Some((when, care)) = next(&silence, &settings) {
            fired.push((when, care));
            silence.fire(care);
        }
        let all = [Care::Nudge, Care::Reengagement, Care::Warning, Care::VisitorTimeout];
        assert_eq!(fired, [70, 130, 280, 310].into_iter().zip(all).collect::<Vec<_>>(), "once each, from the accept");
        silence.contact_wrote(at(305));
        assert_eq!(next(&silence, &settings), Some((365, Care::Nudge)), "another silence");
        silence.leave();
        assert_eq!(next(&silence, &settings), None, "all stop together");
    }

    #[test]
    fn t_12_dyd_09_the_notice_stops_when_the_desk_is_back() {
        let settings = settings(json!({ "disconnected": { "after": "15s", "text": {} } }));
        let mut silence = talking();
        silence.connection(true, at(30));
        assert_eq!(next(&silence, &settings), Some((45, Care::Disconnected)));
        silence.connection(false, at(40));
        assert_eq!(next(&silence, &settings), None);
    }

    #[test]
    fn t_16_t_17_wap_38_wap_39_p_15_promises_run_from_the_first_message() {
        let service = serde_json::from_value(json!({ "first_response": "1m", "resolution": "10m" })).expect("times");
        let settings = ConversationSettings::default();
        let mut silence = Silence { promises: Promises::made(service, None, START), ..Silence::default() };
        assert_eq!(next(&silence, &settings), Some((60, Care::FirstResponsePromise)));
        silence.accepted(at(10));
        silence.agent_wrote(at(20));
        assert_eq!(
            next(&silence, &settings),
            Some((600, Care::ResolutionPromise)),
            "an answer keeps the first promise"
        );
        silence.fire(Care::ResolutionPromise);
        silence.accepted(at(700));
        assert_eq!(next(&silence, &settings), None, "a promise is broken once");
    }

    #[test]
    fn t_18_wap_06_p_20_each_message_of_the_contact_opens_the_window_again() {
        let settings = settings(json!({ "messaging_window": "24h" }));
        let mut silence = talking();
        assert_eq!(silence.window_until(&settings), Some(at(86_400)));
        silence.agent_wrote(at(100));
        silence.contact_wrote(at(200));
        assert_eq!(silence.window_until(&settings), Some(at(86_600)));
        assert_eq!(silence.window_until(&ConversationSettings::default()), None);
    }

    #[test]
    fn each_restart_policy_does_what_it_says() {
        let outage = Outage { from: at(100), to: at(160) };
        for (policy, deadline, becomes) in [
            (RestartPolicy::Fire, 130, Some(130)),
            (RestartPolicy::Grace, 130, Some(160 + OUTAGE_GRACE.as_secs())),
            (RestartPolicy::Credit, 130, Some(190)),
            (RestartPolicy::Skip, 130, None),
            (RestartPolicy::Skip, 161, Some(161)),
            (RestartPolicy::Credit, 1_000, Some(1_060)),
            (RestartPolicy::Grace, 1_000, Some(1_000)),
            (RestartPolicy::Credit, 90, Some(90)),
        ] {
            assert_eq!(outage.applied(policy, at(0), at(deadline)), becomes.map(at), "{policy:?} {deadline}");
        }
        let after = outage.applied(RestartPolicy::Credit, at(170), at(200));
        assert_eq!(after, Some(at(200)), "what began after the outage is not touched by it");
    }

    proptest! {
        /// Whatever happens, a timer fires at most once between two events that start it, and a stored silence goes on
        /// as the one in memory.
        #[test]
        fn p_12_a_timer_fires_once_per_silence_and_survives_storage(
            events in vec((select(&[0_u8, 1, 2, 3, 4][..]), 0..100_u64), 1..60),
        ) {
            let settings = settings(json!({
                "visitor_timeout": "90s", "warning": "30s", "nudge": { "after": "20s", "text": {} },
                "agent_response": { "after": "40s" }, "customer_response": "50s",
            }));
            let (mut silence, mut now) = (talking(), 10);
            for (event, pause) in events {
                now += pause;
                let mut fired = BTreeSet::new();
                while let Some((_, care)) = next(&silence, &settings).filter(|(when, _)| *when <= now) {
                    prop_assert!(fired.insert(care), "{care:?} fired twice");
                    silence.fire(care);
                }
                match event {
                    0 => silence.contact_wrote(at(now)),
                    1 => silence.agent_wrote(at(now)),
                    2 => silence.accepted(at(now)),
                    3 => silence.leave(),
                    _ => silence.connection(pause % 2 == 0, at(now)),
                }
                silence.rearm(&settings, Outage::default());
                let stored = serde_json::to_string(&silence).expect("a silence is JSON");
                prop_assert_eq!(&serde_json::from_str::<Silence>(&stored).expect("and reads back"), &silence);
            }
        }
    }
}

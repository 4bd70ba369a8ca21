//! Service levels (P-15, WAP-32, WAP-37): how long contacts waited, who was served in time, which promises were kept.
//! Counted from facts alone, so that a recount of the journal gives the same figures.
//!
//! A level is a share, and the share depends on who is counted: four definitions stand side by side, each with its
//! formula, because those in use differ by three to eight points on the same traffic (V-02).
//!
//! A contact is counted where he began to wait: in that quarter of an hour, under each skill he waited for, under his
//! channel, and in all. He counts once he is taken, gave up, or was led elsewhere by the flow; who still waits is shown
//! apart. A conversation that is handed on is not counted again. A promise is counted when it is kept or broken.
//!
//! What it deliberately does not do: it decides nothing, and nothing that decides reads it.

use std::{collections::BTreeMap, time::Duration};

use routewright_flows::{Channel, Words};

use crate::{
    capacity::LineRefusal,
    fact::{DequeueReason, Fact, FactRecord},
    id::{InteractionId, SkillId},
    limits::SERVICE_WINDOW,
    silence::Promised,
    time::Timestamp,
};

/// Which contacts are counted into a service level, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Definition {
    /// Served in time, of all who came: the strict one.
    Offered,
    /// Served in time, of those served.
    Served,
    /// Served or gone in time, of all who came.
    AbandonsGood,
    /// Served in time, of all who came but those who were gone in time.
    ShortAbandonsOut,
}

impl Definition {
    /// All of them, the strict one first.
    pub const ALL: [Self; 4] = [Self::Offered, Self::Served, Self::AbandonsGood, Self::ShortAbandonsOut];

    /// Its stable name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Served => "served",
            Self::AbandonsGood => "abandons-good",
            Self::ShortAbandonsOut => "short-abandons-out",
        }
    }

    /// Its formula.
    #[must_use]
    pub fn formula(self) -> Words {
        match self {
            Self::Offered => Words::new("served in time / offered", "servis à temps / présentés"),
            Self::Served => Words::new("served in time / served", "servis à temps / servis"),
            Self::AbandonsGood => {
                Words::new("(served + abandoned in time) / offered", "(servis + abandons à temps) / présentés")
            }
            Self::ShortAbandonsOut => Words::new(
                "served in time / (offered - abandoned in time)",
                "servis à temps / (présentés - abandons à temps)",
            ),
        }
    }

    /// What stands above and below the line.
    #[must_use]
    pub fn share(self, figures: &Figures) -> (u64, u64) {
        let Figures { offered, served, served_in_time, abandoned_in_time, .. } = *figures;
        match self {
            Self::Offered => (served_in_time, offered),
            Self::Served => (served_in_time, served),
            Self::AbandonsGood => (served_in_time + abandoned_in_time, offered),
            Self::ShortAbandonsOut => (served_in_time, offered.saturating_sub(abandoned_in_time)),
        }
    }
}

/// What was counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Contacts who began to wait and wait no more.
    pub offered: u64,
    /// Those whom an agent took.
    pub served: u64,
    /// Those whom an agent took within the threshold.
    pub served_in_time: u64,
    /// Those who gave up.
    pub abandoned: u64,
    /// Those who gave up within the threshold.
    pub abandoned_in_time: u64,
    /// Those whom the flow led elsewhere.
    pub moved_on: u64,
    /// Those who found no place, or a service that closes; not among the offered.
    pub refused: u64,
    /// How long the served waited, together.
    pub served_wait: Duration,
    /// First answers promised: kept, broken.
    pub first_response: [u64; 2],
    /// Ends promised: kept, broken.
    pub resolution: [u64; 2],
}

/// Who waits now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InLine {
    /// How many.
    pub waiting: u64,
    /// How many of them longer than the threshold.
    pub late: u64,
    /// Since when the one who waits longest does.
    pub since: Option<Timestamp>,
}

/// Whose figures.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Of {
    /// Everybody's.
    All,
    /// Those of a channel.
    Channel(Channel),
    /// Those of a skill's queue.
    Skill(SkillId),
}

/// The books of one tenant over the last day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    quarters: BTreeMap<(Of, i64), Tally>,
    waiting: BTreeMap<InteractionId, Waiting>,
    /// The quarter of an hour of the latest fact.
    latest: i64,
}

/// One quarter of an hour. Waits are kept one by one, in milliseconds, so that any threshold can be asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Tally {
    served: Vec<u32>,
    abandoned: Vec<u32>,
    moved_on: u64,
    refused: u64,
    first_response: [u64; 2],
    resolution: [u64; 2],
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Waiting {
    since: Timestamp,
    channel: Channel,
    skills: Vec<SkillId>,
}

impl Ledger {
    /// True for facts that it counts; others may be kept from it.
    #[must_use]
    pub fn counts(fact: &Fact) -> bool {
        matches!(
            fact,
            Fact::Enqueued { .. }
                | Fact::OfferAccepted { .. }
                | Fact::Dequeued { .. }
                | Fact::LineRefused { .. }
                | Fact::PromiseJudged { .. }
        )
    }

    /// Enters what happened. Facts come in their order.
    pub fn enter(&mut self, record: &FactRecord) {
        let (at, id) = (record.at, record.interaction);
        match (&record.fact, id) {
            (Fact::Enqueued { channel, requirement, .. }, Some(id)) => {
                let skills = requirement.skills.keys().cloned().collect();
                self.waiting.insert(id, Waiting { since: at, channel: *channel, skills });
            }
            (Fact::OfferAccepted { .. }, Some(id)) => {
                self.settle(id, |tally, since| tally.served.push(wait(since, at)));
            }
            (Fact::Dequeued { reason: DequeueReason::Abandoned }, Some(id)) => {
                self.settle(id, |tally, since| tally.abandoned.push(wait(since, at)));
            }
            (Fact::Dequeued { reason: DequeueReason::FlowMovedOn }, Some(id)) => {
                self.settle(id, |tally, _| tally.moved_on += 1);
            }
            (Fact::LineRefused { why: LineRefusal::Full { skill, .. } | LineRefusal::Closing { skill, .. } }, _) => {
                for of in [Of::All, Of::Skill(skill.clone())] {
                    self.quarters.entry((of, quarter(at))).or_default().refused += 1;
                }
            }
            (Fact::PromiseJudged { promise, kept, channel, skills, .. }, _) => {
                for of in everywhere(*channel, skills) {
                    let tally = self.quarters.entry((of, quarter(at))).or_default();
                    let promised = match promise {
                        Promised::FirstResponse => &mut tally.first_response,
                        Promised::Resolution => &mut tally.resolution,
                    };
                    promised[usize::from(!kept)] += 1;
                }
            }
            _ => return,
        }
        self.pass(at);
    }

    /// What was counted from an instant on, by the quarter of an hour that it falls into.
    #[must_use]
    pub fn figures(&self, of: &Of, from: Timestamp, within: Duration) -> Figures {
        let within = u32::try_from(within.as_millis()).unwrap_or(u32::MAX);
        let in_time = |waits: &[u32]| count(waits.iter().filter(|wait| **wait <= within).count());
        let mut figures = Figures::default();
        for (_, tally) in self.quarters.range((of.clone(), quarter(from))..=(of.clone(), i64::MAX)) {
            let (served, abandoned) = (count(tally.served.len()), count(tally.abandoned.len()));
            figures.offered += served + abandoned + tally.moved_on;
            figures.served += served;
            figures.served_in_time += in_time(&tally.served);
            figures.abandoned += abandoned;
            figures.abandoned_in_time += in_time(&tally.abandoned);
            figures.moved_on += tally.moved_on;
            figures.refused += tally.refused;
            figures.served_wait += Duration::from_millis(tally.served.iter().map(|wait| u64::from(*wait)).sum());
            for (sum, more) in
                [(&mut figures.first_response, tally.first_response), (&mut figures.resolution, tally.resolution)]
            {
                sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
            }
        }
        figures
    }

    /// Who waits now.
    #[must_use]
    pub fn in_line(&self, of: &Of, now: Timestamp, within: Duration) -> InLine {
        let mut line = InLine::default();
        for waiting in self.waiting.values().filter(|waiting| waiting.is_of(of)) {
            line.waiting += 1;
            line.late += u64::from(within < now.since(waiting.since));
            line.since = line.since.into_iter().chain([waiting.since]).min();
        }
        line
    }

    /// When the quarter of an hour of an instant began.
    #[must_use]
    pub fn begins(at: Timestamp) -> Timestamp {
        Timestamp(quarter(at) * QUARTER_MS)
    }

    /// A contact waits no more.
    fn settle(&mut self, id: InteractionId, enter: impl Fn(&mut Tally, Timestamp)) {
        // Who began to wait before the books did is not in them.
        let Some(Waiting { since, channel, skills }) = self.waiting.remove(&id) else { return };
        for of in everywhere(channel, &skills) {
            enter(self.quarters.entry((of, quarter(since))).or_default(), since);
        }
    }

    /// Forgets what is older than the window, once in a quarter of an hour.
    fn pass(&mut self, at: Timestamp) {
        if self.latest < quarter(at) {
            self.latest = quarter(at);
            let oldest = quarter(at - SERVICE_WINDOW);
            self.quarters.retain(|(_, quarter), _| oldest <= *quarter);
        }
    }
}

impl Waiting {
    fn is_of(&self, of: &Of) -> bool {
        match of {
            Of::All => true,
            Of::Channel(channel) => self.channel == *channel,
            Of::Skill(skill) => self.skills.contains(skill),
        }
    }
}

fn everywhere(channel: Channel, skills: &[SkillId]) -> impl Iterator<Item = Of> + '_ {
    [Of::All, Of::Channel(channel)].into_iter().chain(skills.iter().cloned().map(Of::Skill))
}

fn wait(since: Timestamp, at: Timestamp) -> u32 {
    u32::try_from(at.since(since).as_millis()).unwrap_or(u32::MAX)
}

fn quarter(at: Timestamp) -> i64 {
    at.0.div_euclid(QUARTER_MS)
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

const QUARTER_MS: i64 = 15 * 60_000;

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};
    use serde_json::{Value, json};

    use super::*;

    const START: Timestamp = Timestamp(1_768_208_400_000);

    fn record(second: i64, id: u64, fact: Value) -> FactRecord {
        let mut record = json!({ "tenant": "t", "at": START.0 + second * 1_000, "interaction": format!("i{id}") });
        record.as_object_mut().expect("an object").extend(fact.as_object().expect("an object").clone());
        serde_json::from_value(record).expect("a fact")
    }

    fn enqueued(second: i64, id: u64) -> FactRecord {
        let fact =
            json!({ "fact": "enqueued", "channel": "sms", "requirement": { "skills": { "sales": 5 } }, "priority": 0 });
        record(second, id, fact)
    }

    fn ended(second: i64, id: u64, how: u8) -> FactRecord {
        record(
            second,
            id,
            match how {
                0 => json!({ "fact": "offer_accepted", "offer": "o1", "agent": "anna" }),
                1 => json!({ "fact": "dequeued", "reason": "abandoned" }),
                _ => json!({ "fact": "dequeued", "reason": "flow_moved_on" }),
            },
        )
    }

    #[test]
    fn p_15_wap_32_four_definitions_stand_side_by_side() {
        let mut ledger = Ledger::default();
        // Served after 5 and 50 seconds, gone after 10 and 100, led elsewhere after 30.
        for (id, after, how) in [(1, 5, 0), (2, 50, 0), (3, 10, 1), (4, 100, 1), (5, 30, 2)] {
            ledger.enter(&enqueued(0, id));
            ledger.enter(&ended(after, id, how));
        }
        ledger.enter(&enqueued(60, 6));
        let of_20 = |of: &Of| ledger.figures(of, START, Duration::from_secs(20));
        let figures = of_20(&Of::All);
        assert_eq!((figures.offered, figures.served, figures.abandoned, figures.moved_on), (5, 2, 2, 1));
        let shares = Definition::ALL.map(|definition| definition.share(&figures));
        assert_eq!(shares, [(1, 5), (1, 2), (2, 5), (1, 4)]);
        assert_eq!(figures.served_wait, Duration::from_secs(55));
        for of in [Of::Channel(Channel::Sms), Of::Skill(SkillId::new("sales").expect("a name"))] {
            assert_eq!(of_20(&of), figures);
        }
        assert_eq!(of_20(&Of::Channel(Channel::Webchat)), Figures::default());
        let minute = ledger.figures(&Of::All, START, Duration::from_secs(60));
        assert_eq!(Definition::Offered.share(&minute), (2, 5), "any threshold can be asked for");
        let line = ledger.in_line(&Of::All, START + Duration::from_secs(90), Duration::from_secs(20));
        assert_eq!(line, InLine { waiting: 1, late: 1, since: Some(START + Duration::from_secs(60)) });
    }

    #[test]
    fn a_day_is_kept_and_a_contact_counts_where_he_began_to_wait() {
        let mut ledger = Ledger::default();
        ledger.enter(&enqueued(890, 1));
        ledger.enter(&ended(910, 1, 0));
        let from = |second| ledger.figures(&Of::All, START + Duration::from_secs(second), Duration::ZERO).offered;
        assert_eq!((from(0), from(899), from(900)), (1, 1, 0), "START is on a quarter of an hour");
        let mut later = ledger.clone();
        later.enter(&enqueued(86_400 + 900, 2));
        assert_eq!(later.figures(&Of::All, Timestamp(0), Duration::ZERO).offered, 0, "a day has passed");
    }

    #[test]
    fn p_15_promises_are_counted_when_they_are_judged() {
        let mut ledger = Ledger::default();
        for (promise, kept) in [("first_response", true), ("first_response", false), ("resolution", true)] {
            let fact = json!({ "fact": "promise_judged", "promise": promise, "kept": kept, "due": START, "channel": "sms", "skills": ["sales"] });
            ledger.enter(&record(1, 1, fact));
        }
        let figures = ledger.figures(&Of::Channel(Channel::Sms), START, Duration::ZERO);
        assert_eq!((figures.first_response, figures.resolution), ([1, 1], [1, 0]));
    }

    proptest! {
        /// Whatever the order of their ends, contacts are neither lost nor counted twice, and each definition is a share.
        #[test]
        fn u_24_nobody_is_lost_or_counted_twice(
            contacts in vec((0_i64..5_000, 0_i64..400, 0_u8..3, any::<bool>()), 0..80), within in 0_u64..300,
        ) {
            let mut facts: Vec<_> = Vec::new();
            for (id, (begins, lasts, how, twice)) in (1..).zip(&contacts) {
                facts.push(enqueued(*begins, id));
                facts.push(ended(begins + lasts, id, *how));
                if *twice {
                    // A conversation that is handed on is taken again.
                    facts.push(ended(begins + lasts + 1, id, 0));
                }
            }
            facts.sort_by_key(|fact| (fact.at, fact.interaction, Ledger::counts(&fact.fact) && !matches!(fact.fact, Fact::Enqueued { .. })));
            let mut ledger = Ledger::default();
            facts.iter().for_each(|fact| ledger.enter(fact));
            let within = Duration::from_secs(within);
            let figures = ledger.figures(&Of::All, START, within);
            let of = |kind: u8, in_time: bool| {
                let mine = contacts.iter().filter(|(_, lasts, how, _)| {
                    *how == kind && (!in_time || Duration::from_secs(lasts.unsigned_abs()) <= within)
                });
                count(mine.count())
            };
            prop_assert_eq!(figures.offered, count(contacts.len()));
            prop_assert_eq!((figures.served, figures.served_in_time), (of(0, false), of(0, true)));
            prop_assert_eq!((figures.abandoned, figures.abandoned_in_time), (of(1, false), of(1, true)));
            prop_assert_eq!(figures.moved_on, of(2, false));
            prop_assert_eq!(ledger.in_line(&Of::All, START, within), InLine::default());
            for definition in Definition::ALL {
                let (part, whole) = definition.share(&figures);
                prop_assert!(part <= whole);
            }
        }
    }
}

//! Judges what a type says of its silences: each must be the longest that there is, whatever contacts, agents and other
//! systems do. The check adds them up to the longest silence of a flow, so one that is too short makes that figure a lie.
//!
//! What it deliberately does not do: flows that the node calls or hands the contact to are not its own; in the small world
//! they say nothing and end at once.

use std::time::Duration;

use routewright_engine::{
    fact::{Fact, FactRecord},
    node::Registry,
    rehearsal::Moment,
    time::Timestamp,
};
use routewright_flows::{AnswerTimes, Descriptor, Flavour, HumanDuration, Leaving, Stay, Waits, check::Kinds};
use serde_json::{Map, Value};

use super::world::NODE;

/// What a node of one configuration says of its silences.
pub(super) struct Said(Waits);

/// A contact at the node: since when he is alone, and what he heard of it.
struct Alone {
    since: Timestamp,
    /// False while nothing was said to him here, and no agent had him.
    heard: bool,
    /// True while an agent talks with him.
    talks: bool,
    /// Since when an agent completes his record; he has an owner then.
    record: Option<Timestamp>,
}

impl Alone {
    /// How long he is without a word and without an owner.
    fn for_so_long(&self, now: Timestamp) -> Duration {
        let until = self.record.map_or(now, |record| record.max(self.since));
        if self.talks { Duration::ZERO } else { until.since(self.since) }
    }

    /// Something was said, or an agent left him.
    fn hears(&mut self, now: Timestamp) {
        (self.since, self.heard) = (now, true);
        self.record = self.record.map(|_| now);
    }

    fn record_is_complete(&mut self, now: Timestamp) {
        if let Some(record) = self.record.take() {
            // The time before counts on, that of the record does not.
            self.since = self.since + now.since(record.max(self.since));
        }
    }
}

impl Said {
    /// Asks the node; `None` for a waiting type that does not say. Other types pass at once where they say nothing.
    pub(super) fn by(descriptor: &Descriptor, config: &Map<String, Value>, registry: &Registry) -> Option<Self> {
        let reader = registry.reader(descriptor.kind.as_str());
        let reading = reader.and_then(|reader| reader.read(config.clone(), AnswerTimes::default()).ok());
        match reading.and_then(|reading| reading.stay) {
            Some(Stay::Own(waits) | Stay::Beside(waits, _)) => Some(Self(waits)),
            Some(Stay::Called(_) | Stay::Gone(_)) => Some(Self(Waits::passing())),
            None if descriptor.flavour == Flavour::Waiting => None,
            None => Some(Self(Waits::passing())),
        }
    }

    /// The longest of its silences.
    pub(super) fn longest(&self) -> Duration {
        let Waits { first, between, fault, by, otherwise, rounds: _ } = &self.0;
        let leaving = by.values().chain([fault, otherwise]).flat_map(|leaving| [leaving.quiet, leaving.after]);
        leaving.chain([*first, *between]).flatten().max().unwrap_or_default()
    }

    /// What was longer than it says, or was not to be at all, in words; `None` when all held.
    pub(super) fn broken(&self, moments: &[Moment]) -> Option<String> {
        let (mut here, mut record): (Option<Alone>, Option<Timestamp>) = (None, None);
        for FactRecord { at, fact, .. } in moments.iter().flat_map(|moment| &moment.facts) {
            let now = *at;
            match fact {
                Fact::WrapUpStarted { .. } => record = Some(now),
                Fact::WrapUpEnded { .. } => record = None,
                _ => {}
            }
            let Some(alone) = &mut here else {
                if matches!(fact, Fact::NodeEntered { node, depth: 0 } if node.as_str() == NODE) {
                    here = Some(Alone { since: now, heard: false, talks: false, record });
                }
                continue;
            };
            let length = alone.for_so_long(now);
            match fact {
                Fact::MessageSent { .. } if alone.talks => {}
                Fact::MessageSent { .. } => {
                    // A type that may leave before its next word need not say when that comes.
                    let (when, most) = if alone.heard {
                        ("between two of its words", self.0.between.or_else(|| self.longest_leaving(|l| l.after)))
                    } else {
                        ("before its first word", self.0.first.or_else(|| self.longest_leaving(|l| l.quiet)))
                    };
                    if let Some(why) = longer(when, length, most) {
                        return Some(why);
                    }
                    alone.hears(now);
                }
                Fact::OfferAccepted { .. } => alone.talks = true,
                Fact::Requeued { .. } | Fact::ConversationClosed { .. } => {
                    alone.talks = false;
                    alone.hears(now);
                }
                Fact::WrapUpStarted { .. } => alone.record = Some(now),
                Fact::WrapUpEnded { .. } => alone.record_is_complete(now),
                Fact::Faulted { node, .. } if node.as_str() == NODE => {
                    return left("by a fault", alone.heard, length, self.0.fault);
                }
                Fact::ExitTaken { node, exit, depth: 0 } if node.as_str() == NODE => {
                    let how = format!("by its exit '{exit}'");
                    return left(&how, alone.heard, length, self.0.leaving(exit.as_str()));
                }
                Fact::InteractionEnded { .. } | Fact::FlowChanged { .. } => {
                    return left("by ending the flow", alone.heard, length, self.0.otherwise);
                }
                Fact::ContactLeft {} => return None,
                _ => {}
            }
        }
        None
    }

    fn longest_leaving(&self, part: impl Fn(&Leaving) -> Option<Duration>) -> Option<Duration> {
        self.0.by.values().chain([&self.0.fault, &self.0.otherwise]).filter_map(part).max()
    }
}

fn left(how: &str, heard: bool, length: Duration, leaving: Leaving) -> Option<String> {
    if heard {
        // A word that it did not speak of cuts a silence short, which harms nobody.
        let most = leaving.after.unwrap_or_default();
        longer(&format!("on leaving {how} after a word"), length, Some(most))
    } else {
        longer(&format!("on leaving {how} without a word"), length, leaving.quiet)
    }
}

fn longer(when: &str, was: Duration, most: Option<Duration>) -> Option<String> {
    match most {
        Some(most) if was <= most => None,
        Some(most) => {
            Some(format!("{when}: {} of silence, at most {}", HumanDuration::from(was), HumanDuration::from(most)))
        }
        None => Some(format!("{when}: {} of silence, where it says that this cannot be", HumanDuration::from(was))),
    }
}

//! The contacts in line of one class, in the order in which they are served.
//!
//! Priority may rise with waiting (WAP-42): it is then `priority + rise * wait`, up to a cap. All contacts of a class
//! rise alike, so their order among themselves never changes and is kept by a key that does not move
//! (`priority - rise * since`). Those that have come to the cap are equal, and go by age.
//!
//! What it deliberately does not do: it compares no class with another; see `matching`.

use std::{cmp::Reverse, collections::BTreeSet};

use crate::{catalogue::Ageing, id::InteractionId, time::Timestamp};

/// How priority rises: all in points times [`POINT`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Pace {
    initial: i64,
    /// Per millisecond.
    rise: i64,
    cap: Option<i64>,
}

/// One point of priority, so that a point a minute is a whole number a millisecond.
const POINT: i64 = 60_000;

impl Pace {
    pub fn new(ageing: Ageing) -> Self {
        Self {
            initial: i64::from(ageing.initial) * POINT,
            rise: i64::from(ageing.per_minute),
            cap: ageing.max.map(|max| i64::from(max) * POINT),
        }
    }
}

/// A contact's place; the least is served first. `score` is a key that does not move inside one [`Line`], or the
/// priority of an instant, by which lines are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    score: Reverse<i64>,
    since: Timestamp,
    pub interaction: InteractionId,
}

/// The line.
#[derive(Debug, Default)]
pub(super) struct Line {
    pace: Pace,
    /// Contacts below the cap when the line was last looked at, by key.
    rising: BTreeSet<Place>,
    /// Those at the cap, by age.
    capped: BTreeSet<Place>,
}

impl Line {
    pub fn new(pace: Pace) -> Self {
        Self { pace, ..Self::default() }
    }

    pub fn insert(&mut self, priority: i32, since: Timestamp, interaction: InteractionId) {
        self.rising.insert(self.key(priority, since, interaction));
    }

    pub fn remove(&mut self, priority: i32, since: Timestamp, interaction: InteractionId) {
        let key = self.key(priority, since, interaction);
        if !self.rising.remove(&key) {
            self.capped.remove(&Place { score: Reverse(self.pace.cap.unwrap_or(0)), ..key });
        }
    }

    /// Moves those who have come to the cap by now. Each moves once.
    pub fn settle(&mut self, now: Timestamp) {
        let Some(cap) = self.pace.cap else { return };
        while let Some(first) = self.rising.first()
            && cap <= first.score.0 + self.pace.rise * now.0
        {
            let first = *first;
            self.rising.remove(&first);
            self.capped.insert(Place { score: Reverse(cap), ..first });
        }
    }

    /// Contacts in line, first to be served first, each with its priority of this instant. To be settled before.
    pub fn at(&self, now: Timestamp) -> impl Iterator<Item = Place> + '_ {
        let Pace { rise, .. } = self.pace;
        let rising = self.rising.iter().map(move |key| Place { score: Reverse(key.score.0 + rise * now.0), ..*key });
        self.capped.iter().copied().chain(rising)
    }

    /// The contact to be served first at an instant, settled or not.
    pub fn head(&self, now: Timestamp) -> Option<Place> {
        let Pace { rise, cap, .. } = self.pace;
        let score = |key: &Place| key.score.0 + rise * now.0;
        let capped = |key: &Place| Place { score: Reverse(cap.map_or(score(key), |cap| score(key).min(cap))), ..*key };
        let ripe = self.rising.iter().take_while(|key| cap.is_some_and(|cap| cap <= score(key)));
        let rising = self.rising.first().into_iter().chain(ripe).map(capped);
        self.capped.first().copied().into_iter().chain(rising).min()
    }

    pub fn len(&self) -> usize {
        self.rising.len() + self.capped.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rising.is_empty() && self.capped.is_empty()
    }

    /// Contacts who began to wait at this instant or before. Walks over the line, so it is for telling people.
    pub fn since(&self, instant: Timestamp) -> usize {
        self.rising.iter().chain(&self.capped).filter(|place| place.since <= instant).count()
    }

    pub fn ids(&self) -> BTreeSet<InteractionId> {
        self.rising.iter().chain(&self.capped).map(|place| place.interaction).collect()
    }

    /// How many stand before a contact of this line. Walks over them, so it is for telling people, not for deciding.
    pub fn ahead(&self, priority: i32, since: Timestamp, interaction: InteractionId) -> usize {
        let key = self.key(priority, since, interaction);
        let at_cap = Place { score: Reverse(self.pace.cap.unwrap_or(0)), ..key };
        if self.capped.contains(&at_cap) {
            self.capped.range(..at_cap).count()
        } else {
            self.capped.len() + self.rising.range(..key).count()
        }
    }

    /// The place of a contact of this class among all contacts at an instant.
    pub fn place(&self, priority: i32, since: Timestamp, interaction: InteractionId, now: Timestamp) -> Place {
        let key = self.key(priority, since, interaction);
        let score = key.score.0 + self.pace.rise * now.0;
        Place { score: Reverse(self.pace.cap.map_or(score, |cap| score.min(cap))), ..key }
    }

    fn key(&self, priority: i32, since: Timestamp, interaction: InteractionId) -> Place {
        let score = self.pace.initial + i64::from(priority) * POINT - self.pace.rise * since.0;
        Place { score: Reverse(score), since, interaction }
    }
}

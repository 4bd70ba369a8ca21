//! How much an agent takes: his handling profile, ready to be compared with what he carries. The only place where load
//! meets limits (U-07).
//!
//! What it deliberately does not do: it knows no agent and no line; of a contact it sees the channels.

use std::{collections::BTreeMap, time::Duration};

use routewright_flows::Channel;

use super::Work;
use crate::{
    catalogue::{Charge, Filling, Misses, ProfileSettings},
    id::StatusId,
    limits::OFFER_TIMEOUT_DEFAULT,
};

const CHANNELS: usize = Channel::ALL.len();

/// What an agent carries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    /// Contacts over all channels.
    pub contacts: u32,
    /// Work units.
    pub units: u32,
    /// Conversations set aside.
    pub parked: u32,
    /// Work units that those keep reserved.
    pub reserved: u32,
    /// Conversations that go on over a channel.
    by_channel: [u32; CHANNELS],
    /// Contacts that are counted under a channel: an elevated one is counted under one or all of its channels.
    charged: [u32; CHANNELS],
}

impl Load {
    /// Contacts of one channel.
    #[must_use]
    pub fn of(&self, channel: Channel) -> u32 {
        self.by_channel[channel as usize]
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.change(other, |mine, others| mine + others);
    }

    pub(super) fn subtract(&mut self, other: &Self) {
        self.change(other, |mine, others| mine.checked_sub(others).expect("an agent releases only what he reserved"));
    }

    fn change(&mut self, other: &Self, change: impl Fn(u32, u32) -> u32) {
        let Self { contacts, units, parked, reserved, by_channel, charged } = self;
        *contacts = change(*contacts, other.contacts);
        *units = change(*units, other.units);
        *parked = change(*parked, other.parked);
        *reserved = change(*reserved, other.reserved);
        let channels = by_channel.iter_mut().zip(other.by_channel).chain(charged.iter_mut().zip(other.charged));
        channels.for_each(|(mine, others)| *mine = change(*mine, others));
    }
}

/// The bound that keeps an agent from one contact more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// Contacts of the channel.
    Channel {
        /// How many he has.
        has: u32,
        /// His maximum.
        max: u32,
    },
    /// A contact of another channel, beside which none of this one comes.
    Excluded {
        /// Of which channel.
        by: Channel,
    },
    /// Work units.
    Units {
        /// How many he carries.
        has: u32,
        /// What this contact weighs.
        weight: u32,
        /// His maximum.
        max: u32,
    },
    /// Contacts over all channels.
    Contacts {
        /// How many he has.
        has: u32,
        /// His maximum.
        max: u32,
    },
}

/// A set of channels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ChannelSet(u8);

impl ChannelSet {
    pub const ALL: Self = Self((1 << CHANNELS) - 1);

    pub fn contains(self, channel: Channel) -> bool {
        self.0 & (1 << channel as usize) != 0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<Channel> for ChannelSet {
    fn from_iter<T: IntoIterator<Item = Channel>>(channels: T) -> Self {
        Self(channels.into_iter().fold(0, |set, channel| set | 1 << channel as usize))
    }
}

/// A handling profile, with the agent's own limits in place of its.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Limits {
    channel_max: [Option<u32>; CHANNELS],
    contacts_max: u32,
    weights: [u32; CHANNELS],
    units_max: Option<u32>,
    interruptible: ChannelSet,
    excludes: [ChannelSet; CHANNELS],
    elevated: Charge,
    pub parked_max: u32,
    parked_weights: [u32; CHANNELS],
    pub wrap_up: Duration,
    pub offer_timeout: Duration,
    pub auto_accept: ChannelSet,
    pub push: bool,
    pub pull: bool,
    pub misses: Option<Misses>,
    pub reconnect: Duration,
    pub filling: Option<Filling>,
    pub statuses: BTreeMap<StatusId, ChannelSet>,
}

impl Limits {
    pub fn new(settings: &ProfileSettings) -> Self {
        let timeout = settings.offer_timeout.get();
        let excluded = |channel| settings.excludes.get(&channel).into_iter().flatten().copied().collect();
        let status = |(id, status): (&StatusId, &crate::catalogue::StatusSettings)| {
            (id.clone(), status.channels.iter().copied().collect())
        };
        Self {
            channel_max: Channel::ALL.map(|channel| settings.channel_max.get(&channel).copied().map(u32::from)),
            contacts_max: settings.contacts_max.into(),
            weights: Channel::ALL.map(|channel| settings.units.get(&channel).copied().map_or(1, u32::from)),
            units_max: settings.units_max.map(u32::from),
            interruptible: settings.interruptible.iter().copied().collect(),
            excludes: Channel::ALL.map(excluded),
            elevated: settings.elevated,
            parked_max: settings.parked_max.into(),
            parked_weights: Channel::ALL.map(|channel| {
                let weight = settings.units.get(&channel).copied().unwrap_or(1);
                let reserved = settings.parked_units.get(&channel).copied().unwrap_or(weight).min(weight);
                // What never stands in the way of others has nothing to reserve.
                if settings.interruptible.contains(&channel) { 0 } else { reserved.into() }
            }),
            wrap_up: settings.wrap_up.get(),
            offer_timeout: if timeout.is_zero() { OFFER_TIMEOUT_DEFAULT } else { timeout },
            auto_accept: settings.auto_accept.iter().copied().collect(),
            push: settings.push,
            pull: settings.pull,
            misses: settings.misses,
            reconnect: settings.reconnect.get(),
            filling: settings.filling,
            statuses: settings.statuses.iter().map(status).collect(),
        }
    }

    /// The first bound that one contact more of this channel would break. An agent who asks for one himself is not
    /// kept from it by what he has of other channels (MAX-07).
    pub fn refusal(&self, load: &Load, channel: Channel, pulled: bool) -> Option<Bound> {
        self.refusal_of(load, channel, self.weight(channel), 1, pulled)
    }

    /// The first bound that a contact would break, on any of its channels, also when it is set aside and would be taken
    /// up.
    pub fn refuses(&self, load: &Load, work: &Work, pulled: bool) -> Option<Bound> {
        if work.legs.is_empty() {
            return self.refusal(load, work.channel, pulled);
        }
        let own = self.load_as(work, false);
        work.channels().find_map(|channel| self.refusal_of(load, channel, own.units, own.contacts, pulled))
    }

    /// What a contact adds to the load of its agent.
    pub fn load_of(&self, work: &Work) -> Load {
        self.load_as(work, work.parked.is_some())
    }

    fn load_as(&self, work: &Work, parked: bool) -> Load {
        let mut load = Load::default();
        let base = work.channel;
        let heaviest = || work.channels().max_by_key(|channel| (self.weight(*channel), *channel == base));
        let charge = |load: &mut Load, channel: Channel| {
            if parked {
                load.reserved += self.parked_weights[channel as usize];
            } else {
                load.contacts += 1;
                load.units += self.weight(channel);
                load.charged[channel as usize] += 1;
            }
        };
        if parked {
            load.parked = 1;
        } else {
            work.channels().for_each(|channel| load.by_channel[channel as usize] = 1);
        }
        match self.elevated {
            _ if work.legs.is_empty() => charge(&mut load, base),
            Charge::Sum => work.channels().for_each(|channel| charge(&mut load, channel)),
            Charge::Heaviest => charge(&mut load, heaviest().unwrap_or(base)),
        }
        load
    }

    fn refusal_of(&self, load: &Load, channel: Channel, units: u32, contacts: u32, pulled: bool) -> Option<Bound> {
        if let Some(max) = self.channel_max[channel as usize]
            && max <= load.of(channel)
        {
            return Some(Bound::Channel { has: load.of(channel), max });
        }
        let excludes = |by: &Channel| 0 < load.of(*by) && self.excludes[*by as usize].contains(channel);
        if let Some(by) = Channel::ALL.into_iter().find(excludes).filter(|_| !pulled) {
            return Some(Bound::Excluded { by });
        }
        let counted = if self.interruptible.contains(channel) { *load } else { self.without_interruptible(load) };
        let has = counted.units + counted.reserved;
        if let Some(max) = self.units_max
            && max < has + units
        {
            return Some(Bound::Units { has, weight: units, max });
        }
        (self.contacts_max < counted.contacts + contacts)
            .then_some(Bound::Contacts { has: counted.contacts, max: self.contacts_max })
    }

    /// The channels among some of which one contact more breaks no bound.
    pub fn room(&self, among: ChannelSet, load: &Load, pulled: bool) -> ChannelSet {
        if among.is_empty() {
            return among;
        }
        let fits = |channel: &Channel| among.contains(*channel) && self.refusal(load, *channel, pulled).is_none();
        Channel::ALL.into_iter().filter(fits).collect()
    }

    /// True when the agent takes contacts of the channel at all.
    pub fn opens(&self, channel: Channel) -> bool {
        self.refusal(&Load::default(), channel, false).is_none()
    }

    /// Contacts of the channel that an agent may have at once when he has nothing else.
    pub fn slots(&self, channel: Channel) -> u32 {
        let units = self.units_max.map_or(u32::MAX, |max| max / self.weight(channel).max(1));
        self.channel_max[channel as usize].unwrap_or(u32::MAX).min(self.contacts_max).min(units)
    }

    /// True when nothing is above its bound, or above what was carried when the bound was set (FCE-05: nothing is
    /// taken away) or overridden.
    pub fn hold(&self, load: &Load, carried: &Load) -> bool {
        let within = |has: u32, max: Option<u32>, carried: u32| max.is_none_or(|max| has <= max.max(carried));
        let counted = self.without_interruptible(load);
        within(counted.contacts, Some(self.contacts_max), carried.contacts)
            && within(counted.units + counted.reserved, self.units_max, carried.units + carried.reserved)
            && within(load.parked, Some(self.parked_max), carried.parked)
            && Channel::ALL
                .into_iter()
                .all(|channel| within(load.of(channel), self.channel_max[channel as usize], carried.of(channel)))
    }

    fn without_interruptible(&self, load: &Load) -> Load {
        let mut counted = *load;
        if self.interruptible.is_empty() {
            return counted;
        }
        for channel in Channel::ALL.into_iter().filter(|channel| self.interruptible.contains(*channel)) {
            let charged = load.charged[channel as usize];
            counted.contacts -= charged;
            counted.units -= charged * self.weight(channel);
        }
        counted
    }

    fn weight(&self, channel: Channel) -> u32 {
        self.weights[channel as usize]
    }
}

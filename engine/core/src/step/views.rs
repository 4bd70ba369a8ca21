//! What scripts see of an event: the views of a turn.

use std::{collections::BTreeMap, time::Duration};

use routewright_flows::{AttributeName, Channel};
use serde_json::Value;

use super::Turn;
use crate::{
    calendar::CalendarState,
    contact::{Contact, Message},
    id::{CalendarId, InteractionId, SkillId},
    script::{
        QueueView, Views,
        slots::{CalendarRef, OrTouchpoint},
    },
    time::Timestamp,
};

static NO_ATTRIBUTES: BTreeMap<AttributeName, Value> = BTreeMap::new();

impl Views for Turn<'_> {
    fn contact(&self) -> &Contact {
        &self.interaction.contact
    }

    fn interaction(&self) -> InteractionId {
        self.interaction.id
    }

    fn channel(&self) -> Channel {
        self.interaction.channel
    }

    fn touchpoint(&self) -> &str {
        self.interaction.touchpoint.as_str()
    }

    fn position(&self) -> Option<u32> {
        self.world.capacity.position(self.interaction.id)
    }

    fn expected_wait(&self) -> Option<Duration> {
        self.world.capacity.expected_wait_of(self.interaction.id)
    }

    fn attributes(&self) -> &BTreeMap<AttributeName, Value> {
        self.interaction.frames.last().map_or(&NO_ATTRIBUTES, |frame| &frame.attributes)
    }

    fn message(&self) -> Option<&Message> {
        self.message.as_ref()
    }

    fn now(&self) -> Timestamp {
        self.world.now
    }

    fn calendar(&self, name: &str) -> Option<CalendarState> {
        let id = if name == routewright_flows::descriptor::TOUCHPOINT {
            OrTouchpoint::Touchpoint
        } else {
            OrTouchpoint::Named(CalendarId::new(name).ok()?)
        };
        Turn::calendar(self, &CalendarRef(id)).ok()
    }

    fn queue(&self, skill: &str) -> Option<QueueView> {
        let skill = SkillId::new(skill).ok()?;
        self.world.catalogue.skills.contains_key(&skill).then(|| self.world.capacity.queue(&skill))
    }
}

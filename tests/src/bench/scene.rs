//! What measured scripts see: a contact on a Monday morning, and a queue when one is given.

use std::collections::BTreeMap;

use routewright_engine::{
    InteractionId, Timestamp,
    calendar::CalendarState,
    contact::{Contact, Message},
    script::{QueueView, Views},
};
use routewright_flows::{AttributeName, Channel, Locale};
use serde_json::Value;

use crate::centre::monday;

/// The scene.
pub struct Scene {
    contact: Contact,
    attributes: BTreeMap<AttributeName, Value>,
    queue: Option<QueueView>,
}

impl Scene {
    /// A contact with these fields, in a flow with these attributes.
    ///
    /// # Errors
    /// When they are not named as fields and attributes are.
    pub fn new(fields: Value, attributes: Value, queue: Option<QueueView>) -> Result<Self, String> {
        let locale = Locale::new("fr").map_err(|e| e.to_string())?;
        let fields = serde_json::from_value(fields).map_err(|e| e.to_string())?;
        let contact = Contact { address: "visitor".into(), name: None, locale, fields };
        let attributes = serde_json::from_value(attributes).map_err(|e| e.to_string())?;
        Ok(Self { contact, attributes, queue })
    }
}

impl Views for Scene {
    fn contact(&self) -> &Contact {
        &self.contact
    }

    fn interaction(&self) -> InteractionId {
        InteractionId(1)
    }

    fn channel(&self) -> Channel {
        Channel::Webchat
    }

    fn touchpoint(&self) -> &str {
        "web"
    }

    fn attributes(&self) -> &BTreeMap<AttributeName, Value> {
        &self.attributes
    }

    fn message(&self) -> Option<&Message> {
        None
    }

    fn now(&self) -> Timestamp {
        monday()
    }

    fn calendar(&self, _: &str) -> Option<CalendarState> {
        None
    }

    fn queue(&self, _: &str) -> Option<QueueView> {
        self.queue
    }
}

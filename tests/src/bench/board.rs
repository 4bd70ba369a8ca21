//! A switchboard in memory with one published flow, for sections that measure the heart alone.

use std::{collections::BTreeMap, sync::Arc};

use routewright_engine::{
    InteractionId, TenantId, TouchpointId,
    catalogue::{Catalogue, ProfileSettings, SkillSettings, TouchpointSettings},
    contact::{ContactKey, Message},
    event::{ContactWrote, Input},
    id::{ProfileId, SkillId},
    interaction::Interaction,
    published::PublishedFlow,
    release::Release,
    script::Sandbox,
    switchboard::{Output, Shelf, ShelfError, Switchboard},
};
use routewright_flows::FlowDocument;
use serde_json::{Value, json};

use crate::centre::monday;

/// The switchboard, and whose it is.
pub struct Board {
    /// The switchboard, to look at.
    pub switchboard: Switchboard,
    /// The only tenant.
    pub tenant: TenantId,
    touchpoint: TouchpointId,
}

/// Nothing is on the shelf: the measured interactions are in hand.
struct Bare;

impl Shelf for Bare {
    fn fetch(&mut self, _: InteractionId) -> Result<Option<Interaction>, ShelfError> {
        Ok(None)
    }

    fn latest(&mut self, _: &ContactKey) -> Result<Option<InteractionId>, ShelfError> {
        Ok(None)
    }
}

impl Board {
    /// A fresh one, whose webchat touchpoint starts this flow.
    ///
    /// # Errors
    /// When the flow cannot be published.
    pub fn open(flow: Value) -> Result<Self, String> {
        let sandbox = Arc::new(Sandbox::new());
        let document: FlowDocument = serde_json::from_value(flow).map_err(|e| e.to_string())?;
        let id = document.id.clone();
        let touchpoint = TouchpointId::new("web").map_err(|e| e.to_string())?;
        let settings: TouchpointSettings = serde_json::from_value(json!({
            "channel": "webchat", "default_skill": "sales", "default_flow": id, "active": true,
        }))
        .map_err(|e| e.to_string())?;
        let mut catalogue = Catalogue { version: 1, ..Catalogue::default() };
        catalogue.touchpoints.insert(touchpoint.clone(), settings);
        catalogue.skills.insert(SkillId::new("sales").map_err(|e| e.to_string())?, SkillSettings::default());
        let profile = ProfileSettings { default: true, ..ProfileSettings::default() };
        catalogue.profiles.insert(ProfileId::new("default").map_err(|e| e.to_string())?, profile);
        let published = PublishedFlow::prepare(Arc::new(document), 1, &routewright_nodes::standard(), &sandbox)
            .map_err(|e| e.to_string())?;
        let tenant = TenantId::new("measured").map_err(|e| e.to_string())?;
        let mut board = Self { switchboard: Switchboard::new(sandbox), tenant, touchpoint };
        for input in [
            Input::Configured(board.tenant.clone(), Arc::new(catalogue)),
            Input::Published(board.tenant.clone(), Arc::new(published)),
            Input::Released(board.tenant.clone(), Release::of(id, Some(1))),
        ] {
            board.handle(input).map_err(|e| e.to_string())?;
        }
        Ok(board)
    }

    /// Takes an input.
    ///
    /// # Errors
    /// None that the bare shelf gives.
    pub fn handle(&mut self, input: Input) -> Result<Output, ShelfError> {
        self.switchboard.handle(input, monday(), &mut Bare)
    }

    /// What a contact writes; `stage` makes the message's id one of its own.
    #[must_use]
    pub fn message(&self, contact: usize, text: &str, stage: &str, fields: BTreeMap<String, Value>) -> Input {
        Input::ContactWrote(ContactWrote {
            from: ContactKey {
                tenant: self.tenant.clone(),
                touchpoint: self.touchpoint.clone(),
                address: format!("visitor-{contact}").into(),
            },
            event_id: format!("{stage}-{contact}").into(),
            message: Message { text: text.into(), choice: None },
            name: None,
            locale: None,
            fields,
        })
    }
}

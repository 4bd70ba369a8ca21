//! What holds at a touchpoint once everything that is inherited is looked up, in the four groups in which people set it
//! (PBX-01): the general settings, the first response, the bot's patience, the work units.
//!
//! What it deliberately does not do: it changes nothing; each setting is changed where it is written, which it names.

use std::{collections::BTreeMap, sync::Arc};

use axum::extract::State;
use routewright_engine::{
    TouchpointId,
    catalogue::{Catalogue, DefaultsSettings, FirstResponse, ServiceTimes, TouchpointSettings, hours::Scope},
    refusal::Refusal,
};
use routewright_flows::{Channel, HumanDuration};
use schemars::JsonSchema;
use serde::Serialize;
use utoipa::openapi::HttpMethod::Get;

use super::{
    change::Reply,
    extract::Segments,
    operation::{Api, Operation},
};
use crate::{door::Door, keys::Principal, problem::Problem};

/// The route of what holds.
pub(crate) fn routes(api: Api) -> Api {
    let read = Operation::new(
        "read_effective_settings",
        "touchpoints",
        "What holds at a touchpoint, its own settings and what it inherits, in four groups",
    );
    api.add(
        Get,
        "/api/v1/touchpoints/{id}/effective-settings",
        read.answers::<EffectiveSettings>(200, "As of now"),
        effective,
    )
}

/// What holds at a touchpoint.
#[derive(Debug, Serialize, JsonSchema)]
struct EffectiveSettings {
    /// Which.
    touchpoint: String,
    /// Its channel.
    channel: Channel,
    /// Hours, promises, and who is told of bans.
    general: General,
    /// What becomes of a conversation whose agent says nothing; absent when nothing does.
    first_response: Option<FirstResponse>,
    /// How long a question of a flow waits that says nothing of it.
    bot_timeout: Option<Inherited<HumanDuration>>,
    /// What contacts weigh under the default handling profile.
    work_units: WorkUnits,
}

/// General settings.
#[derive(Debug, Serialize, JsonSchema)]
struct General {
    /// The mailbox that is told when a contact is shut out; absent when nobody is.
    alert: Option<String>,
    /// The calendar, or `@always`; absent where nothing is said of hours.
    hours: Option<Inherited<String>>,
    /// What is promised.
    service: Option<Inherited<ServiceTimes>>,
}

/// A setting, with the place where it is written.
#[derive(Debug, Serialize, JsonSchema)]
struct Inherited<T> {
    /// What it says.
    value: T,
    /// Where: `touchpoint`, or the defaults by name (`defaults/webchat`, `defaults/general`).
    from: String,
}

/// What contacts weigh.
#[derive(Debug, Serialize, JsonSchema)]
struct WorkUnits {
    /// The profile: the tenant's default.
    profile: Option<String>,
    /// Units of one contact, by channel.
    channels: BTreeMap<String, u16>,
    /// Units that an agent carries at most; absent when they are not bounded.
    max: Option<u16>,
}

async fn effective(
    who: Principal,
    State(door): State<Arc<Door>>,
    Segments(id): Segments<TouchpointId>,
) -> Result<Reply, Problem> {
    who.reader()?;
    let catalogue = door.runtime.catalogue(&who.tenant).unwrap_or_default();
    let settings = catalogue.touchpoints.get(&id).ok_or_else(|| Refusal::UnknownTouchpoint(id.clone()))?;
    Ok(Reply::done(EffectiveSettings::of(&id, settings, &catalogue)))
}

impl EffectiveSettings {
    fn of(id: &TouchpointId, settings: &TouchpointSettings, catalogue: &Catalogue) -> Self {
        let channel = settings.channel;
        let conversation = &settings.conversation;
        let default = catalogue.profiles.iter().find(|(_, profile)| profile.default);
        let (profile, weighs) = default.unzip();
        let units = weighs.map(|profile| profile.units.clone()).unwrap_or_default();
        let of_channel = |channel: Channel| (channel.to_string(), units.get(&channel).copied().unwrap_or(1));
        let alert = conversation.bans.as_ref().and_then(|bans| bans.alert.as_ref());
        Self {
            touchpoint: id.to_string(),
            channel,
            general: General {
                alert: alert.map(|alert| alert.to.clone()),
                hours: inherited(catalogue, channel, settings.calendar.as_ref().map(ToString::to_string), |defaults| {
                    defaults.calendar.as_ref().map(ToString::to_string)
                }),
                service: inherited(catalogue, channel, conversation.service, |defaults| defaults.service),
            },
            first_response: conversation.first_response.clone(),
            bot_timeout: inherited(catalogue, channel, None, |defaults| defaults.bot_timeout),
            work_units: WorkUnits {
                profile: profile.map(ToString::to_string),
                channels: Channel::ALL.into_iter().map(of_channel).collect(),
                max: weighs.and_then(|profile| profile.units_max),
            },
        }
    }
}

/// A setting of the touchpoint's own, else its channel's, else everybody's.
fn inherited<T>(
    catalogue: &Catalogue,
    channel: Channel,
    own: Option<T>,
    pick: impl Fn(&DefaultsSettings) -> Option<T>,
) -> Option<Inherited<T>> {
    let of = |scope: Scope| {
        let value = pick(catalogue.defaults.get(&scope)?)?;
        Some(Inherited { value, from: format!("defaults/{scope}") })
    };
    let own = own.map(|value| Inherited { value, from: "touchpoint".to_owned() });
    own.or_else(|| of(Scope::Of(channel))).or_else(|| of(Scope::General))
}

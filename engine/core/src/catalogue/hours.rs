//! Whose hours hold, and what holds where nothing is said (PBX-04, P-14, WAP-37): settings of the whole centre and of a
//! channel, which touchpoints, skills, lines and agents inherit.
//!
//! | who asks | his own | else | else |
//! | --- | --- | --- | --- |
//! | a touchpoint, its promises, its promised times | the touchpoint | its channel's defaults | the general defaults |
//! | a line | the line | its skill | the general defaults |
//! | an agent | the agent | - | the general `shift` |
//!
//! `@always` says at any of these places that there are no hours to keep, whatever the next would say.
//!
//! What it deliberately does not do: it keeps no time and reads no zone; a [`Calendar`] does.

use std::{borrow::Cow, fmt, str::FromStr, sync::Arc};

use routewright_flows::{Channel, Finding, HumanDuration, descriptor::ReferenceKind, name::BadName};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    AgentSettings, Catalogue, ServiceTimes, SkillSettings, TouchpointSettings, conversation,
    rules::{contradiction, finding, unknown},
};
use crate::{calendar::Calendar, id::CalendarId};

/// Hours to keep: those of a calendar, or none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hours {
    /// Open at every hour, whatever would be inherited.
    Always,
    /// Those of a calendar.
    Of(CalendarId),
}

/// How [`Hours::Always`] is written. No calendar can have this name.
const ALWAYS: &str = "@always";

impl Hours {
    /// The calendar, when there is one.
    #[must_use]
    pub fn calendar(&self) -> Option<&CalendarId> {
        match self {
            Self::Always => None,
            Self::Of(id) => Some(id),
        }
    }
}

/// What hours come to once they are looked up.
#[derive(Debug, Clone, Copy)]
pub enum Open<'a> {
    /// At every hour.
    Always,
    /// In the hours of this calendar.
    During(&'a CalendarId, &'a Arc<Calendar>),
}

impl<'a> Open<'a> {
    /// The calendar, when there is one.
    #[must_use]
    pub fn calendar(self) -> Option<&'a Calendar> {
        match self {
            Self::Always => None,
            Self::During(_, calendar) => Some(calendar),
        }
    }

    /// Its name, when there is one.
    #[must_use]
    pub fn id(self) -> Option<&'a CalendarId> {
        match self {
            Self::Always => None,
            Self::During(id, _) => Some(id),
        }
    }
}

/// Where defaults hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Everywhere.
    General,
    /// On one channel.
    Of(Channel),
}

/// What holds where nothing more particular is said: of the whole centre (`general`), or of one channel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DefaultsSettings {
    /// The hours of touchpoints and lines that have none of their own (PBX-04).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Les horaires des points de contact et des files qui n’en ont pas."))]
    pub calendar: Option<Hours>,
    /// The hours of the shift of agents who have none of their own; only among the general defaults.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Les heures de service des agents qui n’en ont pas ; seulement parmi les réglages généraux."))]
    pub shift: Option<Hours>,
    /// Promises of service of touchpoints that make none of their own (WAP-37).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Engagements de service des points de contact qui n’en prennent pas."))]
    pub service: Option<ServiceTimes>,
    /// How long a question of a flow waits for an answer when its node says nothing (T-01, PBX-15..PBX-17).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-fr" = "Combien de temps une question d’un scénario attend une réponse quand son nœud n’en dit rien."))]
    pub bot_timeout: Option<HumanDuration>,
}

impl Catalogue {
    /// The hours of a touchpoint; `None` when nothing is said of them anywhere.
    #[must_use]
    pub fn hours_of_touchpoint<'a>(&'a self, touchpoint: &'a TouchpointSettings) -> Option<Open<'a>> {
        let own = touchpoint.calendar.as_ref();
        self.open(own.or_else(|| self.default_of(touchpoint.channel, |defaults| defaults.calendar.as_ref()))?)
    }

    /// The hours in which contacts may begin to wait for a skill; `None` when nothing is said of them anywhere.
    #[must_use]
    pub fn hours_of_line<'a>(&'a self, skill: &'a SkillSettings) -> Option<Open<'a>> {
        let own = skill.line.as_ref().and_then(|line| line.calendar.as_ref()).or(skill.calendar.as_ref());
        self.open(own.or_else(|| self.defaults.get(&Scope::General)?.calendar.as_ref())?)
    }

    /// The hours of an agent's shift; `None` when nothing is said of them anywhere.
    #[must_use]
    pub fn shift_of<'a>(&'a self, agent: &'a AgentSettings) -> Option<Open<'a>> {
        let own = agent.calendar.as_ref();
        self.open(own.or_else(|| self.defaults.get(&Scope::General)?.shift.as_ref())?)
    }

    /// What a touchpoint promises: its own, else its channel's, else everybody's (WAP-37).
    #[must_use]
    pub fn service_of(&self, touchpoint: &TouchpointSettings) -> Option<ServiceTimes> {
        let own = touchpoint.conversation.service;
        own.or_else(|| self.default_of(touchpoint.channel, |defaults| defaults.service.as_ref()).copied())
    }

    /// How long a question on a channel waits when its node says nothing.
    #[must_use]
    pub fn bot_timeout_of(&self, channel: Channel) -> Option<HumanDuration> {
        self.default_of(channel, |defaults| defaults.bot_timeout.as_ref()).copied()
    }

    fn default_of<T>(&self, channel: Channel, pick: impl Fn(&DefaultsSettings) -> Option<&T>) -> Option<&T> {
        let of = |scope| self.defaults.get(&scope).and_then(&pick);
        of(Scope::Of(channel)).or_else(|| of(Scope::General))
    }

    /// A calendar that is no more keeps nobody out.
    fn open(&self, hours: &Hours) -> Option<Open<'_>> {
        match hours {
            Hours::Always => Some(Open::Always),
            Hours::Of(id) => self.calendars.get_key_value(id).map(|(id, calendar)| Open::During(id, calendar)),
        }
    }
}

/// What defaults may not be: ones that name what does not exist, or contradict themselves.
#[must_use]
pub fn check(scope: Scope, settings: &DefaultsSettings, catalogue: &Catalogue) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (pointer, hours) in [("/calendar", &settings.calendar), ("/shift", &settings.shift)] {
        findings.extend(unknown_hours(pointer, hours.as_ref(), catalogue));
    }
    if scope != Scope::General && settings.shift.is_some() {
        findings.push(contradiction(
            "shift-of-a-channel",
            ["/shift", "/id"],
            (
                format!("agents work on several channels, so '{scope}' has no shift"),
                format!("les agents travaillent sur plusieurs canaux : « {scope} » n’a donc pas d’heures de service"),
            ),
            ("Set it among the defaults 'general'", "Réglez-les parmi les réglages « general »"),
        ));
    }
    findings.extend(settings.service.and_then(|service| conversation::check_service("/service", service)));
    if settings.bot_timeout.is_some_and(|length| length.get().is_zero()) {
        findings.push(finding(
            "timer-too-short",
            "/bot_timeout",
            ("a timer of 0 would fire at once", "un délai de 0 expirerait aussitôt"),
            ("Give a length, or leave the field out", "Indiquez une durée ou omettez le champ"),
        ));
    }
    findings
}

/// The finding of hours whose calendar does not exist.
pub(super) fn unknown_hours(pointer: &str, hours: Option<&Hours>, catalogue: &Catalogue) -> Option<Finding> {
    let id = hours?.calendar()?;
    (!catalogue.calendars.contains_key(id)).then(|| unknown(pointer, ReferenceKind::Calendar, id.as_str()))
}

impl FromStr for Hours {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        if text == ALWAYS { Ok(Self::Always) } else { CalendarId::new(text).map(Self::Of) }
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always => f.write_str(ALWAYS),
            Self::Of(id) => id.fmt(f),
        }
    }
}

impl Serialize for Hours {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hours {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Hours {
    fn schema_name() -> Cow<'static, str> {
        "Hours".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^(@always|[A-Za-z0-9][A-Za-z0-9_-]{0,63})$" })
    }
}

impl FromStr for Scope {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let channel = || Channel::ALL.into_iter().find(|channel| channel.as_str() == text).map(Self::Of);
        let scope = if text == GENERAL { Some(Self::General) } else { channel() };
        scope.ok_or_else(|| BadName {
            what: "scope of defaults",
            given: text.chars().take(80).collect(),
            expected: "'general' or the name of a channel",
        })
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::General => GENERAL,
            Self::Of(channel) => channel.as_str(),
        })
    }
}

/// How [`Scope::General`] is written.
const GENERAL: &str = "general";

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::calendar::ZoneRules;

    fn catalogue(defaults: Value) -> Catalogue {
        let calendar = || {
            let settings = serde_json::from_value(json!({ "zone": "UTC" })).expect("settings");
            let zone = ZoneRules { name: "UTC".into(), version: "test".into(), offsets: vec![(0, 0)] };
            Arc::new(Calendar::new(settings, Arc::new(zone)).expect("a calendar"))
        };
        let calendars = ["a", "b", "c"].map(|name| (CalendarId::new(name).expect("a name"), calendar()));
        let defaults = defaults.as_object().expect("defaults by scope").iter().map(|(scope, settings)| {
            let settings = serde_json::from_value(settings.clone()).expect("defaults");
            (scope.parse().expect("a scope"), settings)
        });
        Catalogue { calendars: calendars.into(), defaults: defaults.collect(), ..Catalogue::default() }
    }

    /// What hours come to: the calendar's name, `always`, or nothing.
    fn named(open: Option<Open<'_>>) -> Option<&str> {
        open.map(|open| open.id().map_or("always", CalendarId::as_str))
    }

    #[test]
    fn pbx_04_dyd_32_p_14_each_level_keeps_its_own_hours_or_inherits() {
        let none = json!({});
        let general = json!({ "general": { "calendar": "a", "shift": "b" } });
        let channel = json!({ "general": { "calendar": "a" }, "sms": { "calendar": "b" } });
        for (defaults, own, expected) in [
            (&none, json!({}), None),
            (&none, json!({ "calendar": "c" }), Some("c")),
            (&general, json!({}), Some("a")),
            (&general, json!({ "calendar": "@always" }), Some("always")),
            (&channel, json!({}), Some("b")),
            (&channel, json!({ "calendar": "c" }), Some("c")),
        ] {
            let mut touchpoint = own.clone();
            touchpoint["channel"] = json!("sms");
            let touchpoint: TouchpointSettings = serde_json::from_value(touchpoint).expect("a touchpoint");
            assert_eq!(
                named(catalogue(defaults.clone()).hours_of_touchpoint(&touchpoint)),
                expected,
                "{defaults} {own}"
            );
        }
        for (defaults, own, expected) in [
            (&none, json!({}), None),
            (&general, json!({}), Some("a")),
            (&channel, json!({}), Some("a")),
            (&general, json!({ "calendar": "c" }), Some("c")),
            (&general, json!({ "calendar": "c", "line": { "calendar": "b" } }), Some("b")),
            (&general, json!({ "calendar": "c", "line": { "places": 3 } }), Some("c")),
            (&general, json!({ "calendar": "c", "line": { "calendar": "@always" } }), Some("always")),
        ] {
            let skill: SkillSettings = serde_json::from_value(own.clone()).expect("a skill");
            assert_eq!(named(catalogue(defaults.clone()).hours_of_line(&skill)), expected, "{defaults} {own}");
        }
        for (defaults, own, expected) in [
            (&none, json!({}), None),
            (&channel, json!({}), None),
            (&general, json!({}), Some("b")),
            (&general, json!({ "calendar": "c" }), Some("c")),
            (&general, json!({ "calendar": "@always" }), Some("always")),
        ] {
            let agent: AgentSettings = serde_json::from_value(own.clone()).expect("an agent");
            assert_eq!(named(catalogue(defaults.clone()).shift_of(&agent)), expected, "{defaults} {own}");
        }
    }

    #[test]
    fn what_is_written_reads_back_and_nothing_else_is_read() {
        for text in ["@always", "hours"] {
            assert_eq!(text.parse::<Hours>().expect("hours").to_string(), text);
        }
        assert!("@never".parse::<Hours>().is_err());
        for text in ["general", "webchat", "work_item"] {
            assert_eq!(text.parse::<Scope>().expect("a scope").to_string(), text);
        }
        assert!("fax".parse::<Scope>().is_err());
    }
}

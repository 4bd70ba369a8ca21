//! Elevation: a conversation goes on over a second channel as well (MAX-08..MAX-15). Which channel leads to which, and
//! what must be known before.
//!
//! Six channels make 36 pairs, of which 15 are allowed: never towards a chat, a work item or a voicemail, never to
//! itself. WhatsApp is a chat that began elsewhere and is elevated like one.
//!
//! What it deliberately does not do: it opens nothing and counts nothing; see [`crate::capacity::Leg`].

use routewright_flows::{Channel, Words};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    catalogue::Catalogue,
    id::{SkillId, TouchpointId},
    limits::ADDRESS_CHARS_MAX,
};

/// A channel to be opened beside those of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Elevation {
    /// Which channel.
    pub channel: Channel,
    /// The number to call or write to, or the mailbox.
    pub address: String,
    /// Through which line it goes out: the touchpoint of the channel that serves this skill. Needed for calls and text
    /// messages (MAX-12, MAX-13); any mailbox will do for e-mail when it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skill: Option<SkillId>,
    /// The subject of an e-mail (MAX-11).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The text of an e-mail (MAX-11); for a text message it may be written later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// Why a conversation cannot be elevated. Nothing has changed then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ElevationRefusal {
    /// What the channel needs is not given.
    #[error("an elevation to '{channel}' needs '{field}': give it")]
    Missing {
        /// To which channel.
        channel: Channel,
        /// What is missing.
        field: &'static str,
    },
    /// The address is none of the channel.
    #[error(
        "'{address}' is no address of channel '{channel}': give a number for calls and text messages, a mailbox for e-mail"
    )]
    BadAddress {
        /// To which channel.
        channel: Channel,
        /// What was given.
        address: String,
    },
    /// Nothing of ours goes out by that channel with that skill.
    #[error(
        "no active touchpoint of channel '{channel}' serves the skill asked for: activate one with it as default skill"
    )]
    NoLine {
        /// To which channel.
        channel: Channel,
    },
}

impl ElevationRefusal {
    /// A stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "elevation-incomplete",
            Self::BadAddress { .. } => "elevation-address",
            Self::NoLine { .. } => "elevation-line",
        }
    }

    /// The sentence in both languages.
    #[must_use]
    pub fn words(&self) -> Words {
        let fr = match self {
            Self::Missing { channel, field } => {
                format!("un passage au canal « {channel} » demande « {field} » : indiquez-le")
            }
            Self::BadAddress { channel, address } => format!(
                "« {address} » n’est pas une adresse du canal « {channel} » : indiquez un numéro pour les appels et les SMS, une boîte pour le courriel"
            ),
            Self::NoLine { channel } => format!(
                "aucun point de contact actif du canal « {channel} » ne sert la compétence demandée : activez-en un qui l’ait par défaut"
            ),
        };
        Words::new(self.to_string(), fr)
    }
}

/// The channels that a conversation of one channel may be elevated to (MAX-08).
#[must_use]
pub fn targets(from: Channel) -> &'static [Channel] {
    match from {
        Channel::Webchat | Channel::Whatsapp | Channel::WorkItem | Channel::Voicemail => {
            &[Channel::Email, Channel::Voice, Channel::Sms]
        }
        Channel::Email => &[Channel::Voice, Channel::Sms],
        Channel::Voice => &[Channel::Email, Channel::Sms],
        Channel::Sms => &[Channel::Email, Channel::Voice],
    }
}

impl Elevation {
    /// The line by which it goes out, when everything is given that its channel needs.
    ///
    /// # Errors
    /// [`ElevationRefusal`] for the first thing that is missing or wrong.
    pub fn line(&self, catalogue: &Catalogue) -> Result<TouchpointId, ElevationRefusal> {
        let Self { channel, address, skill, subject, body } = self;
        let channel = *channel;
        let given = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
        let needs = match channel {
            Channel::Voice | Channel::Sms => [("skill", skill.is_some()), ("address", !address.trim().is_empty())],
            Channel::Email => [("subject", given(subject)), ("body", given(body))],
            Channel::Webchat | Channel::Whatsapp | Channel::WorkItem | Channel::Voicemail => [("address", true); 2],
        };
        if let Some((field, _)) = needs.into_iter().find(|(_, given)| !given) {
            return Err(ElevationRefusal::Missing { channel, field });
        }
        if !is_address(channel, address) {
            return Err(ElevationRefusal::BadAddress { channel, address: address.chars().take(80).collect() });
        }
        let serves = |own: &Option<SkillId>| skill.is_none() || own == skill;
        let mut lines = catalogue.touchpoints.iter();
        let line = lines.find(|(_, line)| line.active && line.channel == channel && serves(&line.default_skill));
        line.map(|(id, _)| id.clone()).ok_or(ElevationRefusal::NoLine { channel })
    }
}

fn is_address(channel: Channel, address: &str) -> bool {
    let digits = || address.chars().filter(char::is_ascii_digit).count();
    let dialled = |c: char| c.is_ascii_digit() || "+ .-()".contains(c);
    address.chars().count() <= ADDRESS_CHARS_MAX
        && match channel {
            Channel::Voice | Channel::Sms => address.chars().all(dialled) && (3..=15).contains(&digits()),
            Channel::Email => address
                .split_once('@')
                .is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains('@')),
            Channel::Webchat | Channel::Whatsapp | Channel::WorkItem | Channel::Voicemail => !address.is_empty(),
        }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalogue::TouchpointSettings;

    /// The channels of the requirement; WhatsApp goes with chat.
    const SIX: [Channel; 6] =
        [Channel::Webchat, Channel::Email, Channel::Voice, Channel::WorkItem, Channel::Voicemail, Channel::Sms];

    #[test]
    fn max_01_max_08_p_17_fifteen_pairs_of_six_channels_are_allowed_and_twenty_one_are_not() {
        let table: String = SIX
            .iter()
            .map(|from| {
                let to: Vec<_> = SIX.iter().filter(|to| targets(*from).contains(to)).map(|to| to.as_str()).collect();
                format!("{from} -> {}\n", to.join(", "))
            })
            .collect();
        expect_test::expect![[r"
            webchat -> email, voice, sms
            email -> voice, sms
            voice -> email, sms
            work_item -> email, voice, sms
            voicemail -> email, voice, sms
            sms -> email, voice
        "]]
        .assert_eq(&table);
        let allowed = SIX.iter().map(|from| targets(*from).len()).sum::<usize>();
        assert_eq!((allowed, SIX.len() * SIX.len() - allowed), (15, 21));
        assert_eq!(targets(Channel::Whatsapp), targets(Channel::Webchat));
    }

    fn asked(elevation: serde_json::Value) -> Result<String, String> {
        let mut catalogue = Catalogue::default();
        for (id, channel, skill, active) in
            [("desk", "email", "mail", true), ("line", "voice", "calls", true), ("off", "sms", "texts", false)]
        {
            let settings: TouchpointSettings = serde_json::from_value(
                json!({ "channel": channel, "default_skill": skill, "default_flow": "f", "active": active }),
            )
            .expect("settings");
            catalogue.touchpoints.insert(TouchpointId::new(id).expect("a name"), settings);
        }
        let elevation: Elevation = serde_json::from_value(elevation).expect("an elevation");
        elevation.line(&catalogue).map(|line| line.to_string()).map_err(|refusal| refusal.to_string())
    }

    #[test]
    fn max_11_max_12_max_13_what_each_channel_needs_before_it_is_opened() {
        let mail = |subject: &str, body: &str| {
            asked(json!({ "channel": "email", "address": "ann@example.org", "subject": subject, "body": body }))
        };
        assert_eq!(mail("Your order", "Here it is.").as_deref(), Ok("desk"));
        assert!(mail("", "Here it is.").is_err_and(|why| why.contains("'subject'")));
        assert!(mail("Your order", " ").is_err_and(|why| why.contains("'body'")));
        let call = |address: &str, skill: Option<&str>| {
            asked(json!({ "channel": "voice", "address": address, "skill": skill }))
        };
        assert_eq!(call("+33 6 12 34 56 78", Some("calls")).as_deref(), Ok("line"));
        assert!(call("+33612345678", None).is_err_and(|why| why.contains("'skill'")));
        assert!(call("+33612345678", Some("mail")).is_err_and(|why| why.contains("no active touchpoint")));
        assert!(call("ann", Some("calls")).is_err_and(|why| why.contains("no address")));
        assert!(call("", Some("calls")).is_err_and(|why| why.contains("'address'")));
        let text = asked(json!({ "channel": "sms", "address": "+33612345678", "skill": "texts" }));
        assert!(text.is_err_and(|why| why.contains("no active touchpoint")), "it is not active");
    }
}

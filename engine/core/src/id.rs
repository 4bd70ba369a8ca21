//! Ids. Catalogue things carry the names people gave them; interactions and offers are numbered by the switchboard.

use std::{fmt, str::FromStr};

use routewright_flows::{
    name,
    name::{BadName, is_identifier},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

name!(
    /// A tenant. Nothing crosses one.
    TenantId, "tenant id", is_identifier, "1 to 64 letters, digits, '-' or '_'", "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
);
name!(
    /// A touchpoint: one number, widget or mailbox of a channel.
    TouchpointId, "touchpoint id", is_identifier, "1 to 64 letters, digits, '-' or '_'", "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
);
name!(
    /// An agent.
    AgentId, "agent id", is_identifier, "1 to 64 letters, digits, '-' or '_'", "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
);
name!(
    /// A skill, by its name (WAP-20: 2 to 30 letters, digits, hyphen, underscore, dot or colon).
    SkillId, "skill name",
    |t| (2..=30).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b)),
    "2 to 30 letters, digits, '-', '_', '.' or ':'", "^[A-Za-z0-9_.:-]{2,30}$"
);
name!(
    /// A handling profile.
    ProfileId, "handling profile id", is_identifier, "1 to 64 letters, digits, '-' or '_'", "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
);
name!(
    /// A calendar of opening hours.
    CalendarId, "calendar id", is_identifier, "1 to 64 letters, digits, '-' or '_'", "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
);
name!(
    /// A questionnaire.
    QuestionnaireId, "questionnaire id", is_identifier, "1 to 64 letters, digits, '-' or '_'", "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
);
name!(
    /// A disposition: how a conversation was qualified, or how a flow ended.
    DispositionId, "disposition", is_identifier, "1 to 64 letters, digits, '-' or '_'", "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
);

name!(
    /// A data table.
    TableId, "table id", is_identifier, "1 to 64 letters, digits, '-' or '_'", "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
);
name!(
    /// A secret, by its name. The value is known to the runtime alone.
    SecretId, "secret name", is_identifier, "1 to 64 letters, digits, '-' or '_'", "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
);
name!(
    /// A name that a version of a flow goes by.
    AliasId, "alias", is_identifier, "1 to 64 letters, digits, '-' or '_'", "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
);
name!(
    /// A named status of agents, such as `training` (DYD-22).
    StatusId, "status", is_identifier, "1 to 64 letters, digits, '-' or '_'", "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
);
name!(
    /// A business account at a provider of messages.
    AccountId, "account id", is_identifier, "1 to 64 letters, digits, '-' or '_'", "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
);
name!(
    /// A role of digital users.
    RoleId, "role id", is_identifier, "1 to 64 letters, digits, '-' or '_'", "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
);
name!(
    /// A routing queue.
    RoutingQueueId, "routing queue id", is_identifier, "1 to 64 letters, digits, '-' or '_'", "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
);

/// Bytes of a numbered id's text at most.
const NUMBERED_BYTES_MAX: usize = 21;

/// The text of a numbered id. Every state and every fact has several, and formatting them would take most of the time
/// that writing them takes.
fn numbered<'a>(letter: &str, mut number: u64, room: &'a mut [u8; NUMBERED_BYTES_MAX]) -> &'a str {
    let mut at = room.len();
    loop {
        at -= 1;
        room[at] = b'0' + (number % 10).to_le_bytes()[0];
        number /= 10;
        if number == 0 {
            break;
        }
    }
    at -= letter.len();
    room[at..at + letter.len()].copy_from_slice(letter.as_bytes());
    str::from_utf8(&room[at..]).expect("a letter and digits are text")
}

/// Defines a numbered id that people read with a letter in front.
macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(numbered($prefix, self.0, &mut [0; NUMBERED_BYTES_MAX]))
            }
        }

        impl FromStr for $name {
            type Err = BadName;

            fn from_str(text: &str) -> Result<Self, BadName> {
                text.strip_prefix($prefix)
                    .filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))
                    .and_then(|digits| digits.parse().ok())
                    .map(Self)
                    .ok_or_else(|| BadName {
                        what: $what,
                        given: text.chars().take(80).collect(),
                        expected: concat!("'", $prefix, "' and a number, such as '", $prefix, "42'"),
                    })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(numbered($prefix, self.0, &mut [0; NUMBERED_BYTES_MAX]))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

number!(
    /// One conversation being routed. Numbers rise in the order of arrival in a shard.
    InteractionId, "i", "interaction id"
);
number!(
    /// One offer of one interaction to one agent.
    OfferId, "o", "offer id"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_shown_written_and_read_as_the_same_text() {
        for (number, text) in [(0, "i0"), (7, "i7"), (10, "i10"), (u64::MAX, "i18446744073709551615")] {
            let id = InteractionId(number);
            assert_eq!(id.to_string(), text);
            assert_eq!(serde_json::to_value(id).expect("it is written"), text);
            assert_eq!(text.parse(), Ok(id));
        }
    }
}

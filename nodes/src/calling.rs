//! Calls to the outside: what `http_request`, `send_mail` and `emit_event` have in common.

use std::{borrow::Cow, time::Duration};

use routewright_engine::{
    call::{Call, Patience},
    limits::{CALL_BYTES_MAX, CALL_GRACE},
    node::{Fault, Next, Turn},
};
use routewright_flows::{HumanDuration, Stay, Waits};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};
use serde_json::{Value, json};

/// The alarm of a call that nobody ever answered.
const GIVEN_UP: &str = "given_up";

/// Makes a call and waits for what comes of it, a little longer than all its attempts may take.
pub fn make(call: Call, turn: &mut Turn<'_>) -> Next {
    turn.alarm(GIVEN_UP, call.patience().in_all() + CALL_GRACE);
    turn.call(call);
    Next::Wait
}

/// How long contacts stay at a node that [makes](make) such a call: nothing is said until it leaves.
pub fn stay(patience: Patience) -> Stay {
    Stay::Own(Waits::silent(patience.in_all() + CALL_GRACE))
}

/// How long one attempt may take: a second to a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptTime(HumanDuration);

impl AttemptTime {
    const RANGE: std::ops::RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(60);

    /// As the call carries it.
    #[must_use]
    pub fn get(self) -> HumanDuration {
        self.0
    }
}

impl Default for AttemptTime {
    /// Twilio's own figure: most systems that a flow asks answer within one second, and nobody watches longer.
    fn default() -> Self {
        Self(HumanDuration::from_millis(10_000))
    }
}

impl<'de> Deserialize<'de> for AttemptTime {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let length = HumanDuration::deserialize(from)?;
        if Self::RANGE.contains(&length.get()) {
            Ok(Self(length))
        } else {
            Err(de::Error::custom(format!("a time of '{length}' for one attempt: expected 1s to 60s")))
        }
    }
}

impl serde::Serialize for AttemptTime {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

impl JsonSchema for AttemptTime {
    fn schema_name() -> Cow<'static, str> {
        "AttemptTime".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        HumanDuration::json_schema(generator)
    }
}

/// The wait before a second attempt; it doubles before each further one.
const BACKOFF_MS: u64 = 500;

/// So many attempts after the first.
#[must_use]
pub fn patience(timeout: AttemptTime, retries: u8) -> Patience {
    Patience { timeout: timeout.get(), retries, backoff: HumanDuration::from_millis(BACKOFF_MS) }
}

/// The address of another system: `http` or `https`, its host written out, so that nothing a contact writes can lead
/// the call elsewhere.
#[must_use]
pub fn address_schema() -> Schema {
    json_schema!({ "pattern": "^https?://[A-Za-z0-9._~\\[\\]:-]+([/?#].*)?$" })
}

/// Refuses what is too large to be sent.
///
/// # Errors
/// It is.
pub fn bounded(body: String) -> Result<String, Fault> {
    if body.len() <= CALL_BYTES_MAX {
        return Ok(body);
    }
    let bytes = body.len();
    Err(Fault::new(
        "call-too-large",
        format!("a call of {bytes} bytes was to be made; at most {CALL_BYTES_MAX} are sent: send less"),
        format!("un appel de {bytes} octets devait partir, {CALL_BYTES_MAX} au plus sont envoyés : envoyez-en moins"),
    ))
}

/// The schema of the names of headers, without those that the runtime sets itself.
#[must_use]
pub fn header_names() -> Value {
    json!({
        "pattern": "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$",
        "not": { "pattern": "^(?:[Hh][Oo][Ss][Tt]|[Cc][Oo][Nn][Tt][Ee][Nn][Tt]-[Ll][Ee][Nn][Gg][Tt][Hh]|[Tt][Rr][Aa][Nn][Ss][Ff][Ee][Rr]-[Ee][Nn][Cc][Oo][Dd][Ii][Nn][Gg]|[Cc][Oo][Nn][Nn][Ee][Cc][Tt][Ii][Oo][Nn]|[Ii][Dd][Ee][Mm][Pp][Oo][Tt][Ee][Nn][Cc][Yy]-[Kk][Ee][Yy])$" },
    })
}

//! Setting types that several node types share: bounded, so that a bad figure is refused when the flow is checked.

use std::{borrow::Cow, str::FromStr, time::Duration};

use routewright_engine::limits::WAIT_MAX;
use routewright_flows::HumanDuration;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, de};

/// How long a node waits: at least a second, at most [`WAIT_MAX`]. No wait is without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Deadline(HumanDuration);

impl Deadline {
    const LEAST: Duration = Duration::from_secs(1);

    /// A default, in whole minutes; bounded like any other.
    #[must_use]
    pub fn minutes(minutes: u64) -> Self {
        let longest = u64::try_from(WAIT_MAX.as_millis()).unwrap_or(u64::MAX);
        Self(HumanDuration::from_millis(minutes.clamp(1, longest / 60_000) * 60_000))
    }

    /// As people write it.
    #[must_use]
    pub fn length(self) -> HumanDuration {
        self.0
    }

    /// As the standard type.
    #[must_use]
    pub fn get(self) -> Duration {
        self.0.get()
    }
}

impl<'de> Deserialize<'de> for Deadline {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(from)?;
        let length = HumanDuration::from_str(&text).map_err(de::Error::custom)?;
        if length.get() < Self::LEAST || WAIT_MAX < length.get() {
            let longest = WAIT_MAX.as_secs() / 86_400;
            return Err(de::Error::custom(format!("a wait of '{text}': expected 1s to {longest}d")));
        }
        Ok(Self(length))
    }
}

impl JsonSchema for Deadline {
    fn schema_name() -> Cow<'static, str> {
        "Deadline".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        HumanDuration::json_schema(generator)
    }
}

/// Attempts when the author says nothing: the second retry is usually the last that helps.
#[must_use]
pub fn attempts_default() -> u8 {
    3
}

/// Priorities reach from `-PRIORITY_MAX` to `PRIORITY_MAX`, so that two flows can be compared at a glance.
pub const PRIORITY_MAX: i32 = 100;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, from_value, json};

    use super::Deadline;

    #[test]
    fn waits_have_bounds() {
        for good in ["1s", "10m", "30d"] {
            assert!(from_value::<Deadline>(json!(good)).is_ok(), "{good}");
        }
        for bad in [json!("0s"), json!("999ms"), json!("31d"), json!("ten minutes"), json!(10), Value::Null] {
            assert!(from_value::<Deadline>(bad.clone()).is_err(), "{bad}");
        }
        assert_eq!(Deadline::minutes(10).get(), Duration::from_secs(600));
        assert_eq!(Deadline::minutes(u64::MAX).get(), Duration::from_secs(30 * 86_400));
    }
}

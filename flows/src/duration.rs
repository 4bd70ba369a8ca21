//! Durations as people write them: `"90s"`, `"10m"`, `"1h30m"`, `"2d"`.

use std::{borrow::Cow, fmt, str::FromStr, time::Duration};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::name::BadName;

/// A length of time in whole milliseconds, written as number and unit pairs in falling order of unit
/// (`d`, `h`, `m`, `s`, `ms`). At most 3,650 days (WAP-28).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct HumanDuration(Duration);

const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
/// The form of durations in JSON Schema, a little wider than what reads them.
pub(crate) const PATTERN: &str = "^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$";
const MS_MAX: u64 = 3_650 * 86_400_000;

impl HumanDuration {
    /// A duration of whole milliseconds, bounded to 3,650 days.
    #[must_use]
    pub fn from_millis(ms: u64) -> Self {
        Self(Duration::from_millis(ms.min(MS_MAX)))
    }

    /// As the standard type.
    #[must_use]
    pub fn get(self) -> Duration {
        self.0
    }
}

impl From<Duration> for HumanDuration {
    /// In whole milliseconds, bounded to 3,650 days.
    fn from(length: Duration) -> Self {
        Self::from_millis(u64::try_from(length.as_millis()).unwrap_or(u64::MAX))
    }
}

impl FromStr for HumanDuration {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let bad = || BadName {
            what: "duration",
            given: text.chars().take(80).collect(),
            expected: "number and unit pairs in falling order, such as '90s', '10m' or '1h30m', at most 3650d",
        };
        let mut rest = text;
        let mut units = UNITS.iter();
        let mut ms = 0_u64;
        if rest.is_empty() {
            return Err(bad());
        }
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let number: u64 = rest[..digits].parse().map_err(|_| bad())?;
            rest = &rest[digits..];
            let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
            let (_, size) = units.find(|(unit, _)| *unit == &rest[..letters]).ok_or_else(bad)?;
            rest = &rest[letters..];
            ms = number.checked_mul(*size).and_then(|n| ms.checked_add(n)).filter(|n| *n <= MS_MAX).ok_or_else(bad)?;
        }
        Ok(Self(Duration::from_millis(ms)))
    }
}

impl fmt::Display for HumanDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = u64::try_from(self.0.as_millis()).unwrap_or(MS_MAX);
        if left == 0 {
            return f.write_str("0s");
        }
        for (unit, size) in UNITS {
            if left / size > 0 {
                write!(f, "{}{unit}", left / size)?;
                left %= size;
            }
        }
        Ok(())
    }
}

impl Serialize for HumanDuration {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for HumanDuration {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for HumanDuration {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": PATTERN,
            "minLength": 2,
            "examples": ["90s", "10m", "1h30m", "2d"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::HumanDuration;

    #[test]
    fn durations_read_and_write_themselves() {
        for text in ["0s", "90s", "10m", "1h30m", "2d", "1d2h3m4s5ms", "500ms", "3650d"] {
            let d: HumanDuration = text.parse().expect(text);
            let again: HumanDuration = d.to_string().parse().expect("own output parses");
            assert_eq!(d, again);
        }
        for text in ["", "10", "m", "10x", "1m1h", "1m1m", "-1s", "1.5h", "3651d", "99999999999999999999d", "é"] {
            assert!(text.parse::<HumanDuration>().is_err(), "{text}");
        }
    }
}

//! Points in time, as they cross the wire: RFC 3339, UTC, milliseconds.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::fmt;

/// A point in time with millisecond resolution, written as `2026-11-21T09:30:00.000Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, format = DateTime))]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    /// From milliseconds since the Unix epoch; `None` outside chrono's range (years ±262,000).
    #[must_use]
    pub fn from_millis(millis: i64) -> Option<Self> {
        DateTime::from_timestamp_millis(millis).map(Self)
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub fn millis(self) -> i64 {
        self.0.timestamp_millis()
    }

    /// The same moment as chrono has it, and one nanosecond: so it has no trailing zeros when it is written down, which the
    /// database needs to keep times in order (`crates/domain/src/db.rs`). Coming back, it is dropped.
    #[must_use]
    pub fn datetime(self) -> DateTime<Utc> {
        self.0.checked_add_signed(TimeDelta::nanoseconds(1)).unwrap_or(self.0)
    }

    /// This moment moved by `delta` (saturating at the ends of chrono's range).
    #[must_use]
    pub fn plus(self, delta: TimeDelta) -> Self {
        Self(self.0.checked_add_signed(delta).unwrap_or(DateTime::<Utc>::MAX_UTC))
    }
}

impl From<DateTime<Utc>> for Timestamp {
    /// Drops what is finer than a millisecond, so that a value survives the wire unchanged.
    fn from(moment: DateTime<Utc>) -> Self {
        Self(DateTime::from_timestamp_millis(moment.timestamp_millis()).unwrap_or(moment))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let moment = DateTime::parse_from_rfc3339(&text).map_err(D::Error::custom)?;
        Ok(moment.with_timezone(&Utc).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_is_written_with_three_digits_of_milliseconds_even_when_they_are_zero() {
        let noon = Timestamp::from_millis(1_795_262_400_000).expect("in range");
        assert_eq!(
            serde_json::to_string(&noon).expect("serializes"),
            "\"2026-11-21T12:00:00.000Z\""
        );
        let back: Timestamp = serde_json::from_str("\"2026-11-21T13:00:00+01:00\"").expect("parses");
        assert_eq!(back, noon);
    }
}

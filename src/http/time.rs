//! Moments on the wire: RFC 3339, UTC.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment: microseconds since 1970, UTC, in the store; RFC 3339 on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time(pub i64);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(moment) => s.collect_str(&moment),
            Err(_) => s.serialize_none(),
        }
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        text.parse::<jiff::Timestamp>()
            .map(|moment| Time(moment.as_microsecond()))
            .map_err(|_| serde::de::Error::custom("a moment such as 2026-04-20T02:05:00Z"))
    }
}

/// Now, in microseconds since 1970, UTC.
pub fn now_us() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}

#[cfg(test)]
mod tests {
    use super::Time;

    #[test]
    fn a_moment_survives_the_wire_in_utc() {
        let time: Time = serde_json::from_str(r#""2026-04-20T14:05:00+12:00""#).unwrap();
        assert_eq!(serde_json::to_string(&time).unwrap(), r#""2026-04-20T02:05:00Z""#);
        assert!(serde_json::from_str::<Time>(r#""tomorrow""#).is_err());
    }
}

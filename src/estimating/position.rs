//! The order of siblings: a key that always has room for another between two.
//!
//! A [`Position`] is a fraction between 0 and 1 written in base 256, at most [`POSITION_BYTES`]
//! long. Inserting between two siblings makes a key between theirs and changes no other row.
//! Runs of inserts at one place grow a key by two bytes every four thousand; only a contrived
//! pattern (each insert between the last two) exhausts a gap, after about 160 inserts. Then the
//! answer is `None` and the caller gives all siblings new keys from [`Position::spread`].

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

/// The longest key, in bytes; also the size of a [`Position`] in memory.
pub const POSITION_BYTES: usize = 24;

/// Appended and prepended keys stand this far apart on their level, so that a few rows fit between
/// any two without a longer key.
const STEP: u128 = 16;
/// The shortest level appended keys live on: 3 bytes hold half a million of them.
const LEVEL_MIN: usize = 3;
/// A key that needs more room grows by this many bytes at once.
const LEVEL_STEP: usize = 2;
/// Neighbours whose lengths differ by this many bytes are the mark of a run of inserts: about
/// sixteen on one side.
const RUN_LENGTH_DIFFERENCE: usize = 2;
/// Keys dealt out in bulk leave at least this many free places between neighbours when they can.
const ROOM: u128 = 16;

/// The place of a row among its siblings. Ordered; equal only to itself.
///
/// Unused bytes are zero and the last used byte is not, so comparing the arrays compares the
/// fractions, and a key is never empty.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position([u8; POSITION_BYTES]);

impl Position {
    /// The key of an only child. O(1).
    pub const fn first() -> Self {
        let mut bytes = [0; POSITION_BYTES];
        bytes[0] = 0x80;
        Self(bytes)
    }

    /// A key after this one, for appending; `None` when there is no room left.
    pub fn after(&self) -> Option<Self> {
        Self::between(Some(self), None)
    }

    /// A key before this one; `None` when there is no room left.
    pub fn before(&self) -> Option<Self> {
        Self::between(None, Some(self))
    }

    /// A key strictly between two siblings, `None` standing for the start or the end.
    ///
    /// Answers `None` when no key of [`POSITION_BYTES`] lies between them, or when they are not
    /// in order: the caller then deals out new keys to all siblings. O(key length).
    pub fn between(low: Option<&Self>, high: Option<&Self>) -> Option<Self> {
        if let (Some(low), Some(high)) = (low, high)
            && low >= high
        {
            return None;
        }
        let near = match (low, high) {
            (None, None) => return Some(Self::first()),
            (Some(low), None) => low.step_up(high),
            (None, Some(high)) => high.step_down(low),
            // A key much longer than its neighbour is the youngest of a run of inserts at this
            // place: staying close to it leaves the rest of the gap to the run. Otherwise halve.
            (Some(low), Some(high)) => {
                let (low_level, high_level) = (low.level(), high.level());
                if low_level >= high_level + RUN_LENGTH_DIFFERENCE {
                    low.step_up(Some(high))
                } else if high_level >= low_level + RUN_LENGTH_DIFFERENCE {
                    high.step_down(Some(low))
                } else {
                    None
                }
            }
        };
        near.or_else(|| Self::run(low, high, 1, 1)?.pop())
    }

    /// `count` keys in order over the whole range, evenly spaced and short (3 bytes for 10,000):
    /// for a bulk insert into an empty parent, or to give siblings new keys. O(count).
    pub fn spread(count: usize) -> Vec<Self> {
        Self::run(None, None, count, ROOM).expect("the whole range holds any count of siblings")
    }

    /// `count` keys in order strictly between two siblings, evenly spaced and as short as leaves
    /// room between them; `None` under the conditions of [`Position::between`]. O(count).
    pub fn run_between(low: Option<&Self>, high: Option<&Self>, count: usize) -> Option<Vec<Self>> {
        if let (Some(low), Some(high)) = (low, high)
            && low >= high
        {
            return None;
        }
        // Behind the last sibling there is no neighbour to keep even distances to, and later
        // appends need the room.
        if let (Some(low), None) = (low, high)
            && let Some(keys) = low.append(count)
        {
            return Some(keys);
        }
        Self::run(low, high, count, ROOM)
    }

    /// The significant bytes, 1 to [`POSITION_BYTES`]; their byte order is the order of siblings.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0[..self.length()]
    }

    /// From significant bytes; `None` when empty, too long or ending in zero.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > POSITION_BYTES || bytes.last().is_none_or(|last| *last == 0) {
            return None;
        }
        let mut padded = [0; POSITION_BYTES];
        padded[..bytes.len()].copy_from_slice(bytes);
        Some(Self(padded))
    }

    fn length(&self) -> usize {
        self.0.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)
    }

    /// The level a step from this key starts on.
    fn level(&self) -> usize {
        self.length().max(LEVEL_MIN)
    }

    /// `count` keys a step apart behind this one; `None` when they run into the end.
    fn append(&self, count: usize) -> Option<Vec<Self>> {
        let mut last = *self;
        (0..count)
            .map(|_| {
                last = last.step_up(None)?;
                Some(last)
            })
            .collect()
    }

    /// A key a step above this one and below `limit`.
    fn step_up(&self, limit: Option<&Self>) -> Option<Self> {
        self.levels().find_map(|level| {
            let key = add(self.0, level, STEP)?.settled(level);
            (key > *self && limit.is_none_or(|limit| key < *limit)).then_some(key)
        })
    }

    /// A key a step below this one and above `limit`.
    fn step_down(&self, limit: Option<&Self>) -> Option<Self> {
        self.levels().find_map(|level| {
            let key = subtract(self.0, level, STEP)?.settled(level);
            (key < *self && limit.is_none_or(|limit| key > *limit)).then_some(key)
        })
    }

    fn levels(&self) -> impl Iterator<Item = usize> {
        (self.level()..=POSITION_BYTES).step_by(LEVEL_STEP)
    }

    /// Moves off a zero low nibble, so that steps along a level keep its length.
    fn settled(mut self, level: usize) -> Self {
        if self.0[level - 1] & 0x0f == 0 {
            self.0[level - 1] |= 0x08;
        }
        self
    }

    /// Evenly spaced keys on the shortest level that leaves `room` places for each, or on the last.
    fn run(low: Option<&Self>, high: Option<&Self>, count: usize, room: u128) -> Option<Vec<Self>> {
        let parts = count as u128 + 1;
        let floor = low.map_or([0; POSITION_BYTES], |key| key.0);
        // The distance between the two on each level, in places of that level.
        let mut gap: u128 = if high.is_none() { 1 } else { 0 };
        let mut tight = None;
        for level in 1..=POSITION_BYTES {
            let top = high.map_or(0, |key| key.0[level - 1]);
            gap = gap.saturating_mul(256) + u128::from(top) - u128::from(floor[level - 1]);
            if gap >= parts * room {
                return deal(floor, level, gap, parts);
            }
            if gap > count as u128 {
                tight = Some((level, gap));
            }
        }
        let (level, gap) = tight?;
        deal(floor, level, gap, parts)
    }
}

/// Keys at `floor + gap x i / parts` for i from 1, on `level`.
fn deal(
    floor: [u8; POSITION_BYTES],
    level: usize,
    gap: u128,
    parts: u128,
) -> Option<Vec<Position>> {
    let mut base = floor;
    base[level..].fill(0);
    (1..parts)
        .map(|part| add(base, level, gap / parts * part + gap % parts * part / parts))
        .collect()
}

/// Adds `places` of `level`, dropping what lies below it; `None` past the end of the range.
fn add(bytes: [u8; POSITION_BYTES], level: usize, places: u128) -> Option<Position> {
    let mut sum = bytes;
    let mut carry = places;
    for byte in sum[..level].iter_mut().rev() {
        carry += u128::from(*byte);
        *byte = (carry & 0xff) as u8;
        carry >>= 8;
    }
    (carry == 0).then_some(Position(sum))
}

/// Takes `places` (fewer than 2^64) of `level` away; `None` at or below zero.
fn subtract(bytes: [u8; POSITION_BYTES], level: usize, places: u128) -> Option<Position> {
    let mut difference = bytes;
    let mut borrow = i128::try_from(places).ok()?;
    for byte in difference[..level].iter_mut().rev() {
        let value = i128::from(*byte) - borrow;
        *byte = value.rem_euclid(256) as u8;
        borrow = -value.div_euclid(256);
    }
    (borrow == 0 && difference != [0; POSITION_BYTES]).then_some(Position(difference))
}

/// The bytes in hexadecimal, which sorts as the position does.
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Position({self})")
    }
}

impl Serialize for Position {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_bytes(self.as_bytes())
        }
    }
}

impl<'de> Deserialize<'de> for Position {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_str(PositionVisitor)
        } else {
            deserializer.deserialize_bytes(PositionVisitor)
        }
    }
}

struct PositionVisitor;

impl<'de> Visitor<'de> for PositionVisitor {
    type Value = Position;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1 to {POSITION_BYTES} bytes of order key, the last not zero")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Position, E> {
        let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
        let bytes: Option<Vec<u8>> = text
            .as_bytes()
            .chunks(2)
            .map(|pair| match pair {
                [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
                _ => None,
            })
            .collect();
        bytes
            .and_then(|bytes| Position::from_bytes(&bytes))
            .ok_or_else(|| E::custom("a position is an even number of hexadecimal digits"))
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Position, E> {
        Position::from_bytes(bytes).ok_or_else(|| E::invalid_length(bytes.len(), &self))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut bytes: A) -> Result<Position, A::Error> {
        let mut read = Vec::new();
        while let Some(byte) = bytes.next_element()? {
            if read.len() == POSITION_BYTES {
                return Err(A::Error::invalid_length(POSITION_BYTES + 1, &self));
            }
            read.push(byte);
        }
        self.visit_bytes(&read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn assert_in_order(keys: &[Position]) {
        assert!(keys.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(keys.iter().all(|key| key.length() > 0));
    }

    fn longest(keys: &[Position]) -> usize {
        keys.iter().map(Position::length).max().unwrap_or(0)
    }

    #[test]
    fn a_position_takes_its_bytes_and_no_more() {
        assert_eq!(size_of::<Position>(), POSITION_BYTES);
    }

    #[test]
    fn ten_thousand_bulk_rows_have_three_byte_keys() {
        let keys = Position::spread(10_000);
        assert_eq!(keys.len(), 10_000);
        assert_in_order(&keys);
        assert_eq!(longest(&keys), 3);
    }

    #[test]
    fn a_bulk_insert_between_two_neighbours_stays_short() {
        let (low, high) = (Position::first(), Position::first().after().expect("room"));
        let keys = Position::run_between(Some(&low), Some(&high), 10_000).expect("room");
        assert_in_order(&[&[low], keys.as_slice(), &[high]].concat());
        assert!(longest(&keys) <= 6);
    }

    #[test]
    fn a_bulk_append_leaves_room_for_more() {
        let mut keys = vec![Position::first()];
        for _ in 0..30 {
            let more = Position::run_between(keys.last(), None, 1000).expect("room");
            keys.extend(more);
        }
        assert_in_order(&keys);
        assert_eq!(longest(&keys), 3);
    }

    #[test]
    fn appending_and_prepending_a_hundred_thousand_rows_stay_three_bytes_long() {
        let mut up = vec![Position::first()];
        let mut down = vec![Position::first()];
        for _ in 0..100_000 {
            up.push(up.last().and_then(Position::after).expect("room"));
            down.push(down.last().and_then(Position::before).expect("room"));
        }
        down.reverse();
        assert_in_order(&up);
        assert_in_order(&down);
        assert_eq!((longest(&up), longest(&down)), (3, 3));
    }

    #[test]
    fn ten_thousand_inserts_at_one_place_grow_slowly_from_either_side() {
        for new_is_low in [true, false] {
            let mut low = Position::first();
            let mut high = low.after().expect("room");
            for _ in 0..10_000 {
                let key = Position::between(Some(&low), Some(&high)).expect("room");
                assert!(low < key && key < high);
                if new_is_low { low = key } else { high = key }
            }
            let length = low.length().max(high.length());
            assert!(length <= 16, "{length} bytes");
        }
    }

    #[test]
    fn an_exhausted_gap_asks_for_new_keys_and_never_repeats_one() {
        let mut low = Position::first();
        let mut high = low.after().expect("room");
        let mut inserts = 0;
        while let Some(key) = Position::between(Some(&low), Some(&high)) {
            assert!(low < key && key < high);
            if inserts % 2 == 0 {
                low = key
            } else {
                high = key
            }
            inserts += 1;
        }
        assert!(inserts > 150, "{inserts} inserts");
        assert_eq!(Position::between(Some(&high), Some(&low)), None);
        assert_eq!(Position::between(Some(&low), Some(&low)), None);
    }

    #[test]
    fn the_ends_of_the_range_still_have_room() {
        let last = Position::from_bytes(&[0xff]).expect("valid");
        let first = Position::from_bytes(&[0x01]).expect("valid");
        assert!(last.after().expect("room") > last);
        assert!(first.before().expect("room") < first);
        let smallest = Position::from_bytes(&[&[0; 23][..], &[1]].concat()).expect("valid");
        assert_eq!(smallest.before(), None);
        assert_eq!(Position::from_bytes(&[0xff; 24]).expect("valid").after(), None);
    }

    #[test]
    fn keys_travel_as_sortable_text_where_people_read() {
        let key = Position::first().after().expect("room");
        let json = serde_json::to_string(&key).expect("writes");
        assert_eq!(json, "\"800018\"");
        assert_eq!(serde_json::from_str::<Position>(&json).expect("reads"), key);
        for wrong in ["\"\"", "\"8\"", "\"8000\"", "\"zz\"", "12"] {
            assert!(serde_json::from_str::<Position>(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]

        #[test]
        fn ten_thousand_random_inserts_stay_in_order_and_short(seed in 1..u64::MAX) {
            let mut state = seed;
            let mut keys: Vec<Position> = Vec::with_capacity(10_000);
            for _ in 0..10_000 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let at = state as usize % (keys.len() + 1);
                let low = at.checked_sub(1).and_then(|before| keys.get(before));
                let key = Position::between(low, keys.get(at)).expect("room");
                keys.insert(at, key);
            }
            assert_in_order(&keys);
            prop_assert!(longest(&keys) <= 10, "{} bytes", longest(&keys));
        }

        #[test]
        fn anything_between_any_two_keys_is_strictly_between(
            pairs in prop::collection::vec(
                (prop::collection::vec(any::<u8>(), 1..=24), prop::collection::vec(any::<u8>(), 1..=24)),
                200,
            ),
            count in 1..40_usize,
        ) {
            for (one, other) in pairs {
                let (Some(one), Some(other)) =
                    (Position::from_bytes(&one), Position::from_bytes(&other)) else { continue };
                let (low, high) = (one.min(other), one.max(other));
                if let Some(key) = Position::between(Some(&low), Some(&high)) {
                    prop_assert!(low < key && key < high);
                }
                if let Some(keys) = Position::run_between(Some(&low), Some(&high), count) {
                    prop_assert_eq!(keys.len(), count);
                    assert_in_order(&[&[low], keys.as_slice(), &[high]].concat());
                }
            }
        }
    }
}

use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use crate::ledger::{
    CodecError, Lsn, Record, RecordError, Row, chain_hash,
    codec::{decode, decode_body, encode},
    genesis_hash,
};

/// A resource as the first release kept it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct ResourceV1 {
    code: String,
    rate_cents: i64,
}

impl Row for ResourceV1 {
    const FORMAT: u8 = 1;
}

/// A resource as it is kept since it has a unit and rates in hundredths of a cent.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Resource {
    code: String,
    rate_e4: i128,
    unit: Option<String>,
    tags: Vec<(u32, String)>,
}

impl Row for Resource {
    const FORMAT: u8 = 2;

    fn upgrade(format: u8, body: &[u8]) -> Result<Self, CodecError> {
        match format {
            1 => {
                let ResourceV1 { code, rate_cents } = decode_body(body)?;
                let rate_e4 = i128::from(rate_cents) * 100;
                Ok(Resource { code, rate_e4, unit: None, tags: Vec::new() })
            }
            found => Err(CodecError::UnsupportedFormat { found, newest: Self::FORMAT }),
        }
    }
}

fn digger() -> Resource {
    Resource {
        code: "PL-20T".into(),
        rate_e4: 1_485_000,
        unit: Some("hr".into()),
        tags: vec![(3, "plant".into())],
    }
}

#[test]
fn a_row_reads_back_as_it_was_written() {
    let bytes = encode(&digger()).unwrap();
    assert_eq!(bytes[0], 2);
    assert_eq!(decode::<Resource>(&bytes).unwrap(), digger());
}

#[test]
fn a_row_of_an_older_format_is_read_and_upgraded() {
    let old = encode(&ResourceV1 { code: "LAB".into(), rate_cents: 6_250 }).unwrap();
    let row: Resource = decode(&old).unwrap();
    assert_eq!((row.code.as_str(), row.rate_e4, row.unit), ("LAB", 625_000, None));
}

#[test]
fn a_row_of_a_newer_format_is_refused_by_name() {
    let error = decode::<Resource>(&[9, 1, 2, 3]).unwrap_err();
    assert_eq!(error, CodecError::UnsupportedFormat { found: 9, newest: 2 });
    assert_eq!(decode::<Resource>(&[]).unwrap_err(), CodecError::Empty);
}

#[test]
fn a_row_with_bytes_left_over_or_missing_is_refused() {
    let mut bytes = encode(&digger()).unwrap();
    bytes.push(0);
    assert!(matches!(decode::<Resource>(&bytes), Err(CodecError::Malformed(_))));
    for length in 1..bytes.len() - 1 {
        assert!(matches!(decode::<Resource>(&bytes[..length]), Err(CodecError::Malformed(_))));
    }
}

#[test]
fn a_huge_claimed_length_is_refused_without_reserving_it() {
    // Format 2, then a string of 2^63 bytes, then one of 1 GiB.
    let mut bytes = vec![2, 253];
    bytes.extend_from_slice(&(1u64 << 63).to_le_bytes());
    assert!(matches!(decode::<Resource>(&bytes), Err(CodecError::Malformed(_))));
    let mut bytes = vec![2, 252];
    bytes.extend_from_slice(&(1u32 << 30).to_le_bytes());
    assert!(matches!(decode::<Resource>(&bytes), Err(CodecError::Malformed(_))));
}

#[test]
fn the_canonical_bytes_and_hash_never_change() {
    let genesis = genesis_hash(&super::ORGANISATION);
    let draft = super::draft("set-quantity", vec![super::item("k", "", "v")]);
    let (record, stored) = Record::seal(draft, Lsn(1), genesis).unwrap();
    let mut expected = vec![1];
    expected.extend_from_slice(&1u64.to_be_bytes());
    expected.extend_from_slice(&1_795_000_000_000_000i64.to_be_bytes());
    expected.extend_from_slice(&[7; 16]);
    expected.extend_from_slice(b"\0\0\0\x0cset-quantity\0\0\0\x04note\0\0\0\x01");
    expected.extend_from_slice(b"\x01\0\0\0\x01k\0\x01\0\0\0\x01v");
    assert_eq!(record.canonical_bytes().unwrap(), expected);
    assert_eq!(record.hash, chain_hash(&genesis, &expected));
    assert_eq!(stored, [expected.as_slice(), &genesis, &record.hash].concat());
    assert_eq!(Record::from_stored(&stored).unwrap(), record);
    let hash = record.hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(hash, "681629500fb286175ad4731c7427c56bdcc485088a717107eb5e4608c70c5e22");
}

#[test]
fn a_record_of_a_newer_format_is_refused_by_name() {
    let mut stored = vec![2];
    stored.resize(200, 0);
    assert_eq!(Record::from_stored(&stored), Err(RecordError::Format { found: 2 }));
}

proptest! {
    #[test]
    fn hostile_rows_end_in_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode::<Resource>(&bytes);
        let _ = decode_body::<Resource>(&bytes);
    }

    #[test]
    fn hostile_records_end_in_an_answer(
        mut bytes in proptest::collection::vec(any::<u8>(), 0..300),
        as_record in any::<bool>(),
    ) {
        if as_record && let Some(first) = bytes.first_mut() {
            *first = 1;
        }
        let _ = Record::from_stored(&bytes);
    }

    #[test]
    fn a_damaged_record_reads_as_another_hash_or_not_at_all(
        at in any::<prop::sample::Index>(),
        flip in 1u8..,
    ) {
        let changes = vec![super::item("a", "", "1"), super::item("b", "2", "")];
        let (record, mut stored) =
            Record::seal(super::draft("c", changes), Lsn(5), [3; 32]).unwrap();
        let at = at.index(stored.len());
        stored[at] ^= flip;
        let read = Record::from_stored(&stored);
        if let Ok(read) = read {
            let sound = chain_hash(&[3; 32], &read.canonical_bytes().unwrap()) == read.hash;
            prop_assert!(!sound || read.prev_hash != record.prev_hash);
        }
    }
}

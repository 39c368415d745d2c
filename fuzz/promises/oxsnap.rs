//! `.oxsnap` files: read frame by frame, whether the checksums hold or what they are over is wrong.

use super::Input;
use oxflow::ledger::{Head, Lsn};
use oxflow::vault::oxsnap::{Header, verify_bytes};

/// Frames one made file has at most.
const FRAMES_MAX: usize = 6;
/// The longest frame of a made file, before compression.
const FRAME_BYTES_MAX: usize = 4_096;
const ORGANISATION: [u8; 16] = [5; 16];

/// Whole files, and frames to make some of.
pub fn seeds() -> Vec<Vec<u8>> {
    let row = |table: u8, key: &[u8], row: &[u8]| {
        let lengths = (row.len() as u32).to_be_bytes();
        [&[table, key.len() as u8][..], &lengths, key, row].concat()
    };
    let rows = [row(1, b"a", b"\x01one"), row(1, b"b", b"\x01two"), row(2, b"a", b"")].concat();
    let commit = [&5_u32.to_be_bytes()[..], b"12345"].concat();
    let frame =
        |kind: u8, raw: &[u8]| [&[kind][..], &(raw.len() as u16).to_be_bytes(), raw].concat();
    let frames = [frame(1, &rows), frame(2, &rows), frame(3, &commit), frame(3, &commit[..4])];
    vec![
        made(Input(&[])),
        made(Input(&frames[0])),
        made(Input(&frames[..3].concat())),
        frames[..3].concat(),
        frames.concat(),
        [frame(3, &commit[..6]), frame(3, &commit[6..])].concat(),
        [frame(2, &rows), frame(1, &rows)].concat(),
    ]
}

/// Reads a file, and one made of the input so that only what is under the checksums is wrong.
pub fn keeps(bytes: &[u8]) {
    read(bytes);
    read(&made(Input(bytes)));
}

fn read(bytes: &[u8]) {
    match verify_bytes("the file", bytes.to_vec()) {
        Ok((header, counts)) => {
            assert_eq!(counts.bytes, bytes.len() as u64, "a whole file was read whole");
            assert!(header.format <= 1, "a newer file was read");
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// A file of frames: each its kind and as many bytes as its length says, under true checksums.
fn made(mut input: Input<'_>) -> Vec<u8> {
    let head = Head { lsn: Lsn(3), hash: [7; 32] };
    let header = Header::of(ORGANISATION, head, 0);
    let header = serde_json::to_vec(&header).expect("a header is JSON");
    let mut file = b"oxsnap1\n".to_vec();
    file.extend_from_slice(&(header.len() as u32).to_be_bytes());
    file.extend_from_slice(&header);
    let mut hashes = vec![blake3::hash(&header)];
    let (mut rows, mut commits) = (0_u64, 0_u64);
    while !input.is_empty() && hashes.len() <= FRAMES_MAX {
        let kind = input.byte();
        let raw = input.some(FRAME_BYTES_MAX);
        let mut body = (raw.len() as u64).to_be_bytes().to_vec();
        body.extend(zstd::bulk::compress(raw, 1).expect("bytes can be compressed"));
        let hash = blake3::hash(&body);
        file.push(kind);
        file.extend_from_slice(&(body.len() as u32).to_be_bytes());
        file.extend_from_slice(hash.as_bytes());
        file.extend_from_slice(&body);
        hashes.push(hash);
        if kind == 3 { commits += counted(raw, 4) } else { rows += counted(raw, 6) }
    }
    let mut trailer = ((hashes.len() - 1) as u32).to_be_bytes().to_vec();
    trailer.extend_from_slice(&rows.to_be_bytes());
    trailer.extend_from_slice(&commits.to_be_bytes());
    for hash in &hashes {
        trailer.extend_from_slice(hash.as_bytes());
    }
    let seal = blake3::hash(&trailer);
    file.push(0);
    file.extend_from_slice(&trailer);
    file.extend_from_slice(seal.as_bytes());
    file
}

/// How many rows (a head of 6 bytes) or commits (of 4) there are in a frame that is well formed.
fn counted(mut raw: &[u8], head: usize) -> u64 {
    let mut count = 0;
    while let Some((before, rest)) = raw.split_at_checked(head) {
        let length = before[head - 4..].iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        let key = if head == 6 { usize::from(before[1]) } else { 0 };
        let Some(rest) = rest.get(length + key..) else { break };
        count += 1;
        raw = rest;
    }
    count
}

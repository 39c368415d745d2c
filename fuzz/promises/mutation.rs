//! Changes to an input, from one number: the same number makes the same input anywhere.

/// Changes to one input at most.
const CHANGES_MAX: u64 = 12;
/// Bytes that go, come or are repeated at once.
const RUN_MAX: u64 = 64;
/// An input grows to so many bytes.
const BYTES_MAX: usize = 64 * 1024;
/// What readers take for the end of something, or for more than there is.
const TELLING: [u8; 12] = [0, 1, 0x7f, 0x80, 0xff, b'"', b'<', b'>', b'{', b',', b'-', b'\n'];
/// Pieces of text that mean something to a reader.
const PIECES: [&str; 24] = [
    "-1",
    "0",
    "99999999999999999999999999999",
    "1e9",
    "0.00000000000000000000000001",
    "NaN",
    "()",
    "if(",
    "min(",
    "<c r=\"A1\"",
    "</v>",
    "<v>",
    "&#x0;",
    "&amp;",
    "]]>",
    "<![CDATA[",
    "\u{feff}",
    "\u{202e}",
    "\u{1f3d7}",
    "\"\"",
    "null",
    "{\"",
    "}}",
    "\r\n",
];

/// A source of numbers that look random (SplitMix64).
pub struct Chance(pub u64);

impl Chance {
    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is not zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    fn index(&mut self, length: usize) -> usize {
        self.below(length as u64) as usize
    }
}

/// One of the seeds, changed here and there.
pub fn mutated(seeds: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = seeds[chance.index(seeds.len())].clone();
    for _ in 0..=chance.below(CHANGES_MAX) {
        let at = chance.index(bytes.len() + 1);
        let run = (chance.below(RUN_MAX) as usize + 1).min(bytes.len() - at);
        match chance.below(8) {
            0 if run > 0 => bytes[at] ^= 1 << chance.below(8),
            1 if run > 0 => bytes[at] = TELLING[chance.index(TELLING.len())],
            2 => drop(bytes.drain(at..at + run)),
            3 => {
                let again = bytes[at..at + run].to_vec();
                put(&mut bytes, at, &again);
            }
            4 => put(&mut bytes, at, PIECES[chance.index(PIECES.len())].as_bytes()),
            5 => {
                let other = &seeds[chance.index(seeds.len())];
                let from = chance.index(other.len() + 1);
                let taken = (chance.below(RUN_MAX) as usize).min(other.len() - from);
                put(&mut bytes, at, &other[from..from + taken]);
            }
            6 => bytes.truncate(at),
            _ => {
                let word = chance.next().to_be_bytes();
                put(&mut bytes, at, &word[..chance.index(word.len()) + 1]);
            }
        }
    }
    bytes
}

fn put(bytes: &mut Vec<u8>, at: usize, piece: &[u8]) {
    if bytes.len() + piece.len() <= BYTES_MAX {
        bytes.splice(at..at, piece.iter().copied());
    }
}

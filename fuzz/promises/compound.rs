//! The compound file and the records of an .xls, made just well enough to be read.

/// Bytes of a sector.
const SECTOR: usize = 512;
/// Sectors one sector of the table lists, less the table itself and the directory.
const SECTORS_MAX: usize = SECTOR / 4 - 2;
/// A stream shorter than this would live elsewhere in the file.
const STREAM_BYTES_MIN: usize = 4_096;
const END: u32 = 0xffff_fffe;
const FREE: u32 = 0xffff_ffff;
const TABLE: u32 = 0xffff_fffd;

/// A compound file whose one stream, `Workbook`, begins with `stream`: as much of it as fits.
pub fn workbook(stream: &[u8]) -> Vec<u8> {
    let mut stream = stream[..stream.len().min(SECTORS_MAX * SECTOR)].to_vec();
    stream.resize(stream.len().max(STREAM_BYTES_MIN).next_multiple_of(SECTOR), 0);
    let sectors = (stream.len() / SECTOR) as u32;

    let mut file = vec![0; SECTOR];
    file[..8].copy_from_slice(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
    file[30..32].copy_from_slice(&9_u16.to_le_bytes());
    file[48..52].copy_from_slice(&1_u32.to_le_bytes());
    for at in [60, 68] {
        file[at..at + 4].copy_from_slice(&END.to_le_bytes());
    }
    file[76..].fill(0xff);
    file[76..80].copy_from_slice(&0_u32.to_le_bytes());

    let mut table = vec![TABLE, END];
    table.extend((0..sectors).map(|n| if n + 1 == sectors { END } else { n + 3 }));
    table.resize(SECTOR / 4, FREE);
    file.extend(table.iter().flat_map(|number| number.to_le_bytes()));

    let mut directory = entry("Root Entry", END, 0);
    directory.extend(entry("Workbook", 2, stream.len() as u32));
    directory.resize(SECTOR, 0);
    file.extend(directory);
    file.extend(stream);
    file
}

fn entry(name: &str, start: u32, size: u32) -> Vec<u8> {
    let mut entry = vec![0; 128];
    let units: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    entry[..units.len()].copy_from_slice(&units);
    entry[64..66].copy_from_slice(&((units.len() + 2) as u16).to_le_bytes());
    entry[116..120].copy_from_slice(&start.to_le_bytes());
    entry[120..124].copy_from_slice(&size.to_le_bytes());
    entry
}

/// The records of a small workbook: shared strings, a date, numbers in both packings, a formula.
pub fn records() -> Vec<u8> {
    let globals = |at: u32| {
        let mut sheet = at.to_le_bytes().to_vec();
        sheet.extend([0, 0, 4, 0]);
        sheet.extend(b"Bill");
        let mut strings = vec![2, 0, 0, 0, 2, 0, 0, 0];
        strings.extend(text("Strip topsoil"));
        strings.extend(text("m3"));
        [
            record(0x0809, &[0x00, 0x06, 0x05, 0x00]),
            record(0x0022, &[0, 0]),
            record(0x0031, &[0, 0, 0, 0, 0, 0, 0xbc, 0x02]),
            record(0x041e, &[&[164, 0][..], &text("dd/mm/yyyy")].concat()),
            record(0x00e0, &[0; 20]),
            record(0x00e0, &[&[0, 0, 164, 0][..], &[0; 16]].concat()),
            record(0x0085, &sheet),
            record(0x00fc, &strings),
            record(0x000a, &[]),
        ]
        .concat()
    };
    let at = globals(0).len() as u32;
    let number = 850.5_f64.to_bits().to_le_bytes();
    let cells = [
        record(0x0809, &[0x00, 0x06, 0x10, 0x00]),
        record(0x00fd, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        record(0x00fd, &[0, 0, 1, 0, 0, 0, 1, 0, 0, 0]),
        record(0x0203, &[&[1, 0, 0, 0, 0, 0][..], &number].concat()),
        record(0x027e, &[1, 0, 1, 0, 1, 0, 0x02, 0x00, 0xa4, 0x00]),
        record(0x00bd, &[2, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 7, 0, 0, 0, 1, 0]),
        record(0x0205, &[3, 0, 0, 0, 0, 0, 0x2a, 1]),
        record(0x0006, &[4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0]),
        record(0x0207, &text("included")),
        record(0x0204, &[&[5, 0, 0, 0, 0, 0][..], &text("1.01")].concat()),
        record(0x000a, &[]),
    ];
    [globals(at), cells.concat()].concat()
}

fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    [&kind.to_le_bytes()[..], &(data.len() as u16).to_le_bytes(), data].concat()
}

/// A string with its length and the byte that says it is packed.
fn text(text: &str) -> Vec<u8> {
    [&(text.len() as u16).to_le_bytes()[..], &[0], text.as_bytes()].concat()
}

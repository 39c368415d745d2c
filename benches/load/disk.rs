//! The floor under every durable write: append 4 KiB to a file, `fdatasync`, again.

use std::fs::File;
use std::io::Write;
use std::time::Instant;

use crate::figures::{DURATION, Figures, Measured, WARM_UP};
use crate::place::Folder;

const BLOCK_BYTES: usize = 4_096;

pub fn measure(figures: &mut Figures) {
    let folder = Folder::new("disk");
    let mut file = File::create(folder.path().join("append")).expect("the folder is writable");
    let block = [0x5a_u8; BLOCK_BYTES];
    let counted_from = Instant::now() + WARM_UP;
    let until = counted_from + DURATION;
    let mut latencies = Vec::new();
    loop {
        let started = Instant::now();
        if started >= until {
            break;
        }
        file.write_all(&block).expect("the disk has room");
        file.sync_data().expect("the disk syncs");
        if started >= counted_from {
            latencies.push(started.elapsed());
        }
    }
    let name = "disk: append 4 KiB and fdatasync".to_owned();
    figures.add(Measured { name, connections: 1, wall: DURATION, latencies });
}

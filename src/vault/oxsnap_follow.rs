//! An `.oxsnap` that is read while it is written.

use std::{
    fs::File,
    io::Read,
    path::Path,
    sync::mpsc::{Receiver, Sender, channel},
};

/// A file as far as its writer says it is written; reading waits for more, and ends where the writer
/// is gone.
pub(super) struct Following {
    /// What it will be called.
    pub(super) name: String,
    file: File,
    read: u64,
    there: u64,
    told: Receiver<u64>,
}

impl Following {
    /// Opens what there is of a file; the writer sends how many bytes of it stand there.
    ///
    /// # Errors
    /// A file that does not open.
    pub(super) fn new(path: &Path, name: String) -> std::io::Result<(Sender<u64>, Following)> {
        let (writer, told) = channel();
        let file = File::open(path)?;
        Ok((writer, Following { name, file, read: 0, there: 0, told }))
    }
}

impl Read for Following {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        while self.read == self.there {
            match self.told.recv() {
                Ok(there) => self.there = there,
                Err(_) => return Ok(0),
            }
        }
        let room = usize::try_from(self.there - self.read).unwrap_or(usize::MAX).min(bytes.len());
        let read = self.file.read(bytes.get_mut(..room).unwrap_or_default())?;
        self.read += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use crate::{
        ledger::{Head, Lsn, TableId},
        vault::{
            VaultError,
            oxsnap::{Header, Kind, Reader, Writer, verify},
        },
    };

    const ROWS: u32 = 40_000;

    fn begun(to: &std::path::Path) -> Writer {
        let header = Header::of([7; 16], Head { lsn: Lsn(1), hash: [1; 32] }, 0);
        Writer::create(to, &header).unwrap()
    }

    fn put(writer: &mut Writer, rows: std::ops::Range<u32>) {
        for n in rows {
            writer.row(Kind::Rows, TableId(1), &n.to_be_bytes(), &[n as u8; 500]).unwrap();
        }
    }

    fn read_all(mut reader: Reader) -> Result<u64, VaultError> {
        while reader.next_frame()?.is_some() {}
        Ok(reader.counts.rows)
    }

    #[test]
    fn a_file_is_read_to_its_end_while_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("one.oxsnap");
        let mut writer = begun(&to);
        let following = writer.follow().unwrap();
        put(&mut writer, 0..ROWS / 2);
        let reader = Reader::follow(following).unwrap();
        let reading = thread::spawn(move || read_all(reader));
        put(&mut writer, ROWS / 2..ROWS);
        let counts = writer.finish().unwrap().name().unwrap();
        assert_eq!(reading.join().unwrap().unwrap(), u64::from(ROWS));
        assert_eq!(verify(&to).unwrap().1, counts);
    }

    #[test]
    fn a_file_that_is_given_up_is_cut_short_for_who_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("one.oxsnap");
        let mut writer = begun(&to);
        let following = writer.follow().unwrap();
        let reading = thread::spawn(move || read_all(Reader::follow(following)?));
        put(&mut writer, 0..ROWS);
        drop(writer);
        let refused = reading.join().unwrap().unwrap_err();
        assert!(refused.to_string().contains("cut short"), "{refused}");
        assert!(!to.exists());
    }
}

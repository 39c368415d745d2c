//! Programmes that are no MSPDI (`.mpp` of Microsoft Project, P6, Asta and others), read by mpxj
//! where it is installed: in a process of its own, with bounds on memory, time and output.

use super::{limits::ReadError, programme::PROGRAMME_BYTES_MAX};
use std::{
    io::{Read, Write},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// The longest a file may take.
const TIME_MAX: Duration = Duration::from_secs(25);
/// Time between two looks at whether it is done.
const POLL: Duration = Duration::from_millis(20);

/// Reads any programme from standard input and writes it as MSPDI to standard output.
const SCRIPT: &str = r#"
import sys
try:
    import jpype, mpxj
except ImportError:
    sys.exit(4)
jpype.startJVM("-Xmx512m")
from java.io import ByteArrayInputStream, ByteArrayOutputStream
from org.mpxj.mspdi import MSPDIWriter
from org.mpxj.reader import UniversalProjectReader
project = UniversalProjectReader().read(ByteArrayInputStream(sys.stdin.buffer.read()))
if project is None:
    sys.exit(3)
out = ByteArrayOutputStream()
MSPDIWriter().write(project, out)
sys.stdout.buffer.write(bytes(out.toByteArray()))
"#;

/// What the process ends with when mpxj knows no such format, and when there is no mpxj.
const NO_FORMAT: i32 = 3;
const NO_MPXJ: i32 = 4;
/// What of the server's surroundings the process may see.
const SEEN: [&str; 3] = ["PATH", "JAVA_HOME", "LANG"];

/// Whether a file is for mpxj to read: it is not XML.
pub fn is_for_mpxj(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let utf16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
    !utf16 && first.is_some_and(|byte| *byte != b'<')
}

/// The programme as MSPDI, by the mpxj of `python`. Takes a process for up to 25 seconds.
///
/// # Errors
/// `Unsupported` where mpxj is not there or knows no such format; `Broken` when it fails; `Limit`
/// beyond the size of a programme; `TooSlow` beyond the time.
pub fn to_mspdi(python: &Path, bytes: &[u8]) -> Result<Vec<u8>, ReadError> {
    let mut command = Command::new(python);
    command.args(["-I", "-c", SCRIPT]);
    command.env_clear().envs(SEEN.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = Kept(command.spawn().map_err(|_| no_mpxj())?);
    let (stdin, stdout) = (child.0.stdin.take(), child.0.stdout.take());
    thread::scope(|scope| {
        scope.spawn(move || {
            // A reader that ends early says so by its exit code.
            let _ = stdin.map(|mut stdin| stdin.write_all(bytes));
        });
        let reading = scope.spawn(move || {
            let mut made = Vec::new();
            let most = PROGRAMME_BYTES_MAX as u64 + 1;
            let read = stdout.map(|stdout| stdout.take(most).read_to_end(&mut made));
            read.and_then(Result::ok).map(|_| made).unwrap_or_default()
        });
        let started = Instant::now();
        while !reading.is_finished() {
            if started.elapsed() > TIME_MAX {
                // Ends both pipes, and with them the threads.
                child.end();
                return Err(ReadError::TooSlow { seconds: TIME_MAX.as_secs() });
            }
            thread::sleep(POLL);
        }
        let made = reading.join().unwrap_or_default();
        if made.len() > PROGRAMME_BYTES_MAX {
            child.end();
        }
        super::limits::within(
            "bytes in the programme",
            made.len() as u64,
            PROGRAMME_BYTES_MAX as u64,
        )?;
        match child.0.wait().ok().and_then(|status| status.code()) {
            Some(0) => Ok(made),
            Some(NO_MPXJ) => Err(no_mpxj()),
            Some(NO_FORMAT) => Err(ReadError::Unsupported {
                what: "a file that mpxj knows no format of",
                advice: "save the programme as XML and import that",
            }),
            Some(_) | None => Err(ReadError::broken("the programme", "mpxj could not read it")),
        }
    })
}

fn no_mpxj() -> ReadError {
    ReadError::Unsupported {
        what: "a programme that is no XML (.mpp and others)",
        advice: "save it as XML in Microsoft Project (File, Save As, XML Format), or have mpxj \
                 installed for the Python that `programmes.mpxj_python` names",
    }
}

/// A process that does not outlive its reader.
struct Kept(Child);

impl Kept {
    fn end(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_in_any_dress_is_read_here_and_the_rest_is_not() {
        for ours in [&b"<?xml"[..], b"\xef\xbb\xbf<Project", b"  \n<Project", b"\xff\xfe<\0", b""] {
            assert!(!is_for_mpxj(ours), "{ours:?}");
        }
        assert!(is_for_mpxj(&[0xd0, 0xcf, 0x11, 0xe0]));
        assert!(is_for_mpxj(b"MPX,Microsoft Project"));
    }

    #[test]
    fn without_mpxj_it_says_so() {
        let error = to_mspdi(Path::new("/nowhere/python"), b"MPX").unwrap_err().to_string();
        assert!(error.contains("programmes.mpxj_python"), "{error}");
        let error = to_mspdi(Path::new("/bin/false"), b"MPX").unwrap_err().to_string();
        assert!(error.contains("could not read"), "{error}");
    }
}

//! Gathers the built UI for embedding: copies `ui/dist` to `OUT_DIR/ui`, packed with gzip as
//! `<name>.gz` where that makes a file smaller. Without a built UI it lays down one page that says how to
//! build it. Never touches the network.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use flate2::{Compression, write::GzEncoder};

/// Files worth compressing; everything else (images, fonts) is compressed already.
const COMPRESSIBLE: [&str; 9] =
    ["css", "html", "js", "json", "map", "mjs", "svg", "txt", "webmanifest"];

/// Below this packing saves less than its header and the request's own overhead.
const COMPRESS_BYTES_MIN: usize = 256;

fn main() -> io::Result<()> {
    link_small();
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let target = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it")).join("ui");
    let dist = root.join("ui").join("dist");

    // Cargo reruns the script for ever when a watched path is missing, so the folder is made:
    // its modification time then says when a UI arrives.
    let _ = fs::create_dir_all(&dist);
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=ui/dist");

    if target.exists() {
        fs::remove_dir_all(&target)?;
    }
    fs::create_dir_all(&target)?;
    if dist.join("index.html").is_file() {
        gather(&dist, &target)?;
    } else {
        lay(&target.join("index.html"), UI_MISSING.as_bytes())?;
    }
    Ok(())
}

/// Has the linker keep the release binary small: addresses that the loader moves are listed packed
/// (`DT_RELR`, glibc 2.36 or later, as Debian 12 has it), and functions with the same machine code are
/// kept once. The second is an option of lld alone, Rust's own linker where these conditions hold.
fn link_small() {
    let is = |name: &str, wanted: &str| env::var(name).is_ok_and(|value| value == wanted);
    if is("PROFILE", "release") && is("TARGET", "x86_64-unknown-linux-gnu") {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
        println!("cargo::rustc-link-arg-bins=-Wl,--icf=all");
    }
}

/// Copies `from` into `to`, folders and all, packed where that is worth it.
fn gather(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            fs::create_dir_all(&target)?;
            gather(&source, &target)?;
            continue;
        }
        lay(&target, &fs::read(&source)?)?;
    }
    Ok(())
}

/// Writes one file, packed where that is worth it.
fn lay(target: &Path, bytes: &[u8]) -> io::Result<()> {
    let extension = target.extension().and_then(|e| e.to_str()).unwrap_or_default();
    if bytes.len() >= COMPRESS_BYTES_MIN && COMPRESSIBLE.contains(&extension) {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes)?;
        let packed = encoder.finish()?;
        if packed.len() < bytes.len() {
            let mut name = target.as_os_str().to_owned();
            name.push(".gz");
            return fs::write(name, packed);
        }
    }
    fs::write(target, bytes)
}

const UI_MISSING: &str = r#"<!doctype html>
<html lang="en-NZ">
<head><meta charset="utf-8"><title>oxFlow: the UI is not built</title></head>
<body>
<main>
<h1>This binary has no UI inside</h1>
<p>The server is running, but it was built before its web pages were. Build both with</p>
<pre>make run</pre>
<p>or by hand:</p>
<pre>npm ci --prefix ui
npm run build --prefix ui
cargo build --release</pre>
<p>The API answers all the same under <code>/api/v1</code>.</p>
</main>
</body>
</html>
"#;

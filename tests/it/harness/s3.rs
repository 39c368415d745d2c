//! A real S3 server of its own: SeaweedFS on free loopback ports, data in a temporary folder.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// Longest wait for the server to answer.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// How often it is asked meanwhile.
const POLL: Duration = Duration::from_millis(50);

/// Ports to draw from.
const PORTS: std::ops::Range<u16> = 10_000..22_000;

const ACCESS_KEY: &str = "test-access";
const SECRET_KEY: &str = "test-secret";
/// The bucket that exists once the server was started.
pub const BUCKET: &str = "vault";

/// A started SeaweedFS; killed and removed when dropped.
pub struct S3 {
    child: Child,
    folder: TempDir,
    ports: [u16; 4],
}

fn free_ports() -> [u16; 4] {
    // SeaweedFS takes each port and the one 10000 above it for gRPC. Both lie below those that are
    // handed out to whoever asks for any: nobody takes them while they are not bound.
    let free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let pick = || loop {
        let drawn = uuid::Uuid::now_v7().as_u128() % u128::from(PORTS.end - PORTS.start);
        let port = PORTS.start + u16::try_from(drawn).expect("less than there are");
        if free(port) && free(port + 10_000) {
            return port;
        }
    };
    [pick(), pick(), pick(), pick()]
}

fn weed() -> PathBuf {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join(".tools");
    let found = std::fs::read_dir(&tools).ok().into_iter().flatten().flatten();
    let mut found = found.map(|entry| entry.path().join("bin/weed")).filter(|weed| weed.is_file());
    found
        .next()
        .unwrap_or_else(|| panic!("no SeaweedFS in {}: .ci/tools seaweedfs", tools.display()))
}

impl S3 {
    /// A server with an empty bucket, where requests need not be signed.
    pub async fn anonymous() -> S3 {
        let folder = TempDir::new().expect("a temporary folder");
        let ports = free_ports();
        let mut s3 = S3 { child: spawn(folder.path(), ports), folder, ports };
        s3.ready().await;
        s3.make_bucket();
        s3
    }

    /// A server with an empty bucket.
    pub async fn start() -> S3 {
        let folder = TempDir::new().expect("a temporary folder");
        let identities = serde_json::json!({ "identities": [{
            "name": "admin",
            "credentials": [{ "accessKey": ACCESS_KEY, "secretKey": SECRET_KEY }],
            "actions": ["Admin", "Read", "List", "Tagging", "Write"],
        }] });
        std::fs::write(folder.path().join("s3.json"), identities.to_string()).expect("a file");
        let ports = free_ports();
        let mut s3 = S3 { child: spawn(folder.path(), ports), folder, ports };
        s3.ready().await;
        s3.make_bucket();
        s3
    }

    /// Where it answers.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports[3])
    }

    /// Credentials and options as `vault.credentials_file` has them.
    pub fn credentials(&self) -> String {
        format!(
            "AWS_ACCESS_KEY_ID={ACCESS_KEY}\nAWS_SECRET_ACCESS_KEY={SECRET_KEY}\n\
             AWS_ENDPOINT={}\nAWS_REGION=us-east-1\nAWS_ALLOW_HTTP=true\n",
            self.endpoint()
        )
    }

    /// Stops it where it stands: nothing answers from now on.
    pub fn freeze(&mut self) {
        kill_process(Pid::from_child(&self.child), Signal::KILL).expect("the store is there");
        let _ = self.child.wait();
    }

    /// Starts it again on the same data.
    pub async fn thaw(&mut self) {
        self.child = spawn(self.folder.path(), self.ports);
        self.ready().await;
    }

    async fn ready(&mut self) {
        let deadline = Instant::now() + START_TIMEOUT;
        let client = super::http_client();
        loop {
            let answer = client.get(self.endpoint()).send().await;
            // Without a signature it answers that there should be one: it is there.
            if answer.is_ok_and(|answer| answer.status().as_u16() < 500) {
                return;
            }
            let log = std::fs::read_to_string(self.folder.path().join("weed.log"));
            assert!(
                Instant::now() < deadline,
                "the store never answered:\n{}",
                log.unwrap_or_default()
            );
            tokio::time::sleep(POLL).await;
        }
    }

    fn make_bucket(&self) {
        let master = format!("-master=127.0.0.1:{}", self.ports[0]);
        let filer = format!("-filer=127.0.0.1:{}", self.ports[2]);
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            let mut shell = Command::new(weed())
                .args(["shell", &master, &filer])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .expect("the shell of the store runs");
            let mut stdin = shell.stdin.take().expect("it reads");
            std::io::Write::write_all(
                &mut stdin,
                format!("s3.bucket.create -name {BUCKET}\ns3.bucket.list\n").as_bytes(),
            )
            .expect("it takes commands");
            drop(stdin);
            let said = shell.wait_with_output().expect("it ends").stdout;
            if String::from_utf8_lossy(&said).contains(BUCKET) {
                return;
            }
            assert!(Instant::now() < deadline, "no bucket: {}", String::from_utf8_lossy(&said));
        }
    }
}

fn spawn(folder: &Path, [master, volume, filer, s3]: [u16; 4]) -> Child {
    let log = File::options().create(true).append(true).open(folder.join("weed.log"));
    // Without identities anybody may do anything.
    let identities = Some(folder.join("s3.json")).filter(|file| file.is_file());
    let identities = identities.map(|file| format!("-s3.config={}", file.display()));
    Command::new(weed())
        .arg("server")
        .arg(format!("-dir={}", folder.display()))
        .args(["-ip=127.0.0.1", "-ip.bind=127.0.0.1"])
        .arg(format!("-master.port={master}"))
        .arg(format!("-volume.port={volume}"))
        .arg(format!("-filer.port={filer}"))
        .args(["-master.volumeSizeLimitMB=256", "-volume.max=400", "-s3"])
        .arg(format!("-s3.port={s3}"))
        .args(identities)
        // It is alone: nobody else could be elected.
        .arg("-master.electionTimeout=1s")
        // Other services at fixed ports, of which a machine has one.
        .args(["-s3.port.iceberg=0", "-s3.port.lance=0"])
        .env("WEED_MASTER_VOLUME_GROWTH_COPY_1", "1")
        .stdout(Stdio::null())
        .stderr(log.expect("a log file"))
        .spawn()
        .expect("SeaweedFS runs")
}

impl Drop for S3 {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

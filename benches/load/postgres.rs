//! Postgres as a contractor's own developer would build it: rows in a table, a trigger that adds
//! each difference to the five headings above, a recursive query for the whole roll-up.
//!
//! Durable as it comes (`fsync` and `synchronous_commit` on), over a unix socket, driven by its
//! own load generator `pgbench`, which costs less than any HTTP client.

use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::figures::{DURATION, Figures, Measured, WARM_UP};
use crate::place::{Folder, Peer, free_port};

/// Account the server runs as when the measurement runs as root, which Postgres refuses.
const ACCOUNT: &str = "postgres";
const ITEMS: u32 = 100_000;
const ROLL_UPS: usize = 5;

/// 100,000 items under five levels of headings of ten each, and the trigger on the items.
const SCHEMA: &str = "
create table heading (id int primary key, parent int, total numeric(14,2) not null default 0);
create table item (id int primary key, heading int not null, quantity numeric(14,4) not null,
    rate numeric(14,4) not null, cost numeric(14,2) not null default 0);
insert into heading (id, parent) values (1, null);
insert into heading (id, parent)
    select n, (n + 8) / 10 from generate_series(2, 11111) n;
insert into item (id, heading, quantity, rate)
    select n, 1112 + (n % 10000), n % 97 + 1, n % 89 + 1 from generate_series(1, 100000) n;
update item set cost = round(quantity * rate, 2);
create index on item (heading);
create index on heading (parent);
create function roll_up() returns trigger language plpgsql as $$
declare difference numeric(14,2); above int;
begin
    new.cost := round(new.quantity * new.rate, 2);
    difference := new.cost - old.cost;
    above := new.heading;
    while above is not null loop
        update heading set total = total + difference where id = above returning parent into above;
    end loop;
    return new;
end $$;
create trigger roll_up before update on item for each row execute function roll_up();
vacuum analyze;
";

const UPDATE: &str = "\\set id random(1, 100000)
\\set quantity random(1, 1000)
update item set quantity = :quantity where id = :id;
";

const ROLL_UP: &str = "
with recursive above (item, cost, heading) as (
    select id, cost, heading from item
    union all
    select a.item, a.cost, h.parent from above a join heading h on h.id = a.heading
    where h.parent is not null
)
select heading, sum(cost) from above group by heading;
";

pub fn measure(figures: &mut Figures) {
    let folder = Folder::new("postgres");
    let server = Server::start(folder.path());
    server.sql(SCHEMA);
    for connections in [1, 32] {
        figures.add(server.updates(folder.path(), connections));
    }
    figures.add(server.roll_ups());
}

struct Server {
    // Dropping it ends the server.
    _peer: Peer,
    socket: PathBuf,
    port: u16,
}

impl Server {
    fn start(folder: &Path) -> Self {
        let data = folder.join("data");
        fs::create_dir(&data).expect("the folder is writable");
        if is_root() {
            let account = account();
            for path in [folder, &data] {
                chown(path, Some(account.0), Some(account.1)).expect("root may give folders away");
            }
        }
        let made = as_account("initdb")
            .args(["--auth=trust", "--username=bench", "--encoding=UTF8", "--no-instructions"])
            .arg(&data)
            .stdout(Stdio::null())
            .status();
        assert!(made.is_ok_and(|status| status.success()), "initdb failed");
        let port = free_port();
        let peer = as_account("postgres")
            .arg("-D")
            .arg(&data)
            .args(["-c", "listen_addresses="])
            .args(["-c", "shared_buffers=512MB"])
            .args(["-c", "max_connections=64"])
            .args(["-c", &format!("port={port}")])
            .args(["-c", &format!("unix_socket_directories={}", folder.display())])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("postgres starts");
        let server = Self { _peer: Peer(peer), socket: folder.to_owned(), port };
        let deadline = Instant::now() + Duration::from_secs(30);
        while !server
            .client("psql")
            .args(["-c", "select 1"])
            .output()
            .is_ok_and(|o| o.status.success())
        {
            assert!(Instant::now() < deadline, "postgres does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(find(program));
        command.arg("-h").arg(&self.socket).args(["-p", &self.port.to_string(), "-U", "bench"]);
        command.env("PGDATABASE", "postgres");
        command
    }

    fn sql(&self, text: &str) {
        let output = self
            .client("psql")
            .args(["-q", "-v", "ON_ERROR_STOP=1"])
            .args(text.split("vacuum").next().map(|sql| ["-c", sql]).into_iter().flatten())
            .args(["-c", "vacuum analyze"])
            .output()
            .expect("psql runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// One update a transaction, each adding its difference to the headings above.
    fn updates(&self, folder: &Path, connections: usize) -> Measured {
        let script = folder.join("update.sql");
        fs::write(&script, UPDATE).expect("the folder is writable");
        self.pgbench(&script, connections, WARM_UP, None);
        let log = folder.join(format!("latency-{connections}"));
        self.pgbench(&script, connections, DURATION, Some(&log));
        let latencies = latencies(folder, &format!("latency-{connections}"));
        let name = "Postgres: one item updated, totals above by trigger".to_owned();
        Measured { name, connections, wall: DURATION, latencies }
    }

    fn pgbench(&self, script: &Path, connections: usize, time: Duration, log: Option<&Path>) {
        let mut command = self.client("pgbench");
        command.args(["--no-vacuum", "--protocol=prepared", "--jobs=2"]);
        command.arg(format!("--client={connections}")).arg(format!("--time={}", time.as_secs()));
        command.arg("--file").arg(script);
        if let Some(prefix) = log {
            command.arg("--log").arg("--log-prefix").arg(prefix);
        }
        let output = command.output().expect("pgbench runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// The whole roll-up of every heading, by one recursive query.
    fn roll_ups(&self) -> Measured {
        let mut latencies = Vec::new();
        for _ in 0..ROLL_UPS {
            let output = self
                .client("psql")
                .args(["-q", "-o", "/dev/null", "-c", "\\timing on", "-c", ROLL_UP])
                .output()
                .expect("psql runs");
            latencies.push(time_of(&String::from_utf8_lossy(&output.stdout)));
        }
        let wall = latencies.iter().sum();
        let name = format!("Postgres: recursive roll-up of {ITEMS} items");
        Measured { name, connections: 1, wall, latencies }
    }
}

/// The third column of each line that pgbench logged: the latency in microseconds.
fn latencies(folder: &Path, prefix: &str) -> Vec<Duration> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder can be listed").flatten() {
        if entry.file_name().to_string_lossy().starts_with(prefix) {
            let text = fs::read_to_string(entry.path()).expect("pgbench wrote text");
            let micros = text.lines().filter_map(|line| line.split(' ').nth(2)?.parse().ok());
            found.extend(micros.map(Duration::from_micros));
        }
    }
    found
}

/// `Time: 812.345 ms (...)`, as psql prints it.
fn time_of(text: &str) -> Duration {
    let line = text.lines().rfind(|line| line.starts_with("Time: ")).expect("psql tells the time");
    let ms: f64 = line.split(' ').nth(1).and_then(|ms| ms.parse().ok()).expect("in milliseconds");
    Duration::from_secs_f64(ms / 1_000.0)
}

fn as_account(program: &str) -> Command {
    if !is_root() {
        return Command::new(find(program));
    }
    // `setpriv` replaces itself with the program, so that ending it ends the program.
    let mut command = Command::new("setpriv");
    command.args([format!("--reuid={ACCOUNT}"), format!("--regid={ACCOUNT}")]);
    command.arg("--clear-groups").arg(find(program));
    command
}

/// Newest version in the place where Debian keeps the programs, else the one on the path.
fn find(program: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions
        .map(|version| version.path().join("bin").join(program))
        .filter(|path| path.exists())
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| program.into())
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// User and group id of [`ACCOUNT`].
fn account() -> (u32, u32) {
    let users = fs::read_to_string("/etc/passwd").expect("the system has users");
    let line = users
        .lines()
        .find(|line| line.split(':').next() == Some(ACCOUNT))
        .expect("the package makes the account");
    let field = |at| line.split(':').nth(at).and_then(|id| id.parse().ok()).expect("a number");
    (field(2), field(3))
}

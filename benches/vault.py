#!/usr/bin/env python3
"""Measures the vault beside Litestream and Postgres, on one machine, against one SeaweedFS.

    .ci/tools seaweedfs litestream postgres
    benches/vault.py [bytes] [durable] [granularity] [killed] [restore] [clone] [cost]   # no name: all

OXFLOW_BIN names the binary (default target/release/oxflow), ROWS the rows of restore and clone
(default 1200000 and 1000000), WIDE the letters of a description in restore (600), EACH how many
seconds each rate is measured (20), KILLS how often both are killed (50). `benches/README.md` says what
each figure means. Only the standard library is used.
"""

import datetime
import hashlib
import hmac
import http.client
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path
from urllib.parse import quote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
OXFLOW = Path(os.environ.get("OXFLOW_BIN", ROOT / "target/release/oxflow")).resolve()
SECONDS = float(os.environ.get("EACH", "20"))
KILLS = int(os.environ.get("KILLS", "50"))
# Of measurements with the vault and without.
PAIRS = 7
ACCESS, SECRET, BUCKET = "bench-access", "bench-secret", "vault"
BATCH = 1000
# Letters of a description of the rows that are restored: with them 1,200,000 rows are about 1 GB.
WIDE = int(os.environ.get("WIDE", "600"))
# The first quantity a change sets; items begin with less.
FIRST = 1000


def rows_of(default):
    return int(os.environ.get("ROWS", default))


def words():
    """A long text in which no two hundred letters are alike, from which descriptions are cut."""
    nouns = ("kerb channel culvert manhole basecourse geotextile headwall subsoil berm batter "
             "footpath swale pipe bedding backfill chip seal asphalt formation topsoil").split()
    state, made = 1, []
    for _ in range(200_000):
        state = state * 6364136223846793005 + 1442695040888963407 & (1 << 64) - 1
        made.append(f"{nouns[state >> 33 & 15]} {state >> 40 & 0xfff}")
    return " ".join(made)


def description(n, text, wide):
    """Of item `n`: so many letters, plain where none are asked for."""
    if not wide:
        return f"Item {n} of the works, supply and place"
    at = n * 7_919 % (len(text) - wide)
    return f"Item {n} {text[at:at + wide]}".strip()


def tool(pattern, name):
    found = sorted((ROOT / ".tools").glob(pattern))
    if not found:
        sys.exit(f"{name} is not there: .ci/tools {name}")
    return found[-1]


def free_port():
    while True:
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))
            port = bound.getsockname()[1]
        if port < 50_000:  # SeaweedFS takes the port 10000 above as well.
            return port


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))] if values else float("nan")


def until(done, patience=120, poll=0.002):
    end = time.monotonic() + patience
    while True:
        value = done()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError("it never came")
        time.sleep(poll)


def report(what, figure):
    print(f"{what:<66} {figure}", flush=True)


class S3:
    """A SeaweedFS of its own, with an empty bucket."""

    def __init__(self):
        self.weed = tool("seaweedfs-*/bin/weed", "seaweedfs")
        self.folder = Path(tempfile.mkdtemp(prefix="oxflow-bench-s3-"))
        identities = {"identities": [{
            "name": "admin", "credentials": [{"accessKey": ACCESS, "secretKey": SECRET}],
            "actions": ["Admin", "Read", "List", "Tagging", "Write"]}]}
        (self.folder / "s3.json").write_text(json.dumps(identities))
        master, volume, self.filer, self.port = (free_port() for _ in range(4))
        self.log = open(self.folder / "log", "ab")
        self.child = subprocess.Popen(
            [self.weed, "server", f"-dir={self.folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
             f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={self.filer}",
             "-master.volumeSizeLimitMB=1024", "-volume.max=400", "-s3", f"-s3.port={self.port}",
             f"-s3.config={self.folder / 's3.json'}",
             # Of two at once the second would find these taken.
             "-s3.port.iceberg=0", "-s3.port.lance=0"],
            stdout=subprocess.DEVNULL, stderr=self.log,
            env={**os.environ, "WEED_MASTER_VOLUME_GROWTH_COPY_1": "1"})
        until(self.answers, poll=0.1)
        shell = [self.weed, "shell", f"-master=127.0.0.1:{master}", f"-filer=127.0.0.1:{self.filer}"]

        def made():
            said = subprocess.run(
                shell, input=f"s3.bucket.create -name {BUCKET}\ns3.bucket.list\n".encode(),
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout
            return BUCKET.encode() in said
        until(made, poll=0.5)

    def answers(self):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            connection.request("GET", "/")
            return connection.getresponse().status < 500
        except OSError:
            return False

    def environment(self):
        return {"AWS_ACCESS_KEY_ID": ACCESS, "AWS_SECRET_ACCESS_KEY": SECRET,
                "AWS_REGION": "us-east-1", "AWS_ENDPOINT": f"http://127.0.0.1:{self.port}",
                "AWS_ALLOW_HTTP": "true"}

    def put(self, connection, key, body):
        """One signed PUT, as any client of S3 makes it."""
        now = datetime.datetime.now(datetime.timezone.utc)
        stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
        host, path = f"127.0.0.1:{self.port}", f"/{BUCKET}/{quote(key)}"
        digest = hashlib.sha256(body).hexdigest()
        names = "host;x-amz-content-sha256;x-amz-date"
        canonical = (f"PUT\n{path}\n\nhost:{host}\nx-amz-content-sha256:{digest}\n"
                     f"x-amz-date:{stamp}\n\n{names}\n{digest}")
        scope = f"{day}/us-east-1/s3/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        signing = f"AWS4{SECRET}".encode()
        for part in (day, "us-east-1", "s3", "aws4_request"):
            signing = hmac.new(signing, part.encode(), hashlib.sha256).digest()
        signature = hmac.new(signing, text.encode(), hashlib.sha256).hexdigest()
        connection.request("PUT", path, body, {
            "Host": host, "x-amz-content-sha256": digest, "x-amz-date": stamp,
            "Authorization": f"AWS4-HMAC-SHA256 Credential={ACCESS}/{scope}, "
                             f"SignedHeaders={names}, Signature={signature}"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status

    def files(self, folder):
        """Every object below a folder, with its size, from the filer behind the S3 API."""
        connection = http.client.HTTPConnection("127.0.0.1", self.filer, timeout=30)
        found, waiting = {}, [f"/buckets/{BUCKET}/{folder}"]
        while waiting:
            path = waiting.pop()
            last = ""
            while True:
                connection.request("GET", f"{quote(path)}/?limit=1000&lastFileName={quote(last)}",
                                   headers={"Accept": "application/json"})
                answer = connection.getresponse()
                text = answer.read()
                if answer.status != 200:
                    break
                page = json.loads(text)
                for entry in page.get("Entries") or []:
                    if entry.get("Mode", 0) & 0o20000000000:
                        waiting.append(entry["FullPath"])
                    else:
                        found[entry["FullPath"]] = entry.get("FileSize", 0)
                if not page.get("ShouldDisplayLoadMore"):
                    break
                last = page.get("LastFileName", "")
        return found

    def stop(self):
        self.child.kill()
        self.child.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Client:
    """One connection, signed in as the administrator."""

    def __init__(self, url):
        self.host = urlsplit(url).netloc
        self.connection = http.client.HTTPConnection(self.host, timeout=300)
        self.cookie = ""
        users = self.get("/session/users")["items"]
        admin = next(user for user in users if user["role"] == "admin")
        self.post("/session", {"userId": admin["id"]})

    def call(self, method, path, body=None):
        headers = {"Content-Type": "application/json", "Cookie": self.cookie}
        if method != "GET":
            headers |= {"Idempotency-Key": str(uuid.uuid4()), "Origin": f"http://{self.host}"}
        text = None if body is None else json.dumps(body)
        self.connection.request(method, f"/api/v1{path}", text, headers)
        answer = self.connection.getresponse()
        cookie = answer.getheader("Set-Cookie")
        if cookie:
            self.cookie = cookie.split(";")[0]
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:500]!r}")
        return json.loads(text) if text else None

    def get(self, path):
        return self.call("GET", path)

    def post(self, path, body):
        return self.call("POST", path, body)


class OxFlow:
    """A server with a vault, and an estimate in it."""

    def __init__(self, s3=None, settings="", prefix="ox", folder=None, data=None):
        self.folder = folder or Path(tempfile.mkdtemp(prefix="oxflow-bench-"))
        self.data = data or self.folder / "data"
        self.data.mkdir(exist_ok=True)
        self.url = f"s3://{BUCKET}/{prefix}" if s3 else ""
        vault = f'[vault]\nurl = "{self.url}"\ndrill_interval = "never"\n{settings}\n' if s3 else ""
        (self.folder / "oxflow.toml").write_text(vault)
        self.environment = {"PATH": os.environ["PATH"], "OXFLOW_LOG_FILTER": "warn",
                            **(s3.environment() if s3 else {})}
        self.start()

    def start(self):
        self.child = subprocess.Popen(
            [OXFLOW, "serve", "--listen", "127.0.0.1:0", "--auth", "development", "--data", self.data],
            cwd=self.folder, env=self.environment, stdout=subprocess.PIPE,
            stderr=open(self.folder / "log", "ab"))
        line = self.child.stdout.readline().decode()
        assert "http://" in line, (self.folder / "log").read_text()
        self.http = line[line.index("http://"):].split("/ ")[0]
        self.client = Client(self.http)

    def estimate(self, items=1, wide=0):
        tender = self.client.post("/tenders", {"number": f"T-{uuid.uuid4().hex[:8]}", "name": "Bench"})
        self.id = tender["estimates"][0]["id"]
        heading, *_ = self.edit([{"op": "add-heading", "code": "1", "name": "All", "place": "last"}])
        made, text = [], words() if wide else ""
        for first in range(0, items, BATCH):
            made += self.edit([{
                "op": "add-item", "parentId": heading, "place": "last",
                "set": {"code": f"1.{n}", "description": description(n, text, wide),
                        "unit": "m3", "quantity": str(n % 97 + 1), "plugRate": f"{n % 89 + 1}.5",
                        "plugType": "other"}} for n in range(first, min(items, first + BATCH))])
        self.items = made

    def edit(self, edits, client=None):
        done = (client or self.client).post(f"/estimates/{self.id}/edits", {"edits": edits})
        return [result["ids"][0] for result in done["results"] if result.get("ids")]

    def change(self, n, client=None):
        item = self.items[n % len(self.items)]
        # Never what the item has already: that would be no commit.
        set_ = {"quantity": str(n % 100_000 + FIRST)}
        self.edit([{"op": "update-item", "id": item, "set": set_}], client)

    def state(self):
        return self.client.get("/vault")

    def shipped(self):
        def done():
            state = self.state()
            return state["epoch"] and state["stored"] == state["head"] and state
        return until(done)

    def run(self, *arguments):
        began = time.monotonic()
        subprocess.run([OXFLOW, *arguments], cwd=self.folder, env=self.environment, check=True,
                       stdout=subprocess.DEVNULL)
        return time.monotonic() - began

    def kill(self):
        self.child.kill()
        self.child.wait()

    def stop(self):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            self.child.wait(timeout=60)
        shutil.rmtree(self.folder, ignore_errors=True)


def most_memory(pid):
    """The most memory a process that is still there has had, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


class Litestream:
    """A database in WAL mode, replicated by Litestream."""

    def __init__(self, s3, interval="1s", prefix="lite"):
        self.binary = tool("litestream-*/bin/litestream", "litestream")
        self.folder = Path(tempfile.mkdtemp(prefix="oxflow-bench-lite-"))
        self.database = self.folder / "bench.db"
        self.prefix = prefix
        self.s3 = s3
        self.config = self.folder / "litestream.yml"
        # Its client refuses certificates of a bundle's own, and there are none on loopback.
        self.environment = {k: v for k, v in os.environ.items() if k != "AWS_CA_BUNDLE"}
        self.config.write_text(
            f"access-key-id: {ACCESS}\nsecret-access-key: {SECRET}\n"
            # Without the first interval the second has no effect.
            f"dbs:\n  - path: {self.database}\n    monitor-interval: {interval}\n    replica:\n      type: s3\n      bucket: {BUCKET}\n"
            f"      path: {prefix}\n      endpoint: http://127.0.0.1:{s3.port}\n      region: us-east-1\n"
            f"      force-path-style: true\n      sync-interval: {interval}\n")
        self.open()

    def open(self):
        self.sql = sqlite3.connect(self.database, isolation_level=None, check_same_thread=False)
        self.sql.execute("pragma journal_mode = wal")
        self.sql.execute("pragma synchronous = full")
        self.sql.execute("pragma busy_timeout = 5000")
        self.sql.execute("pragma wal_autocheckpoint = 0")
        self.sql.execute("create table if not exists item (id integer primary key, code text, "
                         "description text, unit text, quantity text, rate text)")

    def fill(self, rows, wide=0):
        text = words() if wide else ""
        self.sql.execute("begin")
        self.sql.executemany(
            "insert into item values (?, ?, ?, 'm3', ?, ?)",
            ((n, f"1.{n}", description(n, text, wide), n % 97 + 1, f"{n % 89 + 1}.5")
             for n in range(rows)))
        self.sql.execute("commit")

    def replicate(self):
        self.child = subprocess.Popen(
            [self.binary, "replicate", "-config", self.config], env=self.environment,
            stdout=open(self.folder / "log", "ab"), stderr=subprocess.STDOUT)

    def change(self, n, rows):
        self.sql.execute("update item set quantity = ? where id = ?", (n, n % rows))

    def files(self):
        return self.s3.files(self.prefix)

    def restore(self, to):
        began = time.monotonic()
        subprocess.run([self.binary, "restore", "-config", self.config, "-o", to, self.database],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       env=self.environment)
        return time.monotonic() - began

    def kill(self):
        self.child.kill()
        self.child.wait()

    def stop(self):
        self.kill()
        self.sql.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def paced(change, rate, seconds):
    """Makes changes at a steady rate; how many."""
    began, count = time.monotonic(), 0
    while (now := time.monotonic()) < began + seconds:
        change(count)
        count += 1
        time.sleep(max(0, began + count / rate - now))
    return count


def small_bytes(s3):
    app = OxFlow(s3, prefix="ox-bytes")
    app.estimate(1_000)
    before = app.shipped()["segmentBytes"]
    count = paced(app.change, 10, SECONDS)
    app.shipped()
    # The figures count a segment once it is stored, a moment after the last lag is told.
    time.sleep(2)
    after = app.shipped()["segmentBytes"]
    report("bytes stored for each small commit, 10/s: oxFlow", f"{(after - before) / count:.0f} B")
    app.stop()
    lite = Litestream(s3, prefix="lite-bytes")
    lite.fill(1_000)
    lite.replicate()
    until(lite.files, poll=0.2)
    time.sleep(3)
    # Only the files of the first level: what is merged later is stored again by both.
    level = lambda: {path: size for path, size in lite.files().items() if "/ltx/0/" in path or "/0000/" in path}
    before = level()
    count = paced(lambda n: lite.change(n, 1_000), 10, SECONDS)
    time.sleep(3)
    new = {path: size for path, size in level().items() if path not in before}
    report("the same: Litestream", f"{sum(new.values()) / count:.0f} B in {len(new)} files")
    lite.stop()


def put_p95(s3, size, count=200):
    connection = http.client.HTTPConnection("127.0.0.1", s3.port, timeout=30)
    times = []
    for n in range(count):
        began = time.monotonic()
        s3.put(connection, f"probe/{size}-{n}", os.urandom(size))
        times.append(time.monotonic() - began)
    return percentile(times, 0.95)


def durable(s3):
    for name, settings in (("default", ""), ("100 ms", "flush_ms = 100")):
        app = OxFlow(s3, settings, prefix=f"ox-durable-{name.split()[0]}")
        app.estimate(1_000)
        app.shipped()
        waits = []
        began = time.monotonic()
        n = 0
        while time.monotonic() < began + SECONDS:
            app.change(n)
            n += 1
            done = time.monotonic()
            head = app.state()["head"]
            until(lambda: app.state()["stored"] >= head)
            waits.append(time.monotonic() - done)
            # So that changes fall anywhere within the interval.
            time.sleep(0.037 * (n % 7))
        report(f"commit to durable in S3, {name}: oxFlow",
               f"p50 {percentile(waits, .5) * 1e3:.0f} ms, p95 {percentile(waits, .95) * 1e3:.0f} ms")
        app.stop()
    probe = put_p95(s3, 600)
    app = OxFlow(s3, 'durability = "sync"', prefix="ox-sync")
    app.estimate(1_000)
    times = []
    began = time.monotonic()
    while time.monotonic() < began + SECONDS:
        one = time.monotonic()
        app.change(len(times))
        times.append(time.monotonic() - one)
    report("change answered in sync mode: oxFlow",
           f"p95 {percentile(times, .95) * 1e3:.1f} ms, a PUT alone p95 {probe * 1e3:.1f} ms")
    app.stop()
    for interval in ("1s", "100ms"):
        lite = Litestream(s3, interval, prefix=f"lite-durable-{interval}")
        lite.fill(1_000)
        lite.replicate()
        until(lite.files, poll=0.2)
        time.sleep(3)
        waits, n = [], 0
        began = time.monotonic()
        while time.monotonic() < began + SECONDS:
            before = lite.files().keys()
            lite.change(n, 1_000)
            n += 1
            done = time.monotonic()
            until(lambda: lite.files().keys() - before)
            waits.append(time.monotonic() - done)
            time.sleep(0.037 * (n % 7))
        report(f"the same, sync and monitor-interval {interval}: Litestream",
               f"p50 {percentile(waits, .5) * 1e3:.0f} ms, p95 {percentile(waits, .95) * 1e3:.0f} ms")
        lite.stop()


def granularity(s3):
    """Commits that can be gone back to one by one, of as many made at 20/s."""
    commits = int(SECONDS)
    app = OxFlow(s3, prefix="ox-granularity")
    app.estimate(1)
    first = app.shipped()["head"]
    count = paced(app.change, 20, commits / 20)
    app.shipped()
    app.kill()
    right, back = 0, app.folder / "back"
    for n in range(count):
        shutil.rmtree(back, ignore_errors=True)
        app.run("restore", "--from", app.url, "--to", str(back), "--org", "default",
                "--at-lsn", str(first + 1 + n))
        # Without the vault: a server started from an earlier commit would go on from there in it.
        look = OxFlow(folder=Path(tempfile.mkdtemp(prefix="oxflow-bench-look-")), data=back)
        rows = look.client.get(f"/estimates/{app.id}/rows?limit=10")["rows"]
        quantity = next(row["quantity"] for row in rows if row.get("quantity"))
        right += int(float(quantity)) == FIRST + n
        look.stop()
    report("commits that can each be restored: oxFlow", f"{right} of {count}")
    app.stop()
    lite = Litestream(s3, prefix="lite-granularity")
    lite.fill(1)
    lite.replicate()
    until(lite.files, poll=0.2)
    time.sleep(3)
    before = {path for path in lite.files() if "/ltx/0/" in path or "/0000/" in path}
    count = paced(lambda n: lite.change(n, 1), 20, commits / 20)
    time.sleep(3)
    after = {path for path in lite.files() if "/ltx/0/" in path or "/0000/" in path}
    report("the same: Litestream, files that one can stop at", f"{len(after - before)} of {count}")
    lite.stop()


def killed(s3):
    for name, settings in (("default", ""), ("sync", 'durability = "sync"')):
        lost = []
        for n in range(KILLS):
            app = OxFlow(s3, settings, prefix=f"ox-killed-{name}-{n}")
            app.estimate(1)
            app.shipped()
            acknowledged = []
            end = time.monotonic() + 1 + (n % 10) / 10
            while time.monotonic() < end:
                app.change(len(acknowledged))
                acknowledged.append(time.monotonic())
            app.kill()
            gone = time.monotonic()
            shutil.rmtree(app.data)
            app.run("restore", "--from", app.url, "--to", str(app.data))
            app.start()
            rows = app.client.get(f"/estimates/{app.id}/rows?limit=10")["rows"]
            quantity = next(row["quantity"] for row in rows if row.get("quantity"))
            newest = int(float(quantity)) - FIRST
            missing = acknowledged[newest + 1:]
            lost.append(gone - missing[0] if missing else 0.0)
            app.stop()
        report(f"work lost with process and disk, {name}, {KILLS} kills: oxFlow",
               f"p50 {percentile(lost, .5):.2f} s, at most {max(lost):.2f} s")
    lost = []
    for n in range(KILLS):
        lite = Litestream(s3, prefix=f"lite-killed-{n}")
        lite.fill(1)
        lite.replicate()
        until(lite.files, poll=0.2)
        time.sleep(2)
        acknowledged = []
        end = time.monotonic() + 1 + (n % 10) / 10
        while time.monotonic() < end:
            lite.change(len(acknowledged), 1)
            acknowledged.append(time.monotonic())
            time.sleep(0.001)
        lite.sql.execute("update item set quantity = quantity")
        lite.kill()
        gone = time.monotonic()
        back = lite.folder / "back.db"
        lite.restore(back)
        with sqlite3.connect(back) as sql:
            text = sql.execute("select quantity from item where id = 0").fetchone()[0]
        missing = acknowledged[int(text) + 1:]
        lost.append(gone - missing[0] if missing else 0.0)
        lite.stop()
    report(f"the same: Litestream, {KILLS} kills",
           f"p50 {percentile(lost, .5):.2f} s, at most {max(lost):.2f} s")


def restored(s3):
    rows = rows_of(1_200_000)
    app = OxFlow(s3, prefix="ox-restore")
    for _ in range(max(1, rows // 100_000)):
        app.estimate(min(rows, 100_000), WIDE)
    app.shipped()
    # A snapshot is taken soon after the next start.
    app.child.send_signal(signal.SIGTERM)
    app.child.wait()
    app.start()
    app.client.get("/tenders")
    until(lambda: (app.state()["snapshot"] or {}).get("lsn", 0) > 0, patience=1_800, poll=1)
    app.kill()
    to = app.folder / "back"
    began = time.monotonic()
    app.run("restore", "--from", app.url, "--to", str(to))
    app.data = to
    app.start()
    report(f"restore of {rows} rows to a server that answers: oxFlow", f"{time.monotonic() - began:.1f} s")
    app.stop()
    lite = Litestream(s3, prefix="lite-restore")
    lite.fill(rows, WIDE)
    lite.replicate()
    until(lite.files, poll=0.5, patience=600)
    size = lite.database.stat().st_size
    until(lambda: sum(lite.files().values()) > size / 20, poll=1, patience=1_800)
    time.sleep(5)
    took = lite.restore(lite.folder / "back.db")
    report(f"the same rows: Litestream ({size / 1e6:.0f} MB)", f"{took:.1f} s")
    lite.stop()


def cloned(s3):
    rows = rows_of(1_000_000)
    app = OxFlow(s3, prefix="ox-clone")
    for _ in range(max(1, rows // 100_000)):
        app.estimate(min(rows, 100_000))
    app.shipped()
    app.child.send_signal(signal.SIGTERM)
    app.child.wait()
    salt = app.folder / "salt"
    salt.write_text(os.urandom(32).hex())
    to = app.folder / "staging.oxsnap"
    began = time.monotonic()
    child = subprocess.Popen(
        [OXFLOW, "clone", "--from", app.url, "--org", "default", "--salt-file", salt, "--to", to],
        cwd=app.folder, env=app.environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    assert status == 0, "the clone failed"
    made = time.monotonic() - began
    # Where no settings name the vault: a staging copy has none.
    elsewhere = app.folder / "elsewhere"
    elsewhere.mkdir()
    began = time.monotonic()
    staging = subprocess.Popen(
        [OXFLOW, "serve", "--from-snapshot", to, "--listen", "127.0.0.1:0", "--auth", "development"],
        cwd=elsewhere, env={"PATH": os.environ["PATH"]}, stdout=subprocess.PIPE)
    line = staging.stdout.readline().decode()
    Client(line[line.index("http://"):].split("/ ")[0])
    booted = time.monotonic() - began
    memory = most_memory(staging.pid)
    staging.kill()
    staging.wait()
    report(f"masked clone of {rows} rows, vault to file to booted: oxFlow",
           f"{made:.1f} + {booted:.1f} s, {usage.ru_maxrss / 1024:.0f} MB, the booted server {memory:.0f} MB")
    app.stop()
    postgres_clone(rows)


def postgres_clone(rows):
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        sys.exit("Postgres is not there: .ci/tools postgres")
    bin_, folder, port = found[-1], Path(tempfile.mkdtemp(prefix="oxflow-bench-pg-")), free_port()
    account = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        account = ["runuser", "-u", "postgres", "--"]
    os.chmod(folder, 0o755)
    run = lambda *a, **k: subprocess.run([*account, *map(str, a)], check=True, cwd="/", stdout=subprocess.DEVNULL, **k)
    run(bin_ / "initdb", "-D", folder / "db", "-A", "trust", "-U", "bench", stderr=subprocess.DEVNULL)
    run(bin_ / "pg_ctl", "-D", folder / "db", "-w", "-l", folder / "log",
        "-o", f"-p {port} -k {folder} -c listen_addresses=''", "start")
    sql = lambda text, base="source": run(
        bin_ / "psql", "-q", "-h", folder, "-p", port, "-U", "bench", "-d", base, "-v",
        "ON_ERROR_STOP=1", "-c", text)
    mask = ("id, code, 'Item ' || md5('salt' || description), unit, quantity, "
            "round(rate * (0.85 + 0.3 * (('x' || substr(md5('salt' || id), 1, 8))::bit(32)::bigint "
            "/ 4294967295.0)), 2)")
    try:
        sql("create database source", "postgres")
        sql("create table item (id int primary key, code text, description text, unit text, "
            "quantity numeric(14,4), rate numeric(14,4)); insert into item select n, '1.' || n, "
            "'Item ' || n || ' of the works, supply and place', 'm3', n % 97 + 1, n % 89 + 1.5 "
            f"from generate_series(1, {rows}) n")
        began = time.monotonic()
        sql("create database copied", "postgres")
        sql("create table item (id int, code text, description text, unit text, quantity numeric, "
            "rate numeric)", "copied")
        tools = f"-h {folder} -p {port} -U bench -q"
        run("sh", "-c", f"{bin_}/psql {tools} -d source -c \"copy (select {mask.replace(chr(34), '')} "
            f"from item) to stdout\" | {bin_}/psql {tools} -d copied -c 'copy item from stdin'")
        sql("alter table item add primary key (id)", "copied")
        report("the same rows: Postgres, COPY through masking expressions", f"{time.monotonic() - began:.1f} s")
        update = ("update item set description = 'Item ' || md5('salt' || description), rate = round("
                  "rate * (0.85 + 0.3 * (('x' || substr(md5('salt' || id), 1, 8))::bit(32)::bigint / "
                  "4294967295.0)), 2)")
        began = time.monotonic()
        sql("create database templated template source", "postgres")
        sql(update, "templated")
        report("the same rows: Postgres, template and UPDATE", f"{time.monotonic() - began:.1f} s")
        began = time.monotonic()
        sql("create database dumped", "postgres")
        quiet = f"-h {folder} -p {port} -U bench"
        run("sh", "-c", f"{bin_}/pg_dump {quiet} -Fc source | {bin_}/pg_restore {quiet} -d dumped")
        sql(update, "dumped")
        report("the same rows: Postgres, dump, restore and UPDATE", f"{time.monotonic() - began:.1f} s")
    finally:
        run(bin_ / "pg_ctl", "-D", folder / "db", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def rate(store, prefix):
    """Durable edits a second over eight connections."""
    app = OxFlow(store, "", prefix=prefix)
    app.estimate(1_000)
    if store:
        app.shipped()
    # The first commits and the first snapshot are behind it for a while.
    time.sleep(2)
    end, counts = time.monotonic() + SECONDS / 2, []

    def work(at):
        client, n = Client(app.http), at * 100
        first = n
        while time.monotonic() < end:
            app.change(n, client)
            n += 1
        counts.append(n - first)
    threads = [threading.Thread(target=work, args=(at,)) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    app.stop()
    return sum(counts) / (SECONDS / 2)


def cost(s3):
    # A disk and a host have their moods: what is compared was measured one after the other, first
    # with the vault and first without in turns.
    rate(None, "warm")
    pairs = []
    for number in range(PAIRS):
        def on(number=number):
            return rate(s3, f"ox-cost-{number}")
        if number % 2:
            with_vault, without = on(), rate(None, "")
        else:
            without, with_vault = rate(None, ""), on()
        pairs.append((1 - with_vault / without, without, with_vault))
    pairs.sort()
    less, without, with_vault = pairs[PAIRS // 2]
    report(f"durable edits a second, 8 connections, shipping off and on, {PAIRS} pairs: oxFlow",
           f"{without:.0f} and {with_vault:.0f}: {less * 100:.1f} % less in the middle, "
           f"{pairs[0][0] * 100:.1f} to {pairs[-1][0] * 100:.1f} %")


PARTS = {"bytes": small_bytes, "durable": durable, "granularity": granularity, "killed": killed, "restore": restored,
         "clone": cloned, "cost": cost}


def main():
    named = sys.argv[1:]
    unknown = [name for name in named if name not in PARTS]
    if unknown:
        sys.exit(f"no part {unknown[0]!r}; there are {', '.join(PARTS)}")
    if not OXFLOW.is_file():
        sys.exit(f"{OXFLOW} is not there: make release, or name it with OXFLOW_BIN")
    s3 = S3()
    try:
        for name, part in PARTS.items():
            if not named or name in named:
                part(s3)
    finally:
        s3.stop()


if __name__ == "__main__":
    main()

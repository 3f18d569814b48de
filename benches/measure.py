#!/usr/bin/env python3
"""Measures the release program against yardsticks of the same run; see README.md beside this file."""

import http.client
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORKBOOK = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "../shared/real/digital-agency-online-status-2026-01.original.xlsx")
ROWS = 87_050
# The bench is one client that asks very often.
UNLIMITED = [part for name in ("read", "write", "import", "sign-in") for part in (f"--limit-{name}", "off")]
TICKS = os.sysconf("SC_CLK_TCK")


def build():
    subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=ROOT, check=True)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return target / "release" / "todoke"


def timed(action, rounds):
    """Median seconds of an action, and its last answer."""
    seconds, answer = [], None
    for _ in range(rounds):
        start = time.perf_counter()
        answer = action()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), answer


def run(program, *args):
    """Runs the program; answers its output and its peak memory in MiB."""
    process = subprocess.Popen([program, *args], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, args
    return out, usage.ru_maxrss / 1024


def insert_yardstick(folder):
    path = folder / "yardstick.db"
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE r (m TEXT, p TEXT, c TEXT, level INTEGER, PRIMARY KEY (m, p, c))")
    rows = ((f"{m:06}", f"procedure-{p:02}", "online", 3) for m in range(1741) for p in range(50))
    connection.executemany("INSERT INTO r VALUES (?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()


class Server:
    def __init__(self, program, database):
        self.process = subprocess.Popen(
            [program, "--database-url", database, "serve", "--listen", "127.0.0.1:0", *UNLIMITED],
            stderr=subprocess.PIPE, text=True,
        )
        line = self.process.stderr.readline()
        assert "http://127.0.0.1:" in line, line
        self.port = int(line.split("http://127.0.0.1:")[1].split("/")[0])
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port)

    def get(self, path):
        return self.answer("GET", path)

    def post(self, path, text):
        return self.answer("POST", path, text, {"Content-Type": "application/json"})

    def answer(self, method, path, text=None, headers={}):
        self.connection.request(method, path, text, headers)
        answer = self.connection.getresponse()
        body = answer.read()
        assert answer.status == 200, (path, answer.status, body[:200])
        return body

    def cpu(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self, field="VmRSS"):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(field):
                return int(line.split()[1]) / 1024
        return 0.0

    def read_at_once(self, paths, readers):
        """So many readers at once, each through all paths on a connection of its own."""
        def read():
            connection = http.client.HTTPConnection("127.0.0.1", self.port)
            for path in paths:
                connection.request("GET", path)
                connection.getresponse().read()
        threads = [threading.Thread(target=read) for _ in range(readers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(40)


def start_to_ready(program, database):
    server = Server(program, database)
    server.get("/readyz")
    return server


def requests(server, paths, count):
    """Median wall time and CPU time of a request, both in milliseconds."""
    walls, before = [], server.cpu()
    for number in range(count):
        start = time.perf_counter()
        server.get(paths[number % len(paths)])
        walls.append(time.perf_counter() - start)
    return statistics.median(walls) * 1000, (server.cpu() - before) / count * 1000


def show(name, value, goal, yardstick=""):
    print(f"| {name} | {value} | {goal} | {yardstick} |")


def main():
    program = build()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="todoke-bench-"))
    try:
        print("| figure | measured | goal | beside, in the same run |\n| --- | --- | --- | --- |")
        measure(program, folder)
    finally:
        shutil.rmtree(folder)


def measure(program, folder):
    database = str(folder / "todoke.db")

    def fresh_import():
        for path in folder.glob("todoke.db*"):
            path.unlink()
        return run(program, "--database-url", database, "import", "--yes", "--json", str(WORKBOOK))

    yard, _ = timed(lambda: insert_yardstick(folder), 3)
    seconds, (out, peak) = timed(fresh_import, 5)
    counts = json.loads(out)["counts"]
    assert counts["created"] == ROWS, counts
    show("import, file to applied", f"{seconds:.2f} s, {peak:.0f} MiB", "≤ 3 s", f"{seconds / yard:.1f} × inserting {ROWS} rows ({yard:.2f} s)")
    again, (out, _) = timed(lambda: run(program, "--database-url", database, "import", "--yes", "--json", str(WORKBOOK)), 3)
    assert json.loads(out)["counts"]["unchanged"] == ROWS
    show("the same file again, 0 changes", f"{again:.2f} s", "", f"{again / seconds:.2f} × the first")

    version, _ = timed(lambda: run(program, "--version"), 5)
    starts = []
    for _ in range(5):
        start = time.perf_counter()
        server = start_to_ready(program, database)
        starts.append(time.perf_counter() - start)
        server.stop()
    ready = statistics.median(starts)
    show("start to ready", f"{ready * 1000:.0f} ms", "≤ 300 ms", f"--version {version * 1000:.0f} ms")

    server = start_to_ready(program, database)
    time.sleep(1)
    show("memory, idle", f"{server.memory():.0f} MiB", "≤ 60 MiB")
    codes = [row["code"] for row in json.loads(server.get("/api/v1/municipalities?limit=500"))["results"]]
    base, base_cpu = requests(server, ["/healthz"], 2000)
    for name, paths, count in [
        ("score card", [f"/api/v1/municipalities/{code}/readiness" for code in codes], 1000),
        ("figure, nation", ["/api/v1/figures/online_rate", "/api/v1/figures/mic_rate?basis=stated"], 500),
        ("figure, by prefecture", ["/api/v1/figures/online_rate?by=prefecture"], 500),
        ("figure, list26_complete", ["/api/v1/figures/list26_complete"], 500),
        ("matrix of a prefecture", ["/api/v1/matrix?prefecture=08", "/api/v1/matrix?prefecture=01"], 200),
        ("one procedure, all bodies", ["/api/v1/matrix?procedure=kosodate-01"], 200),
        ("distribution", ["/api/v1/distribution?limit=500"], 50),
        ("search of procedures", ["/api/v1/procedures?q=%E5%85%90%E7%AB%A5"], 1000),
    ]:
        wall, cpu = requests(server, paths, count)
        goal = "≤ 1 ms" if name.startswith(("score", "figure")) else ""
        show(name, f"{wall:.2f} ms, CPU {cpu:.2f} ms", goal, f"{wall / base:.1f} × /healthz ({base:.2f} ms, CPU {base_cpu:.2f} ms)")

    seconds, body = timed(lambda: server.get("/api/v1/exports/readiness.csv"), 5)
    copy = folder / "export.csv"
    copy.write_bytes(body)
    reading, _ = timed(lambda: copy.read_bytes(), 5)
    assert body.count(b"\n") == ROWS + 1
    show(f"export of {ROWS} rows", f"{seconds:.2f} s", "≤ 1 s", f"{len(body) / 1e6:.1f} MB; reading the file {reading:.3f} s")
    server.read_at_once(["/api/v1/exports/readiness.csv", "/api/v1/matrix", "/api/v1/readiness?format=ndjson"], 16)
    show("memory, highest, 16 readers at once", f"{server.memory('VmHWM'):.0f} MiB", "≤ 120 MiB")
    server.stop()


if __name__ == "__main__":
    main()

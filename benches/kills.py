#!/usr/bin/env python3
"""Imports killed at random moments: all of a file or nothing; see README.md beside this file."""

import argparse
import collections
import concurrent.futures
import contextlib
import http.client
import json
import pathlib
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from imports import BUSY, CSV, Databases, make_key, write_facts
from measure import UNLIMITED, build

# Facts that are there before, and facts of the files that are killed: one that a server applies before it answers,
# and one that it applies after the answer. The earlier facts are stated anew by both.
EARLIER, SMALL, LARGE = 1_000, 3_000, 6_000
AT_ONCE = 2  # Kills at a time.
SERVER_SHARE = 5  # Every fifth kill is one of a server.
THOROUGH = 20  # Of so many, one of each kind is looked at more closely.
BEYOND = 1.3  # The latest moment, as a multiple of how long the work usually takes.
PATIENCE = 10  # Seconds in which a request that is sent again must have been carried out.
# What a database holds: facts in the log, rows that they are about, imports, those applied, those in the audit log, and
# facts of the last import that stand there twice.
STATE = """SELECT (SELECT count(*) FROM assertion), (SELECT count(*) FROM
    (SELECT DISTINCT municipality_code, procedure_id, channel_id, source FROM assertion) AS about),
    (SELECT count(*) FROM import),
    (SELECT count(*) FROM import WHERE status = 'applied'), (SELECT count(*) FROM audit WHERE action = 'import.apply'),
    (SELECT count(*) FROM (SELECT 1 FROM assertion WHERE import_id > 1
        GROUP BY municipality_code, procedure_id, channel_id, source HAVING count(*) > 1) AS twice)"""
BAD = ("partial", "double", "lost", "stuck", "broken")
BEFORE = (EARLIER, EARLIER, 1, 1, 1, 0)
STORED = (EARLIER, EARLIER, 2, 1, 1, 0)


def after(rows):
    return (EARLIER + rows, rows, 2, 2, 2, 0)


class Bench:
    def __init__(self, program, databases, folder, seed):
        self.program, self.databases, self.seed = program, databases, seed
        self.files = {rows: write_facts(folder / f"{rows}.csv", rows, shift=1) for rows in (SMALL, LARGE)}
        self.prepared = databases.fresh()
        self.key = make_key(program, self.prepared)
        self.todoke(self.prepared, "import", "--yes", str(write_facts(folder / "earlier.csv", EARLIER)))
        if not databases.server:
            with contextlib.closing(sqlite3.connect(self.prepared)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert self.state(self.prepared) == BEFORE, self.state(self.prepared)
        self.usual = {"cli": 0.0, SMALL: 0.0, LARGE: 0.0}

    def todoke(self, database, *args):
        done = subprocess.run([self.program, "--database-url", database, *args], capture_output=True)
        if done.returncode:
            raise Broken(f"todoke {' '.join(args)} ended with {done.returncode}: {done.stderr.decode()[-500:]}")
        return done.stdout

    def calibrate(self):
        """How long the work takes with as many at once as later."""
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            for kind, work in (("cli", self.whole_import), (SMALL, self.whole_request), (LARGE, self.whole_request)):
                self.usual[kind] = statistics.median(pool.map(work, [kind] * 4 * AT_ONCE))

    def whole_import(self, _kind):
        with self.copy() as database:
            start = time.perf_counter()
            self.todoke(database, "import", "--yes", str(self.files[SMALL]))
            return time.perf_counter() - start

    def whole_request(self, rows):
        with self.copy() as database, Server(self, database) as server:
            start = time.perf_counter()
            client = Client(server.port, self.key)
            assert client.carry_out(self.files[rows], "whole")["status"] == "applied"
            return time.perf_counter() - start

    @contextlib.contextmanager
    def copy(self):
        database = self.databases.fresh(self.prepared)
        try:
            yield database
        finally:
            self.databases.drop(database)

    def state(self, database):
        """What a database holds; of a file also whether it is sound."""
        if self.databases.server:
            return tuple(int(count) for count in self.databases.sql(STATE, database).split("|"))
        with contextlib.closing(sqlite3.connect(database)) as connection:
            for check, sound in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
                found = connection.execute(f"PRAGMA {check}").fetchall()
                if found != sound:
                    raise Broken(f"{check}: {found[:5]}")
            return connection.execute(STATE).fetchone()

    def let_go(self, database):
        """Waits until the server of the database noticed that its client is gone: a commit may still be under way."""
        if self.databases.server:
            name = database.rsplit("/", 1)[1]
            end = time.monotonic() + 30
            while self.databases.sql(f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}'") != "0":
                if time.monotonic() > end:
                    raise Broken("the database server still works for a client that is gone")

    def exported(self, database, state):
        lines = self.todoke(database, "export").count(b"\n")
        if lines != state[1] + 1:
            raise Broken(f"export has {lines} lines, the database {state}")

    def kill(self, number):
        """One kill; answers its kind and what became of the import."""
        chance = random.Random(f"{self.seed}-{number}")
        served = number % SERVER_SHARE == 0
        # One of each kind among so many.
        thorough = number % THOROUGH in (0, 1)
        kind = chance.choice((SMALL, LARGE)) if served else "cli"
        moment = chance.uniform(0, BEYOND * self.usual[kind])
        try:
            with self.copy() as database:
                if served:
                    return kind, self.kill_server(database, kind, moment, thorough), None
                return kind, self.kill_import(database, moment, thorough), None
        except Broken as broken:
            return kind, broken.outcome, f"kill {number} ({kind}) at {moment * 1000:.1f} ms: {broken}"
        except (OSError, http.client.HTTPException, ValueError, sqlite3.Error) as broken:
            return kind, "broken", f"kill {number} ({kind}) at {moment * 1000:.1f} ms: {broken!r}"

    def kill_import(self, database, moment, thorough):
        arguments = [self.program, "--database-url", database, "import", "--yes", str(self.files[SMALL])]
        process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(moment)
        process.kill()
        ended = process.wait()
        self.let_go(database)
        if ended not in (0, -9):
            raise Broken(f"ended with {ended} before it was killed")
        state = self.state(database)
        self.exported(database, state)
        outcome = self.outcome(state, SMALL, acknowledged=ended == 0)
        if thorough:
            self.todoke(database, "audit", "verify")
            if outcome == "before":
                self.todoke(database, "import", "--yes", str(self.files[SMALL]))
                if self.state(database) != after(SMALL):
                    raise Broken(f"imported again, the database holds {self.state(database)}")
        return outcome

    def kill_server(self, database, rows, moment, thorough):
        with Server(self, database) as server:
            client = Client(server.port, self.key)
            sender = threading.Thread(target=client.try_to_carry_out, args=(self.files[rows], "killed"))
            sender.start()
            time.sleep(moment)
            server.kill()
            sender.join()
        self.let_go(database)
        state = self.state(database)
        outcome = self.outcome(state, rows, acknowledged=client.status == "applied", stored=True)
        if self.databases.server:
            # Another server might still be at work there, so only what is old counts as interrupted.
            self.databases.sql("UPDATE import SET started_at = started_at - interval '1 hour'", database)
        with Server(self, database) as server:
            again = Client(server.port, self.key)
            seen = again.carry_out(self.files[rows], "killed")
        self.let_go(database)
        state = self.state(database)
        if state[2] > 2 or state[3] > 2 or state[5]:
            raise Broken(f"sent again, the database holds {state}", "double")
        if seen["status"] != "applied" or state != after(rows):
            text = f"was {outcome}; sent again, the import is {seen['status']} and the database holds {state}"
            raise Broken(text, "stuck")
        self.exported(database, state)
        if thorough:
            self.todoke(database, "audit", "verify")
        return outcome

    @staticmethod
    def outcome(state, rows, acknowledged, stored=False):
        if state == after(rows):
            return "after"
        if acknowledged:
            raise Broken(f"acknowledged, and the database holds {state}", "lost")
        if state == BEFORE:
            return "before"
        if stored and state == STORED:
            return "stored"
        raise Broken(f"the database holds {state}", "double" if state[5] or state[0] > EARLIER + rows else "partial")


class Broken(Exception):
    """What must not happen."""

    def __init__(self, text, outcome="broken"):
        super().__init__(text)
        self.outcome = outcome


class Server:
    def __init__(self, bench, database):
        self.process = subprocess.Popen(
            [bench.program, "--database-url", database, "serve", "--listen", "127.0.0.1:0", *UNLIMITED],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )
        lines = []
        for line in self.process.stderr:
            lines.append(line)
            if "http://127.0.0.1:" in line:
                self.port = int(line.split("http://127.0.0.1:")[1].split("/")[0])
                return
        self.kill()
        raise Broken(f"the server does not start: {''.join(lines)[-500:]}")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        self.process.stderr.close()


class Client:
    """Sends a file to be applied, and looks until it is."""

    def __init__(self, port, key):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.key, self.status = key, None

    def ask(self, method, path, body=None, headers=()):
        headers = {"Authorization": f"Bearer {self.key}", **dict(headers)}
        self.connection.request(method, path, body=body, headers=headers)
        answer = self.connection.getresponse()
        seen = json.loads(answer.read())
        if answer.status not in (200, 201, 202):
            told = json.dumps(seen, ensure_ascii=False)[:500]
            raise Broken(f"{method} {path} was answered {answer.status}: {told}", "stuck")
        return seen

    def carry_out(self, file, once):
        headers = {"Content-Type": CSV, "Idempotency-Key": once}
        seen = self.ask("POST", "/api/v1/imports?apply=true", file.read_bytes(), headers)
        end = time.monotonic() + PATIENCE
        # A plan that was made on the way to being applied is no end either.
        while seen["status"] in (*BUSY, "planned") and time.monotonic() < end:
            time.sleep(0.01)
            seen = self.ask("GET", f"/api/v1/imports/{seen['id']}")
        self.status = seen["status"]
        self.connection.close()
        return seen

    def try_to_carry_out(self, file, once):
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError, Broken):
            self.carry_out(file, once)


def told(name, counts):
    parts = ", ".join(f"{counts[outcome]} {outcome}" for outcome in ("before", "stored", "after") if counts[outcome])
    return f"{name} {sum(counts.values())} ({parts})"


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--kills", type=int, default=1_000)
    arguments.add_argument("--postgres", metavar="URL", help="a PostgreSQL server on which databases may be made; needs psql")
    arguments.add_argument("--seed", type=int, default=int(time.time()), help="chooses the moments")
    said = arguments.parse_args()
    program = build()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="todoke-kills-"))
    databases = Databases(folder, said.postgres)
    counts, faults, start = collections.defaultdict(collections.Counter), [], time.monotonic()
    try:
        bench = Bench(program, databases, folder, said.seed)
        try:
            bench.calibrate()
        except Broken as broken:
            print(f"without any kill: {broken}")
            sys.exit(1)
        usual = ", ".join(f"{kind} {seconds * 1000:.0f} ms" for kind, seconds in bench.usual.items())
        print(f"seed {said.seed}; usual durations: {usual}", flush=True)
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            for kind, outcome, fault in pool.map(bench.kill, range(said.kills)):
                counts["command line" if kind == "cli" else "server"][outcome] += 1
                if fault:
                    faults.append(fault)
                    print(fault, flush=True)
    finally:
        databases.drop_all()
        shutil.rmtree(folder)
    bad = {name: sum(kinds[name] for kinds in counts.values()) for name in BAD}
    print(
        f"{said.kills} kills in {time.monotonic() - start:.0f} s: {'; '.join(told(*item) for item in counts.items())}; "
        + ", ".join(f"{count} {name}" for name, count in bad.items())
    )
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()

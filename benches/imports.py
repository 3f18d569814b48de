#!/usr/bin/env python3
"""Large and hostile files against a release server; see README.md beside this file."""

import argparse
import csv
import http.client
import itertools
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from measure import ROOT, Server, build, run, show, timed

ROWS = 100_000
ROUNDS = 3
MIB = 1024 * 1024
WORKBOOK = ROOT / "../shared/real/digital-agency-online-status-2026-01.original.xlsx"
WORKBOOK_ROWS = 87_050
FIXTURES = ROOT / "tests/fixtures/imports"
CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHUNKED = "a body of 21 MiB that does not say so"
BUSY = ("checking", "applying")
HEADINGS = (
    "municipality_code,municipality_name,procedure_id,procedure_name,channel,applicability,applicability_reason,level,"
    "at_least,state,target_level,target_on,target_precision,system,url,section,evidence,effective_on,"
    "effective_precision,note"
).split(",")


class Databases:
    """Makes empty databases and throws them away: files in a folder, or databases of a PostgreSQL server."""

    def __init__(self, folder, server=None):
        self.folder, self.server, self.numbers, self.made = folder, server, itertools.count(1), set()

    def sql(self, statement, url=None):
        psql = ["psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", url or self.server, "-c", statement]
        return subprocess.run(psql, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()

    def fresh(self, template=None):
        """URL of a new database, a copy of another one if it is named."""
        number = next(self.numbers)
        if not self.server:
            path = str(self.folder / f"{number}.db")
            if template:
                shutil.copyfile(template, path)
            return path
        name = f"todoke_bench_{os.getpid()}_{number}"
        copied = f" TEMPLATE {urllib.parse.urlsplit(template).path[1:]}" if template else ""
        self.sql(f"CREATE DATABASE {name}{copied}")
        url = urllib.parse.urlunsplit(urllib.parse.urlsplit(self.server)._replace(path=f"/{name}"))
        self.made.add(url)
        return url

    def drop(self, url):
        if not self.server:
            for path in self.folder.glob(pathlib.Path(url).name + "*"):
                path.unlink()
            return
        self.sql(f"DROP DATABASE IF EXISTS {urllib.parse.urlsplit(url).path[1:]} WITH (FORCE)")
        self.made.discard(url)

    def drop_all(self):
        for url in list(self.made):
            self.drop(url)


def make_key(program, database):
    """The key of an administrator; makes the database as well."""
    made = subprocess.run(
        [program, "--database-url", database, "token", "create", "--name", "bench", "--role", "admin"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True,
    )
    return made.stdout.strip()


class Importer(Server):
    """A server on a database of its own, and an administrator who sends it files."""

    running = []

    def __init__(self, program, databases):
        self.databases, self.database = databases, databases.fresh()
        self.key = make_key(program, self.database)
        super().__init__(program, self.database)
        self.connection.timeout = 120
        self.running.append(self)

    def ask(self, method, path, file=None, headers=()):
        """Status and body of an answer, also of one that comes before the whole file was sent."""
        headers = {"Authorization": f"Bearer {self.key}", **dict(headers)}
        try:
            self.connection.request(method, path, body=file, headers=headers)
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def send(self, path, kind=CSV, query="", said=True):
        """Sends a file; its size is said beforehand, or not and the file sent in chunks."""
        headers = {"Content-Type": kind, **({"Content-Length": str(os.path.getsize(path))} if said else {})}
        with open(path, "rb") as file:
            return self.ask("POST", f"/api/v1/imports?file_name={path.name}{query}", file, headers)

    def finished(self, answer, through=BUSY):
        """Waits until nothing is under way any more; answers the import."""
        status, body = answer
        seen = json.loads(body)
        assert status in (200, 201, 202), seen
        limit = time.monotonic() + 300
        while seen["status"] in through and time.monotonic() < limit:
            time.sleep(0.02)
            seen = json.loads(self.ask("GET", f"/api/v1/imports/{seen['id']}")[1])
        return seen

    def apply(self, number):
        return self.finished(self.ask("POST", f"/api/v1/imports/{number}/apply"))

    def stop(self):
        self.running.remove(self)
        super().stop()
        self.databases.drop(self.database)


class Peak:
    """The highest memory of a process from here on, in MiB."""

    def __init__(self, server):
        self.server, self.sampled, self.over = server, 0.0, threading.Event()
        self.before = server.memory()
        try:
            pathlib.Path(f"/proc/{server.process.pid}/clear_refs").write_text("5")
            self.thread = None
        except OSError:
            self.thread = threading.Thread(target=self.sample, daemon=True)
            self.thread.start()

    def sample(self):
        while not self.over.wait(0.005):
            self.sampled = max(self.sampled, self.server.memory())

    def highest(self):
        if not self.thread:
            return self.server.memory("VmHWM")
        self.over.set()
        self.thread.join()
        return max(self.sampled, self.server.memory())


def table(name):
    with open(ROOT / "data" / name, encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def facts(count, shift=0):
    """So many good and distinct rows of the long layout, in order of the municipalities; another shift states other
    levels of the same."""
    bodies = [row for row in table("municipalities.csv") if row["kind"] != "prefecture" and not row["ended_on"]]
    procedures = [row for row in table("procedures.csv") if row["target"] != "prefecture"]
    channels = [row["id"] for row in table("channels.csv")]
    each = -(-ROWS // len(bodies))
    for number in range(count):
        body, at = bodies[number // each], number % each
        procedure, level = procedures[at % len(procedures)], (number + shift) % 4
        channel = channels[(at + at // len(procedures)) % len(channels)]
        yield [
            body["code"], body["name"], procedure["id"], procedure["name_ja"], channel, "applicable", "", level,
            "false", "live", level + 1, "2027-03-31", "day", f"システム{number % 97}", "https://example.jp/", "担当課",
            "declared", "2025-04-01", "day", f"備考{number % 1000}",
        ]


def write_facts(path, count, shift=0):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        writer.writerows(facts(count, shift))
    return path


def bare_insert(folder):
    """The yardstick: the rows of the large file into one keyed table."""
    path = folder / "yardstick.db"
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    columns = ", ".join(HEADINGS)
    connection.execute(f"CREATE TABLE r ({columns}, PRIMARY KEY (municipality_code, procedure_id, channel))")
    connection.executemany(f"INSERT INTO r VALUES ({', '.join('?' * len(HEADINGS))})", facts(ROWS))
    connection.commit()
    connection.close()


def hostile(folder):
    """Files that nobody sends in good faith: what, path, kind."""
    heading = ",".join(HEADINGS).encode() + b"\n"
    row = b"082333,,kosodate-01,,online,,,3,,,,,,,,,,,,"
    yield "two far corners, 1.4 KB", FIXTURES / "53-two-far-corners.xlsx", XLSX
    yield "zip bomb of the tests", FIXTURES / "53-zip-bomb.xlsx", XLSX
    yield "a sheet of 512 MB", big_sheet(folder / "sheet.xlsx", 512 * MIB), XLSX
    yield "10,000 sheets", many_sheets(folder / "sheets.xlsx", 10_000), XLSX
    yield "a line of 10 MB", pieces(folder / "line.csv", heading, row, itertools.repeat(b"x" * MIB, 10)), CSV
    yield "10 MB of commas", pieces(folder / "commas.csv", heading, row, itertools.repeat(b"," * MIB, 10)), CSV
    short = itertools.repeat(b"x\n" * (MIB // 2), 19)
    yield "10 million rows of one cell", pieces(folder / "short.csv", heading, row, b"\n", short), CSV
    quoted = itertools.repeat(b"082333,\n" * (MIB // 8), 15)
    yield "a quote that never ends, 15 MB", pieces(folder / "quote.csv", heading, row, b'"', quoted), CSV
    wide = ",".join(f"c{number}" for number in range(5_000)).encode()
    yield "5,000 columns", pieces(folder / "wide.csv", heading[:-1], b",", wide, b"\n", row, b"\n"), CSV
    large = pieces(folder / "large.csv", heading, itertools.repeat(row + b"\n", 21 * MIB // 44))
    yield "a body of 21 MiB", large, CSV
    yield CHUNKED, large, CSV


def pieces(path, *parts):
    with open(path, "wb") as file:
        for part in parts:
            file.writelines([part] if isinstance(part, bytes) else part)
    return path


def workbook(path, sheets):
    """An xlsx whose sheets are iterators of their bytes."""
    office = "http://schemas.openxmlformats.org"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as book:
        names = []
        for number, parts in enumerate(sheets, 1):
            names.append(f"xl/worksheets/sheet{number}.xml")
            with book.open(names[-1], "w", force_zip64=False) as sheet:
                for part in parts:
                    sheet.write(part)
        numbers = range(1, len(names) + 1)
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
        book.writestr("[Content_Types].xml", (
            f'<Types xmlns="{office}/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            + "".join(f'<Override PartName="/{name}" ContentType="{kind}.worksheet+xml"/>' for name in names) + "</Types>"
        ))
        relation = f"{office}/officeDocument/2006/relationships"
        book.writestr("_rels/.rels", (
            f'<Relationships xmlns="{office}/package/2006/relationships">'
            f'<Relationship Id="rId1" Type="{relation}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ))
        book.writestr("xl/_rels/workbook.xml.rels", (
            f'<Relationships xmlns="{office}/package/2006/relationships">'
            + "".join(f'<Relationship Id="rId{n}" Type="{relation}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers)
            + "</Relationships>"
        ))
        book.writestr("xl/workbook.xml", (
            f'<workbook xmlns="{office}/spreadsheetml/2006/main" xmlns:r="{relation}"><sheets>'
            + "".join(f'<sheet name="s{n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers) + "</sheets></workbook>"
        ))
    return path


SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
SHEET_END = b"</sheetData></worksheet>"


def big_sheet(path, size):
    # Blanks between the rows: nothing packs better.
    row = b"<row><c><v>1</v></c></row>".ljust(MIB)
    return workbook(path, [itertools.chain([SHEET], itertools.repeat(row, size // MIB), [SHEET_END])])


def many_sheets(path, count):
    return workbook(path, ([SHEET, SHEET_END] for _ in range(count)))


def large_file(program, databases, folder, file, yard):
    """The large file over HTTP, so many rounds; the middle time and the highest memory of all."""
    times, peaks, befores, sizes = [], [], [], []
    for _ in range(ROUNDS):
        server = Importer(program, databases)
        server.get("/readyz")
        peak = Peak(server)
        planning, first = timed(lambda: server.finished(server.send(file)), 1)
        planned_peak = peak.highest() if not peak.thread else 0.0
        assert first["status"] == "planned" and first["counts"]["created"] == ROWS, first
        applying, applied = timed(lambda: server.apply(first["id"]), 1)
        assert applied["status"] == "applied", (applied["status"], applied["failure"])
        befores.append(peak.before)
        sizes.append(planned_peak)
        peaks.append(peak.highest())
        second = Peak(server)
        again, third = timed(lambda: server.finished(server.send(file)), 1)
        assert third["counts"]["unchanged"] == ROWS, third["counts"]
        empty, nothing = timed(lambda: server.apply(third["id"]), 1)
        assert nothing["status"] == "applied" and nothing["revision"] is None, nothing["status"]
        highest = second.highest()
        time.sleep(1)
        times.append((planning, applying, again, empty, highest, server.memory()))
        assert server.process.poll() is None
        server.stop()
    planning, applying, again, empty, second, left = (sorted(column)[ROUNDS // 2] for column in zip(*times))
    what = f"{ROWS} rows × {len(HEADINGS)} columns, {os.path.getsize(file) / MIB:.1f} MiB"
    beside = f"bare insert of {ROWS} rows ({yard:.2f} s)"
    show(f"{what}: sent to planned", f"{planning:.2f} s", "≤ 5 s", f"{planning / yard:.1f} × {beside}")
    show("apply to applied", f"{applying:.2f} s", "≤ 10 s", f"{applying / yard:.1f} × bare insert")
    memory = f"{max(sizes):.0f} MiB until planned, {max(befores):.0f} MiB before"
    show("memory, highest in both", f"{max(peaks):.0f} MiB", "≤ 150 MiB", memory)
    beside = f"{again / planning:.2f} × the first, memory {second:.0f} MiB in both"
    show("the same file again: sent to planned, 0 changes", f"{again:.2f} s", "", beside)
    show("apply it, 0 changes", f"{empty:.2f} s", "", f"{empty / applying:.2f} × the first, memory {left:.0f} MiB a second later")


def command_line(program, databases, file, yard):
    results = []
    for _ in range(ROUNDS):
        database = databases.fresh()
        arguments = ("--database-url", database, "import", "--yes", "--json", str(file))
        seconds, (out, peak) = timed(lambda: run(program, *arguments), 1)
        assert json.loads(out)["counts"]["created"] == ROWS
        results.append((seconds, peak))
        databases.drop(database)
    seconds = sorted(results)[ROUNDS // 2][0]
    measured = f"{seconds:.2f} s, {max(peak for _, peak in results):.0f} MiB"
    show("the same rows by `todoke import --yes`", measured, "≤ 15 s, 150 MiB", f"{seconds / yard:.1f} × bare insert")


def national_workbook(program, databases, yard):
    if not WORKBOOK.exists():
        print(f"skipped: {WORKBOOK.name} is not there", file=sys.stderr)
        return
    times, peaks = [], []
    for _ in range(ROUNDS):
        server = Importer(program, databases)
        server.get("/readyz")
        peak = Peak(server)
        sent = lambda: server.finished(server.send(WORKBOOK, XLSX, "&apply=true"), (*BUSY, "planned"))
        seconds, applied = timed(sent, 1)
        assert applied["status"] == "applied" and applied["counts"]["created"] == WORKBOOK_ROWS, applied["status"]
        times.append(seconds)
        peaks.append(peak.highest())
        server.stop()
    seconds = sorted(times)[ROUNDS // 2]
    measured = f"{seconds:.2f} s, {max(peaks):.0f} MiB"
    show("the Digital Agency's workbook: sent to applied", measured, "≤ 3 s, 150 MiB", f"{seconds / yard:.1f} × bare insert")


def hostile_files(program, databases, folder):
    """Each against a server of its own, so that no file rests on the memory another one left."""
    wrong = []
    for what, path, kind in hostile(folder):
        server = Importer(program, databases)
        server.get("/readyz")
        ready, _ = timed(lambda: server.get("/healthz"), 20)
        peak = Peak(server)
        start = time.perf_counter()
        try:
            status, body = server.send(path, kind, said=what != CHUNKED)
        except (OSError, http.client.HTTPException) as lost:
            status, body = type(lost).__name__, b""
        seconds = time.perf_counter() - start
        growth = peak.highest() - peak.before
        after = alive(server)
        good = status in (413, 415, 422) and after
        if not good:
            wrong.append(f"{what}: {status} {body[:300].decode(errors='replace')}")
        beside = f"{os.path.getsize(path)} bytes: {status}, {code_of(body)}; `/healthz` {ready * 1000:.2f} ms before, "
        show(what, f"{seconds:.2f} s, +{growth:.0f} MiB", "≤ 1 s, 64 MiB", beside + (after or "dead") + " after")
        server.stop()
    return wrong


def code_of(body):
    try:
        problem = json.loads(body)
        return (problem.get("errors") or [problem])[0].get("code") or problem.get("type", "").rsplit("/", 1)[-1]
    except (ValueError, AttributeError):
        return "no problem document"


def alive(server):
    """How long `/healthz` takes on a connection of its own, or None."""
    try:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
        start = time.perf_counter()
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        answer.read()
        milliseconds = (time.perf_counter() - start) * 1000
        return f"{milliseconds:.2f} ms" if answer.status == 200 and server.process.poll() is None else None
    except OSError:
        return None


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--postgres", metavar="URL", help="a PostgreSQL server on which databases may be made; needs psql")
    postgres = arguments.parse_args().postgres
    program = build()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="todoke-imports-"))
    databases = Databases(folder, postgres)
    try:
        print("| what | measured | goal | beside |\n| --- | --- | --- | --- |")
        file = write_facts(folder / "large.csv", ROWS)
        yard, _ = timed(lambda: bare_insert(folder), 3)
        # First, while this program is small: the memory of a child is never less than its parent's was.
        command_line(program, databases, file, yard)
        large_file(program, databases, folder, file, yard)
        national_workbook(program, databases, yard)
        wrong = hostile_files(program, databases, folder)
    finally:
        for server in Importer.running:
            server.process.kill()
            server.process.wait()
        databases.drop_all()
        shutil.rmtree(folder)
    for line in wrong:
        print(line, file=sys.stderr)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""How long a file takes from upload to plan, beside another build of the program; see README.md beside this file."""

import argparse
import csv
import io
import json
import pathlib
import shutil
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from imports import CSV, HEADINGS, ROWS, WORKBOOK, XLSX, Databases, Importer, facts, table
from measure import build

BODY = "082333"
LEVELS = ("○", "×", "3", "4", "2", "対象外", "")


def process_seconds(server):
    """CPU of the server in seconds, that of threads which ended included; finer than the ticks of /proc/PID/stat."""
    # The clock of a whole process, as clock_getcpuclockid(3) makes it of its number.
    return time.clock_gettime((~server.process.pid << 3) | 2)


def written(rows):
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def procedures(count):
    return [row for row in table("procedures.csv") if row["target"] != "prefecture"][:count]


def form(round):
    """A form of one body with 54 procedures and three channels, as an office returns it; another one each round."""
    rows = [["手続ID", "手続名", "マイナポータル", "汎用電子申請", "本庁窓口"]]
    for at, row in enumerate(procedures(54)):
        levels = [("0", "3", "4", "2", "")[(at + round + shift) % 5] for shift in range(3)]
        rows.append([row["id"], row["name_ja"], *levels])
    return written(rows), f"&municipality={BODY}&layout=form"


def wide(round):
    """A table of 60 bodies and 20 procedures with marks."""
    chosen = procedures(20)
    bodies = [row for row in table("municipalities.csv") if row["kind"] != "prefecture" and not row["ended_on"]][200:260]
    rows = [["団体コード", "団体名", *(row["name_ja"] for row in chosen)]]
    for at, body in enumerate(bodies):
        marks = [LEVELS[(at * 3 + column + round) % 3] for column in range(len(chosen))]
        rows.append([body["code"], body["name"], *marks])
    return written(rows), "&channel=online"


def long(count):
    def file(round):
        """Rows of the long layout; every level another one each round."""
        return written([HEADINGS, *facts(count, round)]), ""
    return file


def workbook(round):
    """The national workbook as it was published."""
    return WORKBOOK.read_bytes(), ""


def send(server, name, body, query, kind):
    """Sends one file; wall seconds and CPU seconds until its plan is there."""
    cpu, begin = process_seconds(server), time.perf_counter()
    status, answer = server.ask("POST", f"/api/v1/imports?file_name={name}{query}", body, {"Content-Type": kind})
    seen = json.loads(answer)
    # A build of before calls a long plan "applying" while it is written down.
    while status < 300 and seen["status"] in ("checking", "applying"):
        time.sleep(0.002)
        seen = json.loads(server.ask("GET", f"/api/v1/imports/{seen['id']}")[1])
    assert status < 300 and seen["status"] == "planned", (name, status, seen)
    return time.perf_counter() - begin, process_seconds(server) - cpu


def compare(servers, name, make, rounds, goal, kind=CSV):
    """Sends the same files to each server in turn, so that both see the same noise of the machine."""
    walls, cpus = {key: [] for key in servers}, {key: [] for key in servers}
    for round in range(rounds):
        body, query = make(round)
        for key in sorted(servers, reverse=bool(round % 2)):
            # One that was left alone meanwhile may have hung up; the next request connects again.
            servers[key].connection.close()
            wall, cpu = send(servers[key], name, body, query, kind)
            walls[key].append(wall)
            cpus[key].append(cpu)
    for key in servers:
        wall, cpu = 1000 * statistics.median(walls[key]), 1000 * statistics.median(cpus[key])
        beside = ""
        if key != "other" and "other" in servers:
            ratio = statistics.median(cpus[key]) / statistics.median(cpus["other"])
            least = min(cpus[key]) / min(cpus["other"])
            beside = f"CPU {ratio:.2f} × the other build (least of each: {least:.2f} ×)"
        print(f"| {name}, {key} | {wall:.1f} ms, CPU {cpu:.1f} ms, least {1000 * min(cpus[key]):.1f} ms | {goal} | {beside} |", flush=True)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--program", type=pathlib.Path, help="the program; built if it is not named")
    arguments.add_argument("--other", type=pathlib.Path, help="another build to compare with, the one of before say")
    arguments.add_argument("--quick", action="store_true", help="no file of 100,000 rows, no workbook")
    chosen = arguments.parse_args()
    programs = {"this": chosen.program or build(), **({"other": chosen.other} if chosen.other else {})}
    folder = pathlib.Path(tempfile.mkdtemp(prefix="todoke-planning-"))
    databases = Databases(folder)
    try:
        servers = {key: Importer(program, databases) for key, program in programs.items()}
        for server in servers.values():
            server.finished(server.send(WORKBOOK, XLSX, "&apply=true"), ("checking", "planned", "applying"))
        print("| file, build | upload to plan, medians | goal | beside |\n| --- | --- | --- | --- |")
        compare(servers, "form-54.csv", form, 40, "≤ 30 ms")
        compare(servers, "wide-60.csv", wide, 40, "≤ 30 ms")
        compare(servers, "long-60.csv", long(60), 40, "≤ 30 ms")
        compare(servers, "long-4000.csv", long(4000), 10, "")
        if not chosen.quick:
            compare(servers, "national.xlsx", workbook, 4, "", XLSX)
            compare(servers, f"long-{ROWS}.csv", long(ROWS), 4, "≤ 3 s")
    finally:
        for server in list(Importer.running):
            server.stop()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()

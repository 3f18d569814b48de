#!/usr/bin/env python3
"""What a long log costs, beside another build of the program; see README.md beside this file."""

import argparse
import csv
import http.client
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from imports import WORKBOOK, Databases, Importer, make_key, table
from measure import build, start_to_ready

HEADINGS = ["municipality_code", "procedure_id", "channel", "level", "system", "url", "effective_on"]


def country(year):
    """Every procedure of every municipality on two channels: about 200,000 rows of a day of that year, of which a
    fifth have another level than the year before."""
    bodies = [row for row in table("municipalities.csv") if row["kind"] != "prefecture" and not row["ended_on"]]
    procedures = [row for row in table("procedures.csv") if row["target"] != "prefecture"]
    number = 0
    for body in bodies:
        for procedure in procedures:
            for channel in ("mynaportal", "counter"):
                number += 1
                steps = sum(1 for past in range(year + 1) if (number + past) % 5 == 0)
                yield [
                    body["code"], procedure["id"], channel, (number + steps) % 4, f"システム{number % 97}",
                    f"https://example.jp/{number % 5000}", f"{2010 + year}-04-01",
                ]


def write_country(path, year):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        writer.writerows(country(year))


def size(database):
    if database.startswith("postgres"):
        name = database.rsplit("/", 1)[1]
        asked = ["psql", "-X", "-A", "-t", "-d", database, "-c", f"SELECT pg_database_size('{name}')"]
        return int(subprocess.run(asked, stdout=subprocess.PIPE, check=True).stdout)
    return sum(os.path.getsize(database + end) for end in ("", "-wal") if os.path.exists(database + end))


def command(program, database, file):
    """Applies a file by the command line; CPU seconds and the most memory it had, in MiB."""
    words = [program, "import", "--database-url", database, "--yes", "--confirm", str(file)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    told = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = status
    assert status == 0, told[-2000:].decode()
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def show(what, values, goal, ratio=""):
    print(f"| {what} | {values} | {goal} | {ratio} |", flush=True)


def beside(values, way="{:.2f} ×"):
    """This build's value over the other's."""
    return f"{way.format(values['this'] / values['other'])} the other build" if "other" in values else ""


def workbook(programs, databases):
    """CPU and size of the national workbook on an empty database."""
    cpu, sizes = {}, {}
    for round in range(3):
        for key in sorted(programs, reverse=bool(round % 2)):
            database = databases.fresh()
            used, _ = command(programs[key], database, WORKBOOK)
            cpu.setdefault(key, []).append(used)
            sizes[key] = size(database)
            databases.drop(database)
    cpu = {key: statistics.median(values) for key, values in cpu.items()}
    show("workbook, CPU", ", ".join(f"{key} {value:.2f} s" for key, value in cpu.items()), "≤ 0.7 ×", beside(cpu))
    show("workbook, database", ", ".join(f"{key} {value / 2**20:.1f} MiB" for key, value in sizes.items()), "≤ 0.7 ×", beside(sizes))


def years(key, program, databases, files, served):
    """Imports one file a year into one database; answers the database and how many rows its log has."""
    database = databases.fresh()
    first = last = None
    server = None
    if served:
        server = Importer(program, databases)
        database = server.database
    for year, file in enumerate(files):
        if server:
            before = server.cpu()
            seen = server.finished(server.send(file, query="&apply=true&confirm=true"), ("checking", "planned", "applying"))
            assert seen["status"] == "applied", seen
            last = (server.cpu() - before, server.memory("VmHWM"))
        else:
            last = command(program, database, file)
        first = first or last
        print(f"  {key} {'server' if served else 'command'} year {year + 1}: CPU {last[0]:.2f} s, {last[1]:.0f} MiB, "
              f"database {size(database) / 2**20:.0f} MiB", flush=True)
    where = "server" if served else "command line"
    show(f"{key}: year {len(files)} over year 1, {where}", f"CPU {last[0]:.2f} s, {last[1]:.0f} MiB", "≤ 1.3 ×",
         f"CPU {last[0] / first[0]:.2f} ×, memory {last[1] / first[1]:.2f} ×")
    if server:
        server.stop()
        return None
    return database


def start(key, program, database):
    """Start to ready, resident memory, the first answer of another day, and single rows."""
    begin = time.perf_counter()
    server = start_to_ready(program, database)
    ready = time.perf_counter() - begin
    show(f"{key}: start to ready", f"{ready:.2f} s, {server.memory():.0f} MiB", "≤ 1.5 s, ≤ 200 MiB (1,000,000 rows)")
    # Only this build answers for another day.
    if key == "this":
        times = []
        for year in range(2011, 2017):
            begin = time.perf_counter()
            server.get(f"/api/v1/figures/online_rate?as_of={year}-06-01")
            times.append(time.perf_counter() - begin)
        show(f"{key}: another day, first time", f"{1000 * statistics.median(times):.0f} ms", "≤ 150 ms (1,000,000 rows)")
    return server


def puts(key, server, token, count=60):
    """Milliseconds of one PUT."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    path = "/api/v1/municipalities/082333/readiness/kosodate-02/eapp"
    times = []
    for number in range(count):
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        body = json.dumps({"level": 3 + number % 2, "evidence": "declared"})
        headers = {"Authorization": f"Bearer {token}", "If-Match": answer.headers["ETag"], "Content-Type": "application/json"}
        begin = time.perf_counter()
        connection.request("PUT", path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status in (200, 201), text
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--program", type=pathlib.Path, help="the program; built if it is not named")
    arguments.add_argument("--other", type=pathlib.Path, help="another build to compare with, the one of before say")
    arguments.add_argument("--years", type=int, default=10, help="yearly files of the whole country (default 10)")
    arguments.add_argument("--postgres", metavar="URL", help="a server on which databases are made and dropped again")
    chosen = arguments.parse_args()
    programs = {"this": chosen.program or build(), **({"other": chosen.other} if chosen.other else {})}
    folder = pathlib.Path(tempfile.mkdtemp(prefix="todoke-history-"))
    databases = Databases(folder, chosen.postgres)
    try:
        print("| what | this machine | goal | ratio |\n| --- | --- | --- | --- |")
        workbook(programs, databases)
        files = []
        for year in range(chosen.years):
            files.append(folder / f"{2010 + year}.csv")
            write_country(files[-1], year)
        put = {}
        for key, program in programs.items():
            database = years(key, program, databases, files, False)
            token = make_key(program, database)
            server = start(key, program, database)
            put[key] = puts(key, server, token)
            server.stop()
            databases.drop(database)
        show("one PUT on the long log", ", ".join(f"{key} {1000 * value:.1f} ms" for key, value in put.items()), "≤ 1.0 ×", beside(put))
        for key, program in programs.items():
            years(key, program, databases, files, True)
    finally:
        for server in list(Importer.running):
            server.stop()
        databases.drop_all()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""CPU of figures over the whole country with a long log and years of usage; see README.md beside this file."""

import argparse
import csv
import json
import pathlib
import shutil
import statistics
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from history import show, write_country
from imports import Databases, Importer, table
from measure import Server, build, start_to_ready
from planning import process_seconds

# What is asked, which goal it has in milliseconds of CPU, and how often it is asked.
ASKED = [
    ("online_rate", "figures/online_rate", 5),
    ("da26_complete", "figures/da26_complete", 5),
    ("list26_complete", "figures/list26_complete", 5),
    ("kakanai_rate", "figures/kakanai_rate", 5),
    ("body_any", "figures/body_any", 5),
    ("population_coverage", "figures/population_coverage", 5),
    ("omnichannel_rate", "figures/omnichannel_rate", 5),
    ("usage_rate", "figures/usage_rate", 5),
    ("weighted_rate", "figures/weighted_rate", 5),
    ("life_event_level", "figures/life_event_level", 5),
    ("principles", "figures/principles", 5),
    ("freshness", "figures/freshness", 5),
    ("two axes", "figures/online_rate?by=category,population_band", 20),
    ("two axes of usage", "figures/usage_rate?by=category,population_band", 20),
    ("trend by month, 10 years", "figures/online_rate/trend?from=2010-01-31&as_of=2019-12-31", 50),
    ("changes of a year", "changes?from=2013-03-31&as_of=2014-03-31&limit=1", 50),
    ("peers of a body", "municipalities/082333/peers", 5),
    ("gaps of a body", "municipalities/082333/gaps", 5),
]
# What is supposed for a simulation: a body's procedures, and one procedure of the whole country.
SUPPOSED = [
    ("simulation of a body", [{"municipality": "082333", "procedure": f"kosodate-{at:02}"} for at in range(1, 16)]),
    ("simulation of a procedure everywhere", [{"procedure": "hisaisha-01"}]),
]


def write_usage(path, years):
    """All and online applications of every procedure of every municipality."""
    bodies = [row for row in table("municipalities.csv") if row["kind"] != "prefecture" and not row["ended_on"]]
    procedures = [row for row in table("procedures.csv") if row["target"] != "prefecture"]
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["団体コード", "年度", "手続ID", "手続総件数", "うちオンライン数"])
        for year in years:
            for place, body in enumerate(bodies):
                for number, procedure in enumerate(procedures):
                    all = (place * 31 + number * 7 + year) % 5000
                    writer.writerow([body["code"], year, procedure["id"], all, all * (number % 10) // 10])


def show_cpu(name, goal, server, ask):
    """Asks several times and shows the CPU that the server took."""
    times = []
    for _ in range(9):
        before = process_seconds(server)
        ask()
        times.append(1000 * (process_seconds(server) - before))
    show(name, f"{statistics.median(times):.1f} ms (first {times[0]:.1f})", f"≤ {goal} ms")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--program", type=pathlib.Path, help="the program; built if it is not named")
    arguments.add_argument("--years", type=int, default=5, help="yearly files in the log")
    arguments.add_argument("--usage", type=int, default=3, help="fiscal years of usage")
    arguments.add_argument("--postgres", help="a PostgreSQL server on which databases may be made; needs psql")
    chosen = arguments.parse_args()
    importer = server = None
    folder = pathlib.Path(tempfile.mkdtemp(prefix="todoke-figures-"))
    try:
        program = chosen.program or build()
        importer = Importer(program, Databases(folder, chosen.postgres))
        files = []
        for year in range(chosen.years):
            files.append(folder / f"country-{year}.csv")
            write_country(files[-1], year)
        for year in range(chosen.usage):
            files.append(folder / f"usage-{year}.csv")
            write_usage(files[-1], [2011 + year])
        for file in files:
            seen = importer.finished(importer.send(file, query="&apply=true&confirm=true"), ("checking", "planned", "applying"))
            assert seen["status"] == "applied", seen
        # What importing left in memory is not what figures take.
        Server.stop(importer)
        server = start_to_ready(program, importer.database)
        print("| what | CPU, median | goal | |\n| --- | --- | --- | --- |")
        for name, path, goal in ASKED:
            show_cpu(name, goal, server, lambda path=path: server.get(f"/api/v1/{path}"))
        for name, rows in SUPPOSED:
            rows = [{**row, "channel": "mynaportal", "level": 4} for row in rows]
            text = json.dumps({"rows": rows})
            show_cpu(name, 10, server, lambda text=text: server.post("/api/v1/figures/online_rate/simulation", text))
        show("resident", f"{server.memory():.0f} MiB", "≤ 250 MiB with ten years of usage")
    finally:
        for running in [*Importer.running, server]:
            if running and running.process.poll() is None:
                running.stop()
        if importer in Importer.running:
            importer.databases.drop(importer.database)
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""What pages weigh and take with the whole country loaded, beside another build; see README.md beside this file."""

import argparse
import gzip
import http.client
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from imports import WORKBOOK
from measure import build, start_to_ready

PAGES = [
    "/", "/prefectures/08", "/prefectures/01", "/prefectures/01?lang=en", "/municipalities/082341",
    "/municipalities/082341/why", "/municipalities/082341/brief", "/municipalities/082341/peers",
    "/municipalities/082341/readiness/hisaisha-01", "/procedures", "/procedures/hisaisha-01",
    "/compare?municipality=082341,082333,122297", "/matrix?prefecture=08", "/matrix", "/readiness?prefecture=08",
    "/changes?from=2025-01-01", "/figures/online_rate?by=municipality", "/definitions", "/codes", "/data",
]
# Goals: bytes with the style, milliseconds of the slowest of a hundred, and of CPU for the matrix of a prefecture.
HEAVIEST, SLOWEST, MATRIX = 60_000, 50, 10


def ask(connection, path, **headers):
    connection.request("GET", path, headers={"Accept": "text/html", "Accept-Encoding": "gzip", **headers})
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, (path, answer.status)
    return body


def measure(program, database, count):
    """Bytes, median and slowest in milliseconds, and CPU in milliseconds of each page."""
    server = start_to_ready(program, database)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    found = {}
    try:
        style = 0
        for path in PAGES:
            page = ask(connection, path)
            if not style:
                text = gzip.decompress(page).decode()
                style = len(ask(connection, re.search(r'rel="stylesheet" href="([^"]+)"', text)[1]))
            begin, times = server.cpu(), []
            for _ in range(count):
                before = time.perf_counter()
                ask(connection, path)
                times.append(1000 * (time.perf_counter() - before))
            cpu = 1000 * (server.cpu() - begin) / count
            found[path] = (len(page) + style, statistics.median(times), max(times), cpu)
    finally:
        server.stop()
    return found


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--program", type=pathlib.Path, help="the program; built if it is not named")
    arguments.add_argument("--other", type=pathlib.Path, help="another build to compare with, the one of before say")
    arguments.add_argument("--count", type=int, default=100, help="times that each page is asked for (default 100)")
    chosen = arguments.parse_args()
    programs = {"this": chosen.program or build(), **({"other": chosen.other} if chosen.other else {})}
    folder = pathlib.Path(tempfile.mkdtemp(prefix="todoke-pages-"))
    try:
        found = {}
        for key, program in programs.items():
            database = str(folder / f"{key}.db")
            words = [program, "--database-url", database, "import", "--yes", WORKBOOK]
            subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
            found[key] = measure(program, database, chosen.count)
        print("| page | kB with its style | median ms | slowest ms | CPU ms | of the other build: kB, median, CPU |")
        print("| --- | --- | --- | --- | --- | --- |")
        for path, (size, middle, slowest, cpu) in found["this"].items():
            other = found.get("other", {}).get(path)
            ratio = f"{size / other[0]:.2f} ×, {middle / other[1]:.2f} ×, {cpu / other[3]:.2f} ×" if other else ""
            print(f"| {path} | {size / 1000:.1f} | {middle:.1f} | {slowest:.1f} | {cpu:.1f} | {ratio} |")
        this = found["this"]
        print(f"heaviest {max(row[0] for row in this.values()) / 1000:.1f} kB (goal {HEAVIEST / 1000:.0f}), "
              f"slowest {max(row[2] for row in this.values()):.1f} ms (goal {SLOWEST}), "
              f"matrix of a prefecture {this['/prefectures/08'][3]:.1f} ms of CPU (goal {MATRIX})")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()

"""Reads what a server gives away as other programs do; see check.sh."""

import collections
import csv
import html
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

import duckdb
import frictionless

base = sys.argv[1].rstrip("/")


def fetch(path):
    with urllib.request.urlopen(f"{base}/{path.lstrip('/')}") as answer:
        return answer.read()


def step(name, work):
    begin = time.perf_counter()
    told = work()
    print(f"ok   {name}: {told} ({time.perf_counter() - begin:.1f} s)", flush=True)


def package(folder):
    """Every file that the description names, with the columns and kinds of values that it names."""
    described = json.loads(fetch("datapackage.json"))
    for resource in described["resources"]:
        file = folder / resource["path"].split("?")[0]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(fetch(resource["path"]))
        # As somebody keeps it who saves the files beside their description.
        resource["path"] = str(file.relative_to(folder))
        resource.pop("scheme", None)
    (folder / "datapackage.json").write_text(json.dumps(described), encoding="utf-8")
    report = frictionless.validate(str(folder / "datapackage.json"))
    wrong = report.flatten(["name", "rowNumber", "fieldName", "type", "note"])
    assert report.valid, wrong[:10]
    rows = sum(task.stats.get("rows", 0) for task in report.tasks)
    return f"{len(report.tasks)} files, {rows} rows as described"


def example(name):
    """An example as it is shown."""
    shown = re.search(rf'<code id="{name}-code">(.*?)</code>', fetch("data").decode(), re.S)
    assert shown, f"no example {name}"
    return html.unescape(shown[1])


def run(words, folder):
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def main():
    with tempfile.TemporaryDirectory(prefix="todoke-data-") as name:
        folder = pathlib.Path(name)
        step("Frictionless", lambda: package(folder))
        saved = folder / "readiness.csv"
        saved.write_bytes(fetch("api/v1/exports/readiness.csv"))
        with open(saved, encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        first = rows[0]["municipality_code"]
        assert first.startswith("0") and len(first) == 6, first
        by_procedure = collections.Counter(row["procedure_id"] for row in rows)
        by_body = collections.Counter(row["municipality_code"] for row in rows)

        def python():
            (folder / "example.py").write_text(example("python"), encoding="utf-8")
            told = run([sys.executable, "example.py"], folder)
            assert told.splitlines()[0] == first, told
            assert f"kosodate-01 {by_procedure['kosodate-01']}" in re.sub(" +", " ", told), told
            return f"{first}, {by_procedure['kosodate-01']} rows of kosodate-01"

        def in_duckdb():
            duckdb.sql(f"SET file_search_path = '{folder}'")
            told = dict(duckdb.sql(example("duckdb")).fetchall())
            assert told == dict(by_body), (len(told), len(by_body))
            return f"{len(told)} bodies, codes as text"

        def in_r():
            (folder / "example.R").write_text(example("r"), encoding="utf-8")
            told = run(["Rscript", "--vanilla", "example.R"], folder)
            assert told.splitlines()[0] == f'[1] "{first}"', told
            assert str(by_procedure["kosodate-01"]) in told, told
            return f"{first}, counts of {len(by_procedure)} procedures"

        for name, work in [("pandas", python), ("DuckDB", in_duckdb), ("R", in_r)]:
            step(name, work)


main()

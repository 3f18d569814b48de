#!/usr/bin/env python3
"""Counts every figure again by the published rules, out of nothing but the rows that were sent, and holds it against the
API: random countries cell by cell, then the national workbook. None of the program's code is used: only its data files,
csv and arithmetic. Usage: recount.py PROGRAM [COUNTRIES [POSTGRES]]; with the URL of a PostgreSQL server each country
has a database of its own there, made and dropped with psql."""

import csv
import datetime
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORKBOOK = ROOT.parent / "shared/real/digital-agency-online-status-2026-01.original.xlsx"
STATUS = ROOT.parent / "shared/real/digital-agency-online-status-2026-01.csv"
DAY = datetime.date(2026, 11, 20)
YEAR = 2024


def table(name):
    with open(ROOT / "data" / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


PROCEDURES = {row["id"]: row for row in table("procedures.csv")}
CHANNELS = {row["id"]: row for row in table("channels.csv")}
BODIES = {row["code"]: row for row in table("municipalities.csv")}
LISTS = {"all": list(PROCEDURES)}
for row in table("list_items.csv"):
    LISTS.setdefault(row["list_id"], []).append(row["procedure_id"])
BUNDLES = {}
for row in table("bundles.csv"):
    BUNDLES.setdefault(row["bundle_id"], []).append((row["procedure_id"], row["necessary"] == "true"))
SCALE = {id: row["scale"] for id, row in CHANNELS.items()}
PLACE = {id: row["place"] for id, row in CHANNELS.items()}
LIBRARY, ELTAX = "high-volume-01", "high-volume-04"


def percent(part, whole):
    return None if whole == 0 else (part * 2000 + whole) // (whole * 2) / 10


def expected(code, procedures, scale):
    kinds = ("prefecture", "both") if BODIES[code]["kind"] == "prefecture" else ("municipality", "both")
    return [id for id in procedures
            if PROCEDURES[id]["target"] in kinds and (scale == "online" or PROCEDURES[id]["has_counter"] == "true")]


class Cell:
    """One statement: its channel, whose word it is, and what it says."""

    def __init__(self, channel, source, level, at_least, state, on):
        self.channel, self.source, self.level, self.at_least, self.state, self.on = channel, source, level, at_least, state, on


def counting(cells):
    """The statements that count: the town's own words set the published "online" aside as soon as they say how."""
    own = [cell for cell in cells if cell.source == "own"]
    aside = any(cell.channel == "online" or (SCALE[cell.channel] == "online" and cell.level >= 1) for cell in own)
    return own + [cell for cell in cells if cell.source == "published" and not aside]


class Row:
    """What is stated of a body and a procedure: the statements that count, or why it is not performed."""

    def __init__(self, cells=(), absent=None):
        self.absent, self.stated = absent, list(cells)
        self.cells = counting(self.stated) if absent is None else []

    def online(self):
        return [cell for cell in self.cells if SCALE[cell.channel] == "online"]

    def at(self, *places):
        return [cell for cell in self.cells if SCALE[cell.channel] == "counter" and PLACE[cell.channel] in places]


def judge(cells, least, states=("live",)):
    """yes, no, unknown, or nothing where nobody said anything."""
    if not cells:
        return None
    live = [cell for cell in cells if cell.state in states]
    if any(cell.level >= least for cell in live):
        return "yes"
    return "unknown" if any(cell.at_least for cell in live) else "no"


ANY_STATE = ("live", "prepared", "seasonal")


def on_channel(channel):
    """The rule of one channel: once a named online channel is stated, the others are "no"; "online" alone leaves the means open."""
    def rule(row, least):
        own = [cell for cell in row.cells if cell.channel == channel]
        if own or SCALE[channel] != "online" or channel == "online":
            return judge(own, least)
        named = [cell for cell in row.online() if cell.channel != "online"]
        unnamed = [cell for cell in row.online() if cell.channel == "online"]
        if not unnamed:
            return "no" if named else None
        if any(cell.level >= 1 for cell in named):
            return "no"
        # Who says exactly 1 or 2 of online says no to each way of it from 3 on.
        if all(cell.level < 3 and not cell.at_least for cell in unnamed):
            return "yes" if all(cell.level >= least for cell in unnamed) else "no"
        return "unknown" if any(cell.state == "live" for cell in unnamed) else "no"
    return rule


def omnichannel(row, least):
    places = [judge(row.online(), 4), judge(row.at("nearby"), 3), judge(row.at("counter"), 3)]
    if places == [None, None, None]:
        return None
    met = places.count("yes")
    if met >= least:
        return "yes"
    lacks = "no" in places
    return "unknown" if not lacks and any(place in (None, "unknown") for place in places) else "no"


def either(counter):
    def rule(row, _):
        both = [judge(row.online(), 5, ANY_STATE), judge(row.at("counter"), counter)]
        if both == [None, None]:
            return None
        return "yes" if "yes" in both else "unknown" if None in both or "unknown" in both else "no"
    return rule


def online(row, least):
    return judge(row.online(), least, ANY_STATE)


def online_live(row, least):
    return judge(row.online(), least)


def at_counter(row, least):
    return judge(row.at("counter"), least)


def counter_scale(row, least):
    return judge(row.at("counter", "nearby"), least)


class Counts:
    def __init__(self):
        self.yes = self.whole = self.unknown = self.answered = self.expected = 0

    def add(self, outcome, weight=1):
        self.yes += weight * (outcome == "yes")
        self.unknown += weight * (outcome == "unknown")
        self.whole += weight * (outcome is not None)


def rows(country, code, procedures, scale, rule, least, stated, absent_is_no):
    """The outcome of each expected row, and the answered and expected ones."""
    counts, outcomes = Counts(), []
    for id in expected(code, procedures, scale):
        row = country.get((code, id), Row())
        if row.absent:
            outcomes.append("no" if absent_is_no else "absent")
            continue
        said = rule(row, least)
        counts.expected += 1
        counts.answered += said is not None
        outcomes.append(said or ("unanswered" if stated else "unknown"))
    return counts, outcomes


def rate(country, code, procedures, scale, rule, least, stated, absent_is_no):
    counts, outcomes = rows(country, code, procedures, scale, rule, least, stated, absent_is_no)
    for outcome in outcomes:
        if outcome in ("yes", "no", "unknown"):
            counts.add(outcome)
    return counts


def of_bodies(takes, weigh=lambda code: 1):
    def figure(country, code, procedures, scale, rule, least, stated, absent_is_no):
        counts, outcomes = rows(country, code, procedures, scale, rule, least, stated, absent_is_no)
        told = [outcome for outcome in outcomes if outcome in ("yes", "no", "unknown")]
        if takes == "any":
            whole = "yes" if "yes" in told else "unknown" if "unknown" in told else "no" if told else None
        elif "unanswered" in outcomes:
            whole = None
        else:
            whole = "no" if "no" in told else "unknown" if "unknown" in told else "yes" if outcomes else None
        counts.add(whole, weigh(code))
        return counts
    return figure


def inhabitants(code):
    return int(BODIES[code]["population"] or 0)


ALL, ANY = of_bodies("all"), of_bodies("any")
PLAIN = [
    # Query, list, scale, rule, least level, absent is no, what is counted.
    ("online_rate", "priority56", "online", online, 3, False, rate),
    ("online_rate?threshold=4", "priority56", "online", online, 4, False, rate),
    ("online_rate?threshold=5&list=common32", "common32", "online", online, 5, False, rate),
    ("online_rate?not_applicable=counted", "priority56", "online", online, 3, True, rate),
    ("da26_rate", "dashboard26", "online", on_channel("mynaportal"), 3, True, rate),
    ("da26_complete", "dashboard26", "online", on_channel("mynaportal"), 3, True, ALL),
    ("list26_complete?not_applicable=excluded", "dashboard26", "online", online_live, 3, False, ALL),
    ("list26_complete?not_applicable=counted", "dashboard26", "online", online_live, 3, True, ALL),
    ("mic_rate", "common32", "online", online_live, 3, False, rate),
    ("digital_complete_rate", "priority56", "online", online, 5, False, rate),
    ("kakanai_rate", "priority56", "counter", at_counter, 3, False, rate),
    ("onestop_rate", "priority56", "counter", at_counter, 5, False, rate),
    ("body_any", "all", "online", online_live, 3, False, ANY),
    ("body_any?threshold=5&channel=eapp", "all", "online", on_channel("eapp"), 5, False, ANY),
    ("body_any?channel=counter-group", "all", "counter", counter_scale, 3, False, ANY),
    ("kakanai_any", "all", "counter", at_counter, 3, False, ANY),
    ("eapp_any", "all", "online", on_channel("eapp"), 3, False, ANY),
    ("mynaportal_any", "all", "online", on_channel("mynaportal"), 3, False, ANY),
    ("convenience_any", "all", "counter", on_channel("convenience"), 3, False, ANY),
    ("population_coverage", "all", "online", online_live, 3, False, of_bodies("any", inhabitants)),
    ("omnichannel_rate", "priority56", "online", omnichannel, 3, False, rate),
    ("omnichannel_rate?threshold=1", "priority56", "online", omnichannel, 1, False, rate),
    ("principles?part=digital_first", "priority56", "online", online, 5, False, rate),
    ("principles?part=once_only", "priority56", "online", either(4), 1, False, rate),
    ("principles?part=connected", "bundled", "online", either(5), 1, False, rate),
]
LISTS["bundled"] = [id for id in LISTS["priority56"] if any(id == member for items in BUNDLES.values() for member, _ in items)]
for bundle, items in BUNDLES.items():
    LISTS[bundle] = [id for id, necessary in items if necessary]
    PLAIN.append((f"life_event_level?part={bundle}", bundle, "online", online_live, 3, False, ALL))


def usage(country, counts, code, onlineable, stated):
    result = {"": Counts(), "_without_library": Counts(), "_without_library_eltax": Counts()}
    for id in expected(code, LISTS["all"], "online"):
        all, of_these = counts.get((code, id), (None, None))
        row = country.get((code, id), Row())
        if all is None or (onlineable and (row.absent or online(row, 3) != "yes")) or (of_these is None and stated):
            continue
        for name, of in result.items():
            if not (id == LIBRARY and name or id == ELTAX and name.endswith("eltax")):
                of.whole += all
                of.yes += of_these or 0
                of.unknown += all if of_these is None else 0
    return result


def weighted(country, counts, code, least, stated):
    result = {"": Counts(), "_without_library": Counts(), "_without_library_eltax": Counts()}
    for id in expected(code, LISTS["priority56"], "online"):
        all, _ = counts.get((code, id), (None, None))
        row = country.get((code, id), Row())
        said = online(row, least) or (None if stated else "unknown")
        if all is None or row.absent or said is None:
            continue
        for name, of in result.items():
            if not (id == LIBRARY and name or id == ELTAX and name.endswith("eltax")):
                of.add(said, all)
    return result


def freshness(country, code):
    counts = Counts()
    for id in expected(code, LISTS["all"], "online"):
        row = country.get((code, id), Row())
        # What is stated stays stated, whether or not the procedure is performed.
        for cell in row.cells:
            counts.add("yes" if cell.on >= DAY - datetime.timedelta(365) else "no")
    return counts


def lead(plans, code):
    counts = Counts()
    for id in expected(code, LISTS["all"], "online"):
        for on, reached in plans.get((code, id), []):
            until = reached or (DAY if on and on < DAY else None)
            if on and until:
                counts.add("yes" if until <= on else "no")
    return counts


def lowest(country, code, bundle):
    least, most = [], []
    for id in expected(code, LISTS[bundle], "online"):
        row = country.get((code, id), Row())
        if row.absent:
            continue
        live = [cell for cell in row.online() if cell.state == "live"]
        best = max((cell.level for cell in live), default=0)
        least.append(best)
        most.append(5 if not row.online() or any(cell.at_least for cell in live) else best)
    return (min(least), min(most)) if least else (None, None)


class Country:
    """A server on a database of its own."""

    def __init__(self, program, postgres=None):
        self.folder = tempfile.TemporaryDirectory(prefix="todoke-recount-")
        self.postgres, self.name = postgres, f"todoke_recount_{os.getpid()}_{time.monotonic_ns()}"
        database = str(pathlib.Path(self.folder.name) / "todoke.db")
        if postgres:
            self.tell(f"CREATE DATABASE {self.name}")
            database = f"{postgres.rsplit('/', 1)[0]}/{self.name}"
        self.base = [str(program), "--database-url", database]
        self.compared = 0

    def tell(self, statement):
        subprocess.run(["psql", "-X", "-q", "-d", self.postgres, "-c", statement], check=True)

    def take(self, path):
        done = subprocess.run([*self.base, "import", str(path), "--yes", "--json"], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]

    def take_rows(self, name, headings, lines):
        path = pathlib.Path(self.folder.name) / name
        with open(path, "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([headings, *lines])
        self.take(path)

    def __enter__(self):
        return self

    def serve(self):
        command = [*self.base, "serve", "--listen", "127.0.0.1:0", "--limit-read", "off"]
        self.log = open(pathlib.Path(self.folder.name) / "log", "w+")
        self.server = subprocess.Popen(command, stderr=self.log)
        for _ in range(600):
            time.sleep(0.05)
            found = re.search(r"http://127\.0\.0\.1:\d+", pathlib.Path(self.log.name).read_text())
            if found:
                self.url = found[0]
                break
        for _ in range(600):
            if json.loads(urllib.request.urlopen(f"{self.url}/version").read()) and self.ready():
                return
            time.sleep(0.05)

    def ready(self):
        try:
            return urllib.request.urlopen(f"{self.url}/readyz").status == 200
        except urllib.error.HTTPError:
            return False

    def __exit__(self, *_):
        if hasattr(self, "server"):
            self.server.terminate()
            self.server.wait()
            self.log.close()
        if self.postgres:
            self.tell(f"DROP DATABASE {self.name} WITH (FORCE)")
        self.folder.cleanup()

    def figures(self, query, **more):
        path, _, rest = query.partition("?")
        parameters = dict(urllib.parse.parse_qsl(rest), as_of=DAY.isoformat(), limit=500, **more)
        results, offset = [], 0
        while True:
            url = f"{self.url}/api/v1/figures/{path}?{urllib.parse.urlencode({**parameters, 'offset': offset})}"
            try:
                page = json.loads(urllib.request.urlopen(url).read())
            except urllib.error.HTTPError as refused:
                raise AssertionError(f"{url}: {refused.read().decode()}") from None
            results += page["results"]
            offset += 500
            if offset >= page["metadata"]["resultset"]["count"]:
                return results

    def same(self, what, found, told):
        self.compared += 1
        assert found == told, f"{what}: the rules give {found}, the API says {told}"


def hold(country, stated, codes, queries=PLAIN):
    """Every plain definition, of each body and of all."""
    for query, list, scale, rule, least, absent_is_no, count in queries:
        for basis in ("expected", "stated"):
            whole = Counts()
            told = {row["key"]: row for row in country.figures(query, by="municipality", municipality=",".join(codes), basis=basis)}
            for code in codes:
                counts = count(stated, code, LISTS[list], scale, rule, least, basis == "stated", absent_is_no)
                compare(country, (query, basis, code), counts, told[code])
                for name in vars(whole):
                    setattr(whole, name, getattr(whole, name) + getattr(counts, name))
            if "kind" not in query:
                compare(country, (query, basis), whole, country.figures(query, municipality=",".join(codes), basis=basis)[0])


def compare(country, what, counts, row):
    none = counts.whole == 0 or (counts.yes == 0 and counts.unknown > 0)
    found = [counts.yes, counts.whole, counts.unknown, None if none else percent(counts.yes, counts.whole),
             percent(counts.yes, counts.whole), percent(counts.yes + counts.unknown, counts.whole),
             percent(counts.answered, counts.expected)]
    names = ["numerator", "denominator", "unknown", "value", "value_min", "value_max", "completeness"]
    country.same(what, found, [row[name] for name in names])


def hold_measured(country, stated, counts, plans, codes):
    """Usage, weight, freshness, plans and events of life, of each body."""
    for query, figure in [
        ("usage_rate", lambda code, of: usage(stated, counts, code, False, of)),
        ("usage_rate?base=onlineable", lambda code, of: usage(stated, counts, code, True, of)),
        ("weighted_rate", lambda code, of: weighted(stated, counts, code, 3, of)),
        ("weighted_rate?threshold=5", lambda code, of: weighted(stated, counts, code, 5, of)),
        ("freshness", lambda code, _: {"": freshness(stated, code)}),
        ("lead", lambda code, _: {"": lead(plans, code)}),
    ]:
        for basis in ("expected", "stated"):
            for row in country.figures(query, by="municipality", municipality=",".join(codes), basis=basis):
                for name, of in figure(row["key"], basis == "stated").items():
                    told = [row[f"{field}{name}"] for field in ("numerator", "denominator")]
                    country.same((query, basis, row["key"], name), [of.yes, of.whole], told)
                    none = of.whole == 0 or (of.yes == 0 and of.unknown > 0)
                    country.same((query, basis, row["key"], name), None if none else percent(of.yes, of.whole), row[f"value{name}"])
    for row in country.figures("life_event_level", by="municipality", municipality=",".join(codes)):
        found = lowest(stated, row["key"], row["part"])
        country.same(("life_event_level", row["part"], row["key"]), found, (row["level_min"], row["level_max"]))


def invent(seed):
    """A random country: what is sent, and what is stated by it."""
    chance = random.Random(seed)
    living = [code for code, row in BODIES.items() if row["kind"] != "prefecture" and not row["ended_on"]]
    codes = sorted(chance.sample(living, 9))
    lines, stated, counts, plans = [], {}, {}, {}
    full = chance.choice([0.3, 0.7, 1.0])
    day = lambda: datetime.date(2024, 1, 1) + datetime.timedelta(chance.randrange(1050))
    for code in codes:
        for id in expected(code, LISTS["all"], "online"):
            if chance.random() > full:
                continue
            cells = []
            channels = [channel for channel in CHANNELS if chance.random() < 0.25]
            for channel in channels:
                cells.append(cell(chance, channel, "own", day()))
            if chance.random() < 0.4:
                cells.append(cell(chance, "online", "published", day()))
            absent = chance.choice(["not_applicable", "other_body", "abolished"]) if chance.random() < 0.15 else None
            if absent:
                # Own words that come later would end it: they are tried by the program's own tests.
                cells = [one for one in cells if one.source == "published"]
                lines.append([code, id, "", "", "", "", absent, day(), "", ""])
            for one in cells:
                target = ["", ""]
                if one.source == "own" and one.level < 4 and not one.at_least and chance.random() < 0.4:
                    wanted, on = chance.randrange(one.level + 1, 6), chance.choice([None, day()])
                    if chance.random() < 0.5:
                        # It still stands.
                        target = [wanted, on or ""]
                        plans.setdefault((code, id), []).append((on, None))
                    else:
                        # It stood before, and still does where the level that came then is not enough: what a later
                        # row leaves blank stays.
                        before = one.on - datetime.timedelta(chance.randrange(1, 300))
                        wanted = chance.randrange(1, 6)
                        lines.append([code, id, one.channel, 0, "live", "declared", "", before, wanted, on or ""])
                        reached = one.on if one.level >= wanted and one.state != "suspended" else None
                        plans.setdefault((code, id), []).append((on, reached))
                level = f"{one.level}{'+' if one.at_least else ''}"
                evidence = "published" if one.source == "published" else "declared"
                lines.append([code, id, one.channel, level, one.state, evidence, "", one.on, *target])
            stated[code, id] = Row(cells, absent)
            if chance.random() < 0.5:
                all = chance.choice([0, 5, 120, 4_000, 90_000])
                counts[code, id] = (all, chance.choice([None, 0, all // 3, all]))
    chance.shuffle(lines)
    return codes, lines, stated, counts, plans


def cell(chance, channel, source, on):
    level = chance.randrange(6)
    at_least = level in (1, 2, 3, 4) and chance.random() < 0.25
    state = chance.choice(["live"] * 6 + ["prepared", "seasonal", "suspended"])
    return Cell(channel, source, level, at_least, state, on)


def national(country):
    """The published list: a circle is online from 3 on, a bar is not performed, an empty cell is not online."""
    stated = {}
    aliases = {row["heading"]: row["procedure_id"] for row in table("procedure_aliases.csv")}
    names = {row["name_ja"]: id for id, row in PROCEDURES.items()}
    with open(STATUS, encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    at = next(at for at, line in enumerate(lines) if sum(text.strip() in names or text.strip() in aliases for text in line) > 20)
    columns = {place: names.get(text.strip()) or aliases.get(text.strip()) for place, text in enumerate(lines[at])}
    columns = {place: id for place, id in columns.items() if id}
    codes = []
    for line in lines[at + 1:]:
        code = next((text.zfill(6) for text in line if text.isdigit() and text.zfill(6) in BODIES), None)
        if not code:
            continue
        codes.append(code)
        for place, id in columns.items():
            mark = line[place].strip()
            if mark in ("○", "〇"):
                stated[code, id] = Row([Cell("online", "published", 3, True, "live", DAY)])
            else:
                stated[code, id] = Row(absent="not_applicable") if mark else Row([Cell("online", "published", 0, False, "live", DAY)])
    assert len(codes) == 1741 and len(columns) == 50, (len(codes), len(columns))
    country.take(WORKBOOK)
    country.serve()
    chosen = [row for row in PLAIN if "threshold" not in row[0] or row[0].startswith("online_rate?threshold=4")]
    for start in range(0, len(codes), 300):
        hold(country, stated, codes[start:start + 300], chosen)


def main():
    program = pathlib.Path(sys.argv[1])
    countries = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    postgres = sys.argv[3] if len(sys.argv) > 3 else None
    compared = 0
    for seed in range(countries):
        with Country(program, postgres) as country:
            codes, lines, stated, counts, plans = invent(seed)
            headings = ["団体コード", "手続ID", "接点", "段階", "状態", "根拠", "該当性", "適用日", "目標段階", "目標日"]
            country.take_rows("rows.csv", headings, lines)
            used = [[code, YEAR, id, all, "" if of is None else of] for (code, id), (all, of) in counts.items()]
            country.take_rows("usage.csv", ["団体コード", "年度", "手続ID", "手続総件数", "うちオンライン数"], used)
            country.serve()
            hold(country, stated, codes)
            hold_measured(country, stated, counts, plans, codes)
            compared += country.compared
    with Country(program, postgres) as country:
        national(country)
        compared += country.compared
    print(f"{countries} countries and the published list: {compared} results agree")


if __name__ == "__main__":
    main()

"""Calls a running server through the client generated from the contract.

The server holds the catalogue and the register, and no statement: the counts below are those of the national lists.
`--import-only` stops after every module of the client has been imported.
"""

import importlib
import inspect
import json
import os
import pkgutil
import sys
import traceback

import todoke_client
import todoke_client.api

OPERATIONS = {
    module.name.rpartition(".")[2]: importlib.import_module(module.name)
    for module in pkgutil.walk_packages(todoke_client.__path__, "todoke_client.")
}
CLIENT = todoke_client.Client(
    base_url=os.environ.get("TODOKE_URL", "http://127.0.0.1:8080"), raise_on_unexpected_status=True
)
ICHIKAWA = "122033"
DEFINITION = "online_rate"


def answer(operation, **values):
    """The answer of an operation, found by its id; `list` becomes `list_` where the generator had to rename it."""
    function = OPERATIONS[operation].sync_detailed
    known = inspect.signature(function).parameters
    return function(client=CLIENT, **{name if name in known else name + "_": value for name, value in values.items()})


def good(operation, **values):
    """The parsed body of a good answer."""
    got = answer(operation, **values)
    assert got.status_code == 200, f"{got.status_code}: {got.content.decode()[:2000]}"
    return got.parsed


def equal(got, expected):
    assert got == expected, f"got {got!r}, expected {expected!r}"


def procedures():
    everything = good("list_procedures", limit=500)
    equal((everything.metadata.resultset.count, len(everything.results)), (59, 59))
    equal(good("list_procedures", list="priority56").metadata.resultset.count, 56)
    equal(good("get_procedure", id="kosodate-01").id, "kosodate-01")


def unknown_procedure():
    got = answer("get_procedure", id="kosodate-99")
    equal(got.status_code, 404)
    equal(got.headers["content-type"].partition(";")[0], "application/problem+json")
    assert got.parsed.title and got.parsed.detail, got.parsed


def lists():
    assert "priority56" in [one.id for one in good("list_lists").results]
    equal(good("get_list", id="priority56").id, "priority56")


def codes():
    text = json.dumps(good("list_codes").to_dict())
    for code in ("mynaportal", "counter", "live", "declared"):
        assert f'"{code}"' in text, code


def register():
    equal(len(good("list_prefectures", limit=500).results), 47)
    found = set()
    for offset in range(0, 1788, 500):
        page = good("list_municipalities", limit=500, offset=offset)
        equal(page.metadata.resultset.count, 1788)
        found.update(body.code for body in page.results)
    equal(len(found), 1788)


def one_body():
    for code in (ICHIKAWA, ICHIKAWA[:5]):
        body = good("get_municipality", code=code)
        equal((body.code, body.name), (ICHIKAWA, "市川市"))
    card = good("list_municipality_readiness", code=ICHIKAWA, limit=500)
    equal((card.metadata.resultset.count, len(card.results)), (102, 102))
    equal(good("list_readiness", municipality=ICHIKAWA).metadata.resultset.count, 0)


def matrix_and_distribution():
    assert f'"{ICHIKAWA}"' in json.dumps(good("get_matrix", prefecture="12").to_dict())
    good("get_distribution")


def figures():
    assert DEFINITION in [one.id for one in good("list_definitions").results]
    by_prefecture = good("get_figure", definition=DEFINITION, by="prefecture").results
    equal((len(by_prefecture), {figure.numerator for figure in by_prefecture}), (47, {0}))
    why = good("explain_figure", definition=DEFINITION, municipality=ICHIKAWA).results
    equal({(row.included, row.reason) for row in why}, {(False, "no_answer")})


def exports():
    equal(answer("export_readiness_csv").headers["content-type"].partition(";")[0], "text/csv")
    equal(answer("export_readiness_ndjson").headers["content-type"].partition(";")[0], "application/x-ndjson")


def main():
    failed = 0
    checks = (
        procedures,
        unknown_procedure,
        lists,
        codes,
        register,
        one_body,
        matrix_and_distribution,
        figures,
        exports,
    )
    for check in checks:
        try:
            check()
            print("ok  ", check.__name__)
        except Exception:  # noqa: BLE001 - every check is reported, then the program fails
            failed += 1
            print("FAIL", check.__name__)
            traceback.print_exc()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(0 if "--import-only" in sys.argv[1:] else main())

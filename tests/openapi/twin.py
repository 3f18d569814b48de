"""The 3.0 document must be readable by a client that knows 3.0 only, and offer what the 3.1 document offers.

Usage: twin.py openapi.json openapi-3.0.json
"""

import json
import sys
from pathlib import Path

from openapi3 import OpenAPI

METHODS = {"get", "put", "post", "delete", "patch", "head", "options", "trace"}


def offers(document: dict) -> set[tuple[str, ...]]:
    """Operations with their parameters, answers and media types, and the names of the components."""
    found = {("schema", name) for name in document.get("components", {}).get("schemas", {})}
    for path, item in document["paths"].items():
        for method in METHODS & item.keys():
            operation = item[method]
            found.add(("operation", path, method, operation["operationId"]))
            for parameter in operation.get("parameters", []):
                found.add(("parameter", path, method, parameter.get("name", parameter.get("$ref"))))
            for status, answer in operation["responses"].items():
                found.add(("answer", path, method, status, *sorted(answer.get("content", {}))))
    return found


def main() -> None:
    new, old = (json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:3])
    for document, series in ((new, "3.1."), (old, "3.0.")):
        if not document["openapi"].startswith(series):
            sys.exit(f"expected OpenAPI {series}x, the document says {document['openapi']}")
    different = sorted(offers(new) ^ offers(old))
    if different:
        sys.exit("only in one of the two documents:\n" + "\n".join("  " + " ".join(row) for row in different))
    OpenAPI(old)  # refuses every construct that 3.0 does not have
    print(f"{sum(row[0] == 'operation' for row in offers(old))} operations in both")


if __name__ == "__main__":
    main()

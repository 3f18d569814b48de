"""Reads a list and an export through the client that openapi-generator makes, and sends a file.

`--import-only` stops after every module of the client has been imported.
"""

import importlib
import os
import pkgutil
import sys

import todoke_generated

for module in pkgutil.walk_packages(todoke_generated.__path__, "todoke_generated."):
    importlib.import_module(module.name)
if "--import-only" in sys.argv[1:]:
    sys.exit(0)

configuration = todoke_generated.Configuration(host=os.environ["TODOKE_URL"], access_token=os.environ.get("TODOKE_KEY"))
with todoke_generated.ApiClient(configuration) as client:
    page = todoke_generated.CatalogueApi(client).list_procedures(limit=500)
    assert (page.metadata.resultset.count, len(page.results)) == (59, 59), page.metadata
    export = todoke_generated.ExportsApi(client).export_readiness_csv(municipality="122033")
    text = export.decode() if isinstance(export, bytes | bytearray) else export
    assert text.lstrip("\ufeff").startswith("municipality_code,"), text[:100]
    if configuration.access_token:
        rows = "団体コード,手続ID,接点,段階\n122033,kosodate-15,mynaportal,4\n".encode()
        sent = todoke_generated.ImportsApi(client).create_import(file=("状況.csv", rows))
        assert (sent.status.value, sent.counts.created) == ("planned", 1), sent
        todoke_generated.ImportsApi(client).cancel_import(id=sent.id)
print("ok")

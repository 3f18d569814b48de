"""Holds answers of a running server against the classes that datamodel-code-generator makes."""

import json
import os
import sys
import urllib.request

import todoke_models as models

if "--import-only" in sys.argv[1:]:
    sys.exit(0)


def answer(path):
    with urllib.request.urlopen(f"{os.environ['TODOKE_URL']}/api/v1/{path}") as response:
        return json.load(response)


page = models.ListViewProcedureView.model_validate(answer("procedures?limit=500"))
assert (page.metadata.resultset.count, len(page.results)) == (59, 59), page.metadata
card = models.ListViewReadinessView.model_validate(answer("municipalities/122033/readiness?limit=500"))
assert card.metadata.resultset.count == 102, card.metadata
models.ListViewFigureView.model_validate(answer("figures/online_rate?by=prefecture"))
print("ok")

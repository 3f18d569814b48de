#!/usr/bin/env bash
# Reads what a running server gives away as other programs do: its description by Frictionless, and the examples of its
# page /data by Python, DuckDB and R.
#
# Usage: TODOKE_URL=http://127.0.0.1:8080 tests/data/check.sh
#   TODOKE_TOOLS  where the tools are kept between runs (default: ${TMPDIR:-/tmp}/todoke-tools)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
[[ -n ${TODOKE_URL:-} ]] || { echo "TODOKE_URL is not set" >&2; exit 1; }
command -v Rscript >/dev/null || { echo "Rscript is not installed" >&2; exit 1; }
key=$( (cat "$here/requirements.txt"; python3 --version) | sha256sum | cut -c 1-16)
tools=$(realpath -m "${TODOKE_TOOLS:-${TMPDIR:-/tmp}/todoke-tools}")/data-$key
if [[ ! -e $tools/ready ]]; then
  rm -rf "$tools"
  python3 -m venv "$tools"
  "$tools/bin/python" -m pip install --disable-pip-version-check --quiet --only-binary :all: --require-hashes -r "$here/requirements.txt"
  touch "$tools/ready"
fi
exec "$tools/bin/python" "$here/check.py" "$TODOKE_URL"

#!/usr/bin/env bash
# Looks at the pages of a running server with Debian's Chromium and pinned tools.
#
# Usage: TODOKE_URL=http://127.0.0.1:8080 TODOKE_KEY=tdk_… TODOKE_ADMIN_KEY=tdk_… \
#          tests/browser/check.sh [FOLDER FOR PICTURES]
#   TODOKE_KEY, TODOKE_ADMIN_KEY  a key of 鉾田市 (082341), and one of an administrator
#   TODOKE_TOOLS  where the tools are kept between runs (default: ${TMPDIR:-/tmp}/todoke-tools)
# The server must hold the national workbook; node, npm, chromium and fonts-noto-cjk must be installed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
tools=$(realpath -m "${TODOKE_TOOLS:-${TMPDIR:-/tmp}/todoke-tools}")/browser
for name in TODOKE_URL TODOKE_KEY TODOKE_ADMIN_KEY; do
  [[ -n ${!name:-} ]] || { echo "$name is not set" >&2; exit 1; }
done
mkdir -p "$tools"
cp "$here/package.json" "$here/package-lock.json" "$here/check.mjs" "$here/principles.mjs" "$tools/"
(cd "$tools" && npm ci --ignore-scripts --no-audit --no-fund --silent)
cd "$tools" && node check.mjs "$@"

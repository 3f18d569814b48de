#!/usr/bin/env bash
# Checks the API contract: lints openapi/openapi.json and its 3.0 twin, generates clients and compiles them;
# with TODOKE_URL set, also calls that server through the generated clients.
#
# Usage: tests/openapi/check.sh [WORKDIR]
#   WORKDIR             where generated code goes, outside the repository (default: a temporary folder, removed at the end)
#   TODOKE_TOOLS        where the tools are kept between runs (default: ${TMPDIR:-/tmp}/todoke-tools)
#   TODOKE_OPENAPI_DIR  folder of the two documents (default: openapi/ of the repository)
#   TODOKE_URL          a running server with the catalogue and nothing stated, such as http://127.0.0.1:8080
#   TODOKE_KEY          an administrator's key of that server: it is then also called with generated requests, which
#                       write and revoke what they can reach; its limits must be off
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
documents=$(realpath -m "${TODOKE_OPENAPI_DIR:-$root/openapi}")
new=$documents/openapi.json
old=$documents/openapi-3.0.json
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true SCARF_ANALYTICS=false DO_NOT_TRACK=1
export NO_UPDATE_NOTIFIER=1 NO_COLOR=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1

fail() {
    echo "FAIL $*" >&2
    exit 1
}

for document in "$new" "$old"; do
    [[ -s $document ]] || fail "$document is missing; 'todoke openapi' writes it"
done
for program in go node npm python3; do
    command -v "$program" >/dev/null || fail "$program is not installed"
done

tools=$(realpath -m "${TODOKE_TOOLS:-${TMPDIR:-/tmp}/todoke-tools}")
if [[ $# -gt 0 ]]; then
    work=$(realpath -m "$1")
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi
for folder in "$work" "$tools"; do
    [[ $folder/ != "$root"/* ]] || fail "$folder is inside the repository; choose a folder outside"
done
mkdir -p "$work" "$tools"

# step NAME COMMAND…: one line when it went well, its whole output when it did not.
step() {
    local name=$1 begin=$SECONDS status=0
    shift
    set +e
    (set -e; "$@") >"$work/step.log" 2>&1
    status=$?
    set -e
    if [[ $status -ne 0 ]]; then
        cat "$work/step.log" >&2
        fail "$name (exit $status)"
    fi
    echo "ok   $name ($((SECONDS - begin)) s)"
}

# The tools are installed once for each state of the pins and of the two interpreters.
install_tools() {
    exec 9>"$tools.lock"
    ! command -v flock >/dev/null || flock 9
    [[ ! -e $tools/ready ]] || return 0
    rm -rf "$tools"
    mkdir -p "$tools"
    cp "$here/package.json" "$here/package-lock.json" "$here/requirements.txt" "$tools"
    (cd "$tools" && npm ci --ignore-scripts --no-audit --no-fund)
    python3 -m venv "$tools/venv"
    "$tools/venv/bin/python" -m pip install --disable-pip-version-check --quiet --only-binary :all: --require-hashes -r "$tools/requirements.txt"
    touch "$tools/ready"
}
key=$( (cat "$here/package-lock.json" "$here/requirements.txt"; node --version; python3 --version) | sha256sum | cut -c 1-16)
tools=$tools/$key
step "tools $key" install_tools
export PATH="$tools/venv/bin:$tools/node_modules/.bin:$PATH"

# The folder of a TypeScript program: modules are found through a link to the tools.
typescript_folder() {
    rm -rf "$1"
    mkdir -p "$1"
    ln -s "$tools/node_modules" "$1/node_modules"
    cp "$here/package.json" "$1"
}
# Compiles in the present folder, where the link is.
strict_tsc() { tsc --strict --skipLibCheck --target es2022 --lib es2022,dom,dom.iterable --types node "$@"; }

redocly_new() { redocly lint --format stylish --config "$here/redocly.yaml" "$new"; }
# The examples were checked against the 3.1 document; a null for an object is beyond what 3.0 can say.
redocly_old() { redocly lint --format stylish --config "$here/redocly.yaml" --skip-rule no-invalid-media-type-examples "$old"; }
spectral_both() { spectral lint --fail-severity hint --ruleset "$here/spectral.yaml" "$new" "$old"; }
validate_new() { openapi-spec-validator --schema 3.1 --validation-errors all "$new"; }
validate_old() { openapi-spec-validator --schema 3.0 --validation-errors all "$old"; }
typescript_old() {
    typescript_folder "$work/ts-3.0"
    cd "$work/ts-3.0"
    node node_modules/openapi-typescript-codegen/bin/index.js --input "$old" --output client --client fetch
    # Its imports carry no extension, so they are resolved as a bundler would.
    strict_tsc --noEmit --module esnext --moduleResolution bundler client/index.ts
}
typescript_new() {
    typescript_folder "$work/ts"
    cd "$work/ts"
    openapi-typescript "$new" --output schema.ts
    cp "$here/smoke.ts" .
    strict_tsc --noUncheckedIndexedAccess --module nodenext --outDir out schema.ts smoke.ts
}
python_new() {
    mkdir -p "$work/python"
    openapi-python-client generate --path "$new" --config "$here/python-client.yaml" --meta none \
        --output-path "$work/python/todoke_client" --overwrite --fail-on-warning
    cp "$here/smoke.py" "$work/python"
    cd "$work/python"
    python smoke.py --import-only
}

# The clients of other generators, as they come: what they make must compile or load, and read a list and an export
# and send a file.
openapi_generator() {
    openapi-generator-cli generate --input-spec "$1" --generator-name "$2" --output "$3" \
        --global-property apiTests=false,modelTests=false,apiDocs=false,modelDocs=false "${@:4}"
}
generator_python() {
    rm -rf "$work/og-python"
    openapi_generator "$1" python "$work/og-python" --package-name todoke_generated
    cp "$here/generators/read.py" "$work/og-python"
    cd "$work/og-python"
    python read.py --import-only
}
generator_go() {
    rm -rf "$work/og-go"
    openapi_generator "$1" go "$work/og-go" --package-name todoke \
        --git-host example.invalid --git-user-id todoke --git-repo-id client
    mkdir -p "$work/og-go/cmd/read"
    cp "$here/generators/read.go" "$work/og-go/cmd/read/main.go"
    cd "$work/og-go"
    # Nothing but the standard library is needed, and nothing else can be had.
    GOFLAGS=-mod=mod GOPROXY=off GOTOOLCHAIN=local go build ./... && GOFLAGS=-mod=mod GOPROXY=off GOTOOLCHAIN=local go build -o read ./cmd/read
}
generator_typescript() {
    typescript_folder "$work/og-ts"
    openapi_generator "$1" typescript-fetch "$work/og-ts/fetch"
    cp "$here/generators/read.ts" "$work/og-ts"
    cd "$work/og-ts"
    strict_tsc --noEmit --module esnext --moduleResolution bundler read.ts
    esbuild read.ts --bundle --platform=node --format=esm --outfile=read.mjs --log-level=warning
}
orval_and_hey_api() {
    typescript_folder "$work/orval"
    cd "$work/orval"
    cat >orval.config.cjs <<CONFIG
module.exports = {
  client: { input: "$new", output: { mode: "single", target: "orval/client.ts", client: "fetch" } },
  schemas: { input: "$new", output: { mode: "single", target: "orval/schemas.ts", client: "zod" } },
};
CONFIG
    orval --config orval.config.cjs
    openapi-ts --input "$new" --output hey
    cp "$here/generators/zod.ts" .
    strict_tsc --noEmit --module esnext --moduleResolution bundler zod.ts
    esbuild zod.ts --bundle --platform=node --format=esm --outfile=zod.mjs --log-level=warning
}
model_classes() {
    mkdir -p "$work/models"
    datamodel-codegen --input "$new" --input-file-type openapi --output "$work/models/todoke_models.py" \
        --output-model-type pydantic_v2.BaseModel --target-python-version 3.11 --formatters builtin
    cp "$here/generators/models.py" "$work/models"
    cd "$work/models"
    python models.py --import-only
}

# The same requests in every run, by the seed; more than 5,000 of them.
generated_requests() {
    cd "$work"
    schemathesis --config-file "$here/schemathesis.toml" run "$TODOKE_URL/api/v1/openapi.json" --url "$TODOKE_URL" \
        --header "Authorization: Bearer $TODOKE_KEY" --checks all --seed 20261121 --max-examples 60 \
        --continue-on-failure --no-color >schemathesis.log 2>&1 || { cat schemathesis.log; return 1; }
}

step "redocly, 3.1" redocly_new
step "redocly, 3.0" redocly_old
step "spectral, both" spectral_both
step "strict validation, 3.1" validate_new
step "strict validation, 3.0" validate_old
step "3.0 equals 3.1, and a 3.0-only client reads it" python "$here/twin.py" "$new" "$old"
step "3.0 TypeScript client, tsc --strict" typescript_old
step "TypeScript types and smoke program, tsc --strict" typescript_new
step "Python client" python_new
for document in "$old" "$new"; do
    # The last ones made, of the newer document, also call the server.
    step "openapi-generator, Python, $(basename "$document")" generator_python "$document"
    step "openapi-generator, Go, $(basename "$document")" generator_go "$document"
    step "openapi-generator, TypeScript, $(basename "$document")" generator_typescript "$document"
done
step "orval with zod, hey-api" orval_and_hey_api
step "datamodel-code-generator" model_classes

if [[ -n ${TODOKE_URL:-} ]]; then
    step "TypeScript calls to $TODOKE_URL" node "$work/ts/out/smoke.js"
    step "Python calls to $TODOKE_URL" python "$work/python/smoke.py"
    step "openapi-generator, Python calls" python "$work/og-python/read.py"
    step "openapi-generator, Go calls" "$work/og-go/read"
    step "openapi-generator, TypeScript calls" node "$work/og-ts/read.mjs"
    step "orval and hey-api calls" node "$work/orval/zod.mjs"
    step "datamodel-code-generator, answers" python "$work/models/models.py"
    if [[ -n ${TODOKE_KEY:-} ]]; then
        step "generated requests to $TODOKE_URL" generated_requests
        grep -E "generated, |^Seed" "$work/schemathesis.log"
    fi
else
    echo "skip calls to a server (TODOKE_URL is not set)"
fi

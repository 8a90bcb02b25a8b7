# Sourced by the scripts in bin/. Knows where the project and its tools are, and puts the tools on PATH.
# Nothing here installs or builds; bin/setup and bin/lib/build.sh do.

ROOST_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$ROOST_ROOT"

# Tools live in a cache of the project's own, one folder per version: they never fight with another project's.
ROOST_TOOLS=${ROOST_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/roost/tools}
CARGO_LEPTOS_VERSION=0.3.9
# The wasm-bindgen command has to be exactly the version of the library that the app is built with.
WASM_BINDGEN_VERSION=$(awk '/^name = "wasm-bindgen"$/ { getline; gsub(/version = |"/, ""); print; exit }' Cargo.lock)
CARGO_LEPTOS_HOME=$ROOST_TOOLS/cargo-leptos-$CARGO_LEPTOS_VERSION
WASM_BINDGEN_HOME=$ROOST_TOOLS/wasm-bindgen-cli-$WASM_BINDGEN_VERSION
# Tries the REST door against its document; its version, and those of all it needs, are in this list.
SCHEMATHESIS_PACKAGES=end2end/api/requirements.txt
SCHEMATHESIS_VERSION=$(sed -n 's/^schemathesis==//p' "$SCHEMATHESIS_PACKAGES")
SCHEMATHESIS_HOME=$ROOST_TOOLS/schemathesis-$SCHEMATHESIS_VERSION

command -v cargo >/dev/null 2>&1 || PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
export PATH=$ROOST_ROOT/node_modules/.bin:$CARGO_LEPTOS_HOME/bin:$WASM_BINDGEN_HOME/bin:$PATH

# Where cargo puts what it builds, always as an absolute path.
ROOST_TARGET=${CARGO_TARGET_DIR:-target}
case $ROOST_TARGET in /*) ;; *) ROOST_TARGET=$ROOST_ROOT/$ROOST_TARGET ;; esac

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
fail() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# Prints the path of a Chromium that can be started, or nothing.
find_chromium() {
  local name
  for name in "${ROOST_CHROMIUM:-}" chromium google-chrome google-chrome-stable chromium-browser; do
    # Some systems put a stub there that only says how to install the real one, so ask it for its version.
    if [ -n "$name" ] && have "$name" && "$name" --version >/dev/null 2>&1; then
      command -v "$name"
      return
    fi
  done
  node -e '
    const path = require("@playwright/test").chromium.executablePath();
    if (require("fs").existsSync(path)) console.log(path);
  ' 2>/dev/null || true
}

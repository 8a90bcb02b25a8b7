# Sourced after env.sh: build_roost and where its results are.

# build_roost debug|release — builds the server and the site, unless nothing changed since the last time.
# Sets ROOST_BINARY, and exports LEPTOS_SITE_ROOT: debug and release each have a site of their own.
build_roost() {
  local profile=$1 arguments=() built
  ROOST_BINARY=$ROOST_TARGET/$profile/roost
  if [ "$profile" = release ]; then
    export LEPTOS_SITE_ROOT=target/site-release
    # Compressed once, here, as well as can be; the server sends these files as they are.
    arguments=(--release --precompress)
  else
    export LEPTOS_SITE_ROOT=target/site
  fi
  built=$ROOST_TARGET/$profile/.roost-built
  if is_fresh "$built"; then
    say "nothing changed since the last $profile build"
    return
  fi
  say "building ($profile); the first time takes minutes, later only what changed"
  mkdir -p "$ROOST_TARGET/$profile"
  # The moment before the build counts: what is saved while it runs is newer.
  touch "$built.next"
  cargo leptos build "${arguments[@]}" || return 1
  # cargo-leptos can end well without a binary, so look.
  [ -x "$ROOST_BINARY" ] && site_matches || { say "the build ended without its results; see above"; return 1; }
  mv "$built.next" "$built"
}

is_fresh() {
  [ -x "$ROOST_BINARY" ] && [ -f "$1" ] && site_matches || return 1
  [ -z "$(find Cargo.toml Cargo.lock Leptos.toml package-lock.json bin/lib .cargo crates app frontend server style \
    -name tests -prune -o -newer "$1" -print -quit 2>/dev/null)" ]
}

# hash.txt beside the binary names the site's files; are they there?
site_matches() {
  local kind hash
  [ -f "${ROOST_BINARY%/*}/hash.txt" ] || return 1
  while IFS=': ' read -r kind hash; do
    [ -z "$hash" ] || [ -f "$LEPTOS_SITE_ROOT/pkg/roost.$hash.$kind" ] || return 1
  done <"${ROOST_BINARY%/*}/hash.txt"
}

# Sourced after env.sh: build_mail_proof [profile] makes the page that drives the mailbox's copy alone (frontend/proof), for browser tests
# and figures, in target/mail-proof.

build_mail_proof() {
  local profile=${1:-dev} folder=${1:-debug} built
  built=$ROOST_TARGET/front/wasm32-unknown-unknown/$folder/roost_mail_proof.wasm
  cargo build --quiet -p roost-mail-proof --target wasm32-unknown-unknown --target-dir "$ROOST_TARGET/front" --profile "$profile" || return 1
  wasm-bindgen --target web --no-typescript --out-dir target/mail-proof "$built"
}

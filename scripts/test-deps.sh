#!/usr/bin/env bash
# Installs the Debian packages of missing programs for system tests (test/programs.json).
set -euo pipefail
cd "$(dirname "$0")/.."

packages=$(node scripts/missing-programs.mjs)
[ -n "$packages" ] || exit 0
mapfile -t packages <<<"$packages"
as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo)
"${as_root[@]}" apt-get update -qq
# Installs programs without starting their services on this machine.
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${packages[@]}"

#!/usr/bin/env bash
# Installs the Debian packages whose programs the system tests run (test/programs.json), where they are not there.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=$(node scripts/missing-programs.mjs)
[ -n "$packages" ] || exit 0
mapfile -t packages <<<"$packages"
as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo)
"${as_root[@]}" apt-get update -qq
# Programs, not services: nothing that is installed for the tests starts on this machine.
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${packages[@]}"

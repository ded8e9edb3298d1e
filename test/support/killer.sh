#!/usr/bin/env bash
# Stands in for a program of its own name, further on in the path, and counts the calls of all that it stands in for, in the file
# KILL_COUNT. Kills who called it, by what cannot be caught, at call KILL: before it is done, and a copy half done.
set -euo pipefail

name=${0##*/}
PATH=${PATH#*:}
# Who only asks changes nothing.
if [ "$name $1" = 'qemu-img info' ]; then exec "$name" "$@"; fi
count=$(($(cat "$KILL_COUNT" 2>/dev/null || echo 0) + 1))
echo "$count" >"$KILL_COUNT"
# Nobody cuts the power here.
if [ "$name" = sync ]; then name=true; fi
if [ "$count" != "${KILL:-}" ]; then exec "$name" "$@"; fi
if [ "$name" = cp ] || [ "$name" = qemu-img ]; then
  printf half >"${!#}"
fi
kill -KILL "$PPID"

#!/bin/sh
# Makes the pictures of doc/ from the real program at work on its demo: at a
# moment that is always the same, so that they are, too, when nothing that
# they show was changed. Usage: pictures.sh [BUILD DIRECTORY [FOLDER]], where
# FOLDER is doc/; `./dev pictures` builds and does it. Needs rsvg-convert for
# the PNGs, and a font with Japanese in it. Port 8420, which they show, must be
# free.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${1:-$root}" && pwd)
folder=$(cd "${2:-$root/doc}" && pwd)
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT INT TERM

picture() { # picture NAME ZOOM OPTIONS... telltale demo OPTIONS...
    name=$1
    zoom=$2
    shift 2
    rm -rf "$home/state"
    "$build/tests/screen/picture" -o "$folder/$name.svg" -q 3 \
        -e COLORTERM=truecolor -e XDG_STATE_HOME="$home/state" \
        -e XDG_CONFIG_HOME="$home/config" -e TZ=UTC0 \
        -e TELLTALE_CLOCK=2026-09-14T10:48:50Z "$@" \
        --listen 127.0.0.1:8420
    command -v rsvg-convert >/dev/null || return 0
    rsvg-convert -z "$zoom" "$folder/$name.svg" -o "$folder/$name.png"
}

picture board 1.5 -s 34x124 "$build/telltale" demo --theme night
picture detail 1 -s 24x80 -k '/created a feature\n' \
    -U '"created a feature": ' -k '\n' \
    "$build/telltale" demo --theme night
picture terminal 1 -s 24x80 "$build/telltale" demo
picture signals 1 -s 30x112 -k 'Sj' \
    "$build/telltale" demo --theme night
picture coverage 1 -s 30x112 -k 'C' "$build/telltale" demo --theme night

python3 "$root/tests/screen/team.py" "$build" "$folder"
command -v rsvg-convert >/dev/null || exit 0
rsvg-convert -z 1 "$folder/team.svg" -o "$folder/team.png"

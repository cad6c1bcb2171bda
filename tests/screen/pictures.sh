#!/bin/sh
# Makes the pictures of doc/ from the real program at work on its demo.
# Usage: pictures.sh [BUILD DIRECTORY]; needs rsvg-convert for the PNGs, and
# a font with Japanese in it.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${1:-$root}" && pwd)
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT INT TERM

picture() { # picture NAME ZOOM OPTIONS... -- ARGUMENTS OF telltale
    name=$1
    zoom=$2
    shift 2
    rm -rf "$home/state"
    "$build/tests/screen/picture" -o "$root/doc/$name.svg" \
        -e COLORTERM=truecolor -e XDG_STATE_HOME="$home/state" \
        -e XDG_CONFIG_HOME="$home/config" "$@"
    rsvg-convert -z "$zoom" "$root/doc/$name.svg" -o "$root/doc/$name.png"
}

picture board 1.5 -s 34x124 -w 55 \
    "$build/telltale" demo --theme night
picture detail 1 -s 24x80 -w 20 -k '/created a feature\n\n' \
    "$build/telltale" demo --theme night
picture terminal 1 -s 24x80 -w 40 \
    "$build/telltale" demo
picture signals 1 -s 30x112 -w 20 -k 'S' -U 'read docs' \
    "$build/telltale" demo --theme night
picture coverage 1 -s 30x112 -w 20 -k 'C' \
    "$build/telltale" demo --theme night

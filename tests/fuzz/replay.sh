#!/bin/sh
# Replays every fuzzer's corpus, old crashes included, and all fixtures.
# Prints TAP, one case a fuzzer. Inputs are named from here on, so that a
# blank in the path to the tree is in no list of words.

. "$(dirname "$0")/../tap.sh"
cd "$TESTS_SRC/tests" || exit 99
for program in "$TESTS_BUILD"/tests/fuzz/*_fuzz; do
    name=$(basename "$program")
    find fixtures "fuzz/corpus/$name" -type f 2>/dev/null |
        sort >"$program.inputs"
    if said=$(xargs "$program" <"$program.inputs" 2>&1); then
        say "$name replays its corpus: $said" ""
    else
        say "$name replays its corpus" "${said:-it fails}"
    fi
    rm -f "$program.inputs"
done
finish

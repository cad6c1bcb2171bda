#!/bin/sh
# Replays every fuzzer's corpus, old crashes included, and all fixtures.
# Prints TAP, one case a fuzzer. Inputs are named from here on, so that a
# blank in the path to the tree is in no list of words.

cd "$TESTS_SRC/tests" || exit 99
number=0
failed=0
for program in "$TESTS_BUILD"/tests/fuzz/*_fuzz; do
    name=$(basename "$program")
    number=$((number + 1))
    find fixtures "fuzz/corpus/$name" -type f 2>/dev/null |
        sort >"$program.inputs"
    if said=$(xargs "$program" <"$program.inputs" 2>&1); then
        echo "ok $number - $name replays its corpus: $said"
    else
        failed=1
        echo "not ok $number - $name replays its corpus"
        echo "$said" | sed 's/^/# /'
    fi
    rm -f "$program.inputs"
done
echo "1..$number"
exit $failed

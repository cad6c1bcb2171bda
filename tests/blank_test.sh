#!/bin/sh
# The tree and the build may lie where a path has a blank in it. Prints TAP.
# The fuzzers' scripts are given a fuzzer that says what it was given; the
# program and the scripts that look at the tree run as they are.

. "$(dirname "$0")/tap.sh"
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d) || exit 99
trap 'rm -rf "$folder"' EXIT
TESTS_SRC="$folder/a tree"
build="$folder/a build"
export TESTS_SRC
ln -s "${here%/tests}" "$TESTS_SRC"
mkdir -p "$build/tests/fuzz"

# Fails when one of its words is neither an option nor there.
cat >"$build/tests/fuzz/ini_fuzz" <<'EOF'
#!/bin/sh
for word in "$@"; do
    case $word in
    -*) ;;
    *) [ -e "$word" ] || { echo "given: $word"; exit 1; } ;;
    esac
done
echo "stat::number_of_executed_units: $#"
EOF
chmod +x "$build/tests/fuzz/ini_fuzz"

is_ok() { # is_ok SENTENCE COMMAND…: all of its TAP is ok, and there is some
    sentence=$1
    shift
    "$@" >"$folder/said" 2>&1
    if grep -q '^ok' "$folder/said" && ! grep -q '^not ok' "$folder/said"; then
        say "$sentence" ""
    else
        say "$sentence" "it says: $(cat "$folder/said")"
    fi
}

starts() { # the program, from there
    "$folder/a program" --version && echo 'ok 1 - it starts'
}

is_ok "a corpus is replayed there" \
    env TESTS_BUILD="$build" sh "$TESTS_SRC/tests/fuzz/replay.sh"
is_ok "a fuzzer searches there" sh "$TESTS_SRC/tests/fuzz/run.sh" "$build" 1
for script in docs layers listed; do
    is_ok "$script.sh reads the tree there" sh "$TESTS_SRC/tests/$script.sh"
done
if [ -n "${TESTS_BUILD-}" ]; then
    ln -s "$TESTS_BUILD/telltale" "$folder/a program"
    is_ok "the program starts there" starts
fi
finish

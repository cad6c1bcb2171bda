#!/bin/sh
# make install brings all there is for a user, below DESTDIR and nowhere else;
# make uninstall takes all of it away. Prints TAP.

source="${TESTS_SRC:-$(cd "$(dirname "$0")/.." && pwd)}"
build="${TESTS_BUILD:-$source}"
root=$(mktemp -d "${TMPDIR:-/tmp}/telltale install.XXXXXX") || exit 99
trap 'rm -rf "$root"' EXIT
# What a make around us told its own.
unset MAKEFLAGS MFLAGS MAKELEVEL
. "$(dirname "$0")/tap.sh"

found() { (cd "$root" && find . -type f -o -type l | sort); }

wanted="./opt/x/bin/telltale
./opt/x/share/bash-completion/completions/telltale
./opt/x/share/doc/telltale/capacity.md
./opt/x/share/doc/telltale/feed.md
./opt/x/share/doc/telltale/nats.md
./opt/x/share/doc/telltale/telltale-user.service
./opt/x/share/doc/telltale/telltale.service
./opt/x/share/doc/telltale/telltale.socket
./opt/x/share/fish/vendor_completions.d/telltale.fish
./opt/x/share/zsh/site-functions/_telltale
$(for page in $(sed -n '/^man_MANS/,/[^\\]$/p' "$source/Makefile.am" |
    grep -o 'doc/telltale[a-z.-]*[.][1-8]'); do
    echo "./opt/x/share/man/man${page##*.}/${page#doc/}"
done)"

installed() {
    found >"$root.found"
    printf '%s\n' "$wanted" | sort | diff "$root.found" - |
        sed -n 's/^< /not expected: /p; s/^> /missing: /p'
    rm -f "$root.found"
}

modes() {
    find "$root" -type f ! -perm -444 -exec echo not readable: {} \;
    [ -x "$root/opt/x/bin/telltale" ] || echo the program cannot be run
}

runs() {
    "$root/opt/x/bin/telltale" --version 2>&1 | grep -q '^telltale [0-9]' ||
        echo it does not run from there
}

say "make install works in a DESTDIR with a blank" "$(quietly make -s \
    -C "$build" install DESTDIR="$root" prefix=/opt/x)"
say "it installs what there is, and nothing else" "$(installed)"
say "everybody may read it" "$(modes)"
say "what was installed runs" "$(runs)"
say "make install a second time is the same" "$(quietly make -s \
    -C "$build" install DESTDIR="$root" prefix=/opt/x; installed)"
say "make uninstall takes it away again" "$(quietly make -s -C "$build" \
    uninstall DESTDIR="$root" prefix=/opt/x; found)"
finish

#!/bin/sh
# The README's two commands in a clean Debian root, from nothing but what the
# tree holds, in a path with blanks and without a terminal: by somebody without
# sudo, who is told what is missing, and by somebody with it; and `./dev package`
# behind them. `./dev test`, a quarter of an hour, is run only if BARE_TEST is
# set. Needs root. Prints TAP.

cd "${TESTS_SRC:-$(dirname "$0")/..}" || exit 99
. tests/clean_root.sh

tree='/home/maya/my tools/telltale'

bring() {
    mkdir -p "$root$tree"
    git ls-files -z | tar -cf - --null -T - | tar -xf - -C "$root$tree" ||
        echo the tree cannot be brought there
    quietly in_root useradd -m ann
    quietly in_root useradd maya
    quietly in_root cp -r /home/maya/. /home/ann
    quietly in_root chown -R maya: /home/maya
    quietly in_root chown -R ann: /home/ann
}

here() { # here USER COMMAND…: in that user's copy of the tree
    user=$1
    shift
    by "$user" sh -c 'cd && cd "my tools/telltale" && exec "$0" "$@"' "$@"
}

# One line, with what to type in it, and nothing half done.
told() {
    said=$(here ann ./dev "$1" 2>&1) && echo it went on all the same
    [ "$(printf '%s\n' "$said" | wc -l)" = 1 ] || echo more than a line
    printf '%s\n' "$said" |
        grep -q '^dev: .* apt-get install .*libcsv-dev' || echo "$said"
    [ ! -e "$root/home/ann/my tools/telltale/build" ] || echo it built
}

give_sudo() {
    quietly in_root apt-get update -qq
    quietly in_root apt-get install -y -qq --no-install-recommends sudo
    echo 'maya ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/maya"
}

# Installs what is missing, builds, starts.
runs() { # runs USER
    said=$(here "$1" ./dev run --version 2>&1) || echo "it failed"
    printf '%s\n' "$said" | grep -q '^telltale [0-9]' || echo "$said" | tail
    quietly here "$1" ./dev run check --listen 127.0.0.1:0
    here "$1" timeout -s INT 120 ./dev run demo --rate 20 2>&1 |
        grep -m 1 -q '^20[0-9-]* [0-9:]*  ' || echo demo prints no events
}

# Nothing is written into the tree, but for what autoconf makes.
clean() {
    here maya find . -type f ! -path './build*' ! -path './autom4te.cache/*' \
        ! -name aclocal.m4 ! -name configure ! -name config.h.in \
        ! -name Makefile.in | sort >build/clean-root.found
    git ls-files | sed 's,^,./,' | sort | comm -13 - build/clean-root.found
    rm -f build/clean-root.found
}

# Of what a clone holds, which this becomes.
packs() {
    quietly in_root apt-get install -y -qq --no-install-recommends git
    quietly here maya git init -q .
    quietly here maya git add .
    said=$(here maya ./dev package 2>&1) || echo "it failed"
    printf '%s\n' "$said" | tail -1 | grep -q '^build/package/telltale_.*deb$' ||
        printf '%s\n' "$said" | tail
}

tests() {
    said=$(here maya ./dev test 2>&1)
    printf '%s\n' "$said" | grep -q '^[0-9]* passed, 0 failed$' ||
        printf '%s\n' "$said" | tail -40
    printf '%s\n' "$said" | tail -1 | sed 's/^/# /' >&2
}

if ! can_root; then
    leave_out "both commands work in a clean root" \
        "root and debootstrap are needed"
    finish
fi
say "a clean root is made" "$(root_make; bring)"
say "run: without sudo one is told what to install" "$(told run)"
say "test: without sudo one is told what to install" "$(told test)"
say "somebody with sudo is there" "$(give_sudo)"
say "run: what is missing is installed, it builds and starts" "$(runs maya)"
say "run: then without sudo, too" "$(runs ann)"
say "the tree stays as it was" "$(clean)"
if [ -n "${BARE_TEST-}" ]; then
    say "test: all of them pass" "$(tests)"
else
    leave_out "test: all of them pass" "a quarter of an hour: BARE_TEST=1"
fi
say "package: what is missing is installed, and it is made" "$(packs)"
rm -rf "$root"
finish

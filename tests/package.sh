#!/bin/sh
# The Debian package: built of what is committed, lintian has nothing to say,
# and in a clean root it installs, runs, is installed over itself and purged.
# Takes minutes: a part of ./dev long. Prints TAP.

cd "${TESTS_SRC:-$(dirname "$0")/..}" || exit 99
cases=0
failed=0

say() { # say WHAT WRONG: one case
    cases=$((cases + 1))
    if [ -z "$2" ]; then
        echo "ok $cases - $1"
    else
        failed=1
        echo "not ok $cases - $1"
        printf '%s\n' "$2" | head -40 | sed 's/^/# /'
    fi
}

leave_out() { # leave_out WHAT WHY
    cases=$((cases + 1))
    echo "ok $cases - $1 # SKIP $2"
}

quietly() { # quietly COMMAND…: what it says, if it fails
    said=$("$@" 2>&1) || { printf '%s\n' "$said" | tail -40; echo "$* failed"; }
}

holds() {
    dpkg-deb -c "$deb" | awk '{ print $6 }' >"$made/list"
    for file in ./usr/bin/telltale ./lib/systemd/system/telltale.service \
        ./lib/systemd/system/telltale.socket \
        ./usr/lib/systemd/user/telltale.service \
        ./usr/share/man/man1/telltale.1.gz \
        ./usr/share/man/man5/telltale.conf.5.gz \
        ./usr/share/bash-completion/completions/telltale \
        ./usr/share/doc/telltale/README.md.gz; do
        grep -qxF "$file" "$made/list" || echo "$file is not in it"
    done
}

units() { # paths of the package, and none of make install's
    dpkg-deb -x "$deb" "$made/x" || echo it cannot be unpacked
    for unit in "$made"/x/lib/systemd/system/telltale.service \
        "$made"/x/usr/lib/systemd/user/telltale.service; do
        grep -q '^ExecStart=/usr/bin/telltale serve' "$unit" ||
            echo "$unit starts something else"
    done
}

as_user() { # as_user WORD…: telltale in the clean root, by nobody
    chroot "$root" su -s /bin/sh nobody -c \
        'HOME=/tmp/h XDG_STATE_HOME= XDG_CONFIG_HOME= exec telltale "$@"' \
        -- telltale "$@"
}

run_there() {
    quietly as_user --version
    quietly as_user check --listen 127.0.0.1:0
    quietly as_user tail
    printf 'one\n' >"$root/etc/telltale-was-here"
}

gone() {
    [ ! -e "$root/usr/bin/telltale" ] || echo the program is still there
    find "$root/usr/share" "$root/lib/systemd" "$root/usr/lib/systemd" \
        "$root/etc" -name 'telltale*' ! -name telltale-was-here
}

clean_root() {
    quietly debootstrap --variant=minbase \
        "${RELEASE:-$(lsb_release -sc 2>/dev/null || echo bookworm)}" "$root"
}

made=build/package
root=$PWD/build/package-root
say "it builds of what is committed" "$(quietly ./dev package)"
deb=$(ls $made/telltale_*.deb 2>/dev/null | head -1)
if [ ! -f "$deb" ]; then
    echo "1..$cases"
    exit 1
fi
say "lintian has nothing to say" "$(lintian --fail-on none \
    --display-level '>=info' $made/telltale_*.changes 2>&1)"
say "it holds what there is" "$(holds)"
say "its units start its own program" "$(units)"
if [ "$(id -u)" = 0 ] && command -v debootstrap >/dev/null; then
    rm -rf "$root"
    say "a clean root is made" "$(clean_root)"
    cp "$deb" "$root/tmp/telltale.deb"
    say "it installs there" "$(quietly chroot "$root" env \
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
        --no-install-recommends /tmp/telltale.deb)"
    say "it runs there, for a user without rights" "$(run_there)"
    say "it installs over itself" "$(quietly chroot "$root" \
        dpkg -i /tmp/telltale.deb)"
    say "it is purged" "$(quietly chroot "$root" \
        dpkg --purge telltale; gone)"
    rm -rf "$root"
else
    leave_out "it installs in a clean root" "root and debootstrap are needed"
fi
echo "1..$cases"
exit $failed

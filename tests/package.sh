#!/bin/sh
# The Debian package: built of what is committed, lintian has nothing to say,
# and in a clean root it installs, runs, is upgraded, removed and purged.
# Takes minutes: a part of ./dev long. Prints TAP.

cd "${TESTS_SRC:-$(dirname "$0")/..}" || exit 99
. tests/clean_root.sh

holds() {
    dpkg-deb -c "$deb" | awk '{ print $6 }' >"$made/list"
    for file in ./usr/bin/telltale ./lib/systemd/system/telltale.service \
        ./lib/systemd/system/telltale.socket \
        ./usr/lib/systemd/user/telltale.service \
        ./usr/share/man/man1/telltale.1.gz \
        ./usr/share/man/man5/telltale.conf.5.gz \
        ./usr/share/man/man7/telltale-query.7.gz \
        ./usr/share/man/man7/telltale-feed.7.gz \
        ./usr/share/man/man7/telltale-signals.7.gz \
        ./usr/share/bash-completion/completions/telltale \
        ./usr/share/zsh/vendor-completions/_telltale \
        ./usr/share/fish/vendor_completions.d/telltale.fish \
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

# Less than 2 of 10 is what systemd calls OK, and what it was when the unit
# was written; an older systemd-analyze cannot read a file.
sandboxed() {
    said=$(systemd-analyze security --offline=true --threshold=20 \
        "$made/x/lib/systemd/system/telltale.service" 2>&1) ||
        printf '%s\n' "$said" | tail -3
}

# What somebody has of telltale, kept by every version: an event, a setting.
fill() {
    cat >"$root/tmp/fill" <<'END'
set -e
umask 077
mkdir -p ~/.config/telltale
echo '[main]' >~/.config/telltale/config.ini
echo 'listen = 127.0.0.1:0' >>~/.config/telltale/config.ini
telltale --version
telltale check
echo '{"event":"insight created","sentence":"kept before the upgrade",' \
    "\"occurred_at\":\"$(date -u +%FT%TZ)\"}" | telltale import -
telltale tail
END
    quietly by ann sh /tmp/fill
}

kept() {
    by ann telltale tail 2>&1 | grep -q 'before the upgrade' ||
        echo what was kept before is gone
    quietly by ann telltale check
}

works() { # the manual and the words of a shell are where they are looked for
    quietly in_root sh -c 'test "$(telltale completion bash)" = \
        "$(cat /usr/share/bash-completion/completions/telltale)"'
    in_root sh -c 'ldd /usr/bin/telltale' | grep 'not found'
}

# The same program as a newer package.
make_newer() {
    rm -rf "$made/n"
    dpkg-deb -R "$deb" "$made/n" &&
        sed -i 's/^Version: .*/&+newer/' "$made/n/DEBIAN/control" &&
        dpkg-deb --root-owner-group -b "$made/n" "$root/tmp/newer.deb"
}

upgraded() {
    quietly make_newer
    quietly in_root apt-get install -y -qq --no-install-recommends \
        /tmp/newer.deb
    in_root dpkg-query -W -f '${Version}\n' telltale | grep -q 'newer$' ||
        echo it is not the newer one
}

gone() {
    [ ! -e "$root/usr/bin/telltale" ] || echo the program is still there
    find "$root/usr/share" "$root/lib/systemd" "$root/usr/lib/systemd" \
        "$root/etc" "$root/var/lib" -name 'telltale*' \
        ! -path '*/dpkg/info/*' ! -path '*/deb-systemd-*'
}

removed() {
    quietly in_root dpkg --remove telltale
    gone
    [ -s "$root/home/ann/.local/state/telltale/journal.db" ] ||
        echo what somebody kept was removed, too
}

purged() {
    quietly in_root dpkg --purge telltale
    gone
    in_root dpkg-query -W telltale 2>/dev/null
}

in_clean_root() {
    cp "$deb" "$root/tmp/telltale.deb"
    quietly in_root useradd -m ann
    say "it installs there" "$(quietly in_root apt-get update -qq
        quietly in_root apt-get install -y -qq --no-install-recommends \
            /tmp/telltale.deb)"
    say "it runs there, for a user without rights" "$(fill)"
    say "it has all that it needs" "$(works)"
    say "it is upgraded" "$(upgraded)"
    say "what was kept is there after it" "$(kept)"
    say "it is removed, and what somebody kept is not" "$(removed)"
    say "it is purged" "$(purged)"
}

made=build/package
say "it builds of what is committed" "$(quietly ./dev package)"
deb=$(ls $made/telltale_*.deb 2>/dev/null | head -1)
if [ ! -f "$deb" ]; then
    finish
fi
say "lintian has nothing to say" "$(lintian --fail-on none \
    --display-level '>=info' $made/telltale_*.changes 2>&1 |
    grep -v '^running with root privileges')"
say "it holds what there is" "$(holds)"
say "its units start its own program" "$(units)"
if command -v systemd-analyze >/dev/null; then
    say "systemd finds the unit safe" "$(sandboxed)"
else
    leave_out "systemd finds the unit safe" "there is no systemd-analyze"
fi
if can_root; then
    say "a clean root is made" "$(root_make)"
    in_clean_root
    rm -rf "$root"
else
    leave_out "it installs in a clean root" "root and debootstrap are needed"
fi
finish

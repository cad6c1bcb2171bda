# Read by package.sh and bare.sh: TAP, and a clean Debian root of debootstrap
# below build/, in which commands run. Needs root. RELEASE names another
# release than this system's, MIRROR another mirror.

. tests/tap.sh

can_root() {
    [ "$(id -u)" = 0 ] && command -v debootstrap >/dev/null &&
        command -v unshare >/dev/null
}

root=$PWD/build/clean-root

# Anew each time: what a test before it installed would hide what is missing.
root_make() {
    release=${RELEASE:-$(. /etc/os-release; echo "${VERSION_CODENAME-}")}
    rm -rf "$root"
    mkdir -p build
    quietly debootstrap --variant=minbase "${release:-bookworm}" "$root" \
        ${MIRROR+"$MIRROR"}
    cp /etc/resolv.conf "$root/etc/resolv.conf"
}

# What is mounted, and all that was started, ends with the command.
in_root() { # in_root COMMAND…: by root, without a terminal
    unshare --mount --pid --fork --kill-child sh -c '
        mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" &&
            exec env -i PATH=/usr/bin:/bin:/usr/sbin:/sbin LANG=C.UTF-8 \
                DEBIAN_FRONTEND=noninteractive chroot "$0" "$@"' \
        "$root" "$@" </dev/null
}

by() { # by USER COMMAND…: the same, by a user who has no rights
    user=$1
    shift
    in_root su "$user" -s /bin/sh -c 'exec "$0" "$@"' -- "$@"
}

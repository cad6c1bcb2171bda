#!/bin/sh
# Outside src/base and src/net nothing is called that not every POSIX system
# has: what the objects ask the C library for, held against a list of what
# Linux or its library alone has, or what macOS lacks. Prints TAP.

build="${TESTS_BUILD:-$(dirname "$0")/..}"
. "$(dirname "$0")/tap.sh"

linux_only="accept4 adjtimex asprintf basename_r capget capset clock_adjtime
clone close_range copy_file_range dup3 epoll_create epoll_create1 epoll_ctl
epoll_pwait epoll_wait error eventfd euidaccess execvpe explicit_bzero
fallocate fanotify_init fgetxattr futimesat get_current_dir_name getauxval
getrandom gettid getxattr inotify_add_watch inotify_init inotify_init1
landlock_create_ruleset listxattr mallinfo mallinfo2 malloc_trim memfd_create
memmem mempcpy memrchr mount mremap name_to_handle_at pipe2 pivot_root ppoll
prctl process_vm_readv ptsname_r pthread_setname_np qsort_r quick_exit
rawmemchr readahead recvmmsg renameat2 sched_getaffinity sched_setaffinity
secure_getenv sendfile sendmmsg setfsuid setns setresgid setresuid setxattr
sigabbrev_np sigdescr_np signalfd splice statx strchrnul strerrorname_np
strverscmp sync_file_range syncfs syscall sysinfo tee tgkill timerfd_create
timerfd_settime umount2 unshare vasprintf vmsplice"
no_macos="aio_suspend clock_nanosleep fdatasync fexecve mq_open mq_send
mq_receive posix_fadvise posix_fallocate pthread_barrier_init
pthread_barrier_wait pthread_condattr_setclock pthread_mutex_timedlock
pthread_spin_init sem_getvalue sem_init sem_timedwait timer_create
timer_settime"

# "symbol object" of what is not defined in the objects of a folder.
asked() { # asked FOLDER…
    (cd "$build" && find "$@" -name '*.o' -exec nm -u -A {} + 2>/dev/null) |
        sed -n 's/^\([^ :]*\):.* U \([A-Za-z_0-9]*\).*/\2 \1/p'
}

among() { # among LIST: those lines of standard input
    printf '%s\n' $1 | sort -u >"$build/portable.list"
    sort | join - "$build/portable.list"
    rm -f "$build/portable.list"
}

rooms() { # all but the two that may
    (cd "$build" && ls -d src/*/ src/main.o ui 2>/dev/null |
        grep -vx 'src/base/\|src/net/')
}

if ! command -v nm >/dev/null || [ ! -d "$build/src" ]; then
    echo "1..0 # SKIP there is no nm, or no object"
    exit 0
fi
# shellcheck disable=SC2046
asked $(rooms) >"$build/portable.asked"
say "no room but base and net calls what Linux alone has" \
    "$(among "$linux_only" <"$build/portable.asked")"
say "nor what macOS lacks" "$(among "$no_macos" <"$build/portable.asked")"
rm -f "$build/portable.asked"
# That a call is noticed: base makes some, on Linux.
if [ "$(uname -s)" = Linux ]; then
    say "a call is noticed where there is one" \
        "$(asked src/base | among "$linux_only" | grep -q '^prctl ' ||
            echo prctl of src/base is not)"
fi
finish

/* The calls that only an intruder would make, refused with EPERM by a filter
 * of Berkeley packet code. A list of what is forbidden, not of what is
 * allowed: the libraries' next version may need something else. */
#ifdef __linux__
#define _DEFAULT_SOURCE /* syscall() */
#endif
#include "base/confine_calls.h"

#if defined __linux__ && (defined __x86_64__ || defined __aarch64__)

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "base/banned.h"

#ifdef __x86_64__
#define ARCH AUDIT_ARCH_X86_64
#else
#define ARCH AUDIT_ARCH_AARCH64
#endif
#define X32 UINT32_C(0x40000000)        /* the other numbering of x86-64 */
#define NEW_THREAD UINT32_C(0x00010000) /* CLONE_THREAD */

/* A sanitizer looks for leaks from a process of its own. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SANITIZED 1
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static const uint32_t forbidden[] = {
    SYS_execve,
    SYS_execveat,
#ifdef SYS_fork
    SYS_fork,
    SYS_vfork,
#endif
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    /* other roots and names */
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_setns,
    SYS_unshare,
    SYS_mknodat,
    SYS_open_by_handle_at,
#ifdef SYS_mknod
    SYS_mknod,
#endif
    /* the kernel's own */
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_reboot,
    SYS_swapon,
    SYS_swapoff,
    SYS_acct,
    SYS_quotactl,
    SYS_syslog,
    /* calls that go round this filter */
    425, /* io_uring_setup */
    /* others' keys, the clock, the name, other identities */
    SYS_add_key,
    SYS_request_key,
    SYS_keyctl,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_adjtimex,
    SYS_clock_adjtime,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_personality,
    SYS_setuid,
    SYS_setgid,
    SYS_setreuid,
    SYS_setregid,
    SYS_setresuid,
    SYS_setresgid,
    SYS_setgroups,
    SYS_capset,
#ifdef SYS_iopl
    SYS_iopl,
    SYS_ioperm,
#endif
};
#define FORBIDDEN (sizeof forbidden / sizeof *forbidden)

#define WORD(field) ((uint32_t)offsetof(struct seccomp_data, field))
#define LOAD(at) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (at))
#define IF_NOT(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip)
#define ANSWER(value) BPF_STMT(BPF_RET | BPF_K, (value))
#define REFUSE(code) (SECCOMP_RET_ERRNO | (code))

struct program {
    struct sock_filter code[2 * FORBIDDEN + 24];
    unsigned short len;
};

static void add(struct program *program, struct sock_filter line)
{
    program->code[program->len++] = line;
}

static void refuse(struct program *program, uint32_t call, uint32_t code)
{
    add(program, (struct sock_filter)IF_NOT(call, 1));
    add(program, (struct sock_filter)ANSWER(REFUSE(code)));
}

/* Threads yes, processes no. clone3 hides its flags from a filter: without
 * it the C library takes clone. */
static void refuse_processes(struct program *program)
{
    refuse(program, 435, ENOSYS); /* clone3 */
    if (SANITIZED)
        return;
    refuse(program, SYS_ptrace, EPERM);
    add(program, (struct sock_filter)IF_NOT(SYS_clone, 4));
    add(program, (struct sock_filter)LOAD(WORD(args[0])));
    add(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K,
                                              NEW_THREAD, 1, 0));
    add(program, (struct sock_filter)ANSWER(REFUSE(EPERM)));
    add(program, (struct sock_filter)ANSWER(SECCOMP_RET_ALLOW));
}

static void write_program(struct program *program)
{
    program->len = 0;
    add(program, (struct sock_filter)LOAD(WORD(arch)));
    add(program,
        (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0));
    add(program, (struct sock_filter)ANSWER(REFUSE(EPERM)));
    add(program, (struct sock_filter)LOAD(WORD(nr)));
#ifdef __x86_64__
    add(program,
        (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32, 0, 1));
    add(program, (struct sock_filter)ANSWER(REFUSE(EPERM)));
#endif
    for (size_t i = 0; i < FORBIDDEN; i++)
        refuse(program, forbidden[i], EPERM);
    refuse_processes(program);
    add(program, (struct sock_filter)ANSWER(SECCOMP_RET_ALLOW));
}

bool confine_calls(bool *done, struct err *err)
{
    struct program program;
    struct sock_fprog all = {.filter = program.code};
    uint32_t errno_action = SECCOMP_RET_ERRNO;

    *done = false;
    if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &errno_action))
        return true; /* a kernel without */
    write_program(&program);
    all.len = program.len;
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                SECCOMP_FILTER_FLAG_TSYNC, &all))
        return err_errno(err, "seccomp");
    *done = true;
    return true;
}

#else

bool confine_calls(bool *done, struct err *err)
{
    (void)err;
    *done = false;
    return true;
}

#endif

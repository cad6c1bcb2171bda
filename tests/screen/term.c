/* The test terminal: a pty, libvterm, and waiting for conditions. It knows
 * nothing of telltale but its frame mark. */
#include "term.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "base/banned.h"

#define RAW_KEPT (64 * KIB)

bool term_keeps_links;

static void set_environment(const char *const *extra)
{
    /* What terminals tell of themselves: here is none of them. */
    static const char *const others[] = {"TERM_PROGRAM", "VTE_VERSION",
                                         "KONSOLE_VERSION", "WT_SESSION",
                                         "KITTY_WINDOW_ID"};

    setenv("TERM", "xterm-256color", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    setenv("TZ", "UTC0", 1);
    setenv("TELLTALE_FRAMES", "4", 1);
    unsetenv("COLORTERM");
    unsetenv("NO_COLOR");
    unsetenv("TMUX");
    unsetenv("STY");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        unsetenv(others[i]);
    for (; extra && *extra; extra++)
        putenv((char *)*extra);
}

static void become(const char *const *argv, const char *const *extra,
                   int control, int marks)
{
    set_environment(extra);
    /* 3 and 4 may be among the ends themselves: move them away first. */
    control = fcntl(control, F_DUPFD, 10);
    marks = fcntl(marks, F_DUPFD, 10);
    dup2(control, 3);
    dup2(marks, 4);
    for (int fd = 5; fd < 64; fd++)
        close(fd);
    execv(argv[0], (char *const *)argv);
    perror(argv[0]);
    _exit(127);
}

/* The child's side: a session of its own with the pty as its terminal. */
static void take_terminal(int master)
{
    int fd = open(ptsname(master), O_RDWR);

    setsid();
    if (fd < 0)
        _exit(127);
    ioctl(fd, TIOCSCTTY, 0);
    dup2(fd, 0);
    dup2(fd, 1);
    dup2(fd, 2);
}

static pid_t fork_terminal(struct term *term, const struct winsize *size)
{
    pid_t pid;

    term->master = posix_openpt(O_RDWR | O_NOCTTY);
    if (term->master < 0 || grantpt(term->master) < 0 ||
        unlockpt(term->master) < 0)
        abort();
    ioctl(term->master, TIOCSWINSZ, size);
    pid = fork();
    if (pid == 0)
        take_terminal(term->master);
    return pid;
}

static void start_screen(struct term *term)
{
    term->vt = vterm_new(term->rows, term->cols);
    vterm_set_utf8(term->vt, 1);
    term->screen = vterm_obtain_screen(term->vt);
    vterm_screen_enable_altscreen(term->screen, 1);
    vterm_screen_reset(term->screen, 1);
}

struct term *term_start(int rows, int cols, const char *const *argv,
                        const char *const *extra)
{
    struct term *term = xcalloc(1, sizeof *term);
    struct winsize size = {.ws_row = (unsigned short)rows,
                           .ws_col = (unsigned short)cols};
    int control[2], marks[2];

    term->rows = rows;
    term->cols = cols;
    buf_init(&term->raw, 2 * RAW_KEPT);
    buf_init(&term->unfed, 64 * MIB);
    if (pipe(control) < 0 || pipe(marks) < 0)
        abort();
    term->pid = fork_terminal(term, &size);
    if (term->pid == 0)
        become(argv, extra, control[0], marks[1]);
    close(control[0]);
    close(marks[1]);
    term->control = control[1];
    term->marks = marks[0];
    fcntl(term->master, F_SETFL, O_NONBLOCK);
    fcntl(term->marks, F_SETFL, O_NONBLOCK);
    fcntl(term->master, F_SETFD, FD_CLOEXEC);
    start_screen(term);
    if (term_keeps_links)
        term->links = linkgrid_new(rows, cols);
    return term;
}

void term_free(struct term *term)
{
    if (term->pid > 0) {
        kill(term->pid, SIGKILL);
        waitpid(term->pid, NULL, 0);
    }
    close(term->master);
    close(term->marks);
    close(term->control);
    vterm_free(term->vt);
    linkgrid_free(term->links);
    buf_free(&term->raw);
    buf_free(&term->unfed);
    free(term);
}

static void put_all(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t put = write(fd, bytes, len);

        if (put > 0) {
            bytes += put;
            len -= (size_t)put;
        } else if (put < 0 && errno != EINTR && errno != EAGAIN) {
            return;
        }
    }
}

void term_type(struct term *term, const char *keys)
{
    put_all(term->master, keys, strlen(keys));
}

void term_tell(struct term *term, const char *line)
{
    put_all(term->control, line, strlen(line));
    put_all(term->control, "\n", 1);
}

void term_resize(struct term *term, int rows, int cols)
{
    struct winsize size = {.ws_row = (unsigned short)rows,
                           .ws_col = (unsigned short)cols};

    term->rows = rows;
    term->cols = cols;
    vterm_set_size(term->vt, rows, cols);
    if (term->links)
        linkgrid_resize(term->links, rows, cols);
    ioctl(term->master, TIOCSWINSZ, &size);
}

static void count_stills(struct term *term, const char *bytes, size_t len)
{
    static const char mark[] = STILL_MARK;

    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != mark[term->still])
            term->still = 0;
        term->still += bytes[i] == mark[term->still];
        if (!mark[term->still]) {
            term->stills++;
            term->still = 0;
        }
    }
}

/* To the screen. */
static void feed(struct term *term, const char *bytes, size_t len)
{
    vterm_input_write(term->vt, bytes, len);
    if (term->links)
        linkgrid_write(term->links, bytes, len);
    if (term->links_beside)
        linkgrid_write(term->links_beside, bytes, len);
    if (term->beside)
        vterm_input_write(term->beside, bytes, len);
    if (term->raw.len > RAW_KEPT)
        buf_consume(&term->raw, term->raw.len - RAW_KEPT);
    buf_add(&term->raw, bytes, len);
    count_stills(term, bytes, len);
    term->bytes += (unsigned long)len;
}

/* The first frame of what was read, with its end; all of it where it has no
 * end yet. */
static size_t frame_size(const struct term *term)
{
    static const char end[] = "\033[?2026l";
    const char *data = term->unfed.data;
    size_t len = term->unfed.len, size = sizeof end - 1;

    for (size_t at = 0; at + size <= len; at++)
        if (!memcmp(data + at, end, size))
            return at + size;
    return len;
}

static void feed_frame(struct term *term)
{
    size_t len = frame_size(term);

    feed(term, term->unfed.data, len);
    buf_consume(&term->unfed, len);
}

void term_feed(struct term *term)
{
    while (term->unfed.len)
        feed_frame(term);
}

static void take_output(struct term *term)
{
    char bytes[16384];
    ssize_t got;

    while ((got = read(term->master, bytes, sizeof bytes)) > 0)
        if (term->frame_by_frame)
            buf_add(&term->unfed, bytes, (size_t)got);
        else
            feed(term, bytes, (size_t)got);
    if (got < 0 && errno != EIO)
        return;
    term_feed(term);
    term->gone = true;
}

static void take_marks(struct term *term)
{
    char bytes[4096];
    ssize_t got;

    while ((got = read(term->marks, bytes, sizeof bytes)) > 0)
        for (ssize_t i = 0; i < got; i++)
            term->frames += bytes[i] == '\n';
}

/* Marks first: a frame that is announced was written before. */
void term_pump(struct term *term, int ms)
{
    struct pollfd ask[2] = {{.fd = term->marks, .events = POLLIN},
                            {.fd = term->master, .events = POLLIN}};

    if (term->frozen)
        ask[1].fd = -1;
    if (!term->unfed.len && poll(ask, term->gone ? 1 : 2, ms) > 0) {
        take_marks(term);
        if (!term->frozen)
            take_output(term);
    }
    if (term->unfed.len)
        feed_frame(term);
}

bool term_wait(struct term *term, term_condition *condition, const void *ctx)
{
    int64_t end = clock_mono_us() + TERM_LIMIT_MS * INT64_C(1000);

    while (!condition(term, ctx)) {
        if (clock_mono_us() > end || term->gone)
            return condition(term, ctx);
        term_pump(term, 50);
    }
    return true;
}

/* A frame that came in part shows a text before the rest of it is right. */
static bool is_whole(const struct term *term)
{
    static const char mode[] = "\033[?2026";
    size_t len = sizeof mode - 1;

    for (size_t at = term->raw.len; at > len; at--)
        if (!memcmp(term->raw.data + at - len - 1, mode, len))
            return term->raw.data[at - 1] != 'h';
    return true;
}

static bool is_shown(struct term *term, const void *text)
{
    return term->frames && is_whole(term) && term_find(term, text) >= 0;
}

static bool is_hidden(struct term *term, const void *text)
{
    return term->frames && is_whole(term) && term_find(term, text) < 0;
}

bool term_shows(struct term *term, const char *text)
{
    return term_wait(term, is_shown, text);
}

bool term_hides(struct term *term, const char *text)
{
    return term_wait(term, is_hidden, text);
}

static bool has_written(struct term *term, const void *bytes)
{
    const char *want = bytes;

    for (size_t i = 0; i + strlen(want) <= term->raw.len; i++)
        if (!memcmp(term->raw.data + i, want, strlen(want)))
            return true;
    return false;
}

bool term_wrote(struct term *term, const char *bytes)
{
    return term_wait(term, has_written, bytes);
}

bool term_ended(struct term *term, int *status)
{
    int64_t end = clock_mono_us() + TERM_LIMIT_MS * INT64_C(1000);

    while (clock_mono_us() < end) {
        pid_t ended = waitpid(term->pid, status, WNOHANG);

        if (ended == term->pid) {
            term->pid = 0;
            term_pump(term, 0);
            return true;
        }
        term_pump(term, 20);
    }
    return false;
}

void term_row(const struct term *term, int row, struct buf *out)
{
    VTermPos at = {.row = row};

    for (at.col = 0; at.col < term->cols; at.col++) {
        VTermScreenCell cell;

        vterm_screen_get_cell(term->screen, at, &cell);
        if (cell.chars[0] == (uint32_t)-1)
            continue;
        if (!cell.chars[0])
            buf_addc(out, ' ');
        for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++) {
            char utf8[4];

            buf_add(out, utf8, (size_t)utf8_encode(cell.chars[i], utf8));
        }
        if (cell.width == 2)
            at.col++;
    }
}

void term_text(const struct term *term, struct buf *out)
{
    for (int row = 0; row < term->rows; row++) {
        term_row(term, row, out);
        buf_addc(out, '\n');
    }
}

int term_find(const struct term *term, const char *text)
{
    struct buf row;
    int found = -1;

    buf_init(&row, 64 * KIB);
    for (int i = 0; i < term->rows && found < 0; i++) {
        buf_clear(&row);
        term_row(term, i, &row);
        if (strstr(row.data, text))
            found = i;
    }
    buf_free(&row);
    return found;
}

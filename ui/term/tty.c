/* The terminal: scratch output and pump, modes, and the ways out. It is not
 * the screen: it knows nothing of what is drawn, only that curses drew.
 *
 * newterm() gets an unlinked file to draw into. After doupdate() its bytes
 * are taken out (24-bit colours put in), the file is cut to nothing, and the
 * bytes go to our own non-blocking descriptor as fast as that takes them. */
#include <curses.h>

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "ui/term/hyper.h"
#include "ui/term/rescue.h"
#include "ui/term/sgr.h"
#include "ui/term/terminfo.h"
#include "ui/term/tty.h"

/* Last: curses.h has short names of their own. */
#include "base/banned.h"

#define TTY_FLUSH_MS 1000

#define MOUSE_ON "\033[?1002h\033[?1006h"
#define MOUSE_OFF "\033[?1006l\033[?1002l"
/* ECMA-48 BDSM. While it is reset, who writes says where each letter stands, and
 * a terminal that knows of bidi turns nothing around within a row. */
#define CELLS_ON "\033[8l"
#define CELLS_OFF "\033[8h"
#define MODES_OFF "\033[?2026l\033[?2004l" CELLS_OFF MOUSE_OFF

struct tty {
    int in, out;
    struct termios modes; /* as they were */
    FILE *scratch;
    SCREEN *curses;
    struct buf wait;     /* to be written */
    struct buf after;    /* tty_send(), goes behind the frame */
    struct buf raw;      /* one frame as curses wrote it … */
    struct buf woven;    /* … and with links */
    struct hyper *hyper; /* NULL: no links */
    bool utf8, truecolor, mouse, cells, gone, suspended;
    bool frame_waits; /* a whole frame is in wait: say so when it is out */
    int64_t behind_since;
    uint64_t frames;
    int marks; /* TELLTALE_FRAMES, or -1 */
    const uint32_t *palette;
};

/* CAN first: it ends a sequence that was cut short. All lines scroll again:
 * curses may have left a region that holds only some. A terminal without a
 * second screen is cleared: the shell goes on at its top. */
static void prepare_rescue(const struct tty *tty)
{
    const char *leave = terminfo_text("rmcup");
    char reset[RESCUE_RESET_MAX];
    int len =
        snprintf(reset, sizeof reset, "\030" MODES_OFF "\033[r\033[0m%s%s%s%s",
                 terminfo_text("op"), terminfo_text("rmkx"),
                 terminfo_text("cnorm"), *leave ? leave : "\033[H\033[2J");

    if (len < 0 || (size_t)len >= sizeof reset)
        len = snprintf(reset, sizeof reset,
                       "\030" MODES_OFF "\033[r\033[0m\033[?25h\033[?1049l");
    rescue_open(tty->out, &tty->modes, reset, (size_t)len);
}

static int open_own(int flags, struct err *err)
{
    const char *path = ttyname(STDIN_FILENO);
    int fd;

    if (!path)
        path = ttyname(STDOUT_FILENO);
    if (!path) {
        err_set(err, "there is no terminal to draw on; telltale --plain "
                     "prints lines instead");
        return -1;
    }
    fd = open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        err_errno(err, "cannot open the terminal %s", path);
    return fd;
}

static void set_raw(const struct tty *tty)
{
    struct termios raw = tty->modes;

    raw.c_iflag &=
        ~(tcflag_t)(BRKINT | ICRNL | INLCR | IGNCR | INPCK | ISTRIP | IXON);
    raw.c_oflag &= ~(tcflag_t)OPOST;
    raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    raw.c_cflag &= ~(tcflag_t)(CSIZE | PARENB);
    raw.c_cflag |= CS8;
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    tcsetattr(tty->in, TCSANOW, &raw);
}

/* newterm() puts handlers of its own where it finds the default ones; what
 * a signal does here is the program's business. */
static SCREEN *start_curses(FILE *scratch)
{
    static const int taken[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
    struct sigaction before[sizeof taken / sizeof *taken];
    SCREEN *curses;

    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        sigaction(taken[i], NULL, &before[i]);
    /* Not the environment's lines and columns: those are the shell's, and
     * may be of another window. Asking the system as well (which the scratch
     * file does not answer) makes curses content with terminals that name
     * none, like the Linux console. */
    use_env(FALSE);
    use_tioctl(TRUE);
    curses = newterm(NULL, scratch, stdin);
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        sigaction(taken[i], &before[i], NULL);
    return curses;
}

static void set_up_curses(void)
{
    noecho();
    nonl();
    typeahead(-1);
    curs_set(0);
    leaveok(stdscr, TRUE);
    idlok(stdscr, TRUE);
    scrollok(stdscr, FALSE);
}

/* TELLTALE_FRAMES names an open descriptor (a number) or a file to append
 * to: after each frame that is wholly written, a line `frame N drawn` goes
 * there. Tests wait for it. */
static int open_marks(void)
{
    const char *name = getenv("TELLTALE_FRAMES");
    char *end;
    long fd;

    if (!name || !*name)
        return -1;
    fd = strtol(name, &end, 10);
    if (!*end && fd > 2 && fd < 1024)
        return fcntl((int)fd, F_DUPFD_CLOEXEC, 3);
    return open(name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

static struct tty *give_up(struct tty *tty)
{
    if (tty->scratch)
        fclose(tty->scratch);
    if (tty->in >= 0)
        close(tty->in);
    if (tty->out >= 0)
        close(tty->out);
    free(tty);
    return NULL;
}

static bool open_descriptors(struct tty *tty, struct err *err)
{
    tty->in = open_own(O_RDONLY, err);
    if (tty->in < 0)
        return false;
    tty->out = open_own(O_WRONLY, err);
    if (tty->out < 0)
        return false;
    tty->scratch = tmpfile();
    if (!tty->scratch)
        return err_errno(err, "cannot make a temporary file to draw in");
    fcntl(fileno(tty->scratch), F_SETFD, FD_CLOEXEC);
    if (tcgetattr(tty->in, &tty->modes) < 0)
        return err_errno(err, "cannot read the terminal's modes");
    return true;
}

/* curses, which learns of the real size after it began, confines scrolling to
 * the first 24 lines; some terminals then move no character below them (DCH).
 * All lines scroll again, and the cursor stays where curses has it. */
static void enter_modes(struct tty *tty)
{
    tty_send(tty, "\0337\033[r\0338", 7);
    tty_send(tty, "\033[?2004h", 8);
    if (tty->cells)
        tty_send(tty, CELLS_ON, sizeof CELLS_ON - 1);
    if (tty->mouse)
        tty_send(tty, MOUSE_ON, sizeof MOUSE_ON - 1);
}

struct tty *tty_open(bool mouse, bool cells, struct err *err)
{
    struct tty *tty = xcalloc(1, sizeof *tty);

    tty->in = tty->out = -1;
    tty->mouse = mouse;
    tty->cells = cells;
    if (!open_descriptors(tty, err))
        return give_up(tty);
    setlocale(LC_CTYPE, "");
    tty->utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
    tty->truecolor = terminfo_wants_truecolor();
    if (!terminfo_can_draw(tty->out, err))
        return give_up(tty);
    tty->curses = start_curses(tty->scratch);
    if (!tty->curses) {
        err_set(err, "curses cannot start on a terminal of type %.40s",
                getenv("TERM"));
        return give_up(tty);
    }
    buf_init(&tty->wait, LIMIT_FRAME);
    buf_init(&tty->after, LIMIT_FRAME);
    buf_init(&tty->raw, LIMIT_FRAME);
    buf_init(&tty->woven, LIMIT_FRAME);
    tty->marks = open_marks();
    prepare_rescue(tty);
    set_raw(tty);
    set_up_curses();
    enter_modes(tty);
    tty_resize(tty);
    return tty;
}

int tty_in(const struct tty *tty)
{
    return tty->in;
}

int tty_out(const struct tty *tty)
{
    return tty->out;
}

bool tty_utf8(const struct tty *tty)
{
    return tty->utf8;
}

bool tty_truecolor(const struct tty *tty)
{
    return tty->truecolor;
}

bool tty_read(struct tty *tty, struct buf *out)
{
    char bytes[4096];

    if (tty->suspended)
        return true; /* see tty_resume() */
    for (;;) {
        size_t room = out->max - out->len;
        ssize_t got;

        if (room > sizeof bytes)
            room = sizeof bytes;
        if (!room)
            return true;
        got = read(tty->in, bytes, room);
        if (got > 0) {
            buf_add(out, bytes, (size_t)got);
        } else if (got < 0 && errno == EINTR) {
            continue;
        } else if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return true;
        } else {
            /* VMIN 0 makes "nothing typed" a 0 too: ask for a hang-up. */
            struct pollfd ask = {.fd = tty->in, .events = POLLIN};

            if (!got && poll(&ask, 1, 0) <= 0)
                return true;
            if (!got && !(ask.revents & (POLLHUP | POLLERR | POLLNVAL)))
                return true;
            tty->gone = true;
            return false;
        }
    }
}

/* Moves what curses wrote since the last time to raw. */
static void take_scratch(struct tty *tty)
{
    int fd = fileno(tty->scratch);
    off_t end = lseek(fd, 0, SEEK_CUR);
    off_t at = 0;
    char bytes[16384];

    buf_clear(&tty->raw);
    while (at < end) {
        ssize_t got = pread(fd, bytes, sizeof bytes, at);

        if (got <= 0)
            break;
        buf_add(&tty->raw, bytes, (size_t)got);
        at += got;
    }
    if (lseek(fd, 0, SEEK_SET) == 0 && ftruncate(fd, 0) < 0)
        tty->gone = true; /* the scratch file cannot be used any more */
}

struct hyper *tty_links(struct tty *tty)
{
    if (!tty->hyper && tty->utf8)
        tty->hyper = hyper_new(LINES, COLS);
    return tty->hyper;
}

/* Where links are lost, the next frame paints over those that show. */
static void weave(struct tty *tty, const struct buf *bytes, struct buf *out)
{
    if (!hyper_weave(tty->hyper, bytes->data, bytes->len, out))
        tty_repaint(tty);
}

static void queue_drawn(struct tty *tty)
{
    const struct buf *drawn = &tty->raw;

    doupdate();
    take_scratch(tty);
    if (tty->hyper) {
        buf_clear(&tty->woven);
        weave(tty, &tty->raw, &tty->woven);
        drawn = &tty->woven;
    }
    if (tty->palette)
        sgr_true_colours(&tty->wait, drawn->data, drawn->len, tty->palette);
    else
        buf_add(&tty->wait, drawn->data, drawn->len);
}

/* Rows in which nothing is another but a link are written once more. */
static bool touch_links(struct tty *tty)
{
    bool any = false;

    if (!tty->hyper)
        return false;
    for (int y = 0; (y = hyper_wrong(tty->hyper, y)) >= 0; y++) {
        wredrawln(stdscr, y, 1);
        any = true;
    }
    if (any)
        wnoutrefresh(stdscr);
    return any;
}

void tty_frame(struct tty *tty)
{
    size_t before = tty->wait.len, begun;

    if (tty->suspended)
        return;
    buf_adds(&tty->wait, "\033[?2026h");
    begun = tty->wait.len;
    queue_drawn(tty);
    if (touch_links(tty))
        queue_drawn(tty);
    if (tty->wait.len > begun)
        buf_adds(&tty->wait, "\033[?2026l");
    else
        buf_truncate(&tty->wait, before);
    tty->frame_waits = true;
    tty_pump(tty);
}

void tty_send(struct tty *tty, const char *bytes, size_t len)
{
    buf_add(&tty->after, bytes, len);
}

static void frame_is_out(struct tty *tty)
{
    char line[48];
    ssize_t ignored;
    int len;

    tty->frame_waits = false;
    tty->frames++;
    if (tty->marks < 0)
        return;
    len = snprintf(line, sizeof line, "frame %llu drawn\n",
                   (unsigned long long)tty->frames);
    ignored = write(tty->marks, line, (size_t)len);
    (void)ignored;
}

/* Writes what it can; false when the terminal would block. */
static bool write_some(struct tty *tty)
{
    while (tty->wait.len) {
        ssize_t put = write(tty->out, tty->wait.data, tty->wait.len);

        if (put > 0) {
            buf_consume(&tty->wait, (size_t)put);
        } else if (put < 0 && errno == EINTR) {
            continue;
        } else if (put < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
            tty->gone = true;
            buf_clear(&tty->wait);
        } else {
            return false;
        }
    }
    return true;
}

bool tty_pump(struct tty *tty)
{
    if (!tty->wait.len && tty->after.len) {
        if (tty->hyper)
            weave(tty, &tty->after, &tty->wait);
        else
            buf_add(&tty->wait, tty->after.data, tty->after.len);
        buf_clear(&tty->after);
    }
    if (!write_some(tty)) {
        if (!tty->behind_since)
            tty->behind_since = clock_mono_us();
        return false;
    }
    tty->behind_since = 0;
    if (tty->frame_waits && !tty->gone)
        frame_is_out(tty);
    return tty->after.len ? tty_pump(tty) : true;
}

bool tty_behind(const struct tty *tty)
{
    return tty->wait.len > 0;
}

bool tty_gone(const struct tty *tty)
{
    return tty->gone;
}

int64_t tty_behind_us(const struct tty *tty)
{
    return tty->behind_since ? clock_mono_us() - tty->behind_since : 0;
}

bool tty_resize(struct tty *tty)
{
    struct winsize size;

    if (ioctl(tty->out, TIOCGWINSZ, &size) < 0 || !size.ws_row || !size.ws_col)
        return false;
    if (size.ws_row == LINES && size.ws_col == COLS)
        return false;
    if (tty->hyper)
        hyper_resize(tty->hyper, size.ws_row, size.ws_col);
    return resizeterm(size.ws_row, size.ws_col) == OK;
}

void tty_repaint(struct tty *tty)
{
    (void)tty;
    clearok(curscr, TRUE);
}

void tty_mouse(struct tty *tty, bool on)
{
    tty->mouse = on;
    if (on)
        tty_send(tty, MOUSE_ON, sizeof MOUSE_ON - 1);
    else
        tty_send(tty, MOUSE_OFF, sizeof MOUSE_OFF - 1);
}

void tty_palette(struct tty *tty, const uint32_t *table)
{
    tty->palette = table;
}

/* Waits for the terminal to take what is left, but not for long. */
static void flush(struct tty *tty)
{
    int64_t end = clock_mono_us() + TTY_FLUSH_MS * INT64_C(1000);

    while (!tty_pump(tty) && !tty->gone) {
        struct pollfd ask = {.fd = tty->out, .events = POLLOUT};
        int64_t left = (end - clock_mono_us()) / 1000;

        if (left <= 0 || poll(&ask, 1, (int)left) == 0)
            break;
    }
}

static void leave_modes(struct tty *tty)
{
    flush(tty);
    if (tty->wait.len) {
        tcflush(tty->out, TCOFLUSH);
        buf_clear(&tty->wait);
    }
    endwin();
    take_scratch(tty); /* its goodbye is ours, prepared */
    rescue_now();
}

void tty_close(struct tty *tty)
{
    if (!tty->suspended)
        leave_modes(tty);
    rescue_close();
    delscreen(tty->curses);
    fclose(tty->scratch);
    close(tty->in);
    close(tty->out);
    if (tty->marks >= 0)
        close(tty->marks);
    buf_free(&tty->wait);
    buf_free(&tty->after);
    buf_free(&tty->raw);
    buf_free(&tty->woven);
    hyper_free(tty->hyper);
    free(tty);
}

void tty_suspend(struct tty *tty)
{
    if (tty->suspended)
        return;
    leave_modes(tty);
    tty->suspended = true;
    rescue_arm(false);
    raise(SIGSTOP);
    tty_resume(tty);
}

/* Stopped by SIGSTOP, of which nobody hears, it goes on behind a shell that
 * has the terminal, with modes of its own: to set others would stop us again,
 * at the end for ever. Only the screen that the shell knows nothing of goes. */
static void step_back(struct tty *tty)
{
    sigset_t stops, before;

    if (tty->suspended)
        return;
    tty->suspended = true;
    rescue_arm(false);
    buf_clear(&tty->wait);
    endwin();
    take_scratch(tty);
    sigemptyset(&stops);
    sigaddset(&stops, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &stops, &before);
    rescue_reset();
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* In the background (`bg`) the terminal is not ours to touch: the next
 * SIGCONT comes with `fg`. */
bool tty_resume(struct tty *tty)
{
    if (tcgetpgrp(tty->in) != getpgrp()) {
        step_back(tty);
        return false;
    }
    tty->suspended = false;
    rescue_arm(true);
    set_raw(tty);
    buf_clear(&tty->wait);
    enter_modes(tty);
    tty_resize(tty);
    refresh(); /* leaves endwin()'s state: enters the alternate screen */
    tty_repaint(tty);
    return true;
}

/* What a terminal of this type can do: terminfo's entry of TERM, and COLORTERM,
 * which says what no entry does. It is not the terminal itself (tty.c). */
#include <curses.h>
#include <term.h>

#include <stdlib.h>
#include <string.h>

#include "ui/term/terminfo.h"

/* Last: curses.h and term.h have short names of their own. */
#include "base/banned.h"

const char *terminfo_text(const char *name)
{
    const char *text = tigetstr(name);

    return text && text != (const char *)-1 ? text : "";
}

bool terminfo_wants_truecolor(void)
{
    const char *term = getenv("COLORTERM");

    return term && (!strcmp(term, "truecolor") || !strcmp(term, "24bit"));
}

/* setupterm() finds no entry, one that cannot place text, or no entries at
 * all. */
bool terminfo_can_draw(int fd, struct err *err)
{
    const char *term = getenv("TERM");
    bool placed;
    int found = 0;

    if (!term || !*term)
        return err_set(err, "TERM is not set; try TERM=xterm-256color, or "
                            "telltale --plain, which prints lines");
    if (setupterm(NULL, fd, &found) != OK && found == 0)
        return err_set(err,
                       "nothing is known here of terminals of type %.40s; "
                       "try TERM=xterm-256color (or install ncurses-term), "
                       "or telltale --plain, which prints lines",
                       term);
    if (found < 0)
        return err_set(err, "no terminfo database is here; set TERMINFO to "
                            "its folder (or install ncurses-base), or "
                            "telltale --plain prints lines");
    placed = found == 1 && *terminfo_text("cup");
    del_curterm(cur_term);
    if (!placed)
        return err_set(err,
                       "a terminal of type %.40s cannot show the screen; "
                       "set TERM, or telltale --plain prints lines instead",
                       term);
    return true;
}

/* Which cells of a terminal are links (OSC 8): libvterm moves and erases the
 * cells, and tells what it puts where. */
#ifndef TELLTALE_LINKGRID_H
#define TELLTALE_LINKGRID_H

#include <stdbool.h>
#include <stddef.h>

struct linkgrid;

struct linkgrid *linkgrid_new(int rows, int cols);
void linkgrid_free(struct linkgrid *grid);
void linkgrid_resize(struct linkgrid *grid, int rows, int cols);
void linkgrid_write(struct linkgrid *grid, const char *bytes, size_t len);
/* "" where there is no link. */
const char *linkgrid_at(const struct linkgrid *grid, int row, int col);
/* Cells that are links. */
size_t linkgrid_count(const struct linkgrid *grid);

#endif

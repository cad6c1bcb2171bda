/* What the signals cost, apart from what they see. */
#ifndef SIM_COST_H
#define SIM_COST_H

/* Prints memory of 100 accounts of 1,000 people, and how long the end of a day
 * takes with 300 accounts of a book's sizes and of 1,000 people. */
void cost_print(void);

#endif

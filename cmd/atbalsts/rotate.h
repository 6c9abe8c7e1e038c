#ifndef CMD_ROTATE_H
#define CMD_ROTATE_H

#include "command.h"

#define ROTATE_BATCH 500 /* data keys of one transaction */
#define ROTATE_BATCH_MAX 5000

/* Wraps every data key by the first master key of the file, in batches of one transaction each,
 * while servers run: a key that another process changes meanwhile is left alone, and finished
 * batches stay. SIGINT and SIGTERM end it between two batches. Refused if keys fail keys_check.
 * Exit status. */
int key_rotate(struct arena *arena, const struct config *config, int64_t batch);

/* Prints how many data keys each master key wraps. Exit status; EXIT_TROUBLE also if the file does
 * not belong to the database (keys_check). */
int key_status(struct arena *arena, const struct config *config);

#endif

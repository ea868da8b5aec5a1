#ifndef CERTIFY_PROCESS_H
#define CERTIFY_PROCESS_H

#include <signal.h>
#include <stddef.h>

/* What a process owes its surroundings: its arguments as the system gave them, its standard streams,
   and nothing half written left behind when a signal ends it. */

/* Prepares the process, first thing in `main`:

   A standard stream that was closed becomes one that can be neither read nor written, so that no file
   is opened as descriptor 0, 1 or 2. SIGPIPE and SIGXFSZ are ignored: both arrive as errors of the
   write. Every signal that ends a process removes the unfinished files first; SIGHUP, SIGINT and
   SIGTERM then end it with status 128 + number, any other one as if nobody had caught it. A signal
   that whoever started the program ignores (nohup, a background job) is left alone, and so is a fault
   that somebody else catches already. */
void process_prepare(void);

/* The number of arguments, and each as `main` got it; without /proc, too. */
int process_argument_count(void);
const char *process_argument(int index);

/* Whether the first SIGINT is left to the program, which asks for it and ends by itself; the second
   ends it as ever. */
void process_await_interrupt(int is_awaited);
int process_was_interrupted(void);

/* What is said below the word that a signal ended the program: whole lines, less than 16 KiB; of a longer
   text nothing. */
void process_set_last_words(const char *words);

/* Whether a line stands on the terminal that has to be taken away before anything else is said. */
void process_show_line(int is_shown);

/* Creates a new file for writing, with 0666 and the umask, that a signal removes.

   Returns its descriptor, or -1 with errno. `*slot` is what the other functions know it by; -1 where
   there are more files than are kept in mind, and then no signal removes it. */
int unfinished_create(const char *path, int *slot);

/* Removes the file. */
void unfinished_remove(const char *path, int slot);

/* Gives the file its name, from where no signal removes it. Returns 0, or -1 with errno. */
int unfinished_rename(const char *path, const char *name, int slot);

/* Keeps signals that end the process waiting in this thread, and lets them through again. */
void process_hold_signals(sigset_t *before);
void process_release_signals(const sigset_t *before);

#endif

#define _GNU_SOURCE
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Arguments */

static int argument_count;
static char **arguments;

/* The system's C library hands them to constructors as it does to main. */
__attribute__((constructor)) static void keep_arguments(int count, char **words) {
  argument_count = count;
  arguments = words;
}

int process_argument_count(void) { return argument_count; }

const char *process_argument(int index) { return arguments[index]; }

/* Unfinished files */

/* No command has more outputs than a few. A handler reads what another thread writes: a path stands
   before its slot is taken, and is not touched as long as it is. */
enum { FREE, FILLING, TAKEN, SLOTS = 64 };
static struct {
  atomic_int state;
  char path[PATH_MAX];
} unfinished[SLOTS];

/* What others send, and what the program's own faults do. */
enum { REQUESTS = 10, FAULTS = 7, ENDING = REQUESTS + FAULTS };
static const int ending[ENDING] = {SIGHUP,  SIGINT,  SIGTERM, SIGQUIT,   SIGALRM, SIGUSR1,
                                   SIGUSR2, SIGXCPU, SIGPROF, SIGVTALRM, SIGABRT, SIGSEGV,
                                   SIGBUS,  SIGILL,  SIGFPE,  SIGTRAP,   SIGSYS};

void process_hold_signals(sigset_t *before) {
  sigset_t held;
  sigemptyset(&held);
  for (int i = 0; i < ENDING; i++) sigaddset(&held, ending[i]);
  pthread_sigmask(SIG_BLOCK, &held, before);
}

void process_release_signals(const sigset_t *before) {
  pthread_sigmask(SIG_SETMASK, before, NULL);
}

static int taken_slot(const char *path) {
  if (strlen(path) >= PATH_MAX) return -1;
  for (int slot = 0; slot < SLOTS; slot++) {
    int expected = FREE;
    if (!atomic_compare_exchange_strong(&unfinished[slot].state, &expected, FILLING)) continue;
    strcpy(unfinished[slot].path, path);
    atomic_store(&unfinished[slot].state, TAKEN);
    return slot;
  }
  return -1;
}

static void free_slot(int slot) {
  if (slot >= 0) atomic_store(&unfinished[slot].state, FREE);
}

int unfinished_create(const char *path, int *slot) {
  sigset_t before;
  process_hold_signals(&before);
  int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  int error = errno;
  *slot = descriptor >= 0 ? taken_slot(path) : -1;
  process_release_signals(&before);
  errno = error;
  return descriptor;
}

void unfinished_remove(const char *path, int slot) {
  sigset_t before;
  process_hold_signals(&before);
  unlink(path);
  free_slot(slot);
  process_release_signals(&before);
}

int unfinished_rename(const char *path, const char *name, int slot) {
  sigset_t before;
  process_hold_signals(&before);
  int status = rename(path, name);
  int error = errno;
  if (status == 0) free_slot(slot);
  process_release_signals(&before);
  errno = error;
  return status;
}

/* Signals */

static atomic_int line_is_shown;

void process_show_line(int is_shown) { atomic_store(&line_is_shown, is_shown); }

/* Says a few words, unless nobody takes them: a full pipe must not keep the process alive. */
static void say(const char *words) {
  struct pollfd errors = {.fd = STDERR_FILENO, .events = POLLOUT};
  if (poll(&errors, 1, 0) != 1 || !(errors.revents & POLLOUT)) return;
  ssize_t written = write(STDERR_FILENO, words, strlen(words));
  (void)written;
}

static atomic_int interrupt_waits, interrupted;
static char last_words[1 << 14];

void process_await_interrupt(int is_awaited) { atomic_store(&interrupt_waits, is_awaited); }

int process_was_interrupted(void) { return atomic_load(&interrupted); }

void process_set_last_words(const char *words) {
  sigset_t before;
  process_hold_signals(&before);
  size_t length = strlen(words);
  /* Half a command is worse than none. */
  if (length >= sizeof last_words) length = 0;
  memcpy(last_words, words, length);
  last_words[length] = 0;
  process_release_signals(&before);
}

/* Whether the run ends by itself, soon; the next one ends it. */
static int is_left_to_the_run(int number) {
  if (number != SIGINT || !atomic_load(&interrupt_waits)) return 0;
  if (atomic_exchange(&interrupted, 1)) return 0;
  if (atomic_exchange(&line_is_shown, 0)) say("\r\033[K");
  say("certify: finishing the examples at hand; interrupt again to end at once\n");
  return 1;
}

/* Calls only what a handler may: no lock, no memory. */
static void end(int number) {
  if (is_left_to_the_run(number)) return;
  for (int slot = 0; slot < SLOTS; slot++) {
    if (atomic_load(&unfinished[slot].state) == TAKEN) unlink(unfinished[slot].path);
  }
  if (atomic_exchange(&line_is_shown, 0)) say("\r\033[K");
  if (number == SIGHUP || number == SIGINT || number == SIGTERM) {
    say(number == SIGINT ? "certify: interrupted\n" : "certify: terminated\n");
    say(last_words);
    _exit(128 + number);
  }
  /* It waits until the handler is done; a fault comes again by itself. */
  struct sigaction usual = {.sa_handler = SIG_DFL};
  sigaction(number, &usual, NULL);
  raise(number);
}

static void watch(int number, int is_fault) {
  struct sigaction action;
  if (sigaction(number, NULL, &action) != 0 || action.sa_handler == SIG_IGN) return;
  /* A debugger's or a sanitizer's report is worth more than a folder without a file. */
  if (is_fault && action.sa_handler != SIG_DFL) return;
  memset(&action, 0, sizeof action);
  action.sa_handler = end;
  action.sa_flags = SA_ONSTACK | SA_RESTART;
  sigfillset(&action.sa_mask);
  sigaction(number, &action, NULL);
  /* Whoever started the program may have held signals back, for itself. */
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, number);
  pthread_sigmask(SIG_UNBLOCK, &one, NULL);
}

void process_prepare(void) {
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++) {
    if (fcntl(stream, F_GETFD) != -1 || errno != EBADF) continue;
    /* Opened the wrong way round, it answers as a closed one does. It gets the lowest number. */
    int way = stream == STDIN_FILENO ? O_WRONLY : O_RDONLY;
    if (open("/dev/null", way) < 0) open("/", O_RDONLY);
  }
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
  /* A stack that overflowed has no room for a handler. */
  static char room[1 << 16];
  stack_t stack = {.ss_sp = room, .ss_size = sizeof room};
  sigaltstack(&stack, NULL);
  for (int i = 0; i < ENDING; i++) watch(ending[i], i >= REQUESTS);
}

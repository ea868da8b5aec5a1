// Tells the thread sanitizer what comes behind what in Swift's own library, in the build of `make threads` alone.
//
// That library is not compiled for the sanitizer, which does not see that threads wait for each other there:
//
// - A free `Mutex` is locked and unlocked by code that is compiled into the caller, and seen. Where threads meet,
//   both go through the kernel (FUTEX_LOCK_PI, FUTEX_UNLOCK_PI) by functions of the library.
// - A global or static constant is made by whoever needs it first, by `swift_once`; the others wait.
//
// The linker (--wrap) puts these in front of the three. Whoever touches what is guarded without the lock is found
// all the same: nothing is hidden here, there is only an order more, the real one.

#include <stdint.h>

// Of the sanitizer's runtime: what was done before a release is seen behind an acquire of the same address.
extern void __tsan_acquire(void *address);
extern void __tsan_release(void *address);

// `_MutexHandle._lockSlow(UInt32)` and `_MutexHandle._unlockSlow()`; the handle is `self`.
#define METHOD __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

METHOD void lock_of_swift(uint32_t thread, SELF mutex) __asm__("__real_" LOCK);
METHOD void unlock_of_swift(SELF mutex) __asm__("__real_" UNLOCK);
METHOD void lock(uint32_t thread, SELF mutex) __asm__("__wrap_" LOCK);
METHOD void unlock(SELF mutex) __asm__("__wrap_" UNLOCK);

METHOD void lock(uint32_t thread, SELF mutex) {
  lock_of_swift(thread, mutex);
  __tsan_acquire(mutex);
}

METHOD void unlock(SELF mutex) {
  __tsan_release(mutex);
  unlock_of_swift(mutex);
}

// What is done once, and the address that it is known by.
struct once {
  void *token;
  void (*body)(void *);
  void *context;
};

void once_of_swift(void *token, void (*body)(void *), void *context) __asm__("__real_swift_once");
void once(void *token, void (*body)(void *), void *context) __asm__("__wrap_swift_once");

static void body_and_release(void *argument) {
  struct once *once = argument;
  once->body(once->context);
  __tsan_release(once->token);
}

void once(void *token, void (*body)(void *), void *context) {
  struct once made = {token, body, context};
  once_of_swift(token, body_and_release, &made);
  __tsan_acquire(token);
}

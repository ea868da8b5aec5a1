import Glibc

/// Runs a piece of work on several threads at once, and waits for all of them.
///
/// The calling thread is the first worker. Where the system gives fewer threads than asked for, those
/// that there are do the work: `body` takes what is left to do until nothing is, and so does not rely
/// on how many run it. Signals are left to the calling thread.
///
/// - Parameter count: the most workers; at least the calling thread works.
public func runWorkers(_ count: Int, _ body: @Sendable () -> Void) {
  withoutActuallyEscaping(body) { body in
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    // A fault is its own thread's.
    for fault in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS] {
      sigdelset(&all, fault)
    }
    // A new thread has the mask of the one that makes it.
    pthread_sigmask(SIG_SETMASK, &all, &before)
    var threads: [pthread_t] = []
    while threads.count + 1 < count, let thread = startThread(body) { threads.append(thread) }
    pthread_sigmask(SIG_SETMASK, &before, nil)
    body()
    for thread in threads { pthread_join(thread, nil) }
  }
}

/// What a thread is given to do.
private final class Work: Sendable {
  let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

/// A new thread; nil where the system has none left.
private func startThread(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
  var thread = pthread_t()
  let work = Unmanaged.passRetained(Work(body))
  let status = pthread_create(
    &thread, nil,
    { work in
      if let work { Unmanaged<Work>.fromOpaque(work).takeRetainedValue().body() }
      return nil
    }, work.toOpaque())
  guard status == 0 else {
    work.release()
    return nil
  }
  return thread
}

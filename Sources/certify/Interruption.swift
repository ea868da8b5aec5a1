import FileAccess
import Glibc
import Synchronization

/// What has to be put away when a signal ends the program.
struct Unfinished: Sendable {
  /// The half-written outputs.
  var temporaryPaths: [String] = []
  /// The line that stands on the terminal.
  var progress: ProgressLine?
}

/// The ending of the program by SIGINT, SIGTERM or SIGHUP, with nothing half written left behind.
///
/// A thread waits for the signals, which are blocked in every other: so it may lock, allocate and
/// print, which a signal handler may not.
enum Interruption {
  private static let unfinished = Mutex(Unfinished())

  /// Says what to put away from now on.
  static func protect(_ change: (inout Unfinished) -> Void) {
    unfinished.withLock { change(&$0) }
  }

  /// Opens an output; a signal comes before it or finds its temporary file to put away.
  static func open(_ path: String) throws(OutputError) -> AtomicFile {
    try unfinished.withLock { unfinished throws(OutputError) in
      let output = try AtomicFile(path)
      if let path = output.temporaryPath { unfinished.temporaryPaths.append(path) }
      return output
    }
  }

  /// Completes the outputs, undisturbed: a signal comes before it or after it.
  static func complete(_ commit: () throws(OutputError) -> Void) throws(OutputError) {
    try unfinished.withLock { unfinished throws(OutputError) in
      try commit()
      unfinished.temporaryPaths = []
    }
  }

  /// Starts to wait for signals; to be called before any other thread is made. A broken pipe
  /// becomes an error of the write from now on.
  static func watch() {
    signal(SIGPIPE, SIG_IGN)
    var watched = sigset_t()
    sigemptyset(&watched)
    for number in [SIGINT, SIGTERM, SIGHUP] where !isIgnored(number) {
      sigaddset(&watched, number)
    }
    pthread_sigmask(SIG_BLOCK, &watched, nil)
    let set = watched
    let isWatching = startDetachedThread {
      var (set, number) = (set, Int32(0))
      guard sigwait(&set, &number) == 0 else { return }
      end(by: number)
    }
    // Without the thread the signals do what they always do.
    if !isWatching { pthread_sigmask(SIG_UNBLOCK, &watched, nil) }
  }

  /// Whether whoever started the program wants the signal ignored (nohup, a background job).
  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(number, nil, &action) == 0 else { return false }
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  private static func end(by number: Int32) -> Never {
    unfinished.withLock { unfinished in
      unfinished.progress?.clear()
      for path in unfinished.temporaryPaths { unlink(path) }
      let word = number == SIGINT ? "interrupted" : "terminated"
      writeAll("certify: \(word)\n", to: STDERR_FILENO)
      // The lock is never given back: nobody may rename what was just removed.
      _exit(128 + number)
    }
  }

  private static func startDetachedThread(_ body: @escaping @Sendable () -> Void) -> Bool {
    final class Box: Sendable {
      let body: @Sendable () -> Void
      init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let context = Unmanaged.passRetained(Box(body)).toOpaque()
    let status = pthread_create(
      &thread, nil,
      { context in
        if let context { Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body() }
        return nil
      }, context)
    if status == 0 { pthread_detach(thread) }
    return status == 0
  }
}

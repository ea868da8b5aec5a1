import CProcess
import Glibc
import Runs
import Synchronization

/// One line on the terminal that says how far a run is, rewritten in place.
///
/// Silent where standard error is not a terminal, or one that cannot clear a line. Workers may call it from any thread.
final class ProgressLine: Sendable {
  private struct State {
    /// When the last line was drawn, and the run began.
    var drawn: Double
    var begun: Double
    var isShown = false
  }

  /// At most so many lines a second; a line costs a system call.
  private static let interval = 0.1
  /// An estimate from less than this many seconds of work is not shown.
  private static let settling = 1.0

  private let isEnabled: Bool
  private let state: Mutex<State>

  init(isEnabled: Bool) {
    self.isEnabled = isEnabled && Self.canDraw
    let now = secondsOfClock()
    state = Mutex(State(drawn: now, begun: now))
  }

  /// Whether standard error is a terminal that can clear a line.
  static var canDraw: Bool {
    let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? true
    return isatty(STDERR_FILENO) == 1 && !isDumb
  }

  /// Shows that `done` of `total` examples are finished.
  func show(done: Int, of total: Int) {
    guard total > 0 else { return }
    draw { progressText(done: done, of: total, elapsed: $0) }
  }

  /// Shows a text.
  func show(_ text: @autoclosure () -> String) {
    draw { _ in text() }
  }

  /// Shows a text that knows how long the work goes on.
  func draw(_ text: (_ elapsed: Double) -> String) {
    guard isEnabled else { return }
    state.withLock { state in
      let now = secondsOfClock()
      guard now - state.drawn >= ProgressLine.interval else { return }
      state.drawn = now
      state.isShown = true
      process_show_line(1)
      writeAll("\r" + text(now - state.begun) + "\u{1b}[K", to: STDERR_FILENO)
    }
  }

  /// Takes the line away.
  func clear() {
    state.withLock { state in
      if state.isShown { writeAll("\r\u{1b}[K", to: STDERR_FILENO) }
      state.isShown = false
      process_show_line(0)
    }
  }

  private func progressText(done: Int, of total: Int, elapsed: Double) -> String {
    let percent = done * 100 / total
    var text = "\(done) of \(total) examples, \(percent)%"
    if elapsed >= ProgressLine.settling, done > 0 {
      let left = elapsed * Double(total - done) / Double(done)
      text += ", \(durationText(left)) left"
    }
    return text
  }
}

/// A duration to the precision that a person wants: `8 s`, `3 min 20 s`, `2 h 5 min`.
func durationText(_ seconds: Double) -> String {
  let whole = Int(max(0, min(seconds.rounded(.up), 1e9)))
  switch whole {
  case ..<60: return "\(whole) s"
  case ..<3600: return "\(whole / 60) min \(whole % 60) s"
  default: return "\(whole / 3600) h \(whole % 3600 / 60) min"
  }
}

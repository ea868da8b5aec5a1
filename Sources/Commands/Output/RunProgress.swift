import CertificateRecords
import Certification
import Glibc
import Reports
import Runs
import Synchronization

/// How far a run is: examples done, what they came to, how fast, and how much is left.
package struct RunProgress: Sendable {
  private var certified = 0
  private var falsified = 0
  private var open = 0
  private var others = 0
  /// What searches are doing.
  package var search = SearchMeter.Reading()

  /// Counts nothing yet.
  package init() {}

  /// Counts an example by its verdicts, one for each epsilon: only where there is one of them do verdicts
  /// add up to examples.
  package mutating func count(_ verdicts: [Verdict]) {
    guard verdicts.count == 1 else { return }
    switch verdicts[0] {
    case .certified: certified += 1
    case .falsified: falsified += 1
    case .unknown: open += 1
    case .misclassified: others += 1
    }
  }

  /// An estimate from less than this many seconds of work is not shown.
  private static let settling = 1.0

  /// The words, in a line.
  package func text(done: Int, of total: Int, elapsed: Double) -> String {
    var text = "\(done) of \(total) examples, \(done * 100 / max(1, total))%"
    if certified + falsified + open + others > 0 {
      text += ": certified \(certified), falsified \(falsified), open \(open)"
    }
    if elapsed >= Self.settling, done > 0 {
      text +=
        "; \(rateText(done, elapsed)), \(durationText(elapsed * Double(total - done) / Double(done))) left"
    }
    if !search.isIdle {
      let share = Int((100 * search.share).rounded())
      text += "; searching \(search.open): \(search.nodes) parts, \(share)% of the time"
    }
    return text
  }
}

/// Examples a second, with two digits or more: `0.31 a second`, `412 a second`.
func rateText(_ count: Int, _ seconds: Double) -> String {
  let rate = Double(count) / max(seconds, 1e-3)
  let digits = rate >= 10 ? 0 : rate >= 1 ? 1 : 2
  let scale = [1.0, 10, 100][digits]
  let scaled = Int((min(rate, 1e12) * scale).rounded())
  guard digits > 0 else { return "\(scaled) a second" }
  let whole = Int(scale)
  let decimals = String(scaled % whole + whole).dropFirst()
  return "\(scaled / whole).\(decimals) a second"
}

/// What a run took: short ones to a tenth of a second.
func elapsedText(_ seconds: Double) -> String {
  guard seconds < 10 else { return durationText(seconds) }
  let tenths = Int((max(0, seconds) * 10).rounded())
  return "\(tenths / 10).\(tenths % 10) s"
}

/// What a run took, and how fast it was: examples that an earlier attempt had finished took it nothing.
func timeText(_ seconds: Double, computed: Int, kept: Int) -> String {
  let time = elapsedText(seconds)
  guard kept > 0 else { return "\(time), \(rateText(computed, seconds))" }
  guard computed > 0 else { return "\(time), nothing was left to compute" }
  return "\(time) for \(computed) of them, \(rateText(computed, seconds))"
}

/// A line a minute, for logs.
package final class ProgressLines: Sendable {
  private let now: @Sendable () -> Double
  private let write: @Sendable (String) -> Void
  private let last: Mutex<Double>
  private let begun: Double
  private static let interval = 60.0

  /// - Parameters:
  ///   - now: seconds of a clock.
  ///   - write: given each line without its end.
  package init(
    now: @escaping @Sendable () -> Double, write: @escaping @Sendable (String) -> Void
  ) {
    (self.now, self.write) = (now, write)
    begun = now()
    last = Mutex(begun)
  }

  /// Says the text, where the last one was said a minute ago.
  package func show(_ text: (_ elapsed: Double) -> String) {
    let time = now()
    let isDue = last.withLock { last in
      guard time - last >= Self.interval else { return false }
      last = time
      return true
    }
    if isDue { write(text(time - begun)) }
  }
}

/// The progress of a run in the form that was asked for.
final class ProgressReport: Sendable {
  private let bar: ProgressLine?
  private let lines: ProgressLines?
  private let counts = Mutex(RunProgress())
  /// Examples done, and all.
  private let place = Mutex((done: 0, total: 0))

  init(_ form: ProgressName, _ diagnostics: Diagnostics) {
    let isBar = form == .bar || (form == .auto && ProgressLine.canDraw)
    let isSilent = diagnostics.isQuiet || form == .none
    bar = isBar && !isSilent && !Diagnostics.isJSON ? ProgressLine(isEnabled: true) : nil
    lines =
      (isBar && !Diagnostics.isJSON) || isSilent
      ? nil : ProgressLines(now: { secondsOfClock() }, write: { diagnostics.progress($0) })
  }

  /// Counts an example that is finished.
  func count(_ certificates: [Certificate]) {
    counts.withLock { $0.count(certificates.map(\.verdict)) }
  }

  /// Shows that `done` of `total` examples are finished.
  func show(done: Int, of total: Int) {
    guard total > 0 else { return }
    place.withLock { $0 = (done, total) }
    let counts = counts.withLock { $0 }
    bar?.draw { counts.text(done: done, of: total, elapsed: $0) }
    lines?.show { counts.text(done: done, of: total, elapsed: $0) }
  }

  /// Shows what the searches of a run are doing, between its examples, too.
  func meter(of run: Run) -> SearchMeter {
    place.withLock { $0 = (0, run.inputs.positions.count) }
    // Those that only help are not counted.
    let workers = min(run.options.threads, run.inputs.positions.count)
    return SearchMeter(workers: workers, clock: { secondsOfClock() }) {
      [self] search in
      counts.withLock { $0.search = search }
      let (done, total) = place.withLock { $0 }
      show(done: done, of: total)
    }
  }

  /// Takes the line away.
  func clear() { bar?.clear() }
}

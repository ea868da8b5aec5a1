import Synchronization

/// What the searches of a run are doing, while it runs: how many are open, and what they cost. It is told
/// by workers and tells a listener; no number of a result depends on it.
public final class SearchMeter: Sendable {
  /// What there is to say at one moment.
  public struct Reading: Sendable, Equatable {
    /// Examples that are being searched.
    public var open = 0
    /// Examples that were searched and stay unknown, or whose radius stays open.
    public var unknown = 0
    /// The parts of balls that were bounded so far.
    public var nodes = 0
    /// The share of the workers' time that went into searches, 0 to 1.
    public var share = 0.0

    /// Nothing yet.
    public init() {}

    /// Whether there was any search.
    public var isIdle: Bool { open == 0 && unknown == 0 && nodes == 0 }
  }

  private struct State {
    var reading = Reading()
    /// Seconds of workers in searches that are over.
    var searching = 0.0
    /// When the open searches began, as a sum.
    var begun = 0.0
  }

  private let state = Mutex(State())
  private let clock: @Sendable () -> Double
  private let listener: @Sendable (Reading) -> Void
  private let start: Double
  private let workers: Double

  /// - Parameters:
  ///   - workers: their number.
  ///   - clock: seconds of a clock that never goes back.
  ///   - listener: told whenever a search begins or ends, and now and then between; from any worker.
  public init(
    workers: Int, clock: @escaping @Sendable () -> Double,
    listener: @escaping @Sendable (Reading) -> Void
  ) {
    (self.clock, self.listener, self.workers) = (clock, listener, Double(max(1, workers)))
    start = clock()
  }

  /// The searches of one example, from their begin to their end.
  ///
  /// - Parameter search: says whether the example stays open.
  func searching(_ search: () -> Bool) {
    let begin = clock()
    change { state, _ in
      state.reading.open += 1
      state.begun += begin
    }
    let isOpen = search()
    change { state, now in
      state.reading.open -= 1
      state.begun -= begin
      state.searching += now - begin
      if isOpen { state.reading.unknown += 1 }
    }
  }

  /// One more part of a ball.
  func count() {
    let nodes = state.withLock { state in
      state.reading.nodes += 1
      return state.reading.nodes
    }
    if nodes % Self.interval == 0 { change { _, _ in } }
  }

  private static let interval = 64

  private func change(_ body: (inout State, _ now: Double) -> Void) {
    let now = clock()
    let reading = state.withLock { state in
      body(&state, now)
      let open = Double(state.reading.open) * now - state.begun
      let elapsed = max((now - start) * workers, .leastNormalMagnitude)
      state.reading.share = min(1, max(0, (state.searching + open) / elapsed))
      return state.reading
    }
    listener(reading)
  }
}

import Attack
import CertificateRecords
import DualBounds
import Numbers

// Counterexamples that are nearer than those that a ball of a given size has.
extension ExampleAttack {
  /// Ascents in balls of several sizes, whose values say which size to try next: along the secant through
  /// the largest that has no counterexample and the smallest that has one, or along the gradient.
  ///
  /// - Parameters:
  ///   - bounds: of the predicted class over the ball of `size`, where ascents begin.
  ///   - rivals: the classes that may win, the likeliest first.
  ///   - isLast: whether a search has been in vain, too: ascents are longer then, and begin in the ball
  ///     that it left open, also from the example itself.
  func approach(
    _ search: inout RadiusClosing, _ example: OpenExample, _ bounds: BallBounds, _ size: Numeral,
    rivals: [Int], isLast: Bool = false
  ) {
    let (rivals, ball) = (Array(rivals.prefix(Self.mostRivals)), example.ball)
    let suggested = suggestions(rivals, ball.ball(size), bounds)
    guard let region = ExampleRegion(ball, size).searched else { return }
    for rival in rivals {
      var start = (point: region.center, size: size.lower)
      if let coefficients = suggested[rival] { start.point = region.lowest(of: coefficients) }
      // The same class again: from where it won.
      if let nearest = search.ends.nearest, nearest.winner == rival, !nearest.point.isEmpty {
        start = (nearest.point.map { Float($0) }, nearest.distance)
      }
      guard isLast else {
        approach(&search, ball, example.prediction, rival, from: start, nil)
        continue
      }
      for start in [start, (region.center, size.lower)] {
        approach(&search, ball, example.prediction, rival, from: start, size.lower)
      }
    }
  }

  /// The same from where a search came nearest.
  func approach(
    _ search: inout RadiusClosing, _ example: OpenExample, _ size: Numeral, _ nearMiss: NearMiss
  ) {
    let start = (point: nearMiss.point.map { Float($0) }, size: size.lower)
    approach(
      &search, example.ball, example.prediction, nearMiss.rival, from: start, size.lower)
  }

  private static let (mostRivals, mostSizes) = (9, 12)
  /// Gradients of an ascent, and of one where a search has been in vain.
  private static let (shortAscent, longAscent) = (20, 60)

  private func approach(
    _ search: inout RadiusClosing, _ ball: ExampleBall, _ own: Int, _ rival: Int,
    from start: (point: [Float], size: Double), _ open: Double?
  ) {
    let steps = open == nil ? Self.shortAscent : Self.longAscent
    let (bracket, cap) = (search.bracket, search.bracket.cap.nearest)
    var sizes = BallSizes(proved: bracket.proved.nearest, tolerance: bracket.tolerance)
    sizes.found = bracket.found.map { ($0, nil) }
    // What was found already has to be found nearer.
    let nearer = bracket.found.map { $0 * (1 - 0.5 * bracket.tolerance) }
    var size = min(open ?? nearer ?? start.size, cap)
    var start = start
    for _ in 0..<Self.mostSizes {
      guard size > bracket.proved.nearest,
        let tried = ascend(ball, own, rival, from: start, size, steps)
      else { return }
      search.ends.record.steps += steps
      start = (tried.peak.point, size)
      if let found = tried.found {
        search.take(found)
        sizes.find(found.distance, tried.value)
      } else {
        if tried.peak.value > 0 { search.hidden = min(search.hidden, size) }
        sizes.miss(size, tried.value)
      }
      let slope = tried.peak.reach / size
      guard let next = sizes.next(after: size, tried.value, slope, cap: cap) else { return }
      size = next
    }
  }

  /// The best point of a ball for a class, and whether it is a counterexample.
  ///
  /// - Returns: nil for a ball that has no point to move to. The value is what is proved where binary32
  ///   thinks that the class wins.
  private func ascend(
    _ ball: ExampleBall, _ own: Int, _ rival: Int, from start: (point: [Float], size: Double),
    _ size: Double, _ steps: Int
  ) -> (peak: Peak, value: Double, found: Counterexample?)? {
    let region = ExampleRegion(example: ball, epsilon: size)
    guard let searched = region.searched else { return nil }
    let peak = attacker.peak(
      searched, defended: own, rival: rival,
      from: searched.carried(start.point, by: size / start.size), steps: steps)
    guard peak.value > 0 else { return (peak, Double(peak.value), nil) }
    let checked = checked(peak.point, rival, against: own, in: region)
    guard let checked, checked.margin > 0 else { return (peak, checked?.margin ?? 0, nil) }
    return (peak, checked.margin, checked)
  }
}

/// The sizes of balls that were tried for one class: a bracket [missed, found] with the values that guide
/// the next one. Nothing relies on their order.
struct BallSizes {
  private(set) var missed: (size: Double, value: Double?)
  var found: (size: Double, value: Double?)?
  let tolerance: Double

  init(proved: Double, tolerance: Double) {
    (missed, self.tolerance) = ((proved, nil), tolerance)
  }

  mutating func find(_ size: Double, _ value: Double) {
    if size < found?.size ?? .infinity { found = (size, value) }
  }

  mutating func miss(_ size: Double, _ value: Double) {
    if size > missed.size { missed = (size, value) }
  }

  /// The next size; nil where none is worth it.
  ///
  /// - Parameters:
  ///   - value: what the last size came to, below 0 for a miss.
  ///   - slope: by how much the value changes with the size there.
  func next(after size: Double, _ value: Double, _ slope: Double, cap: Double) -> Double? {
    let newton = slope > 0 ? size - value / slope : .nan
    guard let found else {
      guard size < cap else { return nil }
      let beyond = newton.isFinite ? size + 1.1 * (newton - size) : 2 * size
      return min(cap, min(max(beyond, 1.02 * size), 3 * size))
    }
    let width = found.size - missed.size
    guard width > 0.3 * tolerance * found.size, value.isFinite else { return nil }
    var guess = newton
    if let (low, high) = missed.value.flatMap({ low in found.value.map { (low, $0) } }),
      low < 0, high > 0
    {
      guess = missed.size + width * (-low / (high - low))
    }
    // A miss whose gradient sees nothing as near as what another class has.
    if value < 0, found.value == nil, !(newton < found.size) { return nil }
    guard guess.isFinite else { return missed.size + width / 2 }
    return min(max(guess, missed.size + 0.1 * width), found.size - 0.1 * width)
  }
}

import CKernels

/// How an attack is made; budgets count steps, never seconds.
public struct AttackOptions: Sendable, Equatable {
  /// The kinds of attack.
  public enum Kind: String, Sendable, CaseIterable {
    /// One step of the whole radius along the cross-entropy's gradient: the step that is steepest
    /// in the ball's norm, for linf along the gradient's sign.
    case fgsm
    /// That step first, then ascents of `z_j - z_y` from several starts.
    case pgd
  }

  /// Which attack.
  public var kind: Kind
  /// Gradients of one ascent.
  public var steps: Int
  /// Random starts, beside the point that the failing row suggests and the centre.
  public var restarts: Int
  /// Seeds the random starts.
  public var seed: UInt64

  /// Creates options.
  public init(kind: Kind = .pgd, steps: Int = 40, restarts: Int = 3, seed: UInt64 = 0) {
    self.kind = kind
    self.steps = steps
    self.restarts = restarts
    self.seed = seed
  }
}

/// What an attack on one example came to.
public struct AttackOutcome: Sendable, Equatable {
  /// Whether a point was confirmed.
  public var succeeds = false
  /// Whether FGSM alone found one.
  public var fgsmSucceeds = false
  /// Gradients spent.
  public var steps = 0
}

/// One worker: searches points where another class beats the defended one.
public final class Attacker {
  private let options: AttackOptions
  let workspace: GradientWorkspace
  var gradient: [Float]

  /// Allocates scratch for one worker.
  public init(_ network: GradientNetwork, options: AttackOptions) {
    self.options = options
    workspace = GradientWorkspace(network)
    gradient = [Float](repeating: 0, count: network.inputCount)
  }

  /// Searches until a point is confirmed or the budget is spent.
  ///
  /// - Parameters:
  ///   - rivals: the classes that may win, likeliest first; what is proven to lose need not be tried.
  ///   - suggestions: for a class, coefficients of a linear function of the input that is small
  ///     where it may win.
  ///   - stream: the number of the example's own random stream.
  ///   - confirm: a proven lower bound of `z_rival - z_defended` at a point; not above 0 where
  ///     nothing is proven.
  public func search(
    _ region: AttackRegion, defended: Int, rivals: [Int], suggestions: [Int: [Double]],
    stream: UInt64, confirm: (_ point: [Float], _ rival: Int) -> Double
  ) -> AttackOutcome {
    precondition(region.center.count == workspace.network.inputCount, "region does not fit")
    return withoutActuallyEscaping(confirm) { confirm in
      var search = Search(
        region: region, defended: defended, suggestions: suggestions, confirm: confirm,
        steps: options.steps,
        thresholds: [Float](repeating: 0, count: workspace.network.classCount))
      fgsm(&search)
      if options.kind == .pgd, !search.outcome.succeeds {
        pgd(&search, rivals, RandomStream(seed: options.seed, stream: stream))
      }
      return search.outcome
    }
  }
}

extension Attacker {
  /// One ascent from a point, moved into the region.
  ///
  /// - Parameter confirm: as in a search.
  /// - Returns: the best value of `z_rival - z_defended` on the way, as binary32 has it.
  public func ascend(
    _ region: AttackRegion, defended: Int, rival: Int, from point: [Float],
    confirm: (_ point: [Float], _ rival: Int) -> Double
  ) -> Float {
    withoutActuallyEscaping(confirm) { confirm in
      var search = Search(
        region: region, defended: defended, suggestions: [:], confirm: confirm,
        steps: min(options.steps, Self.shortAscent),
        thresholds: [Float](repeating: 0, count: workspace.network.classCount))
      return ascend(&search, to: rival, from: region.inside(point), isFar: false)
    }
  }

  private static let shortAscent = 20
}

/// The state of one search.
private struct Search {
  let region: AttackRegion
  let defended: Int
  let suggestions: [Int: [Double]]
  let confirm: ([Float], Int) -> Double
  let steps: Int
  /// `[classes]`: the value of `z_j - z_y` above which it is worth asking for a proof again.
  var thresholds: [Float]
  var outcome = AttackOutcome()

  /// Asks for a proof where the value promises one; true where there is.
  mutating func tries(_ point: [Float], _ rival: Int, _ value: Float) -> Bool {
    guard value > thresholds[rival] else { return false }
    let proven = confirm(point, rival)
    outcome.succeeds = proven > 0
    if outcome.succeeds { return true }
    // What rounding may cost hardly changes from point to point: ask again when that is made up for.
    let missing = proven.isFinite ? max(Float(-proven) * 1.02, value * 0.01) : .infinity
    thresholds[rival] = value + missing
    return false
  }
}

extension Attacker {
  /// The cross-entropy's gradient at the centre, and one step as long as the radius.
  private func fgsm(_ search: inout Search) {
    let logits = workspace.logits(at: search.region.center)
    workspace.differentiate(
      crossEntropyWeights(logits, search.defended), into: &gradient)
    search.outcome.steps += 1
    let point = search.region.lowest(of: gradient.map { -Double($0) })
    let reached = workspace.logits(at: point)
    let rivals = reached.indices.filter { $0 != search.defended }
    guard let best = rivals.max(by: { reached[$0] < reached[$1] }) else { return }
    search.outcome.fgsmSucceeds =
      search.tries(point, best, reached[best] - reached[search.defended])
  }

  /// The derivative of the cross-entropy by the logits: softmax minus the label's unit vector.
  private func crossEntropyWeights(_ logits: [Float], _ label: Int) -> [Float] {
    let largest = logits.max() ?? 0
    let powers = logits.map { exponential($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.indices.map { powers[$0] / sum - ($0 == label ? 1 : 0) }
  }

  /// Ascents of `z_j - z_y`, likeliest classes first, from the point that the failing row suggests,
  /// from the centre, and from random points.
  private func pgd(_ search: inout Search, _ rivals: [Int], _ stream: RandomStream) {
    var stream = stream
    var ranked = rivals.filter { $0 != search.defended }.map { (rival: $0, best: -Float.infinity) }
    let region = search.region
    let suggested = search.suggestions.mapValues { region.lowest(of: $0) }
    let starts: [(Int) -> [Float]?] = [{ suggested[$0] }, { _ in region.center }]
    for (place, start) in starts.enumerated() {
      for rank in ranked.indices {
        guard let point = start(ranked[rank].rival) else { continue }
        let best = ascend(
          &search, to: ranked[rank].rival, from: point, isFar: place > 0)
        if search.outcome.succeeds { return }
        ranked[rank].best = max(ranked[rank].best, best)
      }
      // Stable: classes that reach the same keep their order.
      ranked.sort { $0.best > $1.best }
    }
    for _ in 0..<options.restarts {
      for (rival, _) in ranked.prefix(Self.restartedRivals) {
        let point = search.region.random(using: &stream)
        _ = ascend(&search, to: rival, from: point, isFar: true)
        if search.outcome.succeeds { return }
      }
    }
  }

  /// Random starts are spent on so many classes.
  private static let restartedRivals = 3

  /// One ascent; returns the best value of `z_rival - z_defended` on the way.
  ///
  /// - Parameter isFar: whether the start says nothing yet: first steps then cross the region.
  private func ascend(
    _ search: inout Search, to rival: Int, from start: [Float], isFar: Bool
  ) -> Float {
    var point = start
    var weights = [Float](repeating: 0, count: workspace.network.classCount)
    (weights[rival], weights[search.defended]) = (1, -1)
    var best = -Float.infinity
    var size = search.region.radius * (isFar ? 2 : 0.5)
    let last = search.region.radius * 0.01
    let shrink = power(last / size, 1 / Float(max(1, search.steps - 1)))
    for step in 0...search.steps {
      let logits = workspace.logits(at: point)
      let value = logits[rival] - logits[search.defended]
      best = max(best, value)
      if search.tries(point, rival, value) || step == search.steps { break }
      workspace.differentiate(weights, into: &gradient)
      search.outcome.steps += 1
      climb(&point, search.region, size)
      size *= shrink
    }
    return best
  }

  func climb(_ point: inout [Float], _ region: AttackRegion, _ size: Float) {
    guard region.norm == .linf else {
      return region.step(&point, along: gradient, size: size)
    }
    point.withUnsafeMutableBufferPointer { point in
      workspace.kernels.climb(
        Int64(point.count), size, gradient, region.lower, region.upper, point.baseAddress)
    }
  }
}

import ReLUChain

// A score whose sign is the class has values on both sides of 0, or above 1; a probability has neither, in
// however many operators it is written. One value outside [0, 1] tells them apart, and is looked for: what
// always lies inside is never taken for a score.
extension ReLUChain {
  /// Whether the one output is seen outside [0, 1], at inputs far from 0 and near it.
  ///
  /// A score that is not bounded is seen there at once; one of a network that limits its own input takes more
  /// looking.
  var leavesUnitInterval: Bool {
    precondition(classCount == 1, "of one score")
    for scale in [0x1p12, 0x1p4, 1, 0x1p-4, 0x1p24] {
      for direction in directions {
        for size in [scale, -scale] where isOutside(at: direction.map { size * $0 }) { return true }
      }
    }
    // Corners, as many as some seconds allow. The constants are those of Knuth's MMIX.
    var state: UInt64 = 1
    for count in 0..<min(4096, max(64, Int(0x1p31 / products))) {
      let scale = count % 4 == 0 ? 1 : 0x1p12
      let corner = (0..<inputCount).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 63 == 0 ? scale : -scale
      }
      if isOutside(at: corner) { return true }
    }
    return false
  }

  /// The products of one evaluation, at least 1.
  private var products: Double {
    stages.flatMap(\.operators).reduce(1) { sum, linear in
      switch linear.kind {
      case .dense(let dense): sum + Double(dense.weights.count)
      case .convolution(let c):
        sum + Double(c.weights.count) * Double(c.outputHeight * c.outputWidth)
      case .scaling, .selection: sum + Double(linear.outputCount)
      }
    }
  }

  /// Inputs in [-1, 1]: all alike, a ramp, multiples of irrational numbers modulo 1 (Kronecker sequences), which
  /// fill the interval evenly, and the signs of these.
  private var directions: [[Double]] {
    let steps = [
      1 / Double(inputCount), (5.0.squareRoot() - 1) / 2, 2.0.squareRoot(), 3.0.squareRoot(),
    ]
    let spread = steps.map { step in
      (1...max(1, inputCount)).map { place in
        let product = Double(place) * step
        return 2 * (product - product.rounded(.down)) - 1
      }
    }
    let signs = spread.map { $0.map { $0 < 0 ? -1.0 : 1 } }
    return [[Double](repeating: 1, count: inputCount)] + spread + signs
  }

  /// Whether the output lies outside by more than what is rounded in binary64: sums of large values that cancel
  /// leave some of their size.
  private func isOutside(at input: [Double]) -> Bool {
    let layers = activations(of: input)
    guard let score = layers.last?.first else { return false }
    let largest = (layers.joined().lazy.map(\.magnitude)).max() ?? 0
    let slack = 1e-3 + 0x1p-40 * largest
    return score < -slack || score > 1 + slack
  }
}

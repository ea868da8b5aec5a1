/// Where one ascent got to in a region.
public struct Peak: Sendable, Equatable {
  /// The point.
  public var point: [Float]
  /// `z_rival - z_defended` there, as binary32 has it.
  public var value: Float
  /// By how much the value changes, to first order, where the region grows to twice its size.
  public var reach: Double
}

extension Attacker {
  /// One ascent of `z_rival - z_defended` to its end, whatever the values on the way: what the region
  /// has to offer, and what a larger or smaller one would.
  ///
  /// - Parameters:
  ///   - start: moved into the region.
  ///   - steps: gradients, >= 1.
  public func peak(
    _ region: AttackRegion, defended: Int, rival: Int, from start: [Float], steps: Int
  ) -> Peak {
    precondition(region.center.count == workspace.network.inputCount, "region does not fit")
    var point = region.inside(start)
    var weights = [Float](repeating: 0, count: workspace.network.classCount)
    (weights[rival], weights[defended]) = (1, -1)
    var best = Peak(point: point, value: -.infinity, reach: 0)
    var size = region.radius * 0.5
    let shrink = power(0.02, 1 / Float(max(1, steps - 1)))
    for step in 0...steps {
      let logits = workspace.logits(at: point)
      let value = logits[rival] - logits[defended]
      let isBest = value > best.value
      if step == steps && !isBest { break }
      workspace.differentiate(weights, into: &gradient)
      if isBest { best = Peak(point: point, value: value, reach: region.reach(of: gradient)) }
      climb(&point, region, size)
      size *= shrink
    }
    return best
  }
}

extension AttackRegion {
  /// How far a linear function rises from the middle of the region to where it is largest.
  func reach(of coefficients: [Float]) -> Double {
    switch norm {
    case .linf:
      coefficients.indices.reduce(0) { sum, feature in
        let width = Double(upper[feature]) - Double(lower[feature])
        return sum + Double(coefficients[feature].magnitude) * width / 2
      }
    case .l2:
      Double(length) * coefficients.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    case .l1:
      Double(length) * coefficients.reduce(0) { max($0, Double($1.magnitude)) }
    }
  }

  /// A point as far out of this region's centre, in its size, as it was in another's.
  package func carried(_ point: [Float], by factor: Double) -> [Float] {
    point.indices.map { feature in
      let way = Double(point[feature]) - Double(center[feature])
      return Float(Double(center[feature]) + factor * way)
    }
  }
}

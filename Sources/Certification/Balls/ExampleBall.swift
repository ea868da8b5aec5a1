import DualBounds
import Numbers

/// The centre of one example, and the balls around it.
package struct ExampleBall {
  let center: [Double]
  let isExact: Bool
  let arithmetic: Arithmetic
  let domain: Domain?
  let shape: BallShape
  /// The numbers that the network takes, where these are whole ones: a counterexample has no others. What
  /// is certified holds for all real points.
  let wholeNumbers: ClosedRange<Double>?

  package init(
    center: [Double], isExact: Bool, arithmetic: Arithmetic, domain: Domain?, shape: BallShape,
    wholeNumbers: ClosedRange<Double>? = nil
  ) {
    (self.center, self.isExact, self.arithmetic) = (center, isExact, arithmetic)
    (self.domain, self.shape, self.wholeNumbers) = (domain, shape, wholeNumbers)
  }

  /// The first feature that lies outside the domain by more than a rounding of binary32: data that
  /// were scaled in binary32 miss their domain's ends by that much.
  package func firstOutside() -> Int? {
    guard let domain else { return nil }
    let slack = (domain.upper - domain.lower) * 0x1p-23
    return center.firstIndex { !($0 >= domain.lower - slack && $0 <= domain.upper + slack) }
  }

  /// Every input within `epsilon` of the exact centre, an linf ball cut by the domain, rounded
  /// outward; always the centre itself, also where it lies just outside the domain.
  ///
  /// - An inexact centre lies within `u |x|` of the stored one; `2^-52 |x|` covers it and the sum's
  ///   own rounding.
  /// - Deployed in a format of unit roundoff `u`: every input of that format within
  ///   `epsilon + rho`, `rho = 2 u (|x| + epsilon) + tiny`: the rounding of p/255, of epsilon, and
  ///   of x -+ epsilon. For l2 and l1 the same of every feature: a point of the ball, each feature
  ///   rounded.
  ///
  /// - Parameter epsilon: not below the ball's exact radius.
  package func ball(_ epsilon: Double) -> Ball {
    switch shape {
    case .norm(.linf), .weighted: return box(epsilon)
    case .norm(let norm):
      let widening = center.map { radius(at: $0, 0, reach: epsilon) }
      return Ball(center: center, radius: widening, norm: norm, extent: epsilon)
    }
  }

  /// The same for what was typed.
  package func ball(_ epsilon: Numeral) -> Ball { ball(epsilon.upper) }

  private func box(_ epsilon: Double) -> Ball {
    let radii = center.indices.map { feature in
      let reach = shape.reach(epsilon, of: feature).up
      return radius(at: center[feature], reach, reach: reach)
    }
    var ball = Ball(center: center, radius: radii)
    guard let domain else { return ball }
    let wide = widened(domain)
    for (feature, x) in center.enumerated() {
      let radius = radii[feature]
      let ends = containing(x, domain, wide)
      let lower = max((x - radius).nextDown, ends.lower)
      let upper = min((x + radius).nextUp, ends.upper)
      let middle = 0.5 * (lower + upper)
      ball.center[feature] = middle
      ball.radius[feature] = max(upper - middle, middle - lower).nextUp
    }
    return ball
  }

  /// The domain, stretched as far as an example that lies just outside it: what is certified always
  /// contains the example, and is never empty.
  private func containing(
    _ x: Double, _ domain: Domain, _ wide: Domain
  ) -> (lower: Double, upper: Double) {
    // The exact value may lie on the other side of the end from the stored one.
    let error = isExact ? 0 : x.magnitude * 0x1p-52
    let own = radius(at: x, 0, reach: 0)
    let below = x < domain.lower ? own : error
    let above = x > domain.upper ? own : error
    return (
      below == 0 ? min(wide.lower, x) : min(wide.lower, (x - below).nextDown),
      above == 0 ? max(wide.upper, x) : max(wide.upper, (x + above).nextUp)
    )
  }

  /// `radius` and what rounding adds to it, for values within `reach` of `x`.
  private func radius(at x: Double, _ radius: Double, reach: Double) -> Double {
    if isExact && arithmetic == .real { return radius }
    var radius = radius + x.magnitude * 0x1p-52
    if let format = arithmetic.format {
      radius += 2 * format.roundoff * (x.magnitude + reach) * (1 + 0x1p-40) + format.tiny
    }
    // What is added may vanish in the sum: up, not to nearest.
    return radius.nextUp.nextUp
  }

  /// The domain's points of the deployed format, where its ends are none, may round past the ends.
  private func widened(_ domain: Domain) -> Domain {
    guard let format = arithmetic.format else { return domain }
    func slack(_ end: Double) -> Double {
      format.represents(end) ? 0 : 2 * format.roundoff * end.magnitude + format.tiny
    }
    return Domain(
      lower: (domain.lower - slack(domain.lower)), upper: domain.upper + slack(domain.upper))
  }
}

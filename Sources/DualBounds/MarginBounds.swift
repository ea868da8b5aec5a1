/// The margins of one ball, and what was learned on the way.
public struct MarginBounds: Sendable, Equatable {
  /// Lower bounds of `z_y - z_j` over the ball for the problem's arithmetic, 0 at
  /// `specificationClass`; -infinity where nothing is known. Rounded down.
  public var margins: [Double]
  /// The same for the network in exact arithmetic.
  public var realMargins: [Double]
  /// The class `y`.
  public var specificationClass: Int
  /// What each of `margins` was reached by.
  public var slopes: [Slopes]
  /// The number of unstable units per ReLU layer; every unit of a layer of which nothing is known.
  public var unstable: [Int]

  /// Nothing known against any class.
  package init(specificationClass: Int, classCount: Int) {
    margins = [Double](repeating: -.infinity, count: classCount)
    margins[specificationClass] = 0
    realMargins = margins
    slopes = [Slopes](repeating: .parallel, count: classCount)
    self.specificationClass = specificationClass
    unstable = []
  }

  /// Takes a row's margins where they are larger.
  package mutating func improve(_ other: Int, deployed: Double, real: Double, by level: Slopes) {
    if deployed > margins[other] { (margins[other], slopes[other]) = (deployed, level) }
    if real > realMargins[other] { realMargins[other] = real }
  }

  /// The smallest margin against another class; -infinity where nothing is known.
  public var smallest: Double { Self.smallest(margins, besides: specificationClass) }
  /// The same for the network in exact arithmetic.
  public var smallestReal: Double { Self.smallest(realMargins, besides: specificationClass) }

  /// The largest difference, over the classes, between the margins in exact and in deployed
  /// arithmetic, rounded up; nil where a margin is not known.
  public var roundingBudget: Double? {
    var largest = 0.0
    for (real, deployed) in zip(realMargins, margins) where real != deployed {
      let difference = (real - deployed).nextUp
      guard difference.isFinite else { return nil }
      largest = max(largest, difference)
    }
    return margins.allSatisfy(\.isFinite) ? largest : nil
  }

  private static func smallest(_ margins: [Double], besides own: Int) -> Double {
    var least = Double.infinity
    for (index, margin) in margins.enumerated() where index != own {
      // Anything that is not a number above `least` lowers it, NaN to "nothing known".
      if !(margin >= least) { least = margin.isNaN ? -.infinity : margin }
    }
    return least
  }
}

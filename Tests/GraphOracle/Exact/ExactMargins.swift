import NumberSupport

/// The smallest differences of a network's scores over a polytope of inputs, exactly.
///
/// The network is evaluated with affine functions of the input in place of numbers. Each comparison (which
/// element of a window is the largest, which side of a bend a value lies on) cuts the polytope, until
/// in every cell the scores are affine: then a difference is smallest at a vertex. So every pattern of
/// outcomes that some input has is seen, and none other.
public struct ExactMargins: Sendable {
  /// `[class][class]`: the smallest `z_y - z_j`.
  public private(set) var least: [[Rational]] = []
  /// `[class][class]`: an input where it is that.
  public private(set) var places: [[[Rational]]] = []
  /// In how many cells the scores are affine.
  public private(set) var cellCount = 0

  /// Evaluates a graph over a polytope.
  ///
  /// - Parameters:
  ///   - graph: Its output may be any array of numbers.
  ///   - scores: The scores of the classes, from the output's numbers.
  ///   - limit: The most cells.
  /// - Returns: nil where there are more, or where a score is no number.
  public init?(
    _ graph: OracleGraph, over polytope: Polytope, limit: Int,
    scores: ([AffineForm]) -> [AffineForm] = { $0 }
  ) {
    var open = [polytope]
    let inputs = polytope.vertices[0].count
    while let next = open.popLast() {
      guard cellCount + open.count < limit else { return nil }
      let numbers = AffineNumbers(over: next)
      var run = GraphEvaluator(graph, numbers)
      let found = run.logits(at: (0..<inputs).map { AffineForm(coordinate: $0, of: inputs) })
      let logits = found.compactMap(\.self)
      guard logits.count == found.count else { return nil }
      include(scores(logits), over: numbers.cell.polytope)
      open += numbers.cell.rest
    }
  }

  private mutating func include(_ scores: [AffineForm], over cell: Polytope) {
    let vertices = cell.vertices
    if cellCount == 0 {
      least = scores.map { one in
        scores.map { (one - $0).value(at: vertices[0]) }
      }
      places = scores.map { _ in scores.map { _ in vertices[0] } }
    }
    for (own, other) in zip(
      scores.indices.flatMap { own in scores.map { _ in own } },
      scores.indices.flatMap { _ in scores.indices }) where own != other
    {
      let difference = scores[own] - scores[other]
      for vertex in vertices {
        let value = difference.value(at: vertex)
        if value < least[own][other] {
          (least[own][other], places[own][other]) = (value, vertex)
        }
      }
    }
    cellCount += 1
  }

  /// The smallest difference of a class and any other.
  public func least(of own: Int) -> Rational {
    let others = least[own].indices.filter { $0 != own }
    return others.map { least[own][$0] }.min() ?? .zero
  }
}

extension OracleBall {
  /// The exact ball of another radius, for linf, cut by the domain, and for l1; nil for l2, which is no
  /// polytope.
  public func polytope(radius: Rational) -> Polytope? {
    let exact = center.map { Rational($0) }
    switch norm {
    case .l2: return nil
    case .l1 where radius.sign > 0: return Polytope(around: exact, l1Radius: radius)
    default:
      // A domain restricts an linf ball alone.
      let sides = zip(center, exact).map { x, value -> (Rational, Rational) in
        let (low, high) = (value - radius, value + radius)
        guard norm == .linf, let side = side(of: x) else { return (low, high) }
        return (max(low, Rational(side.lowerBound)), min(high, Rational(side.upperBound)))
      }
      return Polytope(from: sides.map(\.0), to: sides.map(\.1))
    }
  }
}

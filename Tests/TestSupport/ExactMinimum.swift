/// The true ranges of a small chain over a box, by enumerating every ReLU sign pattern.
///
/// Within one pattern the network is affine, so every pre-activation is piecewise linear, its breaks
/// lie on the hyperplanes "pre-activation = 0 within a pattern", and its extrema over the box are
/// attained at vertices of the arrangement of those hyperplanes and the faces of the box. All
/// intersections of `n` of them that lie in the box are evaluated with the network itself: a superset
/// of the vertices, each a true point of the box, hence the exact extrema.
///
/// - Complexity: 2^(units of all hidden layers but the last) * C(units + 2n, n) points; meant for
///   n <= 3 and at most 8 hidden units.
public struct ExactMinimum: Sendable {
  /// `[stage][unit]`: the smallest and greatest pre-activation, the logits last.
  public private(set) var lower: [[Rational]] = []
  /// As `lower`.
  public private(set) var upper: [[Rational]] = []
  /// `[class][class]`: the smallest `z_y - z_j`.
  public private(set) var margins: [[Rational]] = []
  /// How many distinct points were evaluated.
  public private(set) var pointCount = 0

  /// Enumerates the arrangement.
  public init(_ chain: ExactChain, over box: ExactBox) {
    var seen: Set<[Rational]> = []
    let faces = Self.faces(of: box)
    Self.forEachPattern(of: chain, inputCount: box.center.count) { hyperplanes in
      let all = faces + hyperplanes
      Self.forEachSubset(of: all.count, size: box.center.count) { chosen in
        guard let point = Self.intersection(chosen.map { all[$0] }) else { return }
        guard box.contains(point), seen.insert(point).inserted else { return }
        include(chain.preActivations(at: point))
      }
    }
  }

  private mutating func include(_ values: [[Rational]]) {
    let logits = values.last ?? []
    let differences = logits.map { own in logits.map { own - $0 } }
    if pointCount == 0 {
      (lower, upper, margins) = (values, values, differences)
    } else {
      lower = zip(lower, values).map { zip($0, $1).map(min) }
      upper = zip(upper, values).map { zip($0, $1).map(max) }
      margins = zip(margins, differences).map { zip($0, $1).map(min) }
    }
    pointCount += 1
  }

  /// `normal' x + offset = 0`.
  private struct Hyperplane {
    var normal: [Rational]
    var offset: Rational
  }

  private static func faces(of box: ExactBox) -> [Hyperplane] {
    var faces: [Hyperplane] = []
    for feature in box.center.indices {
      var normal = [Rational](repeating: .zero, count: box.center.count)
      normal[feature] = .one
      faces.append(Hyperplane(normal: normal, offset: -box.lower[feature]))
      if !box.radius[feature].isZero {
        faces.append(Hyperplane(normal: normal, offset: -box.upper[feature]))
      }
    }
    return faces
  }

  /// Calls `body` with the breaks of every unit, once a pattern of all hidden units.
  private static func forEachPattern(
    of chain: ExactChain, inputCount: Int, _ body: ([Hyperplane]) -> Void
  ) {
    func descend(_ stage: Int, _ affine: [Hyperplane], _ breaks: [Hyperplane]) {
      let output = zip(chain.stages[stage].rows, chain.stages[stage].bias).map { row, bias in
        var sum = Hyperplane(normal: .init(repeating: .zero, count: inputCount), offset: bias)
        for entry in row {
          let input = affine[entry.column]
          sum.normal = zip(sum.normal, input.normal).map { $0 + entry.weight * $1 }
          sum.offset += entry.weight * input.offset
        }
        return sum
      }
      // The logits break nothing; nor do the last hidden units' signs move any hyperplane.
      if stage + 1 == chain.stages.count { return body(breaks) }
      if stage + 2 == chain.stages.count { return body(breaks + output) }
      for pattern in 0..<(1 << output.count) {
        let kept = output.enumerated().map { unit, plane in
          pattern >> unit & 1 == 1
            ? plane
            : Hyperplane(normal: .init(repeating: .zero, count: inputCount), offset: .zero)
        }
        descend(stage + 1, kept, breaks + output)
      }
    }
    let inputs = (0..<inputCount).map { feature in
      Hyperplane(
        normal: (0..<inputCount).map { $0 == feature ? .one : .zero }, offset: .zero)
    }
    descend(0, inputs, [])
  }

  private static func forEachSubset(of count: Int, size: Int, _ body: ([Int]) -> Void) {
    func extend(_ chosen: [Int]) {
      guard chosen.count < size else { return body(chosen) }
      for next in ((chosen.last ?? -1) + 1)..<max(count, (chosen.last ?? -1) + 1) {
        extend(chosen + [next])
      }
    }
    extend([])
  }

  /// The common point, or nil where there is none or more than one.
  private static func intersection(_ planes: [Hyperplane]) -> [Rational]? {
    var rows = planes.map { $0.normal + [-$0.offset] }
    for column in rows.indices {
      guard let pivot = rows.indices.dropFirst(column).first(where: { !rows[$0][column].isZero })
      else { return nil }
      rows.swapAt(column, pivot)
      let scale = rows[column][column]
      rows[column] = rows[column].map { $0 / scale }
      for other in rows.indices where other != column && !rows[other][column].isZero {
        let factor = rows[other][column]
        rows[other] = zip(rows[other], rows[column]).map { $0 - factor * $1 }
      }
    }
    return rows.map { $0[planes.count] }
  }
}

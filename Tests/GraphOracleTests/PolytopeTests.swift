import NumberSupport
import Testing

/// Polytopes by their vertices, against the definition: the points of `n` planes that lie in all
/// half-spaces.
@Suite struct PolytopeTests {
  @Test(
    "the vertices of the parts of a cut box or l1 ball are those of its half-spaces",
    arguments: seeds(60))
  func vertices(seed: UInt64) {
    var random = SeededGenerator(state: seed)
    let dimensions = Int.random(in: 1...3, using: &random)
    func number() -> Rational { Rational(Int.random(in: -6...6, using: &random)) }
    let center = (0..<dimensions).map { _ in number() }
    let isBox = random.chance(0.6)
    // Some sides without a length: a plane, a line or a point in space.
    let sides = center.map { _ in Rational(isBox && random.chance(0.2) ? 0 : 3) }
    var whole = Polytope(from: zip(center, sides).map(-), to: zip(center, sides).map(+))
    if !isBox { whole = Polytope(around: center, l1Radius: Rational(3)) }
    var cells = [(whole, isBox ? Self.box(center, sides) : Self.ball(center, Rational(3)))]
    for _ in 0..<4 {
      let form = AffineForm(slopes: center.map { _ in number() }, offset: number())
      // Through a vertex, at times.
      let corner = random.pick(whole.vertices, or: center)
      let plane =
        random.chance(0.4) ? form - AffineForm(offset: form.value(at: corner)) : form
      cells = cells.flatMap { cell, sides in
        guard let parts = cell.split(by: plane) else { return [(cell, sides)] }
        return [
          (parts.above, sides + [plane]), (parts.below, sides + [-Rational.one * plane]),
        ]
      }
    }
    for (cell, sides) in cells {
      let found = cell.vertices
      #expect(Set(found).count == found.count, "seed \(seed): a vertex twice")
      #expect(Set(found) == Self.vertices(of: sides, dimensions), "seed \(seed)")
    }
  }

  private static func box(_ center: [Rational], _ sides: [Rational]) -> [AffineForm] {
    center.indices.flatMap { axis -> [AffineForm] in
      let form = AffineForm(coordinate: axis, of: center.count) - AffineForm(offset: center[axis])
      let side = AffineForm(offset: sides[axis])
      return [form + side, side - form]
    }
  }

  private static func ball(_ center: [Rational], _ radius: Rational) -> [AffineForm] {
    (0..<(1 << center.count)).map { signs in
      center.indices.reduce(AffineForm(offset: radius)) { sum, axis in
        let form =
          AffineForm(coordinate: axis, of: center.count) - AffineForm(offset: center[axis])
        return signs >> axis & 1 == 1 ? sum - form : sum + form
      }
    }
  }

  /// Every common point of `n` of the planes that lies in all half-spaces `form >= 0`.
  private static func vertices(of sides: [AffineForm], _ dimensions: Int) -> Set<[Rational]> {
    var result: Set<[Rational]> = []
    func extend(_ chosen: [AffineForm], _ next: Int) {
      if chosen.count == dimensions {
        guard let point = intersection(chosen) else { return }
        if sides.allSatisfy({ $0.value(at: point).sign >= 0 }) { result.insert(point) }
        return
      }
      for index in next..<max(next, sides.count) { extend(chosen + [sides[index]], index + 1) }
    }
    extend([], 0)
    return result
  }

  /// The common point; nil where there is none or more than one.
  private static func intersection(_ planes: [AffineForm]) -> [Rational]? {
    var rows = planes.map { $0.slopes + [-$0.offset] }
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

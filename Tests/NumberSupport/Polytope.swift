/// An affine function of a point, exactly: `offset + slopes . x`.
public struct AffineForm: Sendable, Equatable {
  /// `[dimensions]`; empty for a constant.
  public var slopes: [Rational]
  /// The value at the origin.
  public var offset: Rational

  /// Creates a function.
  public init(slopes: [Rational] = [], offset: Rational) {
    (self.slopes, self.offset) = (slopes, offset)
  }

  /// The coordinate `axis` of a point.
  public init(coordinate axis: Int, of dimensions: Int) {
    self.init(slopes: (0..<dimensions).map { $0 == axis ? .one : .zero }, offset: .zero)
  }

  /// Whether the value is the same at every point.
  public var isConstant: Bool { slopes.allSatisfy(\.isZero) }

  /// The value at a point.
  public func value(at point: [Rational]) -> Rational {
    zip(slopes, point).reduce(offset) { sum, term in
      term.0.isZero ? sum : sum + term.0 * term.1
    }
  }

  /// The sum.
  public static func + (left: AffineForm, right: AffineForm) -> AffineForm {
    let slopes =
      left.slopes.isEmpty
      ? right.slopes
      : right.slopes.isEmpty ? left.slopes : zip(left.slopes, right.slopes).map(+)
    return AffineForm(slopes: slopes, offset: left.offset + right.offset)
  }

  /// The multiple.
  public static func * (factor: Rational, form: AffineForm) -> AffineForm {
    AffineForm(
      slopes: factor.isZero ? [] : form.slopes.map { factor * $0 }, offset: factor * form.offset)
  }

  /// The difference.
  public static func - (left: AffineForm, right: AffineForm) -> AffineForm {
    left + -Rational.one * right
  }
}

/// A bounded polytope by its vertices, exactly, that can be cut in two (the double description method
/// of Motzkin and others, 1953).
///
/// Every vertex knows all faces that it lies on. Two vertices are the ends of an edge just where no third
/// one lies on all the faces that they share; a plane that separates them adds a vertex there.
public struct Polytope: Sendable {
  private struct Vertex {
    var point: [Rational]
    var faces: UInt128
  }

  private var corners: [Vertex]
  private var faceCount: Int

  /// The vertices.
  public var vertices: [[Rational]] { corners.map(\.point) }

  /// The box between two corners; a side may have no length.
  public init(from lower: [Rational], to upper: [Rational]) {
    corners = [Vertex(point: [], faces: 0)]
    faceCount = 2 * lower.count
    for (axis, (low, high)) in zip(lower, upper).enumerated() {
      precondition(low <= high, "a box of negative width")
      let sides = [UInt128(1) << (2 * axis), UInt128(2) << (2 * axis)]
      corners = corners.flatMap { corner in
        low == high
          ? [Vertex(point: corner.point + [low], faces: corner.faces | sides[0] | sides[1])]
          : [
            Vertex(point: corner.point + [low], faces: corner.faces | sides[0]),
            Vertex(point: corner.point + [high], faces: corner.faces | sides[1]),
          ]
      }
    }
  }

  /// The points whose coordinates differ from the center's by `radius > 0` in all; at most 6 of them.
  public init(around center: [Rational], l1Radius radius: Rational) {
    precondition(radius.sign > 0 && center.count <= 6, "no l1 ball of this form")
    let signs = 0..<(1 << center.count)
    faceCount = signs.count
    corners = center.indices.flatMap { axis in
      [false, true].map { isUp in
        var point = center
        point[axis] += isUp ? radius : -radius
        let faces = signs.filter { ($0 >> axis & 1 == 1) == isUp }
        return Vertex(point: point, faces: faces.reduce(0) { $0 | 1 << $1 })
      }
    }
  }

  /// The smallest and the greatest value of a function.
  public func range(of form: AffineForm) -> ClosedRange<Rational> {
    var (least, greatest) = (form.value(at: corners[0].point), form.value(at: corners[0].point))
    for corner in corners.dropFirst() {
      let value = form.value(at: corner.point)
      if value < least { least = value }
      if value > greatest { greatest = value }
    }
    return least...greatest
  }

  /// The parts where a function is >= 0 and <= 0; nil where it is not of both signs inside.
  public func split(by form: AffineForm) -> (above: Polytope, below: Polytope)? {
    if form.isConstant { return nil }
    let values = corners.map { form.value(at: $0.point) }
    guard values.contains(where: { $0.sign > 0 }), values.contains(where: { $0.sign < 0 }) else {
      return nil
    }
    precondition(faceCount < 128, "too many faces")
    let plane = UInt128(1) << faceCount
    var (above, below): ([Vertex], [Vertex]) = ([], [])
    for (corner, value) in zip(corners, values) {
      let own = Vertex(point: corner.point, faces: corner.faces | (value.isZero ? plane : 0))
      if value.sign >= 0 { above.append(own) }
      if value.sign <= 0 { below.append(own) }
    }
    for (first, high) in zip(corners, values) where high.sign > 0 {
      for (second, low) in zip(corners, values) where low.sign < 0 {
        let shared = first.faces & second.faces
        guard corners.count(where: { $0.faces & shared == shared }) == 2 else { continue }
        let part = high / (high - low)
        let point = zip(first.point, second.point).map { $0 == $1 ? $0 : $0 + part * ($1 - $0) }
        let vertex = Vertex(point: point, faces: shared | plane)
        above.append(vertex)
        below.append(vertex)
      }
    }
    var parts = (self, self)
    (parts.0.corners, parts.1.corners) = (above, below)
    parts.0.faceCount += 1
    parts.1.faceCount += 1
    return (parts.0, parts.1)
  }
}

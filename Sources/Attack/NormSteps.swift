// What depends on the norm of the ball.
extension AttackRegion {
  /// The point where a linear function is smallest; the centre where it does not depend on a
  /// feature.
  package func lowest(of coefficients: [Double]) -> [Float] {
    let size = coefficients.reduce(0) { $0 + $1.magnitude }
    switch norm {
    case .linf: return lowestCorner(of: coefficients)
    case .l2, .l1:
      guard size > 0, size < .infinity else { return center }
      let moves = norm == .l2 ? euclideanMoves(coefficients) : sparseMoves(coefficients)
      return point(moved: moves)
    }
  }

  private func lowestCorner(of coefficients: [Double]) -> [Float] {
    var point = center
    for (feature, coefficient) in coefficients.enumerated() {
      if coefficient > 0 { point[feature] = lower[feature] }
      if coefficient < 0 { point[feature] = upper[feature] }
    }
    return point
  }

  /// How far a feature can move against a coefficient.
  private func room(_ feature: Int, against coefficient: Double) -> Double {
    coefficient > 0
      ? Double(center[feature]) - Double(lower[feature])
      : Double(upper[feature]) - Double(center[feature])
  }

  /// `-t coefficients`, each cut where the box ends, with the `t` that uses up the length: what the
  /// features at their ends leave over is divided among the others until none more gets there.
  private func euclideanMoves(_ coefficients: [Double]) -> [Double] {
    let largest = coefficients.reduce(0) { max($0, $1.magnitude) }
    let direction = coefficients.map { $0 / largest }
    let total = Double(length) * Double(length)
    var isCut = [Bool](repeating: false, count: direction.count)
    var moves = [Double](repeating: 0, count: direction.count)
    // Most features that end anywhere do so at once.
    for _ in 0..<16 {
      var (left, squares) = (total, 0.0)
      for (feature, part) in direction.enumerated() {
        if isCut[feature] {
          left -= moves[feature] * moves[feature]
        } else {
          squares += part * part
        }
      }
      guard squares > 0, left > 0 else { return moves }
      let scale = (left / squares).squareRoot()
      var cutMore = false
      for (feature, part) in direction.enumerated() where !isCut[feature] {
        let room = room(feature, against: part)
        let move = scale * part.magnitude
        isCut[feature] = move >= room
        cutMore = cutMore || isCut[feature]
        moves[feature] = part > 0 ? -min(move, room) : min(move, room)
      }
      if !cutMore { break }
    }
    return moves
  }

  /// The features of the largest coefficients moved as far as the box lets them, in turn, until the
  /// length is used up: one feature, where there is no box.
  private func sparseMoves(_ coefficients: [Double]) -> [Double] {
    var moves = [Double](repeating: 0, count: coefficients.count)
    var left = Double(length)
    let order = coefficients.indices.sorted {
      (-coefficients[$0].magnitude, $0) < (-coefficients[$1].magnitude, $1)
    }
    for feature in order where left > 0 && coefficients[feature] != 0 {
      let move = min(left, room(feature, against: coefficients[feature]))
      moves[feature] = coefficients[feature] > 0 ? -move : move
      left -= move
    }
    return moves
  }

  /// The point at these distances from the centre, brought back into ball and box where rounding led
  /// out.
  private func point(moved moves: [Double]) -> [Float] {
    let size =
      norm == .l2
      ? moves.reduce(0) { $0 + $1 * $1 }.squareRoot() : moves.reduce(0) { $0 + $1.magnitude }
    let scale = size > Double(length) ? Double(length) / size : 1
    return moves.indices.map { feature in
      let moved = Float(Double(center[feature]) + scale * moves[feature])
      return min(max(moved, lower[feature]), upper[feature])
    }
  }

  /// One step up along a gradient in an l2 or l1 ball: towards the point that the gradient likes best
  /// (Frank and Wolfe 1956), which never leads out; a step of the radius goes all the way.
  package func step(_ point: inout [Float], along gradient: [Float], size: Float) {
    let goal = lowest(of: gradient.map { -Double($0) })
    let part = radius > 0 ? Double(min(1, size / radius)) : 0
    let moves = point.indices.map { feature in
      let start = Double(point[feature])
      return start + part * (Double(goal[feature]) - start) - Double(center[feature])
    }
    point = self.point(moved: moves)
  }

  /// A point drawn at random: uniformly in a box; else, in an l2 ball near its surface, in an l1 ball
  /// with few features moved.
  package func random(using stream: inout RandomStream) -> [Float] {
    switch norm {
    case .linf:
      return lower.indices.map { feature in
        let drawn = lower[feature] + stream.fraction() * (upper[feature] - lower[feature])
        return min(drawn, upper[feature])
      }
    case .l2:
      // The sum of four is about normal.
      return lowest(
        of: center.map { _ in
          (0..<4).reduce(-2) { sum, _ in sum + Double(stream.fraction()) }
        })
    case .l1:
      var moves = [Double](repeating: 0, count: center.count)
      for _ in 0..<Self.randomMoves {
        let feature = Int.random(in: moves.indices, using: &stream)
        let coefficient = Double(stream.fraction()) - 0.5
        let share = Double(length) / Double(Self.randomMoves)
        let move = min(share, room(feature, against: coefficient))
        moves[feature] = coefficient > 0 ? -move : move
      }
      return point(moved: moves)
    }
  }

  /// Features that a random point of an l1 ball moves.
  private static let randomMoves = 10
}

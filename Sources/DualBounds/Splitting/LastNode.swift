// Where every unit has a side the network is linear, and a linear program decides what gradients only
// approach.
extension FoldedNetwork {
  /// The multipliers that bound the margin best where all units have sides, or those, multiplied by
  /// enough, that show that there is no such point; nil for balls that are no boxes.
  func program(_ sides: [Int8]) -> LinearProgram.Answer? {
    guard part == nil, !sides.contains(0) else { return nil }
    let composed = composed(sides)
    let rows = units.indices.map { unit in
      let (sign, row) = (Double(sides[unit]), composed[unit])
      return (coefficients: row.coefficients.map { sign * $0 }, offset: sign * row.offset)
    }
    var program = LinearProgram(
      costs: composed[units.count].coefficients, rows: rows,
      radius: (0..<inputCount).map { radius[$0] })
    return program.solve()
  }

  /// Every unstable unit's pre-activation, and the margin, as a function of the input.
  private func composed(_ sides: [Int8]) -> [(coefficients: [Double], offset: Double)] {
    let sides = [Int8](repeating: 1, count: linear.count) + sides
    var composed: [(coefficients: [Double], offset: Double)] = []
    for unit in 0...sides.count {
      let row = self.coefficients(unit)
      var coefficients = Array(row[..<inputCount])
      var offset = self.offset(unit)
      for below in 0..<min(unit, sides.count) where sides[below] > 0 {
        let factor = row[Int(net.inputs) + below]
        guard factor != 0 else { continue }
        for place in coefficients.indices {
          coefficients[place] += factor * composed[below].coefficients[place]
        }
        offset += factor * composed[below].offset
      }
      composed.append((coefficients, offset))
    }
    return Array(composed[linear.count...])
  }
}

extension NodeVisitor {
  /// The last that can be done for a part in which nothing is left to split.
  ///
  /// - Returns: where the margin is smallest on it, as the way from the centre; nil where that is not known, or no
  ///   more needed.
  func finish(_ node: inout MarginSearch.Node) -> [Double]? {
    node.bound = row.climb(&node.choice, .init(passes: 60, target: node.overhead))
    guard node.bound <= node.overhead, let answer = network.program(node.choice.sides) else {
      return nil
    }
    var choice = node.choice
    var lowest: [Double]?
    switch answer {
    case .unknown: return nil
    case .optimum(let multipliers, let point): (choice.multipliers, lowest) = (multipliers, point)
    case .empty(let ray):
      // Twice as much of a ray adds twice as much: a few doublings are more than enough.
      for doubling in 0..<40 where row.bound(choice) <= 2 * node.overhead {
        let factor = Double(sign: .plus, exponent: doubling, significand: 1)
        for unit in ray.indices {
          choice.multipliers[unit] = node.choice.multipliers[unit] + factor * ray[unit]
        }
      }
    }
    let bound = row.bound(choice)
    if bound > node.bound { (node.choice, node.bound) = (choice, bound) }
    return node.bound > node.overhead ? nil : lowest
  }
}

import NetworkGraph
import ReLUChain

// Products of the data and a constant along any axes: MatMul with a batch of matrices, Einsum.
extension Lowering {
  /// A sum of products: axes that carry the same label are one axis, and those that the result does not
  /// have are summed over.
  ///
  /// It becomes a convolution of one position's size with a group for each place along the axes that
  /// all three have; a dense operator, where there is one position and one group.
  ///
  /// - Parameters:
  ///   - labels: `[rank]` of the data, each at most once.
  ///   - constantLabels: The same of the constant.
  ///   - result: The same of the result.
  func contraction(
    _ labels: [Int], _ constant: Constant, _ constantLabels: [Int], to result: [Int]
  ) throws(NodeRefusal) -> Lowered {
    var batchAxis: Int?
    if let axis = data.batchAxis {
      batchAxis = result.firstIndex(of: labels[axis])
      let shares = zip(constantLabels, constant.shape).contains { $0 == labels[axis] && $1 != 1 }
      guard batchAxis != nil, !shares else { throw mixing("multiplies") }
    }
    let plan = try ContractionPlan(
      (labels, data.shape), (constantLabels, constant.shape), to: result)
    let shape = result.map { plan.size($0) }
    guard try elementCount(of: shape) <= limits.units else {
      throw NodeRefusal.tooManyUnits(shape)
    }
    let values = try constant.weights(as: "weight")
    try budget.take(values.count)
    let weights = try plan.constant.sources(in: plan.shared + plan.added + plan.summed).map {
      values[$0]
    }
    let (groups, positions) = (plan.count(plan.shared), plan.count(plan.kept))
    let (inputs, outputs) = (plan.count(plan.summed), plan.count(plan.added))
    let before = [groups * inputs, positions]
    let after = [groups * outputs, positions]
    let kind: LinearOperator.Kind
    let uncertainty = Uncertainty(weights: values, errors: constant.errors)
    let bias = [Double](repeating: 0, count: groups * outputs)
    if groups == 1, positions == 1 {
      kind = .dense(Dense(weights: weights, bias: bias, uncertainty: uncertainty))
    } else {
      kind = .convolution(
        Convolution(
          input: (before[0], 1, positions), output: (after[0], 1, positions), kernel: (1, 1),
          stride: (1, 1), pad: (0, 0), dilation: (1, 1), groups: groups, weights: weights,
          bias: bias, uncertainty: uncertainty))
    }
    let unitShape = ReLUChain.withoutBatch(shape, batchAxis: batchAxis)
    var steps = try moved(
      plan.data.sources(in: plan.shared + plan.summed + plan.kept), from: data.unitShape, to: before
    )
    steps.append(step(kind, from: before, to: after))
    let made = LabelledAxes(
      (plan.shared + plan.added + plan.kept).map { ($0, plan.size($0)) })
    steps += try moved(
      made.sources(in: result.filter { made.sizes[$0] != nil }), from: after, to: unitShape)
    return Lowered(
      shape: shape, batchAxis: batchAxis, elementType: data.elementType, steps: steps)
  }

  /// The step that brings units into another order; none where it is theirs.
  private func moved(
    _ source: [Int], from: [Int], to: [Int]
  ) throws(NodeRefusal) -> [Step] {
    source == Array(source.indices) ? [] : [try selection(source, from: from, to: to)]
  }

  /// MatMul with a constant of more than two dimensions: one matrix for every place along the leading
  /// ones, which broadcast.
  func batchedProduct(_ matrix: Constant) throws(NodeRefusal) -> Lowered {
    let isFirst = dataIndex == 0
    // Leading axes are counted from the matrices outwards, so that those of both meet.
    func lead(_ count: Int) -> [Int] { (0..<max(0, count)).reversed().map { $0 } }
    let (rows, inner, columns) = (-1, -2, -3)
    func labels(_ rank: Int, isLeft: Bool) -> [Int] {
      rank == 1 ? [inner] : lead(rank - 2) + (isLeft ? [rows, inner] : [inner, columns])
    }
    let own = labels(data.shape.count, isLeft: isFirst)
    let other = labels(matrix.shape.count, isLeft: !isFirst)
    let both = own + other
    let result =
      lead(max(data.shape.count, matrix.shape.count) - 2)
      + [rows, columns].filter { both.contains($0) }
    return try contraction(own, matrix, other, to: result)
  }

  /// Einsum of the data and a constant.
  func einsum() throws(NodeRefusal) -> Lowered {
    let equation = try call.string("equation", default: "").filter { $0 != " " }
    let sides = equation.split(separator: "->", omittingEmptySubsequences: false).map(String.init)
    let terms = (sides.first ?? "").split(separator: ",", omittingEmptySubsequences: false).map(
      String.init)
    guard node.inputs.count == 2, terms.count == 2, sides.count <= 2 else {
      throw NodeRefusal("'\(equation)'; expected the data and one constant")
    }
    let constant = try call.constant(1 - dataIndex, "operand")
    func labels(_ term: String, rank: Int) throws(NodeRefusal) -> [Int] {
      let result = Self.labels(of: term, rank: rank)
      guard let result, result.count == rank, Set(result).count == rank else {
        throw NodeRefusal(
          "'\(term)' of '\(equation)' for \(rank) dimensions; expected a letter each, none twice")
      }
      return result
    }
    let own = try labels(terms[dataIndex], rank: data.shape.count)
    let other = try labels(terms[1 - dataIndex], rank: constant.shape.count)
    let common = (own + other).filter { $0 < 0 }
    let ellipsis = Set(common).sorted()
    let result: [Int]
    if sides.count == 2 {
      guard let stated = Self.labels(of: sides[1], ellipsis: ellipsis),
        Set(stated).count == stated.count, Set(stated).isSubset(of: own + other)
      else { throw NodeRefusal("'\(sides[1])' of '\(equation)'; expected letters of its operands") }
      result = stated
    } else {
      let once = (own + other).filter { label in (own + other).count { $0 == label } == 1 }
      let letters = once.filter { $0 >= 0 }.sorted()
      // Capital letters come first, or last: runtimes disagree.
      guard letters.allSatisfy({ $0 >= 97 }) || letters.allSatisfy({ $0 < 97 }) else {
        throw NodeRefusal(
          "'\(equation)' orders its result by small and capital letters; expected '->' and the order"
        )
      }
      result = ellipsis + letters
    }
    return try contraction(own, constant, other, to: result)
  }

  /// Letters as numbers, what three dots stand for as negative ones, counted from the last.
  private static func labels(of term: String, rank: Int) -> [Int]? {
    let letters = term.replacing("...", with: "").count
    guard rank >= letters else { return nil }
    return labels(of: term, ellipsis: (0..<rank - letters).map { $0 - (rank - letters) })
  }

  private static func labels(of term: String, ellipsis: [Int]) -> [Int]? {
    let parts = term.split(separator: "...", omittingEmptySubsequences: false)
    guard parts.count <= 2 else { return nil }
    var result: [Int] = []
    for (index, part) in parts.enumerated() {
      if index == 1 { result += ellipsis }
      for scalar in part.unicodeScalars {
        guard scalar.properties.isAlphabetic, scalar.isASCII else { return nil }
        result.append(Int(scalar.value))
      }
    }
    return result
  }
}

/// The axes of an array by their labels; those of one element do not count.
private struct LabelledAxes {
  let labels: [Int]
  let sizes: [Int: Int]

  init(_ axes: [(label: Int, size: Int)]) {
    let long = axes.filter { $0.size != 1 }
    labels = long.map(\.label)
    sizes = Dictionary(long.map { ($0.label, $0.size) }) { first, _ in first }
  }

  /// For every element of the array with its axes in another order, its place in this one.
  func sources(in order: [Int]) throws(NodeRefusal) -> [Int] {
    let identity = AxisMap(identity: labels.map { sizes[$0] ?? 1 })
    var map = identity
    map.axes = order.compactMap { label in
      labels.firstIndex(of: label).map { identity.axes[$0] }
    }
    return try map.sources()
  }
}

/// Which axes of a product are what.
private struct ContractionPlan {
  let data, constant: LabelledAxes
  /// Of all three: one matrix a place.
  let shared: [Int]
  /// Of data and constant.
  let summed: [Int]
  /// Of data and result: one product a place.
  let kept: [Int]
  /// Of constant and result.
  let added: [Int]

  init(
    _ own: (labels: [Int], shape: [Int]), _ other: (labels: [Int], shape: [Int]), to result: [Int]
  ) throws(NodeRefusal) {
    data = LabelledAxes(Array(zip(own.labels, own.shape)))
    constant = LabelledAxes(Array(zip(other.labels, other.shape)))
    for label in data.labels {
      guard let size = constant.sizes[label], size != data.sizes[label] else { continue }
      throw NodeRefusal(
        "weight is \(shapeText(other.shape)), the data \(shapeText(own.shape)); expected axes of the"
          + " same size")
    }
    let (data, constant) = (data, constant)
    func isOwn(_ label: Int) -> Bool { data.sizes[label] != nil }
    func isOther(_ label: Int) -> Bool { constant.sizes[label] != nil }
    shared = result.filter { isOwn($0) && isOther($0) }
    kept = result.filter { isOwn($0) && !isOther($0) }
    added = result.filter { !isOwn($0) && isOther($0) }
    summed = data.labels.filter { isOther($0) && !result.contains($0) }
    let alone =
      data.labels.filter { !isOther($0) && !result.contains($0) }
      + constant.labels.filter { !isOwn($0) && !result.contains($0) }
    guard alone.isEmpty else {
      throw NodeRefusal("sums over an axis of one operand alone; expected one that both have")
    }
  }

  func size(_ label: Int) -> Int { data.sizes[label] ?? constant.sizes[label] ?? 1 }

  func count(_ labels: [Int]) -> Int { labels.reduce(1) { $0 * size($1) } }
}

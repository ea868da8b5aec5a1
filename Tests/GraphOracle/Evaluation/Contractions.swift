import NumberSupport

/// Einsum, and resampling by the nearest element.
extension NodeEvaluator {
  /// The sum over every letter that the result does not have, of products of two operands.
  mutating func contraction(_ node: OracleNode) -> Tensor {
    let (tensors, isData) = operands(node)
    let sides = node.string("equation", "").split(separator: ">").map(String.init)
    let terms = sides[0].dropLast().split(separator: ",").map { Array($0) }
    let result = Array(sides[1])
    var sizes: [Character: Int] = [:]
    for (letters, tensor) in zip(terms, tensors) {
      for (letter, size) in zip(letters, tensor.shape) { sizes[letter] = size }
    }
    let summed = sizes.keys.filter { !result.contains($0) }.sorted()
    let role = Role(tensors[0].type, isData: isData)
    let shape = result.map { sizes[$0] ?? 1 }
    var numbers: [Number] = []
    for outer in indices(of: shape) {
      let products = indices(of: summed.map { sizes[$0] ?? 1 }).map { inner in
        let place = Dictionary(uniqueKeysWithValues: zip(result + summed, outer + inner))
        let factors = zip(terms, tensors).map { letters, tensor in
          tensor[letters.map { place[$0] ?? 0 }]
        }
        return Term.product(factors[0], factors[1])
      }
      numbers.append(affine(products, bias: nil, role, isLate: false))
    }
    return Tensor(shape, tensors[0].type, isData: isData, numbers)
  }

  /// More elements by whole factors: each new one takes the nearest old one.
  func resampled(_ node: OracleNode) -> Tensor {
    let x = required(node, 0)
    let scales = input(node, node.op == "Upsample" || opset < 11 ? 1 : 2)
    let shape =
      scales.map { zip(x.shape, $0.numbers).map { $0 * system.integer($1) } }
      ?? integers(node, input: 3, "sizes") ?? x.shape
    let isCentred =
      node.op == "Resize" && opset >= 11
      && node.string("coordinate_transformation_mode", "half_pixel") == "half_pixel"
    let numbers = indices(of: shape).map { index in
      x[
        index.indices.map { axis in
          let (old, new) = (x.shape[axis], shape[axis])
          guard isCentred else { return index[axis] * old / new }
          // (i + 1/2) old / new - 1/2, ties downwards: that less 1/2, rounded up.
          let twice = (2 * index[axis] + 1) * old - 2 * new
          let place = twice > 0 ? (twice + 2 * new - 1) / (2 * new) : twice / (2 * new)
          return min(max(place, 0), old - 1)
        }]
    }
    return x.with(shape, numbers)
  }
}

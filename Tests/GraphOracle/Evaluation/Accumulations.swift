import NumberSupport

/// Operators that no other kind of layer resembles.
extension NodeEvaluator {
  /// Every sum of an axis up to a place, or from it on.
  mutating func cumulated(_ node: OracleNode) -> Tensor {
    let x = required(node, 0)
    let given = system.integer(required(node, 1).numbers[0])
    let axis = given < 0 ? given + x.shape.count : given
    let (isExclusive, isReversed) = (node.int("exclusive", 0) == 1, node.int("reverse", 0) == 1)
    let role = Role(x.type, isData: x.isData)
    var numbers: [Number] = []
    for index in indices(of: x.shape) {
      let places = (0..<x.shape[axis]).filter { place in
        if place == index[axis] { return !isExclusive }
        return isReversed ? place > index[axis] : place < index[axis]
      }
      let terms = places.map { place in
        var own = index
        own[axis] = place
        return Term.number(x[own])
      }
      numbers.append(terms.isEmpty ? system.stored(0) : system.sum(terms, role))
    }
    return x.with(x.shape, numbers)
  }

  /// `x + bias` below `-lambd`, `x - bias` above `lambd`, 0 between.
  mutating func shrunk(_ node: OracleNode) -> Tensor {
    let (tensors, isData) = operands(node)
    let x = tensors[0]
    let role = Role(x.type, isData: isData, isElementwise: true)
    let bias = system.loaded(system.stored(node.float("bias", 0)))
    let end = system.loaded(system.stored(node.float("lambd", 0.5)))
    var numbers: [Number] = []
    for element in x.numbers {
      if system.isLess(end, element) {
        numbers.append(system.total(element, system.negative(bias), role))
      } else if system.isLess(element, system.negative(end)) {
        numbers.append(system.total(element, bias, role))
      } else {
        numbers.append(system.stored(0))
      }
    }
    return x.with(x.shape, numbers)
  }

  /// LinearRegressor of ai.onnx.ml.
  mutating func regression(_ node: OracleNode) -> Tensor {
    let x = required(node, 0)
    let (weights, offsets) = (node.floats("coefficients"), node.floats("intercepts"))
    let role = Role(x.type, isData: true)
    let isLate = system.way(of: 2) == 1
    var numbers: [Number] = []
    for target in 0..<node.int("targets", 1) {
      var terms: [Term<Number>] = []
      for (place, element) in x.numbers.enumerated() {
        let weight = system.loaded(system.stored(weights[target * x.numbers.count + place]))
        terms.append(.product(element, weight))
      }
      let offset = offsets.isEmpty ? nil : system.loaded(system.stored(offsets[target]))
      numbers.append(affine(terms, bias: offset, role, isLate: isLate))
    }
    return x.with([1, numbers.count], numbers)
  }
}

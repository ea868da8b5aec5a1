import NumberSupport

/// What is piecewise linear for some numbers only, and activations in two orders of the axes.
extension GraphMaker {
  mutating func small(_ kind: Rewriting) {
    let x = data.name
    switch kind {
    case .magnitudes:
      let axis = int(1...data.shape.count - 1)
      let keeps = axis == 1 || random.chance(0.5)
      data.name = reduction("ReduceL1", x, axes: [axis], keeps: keeps)
      if keeps { data.shape[axis] = 1 } else { data.shape.remove(at: axis) }
    case .averaged:
      switch int(0...3) {
      case 0: step("Mean", [x, operand(-6...6)])
      case 1: step("Mean", [node("Relu", [x]), x])
      case 2: step("Mean", [x, operand(-6...6), operand(-6...6), operand(-6...6)])
      default: step("Mean", [x, x])
      }
    default: movedShrink()
    }
  }

  /// A soft threshold of which the pieces, and so the result, lie in another order of the axes.
  private mutating func movedShrink() {
    let (x, type) = (data.name, data.type)
    let order = [0] + Array(1..<data.shape.count).shuffled(using: &random)
    func moved(_ maker: inout GraphMaker, _ value: String) -> String {
      maker.node("Transpose", [value], ["perm": .ints(order)])
    }
    let end = quarter(1...5)
    let (above, below) = (stored([], type, [end]), stored([], type, [-end]))
    let right = moved(&self, node("Sub", [x, above]))
    let left = moved(&self, node("Add", [x, above]))
    let y = moved(&self, x)
    let (isAbove, isBelow) = (node("Greater", [y, above]), node("Less", [y, below]))
    if random.chance(0.5) {
      let zero = stored([], type, [0])
      step("Where", [isAbove, right, node("Where", [isBelow, left, zero])])
    } else {
      func flag(_ maker: inout GraphMaker, _ mask: String) -> String {
        maker.node("Cast", [mask], ["to": .int(type.rawValue)])
      }
      let parts = [
        node("Mul", [flag(&self, isAbove), right]), node("Mul", [left, flag(&self, isBelow)]),
      ]
      step("Add", parts)
    }
    data.shape = order.map { data.shape[$0] }
  }
}

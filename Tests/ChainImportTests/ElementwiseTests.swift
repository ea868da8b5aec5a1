import NetworkGraph
import ReLUChain
import TestSupport
import Testing

@Suite struct ElementwiseTests {
  private static let operators = ["Add", "Sub", "Mul", "Div"]

  @Test("Add, Sub, Mul and Div broadcast on either side", arguments: UInt64(0)..<200)
  func arithmetic(seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    let type = random.pick(Self.operators, or: "Add")
    let shape = [1] + (0..<random.draw(1...3)).map { _ in random.draw(1...3) }
    let rank = random.draw(0...shape.count)
    let other = shape.suffix(rank).map { random.chance(0.5) ? $0 : $0 == 1 ? 3 : 1 }
    let dataIsFirst = type == "Div" || random.chance(0.5)
    let x = Grid(shape: shape, values: random.draw(shape.reduce(1, *)))
    // Divisors are powers of 2, whose reciprocals are exact.
    let values = random.draw(other.reduce(1, *)).map { type == "Div" ? $0 < 0 ? -2.0 : 4.0 : $0 }
    let c = Grid(shape: Array(other), values: values)
    var maker = NetworkMaker(shape)
    let name = maker.floats(c.shape, c.values)
    maker.last = maker.node(type, dataIsFirst ? ["x", name] : [name, "x"])

    let result = shape.enumerated().map { axis, size in
      let own = axis - (shape.count - other.count)
      return own < 0 ? size : max(size, other[own])
    }
    let expected = Grid(shape: result, values: []).indices.map { index -> Double in
      let a = x[zip(index, shape).map { $1 == 1 ? 0 : $0 }]
      let b = c[zip(index.suffix(other.count), other).map { $1 == 1 ? 0 : $0 }]
      let (left, right) = dataIsFirst ? (a, b) : (b, a)
      return switch type {
      case "Add": left + right
      case "Sub": left - right
      case "Mul": left * right
      default: left / right
      }
    }
    guard expected.count > 1 else { return }
    #expect(try maker.flatChain().logits(of: x.values) == expected)
  }

  @Test("Sum adds all constants, Neg changes the sign, Identity and Dropout do nothing")
  func simpleOnes() throws {
    var maker = NetworkMaker([1, 3])
    let (a, b) = (maker.floats([3], [1, 2, 3]), maker.floats([1, 1], [10]))
    maker.last = maker.node("Sum", [a, maker.last, b])
    maker.then("Neg")
    maker.then("Identity")
    maker.then("Dropout", [maker.floats([], [0.5])], [:])
    #expect(try maker.chain().logits(of: [4, 5, -6]) == [-15, -17, -7])
    #expect(try maker.chain().layers.map(\.operatorType) == ["Sum", "Sum", "Neg"])
  }

  @Test("BatchNormalization is gamma (x - mean) / sqrt(variance + epsilon) + beta per channel")
  func batchNormalization() throws {
    // Squares: the roots are exact, and so is everything else.
    var maker = NetworkMaker([1, 2, 2])
    let constants = [
      maker.floats([2], [3, -4]), maker.floats([2], [1, 2]), maker.floats([2], [5, 6]),
      maker.floats([2], [3, 15]),
    ]
    maker.then("BatchNormalization", constants, ["epsilon": .float(1)])
    let chain = try maker.flatChain()
    #expect(chain.logits(of: [1, 2, 3, 4]) == [-5, -3.5, 5, 4])
    let operators = chain.stages[0].operators
    guard operators.count >= 2, case .scaling(let normalizing) = operators[0].kind,
      case .scaling(let scaling) = operators[1].kind
    else {
      Issue.record("expected two scalings")
      return
    }
    #expect(normalizing.scale == [0.5, 0.5, 0.25, 0.25])
    #expect(normalizing.shift == [-2.5, -2.5, -1.5, -1.5])
    #expect(normalizing.shiftMagnitude == [2.5, 2.5, 1.5, 1.5])
    #expect(scaling.scale == [3, 3, -4, -4])
    #expect(scaling.shift == [1, 1, 2, 2])
    #expect(normalizing.uncertainty == Uncertainty(roundings: 5))
    #expect(scaling.uncertainty == .none)
    #expect((normalizing.deployedRoundings, scaling.deployedRoundings) == (5, 3))
  }

  @Test("roundings are counted: none for Neg, one for Add, Sub, Mul, two for a rounded reciprocal")
  func roundings() throws {
    func scaling(_ type: String, _ values: [Double], dataIsFirst: Bool = true) throws -> Scaling? {
      var maker = NetworkMaker([1, 2])
      let c = maker.floats([2], values)
      maker.last = maker.node(
        type, type == "Neg" ? ["x"] : dataIsFirst ? ["x", c] : [c, "x"])
      guard case .scaling(let scaling) = try maker.chain().stages[0].operators[0].kind else {
        return nil
      }
      return scaling
    }
    #expect(try scaling("Neg", [1, 1])?.deployedRoundings == 0)
    for type in ["Add", "Sub", "Mul"] {
      #expect(try scaling(type, [0.1, -3])?.deployedRoundings == 1)
      #expect(try scaling(type, [0.1, -3])?.uncertainty == Uncertainty.none)
    }
    #expect(try scaling("Sub", [2, -3], dataIsFirst: false)?.scale == [-1, -1])
    #expect(try scaling("Sub", [2, -3], dataIsFirst: false)?.shift == [2, -3])
    #expect(try scaling("Sub", [2, -3])?.shiftMagnitude == [2, 3])
    #expect(try scaling("Div", [2, 8])?.deployedRoundings == 1)
    #expect(try scaling("Div", [2, 8])?.uncertainty == Uncertainty.none)
    #expect(try scaling("Div", [2, 3])?.deployedRoundings == 2)
    #expect(try scaling("Div", [2, 3])?.uncertainty == Uncertainty(roundings: 1))
  }

  @Test("what is not linear, or has no number, is refused")
  func refused() {
    func refusal(_ inputs: (String) -> [String], _ type: String, _ values: [Double]) -> [String] {
      var maker = NetworkMaker([1, 2])
      let c = maker.floats([2], values, name: "c")
      maker.last = maker.node(type, inputs(c), name: "n")
      return maker.refusals
    }
    #expect(
      refusal({ [$0, "x"] }, "Div", [1, 2]) == [
        "node 'n' (Div): divides a constant by data, which is not linear"
      ])
    #expect(
      refusal({ ["x", $0] }, "Div", [1, 0]) == [
        "node 'n' (Div): divides by 0 of 'c'; expected a divisor with a finite reciprocal"
      ])
    #expect(
      refusal({ ["x", $0] }, "Add", [1, .nan]) == [
        "node 'n' (Add): constant 'c'[1] is NaN; expected a finite number"
      ])
    #expect(
      refusal({ _ in ["x", "x"] }, "Mul", [1, 1]) == [
        "node 'n' (Mul): both inputs depend on the network's input; their product is not linear"
      ])
    var shapes = NetworkMaker([1, 4])
    shapes.then("Add", [shapes.floats([3], [1, 2, 3], name: "c")], name: "n")
    #expect(
      shapes.refusals == [
        "node 'n' (Add): its constant 'c' is [3]; expected a shape that broadcasts with [1, 4] for"
          + " input 'x'"
      ])
  }

  @Test("batch-norm in training, of a negative variance or per activation is refused")
  func refusedNorms() {
    func refusal(_ variance: Double, _ attributes: [String: Attribute]) -> [String] {
      var maker = NetworkMaker([1, 1, 2])
      let one = maker.floats([1], [1])
      let spread = maker.floats([1], [variance])
      maker.then("BatchNormalization", [one, one, one, spread], attributes, name: "bn")
      return maker.refusals
    }
    #expect(
      refusal(1, ["training_mode": .int(1)]) == [
        "node 'bn' (BatchNormalization): training_mode is 1; expected a network exported for"
          + " inference"
      ])
    #expect(refusal(-1, [:]).count == 1)
    #expect(refusal(0, ["epsilon": .float(0)]).count == 1)
    #expect(refusal(1, ["spatial": .int(0)]).count == 1)
    #expect(refusal(1, ["epsilon": .float(.nan)]).count == 1)
  }

  @Test(
    "batch-norm that writes the data's statistics is in training, and refused; names left out are none"
  )
  func normsInTraining() {
    func refusals(_ others: [String], opset: Int, _ attributes: [String: Attribute] = [:])
      -> [String]
    {
      var maker = NetworkMaker([1, 2, 2], opset: opset)
      let pair = maker.floats([2], [1, 2])
      maker.then("BatchNormalization", [pair, pair, pair, pair], attributes, name: "bn")
      maker.graph.nodes[0].outputs += others
      maker.then("Reshape", [maker.integers([1, 4])])
      return maker.refusals
    }
    let written = ["mean", "variance", "saved", "too"]
    for opset in [7, 9, 13, 17] {
      #expect(
        refusals(written, opset: opset) == [
          "node 'bn' (BatchNormalization): writes the data's own statistics (5 outputs), as training"
            + " does; expected a network exported for inference"
        ])
      #expect(refusals(["", ""], opset: opset) == [])
    }
    // Before operator set 7 an attribute said it.
    #expect(refusals(written, opset: 6, ["is_test": .int(1)]) == [])
    #expect(refusals([], opset: 6).count == 1)
  }
}

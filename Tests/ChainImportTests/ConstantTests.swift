import ChainImport
import NetworkGraph
import ReLUChain
import TestSupport
import Testing

@Suite struct ConstantTests {
  /// The constant that a subgraph makes, added to two zeros.
  private func scaling(_ build: (inout NetworkMaker) -> String) throws -> Scaling {
    var maker = NetworkMaker([1, 2])
    let value = build(&maker)
    maker.then("Add", [value])
    guard case .scaling(let scaling) = try maker.chain().stages[0].operators[0].kind else {
      throw ChainRefusal(.graph, "expected a scaling")
    }
    return scaling
  }

  @Test("the Shape, Gather, Concat, Reshape idiom folds, with any spelling of the batch")
  func viewIdiom() throws {
    for dimension in [Dimension.symbolic("batch"), .unknown, .fixed(0), .fixed(1)] {
      var maker = NetworkMaker([dimension, .fixed(3), .fixed(2), .fixed(2)], opset: 11)
      let shape = maker.node("Shape", [maker.last])
      let zero = maker.store(Tensor(shape: [], elementType: .int64, elements: .integer([0])))
      let batch = maker.node("Gather", [shape, zero], ["axis": .int(0)])
      let list = maker.node("Unsqueeze", [batch], ["axes": .ints([0])])
      let target = maker.node("Concat", [list, maker.integers([-1])], ["axis": .int(0)])
      maker.then("Reshape", [target])
      let weight = maker.floats([12, 2], Array(repeating: 1, count: 24))
      maker.then("MatMul", [weight])
      #expect(try maker.chain().inputShape == [3, 2, 2])
    }
  }

  @Test("constants of every operator fold to their values")
  func values() throws {
    let result = try scaling { maker in
      // where([0, 2] == range(0, 4, 2), -(2 * 3), 1 / sqrt(4)) + 1, with a cast and an expansion.
      let start = maker.store(Tensor(shape: [], elementType: .int64, elements: .integer([0])))
      let limit = maker.store(Tensor(shape: [], elementType: .int64, elements: .integer([4])))
      let step = maker.store(Tensor(shape: [], elementType: .int64, elements: .integer([2])))
      let range = maker.node("Range", [start, limit, step])
      let same = maker.node("Equal", [range, maker.integers([0, 5])])
      let six = maker.node("Mul", [maker.floats([], [2]), maker.floats([], [3])])
      let root = maker.node("Sqrt", [maker.floats([], [4])])
      let half = maker.node("Reciprocal", [root])
      let picked = maker.node("Where", [same, maker.node("Neg", [six]), half])
      let ones = maker.node(
        "ConstantOfShape", [maker.integers([1])],
        ["value": .tensor(Tensor(shape: [1], elementType: .int64, elements: .integer([1])))])
      let cast = maker.node("Cast", [ones], ["to": .int(1)])
      let wide = maker.node("Expand", [cast, maker.integers([2])])
      return maker.node("Add", [picked, wide])
    }
    #expect(result.shift == [-5, 1.5])
    #expect(result.uncertainty == .none)
    #expect(result.deployedRoundings == 1)
  }

  @Test("Transpose, Reshape, Squeeze and Slice move constants as they move data")
  func structure() throws {
    let result = try scaling { maker in
      let stored = maker.floats([1, 2, 3], [1, 2, 3, 4, 5, 6])
      let turned = maker.node("Transpose", [stored], ["perm": .ints([2, 1, 0])])
      let flat = maker.node("Squeeze", [turned, maker.integers([2])])
      let row = maker.node(
        "Slice", [flat, maker.integers([1]), maker.integers([2]), maker.integers([0])])
      return maker.node("Reshape", [row, maker.integers([-1])])
    }
    #expect(result.shift == [2, 5])
  }

  @Test(
    "a computed constant is held as its type has it, and what it may be lies within its errors")
  func errors() throws {
    let third = try scaling { maker in
      maker.node("Div", [maker.floats([], [1]), maker.floats([2], [3, 3])])
    }
    let held = Double(Float(1) / 3)
    #expect(third.shift == [held, held])
    #expect(third.uncertainty.perUnit >= abs(held - 1.0 / 3))
    // Two roundings: a runtime may multiply by a rounded reciprocal. And one of what is held.
    let inverse = Double(Float(1) * (Float(1) / Float(3)))
    #expect(third.uncertainty.perUnit >= abs(inverse - held))
    #expect(third.uncertainty.perUnit < 0x1.81p-23 / 3)
    // Exact in binary64, rounded in binary32.
    let product = try scaling { maker in
      maker.node("Mul", [maker.floats([], [0.1]), maker.floats([2], [0.1, 3])])
    }
    let tenth = Double(Float(0.1))
    #expect(product.shift == [0.1, 3].map { Double(Float(0.1) * $0) })
    for (value, exact) in zip(product.shift, [tenth * tenth, tenth * 3]) {
      #expect(product.uncertainty.perUnit >= abs(exact - value))
    }
    #expect(product.uncertainty.perUnit < 0x1p-24)
    let sum = try scaling { maker in
      maker.node("Add", [maker.floats([], [0x1p26]), maker.floats([2], [1, 2])])
    }
    #expect(sum.shift == [0x1p26, 0x1p26])
    #expect(sum.uncertainty.perUnit >= 2)
    #expect(sum.uncertainty.perUnit < 6.1)
  }

  @Test("the error of a held constant is that of the number held: its own rounding and the others'")
  func heldApart() throws {
    // 1 + 3/2 ulp, held as 1 + 2 ulp; from left to right every half ulp is absorbed.
    let sum = try scaling { maker in
      let small = maker.floats([2], [0x1p-24, 0x1p-24])
      return maker.node("Sum", [maker.floats([2], [1, 1]), small, small, small])
    }
    #expect(sum.shift == [1 + 0x1p-22, 1 + 0x1p-22])
    let absorbed = Double(((Float(1) + 0x1p-24) + 0x1p-24) + 0x1p-24)
    #expect(sum.uncertainty.perUnit >= sum.shift[0] - absorbed)
  }

  @Test("a constant computed in half precision carries that type's rounding")
  func halfErrors() throws {
    for (type, code, step) in [
      (ElementType.float16, 10, 0x1p-11), (.bfloat16, 16, 0x1p-8),
    ] {
      let result = try scaling { maker in
        let one = maker.store(Tensor(shape: [], elementType: type, elements: .float([1])))
        let three = maker.store(Tensor(shape: [2], elementType: type, elements: .float([3, 3])))
        return maker.node(
          "Cast", [maker.node("Div", [one, three])], ["to": .int(1)], name: "cast \(code)")
      }
      let exact = type.format?.rounded(1.0 / 3) ?? 0
      #expect(result.uncertainty.perUnit >= abs(exact - 1.0 / 3))
      #expect(result.uncertainty.perUnit <= 1.01 * step)
    }
  }

  @Test("cancellation of rounded constants keeps what the parts may have lost")
  func cancellation() throws {
    // (2^26 + 1) - 2^26: 1, but 0 where the sum was rounded to binary32.
    let result = try scaling { maker in
      let large = maker.floats([], [0x1p26])
      let sum = maker.node("Add", [large, maker.floats([2], [1, 1])])
      return maker.node("Sub", [sum, large])
    }
    #expect(result.shift == [0, 0])
    #expect(result.uncertainty.perUnit >= 1)
    // The same as a factor: the numbers vanish as deployed, so that all of it is an absolute error.
    var maker = NetworkMaker([1, 2])
    let large = maker.floats([], [0x1p26])
    let sum = maker.node("Add", [large, maker.floats([2], [1, 1])])
    maker.then("Mul", [maker.node("Sub", [sum, large])], name: "mul")
    guard case .scaling(let factor) = try maker.chain().stages[0].operators[0].kind else {
      Issue.record("expected a scaling")
      return
    }
    #expect(factor.uncertainty.perInput >= 1)
  }

  @Test("an unfolded batch-norm is as good as its operator", arguments: UInt64(0)..<50)
  func unfoldedNorm(seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    func floats(_ range: ClosedRange<Double>) -> [Double] {
      (0..<2).map { _ in Double(Float(Double.random(in: range, using: &random))) }
    }
    let (gamma, beta, mean) = (floats(-2...2), floats(-2...2), floats(-2...2))
    let variance = floats(0.1...2)
    let result = try scaling { maker in
      let epsilon = maker.floats([], [1e-3])
      let root = maker.node(
        "Sqrt", [maker.node("Add", [maker.floats([2], variance), epsilon])])
      let scale = maker.node("Div", [maker.floats([2], gamma), root])
      let moved = maker.node("Mul", [maker.floats([2], mean), scale])
      return maker.node("Sub", [maker.floats([2], beta), moved])
    }
    for unit in 0..<2 {
      let scale = gamma[unit] / (variance[unit] + Double(Float(1e-3))).squareRoot()
      let shift = beta[unit] - mean[unit] * scale
      // The constant that a network in binary32 computes, step by step.
      let root = (Float(variance[unit]) + Float(1e-3)).squareRoot()
      let deployed = Float(beta[unit]) - Float(mean[unit]) * (Float(gamma[unit]) / root)
      #expect(abs(result.shift[unit] - shift) <= result.uncertainty.perUnit)
      #expect(abs(result.shift[unit] - Double(deployed)) <= result.uncertainty.perUnit)
    }
    // Not more than a few roundings of the largest number on the way.
    #expect(result.uncertainty.perUnit < 0x1p-17)
  }

  @Test("what a constant cannot be is refused where it is made, once")
  func refused() {
    func refusal(_ build: (inout NetworkMaker) -> String) -> [String] {
      var maker = NetworkMaker([1, 2])
      let value = build(&maker)
      maker.then("Add", [value], name: "add")
      maker.then("Relu")
      return maker.refusals
    }
    #expect(
      refusal { $0.node("Det", [$0.floats([1, 1], [2])], name: "det") } == [
        "node 'det' (Det): not supported between constants; expected them folded before export"
      ])
    #expect(
      refusal { $0.node("Constant", [], ["value_string": .string("a")], name: "k") } == [
        "node 'k' (Constant): its attributes 'value_string' hold no tensor of numbers"
      ])
    #expect(
      refusal {
        $0.node("Mul", [$0.integers([Int.max]), $0.integers([2])], name: "mul")
      } == [
        "node 'mul' (Mul): 9223372036854775807 and 2 have no result in int64"
      ])
    #expect(
      refusal { $0.node("Div", [$0.integers([1]), $0.integers([0])], name: "d") } == [
        "node 'd' (Div): 1 and 0 have no result in int64"
      ])
    #expect(
      refusal { $0.node("ConstantOfShape", [$0.integers([1 << 30])], name: "z") }.count == 1)
    #expect(
      refusal { _ in "nowhere" } == ["node 'add' (Add): reads 'nowhere', which nothing writes"])
    #expect(
      refusal { $0.store(Tensor(shape: [2], elementType: .int8, elements: .integer([1, 2])), "q") }
        == ["node 'add' (Add): constant 'q' is int8; expected a floating-point tensor"])
  }

  @Test("limits are options: what is too much by default may be asked for")
  func limits() throws {
    var maker = NetworkMaker([1, 8])
    maker.then("Add", [maker.floats([8], Array(repeating: 1, count: 8))])
    var limits = ChainLimits()
    #expect(throws: Never.self) { try ReLUChain(validating: maker.finished, limits: limits) }
    limits.units = 7
    #expect(throws: ChainRefusals.self) {
      try ReLUChain(validating: maker.finished, limits: limits)
    }
  }

  @Test("doubling a constant without end stops at the limit, not at the machine's memory")
  func doubling() {
    var maker = NetworkMaker([1, 2])
    var value = maker.floats([1 << 10], Array(repeating: 0, count: 1 << 10))
    for _ in 0..<40 { value = maker.node("Concat", [value, value], ["axis": .int(0)]) }
    maker.then("Add", [value])
    #expect(maker.refusals.count == 1)
    #expect(maker.refusals.first?.contains("limit that follows from the file's size") == true)
  }

  @Test("what constants lose by sums, products and powers is charged; choices lose nothing")
  func charged() throws {
    func error(_ build: (inout NetworkMaker) -> String) throws -> Double {
      try scaling(build).uncertainty.perUnit
    }
    let exact = try error { maker in
      let largest = maker.node("Max", [maker.floats([2], [0.1, 2]), maker.floats([], [1])])
      return maker.node("Abs", [maker.node("Min", [largest, maker.floats([2], [-3, 5])])])
    }
    #expect(exact == 0)
    let product = try error { maker in
      maker.node(
        "MatMul", [maker.floats([3], [1, 2, 3]), maker.floats([3, 2], [1, 2, 3, 4, 5, 6])])
    }
    #expect(product >= 28 * 0x1p-24)
    let power = try error { maker in
      maker.node("Pow", [maker.floats([2], [2, 3]), maker.floats([], [0.5])])
    }
    #expect(power >= 4 * 3.0.squareRoot() * 0x1p-24)
    // Whole numbers of few digits are summed exactly in every order; others are not.
    func sum(_ values: [Double]) throws -> Double {
      try error { maker in
        maker.node(
          "ReduceSum", [maker.floats([3, 2], values), maker.integers([0])], ["keepdims": .int(0)])
      }
    }
    #expect(try sum([1, 2, 3, 4, 5, 6]) == 0)
    #expect(try sum([0.1, 2, 3, 4, 5, 6]) >= 12 * 0x1p-24)
  }

  @Test("a rounded constant is neither compared nor rounded to whole numbers")
  func refusedFunctions() throws {
    func reasons(_ build: (inout NetworkMaker) -> String) -> String {
      var maker = NetworkMaker([1, 2])
      let value = build(&maker)
      maker.then("Add", [value])
      return maker.refusals.joined(separator: "\n")
    }
    for type in ["Floor", "Exp", "Sign"] {
      #expect(
        reasons { maker in
          let third = maker.node("Div", [maker.floats([2], [1, 2]), maker.floats([], [3])])
          return maker.node(type, [third])
        }.contains("of rounded numbers"), "\(type)")
    }
    #expect(
      reasons { maker in maker.node("Exp", [maker.floats([2], [2000, 0])]) }.contains(
        "is infinity; expected a finite number"))
    #expect(
      reasons { maker in maker.node("Exp", [maker.floats([2], [90, 0])]) }.contains(
        "computed in float32, which may overflow on the way"))
    // A 0 by underflow is one with an error.
    #expect(try scaling { $0.node("Exp", [$0.floats([2], [-2000, 0])]) }.shift[0] == 0)
    #expect(
      reasons { maker in
        maker.node("Mod", [maker.integers([1, 2]), maker.integers([0])])
      }.contains("of a division by 0"))
  }
}

import NetworkGraph
import ReLUChain
import TestSupport
import Testing

/// Patterns of several nodes that look like the end of a classifier, or like one path, and are not.
///
/// Each of these changes the order of the classes, or makes all of them equal.
@Suite struct PatternTests {
  /// Logits `[1, 3]` of an input of two features; not negative if asked for.
  private func logits(_ classes: Int = 3, isNonNegative: Bool = false, batch: Int = 1)
    -> NetworkMaker
  {
    var maker = NetworkMaker([batch, 2])
    let weight = maker.floats([2, classes], (0..<2 * classes).map { Double($0 * $0 % 7) - 2 })
    maker.then("MatMul", [weight])
    if isNonNegative { maker.then("Relu") }
    return maker
  }

  private func reduced(
    _ maker: inout NetworkMaker, _ type: String, _ name: String, keepdims: Int64 = 1
  ) -> String {
    type == "ReduceSum"
      ? maker.node(type, [name, maker.integers([1])], ["keepdims": .int(keepdims)])
      : maker.node(type, [name], ["axes": .ints([1]), "keepdims": .int(keepdims)])
  }

  private func isRefused(_ maker: NetworkMaker, _ reason: String, line: Int = #line) {
    let refusals = maker.refusals
    #expect(
      refusals.contains { $0.contains(reason) }, "line \(line): \(refusals)")
  }

  @Test("behind a dropped logarithm nothing is known not to be negative")
  func negativeBehindReLU() {
    for end in ["Abs", "Relu", "LeakyRelu"] {
      var maker = logits(isNonNegative: true)
      maker.then("LogSoftmax", [], ["axis": .int(1)])
      maker.then(end)
      isRefused(maker, "expected LogSoftmax at the end only")
    }
    var largest = logits(isNonNegative: true)
    largest.then("LogSoftmax", [], ["axis": .int(1)])
    largest.then("Max", [largest.floats([], [0])])
    isRefused(largest, "expected LogSoftmax at the end only")
    var shifted = logits(isNonNegative: true)
    let top = reduced(&shifted, "ReduceMax", shifted.last)
    shifted.then("Sub", [top])
    shifted.then("Abs")
    isRefused(shifted, "expected Sub at the end only")
  }

  @Test(
    "exponentials are divided by what is above 0 only",
    arguments: ["ReduceMax", "ReduceLogSumExp"])
  func divisors(type: String) {
    for kind in ["Identity", "Unsqueeze", "Expand", "Cast"] {
      var maker = logits()
      let exponentials = maker.node("Exp", [maker.last])
      let shared = reduced(&maker, type, maker.last, keepdims: kind == "Unsqueeze" ? 0 : 1)
      let rest = kind == "Unsqueeze" || kind == "Expand" ? [maker.integers([1])] : []
      let other = maker.node(kind, [shared] + rest, kind == "Cast" ? ["to": .int(1)] : [:])
      maker.last = maker.node("Div", [exponentials, other])
      #expect(!maker.refusals.isEmpty, "\(type) \(kind)")
    }
    var whole = logits()
    let exponentials = whole.node("Exp", [whole.last])
    let total = reduced(&whole, "ReduceSum", exponentials)
    let cast = whole.node("Cast", [whole.node("Cast", [total], ["to": .int(7)])], ["to": .int(1)])
    whole.last = whole.node("Div", [exponentials, cast])
    #expect(!whole.refusals.isEmpty)
  }

  @Test("a logarithm is taken of what is above 0 only")
  func logarithms() {
    var twice = logits()
    twice.then("Softmax", [], ["axis": .int(1)])
    twice.then("Log")
    twice.then("Log")
    isRefused(twice, "the logarithm")
    var ofShifted = logits()
    ofShifted.then("Softmax", [], ["axis": .int(1)])
    ofShifted.then("Sub", [reduced(&ofShifted, "ReduceMax", ofShifted.last)])
    ofShifted.then("Log")
    isRefused(ofShifted, "the logarithm")
    var ofMaximum = logits()
    let top = reduced(&ofMaximum, "ReduceMax", ofMaximum.last)
    ofMaximum.then("Sub", [ofMaximum.node("Log", [top])])
    #expect(!ofMaximum.refusals.isEmpty)
  }

  @Test("one score alone is no class: its Softmax is 1, its maximum itself, its ArgMax 0")
  func oneScore() {
    for type in ["Softmax", "LogSoftmax"] {
      var maker = logits(1)
      maker.then(type, [], ["axis": .int(1)])
      isRefused(maker, "of one score is the same for every input")
    }
    for type in ["ReduceMax", "ReduceLogSumExp"] {
      var maker = logits(1)
      maker.then("Sub", [reduced(&maker, type, maker.last)])
      #expect(!maker.refusals.isEmpty, "\(type)")
    }
    var label = logits(1)
    label.then("ArgMax", [], ["axis": .int(1)])
    isRefused(label, "of one score is the same for every input")
  }

  @Test("one of the two probabilities of a pair is not the pair")
  func pairParts() throws {
    for (type, lists) in [("Gather", [[0]]), ("Slice", [[0], [1], [1]])] {
      var maker = logits(1)
      let probability = maker.node("Sigmoid", [maker.last])
      let other = maker.node("Sub", [maker.floats([], [1]), probability])
      maker.last = maker.node("Concat", [other, probability], ["axis": .int(1)])
      #expect(maker.refusals.isEmpty)
      let attributes: [String: Attribute] = type == "Gather" ? ["axis": .int(1)] : [:]
      let constants = lists.map { maker.integers($0) }
      maker.then(type, constants, attributes)
      isRefused(
        maker,
        "cuts out the first of two probabilities: nothing says which class one probability is")
    }
  }

  @Test("a pair joined along the batch mixes examples", arguments: ["Neg", "Sigmoid"])
  func batchPairs(type: String) {
    for isFlat in [false, true] {
      var maker = logits(1, batch: 3)
      if isFlat { maker.then("Squeeze", [maker.integers([1])]) }
      let first = maker.node(type, [maker.last])
      let second =
        type == "Neg" ? maker.last : maker.node("Sub", [maker.floats([], [1]), first])
      maker.last = maker.node("Concat", [second, first], ["axis": .int(0)])
      #expect(!maker.refusals.isEmpty)
    }
  }

  @Test("a maximum without its axis lies beside the classes of a batch as large")
  func batchMaxima() {
    for squeezes in [false, true] {
      var maker = logits(batch: 3)
      var top = reduced(&maker, "ReduceMax", maker.last, keepdims: squeezes ? 1 : 0)
      if squeezes { top = maker.node("Squeeze", [top, maker.integers([1])]) }
      maker.then("Sub", [top])
      #expect(!maker.refusals.isEmpty)
    }
  }

  @Test("a branch's names are its own: another branch may use them again")
  func branchNames() throws {
    var maker = NetworkMaker([1, 2])
    for (sign, condition) in [(2.0, 1), (-3.0, 0)] {
      func side(_ factor: Double) -> Graph {
        let factors = Tensor(
          shape: [2], elementType: .float32, elements: .float([Float(factor), 1]))
        return Graph(
          name: "side", inputs: [],
          outputs: [ValueInfo(name: "out", elementType: nil, dimensions: nil)],
          initializers: ["own": factors],
          nodes: [
            Node(
              name: "scale", operatorType: "Mul", inputs: [maker.last, "own"], outputs: ["out"])
          ], opsetVersion: 17)
      }
      let flag = maker.store(
        Tensor(shape: [], elementType: .bool, elements: .integer([Int64(condition)])))
      let result = maker.node("If", [flag])
      let last = maker.graph.nodes.count - 1
      maker.graph.nodes[last].branches = [
        "then_branch": side(condition == 1 ? sign : 100),
        "else_branch": side(condition == 0 ? sign : 100),
      ]
      maker.last = result
    }
    // 2 x, then -3 times that.
    #expect(try maker.chain().logits(of: [1, 5]) == [-6, 5])
  }

  @Test("Split of one part and max pooling in front of a ReLU inside a branch")
  func insideBranch() throws {
    var maker = NetworkMaker([1, 1, 4])
    let flag = maker.store(Tensor(shape: [], elementType: .bool, elements: .integer([1])))
    let branch = Graph(
      name: "", inputs: [], outputs: [ValueInfo(name: "r", elementType: nil, dimensions: nil)],
      initializers: [:],
      nodes: [
        Node(
          name: "pool", operatorType: "MaxPool", inputs: ["x"], outputs: ["p"],
          attributes: ["kernel_shape": .ints([2])]),
        Node(
          name: "split", operatorType: "Split", inputs: ["p"], outputs: ["a", "b", "c"],
          attributes: ["axis": .int(2)]),
        Node(name: "relu", operatorType: "Relu", inputs: ["b"], outputs: ["r"]),
      ], opsetVersion: 17)
    let result = maker.node("If", [flag])
    maker.graph.nodes[0].branches = ["then_branch": branch, "else_branch": branch]
    maker.last = result
    maker.then("Reshape", [maker.integers([1, 1])])
    maker.then("MatMul", [maker.floats([1, 2], [1, -1])])
    #expect(try maker.chain().logits(of: [9, -2, 3, 9]) == [3, -3])
    #expect(try maker.chain().logits(of: [9, -2, -3, 9]) == [0, 0])
  }

  @Test("what the nearest element is must not depend on rounding")
  func nearest() {
    // Elements, scale or size, mode, rounding: onnxruntime takes another element than exact arithmetic.
    let cases: [(count: Int, scale: Double, size: Int, mode: String, rounding: String)] = [
      (8, 1.1, 0, "asymmetric", "round_prefer_ceil"), (82, 0, 2, "half_pixel", "ceil"),
      (10, 0.9, 0, "align_corners", "round_prefer_ceil"), (98, 1 / 49, 0, "asymmetric", "floor"),
    ]
    for own in cases {
      var maker = NetworkMaker([1, 1, own.count])
      let rest =
        own.size > 0
        ? ["", "", maker.integers([1, 1, own.size])] : ["", maker.floats([3], [1, 1, own.scale])]
      maker.then(
        "Resize", rest,
        [
          "coordinate_transformation_mode": .string(own.mode),
          "nearest_mode": .string(own.rounding),
        ])
      isRefused(maker, "depends on rounding")
    }
  }

  @Test("version 10 of Resize leaves out whole steps of elements only")
  func earlyResize() {
    for (scale, isTaken) in [(0.5, true), (0.25, true), (0.6, false), (2, true)] {
      var maker = NetworkMaker([1, 1, 8], opset: 10)
      maker.then("Resize", [maker.floats([3], [1, 1, scale])])
      #expect(maker.refusals.isEmpty == isTaken, "\(scale)")
    }
  }

  @Test("a code of many digits is rounded before it is scaled")
  func largeCodes() throws {
    var maker = NetworkMaker([1, 2])
    let codes = maker.store(
      Tensor(shape: [2], elementType: .int32, elements: .integer([1 << 24 + 1, 3])))
    let made = maker.node("DequantizeLinear", [codes, maker.floats([], [1])])
    maker.then("Add", [made])
    // (2^24 + 1) is no binary32 number: the sum's constant is uncertain by one.
    let chain = try maker.chain()
    guard case .scaling(let scaling) = chain.stages[0].operators[0].kind else {
      Issue.record("no scaling")
      return
    }
    #expect(scaling.uncertainty.perUnit >= 1)
  }

  @Test("a code beyond the scale's type is an infinity where it is rounded first")
  func codesBeyond() throws {
    func refusals(_ code: Int64) -> [String] {
      var maker = NetworkMaker([1, 2])
      let codes = maker.store(
        Tensor(shape: [2], elementType: .int32, elements: .integer([code, 3])))
      let scale = maker.store(
        Tensor(shape: [], elementType: .float16, elements: .float([0.0009765625])))
      let made = maker.node("DequantizeLinear", [codes, scale])
      maker.then("Add", [maker.node("Cast", [made], ["to": .int(1)])])
      return maker.refusals
    }
    #expect(refusals(60_000) == [])
    #expect(refusals(70_000).first?.contains("which may overflow on the way") ?? false)
  }
}

import NetworkGraph
import ReLUChain
import TestSupport
import Testing

/// What parts and joins again, and linear models: what is read is held against onnxruntime by the grid, and
/// against exact minima by the oracle; here is what must not be read, and what is charged.
@Suite struct JoinedTests {
  /// Softshrink by two choices, with what is taken off as it is wanted.
  private func shrink(_ end: Double, taking bias: Double) -> NetworkMaker {
    var maker = NetworkMaker([1, 3])
    let x = maker.last
    let (above, below) = (maker.floats([], [end]), maker.floats([], [-end]))
    let (taken, zero) = (maker.floats([], [bias]), maker.floats([], [0]))
    let isAbove = maker.node("Greater", [x, above])
    let right = maker.node("Where", [isAbove, maker.node("Sub", [x, taken]), zero])
    let isBelow = maker.node("Less", [x, below])
    let left = maker.node("Where", [isBelow, maker.node("Add", [x, taken]), zero])
    maker.last = maker.node("Add", [right, left], name: "joined")
    return maker
  }

  @Test("Softshrink is read in one, and rounds once where it subtracts")
  func shrink() throws {
    let chain = try shrink(0.5, taking: 0.5).chain()
    #expect(chain.logits(of: [-2, 0.25, 0.75]) == [-1.5, 0, 0.25])
    let roundings = chain.stages.flatMap(\.operators).compactMap { linear in
      if case .scaling(let scaling) = linear.kind, !linear.isVirtual {
        scaling.deployedRoundings
      } else {
        nil
      }
    }
    #expect(roundings.reduce(0, +) >= 1)
    #expect(
      chain.notes.contains(
        "'joined' (Add) and 6 nodes in front of it written as ReLUs that bend at -0.5, 0.5, exactly"
      ),
      "\(chain.notes)")
  }

  @Test("a function that jumps is refused, with the place and both values")
  func jumps() {
    #expect(
      shrink(0.5, taking: 0.25).refusals == [
        "node 'joined' (Add): jumps at -0.5, with the 6 nodes in front of it, from -0.25 to 0, which no"
          + " sum of ReLUs does; expected a continuous function"
      ])
    var single = NetworkMaker([1, 3])
    single.then("Shrink", [], ["lambd": .float(0.5), "bias": .float(0)], name: "hard")
    #expect(
      single.refusals == [
        "node 'hard' (Shrink): jumps at -0.5, from -0.5 to 0, which no sum of ReLUs does; expected a"
          + " continuous function"
      ])
  }

  @Test(
    "numbers that differ from unit to unit, or that somebody has computed, are looked at node by node"
  )
  func otherNumbers() {
    var maker = NetworkMaker([1, 3])
    let x = maker.last
    let isAbove = maker.node("Greater", [x, maker.floats([3], [0.5, 0.25, 1])])
    let moved = maker.node("Sub", [x, maker.floats([3], [0.5, 0.25, 1])])
    maker.last = maker.node("Where", [isAbove, moved, maker.floats([], [0])], name: "chosen")
    #expect(maker.refusals.count == 1 && maker.refusals[0].contains("compares with other numbers"))
  }

  @Test("what may be an infinity on the way is covered by a magnitude, or not read")
  func infinities() throws {
    // 0 times (x - 1) where x is below 0: an infinity there would make no number.
    var maker = NetworkMaker([1, 2])
    let x = maker.last
    let mask = maker.node(
      "Cast", [maker.node("Greater", [x, maker.floats([], [1])])], ["to": .int(1)])
    maker.last = maker.node(
      "Mul", [mask, maker.node("Sub", [x, maker.floats([], [1])])], name: "masked")
    #expect(!maker.refusals.isEmpty)
  }

  @Test("branches of unequal depth are skip connections")
  func depth() {
    var maker = NetworkMaker([1, 2])
    let x = maker.last
    let weights = maker.floats([2, 2], [1, 2, 3, 4])
    let deep = maker.node("Relu", [maker.node("MatMul", [x, weights])])
    maker.last = maker.node("Add", [deep, maker.node("MatMul", [x, weights])], name: "joined")
    #expect(
      maker.refusals == [
        "node 'joined' (Add): both inputs depend on the network's input; a chain has no skip connections"
      ])
  }

  @Test("branches of equal depth are one path, whose values are theirs")
  func sideBySide() throws {
    var maker = NetworkMaker([1, 2])
    let x = maker.last
    let parts = [[1.0, -2, 3, 4], [-1, 1, 2, 0.5]].map { weights in
      maker.node("Relu", [maker.node("MatMul", [x, maker.floats([2, 2], weights)])])
    }
    maker.last = maker.node("Sub", parts)
    // (3, 5) times both: (18, 14) and (7, 5.5).
    #expect(try maker.chain().logits(of: [3, 5]) == [11, 8.5])
  }

  @Test("the difference of two numbers is one, and of a number and itself none that is read")
  func difference() throws {
    func joined(_ first: Int, _ second: Int) -> NetworkMaker {
      var maker = NetworkMaker([1, 3])
      let x = maker.last
      let parts = [first, second].map { index in
        maker.node("Gather", [x, maker.integers([index])], ["axis": .int(1)])
      }
      maker.last = maker.node("Sub", parts, name: "less")
      maker.then("MatMul", [maker.floats([1, 2], [1, -2])])
      return maker
    }
    #expect(try joined(2, 0).chain().logits(of: [3, 5, 7]) == [4, -8])
    #expect(
      joined(1, 1).refusals == [
        "node 'less' (Sub): both inputs depend on the network's input; a chain has no skip connections"
      ])
  }

  @Test("the mean of a large image is refused by the size of its matrix")
  func largeMean() {
    var maker = NetworkMaker([1, 3, 96, 96])
    let x = maker.last
    let mean = maker.node("ReduceMean", [x], ["axes": .ints([1, 2, 3])])
    maker.last = maker.node("Sub", [x, mean], name: "centred")
    let refusals = maker.refusals
    #expect(refusals.count == 1 && refusals[0].contains("more elements"), "\(refusals)")
  }

  @Test("branches that would be one path but for their size are refused by it, not as branches")
  func largeBranches() {
    var maker = NetworkMaker([1, 4, 40, 40])
    let x = maker.last
    let parts = (0..<2).map { _ in
      maker.node(
        "Relu",
        [maker.node("Conv", [x, maker.floats([4, 4, 1, 1], Array(repeating: 1, count: 16))])])
    }
    maker.last = maker.node("Concat", parts, ["axis": .int(1)], name: "cat")
    let refusals = maker.refusals
    // 6400 units a branch.
    #expect(refusals.count == 1, "\(refusals)")
    #expect(
      refusals[0].hasPrefix(
        "node 'cat' (Concat): 2 branches written as one path, side by side: asks for 163840000 more"
          + " elements; expected at most "), "\(refusals)")
    #expect(
      refusals[0].hasSuffix(
        ", a limit that follows from the file's size, and that --max-model raises"), "\(refusals)")
  }

  private func classifier(_ labels: [Int64], _ function: String = "SOFTMAX") -> NetworkMaker {
    var maker = NetworkMaker([1, 2])
    maker.graph.nodes.append(
      Node(
        name: "model", operatorType: "LinearClassifier", domain: "ai.onnx.ml", inputs: ["x"],
        outputs: ["label", "scores"],
        attributes: [
          "classlabels_ints": .ints(labels), "coefficients": .floats([1, 2, 3, 4, 5, 6]),
          "intercepts": .floats([0, 1, -1]), "post_transform": .string(function),
        ]))
    return maker
  }

  private func refusals(_ maker: NetworkMaker, outputs: [String]) -> [String] {
    var graph = maker.graph
    graph.outputs = outputs.map { ValueInfo(name: $0, elementType: nil, dimensions: nil) }
    do {
      _ = try ReLUChain(validating: graph)
      return []
    } catch {
      return error.reasons.map(\.description)
    }
  }

  @Test("a linear classifier has a row for each class, and labels that are their numbers")
  func classifiers() {
    #expect(refusals(classifier([0, 1, 2]), outputs: ["label", "scores"]) == [])
    #expect(refusals(classifier([1, 2, 3]), outputs: ["scores"]) == [])
    let other = refusals(classifier([1, 2, 3]), outputs: ["label", "scores"])
    #expect(other.count == 1 && other[0].contains("calls the class of score 0 1"), "\(other)")
    let two = refusals(classifier([0, 1]), outputs: ["scores"])
    #expect(two.count == 1 && two[0].contains("3 scores for 2 classes"), "\(two)")
    for function in ["SOFTMAX_ZERO", "PROBIT"] {
      let found = refusals(classifier([0, 1, 2], function), outputs: ["scores"])
      #expect(
        found.count == 1 && found[0].contains("its post_transform is \(function)"), "\(found)")
    }
  }

  @Test(
    "the sigmoids of -z and z are one score's two probabilities; those of other scores are logits")
  func logisticRegression() throws {
    func logits(_ coefficients: [Double], _ intercepts: [Double], _ function: String) throws
      -> [Double]
    {
      var maker = NetworkMaker([1, 2])
      maker.graph.nodes = [
        Node(
          name: "model", operatorType: "LinearClassifier", domain: "ai.onnx.ml", inputs: ["x"],
          outputs: ["label", "scores"],
          attributes: [
            "classlabels_ints": .ints([0, 1]), "coefficients": .floats(coefficients),
            "intercepts": .floats(intercepts), "post_transform": .string(function),
          ]),
        Node(
          name: "sum", operatorType: "Normalizer", domain: "ai.onnx.ml", inputs: ["scores"],
          outputs: ["probabilities"], attributes: ["norm": .string("L1")]),
      ]
      maker.graph.outputs = ["label", function == "NONE" ? "scores" : "probabilities"].map {
        ValueInfo(name: $0, elementType: nil, dimensions: nil)
      }
      return try ReLUChain(validating: maker.graph).logits(of: [4, 6])
    }
    // 4 - 12 + 0.5.
    #expect(try logits([-1, 2, 1, -2], [-0.5, 0.5], "LOGISTIC") == [0, -7.5])
    #expect(try logits([-1, 2, 1, -2], [-0.5, 0.5], "NONE") == [7.5, -7.5])
    #expect(try logits([-1, 2, 1, -2], [-0.5, 0.5], "SOFTMAX") == [7.5, -7.5])
    #expect(try logits([-1, 2, 1, -2], [-0.5, 1], "LOGISTIC") == [7.5, -7])
    #expect(try logits([-1, 2, 1, -3], [-0.5, 0.5], "LOGISTIC") == [7.5, -13.5])
  }

  @Test("what only replaces NaN is dropped, what replaces a number is not")
  func imputers() {
    for (number, isRead) in [(Double.nan, true), (0, false)] {
      var maker = NetworkMaker([1, 2])
      maker.last = maker.node(
        "Imputer", [maker.last],
        ["imputed_value_floats": .floats([1, 1]), "replaced_value_float": .float(number)],
        domain: "ai.onnx.ml")
      maker.then("Relu")
      #expect(maker.refusals.isEmpty == isRead, "\(number)")
    }
  }

  @Test("two lines that join again round as often as the file computes them")
  func roundings() throws {
    // A product and a sum; and a product, of which the larger is taken.
    for (type, expected) in [("Add", 2), ("Max", 1)] {
      var maker = NetworkMaker([1, 4])
      maker.then("Add", [maker.floats([], [1])])
      let part = maker.node("Mul", [maker.last, maker.floats([], [0.25])])
      let other = type == "Add" ? maker.node("Relu", [maker.last]) : maker.last
      maker.last = maker.node(type, [other, part], name: "joined")
      let scalings = try maker.chain().stages.flatMap(\.operators).compactMap {
        linear -> Scaling? in
        if case .scaling(let scaling) = linear.kind, linear.name == "joined" {
          scaling
        } else {
          nil
        }
      }
      #expect(scalings.map(\.deployedRoundings).max() == expected, "\(type)")
    }
  }
}

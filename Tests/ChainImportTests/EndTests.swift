import NetworkGraph
import ReLUChain
import TestSupport
import Testing

/// What a network may end in, and begin with: scores, probabilities and stored numbers, each as the logits that
/// are meant.
@Suite struct EndTests {
  @Test("one score becomes two classes, with or without Sigmoid, and both probabilities")
  func binaryEnds() throws {
    func logits(_ x: Double, _ build: (inout NetworkMaker) -> Void) throws -> [Double] {
      var maker = NetworkMaker([1, 1])
      maker.then("Add", [maker.floats([1], [1])])
      build(&maker)
      return try maker.chain().logits(of: [x])
    }
    for x in [-5.0, -1, 3] {
      #expect(try logits(x) { _ in } == [0, x + 1])
      #expect(try logits(x) { $0.then("Sigmoid") } == [0, x + 1])
      func pair(_ maker: inout NetworkMaker, reversed: Bool) {
        maker.then("Sigmoid")
        let p = maker.last
        let rest = maker.node("Sub", [maker.floats([1, 1], [1]), p])
        maker.last = maker.node(
          "Concat", reversed ? [p, rest] : [rest, p], ["axis": .int(1)], name: "both")
      }
      #expect(try logits(x) { pair(&$0, reversed: false) } == [0, x + 1])
      #expect(try logits(x) { pair(&$0, reversed: true) } == [x + 1, 0])
    }
    var maker = NetworkMaker([1, 1])
    maker.then("Sigmoid", name: "s")
    #expect(
      try maker.chain().notes.contains(
        "one score z read as two classes, with the logits 0 and z: class 1 where z > 0, a probability"
          + " above 0.5, else class 0"))
  }

  @Test("one score between 0 and 1 is no score by its sign: its class would begin at 0, not at 1/2")
  func unitInterval() throws {
    func refused(_ build: (inout NetworkMaker) -> Void) -> [String] {
      var maker = NetworkMaker([1, 1])
      maker.then("Add", [maker.floats([1], [1])])
      build(&maker)
      return maker.refusals
    }
    let ends: [(inout NetworkMaker) -> Void] = [
      { $0.then("HardSigmoid", name: "p") },
      { $0.then("HardSigmoid", [], ["alpha": .float(-0.5)], name: "p") },
      {
        $0.then("HardSigmoid")
        $0.then("Flatten", name: "p")
      },
      {
        $0.then("HardSigmoid")
        $0.last = $0.node("Sub", [$0.floats([1], [1]), $0.last], name: "p")
      },
      { $0.then("Clip", [$0.floats([], [0]), $0.floats([], [1])], name: "p") },
      {
        $0.then("Relu")
        $0.then("Min", [$0.floats([], [1])], name: "p")
      },
      {
        $0.then("Max", [$0.floats([], [0.25])])
        $0.then("Min", [$0.floats([], [0.75])], name: "p")
      },
    ]
    for (place, end) in ends.enumerated() {
      let reasons = refused(end)
      #expect(reasons.count == 1, "\(place): \(reasons)")
      #expect(reasons.first?.contains("between 0 and 1 after 'p', like a probability") == true)
    }
    // Of either sign, or above 1: the sign says the class.
    for bounds in [[-1.0, 1], [0, 2]] {
      #expect(
        refused { $0.then("Clip", [$0.floats([], [bounds[0]]), $0.floats([], [bounds[1]])]) } == [])
    }
    #expect(refused { $0.then("Relu") } == [])
    // A hidden layer of one unit is no score.
    #expect(
      refused {
        $0.then("HardSigmoid")
        $0.then("MatMul", [$0.floats([1, 2], [1, -1])])
      } == [])
  }

  @Test("a score between 0 and 1 is one in however many operators it is written, others are not")
  func unitIntervalOfSeveral() {
    func reasons(_ build: (inout NetworkMaker) -> Void) -> [String] {
      var maker = NetworkMaker([1, 3])
      maker.then("Add", [maker.floats([3], [1, -2, 0.5])])
      build(&maker)
      return maker.refusals
    }
    func limited(_ maker: inout NetworkMaker) { maker.then("HardSigmoid") }
    let axes: [String: Attribute] = ["axes": .ints([1])]
    let one: [(inout NetworkMaker) -> Void] = [
      {
        limited(&$0)
        $0.then("ReduceMean", [], axes, name: "p")
      },
      {
        limited(&$0)
        $0.then("ReduceMax", [], axes, name: "p")
      },
      {
        limited(&$0)
        $0.then("Gather", [$0.integers([1])], ["axis": .int(1)], name: "p")
      },
      // Weights of a mean.
      {
        limited(&$0)
        $0.then("MatMul", [$0.floats([3, 1], [0.5, 0.25, 0.25])], name: "p")
      },
      // A tent: 1 where the sum is 0, and 0 beyond -1 and 1.
      {
        $0.then("MatMul", [$0.floats([3, 3], [1, 1, 1, 1, 1, 1, 1, 1, 1])])
        $0.then("Add", [$0.floats([3], [1, 0, -1])])
        $0.then("Relu")
        $0.then("MatMul", [$0.floats([3, 1], [1, -2, 1])], name: "p")
      },
      // Relu(z) - Relu(z - 1).
      {
        $0.then("MatMul", [$0.floats([3, 1], [1, -2, 3])])
        let z = $0.last
        let upper = $0.node("Relu", [$0.node("Sub", [z, $0.floats([1], [1])])])
        $0.last = $0.node("Sub", [$0.node("Relu", [z]), upper], name: "p")
      },
      // where(z < 0, 0, where(z > 1, 1, z)).
      {
        $0.then("MatMul", [$0.floats([3, 1], [1, -2, 3])])
        let (z, zero, one) = ($0.last, $0.floats([], [0]), $0.floats([], [1]))
        let (above, below) = ($0.node("Greater", [z, one]), $0.node("Less", [z, zero]))
        $0.last = $0.node("Where", [below, zero, $0.node("Where", [above, one, z])], name: "p")
      },
      {
        $0.then("MatMul", [$0.floats([3, 1], [1, -2, 3])])
        $0.then("Clip", [$0.floats([], [0]), $0.floats([], [1])])
        $0.then("MatMul", [$0.floats([1, 1], [1])], name: "p")
      },
    ]
    for (place, end) in one.enumerated() {
      let reasons = reasons(end)
      #expect(
        reasons.count == 1 && reasons[0].contains("lies between 0 and 1 after 'p'"),
        "\(place): \(reasons)")
    }
    let others: [(inout NetworkMaker) -> Void] = [
      // Votes of either sign, a sum of probabilities, a score on top of one.
      {
        limited(&$0)
        $0.then("MatMul", [$0.floats([3, 1], [0.5, 0.25, -0.25])])
      },
      {
        limited(&$0)
        $0.then("ReduceSum", [$0.integers([1])])
      },
      {
        limited(&$0)
        $0.then("Gemm", [$0.floats([3, 1], [1, 1, 1]), $0.floats([1], [-1.5])])
      },
      // Small where the data are, but not bounded.
      { $0.then("Gemm", [$0.floats([3, 1], [1e-3, 0, 0]), $0.floats([1], [0.5])]) },
      {
        $0.then("Relu")
        $0.then("Gemm", [$0.floats([3, 1], [0, 0, 1e-3]), $0.floats([1], [0.5])])
      },
    ]
    for (place, end) in others.enumerated() {
      #expect(reasons(end) == [], "\(place)")
    }
  }

  @Test("Log behind Softmax is dropped; Scaler, bytes and dequantised weights are affine")
  func otherEnds() throws {
    var log = NetworkMaker([1, 2])
    log.then("Mul", [log.floats([], [2])])
    log.then("Softmax")
    log.then("Log")
    #expect(try log.chain().logits(of: [1, 5]) == [2, 10])
    var scaled = NetworkMaker([1, 2])
    scaled.last = scaled.node(
      "Scaler", ["x"], ["offset": .floats([1, 2]), "scale": .floats([0.5, 4])],
      domain: "ai.onnx.ml")
    #expect(try scaled.chain().logits(of: [3, 5]) == [1, 12])
    var bytes = NetworkMaker([1, 2], type: .uint8)
    bytes.then("Cast", [], ["to": .int(1)])
    bytes.then("Div", [bytes.floats([], [2])])
    let chain = try bytes.chain()
    #expect(chain.logits(of: [3, 5]) == [1.5, 2.5])
    #expect(chain.elementType == .float32 && !chain.narrowsData)
    var quantised = NetworkMaker([1, 2])
    let codes = quantised.store(
      Tensor(shape: [2, 2], elementType: .int8, elements: .integer([-128, 3, 5, 127])))
    let points = quantised.store(
      Tensor(shape: [2], elementType: .int8, elements: .integer([1, -1])))
    let weight = quantised.node(
      "DequantizeLinear", [codes, quantised.floats([2], [0.5, 0.1]), points], ["axis": .int(1)])
    quantised.then("MatMul", [weight])
    let tenth = Double(Float(0.1))
    let found = try quantised.chain().logits(of: [1, 2])
    #expect(found[0] == -60.5)
    let expected: Double = tenth * 260
    #expect(abs(found[1] - expected) < 1e-12)
  }

  @Test("the sigmoid of several scores is labels of their own at the end, and a layer inside")
  func sigmoids() {
    for (behind, words) in [
      (["Identity", "Floor"], "labels that do not exclude each other"),
      (["Identity", "Flatten", "MatMul"], "the sigmoid is neither linear nor a ReLU"),
    ] {
      var maker = NetworkMaker([1, 3])
      maker.then("Sigmoid", name: "s")
      for name in behind {
        maker.then(name, name == "MatMul" ? [maker.floats([3, 2], [1, 2, 3, 4, 5, 6])] : [])
      }
      let refusals = maker.refusals
      #expect(refusals.contains { $0.hasPrefix("node 's' (Sigmoid): ") && $0.contains(words) })
    }
  }
}

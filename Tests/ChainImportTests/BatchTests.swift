import NetworkGraph
import ReLUChain
import TestSupport
import Testing

@Suite struct BatchTests {
  @Test(
    "the first of several dimensions is the batch; one dimension has none",
    arguments: [
      ([Dimension.fixed(1), .fixed(784), .fixed(1)], [784, 1]),
      ([.fixed(5)], [5]), ([.symbolic("N"), .fixed(4)], [4]), ([.unknown, .fixed(4)], [4]),
      ([.fixed(0), .fixed(4)], [4]), ([.fixed(-1), .fixed(4)], [4]),
      ([.fixed(1), .fixed(1), .fixed(1), .fixed(5)], [1, 1, 5]),
      ([.fixed(7), .fixed(3), .fixed(2), .fixed(2)], [3, 2, 2]),
    ])
  func inputShapes(dimensions: [Dimension], shape: [Int]) throws {
    var maker = NetworkMaker(dimensions)
    maker.then("Flatten", [], ["axis": .int(dimensions.count == 1 ? 0 : 1)])
    #expect(try maker.chain().inputShape == shape)
  }

  @Test("a fixed batch is followed through Reshape, Transpose and Flatten, and certified singly")
  func fixedBatch() throws {
    var maker = NetworkMaker([4, 3, 2, 2])
    maker.then("Transpose", [], ["perm": .ints([0, 2, 3, 1])])
    maker.then("Transpose", [], ["perm": .ints([1, 2, 0, 3])])
    maker.then("Transpose", [], ["perm": .ints([2, 0, 1, 3])])
    maker.then("Reshape", [maker.integers([4, -1])])
    let weights = (0..<24).map { Double($0 % 5) }
    maker.then("Gemm", [maker.floats([12, 2], weights)])
    let chain = try maker.chain()
    #expect(chain.inputShape == [3, 2, 2])
    #expect(chain.notes.first == "the file fixes a batch of 4; certifying one example at a time")
    let x = (0..<12).map(Double.init)
    let turned = [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11].map { x[$0] }
    let expected = (0..<2).map { column in
      (0..<12).reduce(0.0) { $0 + turned[$1] * weights[$1 * 2 + column] }
    }
    #expect(chain.logits(of: x) == expected)
  }

  @Test("W @ x reads a column as one example, and an image without a batch is one")
  func columns() throws {
    var maker = NetworkMaker([4, 1])
    let (w, b) = (
      maker.floats([2, 4], [1, 2, 3, 4, 0, 1, 0, 1]), maker.floats([2, 1], [10, 20])
    )
    maker.last = maker.node("MatMul", [w, maker.last])
    maker.last = maker.node("Add", [maker.last, b])
    #expect(try maker.chain().logits(of: [1, 1, 1, 2]) == [24, 23])
    #expect(
      try maker.chain().notes == [
        "input 'x' [4, 1] read as one example without a batch"
      ])
    #expect(try maker.chain().inputShape == [4, 1])

    var image = NetworkMaker([3, 3])
    image.then("Reshape", [image.integers([1, 1, 3, 3])])
    image.then("Conv", [image.floats([1, 1, 2, 3], Array(repeating: 1, count: 6))])
    image.then("Flatten")
    #expect(try image.chain().logits(of: [1, 2, 3, 4, 5, 6, 7, 8, 9]) == [21, 39])

    var symbolic = NetworkMaker([.fixed(4), .symbolic("N")])
    let matrix = symbolic.floats([2, 4], [1, 2, 3, 4, 0, 1, 0, 1])
    symbolic.last = symbolic.node("MatMul", [matrix, symbolic.last])
    #expect(try symbolic.chain().logits(of: [1, 1, 1, 2]) == [14, 3])
  }

  @Test("what mixes a batch in every reading is refused")
  func mixing() {
    var maker = NetworkMaker([4, 3])
    maker.then("Gemm", [maker.floats([5, 2], Array(repeating: 1, count: 10))], name: "fc")
    #expect(maker.refusals == ["node 'fc' (Gemm): weight is [5, 2]; expected [3, 2] for input 'x'"])
    var pooled = NetworkMaker([4, 3])
    pooled.then("ReduceMean", [], ["axes": .ints([0])], name: "mean")
    pooled.then("LpPool", [], [:], name: "pool")
    #expect(pooled.refusals.map { $0.prefix(11) } == ["node 'pool'"])
  }

  /// Two layers behind what `change` adds to an open batch of four features.
  private func notes(_ change: (inout NetworkMaker) -> Void) throws -> [String] {
    var maker = NetworkMaker([.symbolic("N"), .fixed(4)])
    change(&maker)
    maker.then("Gemm", [maker.floats([4, 3], (0..<12).map(Double.init))], name: "fc")
    return try maker.chain().notes
  }

  @Test("what reaches across an open batch is said: with one example it changes nothing")
  func openBatch() throws {
    let mixers: [(type: String, change: (inout NetworkMaker) -> Void)] = [
      ("ReduceMean", { $0.then("ReduceMean", [], ["axes": .ints([0])], name: "it") }),
      ("ReduceMean", { $0.then("ReduceMean", [], ["axes": .ints([-2])], name: "it") }),
      ("ReduceMax", { $0.then("ReduceMax", [], ["axes": .ints([0])], name: "it") }),
      ("CumSum", { $0.then("CumSum", [$0.integers([0])], name: "it") }),
      (
        "Slice",
        { $0.then("Slice", [$0.integers([0]), $0.integers([1]), $0.integers([0])], name: "it") }
      ),
      ("Gather", { $0.then("Gather", [$0.integers([0])], ["axis": .int(0)], name: "it") }),
    ]
    for mixer in mixers {
      let found = try notes(mixer.change)
      let expected =
        "'it' (\(mixer.type)) works across the examples of a batch; what is certified is a batch of one"
        + " example"
      #expect(found.last == expected, "\(mixer.type): \(found)")
    }
  }

  @Test("nothing is said of what treats the examples of an open batch one by one")
  func openBatchOneByOne() throws {
    #expect(try notes { _ in }.isEmpty)
    #expect(try notes { $0.then("CumSum", [$0.integers([1])]) }.isEmpty)
    #expect(
      try notes { $0.then("Gather", [$0.integers([3, 2, 1, 0])], ["axis": .int(1)]) }.isEmpty)
    #expect(
      try notes {
        $0.then("Unsqueeze", [$0.integers([2])])
        $0.then("ReduceMean", [], ["axes": .ints([-1]), "keepdims": .int(0)])
      }.isEmpty)
    #expect(
      try notes {
        $0.then("Transpose", [], ["perm": .ints([1, 0])])
        $0.then("Transpose", [], ["perm": .ints([1, 0])])
      }.isEmpty)
    // It takes no other batch.
    #expect(
      try notes {
        $0.then("Reshape", [$0.integers([1, 4])])
        $0.then("ReduceMean", [], ["axes": .ints([0])])
      }.isEmpty)
  }

  @Test("constants that differ across a fixed batch mix it, whichever operator reads them")
  func constantsOfABatch() {
    for type in ["Add", "PRelu", "Max", "Min"] {
      var maker = NetworkMaker([4, 3])
      maker.then(type, [maker.floats([4, 3], (0..<12).map(Double.init))], name: "each")
      // Nor is it one example of 4 x 3: its scores would have no axis of classes.
      #expect(
        maker.refusals.contains { $0.contains("uses different constants across a batch of 4") },
        "\(type): \(maker.refusals)")
    }
  }

  private static let openDimension =
    "expected a number; give it to the file (onnx.tools.update_model_dims), or certify data of that shape"

  @Test(
    "inputs that are no example are refused",
    arguments: [
      (nil, "its shape is missing; expected dimensions"),
      ([], "it is a scalar; expected one dimension or more"),
      ([.fixed(1), .symbolic("w")], "dimension 1 is 'w'; \(openDimension)"),
      ([.fixed(1), .unknown], "dimension 1 is missing; \(openDimension)"),
      ([.fixed(1), .fixed(3), .fixed(-2)], "dimension 2 is -2; expected a size of 1 or more"),
      ([.symbolic("n")], "dimension 0 is 'n'; \(openDimension)"),
      (
        [.fixed(1), .fixed(1 << 25)],
        "[1, 33554432] has 33554432 features; expected at most 16777216"
      ),
      (
        [.fixed(Int.max), .fixed(Int.max)],
        "the shape [9223372036854775807, 9223372036854775807] does not fit; expected at most"
          + " 2147483648 elements"
      ),
    ] as [([Dimension]?, String)])
  func refusedInputs(dimensions: [Dimension]?, reason: String) {
    var maker = NetworkMaker([1])
    maker.graph.inputs[0].dimensions = dimensions
    maker.then("Relu")
    #expect(maker.refusals == ["input 'x': \(reason)"])
  }

  @Test("an input of integers, two inputs and none are refused beside the nodes' own reasons")
  func refusedSignatures() {
    var integers = NetworkMaker([1, 2], type: .int64)
    integers.then("Tanh", name: "s")
    #expect(
      integers.refusals == [
        "input 'x': is int64; expected a floating-point type, or bytes that a Cast follows",
        "node 's' (Tanh): the hyperbolic tangent is neither linear nor a ReLU; a chain alternates"
          + " linear operators with Relu",
      ])
    var two = NetworkMaker([1, 2])
    two.graph.inputs.append(
      ValueInfo(name: "y", elementType: .float32, dimensions: [.fixed(1), .fixed(2)]))
    two.then("Relu")
    #expect(two.refusals.isEmpty, "an input that nothing reads is none")
    two.then("Concat", ["y"], ["axis": .int(1)], name: "both")
    #expect(
      two.refusals == [
        "graph: 2 inputs: 'x', 'y'; expected one",
        "node 'both' (Concat): both inputs depend on the network's input; a chain does not branch",
      ])
    var none = NetworkMaker([1, 2])
    none.graph.inputs = []
    none.then("Relu")
    #expect(
      none.refusals.first == "graph: no input; expected one")
  }

  @Test("a column whose columns are initialisers listed as inputs is still one input")
  func listedInitialisers() throws {
    var maker = NetworkMaker([1, 2])
    maker.then("MatMul", [maker.floats([2, 2], [1, 2, 3, 4], name: "w")])
    maker.graph.inputs.append(
      ValueInfo(name: "w", elementType: .float32, dimensions: [.fixed(2), .fixed(2)]))
    #expect(try maker.chain().logits(of: [1, 1]) == [4, 6])
  }
}

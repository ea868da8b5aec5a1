import ChainImport
import NetworkGraph
import ReLUChain
import Testing

@Suite struct FusedOperatorTests {
  private static let domain = "com.microsoft"

  private func text(_ name: String, _ value: String) -> Proto {
    attribute(name, type: 3) { $0.string(4, value) }
  }

  private func numbers(_ name: String, _ values: [Float]) -> Proto {
    attribute(name, type: 6) { for value in values { $0.float(7, value) } }
  }

  private func flag(_ name: String, _ value: Int64) -> Proto {
    attribute(name, type: 2) { $0.integer(3, value) }
  }

  private func number(_ name: String, _ value: Float) -> Proto {
    attribute(name, type: 1) { $0.float(2, value) }
  }

  /// The operators that one fused node, named `n`, is read as.
  private func parts(
    of type: String, _ inputs: [String], _ attributes: [Proto], opset: Int64 = 17,
    _ constants: [Proto] = []
  ) throws -> (nodes: [Node], constants: [String: Tensor]) {
    let file = try read(
      model(
        nodes: [node(type, name: "n", inputs, ["y"], domain: Self.domain, attributes: attributes)],
        initializers: constants, opset: opset))
    let isLeft = file.graph.nodes.map(\.domain) == [Self.domain]
    #expect(file.notes.isEmpty == isLeft, "\(file.notes)")
    return (file.graph.nodes, file.graph.initializers)
  }

  @Test("FusedConv is Conv and its activation, with the numbers where the operator has them")
  func convolutions() throws {
    let stride = attribute("strides", type: 7) { $0.packed(8, [2, 1]) }
    for (activation, values, attributes) in [
      ("Relu", [], [:]), ("LeakyRelu", [0.125], ["alpha": .float(0.125)]),
      ("HardSigmoid", [0.25, 0.5], ["alpha": .float(0.25), "beta": .float(0.5)]),
    ] as [(String, [Float], [String: Attribute])] {
      let given = [stride, text("activation", activation)]
      let (nodes, _) = try parts(
        of: "FusedConv", ["x", "w", "b"],
        values.isEmpty ? given : given + [numbers("activation_params", values)])
      #expect(nodes.map(\.operatorType) == ["Conv", activation])
      #expect(nodes.map(\.domain) == ["", ""])
      #expect(nodes.map(\.name) == ["n", "n"])
      #expect(nodes[0].inputs == ["x", "w", "b"])
      #expect(nodes[0].attributes == ["strides": .ints([2, 1])])
      #expect(nodes[1].inputs == nodes[0].outputs)
      #expect(nodes[1].attributes == attributes)
      #expect(nodes[1].outputs == ["y"])
    }
  }

  @Test("the ends of Clip are attributes before operator set 11, and constants from there")
  func clips() throws {
    let given = [text("activation", "Clip"), numbers("activation_params", [-0.25, 6])]
    let (old, _) = try parts(of: "FusedConv", ["x", "w"], given, opset: 10)
    #expect(old[1].attributes == ["min": .float(-0.25), "max": .float(6)])
    let (new, constants) = try parts(of: "FusedConv", ["x", "w"], given, opset: 11)
    #expect(new[1].attributes == [:] && new[1].inputs.count == 3)
    for (name, value) in zip(new[1].inputs.dropFirst(), [-0.25, 6] as [Float]) {
      let expected = Tensor(shape: [], elementType: .float32, elements: .float([value]))
      #expect(constants[name] == expected)
    }
  }

  @Test("FusedGemm keeps Gemm's numbers and gives its activation its own")
  func products() throws {
    let (nodes, _) = try parts(
      of: "FusedGemm", ["x", "w", "b"],
      [
        flag("transB", 1), number("alpha", 0.5), text("activation", "LeakyRelu"),
        number("activation_alpha", 0.125),
      ])
    #expect(nodes.map(\.operatorType) == ["Gemm", "LeakyRelu"])
    #expect(nodes[0].attributes == ["transB": .int(1), "alpha": .float(0.5)])
    #expect(nodes[1].attributes == ["alpha": .float(0.125)])
  }

  @Test("FusedMatMul moves a constant's last two axes and multiplies by alpha")
  func matrices() throws {
    let weights = (1...6).map(Float.init)
    for (transposed, shape) in [(false, [2, 3]), (true, [3, 2])] as [(Bool, [Int64])] {
      let file = try read(
        model(
          nodes: [
            node(
              "FusedMatMul", ["x", "w"], ["y"], domain: Self.domain,
              attributes: [flag("transB", transposed ? 1 : 0), number("alpha", 0.5)])
          ], initializers: [floatTensor("w", shape, weights)],
          outputs: [valueInfo("y", [nil, 3])]))
      let logits = try ReLUChain(validating: file.graph).logits(of: [4, 6])
      // Half of 4 times the first and 6 times the second of two, which are columns where it is transposed.
      #expect(logits == (transposed ? [8, 18, 28] : [14, 19, 24]))
    }
    let (plain, _) = try parts(of: "FusedMatMul", ["x", "x"], [])
    #expect(plain.map(\.operatorType) == ["MatMul"])
  }

  @Test("what is not known to the last attribute keeps its own name, and is refused by it")
  func unknown() throws {
    let relu = text("activation", "Relu")
    let weight = floatTensor("w", [2, 2], [1, 2, 3, 4])
    let cases: [(String, [String], [Proto])] = [
      // A fourth input is part of the sum.
      ("FusedConv", ["x", "w", "b", "z"], [relu]),
      ("FusedConv", ["x", "w"], []),
      ("FusedConv", ["x", "w"], [text("activation", "Softmax")]),
      ("FusedConv", ["x", "w"], [text("activation", "LeakyRelu")]),
      ("FusedConv", ["x", "w"], [relu, numbers("activation_params", [1])]),
      ("FusedConv", ["x", "w"], [relu, number("activation_alpha", 1)]),
      ("FusedGemm", ["x", "w"], [text("activation", "Transpose")]),
      ("FusedGemm", ["x", "w"], [relu, flag("activation_alpha", 1)]),
      ("FusedMatMul", ["x", "w"], [flag("transBatchB", 1)]),
      ("FusedMatMul", ["x", "w"], [flag("transB", 2)]),
      ("FusedMatMul", ["x", "w"], [flag("transposed", 1)]),
      // The rank of data is not known here.
      ("FusedMatMul", ["x", "w"], [flag("transA", 1)]),
      ("FusedMatMul", ["x", "x"], [number("alpha", 2)]),
      ("FusedMatMul", ["x", "w", "z"], []),
      ("FusedElu", ["x"], [relu]),
    ]
    for (type, inputs, attributes) in cases {
      let (nodes, _) = try parts(of: type, inputs, attributes, [weight])
      #expect(nodes.map(\.operatorType) == [type] && nodes[0].inputs == inputs, "\(type)")
    }
  }

  @Test("the values between the parts have names that no value of the file has")
  func names() throws {
    let fused = node(
      "FusedGemm", ["x", "w"], ["y"], domain: Self.domain, attributes: [text("activation", "Relu")])
    let other = node("Relu", ["x"], ["y (before Relu)"])
    let file = try read(
      model(nodes: [other, fused], initializers: [floatTensor("w", [2, 2], [1, 2, 3, 4])]))
    #expect(file.graph.nodes.flatMap(\.outputs) == ["y (before Relu)", "y (before Relu)'", "y"])
    #expect(file.notes == ["operators that onnxruntime joined (FusedGemm) read as their parts"])
  }
}

import NetworkGraph
import Testing

@Suite struct OnnxTests {
  @Test("a model becomes a graph with the file's names, attributes and constants")
  func smallModelIsRead() throws {
    let file = try read(smallModel())
    #expect(file.format == .onnx)
    #expect(file.notes == [])
    let graph = file.graph
    #expect(graph.name == "net")
    #expect(graph.opsetVersion == 13)
    #expect(graph.nodes.map(\.name) == ["fc1", "Relu#1"])
    #expect(graph.nodes[0].inputs == ["x", "w", "b"])
    #expect(graph.nodes[0].attributes == ["alpha": .float(1), "transB": .int(1)])
    let input = ValueInfo(name: "x", elementType: .float32, dimensions: [.unknown, .fixed(2)])
    #expect(graph.inputs == [input])
    #expect(graph.outputs.map(\.name) == ["y"])
    let weights = Tensor(shape: [2, 2], elementType: .float32, elements: .float([1, 2, 3, 4]))
    #expect(graph.initializers["w"] == weights)
    // From `sha256sum` over the same bytes, written by hand once.
    #expect(file.sha256.count == 64)
  }

  @Test("initializers that are also listed as inputs are no inputs")
  func initializersAsInputs() throws {
    let file = try read(
      model(
        nodes: [node("Add", ["x", "b"], ["y"])],
        initializers: [floatTensor("b", [2], [1, 2])],
        inputs: [valueInfo("b", [2]), valueInfo("x", [1, 2])]))
    #expect(file.graph.inputs.map(\.name) == ["x"])
  }

  @Test("symbolic, zero, negative and missing dimensions are kept apart")
  func dimensions() throws {
    var symbolic = Proto()
    symbolic.string(2, "batch")
    var shape = Proto()
    shape.message(1, symbolic)
    var (tensorType, type, value) = (Proto(), Proto(), Proto())
    tensorType.integer(1, 1)
    tensorType.message(2, shape)
    type.message(1, tensorType)
    value.string(1, "s")
    value.message(2, type)
    var unshaped = Proto()
    unshaped.string(1, "u")
    let file = try read(
      model(
        nodes: [], inputs: [value, unshaped, valueInfo("z", [0, -1]), valueInfo("scalar", [])],
        outputs: []))
    let dimensions = file.graph.inputs.map(\.dimensions)
    #expect(dimensions == [[.symbolic("batch")], nil, [.fixed(0), .unknown], []])
    #expect(file.graph.inputs[1].elementType == nil)
  }

  @Test("every kind of attribute is converted, or named where no chain can use it")
  func attributeKinds() throws {
    let kinds: [(Proto, Attribute)] = [
      (attribute("a", type: 1) { $0.float(2, 0.1) }, .float(Double(Float(0.1)))),
      (attribute("a", type: 2) { $0.integer(3, -7) }, .int(-7)),
      // Writers of proto3 leave zeros out.
      (attribute("a", type: 2) { _ in }, .int(0)),
      (attribute("a", type: 3) { $0.string(4, "SAME_UPPER") }, .string("SAME_UPPER")),
      (
        attribute("a", type: 4) { $0.message(5, floatTensor("", [1], [2])) },
        .tensor(Tensor(shape: [1], elementType: .float32, elements: .float([2])))
      ),
      (
        attribute("a", type: 5) { $0.data(6, [1, 2, 3]) },
        .unsupported("an attribute of kind GRAPH")
      ),
      (
        attribute("a", type: 6) {
          $0.float(7, 1.5)
          $0.float(7, 2)
        }, .floats([1.5, 2])
      ),
      (
        attribute("a", type: 7) {
          $0.integer(8, 1)
          $0.packed(8, [-2, 3])
        }, .ints([1, -2, 3])
      ),
      (attribute("a", type: 8) { $0.string(9, "s") }, .strings(["s"])),
      // What an exporter leaves of another program's operators is refused by the operator.
      (
        attribute("a", type: 3) { $0.data(4, [0x0a, 0xff]) },
        .unsupported("a string that is not UTF-8")
      ),
      (
        attribute("a", type: 8) {
          $0.string(9, "s")
          $0.data(9, [0xc0])
        }, .unsupported("a string that is not UTF-8")
      ),
      (
        attribute("a", type: 4) {
          $0.message(5, tensor("", type: 8, [1]) { $0.string(6, "text") })
        }, .strings(["text"])
      ),
      // Before version 2 of the format there was no `type`.
      (attribute("a", type: 0) { $0.packed(8, [4]) }, .ints([4])),
      (attribute("a", type: 0) { _ in }, .unsupported("an attribute without a value")),
      (
        attribute("a", type: 2) { $0.string(21, "outer") },
        .unsupported("a reference to a function's attribute")
      ),
    ]
    for (proto, expected) in kinds {
      let file = try read(model(nodes: [node("Op", ["x"], ["y"], attributes: [proto])]))
      #expect(file.graph.nodes[0].attributes["a"] == expected)
    }
  }

  @Test("the long name of the default domain is its short one; unused foreign domains are fine")
  func domains() throws {
    let file = try read(
      model(
        nodes: [node("Relu", ["x"], ["y"], domain: "ai.onnx")], opset: nil,
        inModel: { model in
          for (domain, version) in [("ai.onnx", 17), ("ai.onnx.ml", 3), ("com.microsoft", 1)] {
            var set = Proto()
            set.string(1, domain)
            set.integer(2, Int64(version))
            model.message(8, set)
          }
        }))
    #expect(file.graph.opsetVersion == 17)
    #expect(file.graph.nodes[0].domain == "")
  }

  @Test("an operator set older or newer than known is noted", arguments: [6, 99])
  func unknownOperatorSet(version: Int64) throws {
    let file = try read(model(nodes: [node("Relu", ["x"], ["y"])], opset: version))
    #expect(file.notes == ["operator set \(version); this program knows 7 to 28"])
  }

  @Test("functions, sparse constants and training information matter only where they are used")
  func unusedParts() throws {
    var function = Proto()
    function.string(1, "gelu")
    function.string(10, "my.domain")
    var sparse = Proto()
    sparse.message(1, tensor("s", [1]) { _ in })
    let file = try read(
      model(
        nodes: [node("Relu", ["x"], ["y"])],
        initializers: [tensor("text", type: 8, [1]) { $0.string(6, "a") }],
        inGraph: {
          $0.message(15, sparse)
          $0.data(14, [])
        },
        inModel: {
          $0.message(25, function)
          $0.data(20, [])
        }))
    #expect(
      file.notes == [
        "training information is ignored", "quantization annotations are ignored",
        "initializer 'text' is a tensor of string that nothing reads; ignored",
        "sparse initializer 's' is a sparse tensor that nothing reads; ignored",
      ])
    #expect(file.graph.nodes.count == 1)
  }

  @Test("a constant that no chain can use stands in the graph with what it is")
  func unsupportedConstants() throws {
    for (type, kind) in [
      (8, "string"), (17, "float8e4m3fn"), (22, "int4"), (99, "element type 99"),
    ] {
      let file = try read(
        model(
          nodes: [node("Add", ["x", "w"], ["y"])],
          initializers: [tensor("w", type: Int64(type), [2]) { $0.data(9, [1, 2]) }]))
      #expect(file.graph.nodes.map(\.name) == ["Add#0"])
      #expect(file.graph.unusableConstants == ["w": "a tensor of \(kind)"])
    }
  }

  @Test("texts of a constant are kept beside what it is, where they fill its shape and are UTF-8")
  func texts() throws {
    for (texts, dims, isKept) in [
      ([Array("zero".utf8), Array("null".utf8)], [1, 2], true), ([[0x30], [0xff]], [2], false),
      ([[0x30]], [2], false),
    ] as [([[UInt8]], [Int64], Bool)] {
      let file = try read(
        model(
          nodes: [node("ArrayFeatureExtractor", ["w", "x"], ["y"], domain: "ai.onnx.ml")],
          initializers: [
            tensor("w", type: 8, dims) { for text in texts { $0.data(6, text) } }
          ]))
      #expect(file.graph.texts == (isKept ? ["w": ["zero", "null"]] : [:]))
      #expect(file.graph.unusableConstants == ["w": "a tensor of string"])
    }
  }

  @Test("what has no meaning as a graph is refused with its place")
  func refusals() {
    let relu = node("Relu", name: "r", ["x"], ["y"])
    var function = Proto()
    function.string(1, "f")
    function.string(10, "d")
    let cases: [([UInt8], String)] = [
      ([], "net: an empty file; expected a model in ONNX, JSON or .nnet form"),
      (
        [0x08, 0x08],
        "net: no graph; expected an ONNX model\nthe file is not an ONNX model, or it is cut short"
      ),
      (
        model(nodes: [relu], opset: nil),
        "net: opset_import: no version of the default operator set; expected one version, 1 or above"
      ),
      (
        model(nodes: [relu], opset: 0),
        "net: opset_import: version 0 of the default operator set; expected one version, 1 or above"
      ),
      (
        model(nodes: [relu, relu]),
        "net: node 'r' (Relu): value 'y', which node 'r' (Relu) defines too; "
          + "expected one definition of each value"
      ),
      (
        model(nodes: [relu], initializers: [floatTensor("y", [], [1])]),
        "net: node 'r' (Relu): value 'y', which initializer 'y' defines too; "
          + "expected one definition of each value"
      ),
      (
        model(nodes: [node("Relu", ["x"], ["x"])]),
        "net: node #0 (Relu): value 'x', which input 'x' defines too; "
          + "expected one definition of each value"
      ),
      (
        model(nodes: [relu], initializers: [floatTensor("", [], [1])]),
        "net: initializer #0: no name; expected a name to refer to it"
      ),
      (model(nodes: [node("", ["x"], ["y"])]), "net: node #0 (): no operator; expected op_type"),
      (
        model(nodes: [relu], inputs: [valueInfo("x", type: 8, [1])]),
        "net: input 'x': a tensor of string; expected a tensor of numbers"
      ),
      (
        model(
          nodes: [node("f", name: "c", ["x"], ["y"], domain: "d")],
          inModel: { $0.message(25, function) }),
        "net: node 'c' (f): a call of a function that the model defines (one of 1 call); "
          + "expected operators of the default set\n"
          + "inline the functions first: onnx.inliner.inline_local_functions(model)"
      ),
      (
        model(nodes: [
          node(
            "Op", name: "n", ["x"], ["y"],
            attributes: [
              attribute("a", type: 2) { _ in }, attribute("a", type: 2) { _ in },
            ])
        ]), "net: node 'n' (Op): two attributes 'a'; expected one"
      ),
      (
        model(nodes: [
          node("Op", name: "n", [], [], attributes: [attribute("a", type: 15) { _ in }])
        ]),
        "net: node 'n' (Op), attribute 'a': attribute kind 15; expected 1 to 14"
      ),
      (
        model(nodes: [node("Op", name: "n", [], [], attributes: [attribute("a", type: 4) { _ in }])]
        ),
        "net: node 'n' (Op), attribute 'a': no tensor; expected a tensor"
      ),
    ]
    for (bytes, words) in cases { #expect(refusal { try read(bytes) } == words) }
  }
}

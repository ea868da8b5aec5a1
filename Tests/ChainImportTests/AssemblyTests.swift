import ChainImport
import NetworkGraph
import ReLUChain
import TestSupport
import Testing

@Suite struct AssemblyTests {
  private func dense(_ maker: inout NetworkMaker, _ inputs: Int, _ outputs: Int, name: String) {
    let weight = maker.floats([inputs, outputs], (0..<inputs * outputs).map { Double($0 % 3) })
    maker.then("MatMul", [weight], name: name)
  }

  @Test("ReLUs part the stages; one in front, two in a row and one at the end are mended")
  func stages() throws {
    var maker = NetworkMaker([1, 2])
    maker.then("Relu", name: "first")
    dense(&maker, 2, 3, name: "a")
    maker.then("Relu", name: "second")
    maker.then("Reshape", [maker.integers([1, 3, 1])])
    maker.then("Clip", [maker.floats([], [0])], name: "third")
    maker.then("Reshape", [maker.integers([1, 3])])
    dense(&maker, 3, 2, name: "b")
    maker.then("Max", [maker.floats([1], [0])], name: "last")
    let chain = try maker.chain()
    #expect(
      chain.stages.map { $0.operators.map(\.name) } == [["identity"], ["a"], ["b"], ["identity"]])
    #expect(
      chain.notes == [
        "'third' dropped: what it reads is never negative",
        "identity stage added in front of 'first', which acts on the input",
        "identity stage added behind the final Relu",
      ])
    // relu([1, -1]) = [1, 0]; times a = [0, 1, 2]; times b: [1 * 2 + 2 * 1, 1 * 0 + 2 * 2].
    #expect(chain.activations(of: [1, -1]) == [[1, -1], [0, 1, 2], [4, 4], [4, 4]])
    #expect(chain.hiddenUnits == [2, 3, 2])
  }

  @Test("a network without ReLU is one stage, one without operators an identity")
  func degenerate() throws {
    var maker = NetworkMaker([1, 2])
    dense(&maker, 2, 2, name: "a")
    #expect(try maker.chain().stages.count == 1)
    let empty = NetworkMaker([1, 2])
    #expect(try empty.chain().logits(of: [3, 4]) == [3, 4])
    #expect(try empty.chain().notes == ["identity stage added: the network computes nothing"])
  }

  @Test(
    "a final Softmax over the classes is dropped with a note",
    arguments: [
      (7, 1), (11, 1), (12, 0), (13, 1), (13, -1), (20, -1),
    ])
  func softmax(opset: Int, axis: Int) throws {
    for type in ["Softmax", "LogSoftmax"] {
      var maker = NetworkMaker([1, 2], opset: opset)
      dense(&maker, 2, 3, name: "a")
      maker.then(type, [], ["axis": .int(Int64(axis))], name: "prob")
      maker.then("Identity")
      let chain = try maker.chain()
      #expect(chain.layers.map(\.name) == ["a"])
      #expect(
        chain.notes == [
          "final \(type) 'prob' dropped: verdicts and loss concern the logits in front of it"
        ])
    }
  }

  @Test("a Softmax over another axis, in the middle or twice is refused")
  func refusedSoftmax() {
    var wrong = NetworkMaker([1, 2])
    wrong.then("Softmax", [], ["axis": .int(0)], name: "s")
    #expect(
      wrong.refusals == [
        "node 's' (Softmax): runs over axis 0 of [1, 2]; expected the class axis"
      ])
    var middle = NetworkMaker([1, 2])
    middle.then("Softmax", name: "s")
    dense(&middle, 2, 2, name: "fc")
    #expect(
      middle.refusals == [
        "node 's' (Softmax): 'fc' (MatMul) follows; expected Softmax at the end only"
      ])
    var twice = NetworkMaker([1, 2])
    twice.then("Softmax", name: "s")
    twice.then("LogSoftmax", name: "t")
    #expect(
      twice.refusals == ["node 't' (LogSoftmax): a second Softmax; expected one at most"])
  }

  @Test(
    "Softmax of logits that LogSoftmax made, in one node or in pieces, as torch.distributions.Categorical has it, is one Softmax",
    arguments: [false, true])
  func normalisedLogits(inPieces: Bool) throws {
    var maker = NetworkMaker([1, 2])
    dense(&maker, 2, 3, name: "fc")
    if inPieces {
      let scores = maker.last
      let sum = maker.node("ReduceLogSumExp", [scores], ["axes": .ints([1])], name: "lse")
      maker.last = maker.node("Sub", [scores, sum], name: "norm")
    } else {
      maker.then("LogSoftmax", name: "norm")
    }
    maker.then("Softmax", name: "prob")
    maker.then("ArgMax", [], ["axis": .int(1)], name: "top")
    let names = maker.integers([0, 1, 2])
    maker.last = maker.node("Gather", [names, maker.last], name: "names")
    let chain = try maker.chain()
    #expect(chain.layers.map(\.name) == ["fc"])
    #expect(chain.notes.contains("'top' (ArgMax) dropped: certifying the logits in front of it"))
    var other = NetworkMaker([1, 2])
    dense(&other, 2, 3, name: "fc")
    other.then("LogSoftmax", name: "norm")
    other.then("Softmax", name: "prob")
    other.then("Softmax", name: "again")
    #expect(
      other.refusals == ["node 'again' (Softmax): a second Softmax; expected one at most"])
  }

  @Test("a row of names that Gather looks classes up in is one, and nothing else of Gather is")
  func gatheredNames() throws {
    func maker(_ end: (inout NetworkMaker, String) -> String) -> NetworkMaker {
      var maker = NetworkMaker([1, 2])
      dense(&maker, 2, 3, name: "fc")
      let label = maker.node("ArgMax", [maker.last], ["axis": .int(1)], name: "top")
      maker.last = end(&maker, label)
      return maker
    }
    let own = maker { $0.node("Gather", [$0.integers([7, 8, 9]), $1], name: "g") }
    #expect(try own.chain().layers.map(\.name) == ["fc"])
    let exchanged = maker { $0.node("Gather", [$0.integers([1, 0, 2]), $1], name: "g") }
    #expect(exchanged.refusals.first?.contains("calls the class of score 0 1") ?? false)
    let table = maker { maker, label in
      let rows = maker.floats([3, 2], [1, 2, 3, 4, 5, 6])
      return maker.node("Gather", [rows, label], name: "g")
    }
    #expect(
      table.refusals == ["node 'g' (Gather): looks up a class in a table that is no row of names"])
    let chosen = maker { $0.node("Gather", [$1, $0.integers([0])], name: "g") }
    #expect(
      chosen.refusals == ["node 'g' (Gather): chooses among classes; expected one for each example"]
    )
  }

  @Test("labels and maps made of the logits are stripped; what computes with them is refused")
  func tails() throws {
    var maker = NetworkMaker([1, 2])
    dense(&maker, 2, 3, name: "fc")
    maker.then("Softmax", name: "prob")
    let probabilities = maker.last
    let label = maker.node("ArgMax", [probabilities], ["axis": .int(1)], name: "top")
    let classes = maker.integers([7, 8, 9])
    let named = maker.node(
      "ArrayFeatureExtractor", [classes, label], name: "pick", domain: "ai.onnx.ml")
    let cast = maker.node("Cast", [named], ["to": .int(7)])
    let map = maker.node("ZipMap", [probabilities], name: "zip", domain: "ai.onnx.ml")
    maker.graph.outputs = [cast, map].map {
      ValueInfo(name: $0, elementType: nil, dimensions: nil)
    }
    let chain = try ReLUChain(validating: maker.graph)
    #expect(chain.layers.map(\.name) == ["fc"])
    #expect(
      Set(chain.notes) == [
        "'top' (ArgMax) dropped: certifying the logits in front of it",
        "'zip' (ZipMap) dropped: certifying what stands in front of it",
        "final Softmax 'prob' dropped: verdicts and loss concern the logits in front of it",
      ])

    var hidden = NetworkMaker([1, 2])
    hidden.then("ArgMax", [], ["axis": .int(1)], name: "top")
    hidden.then("Relu", name: "r")
    #expect(
      hidden.refusals == [
        "node 'top' (ArgMax): 'r' (Relu) follows; expected ArgMax at the end only"
      ])
    var wrong = NetworkMaker([1, 2])
    wrong.then("ArgMax", name: "top")
    #expect(
      wrong.refusals == [
        "node 'top' (ArgMax): runs over axis 0 of [1, 2]; expected the class axis"
      ])
  }

  @Test(
    "a table that calls one class by another one's number is refused, but not behind chosen scores")
  func exchangedNames() throws {
    func maker(_ names: [Int], by type: String = "ArrayFeatureExtractor") -> NetworkMaker {
      var maker = NetworkMaker([1, 2])
      dense(&maker, 2, 3, name: "fc")
      let scores = maker.last
      let label = maker.node("ArgMax", [scores], ["axis": .int(1)], name: "top")
      let isTable = type == "ArrayFeatureExtractor"
      let named = maker.node(
        type, isTable ? [maker.integers(names), label] : [label],
        isTable
          ? [:]
          : ["keys_int64s": .ints([0, 1, 2]), "values_int64s": .ints(names.map(Int64.init))],
        name: "pick", domain: "ai.onnx.ml")
      maker.graph.outputs = [scores, named].map {
        ValueInfo(name: $0, elementType: nil, dimensions: nil)
      }
      return maker
    }
    for type in ["ArrayFeatureExtractor", "LabelEncoder"] {
      for names in [[0, 1, 2], [7, 8, 9], [-1, 1, 3]] {
        #expect(throws: Never.self, "\(type) \(names)") {
          try ReLUChain(validating: maker(names, by: type).graph)
        }
      }
      for names in [[2, 0, 1], [1, 2, 3], [0, 2, 5]] {
        var graph = maker(names, by: type).graph
        let error = #expect(throws: ChainRefusals.self) { try ReLUChain(validating: graph) }
        let words = error?.reasons.map(\.description).joined() ?? ""
        #expect(words.hasPrefix("node 'pick' (\(type)): calls the class of score"), "\(words)")
        graph.outputs.removeLast()
        #expect(throws: Never.self) { try ReLUChain(validating: graph) }
      }
    }
  }

  @Test("nodes that no output needs are ignored with a note, even those that no chain has")
  func deadNodes() throws {
    var maker = NetworkMaker([1, 2])
    dense(&maker, 2, 2, name: "fc")
    let logits = maker.last
    maker.then("Sigmoid", name: "unused")
    maker.last = logits
    #expect(try maker.chain().notes == ["1 node that no output needs ignored: 'unused' (Sigmoid)"])
    maker.then("Tanh", name: "too")
    maker.last = logits
    #expect(
      try maker.chain().notes == [
        "2 nodes that no output needs ignored: 'unused' (Sigmoid), 'too' (Tanh)"
      ])
  }

  @Test("outputs that are constant, single, several or of two dimensions are refused")
  func outputs() {
    var constant = NetworkMaker([1, 2])
    constant.last = constant.node("Neg", [constant.floats([2], [1, 2])])
    #expect(
      constant.refusals == [
        "output 'v2': does not depend on the network's input; expected logits"
      ])
    var two = NetworkMaker([1, 2])
    dense(&two, 2, 2, name: "a")
    two.graph.outputs = [ValueInfo(name: two.last, elementType: nil, dimensions: nil)]
    dense(&two, 2, 2, name: "b")
    let both = two.graph.outputs + [ValueInfo(name: two.last, elementType: nil, dimensions: nil)]
    two.graph.outputs = both
    #expect(
      throws: ChainRefusals(reasons: [
        ChainRefusal(
          .graph,
          "2 outputs depend on the input: 'v2', 'v4'; expected one, which --output-name chooses")
      ])
    ) { try ReLUChain(validating: two.graph) }
    var matrix = NetworkMaker([1, 2, 3])
    matrix.then("Relu")
    #expect(
      matrix.refusals == [
        "output 'v1': [1, 2, 3] has several dimensions above 1; expected one score a class"
      ])
    var none = NetworkMaker([1, 2])
    none.then("Relu")
    #expect(throws: ChainRefusals(reasons: [ChainRefusal(.graph, "no output; expected one")])) {
      try ReLUChain(validating: none.graph)
    }
  }

  @Test("files need not be sorted; a cycle, a second writer and a missing one are refused")
  func order() throws {
    var maker = NetworkMaker([1, 2])
    dense(&maker, 2, 3, name: "a")
    maker.then("Relu")
    dense(&maker, 3, 2, name: "b")
    maker.graph.nodes.reverse()
    #expect(try maker.chain().layers.map(\.name) == ["a", "", "b"])

    var cycle = NetworkMaker([1, 2])
    cycle.then("Add", ["back"], name: "add")
    cycle.then("Relu", name: "relu")
    cycle.graph.nodes[1].outputs = ["back"]
    cycle.last = cycle.node("Neg", ["back"], name: "neg")
    #expect(
      cycle.refusals == ["node 'add' (Add): lies on a cycle of 2 nodes: 'add', 'relu'"])

    var twice = NetworkMaker([1, 2])
    twice.then("Relu", name: "a")
    twice.then("Neg", name: "b")
    twice.graph.nodes[1].outputs = twice.graph.nodes[0].outputs
    twice.last = twice.graph.nodes[0].outputs[0]
    #expect(twice.refusals == ["node 'b' (Neg): writes 'v1', which has a value already"])
  }
}

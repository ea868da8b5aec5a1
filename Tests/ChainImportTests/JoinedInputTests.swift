import NetworkGraph
import ReLUChain
import TestSupport
import Testing

/// An input for each column.
@Suite struct JoinedInputTests {
  private func network(
    _ inputs: [(String, ElementType, [Dimension])], joining order: [String]
  ) -> NetworkMaker {
    var maker = NetworkMaker([1, 1])
    maker.graph.inputs = inputs.map {
      ValueInfo(name: $0.0, elementType: $0.1, dimensions: $0.2)
    }
    maker.last = maker.node("Concat", order, ["axis": .int(1)], name: "join")
    maker.then(
      "MatMul",
      [maker.floats([order.count, 2], (0..<2 * order.count).map { Double($0 + 1) })])
    return maker
  }

  private let column: [Dimension] = [.symbolic("N"), .fixed(1)]

  @Test("columns are one row in the order in which the file declares them")
  func row() throws {
    let inputs = ["a", "b", "c"].map { ($0, ElementType.float32, column) }
    let plain = try network(inputs, joining: ["a", "b", "c"]).chain()
    #expect(plain.columns == InputColumns(names: ["a", "b", "c"]))
    #expect(plain.inputShape == [3])
    // 1 a + 3 b + 5 c, 2 a + 4 b + 6 c
    #expect(plain.logits(of: [100, 10, 1]) == [135, 246])
    let turned = try network(inputs, joining: ["c", "a", "b"]).chain()
    #expect(turned.columns == InputColumns(names: ["a", "b", "c"], needsNames: true))
    #expect(turned.logits(of: [100, 10, 1]) == [351, 462])
    // A column that is read nowhere is one of the table all the same.
    let fewer = try network(inputs, joining: ["c", "a"]).chain()
    #expect(fewer.columns?.names == ["a", "b", "c"] && fewer.inputShape == [3])
    #expect(fewer.logits(of: [100, 10, 1]) == [301, 402])
    let one = try network([inputs[0]], joining: ["a"]).chain()
    #expect(one.columns == nil)
  }

  @Test("inputs of other widths, types and batches are no columns")
  func others() {
    let others: [(ElementType, [Dimension])] = [
      (.float32, [.symbolic("N"), .fixed(2)]), (.float64, column), (.int64, column),
      (.float32, [.fixed(7), .fixed(1)]), (.float32, [.fixed(1)]),
    ]
    for (type, dimensions) in others {
      let maker = network(
        [("a", .float32, column), ("b", type, dimensions)], joining: ["a", "b"])
      #expect(
        maker.refusals.first == "graph: 2 inputs: 'a', 'b'; expected one", "\(maker.refusals)")
    }
  }

  @Test("FeatureVectorizer joins rows of the widths that it names, in float32")
  func vectorizer() throws {
    func joined(_ widths: [Int64], _ type: ElementType = .float32) -> NetworkMaker {
      var maker = network(
        ["a", "b"].map { ($0, type, column) }, joining: ["a", "b"])
      maker.graph.nodes[0] = Node(
        name: "join", operatorType: "FeatureVectorizer", domain: "ai.onnx.ml", inputs: ["a", "b"],
        outputs: maker.graph.nodes[0].outputs, attributes: ["inputdimensions": .ints(widths)])
      return maker
    }
    #expect(try joined([1, 1]).chain().logits(of: [10, 1]) == [13, 24])
    // Wider rows are filled up with 0, narrower ones cut.
    for maker in [joined([1, 2]), joined([1]), joined([1, 1], .float64)] {
      #expect(
        maker.refusals.contains {
          $0.hasPrefix("node 'join' (FeatureVectorizer): joins what are not rows")
        }, "\(maker.refusals)")
    }
  }
}

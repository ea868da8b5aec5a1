import ChainImport
import NetworkGraph
import ReLUChain
import TestSupport
import Testing

/// Chains that end in the numbers of an output, about which properties speak.
@Suite struct OutputValueTests {
  private func maker(_ outputs: Int, _ tail: (inout NetworkMaker) -> Void) -> NetworkMaker {
    var maker = NetworkMaker([1, 2])
    let weights = maker.floats([2, outputs], (0..<2 * outputs).map { Double($0) })
    maker.then("MatMul", [weights], name: "fc")
    tail(&maker)
    return maker
  }

  private func refusals(_ maker: NetworkMaker) -> [String] {
    do {
      _ = try ReLUChain(validating: maker.finished, keepsValues: true)
      return []
    } catch {
      return error.reasons.map(\.description)
    }
  }

  @Test("one number stays one number, and an array stays what it is, row by row")
  func values() throws {
    let one = try ReLUChain(validating: maker(1) { _ in }.finished, keepsValues: true)
    #expect(one.classCount == 1 && one.logits(of: [1, 2]) == [2] && one.notes.isEmpty)
    let square = maker(4) { maker in
      maker.then("Reshape", [maker.integers([1, 2, 2])])
      maker.then("Transpose", [], ["perm": .ints([0, 2, 1])])
    }
    let chain = try ReLUChain(validating: square.finished, keepsValues: true)
    #expect(chain.refusal == nil && chain.logits(of: [1, 0]) == [0, 2, 1, 3])
  }

  @Test("what would be left out behind scores is refused: an answer would speak of other numbers")
  func ends() {
    let end = "; expected numbers that are linear behind the last ReLU"
    let part = ", which is no part of a ReLU chain"
    for (operatorType, outputs) in [("Softmax", 3), ("LogSoftmax", 3), ("Sigmoid", 1)] {
      let maker = maker(outputs) { $0.then(operatorType, name: "end") }
      #expect(
        refusals(maker) == [
          "output '\(maker.last)': is computed by 'end' (\(operatorType))\(part)\(end)"
        ])
    }
    let label = maker(3) { $0.then("ArgMax", [], ["axis": .int(1)], name: "top") }
    #expect(refusals(label) == ["output '\(label.last)': is a class by 'top' (ArgMax)\(end)"])
    let log = maker(3) {
      $0.then("Softmax", name: "end")
      $0.then("Log", name: "log")
    }
    #expect(refusals(log).first?.contains("is computed by 'log' (Log)") == true)
    let flat = maker(3) {
      $0.then("Softmax", name: "end")
      $0.then("Reshape", [$0.integers([3])], name: "flat")
    }
    #expect(refusals(flat).first?.contains("is computed by 'end' (Softmax)") == true)
  }

  @Test("of several outputs one has to be chosen, also where all show the same")
  func several() throws {
    var maker = maker(3) { _ in }
    let scores = maker.last
    maker.then("Identity")
    maker.graph.outputs = [scores, maker.last].map {
      ValueInfo(name: $0, elementType: nil, dimensions: nil)
    }
    #expect(throws: ChainRefusals.self) {
      try ReLUChain(validating: maker.graph, keepsValues: true)
    }
    #expect(throws: Never.self) { try ReLUChain(validating: maker.graph) }
  }
}

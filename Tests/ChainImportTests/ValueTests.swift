import ChainImport
import NetworkGraph
import ReLUChain
import TestSupport
import Testing

@Suite struct ValueTests {
  @Test("every value of the data's path has its place, those of reshapes too")
  func places() throws {
    var maker = NetworkMaker([1, 2, 2])
    var names: [String] = []
    func add(_ type: String, _ rest: [String] = []) {
      maker.then(type, rest)
      names.append(maker.last)
    }
    add("Flatten")
    add("Gemm", [maker.floats([4, 3], Array(repeating: 1, count: 12))])
    add("Add", [maker.floats([3], [1, 2, 3])])
    add("Relu")
    add("Reshape", [maker.integers([1, 3, 1])])
    add("Mul", [maker.floats([], [2])])
    let chain = try maker.chain()
    // The Flatten stands before any operator: nothing has been computed.
    #expect(chain.values.map(\.name) == Array(names.dropFirst()))
    #expect(chain.values.map(\.stage) == [0, 0, 0, 0, 1])
    #expect(chain.values.map(\.operatorCount) == [1, 2, 2, 2, 1])
    #expect(chain.values.map(\.isRectified) == [false, false, true, true, false])
    #expect(chain.values.map(\.named.operatorType) == ["Gemm", "Add", "Relu", "Reshape", "Mul"])
  }

  @Test("a Cast to a narrower type is noticed, one to a wider type is not")
  func narrowing() throws {
    func chain(_ type: ElementType, _ target: Int64) throws -> ReLUChain {
      var maker = NetworkMaker([1, 2], type: type)
      maker.then("Cast", [], ["to": .int(target)])
      let weights = [1.0, 2, 3, 4]
      maker.then(
        "MatMul", [target == 1 ? maker.floats([2, 2], weights) : maker.doubles([2, 2], weights)])
      return try maker.chain()
    }
    #expect(try chain(.float64, 1).narrowsData)
    #expect(try chain(.float64, 1).elementType == .float32)
    #expect(try !chain(.float32, 11).narrowsData)
    #expect(try !chain(.float64, 11).narrowsData)
  }

  @Test("whatever is not 0 is true, as little as it may be; whole numbers are cut off")
  func castTruth() throws {
    for (code, expected) in [(Int64(9), [1.0, 1, 0, 0]), (7, [0, -1, 0, 0])] {
      var maker = NetworkMaker([1, 4])
      let stored = maker.floats([4], [0.5, -1.25, 0, -0.0])
      let cast = maker.node("Cast", [stored], ["to": .int(code)])
      maker.then("Add", [maker.node("Cast", [cast], ["to": .int(1)])])
      #expect(try maker.chain().logits(of: [0, 0, 0, 0]) == expected)
    }
  }

  @Test("an output without classes is accepted by whoever only looks")
  func anyOutput() throws {
    var maker = NetworkMaker([1, 2])
    maker.then("MatMul", [maker.floats([2, 4], [1, -1, 2, 3, 4, 5, 6, 7])])
    maker.then("Reshape", [maker.integers([1, 2, 2])])
    #expect(throws: ChainRefusals.self) { try maker.chain() }
    let graph = maker.finished
    let chain = try ReLUChain(validating: graph, allowsAnyOutput: true)
    #expect(chain.classCount == 4)
    #expect(chain.refusal?.description.contains("several dimensions above 1") == true)
  }
}

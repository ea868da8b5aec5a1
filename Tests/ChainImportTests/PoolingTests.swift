import NetworkGraph
import ReLUChain
import TestSupport
import Testing

@Suite struct PoolingTests {
  @Test("AveragePool divides by what a window covers, the padding counted or not")
  func averages() throws {
    func averages(_ attributes: [String: Attribute]) throws -> [Double] {
      var maker = NetworkMaker([1, 1, 4])
      var all: [String: Attribute] = ["kernel_shape": .ints([2]), "pads": .ints([1, 1])]
      all.merge(attributes) { $1 }
      maker.then("AveragePool", [], all)
      return try maker.flatChain().logits(of: [2, 4, 8, 16])
    }
    #expect(try averages([:]) == [2, 3, 6, 12, 16])
    #expect(try averages(["count_include_pad": .int(1)]) == [1, 3, 6, 12, 8])
    #expect(try averages(["strides": .ints([2])]) == [2, 6, 16])
    // A last window hangs over the end; what lies behind the padding is never counted.
    #expect(
      try averages(["strides": .ints([3]), "pads": .ints([0, 0]), "ceil_mode": .int(1)])
        == [3, 16])
    #expect(
      try averages([
        "strides": .ints([3]), "pads": .ints([0, 0]), "ceil_mode": .int(1),
        "count_include_pad": .int(1),
      ]) == [3, 16])
    #expect(try averages(["dilations": .ints([2]), "pads": .ints([0, 0])]) == [5, 10])
  }

  @Test("AveragePool averages each channel of an image by itself", arguments: UInt64(0)..<50)
  func images(seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    let x = Grid(shape: [2, 4, 5], values: random.draw(40))
    // Windows of 1, 2 and 4 elements: the averages are exact.
    let (height, width) = (random.draw(1...2), random.draw(1...2))
    var maker = NetworkMaker([1] + x.shape)
    maker.then(
      "AveragePool", [],
      ["kernel_shape": .ints([Int64(height), Int64(width)]), "strides": .ints([2, 1])])
    var expected: [Double] = []
    let counts = [2, (4 - height) / 2 + 1, 5 - width + 1]
    for place in Grid(shape: counts, values: []).indices {
      var sum = 0.0
      for tap in Grid(shape: [height, width], values: []).indices {
        sum += x[[place[0], place[1] * 2 + tap[0], place[2] + tap[1]]]
      }
      expected.append(sum / Double(height * width))
    }
    #expect(try maker.flatChain().logits(of: x.values) == expected)
  }

  @Test("the sums of a pool are exact, the quotient carries its own roundings")
  func poolOperators() throws {
    var maker = NetworkMaker([1, 2, 3, 3])
    maker.then("AveragePool", [], ["kernel_shape": .ints([3, 1])], name: "pool")
    let operators = try maker.flatChain().stages[0].operators
    #expect(operators.map(\.name) == ["pool", "pool"])
    guard case .convolution(let sums) = operators[0].kind,
      case .scaling(let quotient) = operators[1].kind
    else {
      Issue.record("expected a convolution, then a scaling")
      return
    }
    #expect(sums.weights == Array(repeating: 1, count: 6))
    #expect(sums.uncertainty == .none)
    #expect(sums.groups == 2)
    #expect(quotient.uncertainty == Uncertainty(roundings: 1))
    // Two for a rounded reciprocal, one for the underflow of each of the three summands.
    #expect(quotient.deployedRoundings == 5)
    #expect(try maker.flatChain().parameterCount == 0)
  }

  @Test("reductions run over any axes, kept or not", arguments: UInt64(0)..<100)
  func reductions(seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    let x = Grid(shape: [1, 2, 4, 2], values: random.draw(16))
    let axes = (0..<4).filter { _ in random.chance(0.5) }
    let divides = random.chance(0.5)
    let rest = [0, 1, 2, 3].filter { !axes.contains($0) }
    let counts = rest.map { x.shape[$0] }
    guard !axes.isEmpty, counts.reduce(1, *) > 1 else { return }
    var maker = NetworkMaker(x.shape, opset: 12)
    maker.then(
      divides ? "ReduceMean" : "ReduceSum", [],
      [
        "axes": .ints(axes.map { Int64(random.chance(0.5) ? $0 : $0 - 4) }),
        "keepdims": .int(random.chance(0.5) ? 1 : 0),
      ])
    let expected = Grid(shape: counts, values: []).indices.map { place in
      let chosen = x.indices.filter { index in zip(rest, place).allSatisfy { index[$0] == $1 } }
      return chosen.reduce(0) { $0 + x[$1] } / (divides ? Double(chosen.count) : 1)
    }
    #expect(try maker.flatChain().logits(of: x.values) == expected, "axes \(axes)")
  }

  @Test("GlobalAveragePool is the mean over space; its axes may come as an input elsewhere")
  func globalAverages() throws {
    var maker = NetworkMaker([1, 2, 2, 2])
    maker.then("GlobalAveragePool")
    #expect(try maker.flatChain().logits(of: [1, 2, 3, 6, 4, 4, 4, 8]) == [3, 5])
    var reduced = NetworkMaker([1, 2, 2, 2], opset: 18)
    reduced.then("ReduceMean", [reduced.integers([2, -1])], ["keepdims": .int(0)])
    #expect(try reduced.chain().logits(of: [1, 2, 3, 6, 4, 4, 4, 8]) == [3, 5])
  }

  @Test("pools that runtimes disagree on, or that hold only padding, are refused")
  func refused() {
    func refusal(_ attributes: [String: Attribute]) -> [String] {
      var maker = NetworkMaker([1, 1, 4])
      maker.then("AveragePool", [], attributes, name: "pool")
      return maker.refusals
    }
    #expect(
      refusal([:]) == ["node 'pool' (AveragePool): its kernel_shape is missing"])
    #expect(
      refusal(["kernel_shape": .ints([2]), "pads": .ints([3, 0])]) == [
        "node 'pool' (AveragePool): a window lies in the padding alone; expected some of the data in"
          + " each"
      ])
    #expect(
      refusal([
        "kernel_shape": .ints([1]), "strides": .ints([3]), "auto_pad": .string("SAME_UPPER"),
      ]).isEmpty)
    #expect(
      refusal([
        "kernel_shape": .ints([1]), "strides": .ints([2]), "auto_pad": .string("SAME_UPPER"),
      ]) == [
        "node 'pool' (AveragePool): auto_pad 'SAME_UPPER' with strides beyond the window or"
          + " dilations; expected pads"
      ])
  }
}

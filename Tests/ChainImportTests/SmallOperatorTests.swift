import NetworkGraph
import ReLUChain
import TestSupport
import Testing

/// Operators that are piecewise linear for some numbers, and refused for all others.
@Suite struct SmallOperatorTests {
  private static let pattern = "a chain alternates linear operators with Relu"

  @Test(
    "a power is read where its exponent is a stored 1, whatever its shape, and refused else",
    arguments: [
      ([1], [Int](), true), ([1, 1], [2], true), ([1, 1], [1, 2], true), ([2], [], false),
      ([0], [], false), ([0.5], [], false), ([-1], [], false), ([1, 2], [2], false),
      ([1, 1], [2, 1], false),
    ])
  func powers(exponents: [Double], shape: [Int], isRead: Bool) throws {
    var maker = NetworkMaker([1, 2])
    maker.then("Pow", [maker.floats(shape, exponents)], name: "power")
    guard isRead else {
      #expect(
        maker.refusals == [
          "node 'power' (Pow): a power is neither linear nor a ReLU; \(Self.pattern)"
        ])
      return
    }
    #expect(try maker.flatChain().logits(of: [-3, 5]) == [-3, 5])
  }

  @Test("a power is charged as what a library may round of it")
  func chargedPower() throws {
    var maker = NetworkMaker([1, 2])
    maker.then("Pow", [maker.floats([], [1])], name: "power")
    let chain = try maker.flatChain()
    let power = try #require(chain.stages[0].operators.first { $0.operatorType == "Pow" })
    guard case .scaling(let scaling) = power.kind else {
      Issue.record("no scaling")
      return
    }
    #expect(!power.isVirtual && scaling.scale == [1, 1] && scaling.deployedRoundings == 8)
  }

  @Test("data in the exponent are refused")
  func exponents() {
    var maker = NetworkMaker([1, 2])
    maker.last = maker.node("Pow", [maker.floats([], [2]), maker.last], name: "power")
    #expect(maker.refusals.count == 1 && maker.refusals[0].contains("a power is neither"))
  }

  @Test("sums of magnitudes are read; other norms, and one over no axes, are refused")
  func norms() throws {
    var maker = NetworkMaker([1, 2, 2])
    maker.then("ReduceL1", [], ["axes": .ints([1]), "keepdims": .int(0)], name: "norm")
    #expect(try maker.flatChain().logits(of: [-3, 5, 2, -7]) == [5, 12])
    var idle = NetworkMaker([1, 2], opset: 18)
    idle.then("ReduceL1", [], ["noop_with_empty_axes": .int(1)], name: "norm")
    #expect(idle.refusals.count == 1 && idle.refusals[0].contains("over no axes"))
    for type in ["ReduceL2", "ReduceSumSquare", "ReduceLogSumExp", "ReduceLogSum", "ReduceProd"] {
      var other = NetworkMaker([1, 4])
      other.then(type, [], ["axes": .ints([1])], name: "norm")
      // A result of another shape misleads nobody behind it.
      other.then("MatMul", [other.floats([1, 2], [1, 2])])
      #expect(other.refusals.count == 1, "\(type): \(other.refusals)")
    }
    var square = NetworkMaker([1, 1, 4])
    square.then("LpPool", [], ["kernel_shape": .ints([2]), "p": .int(2)], name: "pool")
    #expect(square.refusals.count == 1 && square.refusals[0].contains("pooling by a norm"))
    var first = NetworkMaker([1, 1, 4])
    first.then("LpPool", [], ["kernel_shape": .ints([2]), "p": .int(1)], name: "pool")
    #expect(try first.flatChain().logits(of: [-3, 5, 2, -7]) == [8, 7, 9])
  }

  @Test("functions of constants that nobody computes are refused as that, not as layers")
  func constants() {
    for type in ["Tanh", "Sigmoid", "Softplus", "Erf", "Sin"] {
      var maker = NetworkMaker([1, 2])
      let value = maker.node(type, [maker.floats([2], [1, 2])], name: "f")
      maker.then("Mul", [value])
      #expect(
        maker.refusals.first
          == "node 'f' (\(type)): not supported between constants; expected them folded before export",
        "\(maker.refusals)")
    }
  }

  @Test("a triangle is cut out of each example, not out of a batch")
  func triangles() throws {
    var maker = NetworkMaker([1, 2, 2])
    maker.then("Trilu", [], ["upper": .int(0)], name: "cut")
    #expect(try maker.flatChain().logits(of: [1, 2, 3, 4]) == [1, 0, 3, 4])
    // Of a batch of three with two features each the rows are examples.
    var batch = NetworkMaker([3, 2])
    batch.then("Trilu", name: "cut")
    batch.then("MatMul", [batch.floats([2, 2], [1, 0, 0, 1])])
    #expect(
      (try? batch.chain())?.notes.contains { $0.contains("read as one example without a batch") }
        ?? true)
    var vector = NetworkMaker([4])
    vector.then("Trilu", name: "cut")
    #expect(vector.refusals.count == 1 && vector.refusals[0].contains("expected matrices"))
  }

  @Test(
    "rows of a batch that are reversed by other lengths, and masks of another size, are refused")
  func moves() throws {
    var maker = NetworkMaker([1, 3])
    let mask = maker.store(
      Tensor(shape: [4], elementType: .bool, elements: .integer([1, 0, 1, 1])))
    maker.then("Compress", [mask], ["axis": .int(1)], name: "cut")
    #expect(
      maker.refusals == [
        "node 'cut' (Compress): its condition 'c1' is bool [4]; expected at most 3 of bool"
      ])
    var rows = NetworkMaker([1, 2, 3])
    rows.then(
      "ReverseSequence", [rows.integers([3, 2])],
      ["time_axis": .int(2), "batch_axis": .int(1)], name: "turn")
    #expect(rows.refusals.count == 1 && rows.refusals[0].contains("one length, 0 to 3"))
    var outside = NetworkMaker([1, 3])
    let table = outside.store(
      Tensor(shape: [1, 1], elementType: .int64, elements: .integer([3])))
    outside.then("GatherElements", [table], ["axis": .int(1)], name: "pick")
    #expect(outside.refusals == ["node 'pick' (GatherElements): index 3 is outside an axis of 3"])
  }
}

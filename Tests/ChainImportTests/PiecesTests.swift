import ReLUChain
import TestSupport
import Testing

/// What is no continuous function of each number, and what may be an infinity on the way to one.
@Suite struct PiecesTests {
  @Test(
    "what is multiplied by 0 and may be an infinity stays a value of the chain, for bounds to hold")
  func vanishing() throws {
    var maker = NetworkMaker([1, 4])
    let x = maker.last
    let large = maker.node("Mul", [x, maker.floats([], [1.5])])
    maker.last = maker.node("Add", [x, maker.node("Mul", [large, maker.floats([], [0])])])
    let factors = try maker.chain().stages.flatMap(\.operators).compactMap { linear in
      if case .scaling(let scaling) = linear.kind { scaling.scale.max() } else { nil }
    }
    #expect(factors.contains(1.5), "\(factors)")
  }

  @Test("choices, products and joins that are no chain keep a reason that is true")
  func notContinuous() throws {
    func refusal(_ build: (inout NetworkMaker) -> Void) throws -> String {
      var maker = NetworkMaker([1, 4])
      build(&maker)
      maker.then("Mul", [maker.floats([], [2])])
      do {
        _ = try maker.chain()
        return ""
      } catch let refusals as ChainRefusals {
        return refusals.description
      }
    }
    func chosen(by number: Double, _ above: Double?, _ below: Double?) throws -> String {
      try refusal { maker in
        let (x, limit) = (maker.last, maker.floats([], [number]))
        let condition = maker.node("Greater", [x, limit])
        let sides = [above, below].map { $0.map { maker.floats([], [$0]) } ?? x }
        maker.last = maker.node("Where", [condition] + sides)
      }
    }
    // x above 1/2, else 0 or 1: it jumps. x above 1/2, else 1/2: it does not.
    #expect(
      try chosen(by: 0.5, nil, 0).contains(
        "jumps at 0.5, with the node in front of it, from 0 to 0.5, which no sum of ReLUs does"))
    #expect(try chosen(by: 0.5, nil, 1).contains("from 1 to 0.5"))
    #expect(try chosen(by: 0.5, nil, 0.5) == "")
    #expect(try chosen(by: 0, 1, nil).contains("jumps at 0,"))
    #expect(try chosen(by: 0, 0, nil) == "")
    // x where it is above 1/2, as a product, jumps; past a ReLU nothing is carried.
    let product = try refusal { maker in
      let x = maker.last
      let condition = maker.node("Greater", [x, maker.floats([], [0.5])])
      maker.last = maker.node("Mul", [x, maker.node("Cast", [condition], ["to": .int(1)])])
    }
    #expect(product.contains("jumps at 0.5, with the 2 nodes"), "\(product)")
    let skip = try refusal { maker in
      let x = maker.last
      let layer = maker.node(
        "MatMul", [x, maker.floats([4, 4], [Double](repeating: 1, count: 16))])
      maker.last = maker.node("Add", [x, maker.node("Relu", [layer])])
    }
    #expect(skip.contains("a chain has no skip connections"), "\(skip)")
  }

  @Test("what may be an infinity is not multiplied by 0: a network that does gives no number there")
  func infinityTimesZero() throws {
    func refusals(_ factor: Double, _ build: (inout NetworkMaker, String, String) -> Void) -> String
    {
      var maker = NetworkMaker([1, 4])
      let x = maker.last
      let value = maker.node("Mul", [x, maker.floats([], [factor])])
      build(&maker, x, value)
      return maker.refusals.joined(separator: "; ")
    }
    for (factor, words) in [(0.5, ""), (1, ""), (-1, ""), (1.5, "0 times that is no number")] {
      let masked = refusals(factor) { maker, x, value in
        let condition = maker.node("Greater", [x, maker.floats([], [0])])
        maker.last = maker.node(
          "Mul", [value, maker.node("Cast", [condition], ["to": .int(1)])])
      }
      #expect(words.isEmpty ? masked.isEmpty : masked.contains(words), "\(factor): \(masked)")
      let vanishing = refusals(factor) { maker, x, value in
        maker.last = maker.node("Add", [x, maker.node("Mul", [value, maker.floats([], [0])])])
      }
      #expect(vanishing.isEmpty, "\(factor): \(vanishing)")
    }
  }

  @Test(
    "whole numbers of a choice are those of their type: what wraps, or loses a rest, is not looked into"
  )
  func wholeNumbers() throws {
    // x times (x > 0) - (x < 0), which is |x| where the type has -1.
    func refusals(_ code: Int64, _ operation: String = "Sub") -> String {
      var maker = NetworkMaker([1, 4])
      let (x, zero) = (maker.last, maker.floats([], [0]))
      let flags = ["Greater", "Less"].map { comparison in
        maker.node("Cast", [maker.node(comparison, [x, zero])], ["to": .int(code)])
      }
      let sign = maker.node("Cast", [maker.node(operation, flags)], ["to": .int(1)])
      maker.last = maker.node("Mul", [x, sign])
      maker.then("Mul", [maker.floats([], [2])])
      return maker.refusals.joined(separator: "; ")
    }
    // float32, int8, int16, int32, int64, float64.
    for code: Int64 in [1, 3, 5, 6, 7, 11] { #expect(refusals(code) == "", "type \(code)") }
    // uint8, uint16, uint32, uint64; bool; float16 and bfloat16, which round elsewhere.
    for code: Int64 in [2, 4, 12, 13, 9, 10, 16] { #expect(refusals(code) != "", "type \(code)") }
    // Nothing below 0 comes of a sum.
    #expect(refusals(2, "Add") == "")
    #expect(refusals(7, "Div") != "")
  }
}

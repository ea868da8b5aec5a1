import NetworkGraph
import ReLUChain
import TestSupport
import Testing

/// Resize by weighted elements, choices by stored masks and of whole numbers: what is refused, and how well the
/// weights are known.
@Suite struct ResamplingTests {
  private func resized(
    _ attributes: [String: Attribute], scales: [Double] = [1, 1, 2, 2],
    shape: [Int] = [1, 1, 3, 3],
    opset: Int = 19
  ) -> NetworkMaker {
    var maker = NetworkMaker(shape, opset: opset)
    let given = maker.floats([scales.count], scales)
    var attributes = attributes
    if attributes["mode"] == nil { attributes["mode"] = .string("linear") }
    maker.then("Resize", ["", given], attributes, name: "r")
    return maker
  }

  private func isRefused(_ maker: NetworkMaker, _ reason: String, line: Int = #line) {
    let refusals = maker.refusals
    #expect(refusals.contains { $0.contains(reason) }, "line \(line): \(refusals)")
  }

  @Test("what no file settles of a Resize is refused, in words")
  func refusals() {
    isRefused(
      resized(["antialias": .int(1)]),
      "antialias is 1, for which runtimes choose weights of their own; expected 0")
    isRefused(
      resized(["exclude_outside": .int(1)]),
      "exclude_outside is 1 with mode 'linear'; expected mode cubic")
    isRefused(
      resized(["mode": .string("spline")]), "mode is 'spline'; expected nearest, linear or cubic")
    isRefused(
      resized(["coordinate_transformation_mode": .string("tf_crop_and_resize")]),
      "expected asymmetric, align_corners, half_pixel, half_pixel_symmetric, pytorch_half_pixel or"
        + " tf_half_pixel_for_nn")
    isRefused(
      resized(["mode": .string("cubic"), "cubic_coeff_a": .float(-100)]),
      "cubic_coeff_a is -100.0; expected at most 16 in magnitude")
    isRefused(
      resized(["keep_aspect_ratio_policy": .string("crop")]),
      "keep_aspect_ratio_policy is 'crop'; expected stretch, not_larger or not_smaller")
    isRefused(resized(["axes": .ints([0, 1, 2, 2])]), "expected each once")
    isRefused(
      resized([:], scales: [1, 1, 1.25, 1]),
      "makes 3 elements of as many with a scale of 1.25, which some runtimes copy")
    isRefused(
      resized([:], scales: [2, 1, 1, 1], shape: [3, 1, 3, 3]), "resamples across a batch of 3")
    isRefused(
      resized([:], scales: [1, 1, 0.7, 1], shape: [1, 1, 10, 1]),
      "how many elements 10 become depends on rounding with a scale of 0.699999988079071")
  }

  @Test("weights are as uncertain as their computation leaves them, and copies are exact")
  func uncertainty() throws {
    func errors(_ maker: NetworkMaker) throws -> [Double] {
      try maker.flatChain().stages.flatMap(\.operators).compactMap {
        if case .scaling(let scaling) = $0.kind { scaling.uncertainty.perInput } else { nil }
      }
    }
    // Every second element, as it is.
    #expect(
      try errors(
        resized(
          ["coordinate_transformation_mode": .string("asymmetric")], scales: [1, 1, 1, 0.5],
          shape: [1, 1, 1, 4])
      ).isEmpty)
    // Quarters: nothing but the sum a + t (b - a) rounds, four unit roundoffs at most.
    let exact = try errors(resized([:], scales: [1, 1, 1, 2]))
    #expect(exact.count == 1 && exact[0] >= 3 * 0x1p-24 && exact[0] < 5 * 0x1p-24)
    // Thirds: positions up to 3, in eight roundings.
    let rounded = try errors(resized([:], scales: [1, 1, 1, 3]))
    #expect(rounded.count == 1 && rounded[0] >= 8 * 3 * 0x1p-24 && rounded[0] < 40 * 0x1p-24)
    #expect(try errors(resized([:], scales: [1, 1, 3, 3])).count == 2)
    // A chain that was read for binary32 says nothing of a network in half precision.
    let chain = try resized([:]).flatChain()
    #expect(chain.isRead(for: .binary32))
    #expect(try !chain.isRead(for: #require(ElementType.float16.format)))
  }

  @Test("whole numbers are clipped to numbers of their own type, each of the network's format")
  func wholeNumbers() {
    func clipped(_ type: ElementType, _ end: Int64, _ other: ElementType, operation: String)
      -> NetworkMaker
    {
      var maker = NetworkMaker([1, 2], type: type)
      let stored = maker.store(
        Tensor(shape: [], elementType: other, elements: .integer([end])), "end")
      maker.then(operation, operation == "Clip" ? ["", stored] : [stored], name: "n")
      maker.then("Cast", [], ["to": .int(1)])
      return maker
    }
    for operation in ["Clip", "Max", "Min"] {
      #expect(clipped(.uint8, 200, .uint8, operation: operation).refusals == [])
      isRefused(
        clipped(.uint8, 200, .int32, operation: operation),
        "'end' is int32; expected uint8, as the data are")
      #expect(clipped(.int32, 1 << 24, .int32, operation: operation).refusals == [])
      isRefused(
        clipped(.int32, 1 << 24 + 1, .int32, operation: operation),
        "'end' has 16777217, which a Cast behind it rounds")
    }
    // No number lies beyond.
    #expect(clipped(.int32, Int64(Int32.max), .int32, operation: "Clip").refusals == [])
    var maker = NetworkMaker([1, 2], type: .uint8, opset: 11)
    maker.then("Clip", [], ["max": .float(9)], name: "n")
    maker.then("Cast", [], ["to": .int(1)])
    isRefused(maker, "its max is an attribute; expected an input, of the data's own type")
  }

  @Test("a mask has to be stored, and what is chosen beside the data, too")
  func masks() {
    func chosen(_ mask: Tensor, other: (inout NetworkMaker) -> String) -> NetworkMaker {
      var maker = NetworkMaker([1, 2])
      let condition = maker.store(mask, "mask")
      let constant = other(&maker)
      maker.last = maker.node("Where", [condition, "x", constant], name: "w")
      return maker
    }
    let mask = Tensor(shape: [2], elementType: .bool, elements: .integer([1, 0]))
    let numbers = Tensor(shape: [2], elementType: .float32, elements: .float([1, 0]))
    #expect(chosen(mask) { $0.floats([2], [1, 2]) }.refusals == [])
    isRefused(
      chosen(numbers) { $0.floats([2], [1, 2]) }, "its condition 'mask' is float32; expected bool")
    isRefused(
      chosen(mask) { $0.floats([2], [1, -.infinity], name: "c") },
      "'c'[1] is -infinity; expected a finite number")
    isRefused(
      chosen(mask) { maker in
        let thirds = maker.floats([2], [1, 3])
        return maker.node("Div", [maker.floats([], [1]), thirds])
      }, "chooses between the data and computed constants; expected stored ones")
    var maker = NetworkMaker([1, 2])
    maker.then("GatherND", [maker.integers([0, 2])], name: "g")
    isRefused(maker, "index 2 is outside an axis of 2")
  }
}

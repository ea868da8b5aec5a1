import Foundation
import Testing

/// Properties with a disjunct that no budget decides, beside one that is easily met: the hard one comes first.
@Suite struct DisjunctTests {
  /// `y = - sum |x_i - x_{i+1}|` around a cycle. Over the unit box it is at least `1 - count` where the count
  /// is odd, and every bound that takes its terms one by one is `-count`; where all entries are equal, it is 0.
  private static func cycle(_ count: Int) -> String {
    func row(_ place: Int, _ sign: Int) -> String {
      var row = [Int](repeating: 0, count: count)
      (row[place], row[(place + 1) % count]) = (sign, -sign)
      return "\(row)"
    }
    let rows = (0..<count).flatMap { [row($0, 1), row($0, -1)] }.joined(separator: ",")
    let zeros = [Int](repeating: 0, count: 2 * count)
    let ones = [Int](repeating: -1, count: 2 * count)
    return """
      {"format": "certify-weights", "version": 1, "dtype": "float32", "input": {"shape": [\(count)]},
       "layers": [{"type": "dense", "weights": [\(rows)], "bias": \(zeros)}, {"type": "relu"},
        {"type": "dense", "weights": [\(ones)], "bias": [0]}]}
      """
  }

  private static func property(_ count: Int, _ last: String) -> String {
    let inputs = (0..<count).map { "(declare-const X_\($0) Real)\n" }.joined()
    func box(_ ends: String, _ more: String) -> String {
      let sides = (0..<count).map { "(>= X_\($0) 0) (<= X_\($0) \(ends))" }.joined(separator: " ")
      return "(and \(sides) \(more))"
    }
    return """
      \(inputs)(declare-const Y_0 Real)
      (assert (or \(box("1", "(<= Y_0 \(Double(1 - count) - 0.25))"))
        \(box("0.125", "(<= Y_0 \(Double(-count)))")) \(box("0.125", last))))
      """
  }

  private static func answer(_ count: Int, _ last: String, splits: Int) throws -> Outcome {
    let scratch = try Scratch()
    try Data(cycle(count).utf8).write(to: scratch.file("cycle.json"))
    try Data(property(count, last).utf8).write(to: scratch.file("p.vnnlib"))
    return try Command.run(
      "verify", scratch.path("cycle.json"), scratch.path("p.vnnlib"), "--splits", "\(splits)")
  }

  @Test(
    "what the middle of a later box violates is found, whatever an earlier disjunct would take",
    arguments: [7, 19, 27])
  func middle(count: Int) throws {
    let found = try Self.answer(count, "(>= Y_0 -0.25)", splits: 8)
    #expect(found.status == 1 && found.output.hasPrefix("sat\n"), "\(found)")
    // Without that disjunct the budget does not do.
    let open = try Self.answer(count, "(>= Y_0 0.25)", splits: 8)
    #expect(open.status == 1 && open.output == "timeout\n", "\(open)")
  }

  @Test("what only descents find in a later box is found as well", arguments: [7, 27])
  func descent(count: Int) throws {
    // At a corner of the last box `y` is as small as `(1 - count) / 8`, in its middle 0.
    let found = try Self.answer(count, "(<= Y_0 -0.25)", splits: 8)
    #expect(found.status == 1 && found.output.hasPrefix("sat\n"), "\(found)")
  }
}

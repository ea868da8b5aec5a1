import Foundation
import ReportTestSupport
import Testing

/// Networks whose input or layers have another type than binary32.
@Suite struct TypeTests {
  /// x [1, 2] -> relu(x W) V, by nodes around it.
  private static func model(input: Int, weights: Int, _ first: String, last: String) -> String {
    // 1, -1, 2, 1 and 1, 0, 0, 1, as float16's bits or as numbers of float32.
    let (w, v) =
      weights == 10
      ? ("\"int32_data\": [15360, 48128, 16384, 15360]", "\"int32_data\": [15360, 0, 0, 15360]")
      : ("\"float_data\": [1, -1, 2, 1]", "\"float_data\": [1, 0, 0, 1]")
    return """
      {"ir_version": 8, "opset_import": [{"version": 17}], "graph": {"name": "g",
      "input": [{"name": "x", "type": {"tensor_type": {"elem_type": \(input), "shape": {"dim":
        [{"dim_value": 1}, {"dim_value": 2}]}}}}],
      "output": [{"name": "y"}],
      "initializer": [
        {"name": "w", "data_type": \(weights), "dims": [2, 2], \(w)},
        {"name": "v", "data_type": \(weights), "dims": [2, 2], \(v)},
        {"name": "c", "data_type": 1, "dims": [], "float_data": [64]}],
      "node": [
        \(first),
        {"op_type": "MatMul", "input": ["s", "w"], "output": ["h"], "name": "fc1"},
        {"op_type": "Relu", "input": ["h"], "output": ["r"], "name": "relu"},
        {"op_type": "MatMul", "input": ["r", "v"], "output": ["z"], "name": "fc2"},
        \(last)]}}
      """
  }

  private static func cast(_ input: String, _ output: String, to type: Int) -> String {
    """
    {"op_type": "Cast", "input": ["\(input)"], "output": ["\(output)"], "name": "to\(type)",
     "attribute": [{"name": "to", "type": "INT", "i": \(type)}]}
    """
  }

  @Test("a network of float16 between casts is certified as one, or exactly, and as no other")
  func halfInside() throws {
    let scratch = try Scratch()
    let text = Self.model(
      input: 1, weights: 10, Self.cast("x", "s", to: 10), last: Self.cast("z", "y", to: 1))
    try Data(text.utf8).write(to: scratch.file("half.json"))
    try Data("1,0.25\n".utf8).write(to: scratch.file("x.csv"))
    func run(_ arithmetic: String) throws -> Outcome {
      try Command.run(
        "half.json", "--data", "x.csv", "--label-column", "none", "--eps", "0.0625", "--radii",
        "off", "--arithmetic", arithmetic, in: scratch.folder)
    }
    // x1 + 2 x2 is 3/2, at least 21/16; -x1 + x2 is -3/4, at most -5/8: off.
    for (arithmetic, most) in [("real", 21.0 / 16), ("float16", 21.0 / 16)] {
      let outcome = try run(arithmetic)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let certificate = try Command.report(outcome.output)["certificates"]?.elements.first
      let margin = try #require(certificate?["margin"]?.double)
      #expect(margin <= most && margin > 1, "\(arithmetic): \(margin)")
      #expect(certificate?["verdict"]?.string == "certified")
    }
    let refused = try run("float32")
    #expect(refused.status != 0 && refused.output == "")
    #expect(refused.errors.contains("float16"), "\(refused.errors)")
  }

  @Test("a network that casts and scales bytes itself takes eps in grey levels")
  func bytes() throws {
    let scratch = try Scratch()
    let scaled = """
      \(Self.cast("x", "f", to: 1)),
      {"op_type": "Div", "input": ["f", "c"], "output": ["s"], "name": "scale"}
      """
    let text = Self.model(
      input: 2, weights: 1, scaled,
      last: #"{"op_type": "Identity", "input": ["z"], "output": ["y"], "name": "end"}"#)
    try Data(text.utf8).write(to: scratch.file("bytes.json"))
    // One item of two bytes, 64 and 16: behind the division 1 and 1/4.
    try Data([0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 2, 64, 16]).write(to: scratch.file("x.idx"))
    let outcome = try Command.run(
      "bytes.json", "--data", "x.idx", "--eps", "4", "--radii", "off",
      "--arithmetic", "real", in: scratch.folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let certificate = try Command.report(outcome.output)["certificates"]?.elements.first
    let margin = try #require(certificate?["margin"]?.double)
    // 3/2 less three times 4/64, of which a report has nine digits.
    #expect(margin <= 21.0 / 16 && margin > 21.0 / 16 - 1e-7, "\(margin)")
  }
}

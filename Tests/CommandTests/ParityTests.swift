import Foundation
import ReportTestSupport
import Testing

/// `fixtures/parity` has what onnxruntime computes for the first twelve digits.
@Suite struct ParityTests {
  static let model = Command.digits("conv-robust.onnx")

  static func inspect(_ expected: String, _ more: String...) throws -> Outcome {
    try inspect(expected, more)
  }

  static func inspect(_ expected: String, _ more: [String]) throws -> Outcome {
    let path = Command.package.appending(path: "fixtures/parity/\(expected)").path
    return try Command.run(
      Command.program,
      ["inspect", model, "--data", Command.images, "--expect-logits", path] + more)
  }

  @Test("onnxruntime's logits and every intermediate value agree, without any tolerance given")
  func agrees() throws {
    let logits = try Self.inspect("logits.npy")
    #expect(logits.status == 0, "\(logits.output)")
    #expect(logits.output.contains("compared   12 examples"))
    #expect(logits.output.contains("0 of 12 predictions differ"))
    let every = try Self.inspect("values.npz")
    #expect(every.status == 0, "\(every.output)")
    #expect(every.output.components(separatedBy: "\nagrees").count == 9)
    #expect(!every.output.contains("DIFFERS"))
    let probabilities = try Self.inspect("probabilities.npy")
    #expect(probabilities.status == 0 && probabilities.output.contains("compared with the softmax"))
    let logarithms = try Self.inspect("logarithms.npy")
    #expect(logarithms.status == 0, "\(logarithms.output)")
    #expect(logarithms.output.contains("the logits' LogSoftmax"))
  }

  @Test("scores that look like probabilities, or like their logarithms, may be scores all the same")
  func scoresLikeProbabilities() throws {
    let scratch = try Scratch()
    // 1 and 0 add up to 1; exp 0 and exp -8 nearly do.
    for scores in [[1.0, 0], [0, -8]] {
      try Data(
        """
        {"format": "certify-weights", "version": 1, "dtype": "float32", "input": {"shape": [2]},
         "layers": [{"type": "dense", "weights": [[0, 0], [0, 0]], "bias": \(scores)}]}
        """.utf8
      ).write(to: scratch.file("net.json"))
      try NormCommandTests.idx([0.25, 0.5], shape: [1, 2]).write(to: scratch.file("x.idx"))
      try NormCommandTests.idx(scores, shape: [1, 2]).write(to: scratch.file("y.idx"))
      func inspected(_ expected: String) throws -> Outcome {
        try Command.run(
          "inspect", scratch.path("net.json"), "--data", scratch.path("x.idx"), "--expect-logits",
          scratch.path(expected))
      }
      let same = try inspected("y.idx")
      #expect(same.status == 0 && same.output.contains("\nagrees"), "\(same)")
      #expect(!same.output.contains("oftmax"), "\(same)")
      let moved = [scores[0], scores[1] - 0.0005]
      try NormCommandTests.idx(moved, shape: [1, 2]).write(to: scratch.file("z.idx"))
      #expect(try inspected("z.idx").status == 2)
    }
  }

  @Test("probabilities are compared in units of probabilities, and other winners are status 2")
  func otherClasses() throws {
    let scratch = try Scratch()
    let name = "fixtures/parity/probabilities.npy"
    var bytes = [UInt8](try Data(contentsOf: Command.package.appending(path: name)))
    // 12 examples of 10 classes in binary32: every class gets its neighbour's probability.
    let start = bytes.count - 12 * 40
    for row in stride(from: start, to: bytes.count, by: 40) {
      let rotated = Array(bytes[row + 4..<row + 40] + bytes[row..<row + 4])
      bytes.replaceSubrange(row..<row + 40, with: rotated)
    }
    try Data(bytes).write(to: scratch.file("rotated.npy"))
    let common = ["inspect", Self.model, "--data", Command.images, "--expect-logits"]
    let rotated = try Command.run(Command.program, common + [scratch.path("rotated.npy")])
    #expect(rotated.status == 2)
    #expect(rotated.output.contains("12 of 12 predictions differ, 12 by more than a tie"))
    // However much is accepted as a difference.
    let loose = try Command.run(
      Command.program, common + [scratch.path("rotated.npy"), "--logits-tolerance", "100"])
    #expect(loose.status == 2 && loose.output.contains("examples more than a tie"))
  }

  @Test("data that are read in another way are status 2, and the way that agrees is named")
  func otherReadings() throws {
    for (file, remedy) in [
      ("transposed.npy", "--layout ncwh"), ("unscaled.npy", "--scale 1"),
      ("normalised.npy", "--scale 1/255 --mean 0.5 --std 0.5"),
    ] {
      let outcome = try Self.inspect(file)
      #expect(outcome.status == 2)
      #expect(outcome.output.contains("They would agree with: \(remedy)\n"), "\(outcome.output)")
      // The named options make it so.
      let options = remedy.split(separator: " ").map(String.init)
      let path = Command.package.appending(path: "fixtures/parity/\(file)").path
      let again = try Command.run(
        Command.program,
        ["inspect", Self.model, "--data", Command.images, "--expect-logits", path] + options)
      #expect(again.status == 0, "\(again.output)")
    }
    let none = try Self.inspect("inverted.npy")
    #expect(none.status == 2 && none.output.contains("None of the usual other readings"))
  }

  @Test("with intermediate values the first layer that differs is named")
  func firstLayer() throws {
    let outcome = try Self.inspect("changed.npz")
    #expect(outcome.status == 2)
    #expect(
      outcome.output.contains("first different: \"/2/Conv_output_0\" of node '/2/Conv' (Conv)\n"))
    #expect(!outcome.output.contains("They would agree with"))
  }

  @Test("named values stand behind --mean and --std as well: the place of each moves with its node")
  func normalisedValues() throws {
    // A mean of 0 and a deviation of 1 change no number at all; nor do 255 and the scale 1, but for rounding.
    for options in [["--mean", "0", "--std", "1"], ["--scale", "1", "--std", "255"]] {
      let outcome = try Self.inspect("values.npz", options)
      #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
      #expect(outcome.output.components(separatedBy: "\nagrees").count == 9)
    }
    // What differs is still the node that does, and a normalisation that is one too many is named.
    let changed = try Self.inspect("changed.npz", ["--mean", "0", "--std", "1"])
    #expect(changed.status == 2)
    #expect(
      changed.output.contains("first different: \"/2/Conv_output_0\" of node '/2/Conv' (Conv)\n"))
    let twice = try Self.inspect("values.npz", ["--mean", "0.5", "--std", "0.5"])
    #expect(twice.status == 2)
    #expect(
      twice.output.contains("They would agree with: --scale 1/255 without --mean and --std\n"))
  }

  @Test("--logits-tolerance replaces what rounding explains")
  func tolerance() throws {
    #expect(try Self.inspect("changed.npz", "--logits-tolerance", "0.2").status == 0)
    #expect(try Self.inspect("logits.npy", "--logits-tolerance", "0").status == 2)
    #expect(try Self.inspect("logits.npy", "--logits-tolerance", "1e-4").status == 0)
  }

  @Test(
    "--emit-logits writes binary64 that agree with themselves, from inspect and from a run in binary64"
  )
  func emitted() throws {
    let scratch = try Scratch()
    let common = ["--data", Command.images, "--limit", "12"]
    for (name, arguments) in [
      ("a.npy", ["inspect", Self.model]),
      (
        "b.npy",
        [Self.model, "--eps", "0.05", "--quiet", "--radii", "off", "--arithmetic", "float64"]
      ),
      ("c.idx", ["inspect", Self.model]),
    ] {
      let run = try Command.run(
        Command.program, arguments + common + ["--emit-logits", scratch.path(name)])
      #expect(run.status == 0, "\(run.errors)")
      let again = try Command.run(
        Command.program,
        ["inspect", Self.model] + common
          + ["--expect-logits", scratch.path(name), "--logits-tolerance", "0"])
      #expect(again.status == 0, "\(again.output)\(again.errors)")
    }
    let (a, b) = (
      try Data(contentsOf: scratch.file("a.npy")), try Data(contentsOf: scratch.file("b.npy"))
    )
    #expect(a == b && a.count == 128 + 12 * 10 * 8)
  }

  @Test("what cannot be compared is refused by its place")
  func refusals() throws {
    let scratch = try Scratch()
    let values = Command.package.appending(path: "fixtures/parity/values.npz").path
    func errors(_ arguments: String..., status: Int32) throws -> String {
      let outcome = try Command.run(Command.program, ["inspect", Self.model] + arguments)
      #expect(outcome.status == status, "\(outcome.errors)")
      return outcome.errors
    }
    #expect(try errors("--expect-logits", values, status: 64).contains("without --data"))
    #expect(
      try errors("--data", Command.images, status: 64).contains(
        "without --expect-logits or --emit-logits"))
    #expect(
      try errors(
        "--data", Command.images, "--limit", "5", "--expect-logits", values, status: 65
      ).contains("expected at most 5, one for each example"))
    #expect(
      try errors(
        "--data", Command.images, "--expect-logits", Command.images, status: 65
      ).contains("expected 10 values an item"))
    #expect(
      try errors(
        "--data", Command.images, "--emit-logits", scratch.path("logits.txt"), status: 64
      ).contains("ends in .npy or .idx"))
  }

  @Test("a network with one output is read as two classes, and says so")
  func singleLogit() throws {
    let path = Command.package.appending(path: "fixtures/zoo/accepted/torch-single-logit.onnx").path
    let outcome = try Command.run("inspect", path)
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("classes    2\n"))
    #expect(
      outcome.output.contains(
        "one score z read as two classes, with the logits 0 and z: class 1 where z > 0, else class 0"
      ))
  }

  /// x -> z = x1 - 2 x2 + 1/2, and what stands behind it.
  private static func oneScore(_ nodes: String, output: String) -> String {
    """
    {"ir_version": 8, "opset_import": [{"version": 17}], "graph": {"name": "g",
    "input": [{"name": "x", "type": {"tensor_type": {"elem_type": 1, "shape": {"dim":
      [{"dim_value": 1}, {"dim_value": 2}]}}}}],
    "output": [{"name": "\(output)"}],
    "initializer": [
      {"name": "w", "data_type": 1, "dims": [2, 1], "float_data": [1, -2]},
      {"name": "b", "data_type": 1, "dims": [1], "float_data": [0.5]},
      {"name": "one", "data_type": 1, "dims": [], "float_data": [1]}],
    "node": [{"op_type": "Gemm", "input": ["x", "w", "b"], "output": ["z"], "name": "fc"}\(nodes)]}}
    """
  }

  @Test("one score that a clip keeps between 0 and 1 is refused: nothing says where class 1 begins")
  func oneProbability() throws {
    let scratch = try Scratch()
    try Data("0.25,0.5\n".utf8).write(to: scratch.file("x.csv"))
    let end = """
      , {"op_type": "HardSigmoid", "input": ["z"], "output": ["p"], "name": "hard"}
      """
    try Data(Self.oneScore(end, output: "p").utf8).write(to: scratch.file("model.json"))
    let run = try Command.run(
      Command.program,
      ["model.json", "--data", "x.csv", "--label-column", "none", "--eps", "0.01"],
      in: scratch.folder)
    #expect(run.status == 65 && run.output.isEmpty)
    #expect(run.errors.contains("output 'p': one score that lies between 0 and 1 after 'hard'"))
    let seen = try Command.run(Command.program, ["inspect", "model.json"], in: scratch.folder)
    #expect(seen.output.contains("one score that lies between 0 and 1"), "\(seen)")
  }

  @Test("the values of a network with one score are held against it, scores or probabilities")
  func oneScore() throws {
    let scratch = try Scratch()
    try Data("1,0\n0,1\n-3,0.25\n0.5,0.125\n".utf8).write(to: scratch.file("x.csv"))
    let scores = [1.5, -1.5, -3, 0.75]
    func sigmoid(_ z: Double) -> Double { 1 / (1 + exp(-z)) }
    let sigmoidNode = """
      , {"op_type": "Sigmoid", "input": ["z"], "output": ["p"], "name": "s"}
      """
    let less = """
      , {"op_type": "Sub", "input": ["one", "p"], "output": ["q"], "name": "less"}
      """
    func compare(_ nodes: String, _ output: String) throws -> Outcome {
      try Data(Self.oneScore(nodes, output: output).utf8).write(to: scratch.file("model.json"))
      return try Command.run(
        Command.program,
        [
          "inspect", "model.json", "--data", "x.csv", "--label-column", "none", "--expect-logits",
          "expected.npy",
        ], in: scratch.folder)
    }
    func npy(_ values: [Double]) throws {
      var header = "{'descr': '<f8', 'fortran_order': False, 'shape': (\(values.count), 1), }"
      while (header.utf8.count + 11) % 64 != 0 { header += " " }
      header += "\n"
      var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0]
      bytes += Array(header.utf8)
      for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 } }
      try Data(bytes).write(to: scratch.file("expected.npy"))
    }
    for (nodes, output, values) in [
      ("", "z", scores), (sigmoidNode, "p", scores.map(sigmoid)), (sigmoidNode, "p", scores),
      (sigmoidNode + less, "q", scores.map { 1 - sigmoid($0) }),
    ] {
      try npy(values)
      let agrees = try compare(nodes, output)
      #expect(agrees.status == 0, "\(output): \(agrees.output)\(agrees.errors)")
      #expect(agrees.output.contains("0 of 4 predictions differ"), "\(agrees.output)")
      // The other class's values.
      try npy(values.map { output == "z" || values == scores ? -$0 : 1 - $0 })
      let differs = try compare(nodes, output)
      #expect(differs.status == 2, "\(output): \(differs.output)\(differs.errors)")
      #expect(differs.output.contains("4 of 4 predictions differ, 4 by more than a tie"))
    }
  }
}

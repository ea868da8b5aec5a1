import Foundation
import ReportTestSupport
import Testing

/// Networks whose input is of an integer type: what they cannot be given is no counterexample.
@Suite struct WholeNumberTests {
  /// Class 1 where the first byte is above 101.25.
  private static let network = """
    {"graph": {"name": "bytes", "node": [
      {"input": ["x"], "output": ["f"], "opType": "Cast",
       "attribute": [{"name": "to", "i": 1, "type": "INT"}]},
      {"input": ["f", "w", "b"], "output": ["y"], "opType": "Gemm",
       "attribute": [{"name": "transB", "i": 1, "type": "INT"}]}],
     "initializer": [
      {"dims": [2, 2], "dataType": 1, "name": "w", "floatData": [0, 0, 1, 0]},
      {"dims": [2], "dataType": 1, "name": "b", "floatData": [101.25, 0]}],
     "input": [{"name": "x", "type": {"tensorType": {"elemType": 2, "shape": {"dim": [
        {"dimParam": "N"}, {"dimValue": 2}]}}}}],
     "output": [{"name": "y", "type": {"tensorType": {"elemType": 1, "shape": {"dim": [
        {"dimParam": "N"}, {"dimValue": 2}]}}}}]},
     "irVersion": 8, "opsetImport": [{"domain": "", "version": 13}]}
    """

  private static func files(_ scratch: Scratch) throws -> String {
    try Data(network.utf8).write(to: scratch.file("net.json"))
    try Data("100,7\n".utf8).write(to: scratch.file("x.csv"))
    return scratch.path("net.json")
  }

  @Test(
    "falsified by whole numbers alone: 101.5 is within eps, and cannot be given",
    arguments: [
      ("linf", "1.5", "unknown"), ("linf", "2", "falsified"), ("l2", "1.75", "unknown"),
      ("l2", "2.25", "falsified"), ("l1", "1.75", "unknown"), ("l1", "3", "falsified"),
      ("linf", "1", "certified"),
    ], ["real", "float32"])
  func verdicts(case instance: (String, String, String), arithmetic: String) throws {
    let scratch = try Scratch()
    let (norm, epsilon, verdict) = instance
    let network = try Self.files(scratch)
    let data = ["--data", scratch.path("x.csv"), "--label-column", "none", "--quiet"]
    let proofs = ["--proofs", scratch.path("proofs")]
    let outcome = try Command.run(
      Command.program,
      [
        network, "--scale", "1", "--eps", epsilon, "--norm", norm, "--arithmetic", arithmetic,
        "--radii", "all", "-o", scratch.path("r.json"),
      ] + data + proofs)
    #expect(outcome.status == 0, "\(outcome)")
    let report = try Data(contentsOf: scratch.file("r.json"))
    let text = String(decoding: report, as: UTF8.self)
    #expect(text.contains("\"verdict\":\"\(verdict)\""), "\(instance) \(arithmetic)")
    let audit = try Command.run(
      Command.program,
      ["audit", scratch.path("r.json"), "--model", network, "--radii"] + data + proofs)
    #expect(audit.status == 0 && audit.output.hasPrefix("valid"), "\(instance) \(audit)")
  }

  @Test("where the best point of a ball has a rest, the whole numbers towards the centre count")
  func towardsCentre() throws {
    let scratch = try Scratch()
    _ = try Self.files(scratch)
    // Class 1 where 3 x + y is above 316.5, 9.5 more than at (100, 7): at (103, 8), sqrt(10) away. The best point
    // of the larger ball is (103.3, 8.1), and in the smaller one nothing but fractions is enough.
    let text = Self.network.replacing("[0, 0, 1, 0]", with: "[0, 0, 3, 1]")
      .replacing("101.25", with: "316.5")
    try Data(text.utf8).write(to: scratch.file("net.json"))
    for (epsilon, verdict) in [("3.5", "falsified"), ("3.0625", "unknown"), ("3", "certified")] {
      let outcome = try Command.run(
        scratch.path("net.json"), "--data", scratch.path("x.csv"), "--label-column", "none",
        "--scale", "1", "--eps", epsilon, "--norm", "l2", "--quiet", "-o", scratch.path("r.json"))
      #expect(outcome.status == 0, "\(outcome)")
      let report = try String(contentsOf: scratch.file("r.json"), encoding: .utf8)
      #expect(report.contains("\"verdict\":\"\(verdict)\""), "\(epsilon)")
    }
  }

  @Test(
    "what integers compute before they are cast wraps, or loses a rest, and is refused",
    arguments: ["Neg", "Abs", "ReduceMean", "ReduceSum", "Add", "Sub", "Sum"])
  func integerArithmetic(operation: String) throws {
    let scratch = try Scratch()
    _ = try Self.files(scratch)
    let inputs = ["Add", "Sub", "Sum"].contains(operation) ? "\"x\", \"x\"" : "\"x\""
    let first = """
      {"input": [\(inputs)], "output": ["z"], "opType": "\(operation)", "name": "early"},
      {"input": ["z"], "output": ["f"], "opType": "Cast",
      """
    // In int8 and int32.
    for type in [3, 6] {
      let text = Self.network
        .replacing("{\"input\": [\"x\"], \"output\": [\"f\"], \"opType\": \"Cast\",", with: first)
        .replacing("\"elemType\": 2", with: "\"elemType\": \(type)")
      #expect(text.contains("early"))
      try Data(text.utf8).write(to: scratch.file("early.json"))
      let outcome = try Command.run("inspect", scratch.path("early.json"))
      #expect(outcome.status == 65, "\(outcome.output)")
      #expect(
        outcome.errors.contains(
          "node 'early' (\(operation)): computes in \(type == 3 ? "int8" : "int32"), where sums wrap"
        ),
        "\(outcome.errors)")
    }
  }

  /// Bytes as IDX, one item of two: (100, 7), which is class 0; class 1 begins at 101.25.
  private static func bytes(_ scratch: Scratch) throws -> [String] {
    _ = try files(scratch)
    try Data([0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 2, 100, 7]).write(to: scratch.file("x.idx"))
    return ["net.json", "--data", "x.idx", "--quiet"]
  }

  @Test(
    "bytes are taken as they are stored: (104, 7) is class 1, which 104/255 would not be",
    arguments: [(104, 1, 2, "certified"), (104, 1, 3, "falsified"), (100, 0, 1, "certified")])
  func storedBytes(case instance: (UInt8, Int, Int, String)) throws {
    let scratch = try Scratch()
    let network = try Self.bytes(scratch)
    let (byte, prediction, epsilon, verdict) = instance
    try Data([0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 2, byte, 7]).write(to: scratch.file("x.idx"))
    let run = network + ["--eps", "\(epsilon)", "-o", "r.json", "--proofs", "proofs"]
    let outcome = try Command.run(Command.program, run, in: scratch.folder)
    #expect(outcome.status == 0, "\(outcome)")
    let text = try scratch.text("r.json")
    let report = try Command.report(text)
    let certificate = try #require(report["certificates"]?.elements.first)
    #expect(certificate["prediction"]?.double == Double(prediction))
    #expect(certificate["verdict"]?.string == verdict)
    // The report says what was used, and is made again from what it says.
    #expect(report["data"]?["scale"]?["text"]?.string == "1")
    #expect(report["warnings"]?.elements.count == 0)
    let notes = report["model"]?["notes"]?.elements.compactMap(\.string) ?? []
    #expect(notes.contains { $0.contains("whole numbers, 0 to 255") && $0.contains("by 255") })
    let again = try Command.run("verify", "r.json", in: scratch.folder)
    #expect(again.status == 0, "\(again)")
    let audit = try Command.run(
      "audit", "r.json", "--model", "net.json", "--data", "x.idx", "--proofs", "proofs", "--quiet",
      in: scratch.folder)
    #expect(audit.status == 0 && audit.output.hasPrefix("valid"), "\(audit)")
    let typed = try Command.run(
      Command.program, network + ["--eps", "\(epsilon)", "--scale", "1", "-o", "typed.json"],
      in: scratch.folder)
    #expect(typed.status == 0)
    let untyped = try Command.run(
      Command.program, network + ["--eps", "\(epsilon)", "-o", "untyped.json"], in: scratch.folder)
    #expect(untyped.status == 0)
    #expect(try scratch.text("typed.json") == scratch.text("untyped.json"))
  }

  @Test("a journal of bytes that are taken as they are is gone on with")
  func journal() throws {
    let scratch = try Scratch()
    let run = try Self.bytes(scratch) + ["--eps", "1", "--journal", "j", "-o", "r.json"]
    for more in [[], ["--resume"]] {
      let outcome = try Command.run(Command.program, run + more, in: scratch.folder)
      #expect(outcome.status == 0, "\(outcome)")
    }
    #expect(try scratch.text("r.json").contains("\"verdict\":\"certified\""))
  }

  @Test(
    "data, a scale or an eps of other units are refused without a word of 1/255, or accepted with one",
    arguments: [
      (
        ["--eps", "0.02"], 64,
        "--eps: 0.02, where the network's input takes whole numbers from 0 to 255"
      ),
      (
        ["--eps", "0.02"], 64,
        "1 or more, in units of these numbers, which are not divided by 255 (5.1, "
      ),
      (["--eps", "0.5", "--scale", "1"], 64, "--eps: 0.5, where the network's input takes"),
      (["--eps", "2", "--scale", "1/255"], 64, "--scale: 1/255, where the network's input takes"),
      (
        ["--eps", "0.02", "--scale", "1/255"], 64, "expected --scale 1, with eps in units of these"
      ),
      (["--eps", "2", "--mean", "0.5"], 64, "--mean: a normalisation, where the network's input"),
      (["--eps", "2", "--std", "2"], 64, "--std: a normalisation, where the network's input"),
      (
        ["--eps", "2", "--scale", "3"], 65,
        "x.idx: numbers from 21 to 300, where the network's input"
      ),
    ])
  func otherUnits(case instance: ([String], Int32, String)) throws {
    let scratch = try Scratch()
    let (options, status, words) = instance
    let run = try Self.bytes(scratch) + options
    let refused = try Command.run(Command.program, run, in: scratch.folder)
    #expect(refused.status == status && refused.output == "", "\(refused)")
    #expect(refused.errors.contains(words), "\(refused.errors)")
    #expect(!refused.errors.contains("--scale 1/255 ("), "\(refused.errors)")
    let accepted = try Command.run(
      Command.program, run + ["--accept-units", "-o", "r.json"], in: scratch.folder)
    #expect(accepted.status == 0, "\(accepted)")
    let kinds = try Command.report(try scratch.text("r.json"))["warnings"]?.elements.map {
      $0["kind"]?.string
    }
    #expect(kinds?.contains("whole_inputs") == true)
    let again = try Command.run("verify", "r.json", in: scratch.folder)
    #expect(again.status == 0, "\(again)")
  }

  @Test(
    "numbers of other forms are taken where the network could be given them",
    arguments: [
      ("0.5,0.25", "0.1", 65, "numbers from 0.25 to 0.5, not all of them whole"),
      ("-1,3", "1", 65, "numbers from -1 to 3, where the network's input takes"),
      ("256,3", "1", 65, "numbers from 3 to 256, where the network's input takes"),
      ("100,7", "0.1", 64, "no other lies within it"), ("100,7", "1", 0, ""),
      // All 0 or 1: features, of which eps is a part.
      ("1,0", "0.25", 0, ""), ("1,0", "1", 64, "the ball holds every possible input"),
    ])
  func otherForms(case instance: (String, String, Int32, String)) throws {
    let scratch = try Scratch()
    _ = try Self.files(scratch)
    let (row, epsilon, status, words) = instance
    try Data("\(row)\n".utf8).write(to: scratch.file("x.csv"))
    let outcome = try Command.run(
      "net.json", "--data", "x.csv", "--label-column", "none", "--eps", epsilon, "--quiet",
      in: scratch.folder)
    #expect(outcome.status == status, "\(outcome)")
    #expect(words.isEmpty ? outcome.errors.isEmpty : outcome.errors.contains(words), "\(outcome)")
    #expect(!outcome.errors.contains("/255"), "\(outcome.errors)")
  }

  @Test("the logits of bytes are those of the bytes as they are")
  func logits() throws {
    let scratch = try Scratch()
    _ = try Self.bytes(scratch)
    let outcome = try Command.run(
      "inspect", "net.json", "--data", "x.idx", "--emit-logits", "z.idx", in: scratch.folder)
    #expect(outcome.status == 0, "\(outcome)")
    // 101.25 and 100, as binary32 or as binary64.
    let bytes = [UInt8](try Data(contentsOf: scratch.file("z.idx")))
    #expect(
      bytes.suffix(8) == [0x42, 0xca, 0x80, 0, 0x42, 0xc8, 0, 0]
        || bytes.suffix(16) == [0x40, 0x59, 0x50, 0, 0, 0, 0, 0, 0x40, 0x59, 0, 0, 0, 0, 0, 0])
  }
}

import Foundation
import ReportTestSupport
import Testing

/// The complete search, from the command line.
@Suite struct SplitTests {
  private static func report(_ arguments: String...) throws -> JSONText {
    let outcome = try Command.run(
      Command.program,
      [
        Command.digits("dense-ordinary.onnx"), "--data", Command.images, "--radii", "off",
        "--quiet",
      ] + arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try Command.report(outcome.output)
  }

  private static func verdicts(_ report: JSONText) -> [String] {
    (report["certificates"]?.elements ?? []).map { $0["verdict"]?.string ?? "" }
  }

  @Test(
    "a search decides what bounds leave open, touches nothing else, and says what it did",
    arguments: ["real", "float32"])
  func decides(arithmetic: String) throws {
    let question = ["--eps", "0.06", "--limit", "150", "--arithmetic", arithmetic]
    let bounded = try Self.report(
      question[0], question[1], question[2], question[3], question[4], question[5], "--splits", "0")
    let searched = try Self.report(
      question[0], question[1], question[2], question[3], question[4], question[5])
    #expect(bounded["options"]?["splits"]?.int == 0)
    #expect(searched["options"]?["splits"]?.int == 20_000)
    #expect(bounded["summary"]?["search"] == .null)
    #expect(bounded["summary"]?["exact_error"] == .null)
    var decided = 0
    let pairs = zip(
      bounded["certificates"]?.elements ?? [], searched["certificates"]?.elements ?? [])
    for (before, after) in pairs {
      let (verdict, search) = (after["verdict"]?.string, after["search"])
      #expect(before["search"] == .null)
      #expect(before["margins"] == after["margins"])
      guard before["verdict"]?.string == "unknown" else {
        #expect(before["verdict"] == after["verdict"] && search == .null)
        continue
      }
      decided += verdict == "unknown" ? 0 : 1
      #expect((search?["proved"] == .bool(true)) == (verdict == "certified"))
      #expect((search?["reason"] == .null) == (verdict != "unknown"))
      #expect((search?["nodes"]?.int ?? 0) > 0)
    }
    #expect(decided > 10)
    let summary = searched["summary"]
    #expect(summary?["search"]?["decided"]?.int == decided)
    #expect(summary?["unknown"]?.int == 0)
    #expect(summary?["exact_error"]?.numeral != nil)
    let wrong = (summary?["falsified"]?.int ?? 0) + (summary?["misclassified"]?.int ?? 0)
    #expect(summary?["exact_error"]?.double == Double(wrong) / 150)
  }

  @Test("the same bytes for any number of threads, any memory and any parts of the data")
  func sameBytes() throws {
    let scratch = try Scratch()
    func run(_ name: String, _ more: String...) throws -> String {
      let outcome = try Command.run(
        Command.program,
        [
          Command.digits("conv-ordinary.onnx"), "--data", Command.images, "--eps", "0.08",
          "--radii", "off", "--splits", "100", "--quiet", "-o", scratch.path(name),
        ] + more)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try scratch.text(name)
    }
    let whole = try run("whole", "--limit", "40", "--threads", "1")
    #expect(whole.contains("\"reason\":\"budget\""))
    #expect(try run("two", "--limit", "40", "--threads", "2") == whole)
    #expect(try run("small", "--limit", "40", "--threads", "1", "--memory", "40M") == whole)
    _ = try run("a", "--limit", "17", "--threads", "2")
    _ = try run("b", "--offset", "17", "--limit", "23")
    let merged = try Command.run("merge", scratch.path("b"), scratch.path("a"))
    #expect(merged.output == whole)
  }

  @Test(
    "no default run gives up what a few parts of a search that never does prove, and the audit derives all",
    arguments: ["0.04", "0.05", "0.07"])
  func deepNetworks(epsilon: String) throws {
    let scratch = try Scratch()
    func run(_ name: String, _ more: String...) throws -> [[String: Any]] {
      let outcome = try Command.run(
        Command.program,
        [
          Command.digits("deep-ordinary.onnx"), "--data", Command.images, "--eps", epsilon,
          "--radii", "off", "--limit", "100", "--quiet", "-o", scratch.path(name),
        ] + more)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let report = try JSONSerialization.jsonObject(with: Data(contentsOf: scratch.file(name)))
      return try #require((report as? [String: Any])?["certificates"] as? [[String: Any]])
    }
    let usual = try run("usual", "--proofs", scratch.path("proofs"))
    let patient = try run("patient", "--splits", "100000")
    var easy = 0
    for (usual, patient) in zip(usual, patient) where patient["verdict"] as? String == "certified" {
      let search = patient["search"] as? [String: Any]
      guard let nodes = search?["nodes"] as? Int, nodes <= 20 else { continue }
      easy += 1
      #expect(usual["verdict"] as? String == "certified", "\(usual["index"] ?? "")")
    }
    #expect(easy >= 5)
    let audit = try Command.run(
      "audit", scratch.path("usual"), "--model", Command.digits("deep-ordinary.onnx"), "--data",
      Command.images, "--proofs", scratch.path("proofs"))
    #expect(audit.status == 0 && audit.output.contains("valid"), "\(audit)")
  }

  @Test("the same proofs for any memory, where blocks of rows have windows together")
  func sameProofs() throws {
    let scratch = try Scratch()
    func run(_ memory: String) throws -> Data {
      let outcome = try Command.run(
        Command.digits("lenet-robust.onnx"), "--data", Command.images, "--eps", "0.08", "--radii",
        "off", "--splits", "0", "--limit", "10", "--threads", "1", "--memory", memory, "--quiet",
        "-o",
        scratch.path("report-\(memory)"), "--proofs", scratch.path(memory))
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try Data(contentsOf: URL(fileURLWithPath: scratch.path(memory)))
    }
    #expect(try run("3M") == run("1G"))
  }

  @Test(
    "one hard example on all threads: the same report and the same proof, whoever did what",
    arguments: [
      (model: "conv-ordinary", index: "5", splits: "20000", verdict: "certified"),
      ("conv-ordinary", "32", "200", "unknown"), ("lenet-robust", "123", "20000", "certified"),
    ])
  func oneExample(model: String, index: String, splits: String, verdict: String) throws {
    let scratch = try Scratch()
    func run(_ threads: String) throws -> [Data] {
      let paths = ["report-\(threads)", "proofs-\(threads)"].map(scratch.path)
      let outcome = try Command.run(
        Command.digits("\(model).onnx"), "--data", Command.images, "--eps", "0.08", "--radii",
        "off",
        "--index", index, "--splits", splits, "--quiet", "--threads", threads, "-o", paths[0],
        "--proofs", paths[1])
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try paths.map { try Data(contentsOf: URL(filePath: $0)) }
    }
    let alone = try run("1")
    let text = String(decoding: alone[0], as: UTF8.self)
    let certificate = try Command.report(text)["certificates"]?.elements.first
    #expect(certificate?["verdict"]?.string == verdict)
    #expect((certificate?["search"]?["nodes"]?.int ?? 0) > 100)
    for threads in ["2", "3", "7"] { #expect(try run(threads) == alone, "\(threads) threads") }
  }

  @Test(
    "a proof that a report claims and its verdict denies is refused, and so is a reason too many")
  func contradictions() throws {
    let scratch = try Scratch()
    let path = scratch.path("report")
    _ = try Command.run(
      Command.digits("dense-ordinary.onnx"), "--data", Command.images, "--eps", "0.06", "--radii",
      "off", "--limit", "60", "-o", path)
    let text = try scratch.text("report")
    for (found, put) in [
      ("\"search\":{\"proved\":true", "\"search\":{\"proved\":false"),
      ("\"proved\":true,\"reason\":null", "\"proved\":true,\"reason\":\"budget\""),
    ] {
      #expect(text.contains(found))
      try text.replacingOccurrences(of: found, with: put).write(
        to: scratch.file("changed"), atomically: true, encoding: .utf8)
      let outcome = try Command.run("table", scratch.path("changed"))
      #expect(outcome.status == 65, "\(put): \(outcome.errors)")
    }
  }

  @Test(
    "an explanation says what the search did where the margin is no proof",
    arguments: [("dense-ordinary", "0.1", "100", 0), ("conv-ordinary", "0.08", "10", 2)])
  func explained(model: String, epsilon: String, limit: String, least: Int) throws {
    let question = [
      Command.digits("\(model).onnx"), "--data", Command.images, "--radii", "off", "--eps", epsilon,
    ]
    let run = try Command.run(Command.program, question + ["--limit", limit, "--quiet"])
    let certificates = try Command.report(run.output)["certificates"]?.elements ?? []
    func depth(_ certificate: JSONText) -> Int { certificate["search"]?["depth"]?.int ?? 0 }
    let certificate = try #require(
      certificates.first { $0["search"]?["proved"] == .bool(true) && depth($0) >= least })
    let index = try #require(certificate["index"]?.int)
    let outcome = try Command.run(
      Command.program, ["explain"] + question + ["--index", "\(index)"])
    #expect(outcome.output.contains("  verdict     certified: "))
    let words =
      depth(certificate) == 0
      ? "proved without a split" : "up to \(depth(certificate)) splits deep"
    #expect(outcome.output.contains("  search      ") && outcome.output.contains(words))
    #expect(outcome.output.contains("by the search\n"))
    #expect(!outcome.output.contains("  not proved\n"))
  }

  @Test("fixed slopes are what is asked for: no search unless it is asked for, too")
  func fixedSlopes() throws {
    let bounds = try Self.report("--eps", "0.06", "--limit", "20", "--slopes", "parallel")
    #expect(bounds["options"]?["splits"]?.int == 0)
    let both = try Self.report(
      "--eps", "0.06", "--limit", "20", "--slopes", "parallel", "--splits", "500")
    #expect(both["options"]?["splits"]?.int == 500)
    #expect(Self.verdicts(bounds).contains("unknown") && !Self.verdicts(both).contains("unknown"))
    let refused = try Command.run(
      Command.digits("dense-ordinary.onnx"), "--data", Command.images, "--eps", "0.06", "--splits",
      "-1")
    #expect(refused.status == 64)
    #expect(refused.errors.contains("--splits: -1; expected a whole number >= 0"))
  }
}

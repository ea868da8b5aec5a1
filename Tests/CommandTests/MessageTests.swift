import CertificateRecords
import Commands
import Foundation
import ReportTestSupport
import Synchronization
import Testing

@Suite struct MessageTests {
  static let network = Command.digits("conv-robust.onnx")

  /// What was typed, and what is said of it.
  static let cases: [(words: [String], status: Int32, message: String, remedy: String)] = [
    (
      ["tabel", "a.json"], 64, "\"tabel\": neither a file nor a verb; expected",
      "Did you mean 'table'?"
    ),
    (["inspek"], 64, "\"inspek\": neither a file nor a verb", "Did you mean 'inspect'?"),
    (["merge"], 64, "missing expected argument '<reports> ...'", "usage: certify merge <report>"),
    (
      ["table", "--frobnicate"], 64, "unknown option '--frobnicate'\n",
      "usage: certify table <report>"
    ),
    (
      [network, "--epsilon", "1"], 64, "unknown option '--epsilon'. Did you mean '--eps'?",
      "usage: "
    ),
    (
      [network, "--treads", "1"], 64, "unknown option '--treads'. Did you mean '--threads'?",
      "usage: "
    ),
    ([network, "--xyz"], 64, "unknown option '--xyz'\n", "usage: certify MODEL"),
    (
      ["explain", network], 64, "missing expected argument '--data",
      "usage: certify explain <model>"
    ),
    (
      [Command.images, "--eps", "0.1", "--data", network], 65,
      "\(Command.images): an IDX file; expected a model", "examples are given by --data"
    ),
    (
      [network, "--eps", "0.1", "--data", network], 65,
      "\(network): an ONNX model; expected a file",
      "data are meant here, not the network that reads them"
    ),
    (["merge", network], 65, "\(network): an ONNX model; expected a report of certify", ""),
    (["table", Command.images], 65, "\(Command.images): an IDX file; expected a report", ""),
    (
      ["merge", Command.digits("conv-robust.weights.json")], 65,
      "\(Command.digits("conv-robust.weights.json")): $: a model in JSON form; expected a report",
      ""
    ),
    (
      [network, "--eps", "0.1", "--data", Command.images, "-o", "x.png"], 64,
      "--output: \"x.png\"; expected a name for a JSON document", "Pictures are written as SVG"
    ),
    (
      [network, "--eps", "0.1", "--data", Command.images, "-o", "x.json.gz"], 64,
      "--output: \"x.json.gz\"; expected a name for a JSON document", "gzip FILE"
    ),
    (["plot", "x.json", "-o", "x.pdf"], 64, "--output: \"x.pdf\"; expected a name for an SVG", ""),
  ]

  @Test(
    "a wrong command line and a file in another's place are named as what they are",
    arguments: cases.indices)
  func named(place: Int) throws {
    let (words, status, message, remedy) = Self.cases[place]
    let outcome = try Command.run(Command.program, words)
    #expect(outcome.status == status && outcome.output == "")
    #expect(outcome.errors.hasPrefix("certify: error: " + message), "\(outcome.errors)")
    #expect(remedy.isEmpty || outcome.errors.contains(remedy), "\(outcome.errors)")
  }

  @Test("a journal and a text are called by their names where a report, a model or data are meant")
  func journals() throws {
    let scratch = try Scratch()
    let journal = scratch.path("j.ndjson")
    let run = try Command.run(
      Self.network, "--eps", "0.1", "--data", Command.images, "--limit", "2", "--journal", journal,
      "--quiet")
    try #require(run.status == 0, "\(run.errors)")
    let text = scratch.path("hello.txt")
    try Data("hello there\n".utf8).write(to: scratch.file("hello.txt"))
    for (words, message, remedy) in [
      (["table", journal], "\(journal): a journal of a run; expected a report", "--resume"),
      (["merge", journal], "\(journal): a journal of a run; expected a report", "--resume"),
      (["inspect", journal], "\(journal): a journal of a run; expected a model", "--journal"),
      (
        [Self.network, "--eps", "0.1", "--data", journal],
        "\(journal): a journal of a run; expected a file in IDX", "data are meant here"
      ),
      (["plot", text], "\(text): a text; expected a report", ""),
    ] {
      let outcome = try Command.run(Command.program, words)
      #expect(outcome.status == 65 && outcome.output == "")
      #expect(outcome.errors.hasPrefix("certify: error: " + message), "\(outcome.errors)")
      #expect(remedy.isEmpty || outcome.errors.contains(remedy), "\(outcome.errors)")
    }
  }

  @Test("pickles, texts, SavedModels and reports are no models, and are called by their names")
  func models() throws {
    let scratch = try Scratch()
    let files: [(name: String, bytes: [UInt8], words: String)] = [
      ("a.pkl", [0x80, 4, 0x95, 0x0b, 0, 0, 0, 0], "a Python pickle"),
      ("a.txt", Array("weights follow\n1 2 3\n".utf8), "a text"),
      ("saved_model.pb", [8, 1, 18, 4, 97, 98, 99, 100], "a SavedModel of TensorFlow"),
      ("a.json", Array("{\"schema_version\": 2, \"tool\": {}}".utf8), "$: a report of certify"),
      ("a.html", Array("<!DOCTYPE html><html></html>".utf8), "an HTML page"),
    ]
    for file in files {
      try Data(file.bytes).write(to: scratch.file(file.name))
      let outcome = try Command.run("inspect", scratch.path(file.name))
      #expect(outcome.status == 65)
      #expect(
        outcome.errors.hasPrefix(
          "certify: error: \(scratch.path(file.name)): \(file.words); expected a"),
        "\(outcome.errors)")
    }
  }

  @Test("--error-format json makes an object a line of every message, for every verb")
  func json() throws {
    let lines: [[String]] = [
      ["merge", "--error-format", "json", Self.network], ["--error-format=json", "tabel"],
      ["table", "--error-format", "json"],
      [Self.network, "--eps", "0.1", "--data", "/nowhere", "--error-format", "json"],
    ]
    for (words, status) in zip(lines, [65, 64, 64, 66]) {
      let outcome = try Command.run(Command.program, words)
      #expect(outcome.status == status)
      let error = try JSONText(parsing: outcome.errors)
      #expect(
        error["level"]?.string == "error" && error["status"]?.int == status, "\(outcome.errors)")
      #expect(error["message"]?.string?.isEmpty == false)
    }
    let run = try Command.run(
      Self.network, "--eps", "0.1,0.2", "--data", Command.images, "--limit", "3", "--error-format",
      "json")
    #expect(run.status == 0)
    for line in run.errors.split(separator: "\n") { _ = try JSONText(parsing: String(line)) }
    for (words, found) in [
      (["merge", "--error-format", "xml", Self.network], "\"xml\""),
      ([Self.network, "--error-format=xml"], "\"xml\""), (["gate", "--error-format"], "no value"),
    ] {
      let wrong = try Command.run(Command.program, words)
      #expect(wrong.status == 64)
      #expect(wrong.errors == "certify: error: --error-format: \(found); expected text or json\n")
    }
  }

  @Test("several eps make one small table; its bounds are rounded to their sides")
  func table() throws {
    let outcome = try Command.run(
      Self.network, "--eps", "0.02,0.05", "--data", Command.images, "--limit", "30", "--attack",
      "none",
      "--splits", "0", "-o", "/dev/null")
    let lines = outcome.errors.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(lines.count == 5, "\(outcome.errors)")
    #expect(lines[1].first == "eps" && lines[2].first == "0.02" && lines[3].first == "0.05")
    // Nothing looked for counterexamples.
    #expect(lines[2][2] == "-" && lines[4].first == "time")
  }

  @Test("on a terminal without -o the summary is the result; --json prints the report")
  func terminal() throws {
    let run = "certify '\(Self.network)' --eps 0.1 --data '\(Command.images)' --limit 3 --radii off"
    func typed(_ more: String) throws -> String {
      let outcome = try Command.run(
        URL(filePath: "/usr/bin/script"), ["-qec", run + more, "/dev/null"])
      #expect(outcome.status == 0)
      return outcome.output
    }
    let summary = try typed("")
    #expect(summary.contains("certified") && !summary.contains("schema_version"))
    #expect(
      summary.contains("certify: note: no report was kept: -o FILE writes it, --json prints it"))
    let scratch = try Scratch()
    #expect(
      try typed(" --journal '\(scratch.path("j.ndjson"))'").contains(
        "no report was kept: -o FILE writes it, --json prints it; with --resume nothing is computed again"
      ))
    #expect(try typed(" --json").contains("\"schema_version\": 2"))
    #expect(try typed(" -o -").contains("\"schema_version\": 2"))
  }

  @Test("progress is a line a minute, and says counts, rate and the time left")
  func progress() {
    let clock = Mutex(0.0)
    let said = Mutex([String]())
    let lines = ProgressLines(
      now: { clock.withLock { $0 } }, write: { line in said.withLock { $0.append(line) } })
    var progress = RunProgress()
    for second in stride(from: 0.0, through: 200, by: 10) {
      clock.withLock { $0 = second }
      progress.count([second < 100 ? .certified : .unknown])
      lines.show { progress.text(done: Int(second), of: 400, elapsed: $0) }
    }
    let all = said.withLock { $0 }
    #expect(
      all == [
        "60 of 400 examples, 15%: certified 7, falsified 0, open 0; 1.0 a second, 5 min 40 s left",
        "120 of 400 examples, 30%: certified 10, falsified 0, open 3; 1.0 a second, 4 min 40 s left",
        "180 of 400 examples, 45%: certified 10, falsified 0, open 9; 1.0 a second, 3 min 40 s left",
      ], "\(all)")
  }
}

import Foundation
import Testing

/// The examples of the README: what it tells its reader to type is typed.
@Suite struct ReadmeTests {
  /// An indented block whose first line calls the program.
  struct Example {
    /// What is typed.
    var script: String
    /// What the README shows behind it.
    var shown: [String]
  }

  static func examples() throws -> [Example] {
    let readme = try String(
      contentsOf: Command.package.appending(path: "README.md"), encoding: .utf8)
    var (blocks, block, isFenced) = ([[String]](), [String](), false)
    for line in readme.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") { isFenced.toggle() }
      if !isFenced, line.hasPrefix("    ") {
        block.append(String(line.dropFirst(4)))
      } else if !block.isEmpty {
        blocks.append(block)
        block = []
      }
    }
    return blocks.compactMap { lines in
      if lines[0].hasPrefix("certify ") {
        return Example(script: lines.joined(separator: "\n"), shown: [])
      }
      guard lines[0].hasPrefix("$ certify ") else { return nil }
      let count = 1 + lines.prefix { $0.hasSuffix("\\") }.count
      return Example(
        script: lines.prefix(count).joined(separator: "\n").replacing("$ ", with: ""),
        shown: Array(lines.dropFirst(count)))
    }
  }

  /// A folder with the files that the examples name, those of the fixtures and those of the reader's own.
  static func place() throws -> Scratch {
    let scratch = try RecipeTests.project()
    try FileManager.default.createSymbolicLink(
      at: scratch.file("fixtures"), withDestinationURL: Command.package.appending(path: "fixtures"))
    try FileManager.default.copyItem(
      at: Command.package.appending(path: "fixtures/plane/plane-robust.onnx"),
      to: scratch.file("network.onnx"))
    // No score reaches so low.
    let property = """
      (declare-const X_0 Real) (declare-const X_1 Real)
      (declare-const Y_0 Real) (declare-const Y_1 Real)
      (assert (>= X_0 0.1)) (assert (<= X_0 0.2)) (assert (>= X_1 0.1)) (assert (<= X_1 0.2))
      (assert (<= Y_0 -1e6))
      """
    try Data(property.utf8).write(to: scratch.file("property.vnnlib"))
    let data = ["--data", "test.idx", "--eps", "0.05", "--quiet"]
    var runs = [
      ["fixtures/digits/conv-ordinary.onnx", "-o", "other.json"] + data,
      ["fixtures/digits/conv-ordinary.onnx", "-o", "base.json"] + data,
    ]
    runs += (1...3).map { ["model.onnx", "-o", "part\($0).json", "--shard", "\($0)/3"] + data }
    runs.append(["inspect", "model.onnx", "--data", "test.idx", "--emit-logits", "logits.npy"])
    for run in runs {
      let outcome = try Command.run(Command.program, run, in: scratch.folder)
      try #require(outcome.status == 0, "\(run): \(outcome.errors)")
    }
    return scratch
  }

  @Test("every example of the README runs, and says what the README shows, but for the time")
  func run() throws {
    let scratch = try Self.place()
    let examples = try Self.examples()
    var shown = 0
    for example in examples {
      let outcome = try Command.run(
        URL(filePath: "/bin/sh"), ["-ec", example.script], in: scratch.folder)
      #expect(outcome.status == 0, "\(example.script): \(outcome.errors)")
      guard !example.shown.isEmpty else { continue }
      shown += 1
      func untimed(_ lines: [String]) -> [String] { lines.filter { !$0.hasPrefix("  time ") } }
      let said = outcome.errors.split(separator: "\n").map(String.init)
      #expect(untimed(said) == untimed(example.shown))
      #expect(said.count == example.shown.count)
    }
    #expect(shown == 1)
  }

  @Test("the README has an example of every verb, and of what a pipeline keeps and hands on")
  func everyVerb() throws {
    let scripts = try Self.examples().map(\.script).joined(separator: "\n")
    let verbs = Set(try CompletionTests.described().map(\.verb)).subtracting(["run", "help"])
    #expect(verbs.count >= 14)
    for verb in verbs.sorted() {
      #expect(scripts.contains("certify \(verb) "), "\(verb)")
    }
    for option in [
      "--journal", "--resume", "--max-robust-error", "--min-radius-quantile", "--junit", "--csv",
      "--metrics", "--provenance", "--proofs", "--format", "--expect-logits",
    ] {
      #expect(scripts.contains(option), "\(option)")
    }
  }
}

import Foundation
import Testing

/// No output replaces an input, whoever named it and whatever it is called.
@Suite struct SharedFileTests {
  /// An input of a command, an output that leads to it, and what is said.
  struct Collision: Sendable, CustomTestStringConvertible {
    var command: [String]
    /// The option and the file that it is given.
    var option, file: String
    var words: String
    var testDescription: String { "\(command.first ?? "") \(option) \(file)" }

    init(_ command: [String], _ option: String, _ file: String, _ words: String) {
      (self.command, self.option, self.file, self.words) = (command, option, file, words)
    }
  }

  private static let run = ["net.onnx", "--eps", "0.1", "--limit", "1", "--data", "t.idx"]
  private static let inspect = ["inspect", "net.onnx", "--data", "t.idx", "--limit", "1"]

  static let collisions =
    ["-o", "--emit-logits"].flatMap { option in
      [
        ("net.onnx", "the model"), ("net.onnx.data", "one of the files of the model's weights"),
        ("t.idx", "--data"), ("t-labels.idx", "the file of the labels"),
      ].map { Collision(run, option, $0.0, $0.1) }
    } + [
      Collision(run + ["--labels", "other.idx"], "-o", "other.idx", "--labels"),
      Collision(
        ["net.onnx", "--eps-file", "eps.idx", "--data", "t.idx"], "-o", "eps.idx", "--eps-file"),
      Collision(run, "--counterexamples", "t.idx", "--data"),
      Collision(run + ["--labels", "x-indices.idx"], "--counterexamples", "x.idx", "--labels"),
      Collision(run + ["--labels", "x-labels.idx"], "--counterexamples", "x.idx", "--labels"),
      Collision(
        ["explain"] + run, "-o", "t-labels.idx", "the file of the labels"),
      Collision(
        ["convert", "net.onnx"], "-o", "net.onnx.data", "one of the files of the model's weights"),
      Collision(["plane"] + run, "-o", "net.onnx.data", "one of the files of the model's weights"),
      Collision(
        inspect, "--emit-logits", "net.onnx.data", "one of the files of the model's weights"),
      Collision(inspect, "--emit-logits", "t.idx", "--data"),
      Collision(
        inspect + ["--expect-logits", "other.idx"], "--emit-logits", "other.idx",
        "--expect-logits"),
      Collision(["merge", "t.idx", "other.idx"], "-o", "other.idx", "one of the reports"),
      Collision(["table", "other.idx", "t.idx"], "-o", "t.idx", "one of the reports"),
    ]

  /// Everything that the commands name, each with a content of its own.
  private func folder() throws -> Scratch {
    let scratch = try Scratch()
    // The model finds its weights by their own name; another one leads to them, too.
    let weights = "dense-robust.dynamo.onnx.data"
    for (name, copy) in [("dense-robust.dynamo.onnx", "net.onnx"), (weights, weights)] {
      try FileManager.default.copyItem(atPath: Command.digits(name), toPath: scratch.path(copy))
    }
    try FileManager.default.linkItem(
      atPath: scratch.path(weights), toPath: scratch.path("net.onnx.data"))
    try FileManager.default.copyItem(atPath: Command.images, toPath: scratch.path("t.idx"))
    for name in ["t-labels", "other", "eps", "x-indices", "x-labels"] {
      try FileManager.default.copyItem(
        atPath: Command.digits("digits-test-labels-idx1-ubyte"), toPath: scratch.path("\(name).idx")
      )
    }
    return scratch
  }

  private func contents(_ scratch: Scratch) throws -> [String: Data] {
    var contents: [String: Data] = [:]
    for name in try scratch.names() { contents[name] = try Data(contentsOf: scratch.file(name)) }
    return contents
  }

  @Test("an output that is an input is refused before any work", arguments: collisions)
  func refused(collision: Collision) throws {
    let scratch = try folder()
    let before = try contents(scratch)
    // By its name, by a detour, by a link, by a hard link.
    let manager = FileManager.default
    let derived = collision.option == "--counterexamples" && collision.file == "x.idx"
    var names = [collision.file, "./\(collision.file)", scratch.path(collision.file)]
    if !derived {
      try manager.createSymbolicLink(
        atPath: scratch.path("link.idx"), withDestinationPath: collision.file)
      try manager.linkItem(
        atPath: scratch.path(collision.file), toPath: scratch.path("hard.idx"))
      names += ["link.idx", "hard.idx"]
    }
    // A name that says no form is refused for that.
    if collision.option != "-o" { names.removeAll { !$0.hasSuffix(".idx") } }
    for name in names {
      let outcome = try Command.run(
        Command.program, collision.command + [collision.option, name], in: scratch.folder)
      #expect(outcome.status == 64, "\(name): \(outcome.errors)")
      #expect(outcome.errors.contains(" is \(collision.words)"), "\(name): \(outcome.errors)")
      #expect(outcome.output == "")
    }
    try? manager.removeItem(at: scratch.file("link.idx"))
    try? manager.removeItem(at: scratch.file("hard.idx"))
    #expect(try contents(scratch) == before)
  }

  @Test(
    "no result of 'verify' or 'audit' replaces a file that the report's run has read",
    arguments: ["net.onnx", "net.onnx.data", "t.idx", "t-labels.idx"])
  func filesOfReport(name: String) throws {
    let scratch = try folder()
    let made = try Command.run(
      Command.program, Self.run + ["--slopes", "parallel", "-q", "-o", "report.json"],
      in: scratch.folder)
    #expect(made.status == 0, "\(made.errors)")
    let before = try contents(scratch)
    for verb in [
      ["verify", "report.json"],
      ["audit", "report.json", "--model", "net.onnx", "--data", "t.idx"],
    ] {
      let refused = try Command.run(
        Command.program, verb + ["-q", "-o", name], in: scratch.folder)
      #expect(refused.status == 64, "\(verb): \(refused.errors)")
      #expect(refused.errors.hasPrefix("certify: error: --output: \"\(name)\" is "))
      #expect(try contents(scratch) == before, "\(verb)")
      let written = try Command.run(
        Command.program, verb + ["-q", "-o", "result"], in: scratch.folder)
      #expect(written.status == 0, "\(verb): \(written.errors)")
      try FileManager.default.removeItem(at: scratch.file("result"))
    }
  }

  @Test("two outputs that would be one file are refused, also where it is not there yet")
  func twoOutputs() throws {
    let scratch = try folder()
    try FileManager.default.createSymbolicLink(
      atPath: scratch.path("link.npy"), withDestinationPath: "new.npy")
    for name in ["new.npy", "./new.npy", "link.npy", scratch.path("new.npy")] {
      let outcome = try Command.run(
        Command.program, Self.run + ["-o", "new.npy", "--emit-logits", name], in: scratch.folder)
      #expect(outcome.status == 64)
      #expect(outcome.errors.hasPrefix("certify: error: --emit-logits: "))
      #expect(outcome.errors.contains(" is --output itself"), "\(outcome.errors)")
    }
    let derived = try Command.run(
      Command.program, Self.run + ["-o", "p-labels.npy", "--counterexamples", "p.npy"],
      in: scratch.folder)
    #expect(derived.status == 64)
    #expect(derived.errors.contains("\"p-labels.npy\" is --output itself"))
  }

  @Test("standard streams count as the files that they are")
  func streams() throws {
    let scratch = try folder()
    let before = try contents(scratch)
    for line in [
      "certify \(Self.run.joined(separator: " ")) -q >> t-labels.idx",
      "certify inspect net.onnx >> net.onnx",
      "certify - --eps 0.1 --data t.idx -q -o net.onnx < net.onnx",
      "certify merge - -o other.idx < other.idx",
    ] {
      let outcome = try Command.run(
        URL(filePath: "/bin/sh"), ["-c", line], in: scratch.folder)
      #expect(outcome.status == 64, "\(line): \(outcome.errors)")
      #expect(outcome.errors.contains(" is "))
    }
    #expect(try contents(scratch) == before)
  }
}

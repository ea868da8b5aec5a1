import Foundation
import ReportTestSupport
import Testing

/// A file of `fixtures/wild`, and what has to come of it.
struct WildFile: Sendable, CustomTestStringConvertible {
  var file, role: String
  var options: [String]
  /// `labelled` and `unlabelled`: read as the reference is. Nil: refused, with these words.
  var outcome: String?
  var words: [String]
  var testDescription: String { "\(file) \(options.joined(separator: " "))" }

  static let folder = Command.package.appending(path: "fixtures/wild")

  static func all() throws -> [WildFile] {
    let text = try String(contentsOf: folder.appending(path: "cases.json"), encoding: .utf8)
    return try JSONText(parsing: text).elements.map { element in
      WildFile(
        file: try #require(element["file"]?.string), role: try #require(element["role"]?.string),
        options: element["options"]?.elements.compactMap(\.string) ?? [],
        outcome: element["outcome"]?.string,
        words: element["outcome"]?.elements.compactMap(\.string) ?? [])
    }
  }

  /// The command line that reads this file beside good ones.
  var arguments: [String] {
    let common = ["--radii", "off", "--attack", "none", "--quiet"]
    let eps = options.contains("--eps") || role == "radii" ? [] : ["--eps", "0.05"]
    switch role {
    case "model": return [file, "--data", "x.npy"] + eps + options + common
    case "labels":
      return ["model.json", "--data", "x.npy", "--labels", file] + eps + options + common
    case "bytes", "unit":
      return [file, "--data", "\(role).npy"] + eps + options + common
    case "radii": return ["model.json", "--data", "x.npy", "--eps-file", file] + options + common
    default: return ["model.json", "--data", file] + eps + options + common
    }
  }

  func run() throws -> Outcome { try Command.run(Command.program, arguments, in: Self.folder) }
}

@Suite struct WildFileTests {
  /// The certificates of the same examples as one plain array, with labels or without.
  private func reference(_ outcome: String) throws -> JSONText? {
    let labels = outcome == "labelled" ? ["--labels", "y.npy"] : []
    let plain = WildFile(
      file: "x.npy", role: "data", options: labels, outcome: outcome, words: [])
    return try Command.report(try plain.run().output)["certificates"]
  }

  @Test("data and labels in every form people have are the examples that they are")
  func accepted() throws {
    let cases = try WildFile.all().filter { ["labelled", "unlabelled"].contains($0.outcome ?? "") }
    #expect(cases.count > 80)
    let references = [
      "labelled": try reference("labelled"), "unlabelled": try reference("unlabelled"),
    ]
    #expect(references["labelled"] != references["unlabelled"])
    for wild in cases {
      let outcome = try wild.run()
      #expect(outcome.status == 0, "\(wild.testDescription): \(outcome.errors)")
      guard outcome.status == 0 else { continue }
      let report = try Command.report(outcome.output)
      #expect(
        report["certificates"] == references[wild.outcome ?? ""] ?? nil, "\(wild.testDescription)")
    }
  }

  @Test("what cannot be read, or in two ways, is refused with its place and what to do")
  func refused() throws {
    let cases = try WildFile.all().filter { $0.outcome == nil }
    #expect(cases.count > 40)
    for wild in cases {
      let outcome = try wild.run()
      #expect([64, 65].contains(outcome.status), "\(wild.testDescription): \(outcome.status)")
      #expect(outcome.output == "", "\(wild.testDescription)")
      #expect(outcome.errors.hasPrefix("certify: error: "), "\(wild.testDescription)")
      for word in wild.words {
        #expect(outcome.errors.contains(word), "\(wild.testDescription): \(outcome.errors)")
      }
    }
  }

  @Test("units that do not contradict each other are taken without a word")
  func units() throws {
    let cases = try WildFile.all().filter { $0.outcome == "read" }
    #expect(cases.count > 30)
    for wild in cases {
      let outcome = try wild.run()
      #expect(outcome.status == 0, "\(wild.testDescription): \(outcome.errors)")
      let isAccepted = wild.options.contains("--accept-units")
      #expect(outcome.errors.contains("warning: ") == isAccepted, "\(wild.testDescription)")
    }
  }

  @Test("a .nnet file is the network that a complete one states, whatever its header lacks")
  func nnet() throws {
    let cases = try WildFile.all().filter { $0.role == "model" && $0.outcome != nil }
    #expect(cases.count > 15)
    var references: [String: JSONText] = [:]
    for wild in cases {
      let name = try #require(wild.outcome)
      let outcome = try wild.run()
      #expect(outcome.status == 0, "\(wild.testDescription): \(outcome.errors)")
      guard outcome.status == 0 else { continue }
      let certificates = try Command.report(outcome.output)["certificates"]
      if wild.file == name { references[name] = certificates }
      #expect(certificates == references[name], "\(wild.testDescription)")
      let isUnset = ["unset", "negative", "one-unset"].contains { wild.file.hasPrefix($0) }
      #expect(outcome.errors.contains("taken as not normalised") == isUnset, "\(wild.file)")
    }
    #expect(references.count == 2 && references["plain.nnet"] != references["normalised.nnet"])
    let inspected = try Command.run("inspect", "unset.nnet", in: WildFile.folder)
    #expect(inspected.output.contains("warning: line 8: the range of every input is 0"))
  }

  @Test("what was chosen among several arrays, and what is left out, is said")
  func said() throws {
    func errors(_ file: String, _ options: String...) throws -> Outcome {
      try Command.run(
        Command.program, ["model.json", "--data", file, "--eps", "0.05"] + options,
        in: WildFile.folder)
    }
    let four = try errors("four.npz").errors
    #expect(four.contains("\"x_test\" and \"y_test\" are read, and not \"x_train\", \"y_train\""))
    #expect(
      try errors("pandas-index.csv").errors.contains(
        "the first column, \"\", names examples and is left out"))
    // Labels under an unusual name are not dropped in silence.
    let odd = try errors("odd-names.npz", "--data-name", "points")
    #expect(odd.errors.contains("certify: warning: odd-names.npz has arrays that are not used"))
    #expect(odd.errors.contains("--labels-name kinds"))
    let kinds = try Command.report(odd.output)["warnings"]?.elements.map { $0["kind"]?.string }
    #expect(kinds == ["unused_arrays"])
  }

  @Test("names are refused where nothing has one")
  func names() throws {
    for (file, option) in [("x.npy", "--data-name"), ("x.npy", "--labels-name")] {
      let outcome = try Command.run(
        "model.json", "--data", file, "--eps", "0.05", option, "x", in: WildFile.folder)
      #expect(outcome.status == 64)
      #expect(outcome.errors.contains("\(option): \"x\", where x.npy is NPY"), "\(outcome.errors)")
    }
    let gone = try Command.run(
      "model.json", "--data", "four.npz", "--eps", "0.05", "--data-name", "z", in: WildFile.folder)
    #expect(gone.status == 64 && gone.errors.contains("\"x_train\", \"y_train\""))
  }

  @Test("a Git LFS pointer in place of a report, or of expected values, is named as such")
  func pointers() throws {
    for arguments in [
      ["merge", "pointer.npy"], ["table", "pointer.npy"],
      ["inspect", "model.json", "--data", "x.npy", "--expect-logits", "pointer.npy"],
      ["explain", "pointer.onnx", "--data", "x.npy", "--eps", "0.1", "--index", "0"],
      ["explain", "model.json", "--data", "pointer.npy", "--eps", "0.1", "--index", "0"],
    ] {
      let outcome = try Command.run(Command.program, arguments, in: WildFile.folder)
      #expect(outcome.status == 65, "\(arguments): \(outcome.errors)")
      #expect(
        outcome.errors.contains("a Git LFS pointer, not the file itself, of ")
          && outcome.errors.contains("git lfs pull fetches the file"), "\(outcome.errors)")
    }
  }
}

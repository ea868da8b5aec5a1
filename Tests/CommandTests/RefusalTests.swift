import Foundation
import ReportTestSupport
import Testing

/// A file of `fixtures/invalid`, and what its refusal has to mention.
struct InvalidFile: Sendable, CustomTestStringConvertible {
  var file, kind, wrong: String
  var mentions: [String]
  var testDescription: String { "\(file): \(wrong)" }

  static let folder = Command.package.appending(path: "fixtures/invalid")

  static func all() throws -> [InvalidFile] {
    let text = try String(contentsOf: folder.appending(path: "cases.json"), encoding: .utf8)
    return try JSONText(parsing: text).elements.map { element in
      InvalidFile(
        file: try #require(element["file"]?.string), kind: try #require(element["kind"]?.string),
        wrong: try #require(element["wrong"]?.string),
        mentions: element["mentions"]?.elements.compactMap(\.string) ?? [])
    }
  }

  /// The command line that reads this file beside good ones.
  var arguments: [String] {
    switch kind {
    case "model": [file, "--data", "data/good.idx"]
    case "labels": ["models/good.json", "--data", "data/good.idx", "--labels", file]
    default: ["models/good.json", "--data", file]
    }
  }
}

@Suite struct RefusalTests {
  @Test("every file of fixtures/invalid is refused in words, and nothing is written")
  func invalidFiles() throws {
    let scratch = try Scratch()
    let cases = try InvalidFile.all()
    #expect(cases.count > 150)
    for invalid in cases {
      let outcome = try Command.run(
        Command.program,
        invalid.arguments + ["--eps", "0.1", "--output", scratch.path("report.json")],
        in: InvalidFile.folder)
      #expect([65, 66, 75].contains(outcome.status), "\(invalid.testDescription)")
      #expect(outcome.output == "")
      let lines = outcome.errors.split(separator: "\n")
      #expect(
        lines.first?.hasPrefix("certify: error: \(invalid.file): ") == true, "\(outcome.errors)")
      for word in invalid.mentions {
        #expect(outcome.errors.contains(word), "\(invalid.testDescription): \(outcome.errors)")
      }
      #expect(try scratch.names() == [], "\(invalid.testDescription)")
    }
  }

  @Test("the good neighbours of the invalid files are accepted")
  func goodNeighbours() throws {
    for model in ["models/good.json", "models/good.onnx"] {
      let outcome = try Command.run(
        Command.program,
        [model, "--data", "data/good.idx", "--labels", "data/good-labels.idx", "--eps", "0.1"],
        in: InvalidFile.folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      _ = try Command.report(outcome.output)
    }
  }

  @Test("a file that is not there is status 66, whichever it is")
  func missing() throws {
    let good = Command.digits("conv-robust.onnx")
    let cases = [
      (["gone.onnx", "--data", Command.images], "gone.onnx"),
      ([good, "--data", "gone.idx"], "gone.idx"),
      ([good, "--data", Command.images, "--labels", "gone-labels.idx"], "gone-labels.idx"),
      (["/", "--data", Command.images], "/"),
    ]
    for (arguments, name) in cases {
      let outcome = try Command.run(Command.program, arguments + ["--eps", "0.1"])
      #expect(outcome.status == 66)
      #expect(outcome.errors.hasPrefix("certify: error: \(name): "), "\(outcome.errors)")
    }
  }

  @Test("a model with several faults is refused with all of them, by run and by inspect")
  func severalReasons() throws {
    let model = "models/several-reasons.onnx"
    let inspected = try Command.run("inspect", model, in: InvalidFile.folder)
    let certified = try Command.run(
      model, "--data", "data/good.idx", "--eps", "0.1", in: InvalidFile.folder)
    for outcome in [inspected, certified] {
      #expect(outcome.status == 65)
      #expect(outcome.output == "")
      let lines = outcome.errors.split(separator: "\n")
      #expect(lines.count == 3 && lines[0].hasPrefix("certify: error: \(model): node "))
      for node in ["'elu1' (Elu)", "'sigmoid1' (Sigmoid)", "'tanh1' (Tanh)"] {
        #expect(lines.count { $0.contains("node \(node): ") } == 1)
      }
    }
  }

  @Test("inspect prints each layer with kind, operator, name, shapes, units and parameters")
  func inspection() throws {
    let outcome = try Command.run("inspect", Command.digits("conv-robust.onnx"))
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    let lines = outcome.output.split(separator: "\n").map { line in
      line.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
    }
    #expect(lines.contains(["units", "608", "ReLUs"]))
    #expect(lines.contains(["parameters", "7730"]))
    #expect(
      lines.contains([
        "3", "convolution", "Conv", "/2/Conv", "[6,", "8,", "8]", "[12,", "4,", "4]", "192", "1164",
      ]))
    #expect(outcome.output.split(separator: "\n").allSatisfy { $0.count <= 100 })
  }
}

import Foundation
import ReportTestSupport
import Testing

/// What a run of a program left behind.
struct Outcome {
  var status: Int32
  var output: String
  var errors: String
}

/// The places and programs that the tests of the command use.
enum Command {
  /// The top of the package.
  static let package = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The built program, beside the program that runs the tests.
  static let program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    .appending(path: "certify")

  /// A file of `fixtures/digits`.
  static func digits(_ name: String) -> String {
    package.appending(path: "fixtures/digits/\(name)").path
  }

  /// The test images of the digits networks; labels lie beside them.
  static let images = digits("digits-test-images-idx3-ubyte")

  /// Runs the program to its end.
  static func run(
    _ arguments: String..., input: Data? = nil, in folder: URL? = nil
  ) throws -> Outcome {
    try run(program, arguments, input: input, in: folder)
  }

  /// Runs any program to its end, with the built one on `PATH`.
  static func run(
    _ program: URL, _ arguments: [String], input: Data? = nil, in folder: URL? = nil
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.currentDirectoryURL = folder ?? package
    var environment = ProcessInfo.processInfo.environment
    let path = environment["PATH"] ?? "/usr/bin:/bin"
    environment["PATH"] = Command.program.deletingLastPathComponent().path + ":" + path
    process.environment = environment
    // Files, not pipes: nothing to drain, and nothing to block on.
    let scratch = try Scratch()
    let output = try scratch.handle("output")
    let errors = try scratch.handle("errors")
    (process.standardOutput, process.standardError) = (output, errors)
    if let input {
      try input.write(to: scratch.file("input"))
      process.standardInput = try FileHandle(forReadingFrom: scratch.file("input"))
    } else {
      process.standardInput = FileHandle.nullDevice
    }
    try process.run()
    process.waitUntilExit()
    let status = process.terminationStatus
    return Outcome(
      status: process.terminationReason == .exit ? status : -status,
      output: try scratch.text("output"), errors: try scratch.text("errors"))
  }

  /// A schema of the package, with that of reports, which others refer to.
  static func schema(_ name: String = "report.schema.json") throws -> JSONSchema {
    func document(_ name: String) throws -> JSONText {
      let url = package.appending(path: "schema/\(name)")
      return try JSONText(parsing: try String(contentsOf: url, encoding: .utf8))
    }
    let others = ["report.schema.json": try document("report.schema.json")]
    return JSONSchema(try document(name), others: others)
  }

  /// Parses a report and holds it to the schema.
  static func report(_ text: String) throws -> JSONText {
    let document = try JSONText(parsing: text)
    let findings = try schema().findings(in: document)
    #expect(findings.isEmpty, "\(findings.prefix(5))")
    return document
  }
}

/// A folder of its own for one test, removed with its owner.
final class Scratch {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(
      path: "certify-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func file(_ name: String) -> URL { folder.appending(path: name) }
  func path(_ name: String) -> String { file(name).path }

  func handle(_ name: String) throws -> FileHandle {
    _ = FileManager.default.createFile(atPath: path(name), contents: nil)
    return try FileHandle(forWritingTo: file(name))
  }

  func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: file(name)), as: UTF8.self)
  }

  /// The names of what lies in the folder, hidden ones included.
  func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }
}

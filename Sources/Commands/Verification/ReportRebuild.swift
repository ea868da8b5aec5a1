import Certification
import DualBounds
import FileAccess
import Reports
import Runs

/// A report held against its files: their hashes, and the bytes of the same run computed again.
struct ReportRebuild {
  private let path: String
  private let bytes: [UInt8]
  private let reports: [ReportView]
  private let words: [String]
  private let diagnostics: Diagnostics

  /// Reads a report; nil where the file is none.
  ///
  /// - Parameter output: Where the result goes, which is none of the files of the run.
  init?(
    _ path: String, work: WorkArguments, data: StoredDataArguments, output: String?
  ) throws {
    let bytes = try readFile(path)
    guard KnownFile(bytes, path: path) == .json,
      Self.hasVersion(bytes)
    else { return nil }
    (self.path, self.bytes) = (path, bytes)
    reports = try ReportFile(bytes, path: path).views
    diagnostics = Diagnostics(isQuiet: work.quiet)
    words =
      try ReportArguments(reports).words + data.words
      + (work.threads.map { ["--threads", "\($0)"] } ?? [])
      + (work.memory.map { ["--memory", $0] } ?? [])
      + (output.map { ["--output", $0] } ?? [])
  }

  /// A report, or a list of them, says its version before anything else.
  private static func hasVersion(_ bytes: [UInt8]) -> Bool {
    String(decoding: bytes.prefix(100), as: UTF8.self).contains("\"schema_version\"")
  }

  /// Whether the report is what its files and its options make; says what was compared, or where the first
  /// difference is.
  func execute(output: AtomicFile) throws -> ExitStatus {
    try checkTool()
    let command = try RunCommand.parse(words)
    let plan = try RunPlan(command, command.run)
    let inputs = try RunInputs(plan)
    let run = try Run(plan, inputs)
    for (report, epsilon) in zip(reports, plan.epsilons) {
      try checkFiles(report, run.description(epsilon))
    }
    let progress = ProgressLine(isEnabled: !diagnostics.isQuiet)
    var made = try run.reports { progress.show(done: $0, of: $1) }
    progress.clear()
    // The one thing that another build cannot say; the rest is held against what it would have said.
    if isOtherBuild { for place in made.indices { made[place].run.program = maker } }
    let text = ReportText(made).reduce(into: [UInt8]()) { $0 += $1.utf8 }
    let examples = made.first?.certificates.count ?? 0
    guard text != bytes else {
      try output.write(
        "\(path): verified: files as hashed, \(examples) examples computed again, the same bytes"
          + (isOtherBuild ? " but for the program's own name: \(buildWords)" : "") + "\n")
      try output.commit()
      return .done
    }
    diagnostics.error(difference(text))
    if isOtherBuild { diagnostics.text([buildWords]) }
    return .gateFailed
  }

  /// What the report says of the program that wrote it.
  private var maker: ProgramDescription {
    ProgramDescription(reported: reports.first?.section("tool") ?? .null)
  }

  private var isOtherBuild: Bool { maker.build != ProgramDescription.this.build }

  private var buildWords: String {
    "made by \(maker.buildWords); computed again by \(ProgramDescription.this.buildWords)"
  }

  /// Other kernels, or another program, have other last digits.
  private func checkTool() throws(InputError) {
    let tool = reports.first?.section("tool") ?? .null
    for (key, own) in [("version", certifyVersion), ("kernels", Kernels.best.name)] {
      let found = tool[key]?.string ?? "-"
      guard found != own else { continue }
      throw InputError(
        file: path, place: "$.tool.\(key)", found: quoted(found),
        expected: "\(quoted(own)), as this program has: others have other last digits")
    }
  }

  private func checkFiles(_ report: ReportView, _ run: RunDescription) throws(InputError) {
    let data = report.section("data")
    let files =
      [
        (report.section("model"), run.model.file), (data, run.data.file),
      ]
      + [data["labels"].flatMap { labels in run.data.labels.map { (labels, $0) } }].compactMap(
        \.self)
    for (stated, found) in files {
      for (key, digest) in [
        ("sha256", found.digest.sha256), ("sampled_sha256", found.digest.sampled),
      ] where stated[key]?.string != digest {
        throw InputError(
          file: found.path, found: "the SHA-256 \(digest ?? "of a larger file")",
          expected: "\(stated[key]?.string ?? "that of a larger file"), as \(path) says")
      }
    }
  }

  /// The first line that differs.
  private func difference(_ text: [UInt8]) -> String {
    let (stated, made) = (Self.lines(bytes), Self.lines(text))
    let same = zip(stated, made).prefix { $0 == $1 }.count
    let (here, there) = (Self.line(same, of: stated), Self.line(same, of: made))
    let start = max(0, zip(here, there).prefix { $0 == $1 }.count - 24)
    func words(_ line: ArraySlice<UInt8>) -> String {
      quoted(String(decoding: line.dropFirst(start).prefix(48), as: UTF8.self))
    }
    return "\(path): line \(same + 1): \(words(here)); expected \(words(there)), as computed again"
  }

  private static func lines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
  }

  /// A line; nothing behind the last one.
  private static func line(_ place: Int, of lines: [ArraySlice<UInt8>]) -> ArraySlice<UInt8> {
    lines.indices.contains(place) ? lines[place] : []
  }
}

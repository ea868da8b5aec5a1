import Foundation
import Testing

/// The recipes of the README for GitHub Actions and GitLab: their lines, run in the order and under the
/// conditions that those would run them in.
@Suite struct RecipeTests {
  struct Step {
    var line: String
    /// Whether it runs after a step that failed, too.
    var isAlways = false
  }

  /// The block of YAML behind a line of the README.
  static func block(after heading: String) throws -> [String] {
    let readme = try String(
      contentsOf: Command.package.appending(path: "README.md"), encoding: .utf8)
    let lines = readme.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let place = try #require(lines.firstIndex { $0.hasPrefix(heading) }, "\(heading)")
    let start = try #require(lines[place...].firstIndex(of: "```yaml"))
    let end = try #require(lines[start...].firstIndex(of: "```"))
    return Array(lines[(start + 1)..<end])
  }

  static func gitHub() throws -> [Step] {
    var (steps, isAlways) = ([Step](), false)
    for line in try block(after: "GitHub Actions") {
      let words = line.trimmingCharacters(in: .whitespaces)
      if words.hasPrefix("- ") { isAlways = words == "- if: always()" }
      if let run = words.firstMatch(of: /^(?:- )?run: (.+)$/) {
        steps.append(Step(line: String(run.output.1), isAlways: isAlways))
      }
    }
    return steps
  }

  static func gitLab() throws -> [Step] {
    let lines = try block(after: "GitLab")
    let start = try #require(lines.firstIndex { $0.hasSuffix("script:") })
    return lines[(start + 1)...].prefix { $0.hasPrefix("    - ") }.map {
      Step(line: String($0.dropFirst(6)))
    }
  }

  /// Runs the steps; returns the status of each, nil for one that was not run.
  static func statuses(of steps: [Step], in scratch: Scratch) throws -> [Int32?] {
    var isFailed = false
    return try steps.map { step in
      guard !isFailed || step.isAlways else { return nil }
      // Comes from a package index, or out of a release.
      if step.line.hasPrefix("pip install ") { return 0 }
      let outcome = try Command.run(
        URL(filePath: "/bin/sh"), ["-c", "export GITHUB_STEP_SUMMARY=summary.md; " + step.line],
        in: scratch.folder)
      #expect(outcome.status <= 1, "\(step.line): \(outcome.errors)")
      isFailed = isFailed || outcome.status != 0
      return outcome.status
    }
  }

  /// The files that the recipes name: a network, data, and the labels beside them.
  static func project() throws -> Scratch {
    let scratch = try Scratch()
    for (name, file) in [
      ("conv-robust.onnx", "model.onnx"), ("digits-test-images-idx3-ubyte", "test.idx"),
      ("digits-test-labels-idx1-ubyte", "test-labels.idx"),
    ] {
      try FileManager.default.copyItem(
        atPath: Command.digits(name), toPath: scratch.path(file))
    }
    return scratch
  }

  /// The same with gates that let everything pass.
  static func lenient(_ steps: [Step]) -> [Step] {
    steps.map { step in
      var step = step
      step.line = step.line.replacing("--max-robust-error 6%", with: "--max-robust-error 90%")
        .replacing("--max-unknown 1%", with: "--max-unknown 90%")
      return step
    }
  }

  @Test("the wheel that the recipes install has the name of one that 'make wheel' makes")
  func wheel() throws {
    let version = try Command.run("--version").output.split(separator: " ")[1]
    for steps in [try Self.gitHub(), try Self.gitLab()] {
      let line = try #require(steps.first?.line)
      #expect(
        line.hasPrefix("pip install ./certify-\(version)-py3-none-manylinux_"), "\(line)")
      #expect(line.hasSuffix("_x86_64.whl"))
    }
  }

  @Test("GitHub's job: a gate that fails ends it with the report, the page and the summary kept")
  func gitHubJob() throws {
    let steps = try Self.gitHub()
    try #require(steps.count == 5, "\(steps)")
    let failed = try Self.project()
    #expect(try Self.statuses(of: steps, in: failed) == [0, 0, 1, 0, 0])
    for name in ["report.json", "report.html"] {
      #expect(try !failed.text(name).isEmpty, "\(name)")
    }
    #expect(try failed.text("summary.md").contains("|"))
    let passed = try Self.project()
    #expect(try Self.statuses(of: Self.lenient(steps), in: passed) == [0, 0, 0, 0, 0])
  }

  @Test("GitLab's job: the page is there before the gate ends it")
  func gitLabJob() throws {
    let steps = try Self.gitLab()
    try #require(steps.count == 4, "\(steps)")
    let failed = try Self.project()
    #expect(try Self.statuses(of: steps, in: failed) == [0, 0, 0, 1])
    for name in ["report.json", "report.html"] {
      #expect(try !failed.text(name).isEmpty, "\(name)")
    }
    let passed = try Self.project()
    #expect(try Self.statuses(of: Self.lenient(steps), in: passed) == [0, 0, 0, 0])
  }
}

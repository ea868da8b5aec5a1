/// A program that certified, audited or verified something.
public struct ProgramDescription: Sendable, Equatable {
  /// Its version.
  public var version: String
  /// What tells this build from every other one: the hexadecimal digits of the id that its linker made of its
  /// contents, or of the SHA-256 of its file; nil where neither can be had, and in older reports.
  ///
  /// The version is the same for many builds, and a fault that is mended makes another build.
  public var build: String?
  /// The commit of its sources, with `+changes` behind it where they were not those of that commit; nil where
  /// that is not known.
  public var commit: String?

  /// Creates a description from its parts.
  public init(version: String, build: String?, commit: String?) {
    (self.version, self.build, self.commit) = (version, build, commit)
  }

  /// What a report says of the program that wrote it.
  package init(reported tool: JSONValue) {
    self.init(
      version: tool["version"]?.string ?? "-", build: tool[Self.buildKey]?.string,
      commit: tool[Self.commitKey]?.string)
  }

  static let (buildKey, commitKey) = ("build", "commit")
  static let name = "certify"

  static var fields: [ReportField<ProgramDescription>] {
    [
      .init("name", .text) { _ in .string(name) },
      .init("version", .text) { .string($0.version) },
      .init(buildKey) { $0.build.map { .string($0) } },
      .init(commitKey) { $0.commit.map { .string($0) } },
    ]
  }

  package var json: JSONValue { .record(self, Self.fields) }

  /// In a line: `certify 0.1.0 (build 5d2e..., commit 1307bf8...)`.
  package var words: String { "\(Self.name) \(version) (\(buildWords))" }

  /// Which build it is.
  package var buildWords: String {
    "build \(build ?? "not known"), commit \(commit ?? "not known")"
  }
}

import Foundation
import Testing

/// Runs in surroundings that lack something: streams, room, threads, `/proc`.
@Suite struct StreamTests {
  private static let run =
    "certify '\(Command.digits("conv-robust.onnx"))' --data '\(Command.images)' --eps 0.1 --limit 3"
    + " --radii off"

  private func shell(_ line: String, in scratch: Scratch) throws -> Outcome {
    try Command.run(URL(filePath: "/bin/sh"), ["-c", line], in: scratch.folder)
  }

  @Test(
    "no file takes the place of a closed stream",
    arguments: ["2>&-", ">&-", "<&-", ">&- 2>&-", "<&- >&- 2>&-"])
  func closedStreams(streams: String) throws {
    let scratch = try Scratch()
    let files = "-o report.json --emit-logits logits.npy --counterexamples points.npy"
    let usual = try shell("\(Self.run) \(files)", in: scratch)
    #expect(usual.status == 0)
    let names = try scratch.names()
    let before = try names.map { try Data(contentsOf: scratch.file($0)) }
    for name in names { try FileManager.default.removeItem(at: scratch.file(name)) }
    #expect(try shell("\(Self.run) \(files) \(streams)", in: scratch).status == 0)
    #expect(try scratch.names() == names)
    #expect(try names.map { try Data(contentsOf: scratch.file($0)) } == before)
  }

  @Test(
    "results that are to go to a closed stream are status 74, and said before any work",
    arguments: [
      "certify missing.onnx --data missing.idx --eps 0.1", "certify inspect missing.onnx",
      "certify merge missing.json", "certify table missing.json", "certify --help",
      "certify --version", "certify explain missing.onnx --data missing.idx --eps 0.1 --index 0",
    ])
  func closedOutput(command: String) throws {
    let scratch = try Scratch()
    for closed in [">&-", "1</dev/null"] {
      let outcome = try shell("\(command) \(closed)", in: scratch)
      #expect(outcome.status == 74)
      #expect(outcome.errors.hasPrefix("certify: error: standard output: closed"))
    }
  }

  @Test("an input from a closed stream is status 66")
  func closedInput() throws {
    let outcome = try shell("certify inspect - <&-", in: try Scratch())
    #expect(outcome.status == 66)
    #expect(outcome.errors == "certify: error: standard input: closed\n")
  }

  @Test("an output that outgrows the limit of files is status 74, and leaves nothing")
  func fileLimit() throws {
    let scratch = try Scratch()
    try Data("before".utf8).write(to: scratch.file("report.json"))
    let outcome = try shell("ulimit -f 1; \(Self.run) -o report.json", in: scratch)
    #expect(outcome.status == 74)
    #expect(outcome.errors.hasPrefix("certify: error: report.json: file too large"))
    #expect(try scratch.names() == ["report.json"])
    #expect(try scratch.text("report.json") == "before")
  }

  @Test("help that cannot be written is status 74")
  func fullHelp() throws {
    #expect(try shell("certify --help >/dev/full", in: try Scratch()).status == 74)
  }

  /// Whether the system lets this user run a program as another one, or in a namespace of its own.
  private static func allows(_ prefix: String) -> Bool {
    let outcome = try? Command.run(
      URL(filePath: "/bin/sh"), ["-c", "\(prefix) '\(Command.program.path)' --version"])
    return outcome?.status == 0
  }

  /// root is under no limit of threads.
  private static let withoutThreads =
    geteuid() == 0
    ? "prlimit --nproc=1 setpriv --reuid 64123 --regid 64123 --clear-groups" : "prlimit --nproc=1"

  @Test(
    "a run that gets no thread does the work alone",
    .enabled(if: allows(withoutThreads), "needs prlimit and setpriv"), .timeLimit(.minutes(2)))
  func noThreads() throws {
    let scratch = try Scratch()
    let line = Self.run.replacingOccurrences(of: "certify ", with: "", options: .anchored)
    let alone = try shell(
      "exec \(Self.withoutThreads) '\(Command.program.path)' \(line) --threads 8", in: scratch)
    #expect(alone.status == 0, "\(alone.errors)")
    #expect(alone.output == (try shell(Self.run, in: scratch).output))
  }

  @Test(
    "arguments are seen without /proc",
    .enabled(if: allows("unshare --mount"), "needs the right to hide /proc"))
  func withoutProc() throws {
    let scratch = try Scratch()
    let outcome = try shell(
      "unshare --mount sh -c \"mount -t tmpfs none /proc && \(Self.run) -o report.json\"",
      in: scratch)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try scratch.names() == ["report.json"])
  }

  @Test("a name that is not UTF-8 is refused, not replaced by another")
  func otherNames() throws {
    let scratch = try Scratch()
    let outcome = try shell(#"\#(Self.run) -o "$(printf 'caf\351.json')""#, in: scratch)
    #expect(outcome.status == 64)
    #expect(
      outcome.errors.hasPrefix(
        #"certify: error: argument 11: "caf\xE9.json", which is not UTF-8; expected"#),
      "\(outcome.errors)")
    #expect(try scratch.names() == [])
  }

  @Test("a folder whose name is not UTF-8 is written into through a link")
  func otherFolders() throws {
    let scratch = try Scratch()
    let line =
      #"d="$(printf 'caf\351')"; mkdir "$d" && ln -s "$d" link && \#(Self.run) -o link/r.json -q"#
      + #" && test -s "$d/r.json" && cd "$d" && \#(Self.run) -o s.json -q && test -s s.json"#
    let outcome = try shell(line, in: scratch)
    #expect(outcome.status == 0, "\(outcome.errors)")
  }
}

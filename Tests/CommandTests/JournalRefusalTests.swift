import Foundation
import Testing

/// Journals that are another run's, or another's at work.
@Suite struct JournalRefusalTests {
  @Test("a journal is not begun over another one, and goes on with no other run's")
  func wrongJournals() throws {
    let scratch = try Scratch()
    let run = JournalTests.question(examples: 3, threads: 2)
    #expect(
      try Command.run(Command.program, run + JournalTests.kept, in: scratch.folder).status == 0)
    func outcome(_ more: String...) throws -> Outcome {
      try Command.run(Command.program, run + more, in: scratch.folder)
    }
    let again = try outcome("--journal", "j.ndjson")
    #expect(again.status == 64 && again.output == "")
    #expect(
      again.errors.hasPrefix("certify: error: --journal: \"j.ndjson\", which has "),
      "\(again.errors)")
    #expect(again.errors.contains("expected a new file, or --resume to go on with what it keeps"))
    let other = try outcome("--journal", "j.ndjson", "--resume", "--arithmetic", "real")
    #expect(other.status == 65)
    #expect(
      other.errors.hasPrefix(
        "certify: error: j.ndjson: line 1: $.options[0].arithmetic: \"float32\"; expected \"real\","
          + " as this run has it\n"))
    let report = try outcome("--journal", "r.json", "--resume")
    #expect(report.status == 65 && report.errors.hasPrefix("certify: error: r.json: line 1: "))
    let alone = try outcome("--resume")
    #expect(alone.status == 64)
    #expect(alone.errors.hasPrefix("certify: error: --resume: no --journal; expected the journal"))
    for (path, message) in [
      ("-", "--journal: '-'; expected a file"), (".", ".: a directory; expected a place"),
      ("/dev/null", "/dev/null: not a regular file; expected a place"),
      (Command.images, "--journal: \"\(Command.images.prefix(60))"),
    ] {
      let refused = try outcome("--journal", path)
      #expect([64, 73].contains(refused.status), "\(path)")
      #expect(refused.errors.hasPrefix("certify: error: \(message)"), "\(refused.errors)")
    }
    #expect(try scratch.names() == ["j.ndjson", "r.json"])
  }

  @Test("two runs do not write one journal")
  func inUse() throws {
    let scratch = try Scratch()
    let process = try JournalTests.start(
      JournalTests.question(examples: JournalTests.examples) + JournalTests.kept, in: scratch)
    JournalTests.wait(lines: 2, in: scratch)
    let second = try Command.run(
      Command.program,
      JournalTests.question(examples: JournalTests.examples) + [
        "--journal", "j.ndjson", "--resume",
      ],
      in: scratch.folder)
    #expect(second.status == 73)
    #expect(second.errors.hasPrefix("certify: error: j.ndjson: in use by another run"))
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(try scratch.text("r.json") == JournalTests.whole.get())
  }
}

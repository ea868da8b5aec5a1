import Foundation
import Testing

/// A small file system of memory, which root alone can mount.
final class SmallDisk {
  let folder: String

  /// nil where none can be mounted.
  init?(_ options: String, at folder: URL) {
    self.folder = folder.path
    guard geteuid() == 0,
      (try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true))
        != nil,
      SmallDisk.run("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder.path])
    else { return nil }
  }

  deinit { _ = SmallDisk.run("umount", [folder]) }

  /// Takes or gives back the right to write.
  func remount(_ options: String) -> Bool {
    SmallDisk.run("mount", ["-o", "remount,\(options)", folder])
  }

  private static func run(_ name: String, _ arguments: [String]) -> Bool {
    (try? Command.run(URL(filePath: "/usr/bin/env"), [name] + arguments).status == 0) ?? false
  }

  /// Whether this user of this machine can.
  static let isPossible: Bool = {
    guard let scratch = try? Scratch() else { return false }
    return SmallDisk("size=64k", at: scratch.file("disk")) != nil
  }()
}

@Suite(.enabled(if: SmallDisk.isPossible, "mounting a small file system needs root"))
struct FullDiskTests {
  @Test(
    "a disk that is full under the journal ends the run by its name, and loses no finished example")
  func fullJournal() throws {
    let scratch = try Scratch()
    let disk = try #require(SmallDisk("size=32k", at: scratch.file("disk")))
    let journal = "disk/j.ndjson"
    let run = JournalTests.question(examples: JournalTests.examples, threads: 2)
    let full = try Command.run(
      Command.program, run + ["-o", "r.json", "--journal", journal], in: scratch.folder)
    #expect(full.status == 74)
    #expect(
      full.errors.hasPrefix(
        "certify: error: \(journal): no space left on the device; what was written to it before is"
          + " kept\nfinished examples are kept in \(journal); this goes on:\n  certify "),
      "\(full.errors)")
    #expect(try scratch.names() == ["disk"])
    let done = JournalTests.lines(scratch, journal) - 1
    #expect(done > 3 && done < JournalTests.examples)
    #expect(try scratch.text(journal).hasSuffix("\n"))
    // On a larger disk it goes on.
    try #require(disk.remount("size=16m"))
    let outcome = try Command.run(
      Command.program, run + ["-o", "r.json", "--journal", journal, "--resume"], in: scratch.folder)
    #expect(outcome.status == 0)
    #expect(
      outcome.errors.hasPrefix(
        "certify: note: \(journal): \(done) of \(JournalTests.examples) examples"))
    #expect(try scratch.text("r.json") == JournalTests.whole.get())
  }

  @Test("a disk that is full under the report keeps the journal, and what stood there")
  func fullReport() throws {
    let scratch = try Scratch()
    let disk = try #require(SmallDisk("size=16k", at: scratch.file("disk")))
    try Data("before".utf8).write(to: scratch.file("disk/r.json"))
    let run =
      JournalTests.question(examples: JournalTests.examples, threads: 2) + [
        "--journal", "j.ndjson", "--resume",
      ]
    let full = try Command.run(Command.program, run + ["-o", "disk/r.json"], in: scratch.folder)
    #expect(full.status == 74)
    #expect(
      full.errors.contains(
        "certify: error: disk/r.json: no space left on the device; the output is incomplete and was"
          + " not kept\nfinished examples are kept in j.ndjson; this goes on:\n"), "\(full.errors)")
    #expect(try scratch.text("disk/r.json") == "before")
    #expect(try FileManager.default.contentsOfDirectory(atPath: disk.folder) == ["r.json"])
    #expect(JournalTests.lines(scratch) == JournalTests.examples + 1)
    let outcome = try Command.run(Command.program, run + ["-o", "r.json"], in: scratch.folder)
    #expect(outcome.status == 0)
    #expect(try scratch.text("r.json") == JournalTests.whole.get())
  }

  @Test("a read-only disk is found before any work, under the report and under the journal")
  func readOnly() throws {
    let scratch = try Scratch()
    let disk = try #require(SmallDisk("size=64k", at: scratch.file("disk")))
    try #require(disk.remount("ro"))
    for outputs in [
      ["-o", "disk/x", "--journal", "j.ndjson"], ["-o", "r.json", "--journal", "disk/x"],
    ] {
      let outcome = try Command.run(
        Command.program, ["missing.onnx", "--data", "missing", "--eps", "1"] + outputs,
        in: scratch.folder)
      #expect(outcome.status == 73)
      #expect(
        outcome.errors
          == "certify: error: disk/x: a read-only file system; expected a place that can be written\n"
      )
      #expect(try scratch.names() == ["disk"])
    }
  }
}

import FileAccess
import Foundation
import Testing

@Suite struct AppendedFileTests {
  @Test("records stand in the file as soon as they are appended, behind what was there")
  func appends() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("journal", Array("one\n".utf8))
    let file = try AppendedFile(path)
    #expect(file.size == 4)
    try file.append(Array("two\n".utf8))
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "one\ntwo\n")
    #expect(try file.contents() == Array("one\ntwo\n".utf8))
    try file.cut(to: 3)
    try file.append(Array("\n".utf8))
    try file.sync()
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "one\n")
  }

  @Test("records of several threads never mix")
  func threads() async throws {
    let folder = try TemporaryFolder()
    let file = try AppendedFile(folder.path("journal"))
    await withTaskGroup(of: Void.self) { group in
      for letter in 0..<8 {
        group.addTask {
          let record = [UInt8](repeating: 65 + UInt8(letter), count: 5000) + [10]
          for _ in 0..<20 { try? file.append(record) }
        }
      }
    }
    let lines = try file.contents().split(separator: 10)
    #expect(lines.count == 160)
    #expect(lines.allSatisfy { $0.count == 5000 && Set($0).count == 1 })
  }

  @Test("a file belongs to one writer; one that was made for nothing goes away")
  func oneWriter() throws {
    let folder = try TemporaryFolder()
    do {
      let file = try AppendedFile(folder.path("journal"))
      let error = #expect(throws: OutputError.self) { try AppendedFile(folder.path("journal")) }
      #expect(error?.kind == .cannotCreate && error?.found == "in use by another run")
      #expect(file.size == 0)
    }
    #expect(try folder.names().isEmpty)
    _ = try folder.write("journal", [])
    do { _ = try AppendedFile(folder.path("journal")) }
    #expect(try folder.names() == ["journal"])
  }

  @Test("what is no file is refused at once, a pipe that nobody reads included")
  func noFiles() throws {
    let folder = try TemporaryFolder()
    #expect(mkfifo(folder.path("pipe"), 0o600) == 0)
    for (path, found) in [
      (folder.url.path, "a directory"), (folder.path("pipe"), "not a regular file"),
      ("/dev/null", "not a regular file"), (folder.path("none/journal"), "no such folder"),
      ("", "not the name of a file"), ("-", "not the name of a file"),
    ] {
      let error = #expect(throws: OutputError.self) { try AppendedFile(path) }
      #expect(error?.kind == .cannotCreate && error?.found == found, "\(path)")
    }
  }
}

@Suite struct LeftoverTests {
  /// The name that an output of this process waits under, but for another process's number.
  private func name(of process: Int32, in folder: TemporaryFolder) throws -> String {
    let output = try AtomicFile(folder.path("probe"))
    let name = try #require(try folder.names().first { $0.hasPrefix(".certify-") })
    output.discard()
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    return (parts.dropLast(2) + ["\(process)", parts[parts.count - 1]]).joined(separator: "-")
  }

  /// A number that no process has: that of one that has ended.
  private func ended() throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "exit 0"]
    try process.run()
    process.waitUntilExit()
    return process.processIdentifier
  }

  @Test("what a process that is no more left behind is removed, and named")
  func removed() throws {
    let folder = try TemporaryFolder()
    let name = try name(of: ended(), in: folder)
    let path = try folder.write(name, Array("half".utf8))
    _ = try folder.write("report.json", [])
    #expect(removeLeftovers(beside: [folder.path("report.json"), "-"]) == [path])
    #expect(try folder.names() == ["report.json"])
    #expect(removeLeftovers(beside: [folder.path("report.json")]).isEmpty)
  }

  @Test("what may be of use to somebody stays: of a living process, another machine, held, no file")
  func kept() throws {
    let folder = try TemporaryFolder()
    let dead = try ended()
    let name = try name(of: dead, in: folder)
    // Its parent lives.
    _ = try folder.write(try self.name(of: getppid(), in: folder), [1])
    _ = try folder.write(name.replacing(".certify-", with: ".certify-x"), [1])
    _ = try folder.write(".certify-\(dead)-0.tmp", [1])
    _ = try folder.write(name + "x", [1])
    let held = try folder.write(name, [1])
    let descriptor = open(held, O_RDONLY)
    defer { close(descriptor) }
    #expect(flock(descriptor, LOCK_EX) == 0)
    let before = try folder.names()
    #expect(removeLeftovers(beside: [folder.path("report.json")]).isEmpty)
    #expect(try folder.names() == before && before.count == 5)
    unlink(held)
    #expect(symlink("report.json", held) == 0)
    #expect(removeLeftovers(beside: [folder.path("report.json")]).isEmpty)
  }

  @Test("an output that is being written is no leftover, whoever looks")
  func living() throws {
    let folder = try TemporaryFolder()
    let output = try AtomicFile(folder.path("report.json"))
    #expect(removeLeftovers(beside: [folder.path("other.json")]).isEmpty)
    try output.write("whole")
    try output.commit()
    #expect(try folder.names() == ["report.json"])
  }
}

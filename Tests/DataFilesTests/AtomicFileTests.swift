import FileAccess
import Foundation
import Testing

@Suite struct AtomicFileTests {
  private func content(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  @Test("the file stands under its name only when it is whole")
  func commits() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("report.json")
    let output = try AtomicFile(path)
    try output.write("half")
    try output.flush()
    #expect(!FileManager.default.fileExists(atPath: path))
    try output.write(Array(" and half".utf8))
    try output.commit()
    #expect(try content(path) == "half and half")
    #expect(try folder.names() == ["report.json"])
  }

  @Test("an output that is given up leaves what stood there and nothing else")
  func discards() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("report.json", Array("old".utf8))
    do {
      let output = try AtomicFile(path)
      try output.write(String(repeating: "new", count: 100_000))
    }
    #expect(try content(path) == "old")
    let second = try AtomicFile(path)
    #expect(try folder.names().count == 2)
    second.discard()
    #expect(try folder.names() == ["report.json"])
  }

  @Test("a file that is replaced keeps its permissions, a new one gets the usual ones")
  func permissions() throws {
    let folder = try TemporaryFolder()
    let old = try folder.write("old", [1])
    chmod(old, 0o640)
    for path in [old, folder.path("new")] {
      let output = try AtomicFile(path)
      try output.write("x")
      try output.commit()
    }
    let mask = umask(0)
    umask(mask)
    func mode(_ path: String) throws -> Int? {
      try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
    #expect(try mode(old) == 0o640)
    #expect(try mode(folder.path("new")) == Int(0o666 & ~mask))
    // Whoever may run the old file as its owner must not run what replaces it so.
    chmod(old, 0o6755)
    let output = try AtomicFile(old)
    try output.commit()
    #expect(try mode(old) == 0o755)
    // A stranger's file can be made by root alone.
    guard geteuid() == 0 else { return }
    chown(old, 64123, 64123)
    chmod(old, 0o6777)
    let replaced = try AtomicFile(old)
    try replaced.commit()
    #expect(try mode(old) == Int(0o666 & ~mask))
  }

  @Test("a file is on the disk before it gets its name, and the name after that")
  func syncs() throws {
    final class Log: @unchecked Sendable { var words: [String] = [] }
    let folder = try TemporaryFolder()
    let log = Log()
    var calls = AtomicFile.CommitCalls()
    let (sync, rename) = (calls.sync, calls.rename)
    calls.sync = { descriptor in
      var status = stat()
      fstat(descriptor, &status)
      log.words.append(status.st_mode & S_IFMT == S_IFDIR ? "folder" : "\(status.st_size) bytes")
      return sync(descriptor)
    }
    calls.rename = {
      log.words.append("name")
      return rename($0, $1, $2)
    }
    let outputs = try ["a", "b"].map { try AtomicFile(folder.path($0), calls: calls) }
    for output in outputs { try output.write("four") }
    try AtomicFile.commit(outputs)
    #expect(log.words == ["4 bytes", "4 bytes", "name", "folder", "name", "folder"])
    // What does not reach the disk gets no name.
    calls.sync = { _ in
      errno = EIO
      return -1
    }
    let lost = try AtomicFile(folder.path("c"), calls: calls)
    #expect(throws: OutputError.self) { try lost.commit() }
    #expect(try folder.names() == ["a", "b"])
  }

  @Test("none of several outputs gets its name where one cannot be completed")
  func allOrNone() throws {
    let folder = try TemporaryFolder()
    let old = try folder.write("old", [1])
    let (good, bad) = (try AtomicFile(old), try AtomicFile("/dev/full"))
    try good.write("new")
    try bad.write("new")
    #expect(throws: OutputError.self) { try AtomicFile.commit([good, bad]) }
    good.discard()
    #expect(try content(old) == "\u{1}")
    #expect(try folder.names() == ["old"])
  }

  @Test("a symbolic link is followed, not replaced")
  func followsLinks() throws {
    let folder = try TemporaryFolder()
    let real = try folder.write("real", [1])
    let link = folder.path("link")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: real)
    let output = try AtomicFile(link)
    try output.write("x")
    try output.commit()
    #expect(try content(real) == "x")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == real)
    // Also one that leads to nothing yet, by another one and from its own folder.
    try FileManager.default.createDirectory(
      atPath: folder.path("sub"), withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("first"), withDestinationPath: "sub/second")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("sub/second"), withDestinationPath: "../promised")
    let promised = try AtomicFile(folder.path("first"))
    try promised.write("y")
    try promised.commit()
    #expect(try content(folder.path("promised")) == "y")
    #expect(try folder.names() == ["first", "link", "promised", "real", "sub"])
    // Two that lead to each other lead nowhere.
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("loop"), withDestinationPath: "loop")
    #expect(throws: OutputError.self) { try AtomicFile(folder.path("loop")) }
  }

  @Test("an output that cannot be created is found when it is opened")
  func refuses() throws {
    let folder = try TemporaryFolder()
    func refusal(_ path: String) -> OutputError? {
      #expect(throws: OutputError.self) { try AtomicFile(path) }
    }
    #expect(
      refusal(folder.url.path)
        == OutputError(.cannotCreate, file: folder.url.path, found: "a directory"))
    #expect(refusal(folder.path("no/file"))?.found == "no such folder")
    #expect(refusal("")?.kind == .cannotCreate)
    #expect(refusal(folder.path("new") + "/")?.kind == .cannotCreate)
    let file = try folder.write("file", [])
    #expect(refusal(file + "/x")?.found == "a part of the path is not a directory")
    if getuid() != 0 {
      chmod(file, 0o444)
      #expect(refusal(file)?.found == "permission denied")
    }
  }

  @Test("a device is written, not replaced, and a full one is reported")
  func devices() throws {
    let null = try AtomicFile("/dev/null")
    try null.write("x")
    try null.commit()
    var status = stat()
    #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
    let full = try AtomicFile("/dev/full")
    try full.write("x")
    #expect(
      throws: OutputError(
        .cannotWrite, file: "/dev/full", found: "no space left on the device")
    ) {
      try full.commit()
    }
  }

  @Test("a reader that has gone is a broken pipe")
  func brokenPipe() throws {
    signal(SIGPIPE, SIG_IGN)
    let folder = try TemporaryFolder()
    let path = folder.path("pipe")
    #expect(mkfifo(path, 0o600) == 0)
    let reader = open(path, O_RDONLY | O_NONBLOCK)
    let output = try AtomicFile(path)
    try output.write("x")
    close(reader)
    let error = #expect(throws: OutputError.self) { try output.flush() }
    #expect(error?.kind == .brokenPipe)
  }
}

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

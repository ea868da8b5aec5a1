import Foundation
import ReportTestSupport
import Testing

/// The program as two builds of one version: a copy whose id differs by a bit is another build in nothing else.
@Suite struct BuildIdentityTests {
  /// The id that the linker made, as binutils read it.
  static func linkedBuild(_ program: URL) throws -> String {
    let notes = try Command.run(URL(filePath: "/usr/bin/env"), ["readelf", "-nW", program.path])
    let id = try #require(notes.output.firstMatch(of: /Build ID: ([0-9a-f]+)/), "\(notes)")
    return String(id.output.1)
  }

  /// What `--version` says of a program's build, and of its commit.
  static func said(by program: URL) throws -> (build: String, commit: String) {
    let text = try Command.run(program, ["--version"]).output
    let words = try #require(
      text.wholeMatch(of: /certify [0-9.]+ \(build ([^,]+), commit (.+)\)\n/), "\(text)")
    return (String(words.output.1), String(words.output.2))
  }

  /// A copy of the program with other bytes in its note: the id's first byte, or the kind of the note.
  static func copy(_ name: String, in scratch: Scratch, change: Change) throws -> URL {
    var bytes = try Data(contentsOf: Command.program)
    let id = try linkedBuild(Command.program)
    let digits = Array(id)
    var head: [UInt8] = [4, 0, 0, 0, UInt8(digits.count / 2), 0, 0, 0, 3, 0, 0, 0]
    head += Array("GNU\0".utf8)
    let note = try #require(bytes.range(of: Data(head)), "no note")
    switch change {
    case .id: bytes[note.upperBound] ^= 1
    case .kind: bytes[note.lowerBound + 8] = 0x7f
    }
    let (written, copy) = (scratch.file("\(name).bytes"), scratch.file(name))
    try bytes.write(to: written)
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: written.path)
    // Written by another process: what this one has open for writing, children that other tests start at the
    // same time have open, too, and a program that is open for writing does not start.
    let copied = try Command.run(URL(filePath: "/bin/cp"), [written.path, copy.path])
    #expect(copied.status == 0, "\(copied.errors)")
    return copy
  }

  enum Change { case id, kind }

  static let question = [
    Command.digits("conv-robust.onnx"), "--data", Command.images, "--eps", "0.05", "-q",
  ]

  @Test("--version says the id that the linker made and the commit; stripping leaves them alone")
  func version() throws {
    let said = try Self.said(by: Command.program)
    #expect(try said.build == Self.linkedBuild(Command.program))
    #expect(said.build.count == 40)
    let header = Command.package.appending(path: "Sources/CCommit/commit.h")
    let text = (try? String(contentsOf: header, encoding: .utf8)) ?? ""
    let stated = text.firstMatch(of: /#define CERTIFY_COMMIT "([^"]+)"/)
    #expect(said.commit == stated.map { String($0.output.1) } ?? "not known")
    let scratch = try Scratch()
    try FileManager.default.copyItem(at: Command.program, to: scratch.file("stripped"))
    let strip = try Command.run(
      Command.package.appending(path: "Packaging/strip"), [scratch.path("stripped")])
    #expect(strip.status == 0, "\(strip.errors)")
    let stripped = try Self.said(by: scratch.file("stripped"))
    #expect(stripped == said)
  }

  @Test("a program without such an id is known by the SHA-256 of its file, never by nothing")
  func withoutId() throws {
    let scratch = try Scratch()
    let copy = try Self.copy("silent", in: scratch, change: .kind)
    let sum = try Command.run(URL(filePath: "/usr/bin/env"), ["sha256sum", copy.path])
    #expect(try Self.said(by: copy).build == String(sum.output.prefix(64)))
  }

  @Test("a report names the build and the commit, wherever it goes on to")
  func report() throws {
    let scratch = try Scratch()
    let said = try Self.said(by: Command.program)
    let outcome = try Command.run(
      Command.program,
      Self.question + ["--limit", "2", "-o", scratch.path("r.json")]
        + ["--provenance", scratch.path("p.json")])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let tool = try Command.report(try scratch.text("r.json"))["tool"]
    #expect(tool?["build"]?.string == said.build)
    #expect((tool?["commit"]?.string ?? "not known") == said.commit)
    let statement = try JSONText(parsing: try StatementTests.statement(of: scratch))
    let predicate = statement["predicate"]
    let provenance = try JSONText(parsing: try scratch.text("p.json"))
    for program in [
      predicate?["verifier"], predicate?["audit"]?["auditor"], provenance["tool"],
    ] { #expect(program?["build"]?.string == said.build) }
    let page = try Command.run("report", scratch.path("r.json"), "-o", "-")
    #expect(page.output.contains(said.build))
  }

  @Test("a journal of another build is refused by both names, and nothing of it is taken")
  func journal() throws {
    let scratch = try Scratch()
    let other = try Self.copy("other", in: scratch, change: .id)
    let (builds, own) = (try Self.said(by: other).build, try Self.said(by: Command.program).build)
    #expect(builds != own)
    let kept = ["--limit", "4", "--journal", scratch.path("j"), "--resume"]
    let begun = try Command.run(other, Self.question + kept)
    #expect(begun.status == 0, "\(begun.errors)")
    let before = try scratch.text("j")
    let outcome = try Command.run(Command.program, Self.question + kept)
    #expect(outcome.status == 65 && outcome.output == "")
    #expect(
      outcome.errors
        == "certify: error: \(scratch.path("j")): line 1: $.tool.build: \"\(builds)\"; expected"
        + " \"\(own)\", as this run has it\nThe journal is another program's, whose faults need not"
        + " be this one's: begin afresh, with another file by --journal.\n")
    #expect(try scratch.text("j") == before)
    #expect(try Command.run(other, Self.question + kept).output == begun.output)
  }

  @Test("parts by different builds are not merged, and 'diff' says that builds differ")
  func parts() throws {
    let scratch = try Scratch()
    let other = try Self.copy("other", in: scratch, change: .id)
    for (program, shard) in [(Command.program, "1/2"), (other, "2/2"), (Command.program, "2/2")] {
      let name = program == other ? "other.json" : "part\(shard.prefix(1)).json"
      let made = try Command.run(
        program, Self.question + ["--shard", shard, "--limit", "6", "-o", scratch.path(name)])
      #expect(made.status == 0, "\(made.errors)")
    }
    let refused = try Command.run(
      "merge", "part1.json", "other.json", in: scratch.folder)
    #expect(refused.status == 65 && refused.output == "")
    #expect(
      refused.errors.hasPrefix("certify: error: other.json: $.tool.build: \""), "\(refused.errors)")
    #expect(refused.errors.contains("are made by one build of the program: certify some of them"))
    #expect(try Command.run("merge", "part1.json", "part2.json", in: scratch.folder).status == 0)
    let diff = try Command.run("diff", "part2.json", "other.json", in: scratch.folder)
    #expect(diff.status == 0 && diff.output.contains("build"), "\(diff)")
  }

  @Test("the report of another build is verified in everything but its name, and the line says so")
  func verified() throws {
    let scratch = try Scratch()
    let other = try Self.copy("other", in: scratch, change: .id)
    let path = scratch.path("r.json")
    let made = try Command.run(other, Self.question + ["--limit", "4", "-o", path])
    #expect(made.status == 0, "\(made.errors)")
    let (builds, own) = (try Self.said(by: other).build, try Self.said(by: Command.program).build)
    let outcome = try Command.run("verify", path, "-q")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.output.contains(
        " examples computed again, the same bytes but for the program's own name: made by build"
          + " \(builds), commit "), "\(outcome.output)")
    #expect(outcome.output.contains("; computed again by build \(own), commit "))
    // Its numbers are held against this build's all the same.
    let text = try scratch.text("r.json")
    let margins = try #require(text.firstMatch(of: /"margins":\[0,([0-9.]+),/))
    let number = try #require(Double(margins.output.1))
    let forged = text.replacing(margins.output.1, with: "\(number + 1)")
    try Data(forged.utf8).write(to: scratch.file("r.json"))
    let wrong = try Command.run("verify", path)
    #expect(wrong.status == 1 && wrong.output == "" && wrong.errors.contains(", as computed again"))
    #expect(wrong.errors.contains("made by build \(builds), "))
    // Nor may it claim to be of this build, and of another commit.
    let renamed = text.replacing(builds, with: own).replacing(
      "\"build\":", with: "\"commit\":\"0\",\"build\":")
    try Data(renamed.utf8).write(to: scratch.file("r.json"))
    let lying = try Command.run("verify", path)
    #expect(lying.status != 0 && lying.output == "")
  }

  @Test("the commit is that of the sources, says where they have changes, and is left alone else")
  func commit() throws {
    let scratch = try Scratch()
    let script = Command.package.appending(path: "Packaging/commit")
    let folder = scratch.file("sources")
    let place = folder.appending(path: "Sources/CCommit")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    try Data("/* */\n".utf8).write(to: place.appending(path: "commit.c"))
    try Data("commit.h\n".utf8).write(to: folder.appending(path: ".gitignore"))
    func git(_ words: String...) throws -> String {
      let outcome = try Command.run(
        URL(filePath: "/usr/bin/env"),
        ["git", "-C", folder.path, "-c", "user.name=a", "-c", "user.email=a@example.org"] + words)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }
    let header = place.appending(path: "commit.h")
    func written() throws -> String {
      let outcome = try Command.run(script, [folder.path])
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try String(contentsOf: header, encoding: .utf8)
    }
    #expect(try written() == "/* What this program is built from: nothing is known. */\n")
    _ = try git("init", "-q")
    _ = try git("add", ".")
    _ = try git("commit", "-q", "-m", "first")
    let commit = try git("rev-parse", "HEAD")
    #expect(try written() == "#define CERTIFY_COMMIT \"\(commit)\"\n")
    func moment() throws -> Date? {
      try FileManager.default.attributesOfItem(atPath: header.path)[.modificationDate] as? Date
    }
    let before = try moment()
    #expect(before != nil)
    usleep(20_000)
    _ = try written()
    #expect(try moment() == before)
    // What is not built is no change.
    try Data("note\n".utf8).write(to: folder.appending(path: "notes.txt"))
    #expect(try written() == "#define CERTIFY_COMMIT \"\(commit)\"\n")
    try Data("int x;\n".utf8).write(to: folder.appending(path: "Sources/more.c"))
    #expect(try written() == "#define CERTIFY_COMMIT \"\(commit)+changes\"\n")
    // A folder inside of another's repository.
    let inner = folder.appending(path: "inner/Sources/CCommit")
    try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
    let outcome = try Command.run(script, [folder.appending(path: "inner").path])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let text = try String(contentsOf: inner.appending(path: "commit.h"), encoding: .utf8)
    #expect(!text.contains("CERTIFY_COMMIT"))
  }
}

import Foundation
import NumberSupport
import Testing

/// A run that keeps what it has finished, ended in every way that a run can be ended.
@Suite struct JournalTests {
  /// A run long enough to be hit in its midst, on few workers.
  static func question(examples: Int, threads: Int = 1) -> [String] {
    [
      Command.digits("conv-ordinary.onnx"), "--data", Command.images, "--eps", "0.07,0.03",
      "--slopes", "optimized", "--rows", "all", "--limit", "\(examples)", "--threads", "\(threads)",
    ]
  }

  /// As many examples as most of these runs have, and the report of a run that nothing happened to.
  static let examples = 24
  static let whole = Result { try whole(examples: examples) }

  static func whole(examples: Int) throws -> String {
    let outcome = try Command.run(
      Command.program, question(examples: examples, threads: 2) + ["-q"])
    try #require(outcome.status == 0, "\(outcome.errors)")
    return outcome.output
  }

  static func start(_ arguments: [String], in scratch: Scratch) throws -> Process {
    let process = Process()
    process.executableURL = Command.program
    process.currentDirectoryURL = scratch.folder
    process.arguments = arguments
    process.standardError = try scratch.handle("errors")
    process.standardOutput = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return process
  }

  static func lines(_ scratch: Scratch, _ name: String = "j.ndjson") -> Int {
    ((try? scratch.text(name)) ?? "").split(separator: "\n").count
  }

  /// Waits for so many lines of the journal.
  static func wait(lines count: Int, in scratch: Scratch) {
    let deadline = Date(timeIntervalSinceNow: 30)
    while lines(scratch) < count, Date.now < deadline { usleep(1_000) }
    #expect(lines(scratch) >= count, "not reached within 30 s")
  }

  static let kept = ["-o", "r.json", "--journal", "j.ndjson", "--resume"]

  @Test(
    "a run that is killed at any moment goes on to the very report, and proofs, of one that is not",
    arguments: [false, true])
  func killed(hasProofs: Bool) throws {
    let isCampaign = ProcessInfo.processInfo.environment["CERTIFY_CAMPAIGN"] != nil
    let rounds = isCampaign ? 200 : hasProofs ? 5 : 20
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(state: seed)
    let examples = Self.examples
    let whole = try Self.whole.get()
    let proofs = hasProofs ? ["--proofs", "run.proofs"] : []
    let proved = try hasProofs ? Self.wholeProofs() : nil
    let clock = ContinuousClock()
    let length = try clock.measure {
      _ = try Command.run(Command.program, Self.question(examples: examples) + ["-q"])
    }
    var kills = 0
    for round in 0..<rounds {
      let scratch = try Scratch()
      let threads = Int.random(in: 1...2, using: &random)
      let run = Self.question(examples: examples, threads: threads) + Self.kept + proofs
      // Once, or while it goes on, too.
      for _ in 0..<Int.random(in: 1...2, using: &random) {
        let process = try Self.start(run, in: scratch)
        let share = Double.random(in: 0...1, using: &random)
        usleep(
          UInt32(share * Double(length.components.attoseconds) * 1e-12)
            + UInt32(length.components.seconds) * UInt32(share * 1e6))
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        if process.terminationReason == .uncaughtSignal { kills += 1 }
      }
      let leftovers = try scratch.names().filter { $0.hasPrefix(".certify-") }
      let outcome = try Command.run(Command.program, run, in: scratch.folder)
      #expect(outcome.status == 0, "seed \(seed), round \(round): \(outcome.errors)")
      for name in leftovers {
        #expect(
          outcome.errors.contains(
            "certify: note: \(name): removed; a run that was killed had left it\n"),
          "seed \(seed), round \(round): \(outcome.errors)")
      }
      #expect(try scratch.text("r.json") == whole, "seed \(seed), round \(round)")
      #expect(
        try scratch.names().filter { $0 != "errors" }
          == ["j.ndjson", "r.json"] + (hasProofs ? ["run.proofs"] : []),
        "seed \(seed), round \(round)")
      #expect(Self.lines(scratch) == examples + 1, "seed \(seed), round \(round)")
      if let proved {
        let made = try Data(contentsOf: scratch.file("run.proofs"))
        #expect(made == proved, "seed \(seed), round \(round)")
      }
    }
    print("killed \(kills) runs \(hasProofs ? "with" : "without") proofs (seed \(seed))")
    #expect(kills > rounds / 4, "seed \(seed): hardly any run was alive to be killed")
  }

  static func wholeProofs() throws -> Data {
    let scratch = try Scratch()
    let outcome = try Command.run(
      Command.program,
      question(examples: examples, threads: 2) + ["-q", "--proofs", "whole.proofs"],
      in: scratch.folder)
    try #require(outcome.status == 0, "\(outcome.errors)")
    return try Data(contentsOf: scratch.file("whole.proofs"))
  }

  @Test("a journal that ends anywhere is gone on with: the torn line is said, and computed again")
  func torn() throws {
    let scratch = try Scratch()
    let run = Self.question(examples: 6, threads: 2) + Self.kept
    let whole = try Self.whole(examples: 6)
    #expect(try Command.run(Command.program, run, in: scratch.folder).status == 0)
    let bytes = Array(try Data(contentsOf: scratch.file("j.ndjson")))
    let ends = bytes.indices.filter { bytes[$0] == 10 }.map { $0 + 1 }
    for count in [0, 1, ends[0] - 1, ends[0], ends[0] + 1, ends[3] - 1, ends[3], bytes.count - 1] {
      try Data(bytes.prefix(count)).write(to: scratch.file("j.ndjson"))
      let outcome = try Command.run(Command.program, run, in: scratch.folder)
      #expect(outcome.status == 0, "\(count) bytes: \(outcome.errors)")
      #expect(try scratch.text("r.json") == whole, "\(count) bytes")
      let end = ends.last { $0 <= count } ?? 0
      let said = "j.ndjson: the last line, of \(count - end) bytes, has no end, and was dropped"
      #expect(outcome.errors.contains(said) == (count > end), "\(count): \(outcome.errors)")
      let kept = max(0, ends.count { $0 <= count } - 1)
      #expect(
        outcome.errors.contains(" s for \(6 - kept) of them, ") == (kept > 0), "\(outcome.errors)")
      #expect(outcome.errors.contains("\(max(0, ends.count { $0 <= count } - 1)) of 6 examples"))
      // What was written behind the torn line can be read.
      let again = try Command.run(Command.program, run, in: scratch.folder)
      #expect(again.status == 0 && again.errors.contains("6 of 6 examples"), "\(again.errors)")
    }
  }

  @Test("counterexamples of a run that goes on have the points of the one before")
  func points() throws {
    let scratch = try Scratch()
    let run = Self.question(examples: 12).map { $0 == "0.07,0.03" ? "0.07" : $0 }
    let plain = try Command.run(
      Command.program, run + ["-q", "--counterexamples", "whole.npy"], in: scratch.folder)
    #expect(plain.status == 0)
    #expect(plain.output.contains("\"verdict\":\"falsified\""))
    // The first attempt did not ask for them, whether it was killed or not.
    for isKilled in [true, false] {
      try? FileManager.default.removeItem(at: scratch.file("j.ndjson"))
      let process = try Self.start(run + Self.kept, in: scratch)
      if isKilled {
        Self.wait(lines: 6, in: scratch)
        kill(process.processIdentifier, SIGKILL)
      }
      process.waitUntilExit()
      let outcome = try Command.run(
        Command.program, run + Self.kept + ["--counterexamples", "points.npy"], in: scratch.folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(try scratch.text("r.json") == plain.output)
      for ending in [".npy", "-indices.npy", "-labels.npy"] {
        let whole = try Data(contentsOf: scratch.file("whole\(ending)"))
        #expect(try Data(contentsOf: scratch.file("points\(ending)")) == whole)
      }
    }
  }

  @Test("proofs of a run that goes on are those of one that was not ended, byte for byte")
  func proofs() throws {
    let scratch = try Scratch()
    let run = Self.question(examples: 12) + ["--proofs"]
    let plain = try Command.run(
      Command.program, run + ["whole.proofs", "-q"], in: scratch.folder)
    #expect(plain.status == 0)
    let whole = try Data(contentsOf: scratch.file("whole.proofs"))
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(state: seed)
    for round in 0..<3 {
      try? FileManager.default.removeItem(atPath: scratch.path("j.ndjson"))
      let lines = Int.random(in: 1...10, using: &random)
      let process = try Self.start(
        run + ["run.proofs"] + Self.kept, in: scratch)
      Self.wait(lines: lines, in: scratch)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      let ended = "seed \(seed), round \(round), \(Self.lines(scratch)) lines"
      let outcome = try Command.run(
        Command.program, run + ["run.proofs"] + Self.kept, in: scratch.folder)
      #expect(outcome.status == 0, "\(ended): \(outcome.errors)")
      #expect(try Data(contentsOf: scratch.file("run.proofs")) == whole, "\(ended)")
      #expect(try scratch.text("r.json") == plain.output, "\(ended)")
    }
    // Everything finished: nothing is computed, and both are written again.
    try FileManager.default.removeItem(atPath: scratch.path("run.proofs"))
    let again = try Command.run(
      Command.program, run + ["run.proofs"] + Self.kept, in: scratch.folder)
    #expect(again.status == 0 && again.errors.contains("12 of 12 examples are finished"))
    #expect(again.errors.contains(" s, nothing was left to compute\n"), "\(again.errors)")
    #expect(try Data(contentsOf: scratch.file("run.proofs")) == whole)
    // A journal without proofs has none for a run that wants them, and the other way round.
    let without = try Command.run(
      Command.program, Self.question(examples: 12) + Self.kept, in: scratch.folder)
    #expect(without.status == 65 && without.errors.contains("$.proofs: true; expected no such key"))
    try FileManager.default.removeItem(atPath: scratch.path("j.ndjson"))
    let other = Self.question(examples: 2)
    #expect(try Command.run(Command.program, other + Self.kept, in: scratch.folder).status == 0)
    let with = try Command.run(
      Command.program, other + ["--proofs", "run.proofs"] + Self.kept, in: scratch.folder)
    #expect(with.status == 65 && with.errors.contains("$.proofs: no such key; expected true"))
  }

  @Test("Ctrl-C finishes the examples at hand, and the command that it says goes on")
  func interrupted() throws {
    let scratch = try Scratch()
    let run =
      Self.question(examples: Self.examples) + ["-o", "it's r.json", "--journal", "j.ndjson"]
    let process = try Self.start(run, in: scratch)
    Self.wait(lines: 4, in: scratch)
    kill(process.processIdentifier, SIGINT)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 130)
    let done = Self.lines(scratch) - 1
    #expect(done < Self.examples)
    let errors = try scratch.text("errors").split(separator: "\n").map(String.init)
    try #require(errors.count == 4, "\(errors)")
    #expect(errors[0].hasPrefix("certify: finishing the examples at hand; interrupt again to end"))
    #expect(errors[1] == "certify: interrupted")
    #expect(errors[2] == "\(done) of \(Self.examples) examples are kept in j.ndjson; this goes on:")
    #expect(try scratch.names() == ["errors", "j.ndjson"])
    let outcome = try Command.run(
      URL(filePath: "/bin/sh"), ["-c", errors[3]], in: scratch.folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.errors.hasPrefix("certify: note: j.ndjson: \(done) of \(Self.examples) examples"))
    #expect(try scratch.text("it's r.json") == Self.whole.get())
  }

  @Test("a run that is asked to end says the command that goes on, too")
  func terminated() throws {
    let scratch = try Scratch()
    let process = try Self.start(Self.question(examples: Self.examples) + Self.kept, in: scratch)
    Self.wait(lines: 3, in: scratch)
    kill(process.processIdentifier, SIGTERM)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 143)
    let errors = try scratch.text("errors").split(separator: "\n").map(String.init)
    #expect(errors.contains("certify: terminated"))
    let command = try #require(errors.last)
    #expect(errors.dropLast().last == "finished examples are kept in j.ndjson; this goes on:")
    #expect(command.hasSuffix("--resume"))
    let outcome = try Command.run(URL(filePath: "/bin/sh"), ["-c", command], in: scratch.folder)
    #expect(outcome.status == 0)
    #expect(try scratch.text("r.json") == Self.whole.get())
  }

  @Test("nobody who reads the pipe, and a device that takes nothing, lose no finished example")
  func noReader() throws {
    let scratch = try Scratch()
    let run = Self.question(examples: 8, threads: 2)
    let line = (["certify"] + run).map { "'\($0)'" }.joined(separator: " ")
    let piped = try Command.run(
      URL(filePath: "/bin/sh"), ["-c", "\(line) --journal j.ndjson | :"], in: scratch.folder)
    #expect(
      piped.errors.contains("finished examples are kept in j.ndjson; this goes on:\n  certify"))
    #expect(Self.lines(scratch) == 9)
    let full = try Command.run(
      Command.program, run + ["-o", "/dev/full", "--journal", "j.ndjson", "--resume"],
      in: scratch.folder)
    #expect(full.status == 74)
    #expect(full.errors.contains("certify: error: /dev/full: no space left on the device; "))
    #expect(full.errors.contains("finished examples are kept in j.ndjson; this goes on:"))
    let outcome = try Command.run(Command.program, run + Self.kept, in: scratch.folder)
    #expect(outcome.errors.hasPrefix("certify: note: j.ndjson: 8 of 8 examples are finished"))
    #expect(try scratch.text("r.json") == Self.whole(examples: 8))
  }
}

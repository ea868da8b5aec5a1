import Foundation
import NumberSupport
import ReportTestSupport
import Testing

@Suite struct ShardTests {
  static let question = [
    MergeTests.model, "--data", Command.images, "--eps", "0.05,0.1", "--radii", "certified",
    "--detect",
  ]

  /// The reports of all parts; odd ones are made by one worker, even ones by two.
  static func parts(
    _ count: Int, in scratch: Scratch, _ question: [String] = question
  ) throws -> [String] {
    try (1...count).map { index in
      let path = scratch.path("part-\(index).json")
      let outcome = try Command.run(
        Command.program,
        question + ["-q", "-o", path, "--shard", "\(index)/\(count)"]
          + ["--threads", "\(2 - index % 2)"])
      #expect(outcome.status == 0, "\(outcome.errors)")
      return path
    }
  }

  @Test("8 parts, by one worker or two, join in any order to the bytes of the whole")
  func sameBytes() throws {
    let scratch = try Scratch()
    let whole = try Command.run(Command.program, Self.question + ["-q"]).output
    let parts = try Self.parts(8, in: scratch)
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(state: seed)
    for _ in 0..<5 {
      let order = parts.shuffled(using: &random)
      let merged = try Command.run(Command.program, ["merge"] + order)
      #expect(merged.status == 0 && merged.output == whole, "seed \(seed): \(merged.errors)")
    }
    // Each has as many examples as any other, or one more, and says which part it is.
    var sizes: [Int] = []
    for (place, path) in parts.enumerated() {
      let text = try String(contentsOfFile: path, encoding: .utf8)
      for report in try #require(Command.report(text)["reports"]).elements {
        #expect(report["options"]?["shard"]?["index"]?.int == place + 1)
        #expect(report["options"]?["shard"]?["count"]?.int == 8)
        sizes.append(try #require(report["summary"]?["examples"]?.int))
      }
    }
    #expect(Set(sizes) == [62, 63] && sizes.reduce(0, +) == 1000)
  }

  @Test("parts of a range, as many as its examples, join to the report of the range")
  func range() throws {
    let scratch = try Scratch()
    let question = [
      MergeTests.model, "--data", Command.images, "--eps", "0.05", "--offset", "490", "--limit",
      "7",
    ]
    let merged = try Command.run(
      Command.program, ["merge"] + (try Self.parts(7, in: scratch, question)))
    #expect(try merged.output == Command.run(Command.program, question).output)
  }

  @Test("a missing, a second, a foreign and a truncated part are refused by name")
  func refused() throws {
    let (scratch, other) = (try Scratch(), try Scratch())
    let question = [MergeTests.model, "--data", Command.images, "--eps", "0.05", "--limit", "9"]
    let parts = try Self.parts(3, in: scratch, question)
    let foreign = try Self.parts(
      3, in: other,
      question.map { $0 == MergeTests.model ? Command.digits("conv-ordinary.onnx") : $0 })
    let whole = try String(contentsOfFile: parts[1], encoding: .utf8)
    let cut = scratch.path("cut.json")
    try Data(whole.utf8.prefix(whole.utf8.count / 2)).write(to: URL(filePath: cut))
    let cases = [
      ([parts[0], parts[2]], "\(parts[0]): $.options.shard: part 2/3 is missing; expected all 3"),
      (
        [parts[0], parts[1]], "\(parts[0]): $.options.shard: part 3/3 is missing; expected all 3"
      ),
      (
        parts + [parts[1]],
        "\(parts[1]): $.options.shard: part 2/3; expected each part once, and \(parts[1]) is the same"
      ),
      ([parts[0], foreign[1], parts[2]], "\(foreign[1]): $.model."),
      ([parts[0], cut, parts[2]], "\(cut): byte \(whole.utf8.count / 2) "),
    ]
    for (files, message) in cases {
      let outcome = try Command.run(
        Command.program, ["merge", "-o", other.path("whole.json")] + files)
      #expect(outcome.status == 65 && outcome.output == "")
      #expect(outcome.errors.hasPrefix("certify: error: \(message)"), "\(outcome.errors)")
      #expect(!(try other.names().contains("whole.json")))
    }
  }

  /// What a scheduler says in the environment, and which part that is.
  struct Surroundings: Sendable, CustomTestStringConvertible {
    var variables: [String]
    var shard: String
    /// The part of how many; or how it is refused.
    var part: [Int] = []
    var refusal = ""
    var testDescription: String { "\(shard) \(variables)" }
  }

  private static func slurm(_ id: Int, _ least: Int, _ count: Int, step: Int? = nil) -> [String] {
    let step = step.map { ["SLURM_ARRAY_TASK_STEP=\($0)"] } ?? []
    return [
      "SLURM_ARRAY_TASK_ID=\(id)", "SLURM_ARRAY_TASK_MIN=\(least)",
      "SLURM_ARRAY_TASK_COUNT=\(count)",
    ] + step
  }

  static let surroundings = [
    Surroundings(variables: slurm(1, 1, 8), shard: "slurm", part: [1, 8]),
    Surroundings(variables: slurm(8, 1, 8), shard: "slurm", part: [8, 8]),
    Surroundings(variables: slurm(0, 0, 3, step: 1), shard: "slurm", part: [1, 3]),
    Surroundings(variables: slurm(14, 10, 5, step: 2), shard: "slurm", part: [3, 5]),
    Surroundings(
      variables: slurm(9, 1, 8), shard: "slurm",
      refusal: "--shard slurm: task 9 of 8 from 1, in steps of 1; expected an array without gaps"),
    Surroundings(
      variables: slurm(4, 1, 3, step: 2), shard: "slurm",
      refusal: "--shard slurm: task 4 of 3 from 1, in steps of 2; expected an array without gaps"),
    Surroundings(
      variables: [], shard: "slurm", refusal: "--shard: no SLURM_ARRAY_TASK_ID; expected a whole"),
    Surroundings(variables: ["JOB_COMPLETION_INDEX=0"], shard: "k8s/4", part: [1, 4]),
    Surroundings(variables: ["JOB_COMPLETION_INDEX=3"], shard: "k8s/4", part: [4, 4]),
    Surroundings(
      variables: ["JOB_COMPLETION_INDEX=4"], shard: "k8s/4",
      refusal: "--shard k8s/4: JOB_COMPLETION_INDEX 4; expected 0 to 3"),
    Surroundings(
      variables: ["JOB_COMPLETION_INDEX=x"], shard: "k8s/4",
      refusal: "--shard: JOB_COMPLETION_INDEX \"x\"; expected a whole number"),
    Surroundings(variables: [], shard: "k8s/4", refusal: "--shard: no JOB_COMPLETION_INDEX"),
  ]

  @Test("the part comes from the scheduler where it is asked for", arguments: surroundings)
  func schedulers(surroundings: Surroundings) throws {
    let outcome = try Command.run(
      URL(filePath: "/usr/bin/env"),
      surroundings.variables + [Command.program.path, MergeTests.model, "--data", Command.images]
        + ["--eps", "0", "--radii", "off", "--limit", "16", "--shard", surroundings.shard])
    guard surroundings.refusal.isEmpty else {
      #expect(outcome.status == 64 && outcome.output == "")
      #expect(
        outcome.errors.hasPrefix("certify: error: \(surroundings.refusal)"), "\(outcome.errors)")
      return
    }
    let shard = try Command.report(outcome.output)["options"]?["shard"]
    #expect([shard?["index"]?.int, shard?["count"]?.int] == surroundings.part)
  }

  @Test(
    "what is no part is refused",
    arguments: [
      "0/3", "4/3", "3", "1/0", "a/b", "1/2/3", "-1/3", "1/+2", "", "k8s", "k8s/0", "slurm/3",
    ])
  func wrong(text: String) throws {
    let outcome = try Command.run(
      MergeTests.model, "--data", Command.images, "--eps", "0", "--shard", text)
    #expect(outcome.status == 64)
    #expect(
      outcome.errors.hasPrefix("certify: error: --shard: \"\(text)\"; expected K/N with K from"))
  }

  @Test("a part of one example, of a sample, and of fewer examples than parts, is refused")
  func few() throws {
    for (more, message) in [
      (["--index", "3"], "--shard: 1/2 beside --index 3; expected a range of examples"),
      (["--sample", "9"], "--shard: 1/2 beside --sample 9; expected a range of examples"),
      (["--limit", "1"], "--shard: 1/2 of 1 examples; expected at most 1 parts"),
    ] {
      let outcome = try Command.run(
        Command.program,
        [MergeTests.model, "--data", Command.images, "--eps", "0", "--shard", "1/2"] + more)
      #expect(outcome.status == 64)
      #expect(outcome.errors.hasPrefix("certify: error: \(message)"), "\(outcome.errors)")
    }
  }

  @Test(
    "the tasks of the job array in examples/slurm join to the whole, also when they are requeued")
  func slurmScripts() throws {
    let scratch = try Scratch()
    func script(_ name: String) -> String {
      Command.package.appending(path: "examples/slurm/\(name).sbatch").path
    }
    let question = [MergeTests.model, "--data", Command.images, "--eps", "0.05", "--limit", "50"]
    func run(_ variables: [String], _ name: String, _ arguments: [String]) throws -> Outcome {
      try Command.run(
        URL(filePath: "/usr/bin/env"), variables + ["/bin/sh", script(name)] + arguments,
        in: scratch.folder)
    }
    for task in [0, 1, 2, 1] {
      let outcome = try run(
        Self.slurm(task, 0, 3) + ["SLURM_ARRAY_JOB_ID=77", "SLURM_CPUS_PER_TASK=2"], "certify",
        question)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: scratch.path("certify-77")).sorted()
        == (0...2).flatMap { ["part-\($0).json", "part-\($0).ndjson"] })
    let merged = try run([], "merge", ["certify-77", "report.json"])
    #expect(merged.status == 0, "\(merged.errors)")
    #expect(
      try scratch.text("report.json") == Command.run(Command.program, question).output)
    let gated = try run([], "merge", ["certify-77", "report.json", "--max-robust-error", "0"])
    #expect(gated.status == 1 && gated.output.hasPrefix("failed: report.json: "))
  }
}

import Foundation
import ReportTestSupport
import Testing

@Suite struct AttackTests {
  static let ordinary = Command.digits("conv-ordinary.onnx")
  static let common = ["--data", Command.images, "--eps", "0.05", "--radii", "off"]

  static func report(_ arguments: [String]) throws -> JSONText {
    let outcome = try Command.run(Command.program, [ordinary] + common + arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try Command.report(outcome.output)
  }

  static func count(_ report: JSONText, _ key: String) throws -> Int {
    try #require(report["summary"]?[key]?.int)
  }

  static func rate(_ report: JSONText, _ key: String) throws -> Double {
    try #require(report["summary"]?[key]?.numeral.flatMap { Double($0) })
  }

  @Test("each attack finds more than the one before, and no verdict but unknown changes")
  func order() throws {
    let none = try Self.report(["--attack", "none"])
    let fgsm = try Self.report(["--attack", "fgsm"])
    let pgd = try Self.report([])
    #expect(none["summary"]?["fgsm_error"] == .null)
    #expect(try Self.count(none, "falsified") == 0)
    #expect(try Self.count(fgsm, "falsified") > 0)
    #expect(try Self.count(pgd, "falsified") > Self.count(fgsm, "falsified"))
    #expect(try Self.rate(none, "attacked_error") == Self.rate(none, "clean_error"))
    #expect(try Self.rate(fgsm, "attacked_error") == Self.rate(fgsm, "fgsm_error"))
    #expect(try Self.rate(fgsm, "fgsm_error") == Self.rate(pgd, "fgsm_error"))
    #expect(try Self.rate(pgd, "clean_error") <= Self.rate(pgd, "attacked_error"))
    #expect(try Self.rate(pgd, "attacked_error") <= Self.rate(pgd, "robust_error"))
    let verdicts = [none, fgsm, pgd].map { report in
      (report["certificates"]?.elements ?? []).map { $0["verdict"]?.string ?? "" }
    }
    for (none, others) in zip(verdicts[0], zip(verdicts[1], verdicts[2])) {
      let allowed: Set = none == "unknown" ? ["unknown", "falsified"] : [none]
      #expect(allowed.contains(others.0) && allowed.contains(others.1))
      if others.0 == "falsified" { #expect(others.1 == "falsified") }
    }
  }

  @Test("attacks have the same bytes for any number of threads, and their seed decides")
  func repeatable() throws {
    func text(_ arguments: String...) throws -> String {
      try Command.run(
        Command.program,
        [Self.ordinary] + Self.common + ["--limit", "60", "--attack-steps", "3"] + arguments
      ).output
    }
    let one = try text("--threads", "1")
    #expect(try text("--threads", "3") == one)
    #expect(try text("--seed", "0") == one)
    let options = try #require(try Command.report(one)["options"])
    #expect(options["attack"]?.string == "pgd" && options["attack_steps"]?.int == 3)
    #expect(options["seed"]?.int == 0 && options["restarts"]?.int == 3)
    #expect(try text("--seed", "9223372036854775807") != one)
  }

  @Test(
    "saved counterexamples are misclassified, every one, when they are certified themselves",
    arguments: ["npy", "idx"])
  func saved(form: String) throws {
    let scratch = try Scratch()
    let points = scratch.path("points.\(form)")
    let report = try Self.report(["--counterexamples", points])
    let falsified = try Self.count(report, "falsified")
    #expect(
      try scratch.names()
        == ["points-indices.\(form)", "points-labels.\(form)", "points.\(form)"])
    let again = try Command.report(
      try Command.run(
        Self.ordinary, "--data", points, "--eps", "0", "--radii", "off", "--attack", "none"
      ).output)
    #expect(try Self.count(again, "examples") == falsified)
    #expect(try Self.count(again, "misclassified") == falsified)
    let indices = try Command.run(
      Self.ordinary, "--data", points, "--labels", scratch.path("points-indices.\(form)"), "--eps",
      "0", "--radii", "off")
    // Positions are no classes: the first one beyond them is refused by its value.
    #expect(indices.status == 65)
  }

  @Test("unlabelled data is attacked for its prediction")
  func unlabelled() throws {
    let scratch = try Scratch()
    let data = scratch.path("digits.idx")
    try FileManager.default.copyItem(atPath: Command.images, toPath: data)
    let outcome = try Command.run(
      Self.ordinary, "--data", data, "--eps", "0.05", "--radii", "off", "--limit", "100")
    let report = try Command.report(outcome.output)
    #expect(try Self.count(report, "falsified") > 0)
    #expect(outcome.errors.contains("falsified"))
    for certificate in report["certificates"]?.elements ?? []
    where certificate["verdict"]?.string == "falsified" {
      #expect(certificate["detection"]?.string == "flagged")
      #expect(
        certificate["attack"]?["counterexample"]?["class"]?.int != certificate["prediction"]?.int)
    }
  }

  @Test("a counterexample's file that is an input or the report is refused")
  func sharedFiles() throws {
    let scratch = try Scratch()
    for output in ["points.npy", "points-labels.npy"] {
      let outcome = try Command.run(
        Command.program,
        [Self.ordinary] + Self.common + [
          "--counterexamples", scratch.path("points.npy"), "--output", scratch.path(output),
        ])
      #expect(outcome.status == 64)
      #expect(outcome.errors.contains("--counterexamples: "))
      #expect(outcome.errors.contains(" is --output itself"), "\(outcome.errors)")
    }
    #expect(try scratch.names() == [])
  }
}

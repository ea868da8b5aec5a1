import Foundation
import ReportTestSupport
import Testing

/// `--radii exact`, from the command line to the report and back.
@Suite struct ExactRadiusRunTests {
  private static let question = [
    Command.digits("dense-ordinary.onnx"), "--data", Command.images, "--eps", "0.06", "--radii",
    "exact",
  ]

  private static func run(_ scratch: Scratch, _ name: String, _ more: String...) throws -> String {
    let outcome = try Command.run(
      Command.program, question + ["--quiet", "-o", scratch.path(name)] + more)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try scratch.text(name)
  }

  @Test("both ends are in the report, the histogram counts them, and the schema knows it all")
  func report() throws {
    let outcome = try Command.run(Command.program, Self.question + ["--limit", "60", "--json"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let report = try Command.report(outcome.output)
    #expect(try Command.schema().findings(in: report) == [])
    #expect(report["options"]?["radii"]?.string == "exact")
    #expect(report["options"]?["radius_tolerance"]?["text"]?.string == "1e-2")
    #expect(report["options"]?["splits"]?.int == 400_000)
    let certificates = report["certificates"]?.elements ?? []
    var (closed, uppers) = (0, 0)
    for certificate in certificates {
      let radius = try #require(certificate["radius"]?.double)
      let isClosed = certificate["radius_exact"]?["reason"] == .null
      #expect((certificate["radius_converged"] == .bool(true)) == isClosed)
      closed += isClosed ? 1 : 0
      guard let upper = certificate["radius_upper"]?.double else { continue }
      uppers += 1
      #expect(upper > radius && (!isClosed || upper <= radius * 1.0100001))
      #expect(certificate["radius_exact"]?["class"]?.int != certificate["prediction"]?.int)
      // What the radius says of eps, the verdict says, too.
      if certificate["prediction"] == certificate["label"] {
        #expect(certificate["verdict"]?.string == (radius >= 0.06 ? "certified" : "falsified"))
      }
    }
    #expect(closed > 50 && uppers == 60, "\(closed), \(uppers)")
    let exact = report["radius_histogram"]?["exact"]
    #expect(exact?["closed"]?.int == closed)
    let curve = ["correct", "wrong"].flatMap {
      exact?["upper_curve"]?[$0]?["counts"]?.elements.compactMap(\.int) ?? []
    }
    #expect(curve.reduce(0, +) == uppers)
    #expect(outcome.errors.contains("  exact radius        \(closed)  "))
  }

  @Test("a bracket that a small budget leaves open decides nothing that lies inside of it")
  func openBrackets() throws {
    let outcome = try Command.run(
      Command.program,
      [
        Command.digits("conv-ordinary.onnx"), "--data", Command.images, "--eps", "0.08", "--radii",
        "exact", "--splits", "1", "--limit", "40", "--json",
      ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    var (inside, certified) = (0, 0)
    for certificate in try Command.report(outcome.output)["certificates"]?.elements ?? [] {
      guard certificate["prediction"] == certificate["label"] else { continue }
      let radius = try #require(certificate["radius"]?.double)
      let upper = certificate["radius_upper"]?.double ?? .infinity
      switch certificate["verdict"]?.string {
      case "certified":
        #expect(radius >= 0.08)
        certified += 1
      case "falsified": #expect(upper <= 0.08 * (1 + 1e-7))
      default: inside += radius < 0.08 && upper > 0.08 ? 1 : 0
      }
    }
    #expect(inside > 0 && certified > 0, "\(inside), \(certified)")
  }

  @Test("the same bytes for any number of threads, any memory and any parts of the data")
  func sameBytes() throws {
    let scratch = try Scratch()
    let whole = try Self.run(scratch, "whole", "--limit", "30", "--threads", "1")
    #expect(try Self.run(scratch, "two", "--limit", "30", "--threads", "2") == whole)
    #expect(try Self.run(scratch, "small", "--limit", "30", "--memory", "40M") == whole)
    _ = try Self.run(scratch, "a", "--limit", "13")
    _ = try Self.run(scratch, "b", "--offset", "13", "--limit", "17")
    let merged = try Command.run("merge", scratch.path("b"), scratch.path("a"))
    #expect(merged.output == whole, "\(merged.errors)")
    let table = try Command.run("table", scratch.path("whole"))
    #expect(table.status == 0 && table.output.contains("  30  "), "\(table.errors)")
  }

  @Test("a report whose ends do not say what they are is refused by its place")
  func contradictions() throws {
    let scratch = try Scratch()
    let text = try Self.run(scratch, "report", "--limit", "8")
    let upper = try #require(text.firstMatch(of: /"radius_upper":([0-9.]+)/)?.0)
    let closed = "\"radius_exact\":{\"reason\":null"
    for (found, put, place) in [
      (closed, closed.replacingOccurrences(of: "null", with: "\"budget\""), "radius_exact"),
      (closed, closed.replacingOccurrences(of: "null", with: "\"late\""), "radius_exact"),
      ("\"radius_exact\":", "\"radius_other\":", "radius_exact"),
      (String(upper), "\"radius_upper\":0.5", "radius_upper"),
      ("\"radii\": \"exact\"", "\"radii\": \"all\"", "radius_exact"),
    ] {
      #expect(text.contains(found), "\(found)")
      try text.replacingOccurrences(of: found, with: put).write(
        to: scratch.file("changed"), atomically: true, encoding: .utf8)
      let outcome = try Command.run("table", scratch.path("changed"))
      #expect(outcome.status == 65 && outcome.errors.contains(place), "\(put): \(outcome.errors)")
    }
  }

  @Test("a winner that cannot be proved leaves the bracket open, in a report that is read again")
  func noWinner() throws {
    let scratch = try Scratch()
    // At (0, -1) class 1 wins by its bias; beside weights of 1e300 no bound shows that.
    let model = """
      {"format": "certify-weights", "version": 1, "dtype": "float64", "input": {"shape": [2]}, "layers": [
        {"type": "relu"}, {"type": "dense", "weights": [[1, 0], [0, 1]]}, {"type": "relu"},
        {"type": "dense", "weights": [[-1e-40, 1e-45], [1e300, 1e-7]], "bias": [-1, 1e-7]}]}
      """
    try Data(model.utf8).write(to: scratch.file("m.json"))
    try Data("1,0,-1\n".utf8).write(to: scratch.file("x.csv"))
    let run = try Command.run(
      scratch.path("m.json"), "--data", scratch.path("x.csv"), "--label-column", "first", "--eps",
      "0.5", "--arithmetic", "real", "--accept-units", "--radii", "exact", "--quiet", "-o",
      scratch.path("r.json"))
    #expect(run.status == 0, "\(run.errors)")
    let certificate = try Command.report(try scratch.text("r.json"))["certificates"]?.elements.first
    #expect(certificate?["radius_exact"]?["reason"]?.string == "tie")
    #expect(certificate?["radius_converged"] == .bool(false))
    let table = try Command.run("table", scratch.path("r.json"))
    #expect(table.status == 0, "\(table.errors)")
  }

  @Test("half of the search is refused")
  func refusals() throws {
    for (more, words) in [
      (["--attack", "none"], "exact beside --attack none; expected --attack pgd"),
      (["--attack", "fgsm"], "exact beside --attack fgsm; expected --attack pgd"),
      (["--splits", "0"], "exact beside --splits 0; expected --splits with a number above 0"),
    ] {
      let outcome = try Command.run(Command.program, Self.question + more)
      #expect(outcome.status == 64 && outcome.errors.contains(words), "\(outcome.errors)")
    }
  }

  @Test("an explanation names both ends")
  func explained() throws {
    let outcome = try Command.run(
      Command.program, ["explain"] + Self.question + ["--index", "0"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("; not at 0.") && outcome.output.contains(", where class "))
  }
}

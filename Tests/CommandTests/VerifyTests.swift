import Foundation
import Testing

/// `certify verify` on the network that a hand can follow, of which `z_0 - z_1` is at least 1/4 over
/// the unit square, and just that at (1/2, 0).
@Suite struct VerifyTests {
  private static let network = Command.package.appending(path: "fixtures/hand/network.json").path

  private static func text(_ assertions: String) -> String {
    """
    ; the unit square
    (declare-const X_0 Real)
    (declare-const X_1 Real)
    (declare-const Y_0 Real)
    (declare-const Y_1 Real)
    (assert (>= X_0 0)) (assert (<= X_0 1.0))
    (assert (>= X_1 0)) (assert (<= X_1 1.0))
    \(assertions)
    """
  }

  private func file(_ scratch: Scratch, _ assertions: String) throws -> String {
    try Self.text(assertions).write(to: scratch.file("p.vnnlib"), atomically: true, encoding: .utf8)
    return scratch.path("p.vnnlib")
  }

  @Test("what holds is unsat, with status 0, in exact arithmetic and as deployed")
  func holds() throws {
    let scratch = try Scratch()
    let path = try file(scratch, "(assert (<= Y_0 (+ Y_1 0.2)))")
    for arithmetic in ["float32", "real", "float64", "float16"] {
      let outcome = try Command.run("verify", Self.network, path, "--arithmetic", arithmetic)
      #expect(outcome.status == 0 && outcome.output == "unsat\n", "\(arithmetic): \(outcome)")
    }
  }

  @Test("an assertion between texts with parentheses counts: with it nothing is left")
  func texts() throws {
    let scratch = try Scratch()
    // z_0 - z_1 is 0.3 somewhere, and 0.2 nowhere.
    let (first, second) = ("(assert (<= Y_0 (+ Y_1 0.3)))", "(assert (<= Y_0 (+ Y_1 0.2)))")
    for (open, close) in [("\"(\"", "\")\""), ("|(|", "|)|"), ("\"\"\" (\"", "\") \"\"\"")] {
      let path = try file(
        scratch, "\(first)\n(set-info :a \(open))\n\(second)\n(set-info :b \(close))")
      let outcome = try Command.run("verify", Self.network, path)
      #expect(outcome.status == 0 && outcome.output == "unsat\n", "\(open): \(outcome)")
    }
    let alone = try Command.run("verify", Self.network, try file(scratch, first))
    #expect(alone.status == 1 && alone.output.hasPrefix("sat"))
  }

  @Test("what does not hold is sat, with status 1 and a counterexample that can be calculated")
  func violated() throws {
    let scratch = try Scratch()
    let path = try file(scratch, "(assert (or (and (<= Y_0 Y_1)) (and (<= (- Y_0 Y_1) 0.3))))")
    for arithmetic in ["float32", "real", "float16"] {
      let outcome = try Command.run("verify", Self.network, path, "--arithmetic", arithmetic)
      #expect(outcome.status == 1, "\(outcome.errors)")
      let values = try Self.values(outcome.output)
      #expect(values.keys.sorted() == ["X_0", "X_1", "Y_0", "Y_1"])
      let (x0, x1) = (try #require(values["X_0"]), try #require(values["X_1"]))
      #expect((0...1).contains(x0) && (0...1).contains(x1))
      let (a, b) = (max(0, x0 + x1 - 0.5), max(0, x0 - x1 - 0.5))
      #expect(3 * a - 2 * b + 0.25 <= 0.3)
      let difference = try #require(values["Y_0"]) - (try #require(values["Y_1"]))
      #expect(difference <= 0.3)
    }
  }

  /// The entries of a counterexample in the competition's form.
  private static func values(_ output: String) throws -> [String: Double] {
    let lines = output.split(separator: "\n")
    #expect(lines.first == "sat")
    #expect(lines.dropFirst().first?.hasPrefix("((X_0 ") == true && output.hasSuffix("))\n"))
    var values: [String: Double] = [:]
    for line in lines.dropFirst() {
      let words = line.split(whereSeparator: { "() ".contains($0) })
      #expect(words.count == 2)
      values[String(words[0])] = Double(words[1])
    }
    return values
  }

  @Test("a result goes to a file whole, and its word to standard output; gzip and pipes are read")
  func files() throws {
    let scratch = try Scratch()
    let path = try file(scratch, "(assert (<= (- Y_0 Y_1) 0.3))")
    let first = try Command.run("verify", Self.network, path, "-o", scratch.path("result"), "-q")
    #expect(first.output == "sat\n" && first.errors == "")
    let whole = try Command.run("verify", Self.network, path)
    #expect(try scratch.text("result") == whole.output)
    #expect(try scratch.names() == ["p.vnnlib", "result"])
    let zipped = try Command.run(
      URL(filePath: "/bin/sh"),
      ["-c", "gzip -c '\(path)' | certify verify '\(Self.network)' - --threads 1"])
    #expect(zipped.output == whole.output)
    let same = try Command.run("verify", Self.network, path, "-o", path)
    #expect(same.status == 64 && same.errors.contains("is the property itself"))
  }

  @Test("a budget that is used up is a timeout, with status 1; the time is only asked for here")
  func budgets() throws {
    let scratch = try Scratch()
    // Nearer to the least value than any rounding: no search ends.
    let path = try file(scratch, "(assert (<= (- Y_0 Y_1) 0.24999999999999997))")
    let late = try Command.run("verify", Self.network, path, "--timeout", "1e-9")
    #expect(late.status == 1 && late.output == "timeout\n" && late.errors.contains("--timeout"))
    let few = try Command.run("verify", Self.network, path, "--splits", "50")
    #expect(few.status == 1 && ["timeout\n", "unknown\n"].contains(few.output))
    for (option, value) in [("--splits", "0"), ("--timeout", "0"), ("--timeout", "soon")] {
      let wrong = try Command.run("verify", Self.network, path, option, value)
      #expect(wrong.status == 64 && wrong.errors.contains("error: \(option): "), "\(wrong)")
    }
  }

  @Test("properties of other networks, and what is none, are refused with their place")
  func refusals() throws {
    let scratch = try Scratch()
    let path = try file(scratch, "(declare-const Y_2 Real) (assert (<= Y_0 Y_2))")
    let other = try Command.run("verify", Self.network, path)
    #expect(other.status == 65)
    #expect(other.errors.contains("p.vnnlib: 3 outputs; expected 2, as \(Self.network) has"))
    let broken = try Command.run(
      "verify", Self.network, try file(scratch, "(assert (<= Y_0 Y_1)"))
    #expect(broken.status == 65)
    #expect(broken.errors.contains("p.vnnlib: line 8, column 1: a parenthesis that nothing closes"))
    let missing = try Command.run("verify", Self.network, scratch.path("none.vnnlib"))
    #expect(missing.status == 66)
  }

  @Test("its help fits 79 columns and says every default")
  func help() throws {
    let outcome = try Command.run("verify", "--help")
    #expect(outcome.status == 0)
    for line in outcome.output.split(separator: "\n") { #expect(line.count <= 79, "\(line)") }
    let options = HelpTests.options(inHelp: outcome.output)
    let without = options.filter { !$0.value.contains("default: ") }.keys.sorted()
    #expect(without == ["--help", "--quiet", "--version"])
  }

  @Test("a search ends where no part can be split in the network's type, and says why")
  func unsplittable() throws {
    let scratch = try Scratch()
    // The first output is 0 everywhere, but for rounding.
    try Data(
      """
      {"format": "certify-weights", "version": 1, "dtype": "float32", "input": {"shape": [2]}, "layers": [
        {"type": "dense", "weights": [[0.1, 0.3], [0.1, 0.3]], "bias": [0, 0]}, {"type": "relu"},
        {"type": "dense", "weights": [[1, -1], [0.3, 0.4]], "bias": [0, 0]}]}
      """.utf8
    ).write(to: scratch.file("net.json"))
    func words(_ box: String, _ arithmetic: String) throws -> (String, String) {
      let text = """
        (declare-const X_0 Real) (declare-const X_1 Real)
        (declare-const Y_0 Real) (declare-const Y_1 Real) \(box)
        """
      try Data(text.utf8).write(to: scratch.file("p.vnnlib"))
      let outcome = try Command.run(
        "verify", scratch.path("net.json"), scratch.path("p.vnnlib"), "--arithmetic", arithmetic)
      #expect(outcome.status == (outcome.output == "unsat\n" ? 0 : 1), "\(outcome)")
      return (outcome.output, outcome.errors)
    }
    func box(_ ends: [(String, String)]) -> String {
      ends.enumerated().map { "(assert (>= X_\($0) \($1.0))) (assert (<= X_\($0) \($1.1)))" }
        .joined(separator: " ")
    }
    let point = box([("0.1", "0.1"), ("0.3", "0.3")])
    let square = box([("0", "1"), ("0", "1")])
    for (text, reason) in [
      // A point that binary32 has not, a box with exact zeros, constants beyond any value.
      (point + "(assert (<= Y_0 -1e-12))", "rounding decides"),
      (square + "(assert (<= Y_0 -1e-12))", "rounding decides"),
      (square + "(assert (<= Y_0 -1e308))", "leave the range"),
      (box([("0", "1e308"), ("0", "1")]) + "(assert (<= Y_0 -1e-12))", "leave the range"),
    ] {
      for arithmetic in ["float32", "float16", "bfloat16"] {
        let (output, errors) = try words(text, arithmetic)
        #expect(
          output == "unknown\n" && errors.contains(reason), "\(arithmetic) \(text): \(errors)")
        let bounded = try #require(errors.firstMatch(of: /bounded +(\d+) boxes/)?.output.1)
        #expect(try #require(Int(bounded)) < 20_000, "\(errors)")
      }
    }
    // What is provable there still is.
    #expect(try words(point + "(assert (>= Y_0 0.001))", "float32").0 == "unsat\n")
  }
}

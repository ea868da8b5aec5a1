import Foundation
import Testing

/// The scripts of `vnncomp/`, called as the competition's harness calls them: from elsewhere, by their path.
@Suite struct CompetitionScriptTests {
  private func script(
    _ name: String, _ arguments: String..., in scratch: Scratch
  ) throws -> Outcome {
    let path = Command.package.appending(path: "vnncomp/\(name)").path
    return try Command.run(
      URL(filePath: "/bin/sh"),
      ["-c", "CERTIFY=\(Command.program.path) exec \"$0\" \"$@\"", path] + arguments,
      in: scratch.folder)
  }

  private func file(_ scratch: Scratch, _ name: String, _ assertion: String) throws -> String {
    let names = ["X_0", "X_1", "Y_0", "Y_1"].map { "(declare-const \($0) Real)\n" }.joined()
    let box = "(assert (>= X_0 0)) (assert (<= X_0 1)) (assert (>= X_1 0)) (assert (<= X_1 1))\n"
    try (names + box + assertion).write(to: scratch.file(name), atomically: true, encoding: .utf8)
    return name
  }

  @Test("instances are prepared, run, and answered in the result's file, whatever their answer")
  func answers() throws {
    let scratch = try Scratch()
    try FileManager.default.copyItem(
      at: Command.package.appending(path: "fixtures/hand/network.json"),
      to: scratch.file("network.json"))
    let cases = [
      ("(assert (<= Y_0 Y_1))", "unsat"), ("(assert (<= (- Y_0 Y_1) 0.3))", "sat"),
      ("(assert (<= (- Y_0 Y_1) 0.2499999999999999999))", "timeout"),
    ]
    for (assertion, word) in cases {
      let property = try file(scratch, "p.vnnlib", assertion)
      let prepared = try script(
        "prepare_instance.sh", "v1", "test", "network.json", property, in: scratch)
      #expect(prepared.status == 0, "\(prepared)")
      let run = try script(
        "run_instance.sh", "v1", "test", "network.json", property, "out.txt", "2", in: scratch)
      #expect(run.status == 0, "\(run)")
      let result = try scratch.text("out.txt")
      let first = result.split(separator: "\n").first.map(String.init) ?? ""
      #expect(first == word || word == "timeout" && first == "unknown", "\(result)")
      if word == "sat" { #expect(result.contains("((X_0 ") && result.contains("(Y_1 ")) }
    }
  }

  @Test("a network in half precision, which is decided for real numbers, is prepared so, too")
  func halfPrecision() throws {
    let scratch = try Scratch()
    try FileManager.default.copyItem(
      at: Command.package.appending(path: "fixtures/zoo/accepted/torch-script-mlp-half.onnx"),
      to: scratch.file("half.onnx"))
    let names = (0..<6).map { "X_\($0)" } + (0..<3).map { "Y_\($0)" }
    let lines =
      names.map { "(declare-const \($0) Real)" }
      + names.prefix(6).map { "(assert (<= \($0) 0.5)) (assert (>= \($0) 0.25))" }
      + ["(assert (>= Y_0 1000))"]
    try Data(lines.joined(separator: "\n").utf8).write(to: scratch.file("p.vnnlib"))
    let prepared = try script(
      "prepare_instance.sh", "v1", "test", "half.onnx", "p.vnnlib", in: scratch)
    #expect(prepared.status == 0, "\(prepared)")
    let run = try script(
      "run_instance.sh", "v1", "test", "half.onnx", "p.vnnlib", "out.txt", "5", in: scratch)
    #expect(run.status == 0, "\(run)")
    #expect(try scratch.text("out.txt").hasPrefix("unsat"))
  }

  @Test("what is refused is not prepared, and unknown where it is run all the same")
  func refusals() throws {
    let scratch = try Scratch()
    let property = try file(scratch, "p.vnnlib", "(assert (<= Y_0 Y_1))")
    let missing = try script(
      "prepare_instance.sh", "v1", "test", "none.onnx", property, in: scratch)
    #expect(missing.status == 1 && missing.errors.contains("none.onnx: no such file"))
    let run = try script(
      "run_instance.sh", "v1", "test", "none.onnx", property, "out.txt", "5", in: scratch)
    #expect(run.status == 0)
    #expect(try scratch.text("out.txt") == "unknown\n")
    let version = try script(
      "run_instance.sh", "v2", "test", "none.onnx", property, "out.txt", "5", in: scratch)
    #expect(version.status == 1 && version.errors.contains("expected v1"))
  }
}

import Foundation
import Testing

@Suite struct ExportTests {
  private static let network = Command.digits("conv-ordinary.onnx")
  private static let run = [
    network, "--eps", "0.05", "--data", Command.images, "--limit", "40", "--radii", "off",
    "--splits", "0",
  ]

  @Test("what a run leaves open is written as properties, which read back as the same question")
  func open() throws {
    let scratch = try Scratch()
    let report = try Command.report(
      try Command.run(Command.program, Self.run + ["--quiet"]).output)
    let certificates = try #require(report["certificates"]).elements
    let open = certificates.filter { $0["verdict"]?.string == "unknown" }
    #expect(!open.isEmpty)
    let folder = scratch.path("open")
    let outcome = try Command.run(
      Command.program, ["export-vnnlib"] + Self.run + ["-o", folder, "--timeout", "17"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let list = try String(contentsOfFile: folder + "/instances.csv", encoding: .utf8)
    let indices = open.compactMap { $0["index"]?.int }
    #expect(
      list == indices.map { "\(Self.network),example-\($0).vnnlib,17\n" }.joined())
    let search = try Command.run(
      Command.program, Self.run + ["--quiet", "--splits", "10000"]
    ).output
    let searched = try #require(try Command.report(search)["certificates"]).elements
    var decided = 0
    for (index, certificate) in zip(indices, open) {
      let path = "\(folder)/example-\(index).vnnlib"
      let text = try String(contentsOfFile: path, encoding: .utf8)
      let label = certificate["specification_class"]?.int ?? -1
      #expect(text.contains("; example \(index), class \(label), linf, eps 0.05\n"))
      try checkBox(text, index)
      // The same question, so the same answer as the run's own search has.
      let verdict = searched.first { $0["index"]?.int == index }?["verdict"]?.string
      let words = ["certified": "unsat", "falsified": "sat"]
      let again = try Command.run("verify", Self.network, path)
      let word = again.output.split(separator: "\n").first.map(String.init)
      #expect(
        verdict.flatMap { words[$0] }.map { $0 == word } ?? true, "\(verdict ?? ""): \(again)")
      decided += verdict.flatMap { words[$0] } == nil ? 0 : 1
    }
    #expect(decided > 0)
  }

  /// Both ends of every input, outside of the exact ball by no more than roundings.
  private func checkBox(_ text: String, _ index: Int) throws {
    let pixels = try Data(contentsOf: URL(filePath: Command.images)).dropFirst(16 + 64 * index)
    for (feature, pixel) in pixels.prefix(64).enumerated() {
      for (comparison, side) in [(">=", -1.0), ("<=", 1.0)] {
        let start = "(assert (\(comparison) X_\(feature) "
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(start) })
        let end = try #require(Double(line.dropFirst(start.count).prefix { $0 != ")" }))
        let exact = Double(pixel) / 255 + side * 0.05
        #expect(side * (end - exact) >= -1e-17 && (end - exact).magnitude < 1e-15, "\(line)")
      }
    }
  }

  @Test("what no property of the network's own numbers can ask is refused")
  func refusals() throws {
    let scratch = try Scratch()
    let cases = [
      (["-o", scratch.path("a"), "--norm", "l2"], "--norm: l2; expected linf"),
      (["-o", scratch.path("b"), "--mean", "0.5"], "--mean: a normalisation in front"),
      ([], "--output: none; expected a folder"),
      (["-o", Self.network], "is the model itself; expected another file"),
      (["-o", scratch.path("no/such")], "no such file"),
    ]
    for (options, words) in cases {
      let outcome = try Command.run(Command.program, ["export-vnnlib"] + Self.run + options)
      #expect(outcome.status != 0 && outcome.errors.contains(words), "\(outcome.errors)")
    }
    #expect(try scratch.names().isEmpty)
  }
}

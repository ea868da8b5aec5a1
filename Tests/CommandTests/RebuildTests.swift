import Foundation
import ReportTestSupport
import Testing

@Suite struct RebuildTests {
  static let runs: [[String]] = [
    ["--eps", "0.05", "--limit", "30"],
    ["--eps", "8/255,0.1", "--offset", "7", "--limit", "12", "--clip", "0:1", "--attack", "fgsm"],
    ["--eps", "0.3", "--norm", "l2", "--index", "4", "--slopes", "adaptive", "--restarts", "1"],
    [
      "--eps", "0.02", "--sample", "15", "--seed", "3", "--confidence", "0.9", "--detect",
      "--arithmetic", "real", "--radii", "certified", "--radius-tolerance", "0.01",
    ],
    [
      "--eps", "0.01", "--limit", "5", "--mean", "0.1", "--std", "0.5", "--splits", "0", "--radii",
      "off", "--attack", "none", "--rows", "all",
    ],
    [
      "--eps", "0.05", "--limit", "4", "--max-radius", "0.2", "--layout", "nchw", "--scale",
      "1/255",
    ],
  ]

  @Test(
    "a report's run can be done again from the report alone, to the same bytes", arguments: runs)
  func again(options: [String]) throws {
    let scratch = try Scratch()
    let path = scratch.path("report.json")
    let made = try Command.run(
      Command.program,
      [Command.digits("conv-robust.onnx"), "--data", Command.images, "-q", "-o", path] + options)
    #expect(made.status == 0, "\(made.errors)")
    let outcome = try Command.run("verify", path, "--quiet", "--threads", "1")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.hasPrefix("\(path): verified: files as hashed, "))
  }

  @Test("a number that the run does not make is found, whatever else says the same")
  func changed() throws {
    let scratch = try Scratch()
    let path = scratch.path("report.json")
    let made = try Command.run(
      Command.digits("conv-robust.onnx"), "--data", Command.images, "--eps", "0.05", "--limit", "5",
      "--attack", "none", "--radii", "off", "-q", "-o", path)
    #expect(made.status == 0)
    let text = try scratch.text("report.json")
    // Of the other margins nothing in a report speaks twice.
    let margins = try #require(text.firstMatch(of: /"margins":\[0,([0-9.]+),/))
    let number = try #require(Double(margins.output.1))
    let forged = text.replacing(margins.output.1, with: "\(number + 1)")
    #expect(forged != text)
    try Data(forged.utf8).write(to: scratch.file("report.json"))
    let outcome = try Command.run("verify", path, "-q")
    #expect(outcome.status == 1 && outcome.output == "")
    #expect(outcome.errors.contains("; expected "), "\(outcome.errors)")
    #expect(outcome.errors.contains(", as computed again"))
  }

  @Test("data whose form and labels a run was told are told again, to 'verify' and to 'report'")
  func toldForm() throws {
    let scratch = try Scratch()
    // The label stands last, where rows without a header have features unless one says otherwise.
    let bytes = Array(try Data(contentsOf: URL(filePath: Command.images)))
    let labels = Array(
      try Data(contentsOf: URL(filePath: Command.digits("digits-test-labels-idx1-ubyte"))))
    let rows = (0..<12).map { item in
      (bytes[(16 + 64 * item)..<(80 + 64 * item)].map { "\(Double($0) / 255)" }
        + ["\(labels[8 + item])"]).joined(separator: ",") + "\n"
    }
    let data = scratch.path("digits.csv")
    try Data(rows.joined().utf8).write(to: scratch.file("digits.csv"))
    let told = ["--data-format", "csv", "--label-column", "last"]
    let path = scratch.path("report.json")
    let made = try Command.run(
      Command.program,
      [Command.digits("conv-robust.onnx"), "--data", data, "--eps", "0.05", "-q", "-o", path] + told
    )
    #expect(made.status == 0, "\(made.errors)")
    let verified = try Command.run(Command.program, ["verify", path, "-q"] + told)
    #expect(verified.status == 0, "\(verified.errors)")
    #expect(try Command.run("verify", path, "-q").status != 0)
    let page = try Command.run(Command.program, ["report", path, "--data", data] + told)
    #expect(page.status == 0 && page.output.contains("<img "), "\(page.errors)")
    let alone = try Command.run(Command.program, ["report", path] + told)
    #expect(alone.status == 64 && alone.errors.contains("--data-format: no --data; expected"))
    let property = try Command.run(
      Command.program, ["verify", Command.digits("conv-robust.onnx"), "p.vnnlib"] + told)
    #expect(
      property.status == 64 && property.errors.contains("--data-format: \"p.vnnlib\", a prop"))
  }

  @Test("other data under the name, and what is no report, are refused by what differs")
  func refusals() throws {
    let scratch = try Scratch()
    let data = scratch.path("digits.idx")
    try FileManager.default.copyItem(atPath: Command.images, toPath: data)
    let path = scratch.path("report.json")
    let made = try Command.run(
      Command.digits("conv-robust.onnx"), "--data", data, "--eps", "0.05", "--limit", "5",
      "--radii",
      "off", "-q", "-o", path)
    #expect(made.status == 0, "\(made.errors)")
    var bytes = try Data(contentsOf: scratch.file("digits.idx"))
    bytes[bytes.count - 1] ^= 1
    try bytes.write(to: scratch.file("digits.idx"))
    let other = try Command.run("verify", path, "-q")
    #expect(other.status == 65)
    #expect(other.errors.contains("\(data): the SHA-256 "), "\(other.errors)")
    let network = try Command.run("verify", Command.digits("conv-robust.onnx"))
    #expect(network.status == 64 && network.errors.contains("no property, and "))
    let text = try scratch.text("report.json")
      .replacing(#/"version": ?"/#, with: "\"version\": \"9")
    try Data(text.utf8).write(to: scratch.file("report.json"))
    let version = try Command.run("verify", path)
    #expect(
      version.status == 65 && version.errors.contains("$.tool.version: "), "\(version.errors)")
  }
}

import Testing

/// A wrong command line, and the line that it gets.
struct UsageCase: Sendable, CustomTestStringConvertible {
  var arguments: [String]
  var message: String
  var testDescription: String { arguments.joined(separator: " ") }

  init(_ arguments: String..., message: String) {
    self.arguments = arguments
    self.message = message
  }
}

@Suite struct UsageTests {
  /// A command line that is right but for what is added.
  static let base = [
    Command.digits("conv-robust.onnx"), "--data", Command.images, "--limit", "1", "--quiet",
  ]

  static let cases = [
    UsageCase(message: "--eps: no radius; expected --eps with a number such as 0.1 or 8/255"),
    UsageCase(
      "--eps", "1", "--eps-file", "a.npy",
      message: "--eps-file: \"a.npy\" beside --eps 1; expected one of the two"),
    UsageCase(
      "--eps-file", "a.npy", "--norm", "l2",
      message: "--eps-file: \"a.npy\" beside --norm l2; expected --norm linf, the only one"),
    UsageCase("--eps", "-0.1", message: "--eps: \"-0.1\"; expected a number >= 0"),
    UsageCase("--eps", "nan", message: "--eps: \"nan\" is not a number; expected a number >= 0"),
    UsageCase("--eps", "0.1,", message: "--eps: an empty text; expected a number >= 0"),
    UsageCase("--eps", "1/0", message: "--eps: \"1/0\" divides by zero; expected a number >= 0"),
    UsageCase("--eps", "0x10", message: "--eps: \"0x10\" is not a number; expected a number >= 0"),
    UsageCase("--eps", "1", "--clip", "0", message: "--clip: \"0\"; expected two numbers LO:HI"),
    UsageCase("--eps", "1", "--clip", "1:0", message: "--clip: 1:0; expected LO:HI with LO < HI"),
    UsageCase("--eps", "1", "--std", "0", message: "--std: \"0\"; expected a number > 0"),
    UsageCase(
      "--eps", "1", "--mean", "1,2", message: "--mean: 2 values; expected 1, or 1: one for each"),
    UsageCase("--eps", "1", "--scale", "0", message: "--scale: \"0\"; expected a number > 0"),
    UsageCase(
      "--eps", "1", "--offset", "-1", message: "--offset: -1; expected a whole number >= 0"),
    UsageCase("--eps", "1", "--offset", "500", message: "--offset: 500; expected 0 to 499: "),
    UsageCase(
      "--eps", "1", "--index", "3",
      message: "--index: 3 beside --offset or --limit; expected one example by --index"),
    UsageCase(
      "--eps", "1", "--threads", "0", message: "--threads: 0; expected a whole number, 1 to 1024"),
    UsageCase(
      "--eps", "1", "--threads", "1025",
      message: "--threads: 1025; expected a whole number, 1 to 1024"),
    UsageCase(
      "--eps", "1", "--threads", "9223372036854775807",
      message: "--threads: 9223372036854775807; expected a whole number, 1 to 1024"),
    UsageCase(
      "--eps", "1", "--radii", "off", "--max-radius", "1",
      message: "--max-radius: 1 beside --radii off; expected radii to be searched"),
    UsageCase(
      "--eps", "0.1,0.2", "--max-radius", "0.15",
      message: "--max-radius: 0.15, below --eps 0.2; expected at least the largest --eps"),
    UsageCase(
      "--eps", "1", "--radius-tolerance", "1",
      message: "--radius-tolerance: 1; expected a number > 0 and < 1"),
    UsageCase(
      "--eps", "1", "--gate-robust-error", "5",
      message: "--max-robust-error: 5; expected a fraction from 0 to 1"),
    UsageCase(
      "--eps", "1", "--attack-steps", "0",
      message: "--attack-steps: 0; expected a whole number >= 1"
    ),
    UsageCase(
      "--eps", "1", "--restarts", "-1", message: "--restarts: -1; expected a whole number >= 0"),
    UsageCase(
      "--eps", "1", "--attack", "fgsm", "--seed", "7",
      message: "--seed: 7 beside --attack fgsm; expected --attack pgd"),
    UsageCase(
      "--eps", "1", "--attack", "none", "--counterexamples", "a.npy",
      message: "--counterexamples: \"a.npy\" beside --attack none; expected --attack pgd or fgsm"),
    UsageCase(
      "--eps", "1", "--counterexamples", "a.txt",
      message: "--counterexamples: \"a.txt\"; expected a name that ends in .npy or .idx"),
    UsageCase(
      "--eps", "1,2", "--counterexamples", "a.npy",
      message: "--counterexamples: 2 values of --eps; expected one, whose counterexamples"),
    UsageCase("--eps", "1", "--frobnicate", message: "unknown option '--frobnicate'"),
    UsageCase(
      "--eps", "1", "--norm", "l3", message: "the value 'l3' is invalid for '--norm <norm>'"),
  ]

  @Test("a wrong command line ends with status 64 and says what was expected", arguments: cases)
  func wrong(wrong: UsageCase) throws {
    let scratch = try Scratch()
    let output = scratch.path("report.json")
    let outcome = try Command.run(
      Command.program, UsageTests.base + ["--output", output] + wrong.arguments)
    #expect(outcome.status == 64)
    #expect(outcome.output == "")
    #expect(outcome.errors.hasPrefix("certify: error: " + wrong.message), "\(outcome.errors)")
    #expect(try scratch.names() == [])
  }

  @Test("no arguments at all is a wrong command line, too")
  func nothing() throws {
    let outcome = try Command.run()
    #expect(outcome.status == 64)
    #expect(outcome.errors.hasPrefix("certify: error: missing expected argument"))
  }

  @Test("an index is counted from 0 and has to be there")
  func index() throws {
    let model = Command.digits("conv-robust.onnx")
    let outcome = try Command.run(
      model, "--data", Command.images, "--eps", "0", "--index", "500")
    #expect(outcome.status == 64)
    #expect(outcome.errors.hasPrefix("certify: error: --index: 500; expected 0 to 499: "))
  }

  @Test("standard input is read by one file only, and no report replaces an input")
  func sharedFiles() throws {
    let twice = try Command.run("-", "--data", "-", "--eps", "0.1")
    #expect(twice.status == 64)
    #expect(twice.errors.hasPrefix("certify: error: --data: '-' is read by the model already"))
    let model = Command.digits("conv-robust.onnx")
    let replaced = try Command.run(
      model, "--data", Command.images, "--eps", "0.1", "--output", Command.images)
    #expect(replaced.status == 64)
    #expect(replaced.errors.contains("is --data itself; expected another file"))
  }
}

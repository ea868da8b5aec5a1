import Foundation
import Testing

@Suite struct InterruptionTests {
  /// A signal, and how it ends a run.
  struct Ending: Sendable, CustomTestStringConvertible {
    var signal, status: Int32
    var word: String
    var testDescription: String { "signal \(signal)" }
  }

  static let endings = [
    Ending(signal: SIGINT, status: 130, word: "interrupted"),
    Ending(signal: SIGTERM, status: 143, word: "terminated"),
    Ending(signal: SIGHUP, status: 129, word: "terminated"),
  ]

  /// A run over all digits in the background.
  private func start(_ more: [String], in scratch: Scratch, output: Any? = nil) throws -> Process {
    let process = Process()
    process.executableURL = Command.program
    process.currentDirectoryURL = scratch.folder
    process.arguments =
      [Command.digits("conv-robust.onnx"), "--eps", "0.1", "--radii", "off", "--attack", "fgsm"]
      + more
    process.standardError = try scratch.handle("errors")
    process.standardOutput = output ?? FileHandle.nullDevice
    try process.run()
    return process
  }

  private func wait(until isReached: () throws -> Bool) throws {
    let deadline = Date(timeIntervalSinceNow: 30)
    while try !isReached(), Date.now < deadline { usleep(5_000) }
    #expect(try isReached(), "not reached within 30 s")
  }

  /// Sends the signal, and gives up on the process after a while.
  private func end(_ process: Process, by number: Int32) throws {
    kill(process.processIdentifier, number)
    try wait { !process.isRunning }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
  }

  private func check(_ process: Process, _ ending: Ending, in scratch: Scratch) throws {
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == ending.status)
    #expect(try scratch.text("errors") == "certify: \(ending.word)\n")
  }

  @Test("a signal ends the run with its status and leaves no report", arguments: endings)
  func signals(ending: Ending) throws {
    let scratch = try Scratch()
    try Data("before".utf8).write(to: scratch.file("report.json"))
    // A fifo that nobody writes to holds the run where its outputs are open.
    #expect(mkfifo(scratch.path("data"), 0o600) == 0)
    let process = try start(
      ["--data", "data", "--output", "report.json", "--counterexamples", "points.npy"], in: scratch)
    try wait { try scratch.names().count == 7 }
    try end(process, by: ending.signal)
    try check(process, ending, in: scratch)
    #expect(try scratch.names() == ["data", "errors", "report.json"])
    #expect(try scratch.text("report.json") == "before")
  }

  @Test("a signal ends a run that waits for somebody to read its output", arguments: endings)
  func unreadOutput(ending: Ending) throws {
    let scratch = try Scratch()
    #expect(mkfifo(scratch.path("report"), 0o600) == 0)
    let process = try start(["--data", Command.images, "-o", "report"], in: scratch)
    // It sleeps where it opens the fifo, and has nothing else to wait for.
    try wait { try state(of: process) == "S" }
    try end(process, by: ending.signal)
    try check(process, ending, in: scratch)
  }

  @Test("a signal ends a run whose last piece waits in a full pipe", arguments: endings)
  func fullPipe(ending: Ending) throws {
    let scratch = try Scratch()
    let pipe = Pipe()
    let process = try start(
      ["--data", Command.images, "--counterexamples", "points.npy", "-q"], in: scratch,
      output: pipe)
    try wait { try held(by: pipe) >= 65536 && state(of: process) == "S" }
    try end(process, by: ending.signal)
    try check(process, ending, in: scratch)
    #expect(try scratch.names() == ["errors"])
  }

  @Test("any other signal that ends a program leaves no half file either")
  func otherSignals() throws {
    for number in [SIGXCPU, SIGUSR1, SIGALRM, SIGQUIT] {
      let scratch = try Scratch()
      #expect(mkfifo(scratch.path("data"), 0o600) == 0)
      let process = try start(["--data", "data", "-o", "report.json"], in: scratch)
      try wait { try scratch.names().count == 3 }
      try end(process, by: number)
      #expect(process.terminationReason == .uncaughtSignal)
      #expect(process.terminationStatus == number)
      #expect(try scratch.names() == ["data", "errors"])
    }
  }

  @Test("a signal that whoever started the run ignores is ignored")
  func ignored() throws {
    let scratch = try Scratch()
    let line =
      "trap '' HUP; certify '\(Command.digits("conv-robust.onnx"))' --eps 0.1 --data fifo -o r.json &"
      + " sleep 1; kill -HUP $!; cat '\(Command.images)' > fifo; wait $!"
    #expect(mkfifo(scratch.path("fifo"), 0o600) == 0)
    let outcome = try Command.run(URL(filePath: "/bin/sh"), ["-c", line], in: scratch.folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try scratch.names() == ["fifo", "r.json"])
  }

  /// The letter of `/proc`: `S` for one that sleeps.
  private func state(of process: Process) throws -> Character? {
    let text = try String(
      contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8)
    return text.split(separator: ") ").last?.first
  }

  /// The bytes that wait in a pipe.
  private func held(by pipe: Pipe) throws -> Int {
    var count: Int32 = 0
    #expect(ioctl(pipe.fileHandleForReading.fileDescriptor, UInt(FIONREAD), &count) == 0)
    return Int(count)
  }
}

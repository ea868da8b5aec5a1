import Foundation
import Testing

@Suite struct InterruptionTests {
  @Test(
    "a signal ends the run with its status and leaves no report",
    arguments: [(SIGINT, Int32(130), "interrupted"), (SIGTERM, 143, "terminated")])
  func signals(number: Int32, status: Int32, word: String) throws {
    let scratch = try Scratch()
    try Data("before".utf8).write(to: scratch.file("report.json"))
    let process = Process()
    process.executableURL = Command.program
    // A fifo that nobody writes to holds the run where its output is open.
    let fifo = scratch.path("data")
    #expect(mkfifo(fifo, 0o600) == 0)
    process.arguments = [
      Command.digits("conv-robust.onnx"), "--eps", "0.1", "--data", fifo, "--output",
      scratch.path("report.json"),
    ]
    let errors = try scratch.handle("errors")
    process.standardError = errors
    try process.run()
    let deadline = Date(timeIntervalSinceNow: 30)
    while try scratch.names().count < 4, Date.now < deadline { usleep(10_000) }
    #expect(try scratch.names().count == 4, "the temporary file is there")
    kill(process.processIdentifier, number)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == status)
    #expect(try scratch.text("errors") == "certify: \(word)\n")
    #expect(try scratch.names() == ["data", "errors", "report.json"])
    #expect(try scratch.text("report.json") == "before")
  }
}

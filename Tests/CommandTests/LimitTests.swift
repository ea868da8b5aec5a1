import Testing

/// What a run may hold, and how messages speak of it.
@Suite struct LimitTests {
  @Test("limits that are too small are named with the option that raises them")
  func limits() throws {
    for (option, size) in [("--max-data", "1K"), ("--max-model", "1K")] {
      let outcome = try UnitsTests.run(Command.images, "--eps", "0.1", option, size)
      #expect(outcome.status == 75, "\(outcome.errors)")
      #expect(outcome.errors.contains("Allow more by \(option)."))
      #expect(try UnitsTests.run(Command.images, "--eps", "0.1", option, "4G").status == 0)
    }
  }

  @Test("--memory stands in a message as it was typed")
  func typedMemory() throws {
    for text in ["1", "1000", "3K"] {
      let outcome = try Command.run(
        Command.digits("conv-robust.onnx"), "--data", Command.images, "--eps", "0.05", "--memory",
        text)
      #expect(outcome.status == 75 && outcome.errors.contains("--memory \(text): "), "\(outcome)")
    }
  }
}

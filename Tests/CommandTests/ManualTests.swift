import Testing

@Suite struct ManualTests {
  @Test("the manual's COMMANDS and SYNOPSIS name every verb")
  func verbs() throws {
    let page = try HelpTests.manual().map { $0.replacing("\\-", with: "-") }
    func section(_ name: String) throws -> [String] {
      let start = try #require(page.firstIndex(of: ".SH \(name)"))
      return Array(page[(start + 1)...].prefix { !$0.hasPrefix(".SH ") })
    }
    let commands = try section("COMMANDS")
    let tags = commands.indices.filter { commands[$0] == ".TP" }.map { commands[$0 + 1] }
    let verbs = Set(try CompletionTests.described().map(\.verb)).subtracting(["run", "help"])
    #expect(verbs.count >= 7)
    for verb in verbs.sorted() {
      #expect(tags.contains(".B \(verb)"), "\(verb)")
      #expect(try section("SYNOPSIS").contains(".B certify \(verb)"), "\(verb)")
    }
  }
}

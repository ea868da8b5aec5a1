import Foundation
import Testing

/// Pages in Chromium, where there is one: `CERTIFY_CAMPAIGN` asks for it.
@Suite struct BrowserTests {
  static let program = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }
  static let isAsked = ProcessInfo.processInfo.environment["CERTIFY_CAMPAIGN"] == "1"

  /// What the browser writes of a page; its profile lies in the folder.
  static func browse(_ page: URL, in scratch: Scratch, _ options: String...) throws -> Outcome {
    try Command.run(
      URL(filePath: try #require(program)),
      [
        "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
        "--allow-file-access-from-files", "--virtual-time-budget=4000",
        "--user-data-dir=\(scratch.path("profile"))",
      ] + options + [page.absoluteString])
  }

  static func consoleLines(_ outcome: Outcome) -> [Substring] {
    outcome.errors.split(separator: "\n").filter { $0.contains("CONSOLE") }
  }

  @Test(
    "no page says anything on the console, or is wider than a phone",
    .enabled(if: isAsked && program != nil, "CERTIFY_CAMPAIGN and Chromium"))
  func quietAndNarrow() throws {
    let scratch = try Scratch()
    for (name, eps) in [("one", "0.05"), ("two", "0.02,0.05")] {
      let report = try ReportPageTests.report(in: scratch, eps: eps)
      let page = scratch.file("\(name).html")
      let made = try Command.run("report", report, "--data", Command.images, "-o", page.path)
      #expect(made.status == 0, "\(made.errors)")
      for scheme in ["0", "1"] {
        let shown = try Self.browse(
          page, in: scratch, "--blink-settings=preferredColorScheme=\(scheme)",
          "--window-size=1280,800", "--dump-dom")
        #expect(Self.consoleLines(shown).isEmpty, "\(Self.consoleLines(shown))")
        #expect(shown.output.contains("What is proved"))
      }
      for width in [390, 1280] {
        let frame = """
          <!DOCTYPE html><iframe id="f" style="width:\(width)px;height:800px" src="\(name).html"></iframe>
          <script>f.onload=()=>{const d=f.contentDocument.documentElement;
          document.title=`wider by ${d.scrollWidth-d.clientWidth} of ${d.clientWidth}`}</script>
          """
        try Data(frame.utf8).write(to: scratch.file("frame.html"))
        let shown = try Self.browse(scratch.file("frame.html"), in: scratch, "--dump-dom")
        #expect(
          shown.output.contains("<title>wider by 0 of "), "\(width): \(shown.output.prefix(200))")
      }
    }
  }

  @Test(
    "the browser does report what a page says and fetches",
    .enabled(if: isAsked && program != nil, "CERTIFY_CAMPAIGN and Chromium"))
  func notDeaf() throws {
    let scratch = try Scratch()
    let page = "<!DOCTYPE html><script>console.error('planted')</script>"
    try Data(page.utf8).write(to: scratch.file("bad.html"))
    let shown = try Self.browse(scratch.file("bad.html"), in: scratch, "--dump-dom")
    #expect(Self.consoleLines(shown).contains { $0.contains("planted") }, "\(shown.errors)")
  }
}

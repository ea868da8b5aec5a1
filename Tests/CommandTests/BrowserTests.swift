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

  /// What a script says of a page's document `d`, shown in a frame of some width.
  static func measured(
    _ page: String, width: Int, in scratch: Scratch, _ script: String
  ) throws -> String {
    let frame = """
      <!DOCTYPE html><iframe id="f" style="width:\(width)px;height:800px" src="\(page)"></iframe>
      <script>f.onload=()=>{document.title=(d=>{\(script)})(f.contentDocument)}</script>
      """
    try Data(frame.utf8).write(to: scratch.file("frame.html"))
    let shown = try browse(scratch.file("frame.html"), in: scratch, "--dump-dom").output
    return String(try #require(shown.firstMatch(of: /<title>(.*?)<\/title>/)?.output.1, "\(shown)"))
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
        let wider = try Self.measured(
          "\(name).html", width: width, in: scratch,
          "const e=d.documentElement;return `wider by ${e.scrollWidth-e.clientWidth} of ${e.clientWidth}`"
        )
        #expect(wider.hasPrefix("wider by 0 of "), "\(width): \(wider)")
        // No caption and no word below a picture is cut anywhere, and no table where there is room for it.
        let cut = try Self.measured(
          "\(name).html", width: width, in: scratch,
          """
          const count=(s,f)=>[...d.querySelectorAll(s)].filter(f).length;
          const captions=count('caption',e=>e.offsetWidth>e.closest('.scroll').clientWidth+1);
          const words=count('.pictures figcaption',e=>e.offsetHeight>24);
          const tables=count('.scroll',e=>e.scrollWidth>e.clientWidth);
          return `${captions} captions, ${words} words, ${tables} tables`
          """)
        #expect(cut.hasPrefix("0 captions, 0 words, "), "\(width): \(cut)")
        #expect(width < 1000 || cut.hasSuffix(" 0 tables"), "\(width): \(cut)")
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

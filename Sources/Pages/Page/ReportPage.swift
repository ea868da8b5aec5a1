import CertificateRecords
import FileAccess
import Reports

/// A report as a page for people: one file that needs no network, no script and nothing beside it.
///
/// Every number is one of the report's, or a count of its certificates; shares are rounded to the side that
/// keeps them true.
package struct ReportPage {
  private let file: ReportFile
  private let reports: [ReportView]
  private let choices: [ExampleChoice]
  private let examples: [PageExamples?]

  /// The most bytes of all pictures of examples together: with what else there is, under 3 MB.
  static let pictureRoom = 2_300_000

  /// Puts a page together.
  ///
  /// - Parameters:
  ///   - choices: the examples to be shown, one choice for each report of the file.
  ///   - examples: what they are, where the data are at hand.
  package init(file: ReportFile, choices: [ExampleChoice], examples: [PageExamples?]) {
    (self.file, reports) = (file, file.views)
    (self.choices, self.examples) = (choices, examples)
  }

  /// The page, in UTF-8.
  package func text() throws(InputError) -> String {
    let body = try body()
    let markup: Markup = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta http-equiv="Content-Security-Policy" \
      content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"/>
      <meta name="color-scheme" content="light dark"/>
      <link rel="icon" href="data:,"/>
      <title>\(title)</title>
      <style>
      \(PageStyle.page)</style>
      </head>
      <body>
      <a class="skip" href="#main">Skip to what is proved</a>
      <header>
      <h1>\(title)</h1>
      \(subtitle)</header>
      <nav aria-label="Contents">
      <ul>
      \(contents.lines)</ul>
      </nav>
      <main id="main">
      \(body)\(Glossary.section(PageHeading(level: 2)))</main>
      <footer>
      <p>Made from <code>\(file.path)</code>, SHA-256 <code>\(file.sha256)</code>, \
      by certify \(version). Where page and report differ, the report counts.</p>
      </footer>
      </body>
      </html>

      """
    return markup.text
  }

  /// The pictures of the page as SVG documents by the names of their files.
  package func pictures() throws(InputError) -> [(name: String, text: String)] {
    var all: [(name: String, text: String)] = []
    for (place, report) in reports.enumerated() {
      let prefix = reports.count == 1 ? "" : "\(place + 1)-"
      all += try ReportFigures(of: report).all.map { ("\(prefix)\($0.name).svg", $0.document) }
    }
    if reports.count > 1 { all.append(("all-errors.svg", overview.document)) }
    return all
  }

  // MARK: Head

  private var version: String { reports.first?.section("tool")["version"]?.string ?? "" }

  private func path(_ section: String) -> String {
    reports.first?.section(section)["path"]?.string ?? "-"
  }

  private var title: String {
    "How robust is \(path("model").split(separator: "/").last.map(String.init) ?? "-")?"
  }

  private var subtitle: Markup {
    let questions = reports.map { ReportClaims(report: $0).question }
    let words = Set(questions).count == 1 ? questions[0] : questions.joined(separator: "; ")
    return "<p class=\"sub\">\(path("model")) on \(path("data")): \(words)</p>\n"
  }

  private var contents: [Markup] {
    let own =
      reports.count == 1
      ? ReportSection.parts.filter { has($0.0) }
      : [("overview", "All of them")]
        + reports.indices.map { (prefix($0), ReportClaims(report: reports[$0]).name) }
    return (own + [("glossary", "Glossary")]).map { id, title in
      "<li><a href=\"#\(id)\">\(title)</a></li>"
    }
  }

  /// Whether a part has anything to say.
  private func has(_ part: String) -> Bool {
    let report = reports[0]
    return switch part {
    case "radii": report.histogram != nil
    case "classes": report.isLabelled
    case "layers":
      (report.section("model")["units"]?.numeral ?? "0") != "0"
    case "examples": choices[0].groups.contains { !$0.places.isEmpty }
    default: true
    }
  }

  // MARK: Body

  private func prefix(_ place: Int) -> String { "r\(place + 1)" }

  private func body() throws(InputError) -> Markup {
    guard reports.count > 1 else {
      return try section(0, PageHeading(level: 2), prefix: "")
    }
    var all: Markup = """
      <section aria-labelledby="overview">
      \(PageHeading(level: 2).element("All of them", id: "overview"))
      <figure>
      \(overview.element())
      <figcaption>\(overview.title).</figcaption></figure>
      </section>

      """
    for place in reports.indices {
      all += """
        <section aria-labelledby="\(prefix(place))">
        \(PageHeading(level: 2).element(ReportClaims(report: reports[place]).name, id: prefix(place)))
        \(try section(place, PageHeading(level: 3), prefix: prefix(place) + "-"))</section>

        """
    }
    return all
  }

  private func section(
    _ place: Int, _ heading: PageHeading, prefix: String
  ) throws(InputError) -> Markup {
    try ReportSection(
      report: reports[place], choice: choices[place], examples: examples[place],
      heading: heading, prefix: prefix, room: Self.pictureRoom / reports.count
    ).markup()
  }

  private var overview: Figure {
    VerdictBars(
      rows: reports.map {
        .init(name: ReportClaims(report: $0).name, counts: $0.summary.counts)
      }
    ).figure(name: "all-errors", title: "What is proved at each eps")
  }
}

extension ReportClaims {
  /// What tells the reports of one file apart.
  var name: String { "eps \(epsilon)" }
}

import CertificateRecords
import FileAccess
import Reports

/// What a page says of one report.
struct ReportSection {
  let report: ReportView
  let choice: ExampleChoice
  let examples: PageExamples?
  /// Of the parts.
  let heading: PageHeading
  /// Tells ids from those of other reports of the page.
  let prefix: String
  /// The bytes that pictures may take.
  let room: Int

  /// What tells the tables of several reports apart; empty for one.
  private var scope: String { prefix.isEmpty ? "" : claims.name }
  private var claims: ReportClaims { ReportClaims(report: report) }
  private var counts: VerdictCounts { report.summary.counts }

  /// The titles of the parts and their ids, for the list of contents.
  static let parts = [
    ("claims", "What is proved"), ("radii", "How far"), ("classes", "Class by class"),
    ("layers", "Inside the network"), ("examples", "Examples"), ("run", "The run"),
  ]

  func markup() throws(InputError) -> Markup {
    let figures = try ReportFigures(of: report)
    let nearest = report.isLabelled ? try NearestClasses(of: report)?.table(scope) : nil
    let classes = Self.beside(figures.classes.map(figure) ?? .none, nearest ?? .none)
    let cards = ExampleCards(
      choice: choice, examples: examples, heading: heading, report: report, room: room)
    return part(0, claim(figures.errors))
      + part(1, radii(figures.radii))
      + part(2, classes.isEmpty ? .none : "\(classes)\(classTable)")
      + part(3, figures.layers.map { figure($0, layerWords) } ?? .none)
      + part(4, cards.sections())
      + part(5, RunTables(report: report, scope: scope).sections)
  }

  /// Side by side where there is room; the second may be nothing.
  private static func beside(_ first: Markup, _ second: Markup) -> Markup {
    first.isEmpty || second.isEmpty
      ? first + second : "<div class=\"plots\">\n\(first)<div>\(second)</div></div>\n"
  }

  /// A section with its heading; nothing where it has nothing to say.
  private func part(_ place: Int, _ content: Markup) -> Markup {
    guard !content.isEmpty else { return .none }
    let (name, title) = Self.parts[place]
    // Of several reports, the reports are the landmarks.
    let label: Markup = prefix.isEmpty ? " aria-labelledby=\"\(name)\"" : ""
    return """
      <section\(label)>
      \(heading.element(title, id: prefix + name))
      \(content)</section>

      """
  }

  private func figure(_ figure: Figure) -> Markup { self.figure(figure, "") }

  private func figure(_ figure: Figure, _ caption: String) -> Markup {
    let words = caption.isEmpty ? figure.title : "\(figure.title). \(caption)"
    return """
      <figure>
      \(figure.element(prefix + "figure-"))
      <figcaption>\(words)</figcaption></figure>

      """
  }

  // MARK: Claims

  private func claim(_ errors: Figure) -> Markup {
    let not = claims.notClaimed.map { "<li>\($0)</li>" as Markup }
    return """
      <p class="lead">\(claims.proved) \(claims.consequence)</p>
      \(tiles)\(figure(errors, errorWords))\(warnings)\(intervals)\(heading.below.element("What is not"))
      <ul>
      \(not.lines)</ul>

      """
  }

  private var errorWords: String {
    report.isLabelled
      ? "The error is at least what is misclassified or falsified, and at most all that is not certified."
      : "Verdicts on the predicted classes; what is not certified is flagged."
  }

  private var tiles: Markup {
    let whole = counts.examples
    func tile(_ look: Look, _ count: Int, _ share: String, _ words: String) -> Markup {
      "<li class=\"\(look.rawValue)\"><b>\(count)</b>\(words), \(share)</li>"
    }
    func down(_ count: Int) -> String { Share(count, of: whole).roundedDown }
    let all = [
      tile(.certified, counts.certified, down(counts.certified), "certified"),
      // Where nothing looked for counterexamples, none is no finding.
      counts.falsified == 0 && !report.isAttacked
        ? "<li class=\"falsified\"><b>–</b>falsified, not tried</li>"
        : tile(.falsified, counts.falsified, down(counts.falsified), "falsified"),
      tile(.misclassified, counts.misclassified, down(counts.misclassified), "misclassified"),
      tile(.unknown, counts.unknown, Share(counts.unknown, of: whole).roundedUp, "unknown"),
    ]
    return "<ul class=\"tiles\">\n\(all.lines)</ul>\n"
  }

  private var warnings: Markup {
    report.section("warnings").elements.map { warning in
      "<p class=\"warning\"><strong>Warning:</strong> \(warning["text"]?.string ?? "")</p>"
        as Markup
    }.lines
  }

  /// Of a sample, what is known of all examples.
  private var intervals: Markup {
    let found = report.section("summary")["confidence_intervals"] ?? .null
    guard let level = found["level"]?.numeral else { return .none }
    let rows = found.members.filter { $0.key != "level" }.map { rate -> Markup in
      let ends = rate.value.elements.map { $0.numeral ?? "-" }
      return """
        <tr><th scope="row" class="name">\(rate.key.replacing("_", with: " "))</th>\
        <td>\(ends.first ?? "-")</td><td>\(ends.last ?? "-")</td></tr>
        """
    }
    let head = ["rate", "from", "to"].map { "<th scope=\"col\">\($0)</th>" as Markup }
    return .table(
      caption: "Of all \(report.range.count) examples, at level \(level)", scope: scope,
      head: head.together, rows: rows)
  }

  // MARK: Radii

  private func radii(_ figures: [Figure]) -> Markup {
    guard !figures.isEmpty else { return .none }
    let eps = claims.epsilonValue == nil ? "" : "The dashed line is eps. "
    // The search for radii uses bounds alone.
    let search =
      report.summary.searches.decided > 0
      ? " What the complete search alone proves at eps has its radius below it." : ""
    let captions = [
      "\(eps)Each example counts where its certified radius lies.\(search)",
      "\(eps)As in Figure 5 of Wong and Kolter 2018; no line lies above the radii.",
    ]
    let all = zip(figures, captions).map { figure($0, $1) }
    return "<div class=\"plots\">\n\(all.together)</div>\n\(quantiles)"
  }

  private var quantiles: Markup {
    let histogram = report.section("radius_histogram")
    let groups = histogram["quantiles"]?.members ?? []
    let names =
      groups.compactMap { group in
        group.value.members.isEmpty ? nil : group.value.members.map(\.key)
      }.first ?? []
    guard !names.isEmpty else { return .none }
    let head = (["quantile"] + groups.map(\.key)).map {
      "<th scope=\"col\">\($0)</th>" as Markup
    }
    // A quantile a row: nine digits side by side are wider than a phone, and than many a screen.
    let all = histogram["without_radius"]
    let rows = (names + ["without any"]).map { name -> Markup in
      let cells = groups.map { group in
        let value = name == "without any" ? all?[group.key] : group.value[name]
        return "<td>\(value?.numeral ?? "–")</td>" as Markup
      }
      return "<tr><th scope=\"row\" class=\"name\">\(name)</th>\(cells.together)</tr>"
    }
    return .table(
      caption: "Quantiles of the certified radii", scope: scope, head: head.together, rows: rows)
  }

  // MARK: Classes and layers

  private var classTable: Markup {
    let rates = ["clean_error", "attacked_error", "robust_error"]
    let keys = ["examples", "certified", "falsified", "misclassified", "unknown"] + rates
    let entries = report.section("summary")["per_class"]?.elements ?? []
    let present = entries.filter { $0["examples"]?.numeral != "0" }
    let rows = present.map { entry -> Markup in
      let cells = keys.map { "<td>\(entry[$0]?.numeral ?? "–")</td>" as Markup }
      return """
        <tr><th scope="row" class="name">\(entry["class"]?.numeral ?? "–")</th>\(cells.together)</tr>
        """
    }
    let head = (["class"] + keys).map {
      "<th scope=\"col\">\($0.replacing("_", with: " "))</th>" as Markup
    }
    let table = Markup.table(
      caption: "Counts and errors by true class, as the report has them", scope: scope,
      head: head.together, rows: rows)
    let left = entries.count - present.count
    guard left > 0 else { return table }
    return """
      \(table)<p>\(left == 1 ? "1 class has" : "\(left) classes have") no example here, and no row.</p>

      """
  }

  private var layerWords: String {
    "Bars are the median over the examples, lines go from the least to the most: ReLUs whose sign the "
      + "ball leaves open."
  }
}

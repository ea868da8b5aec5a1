import CertificateRecords
import FileAccess
import Reports

/// For each class, which other class the bounds come closest to: the one with the smallest margin.
struct NearestClasses {
  /// `[own class][other class]`: the examples of the first whose smallest margin is that against the
  /// second; misclassified ones do not count.
  let counts: [[Int]]
  /// Whether a class has an example at all.
  private let isPresent: [Bool]

  /// Beyond this many classes nobody reads a table of all pairs.
  static let mostClasses = 40

  init?(of report: ReportView) throws(InputError) {
    guard (2...Self.mostClasses).contains(report.classCount) else { return nil }
    var counts = [[Int]](
      repeating: [Int](repeating: 0, count: report.classCount), count: report.classCount)
    var isPresent = [Bool](repeating: false, count: report.classCount)
    for place in report.certificates.indices {
      let certificate = try report.certificate(place)
      guard let own = certificate["specification_class"]?.numeral.flatMap({ Int($0) }),
        counts.indices.contains(own)
      else { continue }
      isPresent[own] = true
      guard report.certificates[place].verdict != .misclassified,
        let nearest = Self.nearest(certificate)
      else { continue }
      counts[own][nearest] += 1
    }
    (self.counts, self.isPresent) = (counts, isPresent)
  }

  /// The class of the smallest margin, the lowest on a tie; nil where one is not known.
  static func nearest(_ certificate: JSONValue) -> Int? {
    let own = certificate["specification_class"]?.numeral.flatMap { Int($0) }
    let margins = (certificate["margins"]?.elements ?? []).map {
      $0.numeral.flatMap { Double($0) }
    }
    guard margins.allSatisfy({ $0 != nil }) else { return nil }
    return margins.indices.filter { $0 != own }.min {
      (margins[$0] ?? 0, $0) < (margins[$1] ?? 0, $1)
    }
  }

  /// - Parameter scope: of `Markup.table`.
  func table(_ scope: String) -> Markup {
    let largest = counts.joined().max() ?? 0
    let head = counts.indices.map { "<th scope=\"col\">\($0)</th>" as Markup }.together
    let rows = counts.enumerated().filter { isPresent[$0.offset] }.map { own, row -> Markup in
      let cells = row.enumerated().map { other, count -> Markup in
        if own == other { return "<td>–</td>" }
        let level = count == 0 ? 0 : 1 + min(3, (count - 1) * 4 / max(1, largest))
        return level == 0 ? "<td>0</td>" : "<td class=\"heat\(level)\">\(count)</td>"
      }
      return "<tr><th scope=\"row\" class=\"name\">class \(own)</th>\(cells.together)</tr>"
    }
    return .table(
      caption: "Examples by class (rows) and the class that comes nearest (columns)", scope: scope,
      head: "<td></td>\(head)", rows: rows, style: " class=\"pairs\"")
  }
}

extension Markup {
  /// A table that scrolls sideways where it has to, by keyboard, too.
  ///
  /// - Parameter scope: tells it from the tables of other reports; empty for one report.
  static func table(
    caption: String, scope: String, head: Markup, rows: [Markup], style: Markup = ""
  ) -> Markup {
    """
    <div class="scroll" role="region" tabindex="0" \
    aria-label="\(scope.isEmpty ? caption : "\(scope): \(caption)")">
    <table\(style)><caption>\(caption)</caption>
    <thead><tr>\(head)</tr></thead>
    <tbody>
    \(rows.lines)</tbody></table></div>

    """
  }
}

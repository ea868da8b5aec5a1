import CertificateRecords
import Reports

/// A bar for each group of examples: what is proved to be wrong, what is open, what is certified. The
/// error lies between the first and the second.
package struct VerdictBars {
  /// A bar with its name.
  package struct Row {
    package var name: String
    package var counts: VerdictCounts

    /// Names counts.
    package init(name: String, counts: VerdictCounts) { (self.name, self.counts) = (name, counts) }
  }

  private let rows: [Row]
  private static let (nameRoom, barHeight, gap, foot) = (84.0, 17.0, 8.0, 62.0)
  /// Letters of a name that fit beside a bar, and above one.
  private static let (beside, above) = (11, 52)
  private static let endRoom = 108.0
  /// The height of a name above its bar.
  private static let line = 17.0
  private static let looks = [Look.misclassified, .falsified, .unknown, .certified]

  /// Draws these bars.
  package init(rows: [Row]) { self.rows = rows }

  /// The picture.
  package func figure(name: String, title: String) -> Figure {
    let left = isAbove || rows.allSatisfy(\.name.isEmpty) ? 10 : Self.nameRoom
    let width = Figure.standardWidth - left - Self.endRoom
    var body = Markup.none
    for tick in 0...4 {
      let place = left + width * Double(tick) / 4
      let bottom = 6 + Double(rows.count) * pitch
      body += "<path class=\"grid\" d=\"M\(SVGNumber(place)) 4V\(SVGNumber(bottom))\"/>\n"
      body += .words("\(tick * 25)%", x: place, y: bottom + 15, anchor: "middle")
    }
    for (place, row) in rows.enumerated() {
      body += bar(row, y: 6 + Double(place) * pitch, left: left, width: width)
    }
    let foot = 6 + Double(rows.count) * pitch + 38
    body += .legend(Self.looks.map { ($0, $0.rawValue) }, y: foot)
    return Figure(
      name: name, title: title, description: description, width: Figure.standardWidth,
      height: Double(rows.count) * pitch + Self.foot - 6, body: body)
  }

  /// Whether names need a line of their own.
  private var isAbove: Bool { rows.contains { $0.name.count > Self.beside } }

  private var pitch: Double { Self.barHeight + Self.gap + (isAbove ? Self.line : 0) }

  private func bar(_ row: Row, y: Double, left: Double, width: Double) -> Markup {
    let counts = row.counts
    let name = row.name.count > Self.above ? "…" + row.name.suffix(Self.above - 1) : row.name
    var all =
      isAbove
      ? Markup.words(name, x: left, y: y + 13) : .words(name, x: left - 7, y: y + 13, anchor: "end")
    let y = isAbove ? y + Self.line : y
    var done = 0
    let parts = [counts.misclassified, counts.falsified, counts.unknown, counts.certified]
    for (look, count) in zip(Self.looks, parts) where count > 0 {
      // Ends are those of sums of counts: no segment is longer than its share.
      let start = Share(done, of: counts.examples).value * width
      done += count
      let end = Share(done, of: counts.examples).value * width
      all += .rectangle(look, x: left + start, y: y, width: end - start, height: Self.barHeight)
    }
    let least = Share(counts.attacked, of: counts.examples).roundedDown
    let most = Share(counts.withoutCertificate, of: counts.examples).roundedUp
    let interval = least == most ? most : "\(least.dropLast())–\(most)"
    return all + .words(interval, x: left + width + 6, y: y + 13)
  }

  private var description: String {
    rows.map { row in
      let counts = row.counts
      let name = row.name.isEmpty ? "" : "\(row.name): "
      return name
        + "of \(counts.examples) examples \(counts.misclassified) misclassified, "
        + "\(counts.falsified) falsified, \(counts.unknown) unknown, \(counts.certified) certified; "
        + "the error is at least \(Share(counts.attacked, of: counts.examples).roundedDown) and at "
        + "most \(Share(counts.withoutCertificate, of: counts.examples).roundedUp)"
    }.joined(separator: ". ") + "."
  }
}

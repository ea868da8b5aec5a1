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
  private static let (nameRoom, barHeight, pitch, foot) = (84.0, 17.0, 25.0, 62.0)
  private static let (longest, endRoom) = (13, 108.0)
  private static let looks = [Look.misclassified, .falsified, .unknown, .certified]

  /// Draws these bars.
  package init(rows: [Row]) { self.rows = rows }

  /// The picture.
  package func figure(name: String, title: String) -> Figure {
    let isNamed = rows.contains { !$0.name.isEmpty }
    let left = isNamed ? Self.nameRoom : 10
    let width = Figure.standardWidth - left - Self.endRoom
    var body = Markup.none
    for tick in 0...4 {
      let place = left + width * Double(tick) / 4
      let bottom = 6 + Double(rows.count) * Self.pitch
      body += "<path class=\"grid\" d=\"M\(SVGNumber(place)) 4V\(SVGNumber(bottom))\"/>\n"
      body += .words("\(tick * 25)%", x: place, y: bottom + 15, anchor: "middle")
    }
    for (place, row) in rows.enumerated() {
      body += bar(row, y: 6 + Double(place) * Self.pitch, left: left, width: width)
    }
    let foot = 6 + Double(rows.count) * Self.pitch + 38
    body += .legend(Self.looks.map { ($0, $0.rawValue) }, y: foot)
    return Figure(
      name: name, title: title, description: description, width: Figure.standardWidth,
      height: Double(rows.count) * Self.pitch + Self.foot - 6, body: body)
  }

  private func bar(_ row: Row, y: Double, left: Double, width: Double) -> Markup {
    let counts = row.counts
    let name =
      row.name.count > Self.longest ? "…" + row.name.suffix(Self.longest - 1) : row.name
    var all = Markup.words(name, x: left - 7, y: y + 13, anchor: "end")
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

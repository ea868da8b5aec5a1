import CertificateRecords
import Reports

/// Radii in increasing order, a line for each set of examples: Figure 5 of Wong and Kolter 2018.
///
/// The lines never lie above the radii: where several examples share a column of the picture, the least
/// of their radii is drawn.
package struct RadiusCurves {
  /// A line with its name.
  package struct Line {
    package var name: String
    /// Ascending.
    package var radii: [Double]
    /// Examples of which none is known; they stand at the left, without a line.
    package var withoutRadius: Int
    /// Its place among the looks of lines; nil for the one of its own place.
    package var look: Int?

    package init(name: String, _ groups: [RadiusHistogram.Group], look: Int? = nil) {
      (self.name, self.look) = (name, look)
      radii = groups.flatMap { group in
        zip(group.curve.radii, group.curve.counts).flatMap { [Double](repeating: $0, count: $1) }
      }.sorted()
      withoutRadius = groups.reduce(0) { $0 + $1.withoutRadius }
    }

    package var count: Int { radii.count + withoutRadius }
  }

  package let lines: [Line]
  /// The radius that was asked about; nil where there is not one of all.
  package let epsilon: Double?
  /// The looks of the lines, in their order.
  private let looks = (0..<Self.mostLines).map { "line\($0)" }

  /// Draws these lines.
  package init(lines: [Line], epsilon: Double?) { (self.lines, self.epsilon) = (lines, epsilon) }

  /// Lines beyond these cannot be told apart.
  package static let mostLines = 6
  private static let (columns, entryHeight) = (356, 19.0)

  package func figure(name: String, title: String) -> Figure {
    let largest = max(lines.compactMap(\.radii.last).max() ?? 0, epsilon ?? 0)
    let axes = Axes(x: 0...100, y: 0...(largest > 0 ? largest * 1.04 : 1))
    var body = axes.frame("examples by their radius, percent", "certified radius")
    if let epsilon { body += axes.mark(y: epsilon) }
    var entry = axes.height + 8
    for (place, line) in lines.prefix(Self.mostLines).enumerated() {
      let look = looks[(line.look ?? place) % looks.count]
      body += path(line, look, axes)
      body += "<path class=\"\(look)\" d=\"M52 \(SVGNumber(entry))h26\"/>\n"
      body += .words("\(line.name) (\(line.count))", x: 86, y: entry + 4)
      entry += Self.entryHeight
    }
    return Figure(
      name: name, title: title, description: description, width: Figure.standardWidth,
      height: entry - 4, body: body)
  }

  /// A step a column; the first of a column's examples has the least radius.
  private func path(_ line: Line, _ look: String, _ axes: Axes) -> Markup {
    guard !line.radii.isEmpty else { return .none }
    let columns = min(Self.columns, line.count)
    var (all, last) = (Markup.none, -1.0)
    for column in 0..<columns {
      let first = column * line.count / columns - line.withoutRadius
      guard first >= 0 else { continue }
      let radius = line.radii[first]
      if last < 0 {
        all += "M\(SVGNumber(axes.x(100 * Double(column) / Double(columns)))) "
        all += "\(SVGNumber(axes.y(radius)))"
      } else if radius != last {
        all += "H\(SVGNumber(axes.x(100 * Double(column) / Double(columns))))"
        all += "V\(SVGNumber(axes.y(radius)))"
      }
      last = radius
    }
    guard last >= 0 else { return .none }
    return "<path class=\"\(look)\" d=\"\(all)H\(SVGNumber(axes.x(100)))\"/>\n"
  }

  private var description: String {
    lines.map { line in
      guard let first = line.radii.first, let last = line.radii.last else {
        return "\(line.name): no radii"
      }
      let median = line.radii[(line.radii.count - 1) / 2]
      return "\(line.name): \(counted(line.radii.count, "radius", "radii")), the least \(first), "
        + "the median \(median), the largest \(last)"
    }.joined(separator: ". ") + "."
  }
}

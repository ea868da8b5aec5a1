import CertificateRecords
import Reports

/// The histogram of the radii as bars, rightly and wrongly classified examples on top of each other.
struct RadiusBars {
  let histogram: RadiusHistogram
  /// The radius that was asked about; nil where features have their own.
  let epsilon: Double?

  func figure(name: String) -> Figure {
    let edges = histogram.edges
    let totals = (0..<edges.count - 1).map { bin in
      histogram.groups.reduce(0) { $0 + $1.counts[bin] }
    }
    let axes = Axes(
      x: (edges.first ?? 0)...(edges.last ?? 1), y: 0...Double(max(1, totals.max() ?? 1)) * 1.04)
    var body = axes.frame("certified radius", "examples")
    for bin in totals.indices {
      var below = 0
      for group in histogram.groups {
        let (low, high) = (axes.y(Double(below)), axes.y(Double(below + group.counts[bin])))
        below += group.counts[bin]
        guard group.counts[bin] > 0 else { continue }
        let left = axes.x(edges[bin])
        body += .rectangle(
          group.kind.look, x: left + 0.5, y: high, width: axes.x(edges[bin + 1]) - left - 1,
          height: low - high)
      }
    }
    if let epsilon { body += axes.mark(x: epsilon) }
    body += .legend(histogram.groups.map { ($0.kind.look, $0.kind.words) }, y: axes.height + 14)
    return Figure(
      name: name, title: "How far the certificates reach", description: description,
      width: Figure.standardWidth, height: axes.height + 22, body: body)
  }

  private var description: String {
    histogram.groups.map { group in
      let examples = counted(group.counts.reduce(0, +), "example")
      guard let quantiles = group.quantiles else { return "\(group.kind.words): none has a radius" }
      let text = quantiles.json
      func value(_ key: String) -> String { text[key]?.numeral ?? "-" }
      return "\(group.kind.words): \(examples), from \(value("min")) over the median "
        + "\(value("median")) to \(value("max"))"
        + (group.withoutRadius > 0 ? "; \(group.withoutRadius) without a radius" : "")
    }.joined(separator: ". ") + "."
  }
}

extension RadiusHistogram.Kind {
  var look: Look {
    switch self {
    case .correct: .certified
    case .wrong: .misclassified
    case .unlabelled: .plain
    }
  }

  /// The look of its line among those of `RadiusCurves`: the colour of its bars, which are beside it.
  var lineLook: Int {
    switch self {
    case .correct, .unlabelled: 0
    case .wrong: 2
    }
  }

  var words: String {
    switch self {
    case .correct: "rightly classified"
    case .wrong: "wrongly classified"
    case .unlabelled: "all examples"
    }
  }
}

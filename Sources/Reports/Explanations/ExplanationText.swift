import CertificateRecords
import FileAccess
import Numbers

// The explanation as a text for a person.
extension ExplanationReport {
  /// The text, line by line.
  public var lines: [String] {
    let parts = [head, layerPart, rowPart, featurePart, mapPart].filter { !$0.isEmpty }
    return Array(parts.joined(separator: [""]))
  }

  private var certificate: Certificate { explanation.certificate }

  private var head: [String] {
    let facts = [
      ("label", certificate.label.map { "\($0)" } ?? "none"),
      ("prediction", "\(certificate.prediction)"), ("verdict", verdictWords),
      ("detection", certificate.detection?.rawValue ?? ""), ("margin", marginWords),
      ("search", searchWords), ("rounding", roundingWords),
      ("radius", radiusWords), ("found", counterexampleWords),
    ]
    return [
      "\(run.model.file.path) on \(run.data.file.path), item \(certificate.index): "
        + run.options.words(sayingScope: false)
    ]
      + facts.filter { !$0.1.isEmpty }.map { "  " + TextTable.padded($0.0, to: 12) + $0.1 }
  }

  private var verdictWords: String {
    let own = certificate.specificationClass
    return switch certificate.verdict {
    case .certified: "certified: no input within eps is classified differently"
    case .falsified: "falsified: an input within eps is classified differently"
    case .misclassified: "misclassified: class \(own) loses at the example itself"
    case .unknown where certificate.prediction != own:
      "unknown: the prediction is another class, but that class \(own) loses is not proved"
    case .unknown: "unknown: neither a proof nor a counterexample"
    }
  }

  private var marginWords: String {
    guard let worst = explanation.rows.first else { return "" }
    return "\(down(worst.margin)) against class \(worst.classIndex); "
      + "\(down(worst.marginAtExample)) at the example itself"
  }

  /// What the complete search did where bounds alone do not decide.
  private var searchWords: String {
    guard let search = certificate.search else { return "" }
    let parts = "\(search.nodes) part\(search.nodes == 1 ? "" : "s") of the ball"
    if search.isProved {
      return search.depth == 0
        ? "proved without a split, by narrower bounds than those below"
        : "proved in \(parts), up to \(search.depth) split\(search.depth == 1 ? "" : "s") deep"
    }
    return switch search.reason {
    case nil: "found a counterexample in \(parts)"
    case .budget where search.nodes == 0:
      "none: too many units have no sign in the ball for the signs to be searched"
    case .budget: "ended after \(parts), without a proof or a counterexample"
    case .rounding: "ended after \(parts): what is left lies within what rounding costs"
    case .tie: "none: no class is proved to win at the example itself"
    }
  }

  /// Where rounding alone costs the certificate.
  private var roundingWords: String {
    guard PrintedCertificate(certificate).isLostToRounding else { return "" }
    let most = certificate.roundingBudget.map { ", by up to \(up($0))," } ?? ""
    return
      "certified in exact arithmetic, with a margin of \(down(certificate.marginReal)); what the"
      + " deployed network's rounding may change\(most) alone costs the certificate"
  }

  private var radiusWords: String {
    guard let radius = certificate.radius else {
      return certificate.radiusSteps == nil
        ? "" : "none: class \(certificate.prediction) is certified at no eps, not even 0"
    }
    let end = certificate.radiusIsCapped ? ", the largest tried" : ""
    let beyond = certificate.radiusUpper.map { "; not at \(up($0))" + winnerWords } ?? ""
    let share = share(radius, of: run.options.epsilon.nearest).map { " (\($0) of eps)" } ?? ""
    return "\(down(radius)): class \(certificate.prediction) is certified up to there"
      + end + share + beyond + openWords
  }

  /// Who wins at the counterexample that ends an exact radius.
  private var winnerWords: String {
    guard let winner = certificate.exactRadius?.winner else { return "" }
    return ", where class \(winner) wins"
  }

  /// What keeps the ends of an exact radius apart.
  private var openWords: String {
    switch certificate.exactRadius?.reason {
    case nil: ""
    case .budget: "; between them neither a proof nor a counterexample was found"
    case .rounding: "; what is between them lies within what rounding costs"
    case .tie: "; no class is proved to win at the example itself"
    }
  }

  private var counterexampleWords: String {
    guard let found = certificate.attack?.counterexample else { return "" }
    return "class \(found.winner) beats it by \(down(found.margin)) at distance "
      + up(found.distance)
  }

  private var layerPart: [String] {
    let rows = layers.enumerated().map { place, named in
      let layer = named.layer
      return [
        "\(place + 1)", named.name, "\(layer.units)", "\(layer.inactive)", "\(layer.active)",
        "\(layer.unstable)", up(layer.meanWidth), up(layer.largestWidth), "\(layer.widestUnit)",
        named.growth.map { "x \(up($0, digits: 3))" } ?? "-",
      ]
    }
    let head = [
      "layer", "behind", "units", "inactive", "active", "unstable", "mean width", "largest",
      "at unit", "growth",
    ]
    let widest = explanation.widestGrowth.map {
      ["The bounds widen most in layer \($0 + 1)."]
    }
    return ["Bounds before each ReLU; the inputs are \(up(explanation.inputWidth)) wide."]
      + TextTable.lines([head] + rows, words: [1]) + (widest ?? [])
  }

  private var isSearched: Bool { certificate.search?.isProved ?? false }

  private var rowPart: [String] {
    let rows = explanation.rows.map { row in
      [
        "\(row.classIndex)", down(row.margin), down(row.marginAtExample),
        row.lost.map { up($0) } ?? "-",
        row.margin > 0 ? "proved to lose" : isSearched ? "by the search" : "not proved",
      ]
    }
    let failing = explanation.rows.count { !($0.margin > 0) }
    return [
      "Margins of class \(certificate.specificationClass) against the others, worst first: "
        + "\(failing) of \(explanation.rows.count) not proved\(isSearched ? " by them" : "")."
    ]
      + TextTable.lines(
        [["class", "margin", "at the example", "lost", ""]] + rows, words: [4])
  }

  private var featurePart: [String] {
    guard let worst = explanation.rows.first, !explanation.features.isEmpty else {
      return ["No bound depends on the features: a magnitude is beyond the numbers of the engine."]
    }
    let rows = listed.map { feature in
      [
        "\(feature.index)",
        grid.coordinates(feature.index).map { "\($0)" }.joined(separator: ","),
        down(feature.value), down(feature.coefficient),
        up(feature.contribution), share(feature.contribution, of: total) ?? "-",
      ]
    }
    let hasPlaces = !grid.names.isEmpty
    let head = ["feature", grid.names, "value", "coefficient", "takes", "share"]
    let table = ([head] + rows).map { hasPlaces ? $0 : [$0[0]] + $0.dropFirst(2) }
    return [
      "What the features take off the margin against class \(worst.classIndex): \(up(total)) in all, "
        + "\(listed.count) of \(explanation.features.count) features listed."
    ]
      + relaxationWords(worst)
      + TextTable.lines(table, words: [])
  }

  /// What the relaxation costs beside the features, and what tighter slopes win back.
  private func relaxationWords(_ worst: Explanation.Row) -> [String] {
    guard let cost = explanation.relaxationCost, let parallel = explanation.parallelMargin else {
      return []
    }
    let cut = run.options.clip == nil ? "" : " and the cut of the ball"
    let won = worst.margin - parallel
    let slopes = won > 0 ? ", of which tighter slopes win back \(up(won))" : ""
    return ["Beside them the relaxation\(cut) costs \(up(cost))\(slopes)."]
  }

  /// The largest picture that is drawn.
  private static let widest = 100

  /// A picture of the contributions, a character a pixel.
  private var mapPart: [String] {
    guard let image = grid.image, image.height > 1, image.width > 1,
      max(image.height, image.width) <= Self.widest,
      explanation.features.first?.contribution ?? 0 > 0
    else { return [] }
    var sums = [Double](repeating: 0, count: image.height * image.width)
    for feature in explanation.features {
      let place = grid.coordinates(feature.index)
      let (y, x) = image.isChannelLast ? (place[0], place[1]) : (place[1], place[2])
      sums[y * image.width + x] += feature.contribution
    }
    let largest = sums.max() ?? 0
    guard largest.isFinite else { return [] }
    let inks = Array(" .:-=+*#%@")
    let lines = (0..<image.height).map { y in
      let row = sums[(y * image.width)..<((y + 1) * image.width)]
      let characters = row.map { inks[min(inks.count - 1, Int($0 / largest * Double(inks.count)))] }
      return "  |" + String(characters) + "|"
    }
    return ["Where they lie, the darkest the most:"] + lines
  }

  private func down(_ value: Double) -> String {
    DirectedDecimal.text(value, rounded: .down, digits: 4) ?? "not known"
  }

  private func up(_ value: Double, digits: Int = 4) -> String {
    DirectedDecimal.text(value, rounded: .up, digits: digits) ?? "not known"
  }

  /// A share in percent, one decimal; nil where there is nothing to share.
  private func share(_ part: Double, of whole: Double) -> String? {
    let tenths = (part / whole * 1000).rounded()
    guard tenths.isFinite, tenths < 1e9 else { return nil }
    return "\(Int(tenths) / 10).\(Int(tenths) % 10)%"
  }
}

/// Cells in columns as wide as their widest cell.
public enum TextTable {
  /// The lines of a table; names from files are made printable, or columns would not be straight.
  ///
  /// - Parameter words: the columns of words, which stand to the left; the others are numbers.
  public static func lines(
    _ rows: [[String]], words: Set<Int>, indentation: String = "  "
  ) -> [String] {
    let rows = rows.map { $0.map(printed) }
    let widths = (rows.first ?? []).indices.map { column in
      rows.map { $0[column].count }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.indices.map { column in
        padded(row[column], to: words.contains(column) ? widths[column] : -widths[column])
      }
      var line = indentation + cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  /// The text with spaces behind it, or, for a negative width, in front of it.
  package static func padded(_ text: String, to width: Int) -> String {
    let spaces = String(repeating: " ", count: max(0, abs(width) - text.count))
    return width < 0 ? spaces + text : text + spaces
  }
}

import DataFiles
import FileAccess
import Reports

/// Epsilon against the width of the data, and the network's own scaling against that of the data.
extension UnitsCheck {
  /// What the data span, and how that is known.
  struct Span {
    var range: ClosedRange<Double>
    var words: String
    var width: Double { range.upperBound - range.lowerBound }
    /// Whether the numbers are those of bytes behind a scale, or look like it.
    var isUnit: Bool { range.lowerBound >= -1 && range.upperBound <= 1 }
  }

  /// A ball that holds the whole domain, wherever its centre lies.
  func wideBall() throws(InputError) -> Finding? {
    guard let span = try span(orOf: domain), span.width > 0 else { return nil }
    let count = Double(scaled.dataset.featureCount)
    let diameter =
      switch plan.norm {
      case .linf: span.width
      case .l2: span.width * count.squareRoot()
      case .l1: span.width * count
      }
    guard let epsilon = wideRadius(from: diameter) else { return nil }
    let isByteLike =
      span.isUnit && epsilon.value <= 255 && plan.epsilonFile == nil && wholeInputs == nil
    let grey = isByteLike ? ", or \(epsilon.text)/255, if that many grey levels are meant" : ""
    return Finding(
      kind: .wideBall,
      error: InputError(
        .usage, file: plan.epsilonFile == nil ? "--eps" : "--eps-file",
        found: "\(epsilon.text), where \(span.words): the ball holds every possible input",
        expected: "a radius below \(plain(diameter))" + grey,
        remedy: "Where the whole domain is meant, say --accept-units."))
  }

  /// A domain far wider than what bytes are scaled to, or than data from 0 to 1 and an epsilon beyond those:
  /// against it no epsilon looks large.
  func wideClip() throws(InputError) -> Finding? {
    if let found = try wideClipOfFractions() { return found }
    let top = scaled.scale.times(255)
    guard let clip = plan.clip, scaled.dataset.elementType == .uint8, top > 0,
      clip.upper.nearest - clip.lower.nearest >= 10 * top
    else { return nil }
    return wide(
      clip, "bytes times \(scaled.scale.text) lie from 0 to \(plain(top))",
      expected:
        "a domain of the scaled data, such as 0:\(plain(top)), or --scale 1 with eps in grey levels"
    )
  }

  private func wideClipOfFractions() throws(InputError) -> Finding? {
    guard plan.norm == .linf, let clip = plan.clip, scaled.dataset.elementType != .uint8,
      let own = try ownSpan(), own.isUnit,
      clip.upper.nearest - clip.lower.nearest >= 10 * own.width,
      let epsilon = wideRadius(from: own.width)
    else { return nil }
    return wide(
      clip, "\(own.words), with a radius of \(epsilon.text)",
      expected: "a domain in the units of the data, and an eps in them")
  }

  private func wide(_ clip: Clip, _ words: String, expected: String) -> Finding {
    Finding(
      kind: .wideClip,
      error: InputError(
        .usage, file: "--clip",
        found: "\(clip.lower.text) to \(clip.upper.text), where \(words)", expected: expected,
        remedy: "Where that domain is meant, say --accept-units."))
  }

  /// The first epsilon that is not below the diameter; with a file of radii none of its radii is.
  private func wideRadius(from diameter: Double) -> (text: String, value: Double)? {
    if let smallestRadius {
      // A feature that may be anything has the very width as its radius.
      return smallestRadius > diameter
        ? ("radii of \(plain(smallestRadius)) and more", smallestRadius) : nil
    }
    return plan.epsilons.first { $0.nearest >= diameter }.map { ($0.text, $0.nearest) }
  }

  /// What `--clip` or the type of the elements says.
  private var domain: Span? {
    if let clip = plan.clip {
      return Span(
        range: clip.lower.nearest...clip.upper.nearest,
        words: "--clip says \(clip.lower.text) to \(clip.upper.text)")
    }
    let scale = scaled.scale
    switch scaled.dataset.elementType {
    case .uint8:
      let top = scale.times(255)
      return Span(range: 0...top, words: "bytes times \(scale.text) lie from 0 to \(plain(top))")
    case .bool:
      let top = scale.times(1)
      return Span(range: 0...top, words: "booleans times \(scale.text) are 0 or \(plain(top))")
    default: return nil
    }
  }

  /// The fewest examples whose own range says something of their domain.
  private static let fewestForSpan = 10

  /// What is known, or else what the numbers themselves show.
  func span(orOf known: Span?) throws(InputError) -> Span? {
    if let known { return known }
    return try ownSpan()
  }

  /// What the numbers themselves show; nil for data of which nothing is known.
  private func ownSpan() throws(InputError) -> Span? {
    let raw = try survey.range()
    let range = scaled.scale.times(raw.lowerBound)...scaled.scale.times(raw.upperBound)
    guard range.upperBound > range.lowerBound else { return nil }
    let words = "the data lie from \(plain(range.lowerBound)) to \(plain(range.upperBound))"
    if range.lowerBound >= 0, range.upperBound <= 1 { return Span(range: 0...1, words: words) }
    if range.lowerBound >= -1, range.upperBound <= 1 { return Span(range: -1...1, words: words) }
    return scaled.dataset.count >= Self.fewestForSpan ? Span(range: range, words: words) : nil
  }

  /// A network that scales bytes itself, and data that are none any more.
  func scaledTwice() throws(InputError) -> Finding? {
    guard !plan.reading.normalizes, let own = start.wordsOfBytes,
      let span = try span(orOf: domainOfElements), span.isUnit
    else { return nil }
    let isBytes = scaled.dataset.elementType == .uint8
    let grey = plan.epsilons.first.map { " of \(plain($0.times(255)))" } ?? ""
    let levels = plan.epsilonFile == nil ? "an eps\(grey) grey levels" : "radii in grey levels"
    return Finding(
      kind: .scaledTwice,
      error: InputError(
        .usage, file: "--scale",
        found: "\(scaled.scale.text), so that \(span.words), where the network itself scales bytes"
          + " (\(own))",
        expected: (isBytes
          ? "--scale 1 with \(levels)" : "--scale 255, or data from 0 to 255, with \(levels)")
          + ", or a network that takes numbers from 0 to 1",
        remedy: "Where both scalings are meant, say --accept-units."))
  }

  /// The same without what a person says: a clip may be as wrong as the scale.
  var domainOfElements: Span? { scaled.dataset.elementType == .uint8 ? domain : nil }

  /// Bytes that are no grey levels: 0 and 1, or up to 16, as in the digits of scikit-learn.
  func smallBytes() throws(InputError) -> Finding? {
    guard scaled.dataset.elementType == .uint8, plan.reading.scale == nil, !scaled.scale.isOne
    else { return nil }
    let top = try survey.range().upperBound
    guard top > 0, top <= 16 else { return nil }
    guard top == 1 else {
      return Finding(
        kind: .smallBytes,
        error: InputError(
          file: plan.dataPath == "-" ? "standard input" : plan.dataPath,
          found: "bytes of at most \(plain(top)), without --scale: times 1/255 they lie from 0 to"
            + " \(plain((top / 255 * 10000).rounded() / 10000))",
          expected:
            "--scale 1/\(plain(top)) or --scale 1, as the network was trained, or --scale 1/255, where"
            + " they are grey levels of 255"))
    }
    return Finding(
      kind: .binaryBytes,
      error: InputError(
        file: plan.dataPath == "-" ? "standard input" : plan.dataPath,
        found: "bytes that are all 0 or 1, without --scale: times 1/255 they lie from 0 to 0.0039",
        expected: "--scale 1, where they are features, or --scale 1/255, where they are grey levels"
      ))
  }
}

import FileAccess
import Numbers
import Reports

/// What normalises, and what scales, against the numbers that the data are.
extension UnitsCheck {
  /// A mean or a deviation in grey levels for data from 0 to 1, or the other way round, whether it is typed or the
  /// network's own.
  func foreignNormalization() throws(InputError) -> Finding? {
    guard wholeInputs == nil else { return nil }
    if plan.reading.normalizes { return try foreignOption() }
    guard let own = start.wordsOfFractions, let range = try greyRange() else { return nil }
    return finding(
      "--scale",
      "\(scaled.scale.text), so that \(lie(range)), where the network itself normalises numbers from 0 to 1"
        + " (\(own))", "data from 0 to 1: --scale \(scaleToOne(range))")
  }

  private func foreignOption() throws(InputError) -> Finding? {
    let (mean, deviation) = (plan.reading.mean, plan.reading.standardDeviation)
    let large = [("--mean", mean), ("--std", deviation)].first { _, numbers in
      numbers.contains { $0.nearest.magnitude > 2 }
    }
    if let (option, numbers) = large {
      guard let span = try span(orOf: domainOfElements), span.isUnit else { return nil }
      let isBytes = scaled.dataset.elementType == .uint8
      return finding(
        option, "\(list(numbers)), where \(span.words)",
        "numbers in the same units, such as \(plain(numbers[0].nearest))/255"
          + (isBytes ? ", or --scale 1 with an eps in grey levels" : ""))
    }
    // Means and deviations of many features may be those of rare counts.
    let isOfFractions =
      max(mean.count, deviation.count) <= LeadingScaling.mostChannels
      && (mean + deviation).allSatisfy { $0.nearest.magnitude <= 1 }
      && (mean.contains { $0.nearest != 0 } || deviation.contains { $0.nearest < 0.9 })
    guard isOfFractions, let range = try greyRange() else { return nil }
    let (option, numbers) = mean.isEmpty ? ("--std", deviation) : ("--mean", mean)
    return finding(
      option, "\(list(numbers)), where \(lie(range))",
      "numbers in the same units, or data from 0 to 1: --scale \(scaleToOne(range))")
  }

  /// A factor that makes bytes numbers from 0 to 1, for numbers that are that already.
  func scaledDown() throws(InputError) -> Finding? {
    guard let scale = plan.reading.scale, scale.nearest <= 1 / 16,
      [.float16, .float32, .float64].contains(scaled.dataset.elementType)
    else { return nil }
    let range = try survey.range()
    guard range.lowerBound >= -1, range.upperBound <= 1, range.lowerBound < range.upperBound else {
      return nil
    }
    return finding(
      "--scale",
      "\(scale.text), where the data lie from \(plain(range.lowerBound)) to \(plain(range.upperBound)) already",
      "numbers that lie like bytes, or no --scale", kind: .scaledTwice)
  }

  /// A factor that makes grey levels of the data, and an epsilon that is a part of one.
  ///
  /// - Parameter epsilon: The first that is below 1, in words.
  func scaledUp(_ epsilon: String) throws(InputError) -> Finding? {
    guard let scale = plan.reading.scale, scale.nearest != 1, let range = try greyRange(),
      range.upperBound > 200
    else { return nil }
    return finding(
      "--scale", "\(scale.text), so that \(lie(range)), like bytes, with --eps\(epsilon)",
      "an eps of 1 or more, which counts grey levels then, or data from 0 to 1",
      kind: .unscaledNumbers)
  }

  /// The range of scaled data that lie like bytes, or like words of 16 bits; nil for others.
  private func greyRange() throws(InputError) -> ClosedRange<Double>? {
    let raw = try survey.range()
    let range = scaled.scale.times(raw.lowerBound)...scaled.scale.times(raw.upperBound)
    guard range.lowerBound >= 0, range.upperBound >= 16 else { return nil }
    if range.upperBound > 255.5 {
      return scaled.dataset.elementType == .uint16 && scaled.scale.isOne ? range : nil
    }
    if range.upperBound > 200 { return range }
    guard scaled.scale.isOne, try survey.isWhole() else { return nil }
    return range
  }

  private func lie(_ range: ClosedRange<Double>) -> String {
    "the data lie from \(plain(range.lowerBound)) to \(plain(range.upperBound))"
  }

  /// The scale that brings stored numbers that lie like these to 0...1.
  private func scaleToOne(_ range: ClosedRange<Double>) -> String {
    scaled.scale.isOne ? (range.upperBound > 255.5 ? "1/65535" : "1/255") : "of another size"
  }

  private func list(_ numbers: [Numeral]) -> String {
    numbers.prefix(8).map(\.text).joined(separator: ",") + (numbers.count > 8 ? ",..." : "")
  }

  private func finding(
    _ option: String, _ found: String, _ expected: String,
    kind: RunWarning.Kind = .foreignNormalization
  ) -> Finding {
    Finding(
      kind: kind,
      error: InputError(
        .usage, file: option, found: found, expected: expected,
        remedy: "Where that is meant, say --accept-units."))
  }
}

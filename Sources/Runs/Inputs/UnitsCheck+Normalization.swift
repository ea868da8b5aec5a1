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
    guard let own = start.wordsOfFractions else { return nil }
    if let range = try normalizedRange() {
      return finding(
        "--scale",
        "\(scaled.scale.text), so that \(lie(range)), where the network itself normalises numbers from 0 to 1"
          + " (\(own))", "data from 0 to 1, not normalised yet")
    }
    guard let range = try greyRange() else { return nil }
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
    if let (option, numbers) = large, let span = try span(orOf: domainOfElements), span.isUnit {
      let isBytes = scaled.dataset.elementType == .uint8
      return finding(
        option, "\(list(numbers)), where \(span.words)",
        "numbers in the same units, such as \(plain(numbers[0].nearest))/255"
          + (isBytes ? ", or --scale 1 with an eps in grey levels" : ""))
    }
    if !mean.isEmpty, (mean + deviation).allSatisfy({ (0.05...0.95).contains($0.nearest) }),
      let range = try normalizedRange()
    {
      return finding(
        "--mean", "\(list(mean)), where \(lie(range)), as if they were normalised already",
        "data from 0 to 1, or no --mean and --std")
    }
    // Means and deviations of many features may be those of rare counts.
    guard max(mean.count, deviation.count) <= LeadingScaling.mostChannels else { return nil }
    let divides = !deviation.isEmpty && deviation.allSatisfy { $0.nearest < 0.9 }
    let isOfFractions =
      (mean + deviation).allSatisfy { $0.nearest.magnitude <= 1 }
      && (mean.contains { $0.nearest != 0 } || deviation.contains { $0.nearest < 0.9 })
    guard isOfFractions || divides, let range = try greyRange() else { return nil }
    let (option, numbers) =
      mean.isEmpty || !isOfFractions ? ("--std", deviation) : ("--mean", mean)
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

  /// The range of pictures that are no numbers from 0 to 1, but lie around 0; nil for other data.
  ///
  /// The digits of MNIST reach from -0.42 to 2.82 once they are normalised; a little noise on numbers from 0 to 1
  /// stays above that.
  private func normalizedRange() throws(InputError) -> ClosedRange<Double>? {
    guard isPicture, [.float16, .float32, .float64].contains(scaled.dataset.elementType) else {
      return nil
    }
    let range = try scaledRange()
    return range.lowerBound <= -0.4 && range.lowerBound > -20 && range.upperBound < 20 ? range : nil
  }

  private func scaledRange() throws(InputError) -> ClosedRange<Double> {
    let raw = try survey.range()
    return scaled.scale.times(raw.lowerBound)...scaled.scale.times(raw.upperBound)
  }

  /// The range of scaled data that lie like bytes, or like words of 16 bits; nil for others.
  private func greyRange() throws(InputError) -> ClosedRange<Double>? {
    let range = try scaledRange()
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

/// The radius of a ball in every unit that a user may think in: how far one feature may move.
public struct EffectiveRadius: Sendable {
  /// In units of the stored elements: grey levels for bytes.
  public var stored: Double
  /// In units of the scaled data, as typed.
  public var scaled: Double
  /// Behind the normalisation in front of the network and at its start: of the features that it
  /// widens least and most.
  public var normalized: (least: Double, greatest: Double)
  /// The same channel by channel, one value where all are alike; nil where features of one channel
  /// differ.
  public var perChannel: [Double]?

  /// Creates a radius from its parts.
  public init(
    stored: Double, scaled: Double, normalized: (least: Double, greatest: Double),
    perChannel: [Double]?
  ) {
    (self.stored, self.scaled) = (stored, scaled)
    (self.normalized, self.perChannel) = (normalized, perChannel)
  }

  var json: JSONValue {
    .object([
      ("stored", .nearest(stored)), ("scaled", .nearest(scaled)),
      (
        "normalized",
        .object([
          ("least", .nearest(normalized.least)), ("greatest", .nearest(normalized.greatest)),
          ("per_channel", .optional(perChannel) { .array($0.map { .nearest($0) }) }),
        ])
      ),
    ])
  }
}

/// What a property file may ask for before it is refused.
public struct PropertyLimits: Sendable {
  /// The bytes of the text, after decompression.
  public var contentBytes = 1 << 28
  /// How deep parentheses may nest.
  public var nesting = 500
  /// The most inputs and outputs together.
  public var variables = 1 << 24
  /// The most disjuncts that the conjunction of all assertions is written out with.
  public var disjuncts = 100_000
  /// The most constraints in all disjuncts together, and bounds in all boxes.
  public var constraints = 1 << 25

  /// The limits that man/certify.1 states.
  public init() {}
}

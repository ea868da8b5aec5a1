/// How large a chain may become in memory beside what its file stores.
public struct ChainLimits: Sendable, Equatable {
  /// The most units of one layer, and features of one example: 2^24.
  public var units = 1 << 24
  /// The elements that a file may ask for beyond eight times its own: 2^24 (128 MiB). Constants that
  /// are folded, the scales and shifts of unit-wise operators and selections count.
  public var extraElements = 1 << 24

  /// The limits that hold where nothing else is said.
  public init() {}
}

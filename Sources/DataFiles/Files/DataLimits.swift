/// How much of a data file is taken before it is refused.
public struct DataLimits: Sendable {
  /// The most bytes of elements that are held, and the greatest content of a form that has to be read
  /// whole: 2 GiB.
  public var contentBytes = 1 << 31
  /// The greatest number of dimensions of an array.
  public var dimensions = 16

  /// The limits that hold unless a user needs more.
  public init(contentBytes: Int = 1 << 31) { self.contentBytes = contentBytes }
}

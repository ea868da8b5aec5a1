/// How much of a data file is read before it is refused.
public struct DataLimits: Sendable {
  /// The greatest file as it lies on the disk: 4 GiB.
  public var fileBytes = 1 << 32
  /// The greatest content after decompression: 2 GiB.
  public var contentBytes = 1 << 31
  /// The greatest number of dimensions of an array.
  public var dimensions = 16

  /// The limits that hold unless a user needs more.
  public init() {}
}

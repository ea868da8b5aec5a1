/// What a network's file calls its features, where it has an input for each: the columns of a table.
public struct InputColumns: Equatable, Sendable {
  /// In the order of the chain's features, which is that of the file's inputs.
  public let names: [String]
  /// Whether the network joins all of them in another order, so that data must say which column is which.
  public let needsNames: Bool

  /// Creates columns.
  public init(names: [String], needsNames: Bool = false) {
    (self.names, self.needsNames) = (names, needsNames)
  }
}

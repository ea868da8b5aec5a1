import FileAccess

/// The shape of the data's items beside that of the network's input.
struct ShapeFit {
  let itemShape: [Int]
  let networkShape: [Int]
  let file: String

  var isSameCount: Bool { itemShape.reduce(1, *) == networkShape.reduce(1, *) }

  /// Whether both shapes name the same row-major order.
  ///
  /// They do where one only splits dimensions of the other (and adds dimensions of 1). [32, 32, 3]
  /// and [3, 32, 32] have the same count and another order.
  var isSameOrder: Bool {
    let (left, right) = (Self.boundaries(itemShape), Self.boundaries(networkShape))
    return left.isSubset(of: right) || right.isSubset(of: left)
  }

  /// The products of the leading dimensions: where row-major order begins anew.
  private static func boundaries(_ shape: [Int]) -> Set<Int> {
    var product = 1
    return Set(
      shape.map { size in
        product *= size
        return product
      } + [1])
  }

  func refusal(remedy: String = "") -> InputError {
    InputError(
      file: SourceFile.name(of: file), found: "items of shape \(words(itemShape))",
      expected: "\(words(networkShape)), the network's input", remedy: remedy)
  }

  private func words(_ shape: [Int]) -> String {
    "\(shape) (\(shape.reduce(1, *)) features)"
  }
}

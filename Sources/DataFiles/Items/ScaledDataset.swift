import FileAccess
import Numbers

/// A data set in the units that epsilon speaks of: every raw value times the scale.
///
/// The value meant is the exact rational product (pixel 51 at 1/255 is 1/5); what is handed out is
/// the binary64 number nearest to it.
public struct ScaledDataset: Sendable {
  /// The raw data.
  public let dataset: Dataset
  /// What every raw value is multiplied by.
  public let scale: Numeral

  /// The products for each value of a byte, from -128.
  private let products: [Double]?

  /// Takes a data set and its scale.
  ///
  /// - Parameters:
  ///   - scale: The user's, > 0; where nil, `defaultScale`.
  ///   - takesWholeNumbers: Whether the network's input is of an integer type.
  public init(
    _ dataset: Dataset, scale: Numeral? = nil, takesWholeNumbers: Bool = false
  ) throws(InputError) {
    self.dataset = dataset
    let scale =
      scale
      ?? Self.defaultScale(for: dataset.elementType, takesWholeNumbers: takesWholeNumbers)
    self.scale = scale
    let isBytes = dataset.elementType == .uint8 || dataset.elementType == .int8
    products = isBytes ? (-128..<256).map { scale.times(Double($0)) } : nil
    guard scale.nearest.magnitude > 1 else { return }
    let range = dataset.rawRange()
    for raw in [range.lowerBound, range.upperBound] where !scale.times(raw).isFinite {
      throw InputError(
        file: SourceFile.name(of: dataset.path),
        found: "the value \(raw), times the scale \(scale.text)",
        expected: "a product that binary64 can hold")
    }
  }

  /// Whether every value handed out is the exact product.
  public var isExact: Bool { scale.isOne }

  /// The scale that holds unless the user gives one: 1/255 for unsigned bytes, but 1 where the network takes
  /// whole numbers, which 1/255 of a byte is not; else 1.
  public static func defaultScale(for type: SampleType, takesWholeNumbers: Bool) -> Numeral {
    Numeral(reciprocalOf: type == .uint8 && !takesWholeNumbers ? 255 : 1)
  }

  /// Copies the scaled values of one item, each the nearest to the exact product.
  ///
  /// - Parameter target: `[featureCount]`.
  public func copyFeatures(of index: Int, into target: UnsafeMutableBufferPointer<Double>) {
    dataset.copyFeatures(of: index, into: target)
    if let products {
      for k in target.indices { target[k] = products[Int(target[k]) + 128] }
    } else if !scale.isOne {
      for k in target.indices { target[k] = scale.times(target[k]) }
    }
  }

  /// The scaled values of one item.
  public func features(of index: Int) -> [Double] {
    var values = [Double](repeating: 0, count: dataset.featureCount)
    values.withUnsafeMutableBufferPointer { copyFeatures(of: index, into: $0) }
    return values
  }
}

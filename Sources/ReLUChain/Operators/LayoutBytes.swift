/// The memory that operators take where they are written out for kernels, in bytes.
///
/// Strides and dilations, a few bytes of a file, write a kernel out to sizes whose product an `Int` does
/// not hold.
public enum LayoutBytes {
  /// More than any one operator takes in earnest: 4 TiB. The sum over a million of them is an `Int`.
  public static let tooMuch = 1 << 42

  /// The product of numbers >= 0, or `tooMuch` where that is less.
  public static func product(_ factors: Int...) -> Int {
    let product = factors.reduce(1) { $0 * Double($1) }
    return product < Double(tooMuch) ? Int(product) : tooMuch
  }
}

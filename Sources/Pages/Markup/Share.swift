import Numbers

/// A share of some examples, in percent with two decimals, on the side that keeps it true.
package struct Share {
  package let count, whole: Int

  package init(_ count: Int, of whole: Int) { (self.count, self.whole) = (count, whole) }

  /// Not above the share: what is proved.
  package var roundedDown: String { whole > 0 ? Self.percent(count * 10_000 / whole) : "-" }

  /// Not below the share: what may be.
  package var roundedUp: String {
    whole > 0 ? Self.percent((count * 10_000 + whole - 1) / whole) : "-"
  }

  /// The share as a number, for lengths of a picture.
  package var value: Double { whole > 0 ? Double(count) / Double(whole) : 0 }

  private static func percent(_ hundredths: Int) -> String {
    "\(hundredths / 100).\(String(hundredths % 100 + 100).dropFirst())%"
  }
}

/// Counts with the word in its number.
package func counted(_ count: Int, _ one: String, _ many: String? = nil) -> String {
  "\(count) \(count == 1 ? one : many ?? one + "s")"
}

/// A natural number of any size: just what exact comparisons of typed numbers need.
struct BigNatural: Equatable, Sendable {
  /// The digits in base 2^64, least first; no zero at the end, so that zero has no digits.
  private(set) var words: [UInt64]

  init(_ value: UInt64) {
    words = value == 0 ? [] : [value]
  }

  var isZero: Bool { words.isEmpty }

  /// The value, where it fits.
  var asWord: UInt64? { words.count > 1 ? nil : words.first ?? 0 }

  /// `self = self * factor + addend`.
  mutating func multiply(by factor: UInt64, adding addend: UInt64 = 0) {
    var carry = addend
    for index in words.indices {
      let (high, low) = words[index].multipliedFullWidth(by: factor)
      let (sum, overflow) = low.addingReportingOverflow(carry)
      words[index] = sum
      // high <= 2^64 - 2, because the product of two words is at most (2^64 - 1)^2.
      carry = high + (overflow ? 1 : 0)
    }
    if carry != 0 { words.append(carry) }
    while words.last == 0 { words.removeLast() }
  }

  /// `self * 10^exponent`.
  mutating func multiply(byPowerOfTen exponent: Int) {
    var left = exponent
    while left > 0 {
      // 10^19 is the greatest power of ten in a word.
      let step = min(left, 19)
      multiply(by: (0..<step).reduce(1) { power, _ in power * 10 })
      left -= step
    }
  }

  /// `self * 2^count`.
  mutating func shiftLeft(by count: Int) {
    guard !isZero, count > 0 else { return }
    if count % 64 != 0 { multiply(by: 1 << UInt64(count % 64)) }
    words.insert(contentsOf: repeatElement(0, count: count / 64), at: 0)
  }

  static func * (left: BigNatural, right: BigNatural) -> BigNatural {
    var product = BigNatural(0)
    for word in right.words.reversed() {
      if !product.isZero { product.words.insert(0, at: 0) }
      var part = left
      part.multiply(by: word)
      product.add(part)
    }
    return product
  }

  private mutating func add(_ other: BigNatural) {
    while words.count < other.words.count { words.append(0) }
    var carry = false
    for index in words.indices {
      let addend = index < other.words.count ? other.words[index] : 0
      let (sum, first) = words[index].addingReportingOverflow(addend)
      let (total, second) = sum.addingReportingOverflow(carry ? 1 : 0)
      words[index] = total
      carry = first || second
    }
    if carry { words.append(1) }
  }

  static func < (left: BigNatural, right: BigNatural) -> Bool {
    if left.words.count != right.words.count { return left.words.count < right.words.count }
    for (a, b) in zip(left.words.reversed(), right.words.reversed()) where a != b {
      return a < b
    }
    return false
  }
}

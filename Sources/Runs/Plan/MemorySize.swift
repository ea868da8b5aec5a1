import FileAccess
import Glibc

/// An amount of memory as a user types it: bytes, or with K, M or G for powers of 1024.
package struct MemorySize: Sendable, Equatable {
  /// At least 1.
  package let bytes: Int
  /// As it was typed; nil where nobody did.
  private let typed: String?

  package init(bytes: Int) { (self.bytes, typed) = (bytes, nil) }

  /// Reads an option.
  package init(_ text: String, option: String = "--memory") throws(InputError) {
    let factors: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
    var digits = Substring(text)
    var factor = 1
    if let last = text.last, let known = factors[Character(last.uppercased())] {
      factor = known
      digits = digits.dropLast()
    }
    guard !digits.isEmpty, digits.allSatisfy(\.isWholeNumber), digits.allSatisfy(\.isASCII),
      let count = Int(digits), count > 0, !count.multipliedReportingOverflow(by: factor).overflow
    else {
      throw InputError(
        .usage, file: option, found: quoted(text),
        expected: "a number of bytes, or one with K, M or G, such as 512M")
    }
    (bytes, typed) = (count * factor, text)
  }

  /// Half of the machine's memory.
  package static var standard: MemorySize {
    let pages = max(1, sysconf(Int32(_SC_PHYS_PAGES)))
    return MemorySize(bytes: max(1 << 20, pages / 2 * max(1, sysconf(Int32(_SC_PAGESIZE)))))
  }

  /// What a message calls the option's value: as it was typed, else in units.
  package var typedText: String { typed ?? text }

  /// The amount in KiB, MiB or GiB, rounded up to a whole number of at least two digits.
  package var text: String {
    for (unit, size) in [("GiB", 1 << 30), ("MiB", 1 << 20)] where bytes >= 10 * size {
      return "\((bytes - 1) / size + 1) \(unit)"
    }
    return "\((bytes - 1) / (1 << 10) + 1) KiB"
  }
}

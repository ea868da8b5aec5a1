/// Reads the one dictionary that an NPY header holds, in the notation that NumPy writes:
/// `{'descr': '<f4', 'fortran_order': False, 'shape': (10, 28, 28), }`.
struct PythonDictionary {
  struct Fields {
    var elementType: String
    var isColumnMajor: Bool
    var shape: [Int]
  }

  private var rest: ArraySlice<UInt8>
  /// Whether parsing ended at an element type that is a list: of the fields of a record.
  private(set) var isStructured = false

  init(_ text: ArraySlice<UInt8>) {
    rest = text
  }

  /// Where in the file the next unread byte lies.
  var position: Int { rest.startIndex }

  /// The three fields, each there once and nothing else; nil where something else stands at
  /// `position`.
  mutating func parse() -> Fields? {
    var elementType: String?
    var isColumnMajor: Bool?
    var shape: [Int]?
    guard take("{") else { return nil }
    while !take("}") {
      guard let key = text(), take(":") else { return nil }
      switch key {
      case "descr" where elementType == nil:
        guard let value = text() else {
          isStructured = rest.first == UInt8(ascii: "[")
          return nil
        }
        elementType = value
      case "fortran_order" where isColumnMajor == nil:
        guard let value = boolean() else { return nil }
        isColumnMajor = value
      case "shape" where shape == nil:
        guard let value = tuple() else { return nil }
        shape = value
      default: return nil
      }
      guard take(",") || rest.first == UInt8(ascii: "}") else { return nil }
    }
    skipSpaces()
    guard rest.isEmpty, let elementType, let isColumnMajor, let shape else { return nil }
    return Fields(elementType: elementType, isColumnMajor: isColumnMajor, shape: shape)
  }

  private mutating func skipSpaces() {
    rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
  }

  /// Takes a word and the spaces around it, where it comes next.
  private mutating func take(_ word: String) -> Bool {
    skipSpaces()
    guard rest.starts(with: word.utf8) else { return false }
    rest = rest.dropFirst(word.utf8.count)
    skipSpaces()
    return true
  }

  private mutating func text() -> String? {
    skipSpaces()
    guard let quote = rest.first, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\""),
      let end = rest.dropFirst().firstIndex(of: quote)
    else { return nil }
    let value = String(decoding: rest[(rest.startIndex + 1)..<end], as: UTF8.self)
    rest = rest[(end + 1)...]
    return value
  }

  private mutating func boolean() -> Bool? {
    take("True") ? true : take("False") ? false : nil
  }

  private mutating func tuple() -> [Int]? {
    guard take("(") else { return nil }
    var values: [Int] = []
    while !take(")") {
      guard let value = natural() else { return nil }
      values.append(value)
      // (5) is a number in Python, (5,) a tuple.
      guard take(",") || (values.count > 1 && rest.first == UInt8(ascii: ")")) else { return nil }
    }
    return values
  }

  private mutating func natural() -> Int? {
    let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard let value = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
    rest = rest.dropFirst(digits.count)
    // Python 2 wrote long integers with a letter.
    _ = take("L")
    return value
  }
}

import NetworkGraph
import ReLUChain

/// What a network calls a class: its score's position until a table or a Cast makes something else of it.
enum ClassName: Hashable, Sendable {
  case whole(Int64)
  /// No whole number of 64 bits.
  case number(Double)
  case text(String)

  /// The name that a number is, whichever type it is stored in; nil for NaN, which equals no key.
  init?(_ value: Double) {
    guard !value.isNaN else { return nil }
    self = Int64(exactly: value).map(ClassName.whole) ?? .number(value)
  }

  /// The whole number that the name is, or that it is the text of.
  var position: Int? {
    switch self {
    case .whole(let value): return Int(exactly: value)
    case .number: return nil
    case .text(let text):
      let words = text.split(whereSeparator: \.isWhitespace)
      return words.count == 1 ? Double(words[0]).flatMap { Int(exactly: $0) } : nil
    }
  }

  /// For messages.
  var words: String {
    switch self {
    case .whole(let value): "\(value)"
    case .number(let value): plain(value)
    case .text(let text): "'\(text)'"
    }
  }

  /// The name behind a Cast; nil where runtimes disagree on what it is, or refuse it.
  func cast(to type: ElementType) -> ClassName? {
    if let format = type.format {
      let value: Double? =
        switch self {
        case .whole(let value): Double(value)
        case .number(let value): value
        case .text(let text): Double(text)
        }
      return value.flatMap { ClassName(format.rounded($0)) }
    }
    let value: Int64?
    switch self {
    // Whatever is not 0 is true: a half, too.
    case .number where type == .bool: value = 1
    case .whole(let number): value = type == .bool ? (number == 0 ? 0 : 1) : number
    case .number(let number): value = Int64(exactly: number.rounded(.towardZero))
    case .text(let text): value = type == .bool ? nil : Int64(text)
    }
    return value.flatMap { type.holds($0) ? ClassName.whole($0) : nil }
  }

  /// The name as a text; nil for a fraction, which runtimes write in their own ways.
  var spelled: ClassName? {
    switch self {
    case .whole(let value): .text("\(value)")
    case .number: nil
    case .text: self
    }
  }
}

/// A class made of scores, and what the network calls each.
struct ClassLabel {
  /// The scores.
  var data: DataValue
  /// The node that chooses among them.
  var maker: Node
  /// One for each score, by its position; nil where they are the positions themselves.
  var names: [ClassName]?
  /// The node that gave the names.
  var namer: Node

  /// Refuses names that call a class by the position of another one's score, so that nobody could say which
  /// of the two a label of the data means, and one name for two classes, which no label tells apart.
  ///
  /// - Parameter isMap: The names stand beside the scores in one output (ZipMap).
  static func check(_ names: [ClassName], isMap: Bool = false) throws(NodeRefusal) {
    let remedy =
      "or the scores alone, "
      + (isMap ? "exported without ZipMap (zipmap=False)" : "which --output-name chooses")
    var places: [ClassName: Int] = [:]
    for (place, name) in names.enumerated() {
      if let other = places.updateValue(place, forKey: name) {
        throw NodeRefusal(
          "calls the classes of scores \(other) and \(place) both \(name.words); expected a name for each,"
            + " \(remedy)")
      }
    }
    for (place, name) in names.enumerated() {
      guard let number = name.position, number != place, names.indices.contains(number) else {
        continue
      }
      throw NodeRefusal(
        "calls the class of score \(place) \(name.words), as labels of the data call that of score"
          + " \(number); expected the scores' numbers from 0, \(remedy)")
    }
  }
}

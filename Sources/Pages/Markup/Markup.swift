import FileAccess
import Reports

/// HTML or SVG: what stands in the source of this program is markup, and whatever is put into it is
/// text, unless it is markup already. So no name from a file can ever become a tag.
package struct Markup: ExpressibleByStringInterpolation, Sendable {
  /// The characters of the document.
  package private(set) var text: String

  package init(stringLiteral text: String) { self.text = text }
  package init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

  /// Nothing.
  package static let none: Markup = ""

  package var isEmpty: Bool { text.isEmpty }

  package static func + (left: Markup, right: Markup) -> Markup {
    var sum = left
    sum.text += right.text
    return sum
  }

  package static func += (left: inout Markup, right: Markup) { left.text += right.text }

  /// What is put into literals.
  package struct Interpolation: StringInterpolationProtocol {
    fileprivate(set) var text = ""

    package init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity)
    }

    package mutating func appendLiteral(_ literal: String) { text += literal }
    package mutating func appendInterpolation(_ markup: Markup) { text += markup.text }
    package mutating func appendInterpolation(_ number: Int) { text += "\(number)" }
    package mutating func appendInterpolation(_ number: SVGNumber) { text += number.description }
    package mutating func appendInterpolation(_ text: String) { self.text += Markup.escaped(text) }
  }

  package typealias StringInterpolation = Interpolation

  /// A text as character data or as the value of an attribute in double quotes; characters that are not
  /// seen are spelt out, as in every message of this program.
  private static func escaped(_ text: String) -> String {
    printed(text).unicodeScalars.reduce(into: "") { written, scalar in
      switch scalar {
      case "<": written += "&lt;"
      case ">": written += "&gt;"
      case "&": written += "&amp;"
      case "\"": written += "&quot;"
      // XML has no place for these.
      case "\u{fffe}", "\u{ffff}": written += "\u{fffd}"
      default: written.unicodeScalars.append(scalar)
      }
    }
  }
}

extension Sequence<Markup> {
  /// One after the other, each on a line of its own.
  package var lines: Markup {
    reduce(into: Markup.none) { all, next in
      if !next.isEmpty { all += next + "\n" }
    }
  }

  /// One after the other.
  package var together: Markup { reduce(into: Markup.none) { $0 += $1 } }
}

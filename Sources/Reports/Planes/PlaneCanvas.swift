import CertificateRecords
import FileAccess
import Numbers

/// Where things stand on the picture: plot, axes, title and legend.
struct PlaneCanvas {
  private let frame: PlaneDrawing.Frame
  /// Pixels of the plot.
  private let width, height: Double
  private static let (left, top, right, bottom) = (64.0, 74.0, 176.0, 56.0)
  /// Pixels of the longer side of the plot.
  private static let extent = 560.0

  init(_ frame: PlaneDrawing.Frame) {
    self.frame = frame
    let scale = Self.extent / max(frame.width, frame.height)
    (width, height) = (frame.width * scale, frame.height * scale)
  }

  func x(_ value: Double) -> Double {
    Self.left + (value - frame.x.lowerBound) / frame.width * width
  }

  func y(_ value: Double) -> Double {
    Self.top + (frame.y.upperBound - value) / frame.height * height
  }

  func column(_ index: Int, of count: Int) -> SVGNumber {
    SVGNumber(Self.left + width * Double(index) / Double(max(1, count)))
  }

  func row(_ index: Int, of count: Int) -> SVGNumber {
    SVGNumber(Self.top + height * Double(index) / Double(max(1, count)))
  }

  /// Where an entry of the legend starts, and its middle line.
  func legendPlace(_ place: Int) -> (x: Double, y: Double) {
    (Self.left + width + 22, Self.top + 12 + 27 * Double(place))
  }

  // MARK: Frame

  func opening(title: String, description: String) -> String {
    let size = (Self.left + width + Self.right, Self.top + height + Self.bottom)
    let (title, description) = (xml(title), xml(description))
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(SVGNumber(size.0))" \
      height="\(SVGNumber(size.1))" viewBox="0 0 \(SVGNumber(size.0)) \(SVGNumber(size.1))" \
      role="img" aria-labelledby="title description" \
      font-family="Helvetica, Arial, sans-serif" font-size="13" fill="#222">
      <title id="title">\(title)</title>
      <desc id="description">\(description)</desc>
      <rect width="100%" height="100%" fill="#fff"/>
      <text x="\(SVGNumber(Self.left))" y="30" font-size="17" font-weight="bold">\(title)</text>
      <text x="\(SVGNumber(Self.left))" y="53" fill="#555">\(description)</text>
      """
  }

  /// The frame, ticks and their numbers, and the names of the features.
  var axes: [String] {
    let (bottom, right) = (Self.top + height, Self.left + width)
    var lines = [
      "<rect x=\"\(SVGNumber(Self.left))\" y=\"\(SVGNumber(Self.top))\" "
        + "width=\"\(SVGNumber(width))\" height=\"\(SVGNumber(height))\" fill=\"none\" "
        + "stroke=\"#222\"/>"
    ]
    for tick in Ticks.between(frame.x) {
      let at = SVGNumber(x(tick.value))
      lines.append("<path d=\"M\(at) \(SVGNumber(bottom))v6\" stroke=\"#222\"/>")
      lines.append(
        "<text x=\"\(at)\" y=\"\(SVGNumber(bottom + 21))\" text-anchor=\"middle\">\(tick.text)</text>"
      )
    }
    for tick in Ticks.between(frame.y) {
      let at = y(tick.value)
      lines.append("<path d=\"M\(SVGNumber(Self.left)) \(SVGNumber(at))h-6\" stroke=\"#222\"/>")
      lines.append(
        "<text x=\"\(SVGNumber(Self.left - 10))\" y=\"\(SVGNumber(at + 4.5))\" "
          + "text-anchor=\"end\">\(tick.text)</text>")
    }
    let (middleX, middleY) = (SVGNumber((Self.left + right) / 2), (Self.top + bottom) / 2)
    lines.append(
      "<text x=\"\(middleX)\" y=\"\(SVGNumber(bottom + 43))\" text-anchor=\"middle\">feature 0</text>"
    )
    lines.append(
      "<text transform=\"translate(18 \(SVGNumber(middleY))) rotate(-90)\" "
        + "text-anchor=\"middle\">feature 1</text>")
    return lines
  }

  // MARK: Balls

  /// A ball in the units of the data.
  func ball(
    _ shape: PlaneDrawing.Shape, x range: (Double, Double), y other: (Double, Double),
    attributes: String
  ) -> String {
    Self.outline(
      shape, left: x(range.0), right: x(range.1), top: y(other.1), bottom: y(other.0), attributes)
  }

  /// A small one for the legend.
  func sign(
    _ shape: PlaneDrawing.Shape, _ x: Double, _ y: Double, attributes: String
  ) -> String {
    Self.outline(shape, left: x + 2, right: x + 20, top: y - 9, bottom: y + 9, attributes)
  }

  private static func outline(
    _ shape: PlaneDrawing.Shape, left: Double, right: Double, top: Double, bottom: Double,
    _ attributes: String
  ) -> String {
    let (x, y) = (SVGNumber((left + right) / 2), SVGNumber((top + bottom) / 2))
    let (west, east) = (SVGNumber(left), SVGNumber(right))
    let (north, south) = (SVGNumber(top), SVGNumber(bottom))
    switch shape {
    case .box: return "<path d=\"M\(west) \(north)H\(east)V\(south)H\(west)Z\" \(attributes)/>"
    case .circle:
      return "<ellipse cx=\"\(x)\" cy=\"\(y)\" rx=\"\(SVGNumber((right - left) / 2))\" "
        + "ry=\"\(SVGNumber((bottom - top) / 2))\" \(attributes)/>"
    case .diamond:
      return "<path d=\"M\(west) \(y)L\(x) \(north)L\(east) \(y)L\(x) \(south)Z\" \(attributes)/>"
    }
  }

  private func xml(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { written, scalar in
      switch scalar {
      case "<": written += "&lt;"
      case ">": written += "&gt;"
      case "&": written += "&amp;"
      // XML has no place for these, nor for most control characters.
      case "\u{fffe}", "\u{ffff}": written += "\u{fffd}"
      default: written += printed(String(scalar))
      }
    }
  }
}

/// The numbers of an axis.
package struct Ticks {
  package let value: Double
  package let text: String

  /// Multiples of 1, 2 or 5 times a power of ten, four to ten of them.
  package static func between(_ range: ClosedRange<Double>) -> [Ticks] {
    let width = range.upperBound - range.lowerBound
    for exponent in -300...300 {
      for leading in [1, 2, 5] {
        guard let step = Double("\(leading)e\(exponent)"), width / step < 10,
          (range.lowerBound / step).magnitude < 1e9, (range.upperBound / step).magnitude < 1e9
        else { continue }
        let first = Int((range.lowerBound / step).rounded(.up))
        let last = Int((range.upperBound / step).rounded(.down))
        guard first <= last else { return [] }
        return (first...last).compactMap { multiple in
          // Read from decimal text, so that the number is the one that is written.
          Double("\(multiple * leading)e\(exponent)").map {
            Ticks(value: $0, text: DirectedDecimal.nearest($0) ?? "")
          }
        }
      }
    }
    return []
  }
}

/// A coordinate of the picture: two decimals are less than is seen.
package struct SVGNumber: CustomStringConvertible {
  package let description: String

  package init(_ value: Double) {
    let hundredths = (value * 100).rounded()
    guard hundredths.magnitude < 1e12 else {
      description = hundredths > 0 ? "99999" : "-99999"
      return
    }
    let whole = Int(hundredths)
    let digits = whole.magnitude
    var text = "\(digits / 100)"
    if digits % 100 != 0 {
      text += "." + (digits % 100 < 10 ? "0" : "") + "\(digits % 100)"
      if text.last == "0" { text.removeLast() }
    }
    description = (whole < 0 ? "-" : "") + text
  }
}

import Reports

/// A frame with numbers at two of its sides, and what lies where in it.
package struct Axes {
  package let x, y: ClosedRange<Double>
  package let height: Double

  package static let (left, right, top, bottom) = (52.0, 16.0, 10.0, 42.0)

  /// - Parameter height: of the whole picture.
  package init(x: ClosedRange<Double>, y: ClosedRange<Double>, height: Double = 250) {
    (self.x, self.y, self.height) = (x, y, height)
  }

  package var plotWidth: Double { Figure.standardWidth - Self.left - Self.right }
  package var plotHeight: Double { height - Self.top - Self.bottom }

  package func x(_ value: Double) -> Double {
    Self.left + (value - x.lowerBound) / (x.upperBound - x.lowerBound) * plotWidth
  }

  package func y(_ value: Double) -> Double {
    Self.top + (y.upperBound - value) / (y.upperBound - y.lowerBound) * plotHeight
  }

  /// Grid, numbers and names; goes below what is drawn.
  package func frame(_ horizontal: String, _ vertical: String) -> Markup {
    var all = Markup.none
    let (base, end) = (Self.top + plotHeight, Self.left + plotWidth)
    for tick in Self.spaced(Ticks.between(x), most: 8) {
      let place = SVGNumber(x(tick.value))
      all += "<path class=\"grid\" d=\"M\(place) \(SVGNumber(Self.top))V\(SVGNumber(base))\"/>\n"
      all += .words(tick.text, x: x(tick.value), y: base + 17, anchor: "middle")
    }
    for tick in Self.spaced(Ticks.between(y), most: 6) {
      let place = SVGNumber(y(tick.value))
      all += "<path class=\"grid\" d=\"M\(SVGNumber(Self.left)) \(place)H\(SVGNumber(end))\"/>\n"
      all += .words(tick.text, x: Self.left - 6, y: y(tick.value) + 4, anchor: "end")
    }
    all += .words(horizontal, x: (Self.left + end) / 2, y: height - 6, anchor: "middle")
    let middle = SVGNumber(Self.top + plotHeight / 2)
    all +=
      "<text transform=\"translate(11 \(middle)) rotate(-90)\" text-anchor=\"middle\">\(vertical)</text>\n"
    return all
  }

  /// Every second or third number, where they would stand too close.
  private static func spaced(_ ticks: [Ticks], most: Int) -> [Ticks] {
    // Long numbers need more room.
    let digits = ticks.map(\.text.count).max() ?? 0
    let room = max(2, digits > 5 ? most * 5 / digits : most)
    let step = (ticks.count + room - 1) / room
    return ticks.enumerated().filter { $0.offset % max(1, step) == 0 }.map(\.element)
  }

  /// A dashed line at a value of the horizontal axis, or of the vertical one.
  package func mark(x value: Double) -> Markup {
    guard x.contains(value) else { return .none }
    let place = SVGNumber(x(value))
    return """
      <path class="mark" d="M\(place) \(SVGNumber(Self.top))V\(SVGNumber(Self.top + plotHeight))"/>

      """
  }

  package func mark(y value: Double) -> Markup {
    guard y.contains(value) else { return .none }
    let place = SVGNumber(y(value))
    return """
      <path class="mark" d="M\(SVGNumber(Self.left)) \(place)H\(SVGNumber(Self.left + plotWidth))"/>

      """
  }
}

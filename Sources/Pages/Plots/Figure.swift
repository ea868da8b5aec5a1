import Reports

/// A picture of lines and text with its alternative in words.
package struct Figure: Sendable {
  /// Unique on a page, and the name of its file: letters, digits and hyphens.
  package let name: String
  package let title: String
  /// What the picture shows, for whoever does not see it.
  package let description: String
  package let width, height: Double
  package let body: Markup

  /// The element, to stand in a page: colours are those of the page's style.
  ///
  /// - Parameter prefix: tells it from figures of the same name.
  package func element(_ prefix: String = "") -> Markup {
    let (name, size) = (prefix + name, size)
    return """
      <svg class="plot" viewBox="\(size)" role="img" aria-labelledby="\(name)-t \(name)-d">
      <title id="\(name)-t">\(title)</title>
      <desc id="\(name)-d">\(description)</desc>
      \(body)</svg>
      """
  }

  /// A document of its own, with its title above it.
  package var document: String {
    let head = 34.0
    let (wide, high) = (SVGNumber(width), SVGNumber(height + head))
    let markup: Markup = """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(wide)" height="\(high)" \
      viewBox="0 0 \(wide) \(high)" role="img" aria-labelledby="t d">
      <title id="t">\(title)</title>
      <desc id="d">\(description)</desc>
      <style>\(PageStyle.plots)</style>
      <rect class="paper" width="100%" height="100%"/>
      <text class="head" x="12" y="24">\(title)</text>
      <g class="plot" transform="translate(0 \(SVGNumber(head)))">
      \(body)</g>
      </svg>

      """
    return markup.text
  }

  private var size: Markup { "0 0 \(SVGNumber(width)) \(SVGNumber(height))" }

  /// The width of every figure: such that its words are read on a phone.
  package static let standardWidth = 420.0
}

/// The looks of the verdicts, by the names of the style's classes.
package enum Look: String {
  case certified, falsified, misclassified, unknown, plain
}

extension Markup {
  package static func rectangle(
    _ look: Look, x: Double, y: Double, width: Double, height: Double
  ) -> Markup {
    """
    <rect class="\(look.rawValue)" x="\(SVGNumber(x))" y="\(SVGNumber(y))" \
    width="\(SVGNumber(max(0, width)))" height="\(SVGNumber(height))"/>

    """
  }

  /// What the colours mean, side by side.
  package static func legend(_ entries: [(look: Look, words: String)], y: Double) -> Markup {
    var (all, x) = (Markup.none, 12.0)
    for (look, words) in entries {
      all += .rectangle(look, x: x, y: y - 10, width: 12, height: 12)
      all += .words(words, x: x + 17, y: y + 1)
      x += 30 + 7.4 * Double(words.count)
    }
    return all
  }

  /// Words of a picture.
  ///
  /// - Parameter anchor: start, middle or end.
  package static func words(
    _ text: String, x: Double, y: Double, anchor: String = "start", style: String = ""
  ) -> Markup {
    let kind: Markup = style.isEmpty ? "" : " class=\"\(style)\""
    let side: Markup = anchor == "start" ? "" : " text-anchor=\"\(anchor)\""
    return "<text\(kind) x=\"\(SVGNumber(x))\" y=\"\(SVGNumber(y))\"\(side)>\(text)</text>\n"
  }
}

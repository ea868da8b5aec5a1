import Foundation
import FoundationXML
import Testing

/// A page as an XML parser reads it, and the rules that every page keeps to.
final class PageDocument: NSObject, XMLParserDelegate {
  private(set) var elements: [(name: String, attributes: [String: String], text: String)] = []
  private var open: [Int] = []

  init(_ text: String) throws {
    super.init()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = self
    #expect(parser.parse(), "\(String(describing: parser.parserError)) \(parser.lineNumber)")
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    open.append(elements.count)
    elements.append((name, attributes, ""))
  }

  func parser(_ parser: XMLParser, foundCharacters text: String) {
    for place in open { elements[place].text += text }
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    open.removeLast()
  }

  func all(_ name: String) -> [(name: String, attributes: [String: String], text: String)] {
    elements.filter { $0.name == name }
  }

  /// What a reader sees.
  var words: String { all("body").first?.text ?? "" }

  /// The pictures of examples, by their alternative texts.
  var images: [(alternative: String, file: [UInt8])] {
    all("img").map { image in
      let source = image.attributes["src"] ?? ""
      let data = Data(base64Encoded: String(source.dropFirst("data:image/png;base64,".count)))
      return (image.attributes["alt"] ?? "", Array(data ?? Data()))
    }
  }

  /// Nothing is fetched, nothing runs.
  func checkIsAlone() {
    let known: Set = [
      "html", "head", "meta", "link", "title", "style", "body", "a", "header", "h1", "h2", "h3",
      "h4",
      "h5", "p", "nav", "ul", "li", "main", "section", "figure", "figcaption", "svg", "desc",
      "path",
      "rect", "text", "g", "b", "strong", "div", "table", "caption", "thead", "tbody", "tr", "th",
      "td",
      "code", "img", "dl", "dt", "dd", "footer",
    ]
    for element in elements {
      #expect(known.contains(element.name), "\(element.name)")
      for (key, value) in element.attributes {
        #expect(!key.hasPrefix("on"), "\(key)")
        if ["src", "href", "xlink:href"].contains(key) {
          #expect(value.hasPrefix("#") || value.hasPrefix("data:"), "\(value.prefix(60))")
        }
      }
      if element.name == "style" {
        #expect(!element.text.contains("url(") && !element.text.contains("@import"))
      }
    }
    let policy = all("meta").first { $0.attributes["http-equiv"] == "Content-Security-Policy" }
    #expect(policy?.attributes["content"]?.hasPrefix("default-src 'none'") == true)
  }

  /// Whoever does not see the page, or has no mouse, gets all of it.
  func checkIsAccessible() {
    #expect(all("html").first?.attributes["lang"] == "en")
    for landmark in ["header", "nav", "main", "footer", "h1"] { #expect(all(landmark).count == 1) }
    let levels = elements.compactMap { element in
      element.name.count == 2 && element.name.hasPrefix("h") ? Int(element.name.dropFirst()) : nil
    }
    for (level, next) in zip(levels, levels.dropFirst()) {
      #expect(next <= level + 1, "h\(level) is followed by h\(next)")
    }
    let ids = elements.compactMap { $0.attributes["id"] }
    #expect(Set(ids).count == ids.count)
    for element in elements {
      let referred = (element.attributes["aria-labelledby"] ?? "").split(separator: " ")
      for id in referred { #expect(ids.contains(String(id)), "\(id)") }
      if element.name == "a", let target = element.attributes["href"] {
        #expect(ids.contains(String(target.dropFirst())), "\(target)")
      }
      switch element.name {
      case "img": #expect(element.attributes["alt"]?.isEmpty == false)
      case "svg": #expect(element.attributes["role"] == "img" && !referred.isEmpty)
      case "th": #expect(element.attributes["scope"] != nil)
      default: break
      }
      if element.attributes["class"] == "scroll" {
        #expect(element.attributes["tabindex"] == "0" && element.attributes["aria-label"] != nil)
      }
    }
    for name in ["title", "desc", "caption", "figcaption", "h2", "h3", "h4"] {
      for element in all(name) { #expect(!element.text.isEmpty, "\(name)") }
    }
  }
}

/// The looks of classes and balls: colours that colour-blind readers tell apart (Okabe and Ito 2008),
/// and a form of marker for each, so that no colour is needed at all.
enum PlaneStyle {
  /// The most classes that the legend names.
  static let mostInLegend = 12

  private static let colours = [
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8A7F00", "#555555",
  ]
  /// The same, three quarters of the way to white.
  private static let tints = [
    "#BFDCEC", "#F4D6BF", "#BFE7DC", "#F2DDE9", "#F9E7BF", "#D5ECF9", "#EFEBB0", "#D4D4D4",
  ]
  /// Where the network says nothing.
  private static let nothing = "#ffffff"

  static func tint(_ classIndex: Int) -> String {
    classIndex < 0 ? nothing : tints[classIndex % tints.count]
  }

  /// The outline of a ball: whole where it is certified, else dashed.
  static func outline(_ isCertified: Bool) -> String {
    "class=\"\(isCertified ? "certified" : "open")\" fill=\"none\" stroke=\"#222\" "
      + "stroke-width=\"\(isCertified ? 1.8 : 1.5)\""
      + (isCertified ? "" : " stroke-dasharray=\"5 4\"")
  }

  static func cross(_ x: Double, _ y: Double) -> String {
    "<path class=\"counterexample\" d=\"M\(SVGNumber(x - 4)) \(SVGNumber(y - 4))l8 8m0 -8l-8 8\" "
      + "fill=\"none\" stroke=\"#222\" stroke-width=\"1.8\"/>"
  }

  /// A circle, diamond, two triangles, a square: in turn.
  static func marker(_ classIndex: Int, _ x: Double, _ y: Double) -> String {
    let look =
      "class=\"example\" fill=\"\(colours[max(0, classIndex) % colours.count])\" stroke=\"#fff\" "
      + "stroke-width=\"1.2\""
    let path: String
    switch max(0, classIndex) % 5 {
    case 0:
      return "<circle cx=\"\(SVGNumber(x))\" cy=\"\(SVGNumber(y))\" r=\"5.5\" \(look)/>"
    case 1: path = "m0 -7.2l7.2 7.2l-7.2 7.2l-7.2 -7.2Z"
    case 2: path = "m0 -6.5l6.5 11.5h-13Z"
    case 3: path = "m0 6.5l6.5 -11.5h-13Z"
    default: path = "m-5 -5h10v10h-10Z"
    }
    return "<path d=\"M\(SVGNumber(x)) \(SVGNumber(y))\(path)\" \(look)/>"
  }
}

import Reports

/// The ReLUs whose sign the ball leaves open, layer by layer: the median over the examples as a bar, and
/// a line from the least to the most.
struct LayerBars {
  /// A layer of ReLUs.
  struct Layer {
    var name: String
    var units: Int
    /// The unstable ones of each example, ascending.
    var unstable: [Int]

    /// The smaller of two in the middle.
    var median: Int { unstable.isEmpty ? 0 : unstable[(unstable.count - 1) / 2] }
  }

  let layers: [Layer]
  private static let (nameRoom, endRoom, pitch, barHeight) = (84.0, 92.0, 27.0, 17.0)

  func figure(name: String) -> Figure {
    let (left, width) = (Self.nameRoom, Figure.standardWidth - Self.nameRoom - Self.endRoom)
    var body = Markup.none
    for (place, layer) in layers.enumerated() {
      let y = 6 + Double(place) * Self.pitch
      func x(_ count: Int) -> Double { left + Share(count, of: layer.units).value * width }
      body += .words("layer \(place + 1)", x: left - 7, y: y + 13, anchor: "end")
      body += .rectangle(.plain, x: left, y: y, width: width, height: Self.barHeight)
      body += .rectangle(
        .unknown, x: left, y: y, width: x(layer.median) - left, height: Self.barHeight)
      let middle = SVGNumber(y + Self.barHeight / 2)
      let (low, high) = (x(layer.unstable.first ?? 0), x(layer.unstable.last ?? 0))
      body += "<path class=\"whisker\" d=\"M\(SVGNumber(low)) \(middle)H\(SVGNumber(high))\"/>\n"
      body += .words("\(layer.median) of \(layer.units)", x: left + width + 6, y: y + 13)
    }
    return Figure(
      name: name, title: "Unstable units, layer by layer", description: description,
      width: Figure.standardWidth, height: 10 + Double(layers.count) * Self.pitch, body: body)
  }

  private var description: String {
    layers.enumerated().map { place, layer in
      "Layer \(place + 1) has \(layer.units) units; unstable are \(layer.unstable.first ?? 0) to "
        + "\(layer.unstable.last ?? 0), in the median \(layer.median)"
    }.joined(separator: ". ") + "."
  }
}

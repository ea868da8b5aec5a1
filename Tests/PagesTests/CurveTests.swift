import CertificateRecords
import NumberSupport
import Testing

import Pages

@Suite struct CurveTests {
  /// A certificate of which only the radius matters.
  static func certificate(_ radius: Double?) -> PrintedCertificate {
    PrintedCertificate(
      label: 1, prediction: 1, verdict: .certified, margin: 1, radius: radius, wasSearched: true,
      radiusIsCapped: false, robustLoss: 0)
  }

  /// The corners of the line with a look, in the units of the axes: from where on which height holds.
  static func steps(_ figure: Figure, look: String, axes: Axes) throws -> [(x: Double, y: Double)] {
    let text = figure.body.text
    let start = try #require(text.range(of: "<path class=\"\(look)\" d=\"M")?.upperBound)
    let path = String(text[start...].prefix { $0 != "\"" })
    var (steps, x) = ([(x: Double, y: Double)](), 0.0)
    let head = path.prefix { $0 != "H" }.split(separator: " ").compactMap { Double($0) }
    steps.append((head[0], head[1]))
    for move in path.dropFirst(path.prefix { $0 != "H" }.count).split(separator: "H") {
      let parts = move.split(separator: "V").compactMap { Double($0) }
      x = parts[0]
      if parts.count == 2 { steps.append((x, parts[1])) }
    }
    let share = { (place: Double) in (place - Axes.left) / axes.plotWidth }
    let value = { (place: Double) in
      axes.y.upperBound - (place - Axes.top) / axes.plotHeight * axes.y.upperBound
    }
    return steps.map { (share($0.x), value($0.y)) }
  }

  @Test("no line of radii lies above any example's radius", arguments: UInt64(0)..<40)
  func neverAbove(seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    let count = [1, 2, 7, 355, 356, 357, 1000, 5000][Int(seed % 8)]
    let radii: [Double?] = (0..<count).map { _ in
      let draw = Double.random(in: 0...0.2, using: &random)
      return draw < 0.01 ? nil : draw
    }
    let histogram = try #require(RadiusHistogram(of: radii.map(Self.certificate)))
    let line = RadiusCurves.Line(name: "all", histogram.groups)
    #expect(line.count == count)
    let figure = RadiusCurves(lines: [line], epsilon: nil).figure(name: "a", title: "b")
    let known = radii.compactMap(\.self).sorted()
    guard let largest = known.last, largest > 0 else { return }
    let axes = Axes(x: 0...100, y: 0...largest * 1.04)
    let steps = try Self.steps(figure, look: "line0", axes: axes)
    // A hundredth of the picture's unit is what its coordinates are rounded to.
    let (across, up) = (0.0051 / axes.plotWidth, 0.0051 / axes.plotHeight * axes.y.upperBound)
    for (place, radius) in known.enumerated() {
      let share = Double(count - known.count + place) / Double(count)
      let height = steps.last { $0.x <= share + across }?.y ?? 0
      // An example stands from its share to the next one's.
      let after = steps.last { $0.x < share + 1 / Double(max(count, 356)) - across }?.y ?? 0
      #expect(min(height, after) <= radius + up, "seed \(seed), place \(place)")
    }
  }

  @Test("a bar of a class has the lengths of its counts, and the interval is rounded outward")
  func bars() throws {
    var counts = VerdictCounts()
    for (verdict, times) in [(Verdict.certified, 1), (.falsified, 1), (.unknown, 1)] {
      for _ in 0..<times {
        counts.count(
          PrintedCertificate(
            label: 0, prediction: 0, verdict: verdict, margin: 0, radius: nil, wasSearched: false,
            radiusIsCapped: false, robustLoss: nil))
      }
    }
    let figure = VerdictBars(rows: [.init(name: "", counts: counts)]).figure(name: "a", title: "b")
    let text = figure.body.text
    #expect(text.contains("33.33–66.67%"), "\(text)")
    #expect(figure.description.contains("at least 33.33% and at most 66.67%"))
    #expect(text.contains("class=\"certified\"") && text.contains("class=\"unknown\""))
  }

  @Test("a name that is longer than the room beside its bar stands above it, whole")
  func longNames() {
    let name = "conv-ordinary.onnx, eps 0.05"
    let rows = [VerdictBars.Row(name: name, counts: VerdictCounts())]
    let text = VerdictBars(rows: rows).figure(name: "a", title: "b").body.text
    #expect(text.contains("<text x=\"10\" y=\"19\">\(name)</text>"), "\(text)")
  }
}

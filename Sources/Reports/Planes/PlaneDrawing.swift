import CertificateRecords

/// The decision regions of a network with two inputs, and the examples with their balls: the picture
/// of the paper's section 4.1, as SVG.
///
/// The text is XML of its own: no font, script or picture from elsewhere.
public struct PlaneDrawing: Sendable {
  /// The rectangle that is drawn, in the units of the scaled data.
  public struct Frame: Sendable, Equatable {
    /// The first feature, from left to right.
    public var x: ClosedRange<Double>
    /// The second feature, from bottom to top.
    public var y: ClosedRange<Double>

    /// Creates a frame.
    public init(x: ClosedRange<Double>, y: ClosedRange<Double>) {
      (self.x, self.y) = (x, y)
    }

    /// No picture has larger coordinates: binary32 could not evaluate the network there.
    public static let farthest = 1e30

    /// Everything that the balls reach, and a margin; not more than three times as long as high, nor
    /// the reverse. Nil where something lies beyond `farthest`.
    public init?(around examples: [Example]) {
      func ends(_ key: (Example) -> (Double, Double)) -> (low: Double, high: Double) {
        let all = examples.map(key)
        return (all.map(\.0).min() ?? 0, all.map(\.1).max() ?? 1)
      }
      let (x, y) = (ends { ($0.x.low, $0.x.high) }, ends { ($0.y.low, $0.y.high) })
      let reach = [x.low, x.high, y.low, y.high].map(\.magnitude).max() ?? 0
      guard reach <= Self.farthest else { return nil }
      let longer = max(x.high - x.low, y.high - y.low)
      // Wide enough for its ends to differ.
      let least = max(longer > 0 ? longer : 1, 1e-9 * reach, 1e-30)
      func widened(_ ends: (low: Double, high: Double)) -> ClosedRange<Double> {
        let half = max(ends.high - ends.low, least / 3) / 2 + least * 0.04
        let middle = ends.low / 2 + ends.high / 2
        return (middle - half)...(middle + half)
      }
      (self.x, self.y) = (widened(x), widened(y))
    }

    var width: Double { x.upperBound - x.lowerBound }
    var height: Double { y.upperBound - y.lowerBound }
  }

  /// An example, and what is known of its ball.
  public struct Example: Sendable {
    /// Its place, and how far its ball reaches, along each feature.
    public var x, y: (low: Double, value: Double, high: Double)
    /// The class in whose colour it is drawn: the label, or without one the prediction.
    public var classIndex: Int
    /// The verdict.
    public var verdict: Verdict
    /// A point of the ball where another class wins.
    public var counterexample: (x: Double, y: Double)?

    /// Creates an example.
    public init(
      x: (low: Double, value: Double, high: Double), y: (low: Double, value: Double, high: Double),
      classIndex: Int, verdict: Verdict, counterexample: (x: Double, y: Double)?
    ) {
      (self.x, self.y) = (x, y)
      (self.classIndex, self.verdict, self.counterexample) = (classIndex, verdict, counterexample)
    }
  }

  /// The forms of balls.
  public enum Shape: Sendable {
    /// linf, possibly cut by the domain.
    case box
    /// l2.
    case circle
    /// l1.
    case diamond
  }

  let title, subtitle: String
  let frame: Frame
  let cells: [[Int]]
  let examples: [Example]
  let shape: Shape

  /// Creates a drawing.
  ///
  /// - Parameters:
  ///   - cells: the class of each cell of the frame, row by row from the top, -1 for none; rows are
  ///     equally long.
  public init(
    title: String, subtitle: String, frame: Frame, cells: [[Int]], examples: [Example],
    shape: Shape
  ) {
    (self.title, self.subtitle) = (title, subtitle)
    (self.frame, self.cells) = (frame, cells)
    (self.examples, self.shape) = (examples, shape)
  }

  /// The SVG document, with its last line end.
  public var text: String {
    let canvas = PlaneCanvas(frame)
    let parts =
      [canvas.opening(title: title, description: subtitle)] + regions(canvas) + canvas.axes
      + examples.flatMap { ball($0, canvas) } + examples.map { point($0, canvas) }
      + legend(canvas) + ["</svg>"]
    return parts.joined(separator: "\n") + "\n"
  }

  // MARK: Regions

  /// One path a class: runs of cells of one class, rows that are alike taken together.
  private func regions(_ canvas: PlaneCanvas) -> [String] {
    var paths: [Int: String] = [:]
    var top = 0
    while top < cells.count {
      var bottom = top + 1
      while bottom < cells.count, cells[bottom] == cells[top] { bottom += 1 }
      let row = cells[top]
      var left = 0
      while left < row.count {
        var right = left + 1
        while right < row.count, row[right] == row[left] { right += 1 }
        let (x0, x1) = (canvas.column(left, of: row.count), canvas.column(right, of: row.count))
        let (y0, y1) = (canvas.row(top, of: cells.count), canvas.row(bottom, of: cells.count))
        paths[row[left], default: ""] += "M\(x0) \(y0)H\(x1)V\(y1)H\(x0)Z"
        left = right
      }
      top = bottom
    }
    return paths.keys.sorted().map { key in
      "<path class=\"region\" fill=\"\(PlaneStyle.tint(key))\" stroke=\"none\" "
        + "shape-rendering=\"crispEdges\" d=\"\(paths[key] ?? "")\"/>"
    }
  }

  // MARK: Examples

  private func ball(_ example: Example, _ canvas: PlaneCanvas) -> [String] {
    let isCertified = example.verdict == .certified
    var lines = [
      canvas.ball(
        shape, x: (example.x.low, example.x.high), y: (example.y.low, example.y.high),
        attributes: PlaneStyle.outline(isCertified))
    ]
    if let found = example.counterexample {
      lines.append(PlaneStyle.cross(canvas.x(found.x), canvas.y(found.y)))
    }
    return lines
  }

  private func point(_ example: Example, _ canvas: PlaneCanvas) -> String {
    PlaneStyle.marker(example.classIndex, canvas.x(example.x.value), canvas.y(example.y.value))
  }

  // MARK: Legend

  private func legend(_ canvas: PlaneCanvas) -> [String] {
    let classes = Set(cells.joined()).union(examples.map(\.classIndex)).filter { $0 >= 0 }.sorted()
    var lines: [String] = []
    var place = 0
    func entry(_ words: String, _ sign: (Double, Double) -> [String]) {
      let (x, y) = canvas.legendPlace(place)
      lines += sign(x, y)
      lines.append("<text x=\"\(SVGNumber(x + 30))\" y=\"\(SVGNumber(y + 4.5))\">\(words)</text>")
      place += 1
    }
    for index in classes.prefix(PlaneStyle.mostInLegend) {
      entry("class \(index)") { x, y in
        [
          "<rect x=\"\(SVGNumber(x))\" y=\"\(SVGNumber(y - 9))\" width=\"22\" height=\"18\" "
            + "fill=\"\(PlaneStyle.tint(index))\"/>",
          PlaneStyle.marker(index, x + 11, y),
        ]
      }
    }
    if classes.count > PlaneStyle.mostInLegend {
      entry("\(classes.count - PlaneStyle.mostInLegend) more classes") { _, _ in [] }
    }
    let certified = examples.count { $0.verdict == .certified }
    for (isCertified, words) in [(true, "certified"), (false, "not certified")] {
      let count = isCertified ? certified : examples.count - certified
      guard count > 0 else { continue }
      entry("\(words): \(count)") { x, y in
        [canvas.sign(shape, x, y, attributes: PlaneStyle.outline(isCertified))]
      }
    }
    if examples.contains(where: { $0.counterexample != nil }) {
      entry("counterexample") { x, y in [PlaneStyle.cross(x + 11, y)] }
    }
    return lines
  }
}

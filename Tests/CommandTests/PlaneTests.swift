import Foundation
import FoundationXML
import ReportTestSupport
import Testing

@Suite struct PlaneTests {
  static let folder = Command.package.appending(path: "fixtures/plane").path
  static let points = folder + "/plane-points.idx"

  static func picture(_ network: String, _ options: String...) throws -> Picture {
    let outcome = try Command.run(
      Command.program,
      ["plane", "\(folder)/plane-\(network).onnx", "--data", points] + options)
    #expect(outcome.status == 0, "\(outcome.errors)")
    // Nothing is said but what `--accept-units` accepts.
    let said = outcome.errors.split(separator: "\n").filter {
      !options.contains("--accept-units") || !$0.hasPrefix("certify: warning: --eps: ")
    }
    #expect(said.isEmpty, "\(outcome.errors)")
    return try Picture(outcome.output)
  }

  /// An SVG document, read by an XML parser.
  final class Picture: NSObject, XMLParserDelegate {
    var elements: [(name: String, attributes: [String: String])] = []
    var words = ""
    var viewBox: [Double] = []

    init(_ text: String) throws {
      super.init()
      let parser = XMLParser(data: Data(text.utf8))
      parser.delegate = self
      #expect(parser.parse(), "\(String(describing: parser.parserError))")
      viewBox = (elements.first?.attributes["viewBox"] ?? "").split(separator: " ")
        .compactMap { Double($0) }
    }

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) {
      elements.append((name, attributes))
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) { words += text + "\n" }

    func count(_ kind: String) -> Int { elements.count { $0.attributes["class"] == kind } }

    /// The rectangles of each colour: left, top, right, bottom.
    var regions: [String: [[Double]]] {
      var regions: [String: [[Double]]] = [:]
      for element in elements where element.attributes["class"] == "region" {
        let path = element.attributes["d"] ?? ""
        let boxes = path.split(separator: "Z").map { box in
          let numbers = box.split(whereSeparator: { "MHV ".contains($0) })
            .compactMap { Double($0) }
          return [numbers[0], numbers[1], numbers[2], numbers[3]]
        }
        regions[element.attributes["fill"] ?? ""] = boxes
      }
      return regions
    }

    func colour(_ x: Double, _ y: Double) -> String? {
      regions.first { region in
        region.value.contains { $0[0] <= x && x < $0[2] && $0[1] <= y && y < $0[3] }
      }?.key
    }
  }

  @Test("the picture has every point, and squares as the run certifies them")
  func squares() throws {
    for (network, open) in [("robust", 0), ("ordinary", 8)] {
      let picture = try Self.picture(network, "--eps", "0.08")
      let report = try Command.report(
        try Command.run(
          "\(Self.folder)/plane-\(network).onnx", "--data", Self.points, "--eps", "0.08"
        ).output)
      let summary = try #require(report["summary"])
      #expect(summary["certified"]?.int == 12 - open)
      // One of each kind is the legend's.
      #expect(picture.count("certified") == 12 - open + 1)
      #expect(picture.count("open") == (open > 0 ? open + 1 : 0))
      #expect(picture.count("example") == 12 + 2)
      let falsified = try #require(summary["falsified"]?.int)
      #expect(picture.count("counterexample") == (falsified > 0 ? falsified + 1 : 0))
      #expect(picture.words.contains("linf, eps 0.08, arithmetic float32: \(12 - open) of 12"))
    }
  }

  @Test("wherever a whole cell is certified, the region has the certified class's colour")
  func regions() throws {
    let scratch = try Scratch()
    let picture = try Self.picture("ordinary", "--eps", "0.08", "--resolution", "300")
    // The frame: what the squares reach, and a margin of 4 percent.
    let grid: [(Double, Double)] = (0..<1600).map { (place: Int) -> (Double, Double) in
      let (row, column) = place.quotientAndRemainder(dividingBy: 40)
      return (0.1 + Double(column) / 50, Double(row) / 45)
    }
    let text = grid.map { "\($0.0),\($0.1)" }.joined(separator: "\n") + "\n"
    try Data(text.utf8).write(to: scratch.file("grid.csv"))
    let outcome = try Command.run(
      "\(Self.folder)/plane-ordinary.onnx", "--data", scratch.path("grid.csv"), "--label-column",
      "none", "--eps", "0.005", "--radii", "off", "--attack", "none")
    let certificates = try #require(try Command.report(outcome.output)["certificates"]).elements
    #expect(certificates.count == 1600)
    let plot = try #require(
      picture.elements.first { $0.name == "rect" && $0.attributes["x"] != nil })
    let frame = try ["x", "y", "width", "height"].map {
      try #require(plot.attributes[$0].flatMap { Double($0) })
    }
    let ends = try Self.frame()
    var checked = [0, 0]
    for (point, certificate) in zip(grid, certificates)
    where certificate["verdict"]?.string == "certified" {
      let x = frame[0] + (point.0 - ends.x.lowerBound) / ends.width * frame[2]
      let y = frame[1] + (ends.y.upperBound - point.1) / ends.height * frame[3]
      let prediction = try #require(certificate["prediction"]?.int)
      #expect(picture.colour(x, y) == ["#BFDCEC", "#F4D6BF"][prediction], "\(point)")
      checked[prediction] += 1
    }
    #expect(checked.allSatisfy { $0 > 300 }, "\(checked)")
  }

  /// What the picture shows, from the points themselves.
  static func frame() throws -> (
    x: ClosedRange<Double>, y: ClosedRange<Double>, width: Double, height: Double
  ) {
    // IDX: four bytes, one of them the number of dimensions, then four for each; big-endian.
    let bytes = Array(try Data(contentsOf: URL(filePath: points)))
    let head = 4 + 4 * Int(bytes[3])
    let numbers = stride(from: head, to: bytes.count, by: 8).map { (start: Int) -> Double in
      var bits: UInt64 = 0
      for byte in bytes[start..<start + 8] { bits = bits << 8 | UInt64(byte) }
      return Double(bitPattern: bits)
    }
    func ends(_ offset: Int) -> (Double, Double) {
      let own = stride(from: offset, to: numbers.count, by: 2).map { numbers[$0] }
      return ((own.min() ?? 0) - 0.08, (own.max() ?? 0) + 0.08)
    }
    let (x, y) = (ends(0), ends(1))
    let pad = 0.04 * max(x.1 - x.0, y.1 - y.0)
    return (
      (x.0 - pad)...(x.1 + pad), (y.0 - pad)...(y.1 + pad), x.1 - x.0 + 2 * pad,
      y.1 - y.0 + 2 * pad
    )
  }

  @Test("the document is its own: nothing is fetched, and text keeps to XML whatever a file's name")
  func selfContained() throws {
    let scratch = try Scratch()
    let model = scratch.path("<a & \"b\u{1}>.onnx")
    try FileManager.default.copyItem(atPath: Self.folder + "/plane-robust.onnx", toPath: model)
    let outcome = try Command.run(
      "plane", model, "--data", Self.points, "--eps", "0.08", "--resolution", "20")
    #expect(outcome.status == 0)
    let picture = try Picture(outcome.output)
    #expect(
      picture.words.replacingOccurrences(of: "\n", with: "").contains(#"<a & "b\u{01}>.onnx"#))
    for element in picture.elements {
      #expect(!["script", "image", "style", "foreignObject", "use"].contains(element.name))
      #expect(element.attributes.keys.allSatisfy { !$0.contains("href") && !$0.hasPrefix("on") })
    }
    #expect(picture.viewBox.count == 4)
    let same = try Command.run(
      "plane", model, "--data", Self.points, "--eps", "0.08", "--resolution", "20", "--threads", "1"
    )
    #expect(same.output == outcome.output)
  }

  @Test("a domain cuts the squares, and data without labels has the colours of its predictions")
  func clipped() throws {
    let scratch = try Scratch()
    try FileManager.default.copyItem(atPath: Self.points, toPath: scratch.path("points.idx"))
    let options = ["--eps", "0.3", "--clip", "0:1", "--resolution", "10"]
    let outcome = try Command.run(
      Command.program,
      ["plane", Self.folder + "/plane-robust.onnx", "--data", scratch.path("points.idx")] + options
    )
    #expect(outcome.status == 0)
    let picture = try Picture(outcome.output)
    let labelled = try Command.run(
      Command.program,
      ["plane", Self.folder + "/plane-robust.onnx", "--data", Self.points] + options)
    #expect(picture.count("example") == (try Picture(labelled.output)).count("example"))
    // Every square ends within the domain: ticks 0 and 1 lie on the frame's balls.
    #expect(picture.words.contains("0.2") && !picture.words.contains("1.2"))
  }

  @Test("no size of the ball is too small or too large for an answer")
  func extremes() throws {
    for eps in ["0", "1e-300", "1e-12", "1e9"] {
      let picture = try Self.picture(
        "robust", "--eps", eps, "--resolution", "5", "--accept-units")
      #expect(picture.count("example") == 12 + 2)
      for element in picture.elements {
        #expect(element.attributes.values.allSatisfy { !$0.contains("nan") && !$0.contains("inf") })
      }
    }
    let far = try Command.run(
      "plane", Self.folder + "/plane-robust.onnx", "--data", Self.points, "--eps", "1e300",
      "--accept-units")
    #expect(far.status == 65)
    #expect(far.errors.contains("a ball that reaches beyond 1e+30; expected balls within that"))
    let scratch = try Scratch()
    for text in ["1e25,1e25\n", "0,0\n", "3,4\n3,4\n"] {
      try Data(text.utf8).write(to: scratch.file("one.csv"))
      let outcome = try Command.run(
        "plane", Self.folder + "/plane-robust.onnx", "--data", scratch.path("one.csv"),
        "--label-column", "none", "--eps", "0", "--resolution", "5")
      #expect(outcome.status == 0, "\(outcome.errors)")
      _ = try Picture(outcome.output)
    }
  }

  @Test("a network with other than two inputs is refused, and so is a wrong command line")
  func refusals() throws {
    let digits = try Command.run(
      "plane", Command.digits("conv-robust.onnx"), "--data", Command.images, "--eps", "0.05")
    #expect(digits.status == 65)
    #expect(digits.errors.hasSuffix("64 input features; expected 2, which span a plane\n"))
    for (arguments, message) in [
      (["--eps", "0.1,0.2"], "--eps: 2 values; expected one, for 'plane'"),
      (["--eps", "0.1", "--resolution", "1"], "--resolution: 1; expected a whole number, 2 to"),
      (["--eps", "0.1", "--resolution", "2001"], "--resolution: 2001; expected a whole number, 2"),
    ] {
      let outcome = try Command.run(
        Command.program,
        ["plane", Self.folder + "/plane-robust.onnx", "--data", Self.points] + arguments)
      #expect(outcome.status == 64 && outcome.output == "")
      #expect(outcome.errors.hasPrefix("certify: error: \(message)"), "\(outcome.errors)")
    }
  }
}

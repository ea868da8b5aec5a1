import Foundation
import ReportTestSupport
import Testing

@Suite struct ReportPageTests {
  /// A report of the ordinary digits network that has every verdict, with its counterexamples beside it.
  static func report(in scratch: Scratch, eps: String = "0.05") throws -> String {
    let path = scratch.path("report.json")
    let saved = eps.contains(",") ? [] : ["--counterexamples", scratch.path("points.npy")]
    let outcome = try Command.run(
      Command.program,
      [
        Command.digits("conv-ordinary.onnx"), "--eps", eps, "--data", Command.images, "--splits",
        "0",
        "--limit", "200", "--quiet", "--output", path,
      ] + saved)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return path
  }

  static func page(_ arguments: String...) throws -> (text: String, page: PageDocument) {
    let outcome = try Command.run(Command.program, ["report"] + arguments)
    #expect(outcome.status == 0 && outcome.errors == "", "\(outcome.errors)")
    return (outcome.output, try PageDocument(outcome.output))
  }

  @Test("the page stands alone, is accessible, and says the report's counts, errors and hashes")
  func page() throws {
    let scratch = try Scratch()
    let path = try Self.report(in: scratch)
    let (text, page) = try Self.page(path)
    page.checkIsAlone()
    page.checkIsAccessible()
    #expect(text.utf8.count < 200_000)
    let report = try Command.report(try scratch.text("report.json"))
    let summary = try #require(report["summary"])
    let count = { (key: String) in summary[key]?.int ?? -1 }
    #expect(count("unknown") > 0 && count("falsified") > 0 && count("certified") > 0)
    #expect(page.words.contains("For \(count("certified")) of 200 examples it is proved that no"))
    for verdict in ["certified", "falsified", "misclassified", "unknown"] {
      let tile = page.all("li").first { $0.attributes["class"] == verdict }
      #expect(tile?.text.hasPrefix("\(count(verdict))\(verdict), ") == true)
    }
    // Of 200, every share has two decimals: nothing is rounded.
    func percent(_ count: Int) -> String { "\(count / 2).\(count % 2 == 0 ? "00" : "50")%" }
    let wrong = count("misclassified") + count("falsified")
    #expect(page.words.contains("at most \(percent(200 - count("certified"))), and at least"))
    #expect(page.words.contains("at least \(percent(wrong)): "))
    for (section, key) in [("model", "sha256"), ("data", "sha256")] {
      #expect(page.words.contains(try #require(report[section]?[key]?.string)))
    }
    let third = try #require(summary["per_class"]?.elements[3])
    for key in third.keys where key != "class" {
      guard case .number(let number)? = third[key],
        !["fgsm_error", "predicted_error", "exact_error"].contains(key)
      else { continue }
      #expect(page.words.contains(number), "\(key) \(number)")
    }
    #expect(page.words.contains("float32") && page.words.contains("Glossary"))
  }

  @Test("wrongly classified examples have one colour, in the bars of radii and in their line")
  func colours() throws {
    let scratch = try Scratch()
    let (text, page) = try Self.page(try Self.report(in: scratch))
    // Both plots stand behind "How far", and have no other lines or bars; a link to it stands in front.
    let radii = try #require(
      text.split(separator: "<h2").dropFirst().first { $0.contains(">How far<") })
    #expect(page.words.contains("wrongly classified ("))
    #expect(radii.contains("<rect class=\"misclassified\""))
    #expect(text.contains(".line2{stroke:var(--misclassified);"))
    #expect(radii.contains("<path class=\"line2\""))
    // A quantile a row, as the report has them.
    let histogram = try Command.report(try scratch.text("report.json"))["radius_histogram"]
    for name in ["min", "p05", "median", "max"] {
      let values = ["correct", "wrong"].map {
        "<td>\(histogram?["quantiles"]?[$0]?[name]?.numeral ?? "?")</td>"
      }
      #expect(radii.contains(">\(name)</th>\(values.joined())</tr>"), "\(name): \(values)")
    }
    let without = ["correct", "wrong"].map {
      "<td>\(histogram?["without_radius"]?[$0]?.int ?? -1)</td>"
    }
    #expect(radii.contains(">without any</th>\(without.joined())</tr>"), "\(without)")
    #expect(radii.contains("<path class=\"line0\"") && !radii.contains("<path class=\"line1\""))
  }

  @Test("a list of reports has a part for each of them, and an overview")
  func list() throws {
    let scratch = try Scratch()
    let (_, page) = try Self.page(try Self.report(in: scratch, eps: "0.02,0.05"))
    page.checkIsAlone()
    page.checkIsAccessible()
    let titles = page.all("h2").map(\.text)
    #expect(titles == ["All of them", "eps 0.02", "eps 0.05", "Glossary"])
    #expect(page.all("h3").map(\.text).filter { $0 == "What is proved" }.count == 2)
  }

  @Test("pictures are the data's pixels, and a counterexample and its difference stand beside them")
  func pictures() throws {
    let scratch = try Scratch()
    let path = try Self.report(in: scratch)
    let (text, page) = try Self.page(
      path, "--data", Command.images, "--counterexamples", scratch.path("points.npy"), "--examples",
      "5")
    page.checkIsAlone()
    page.checkIsAccessible()
    #expect(text.utf8.count < 200_000)
    #expect(page.images.count == 5 + 5 + 3 * 5)
    let stored = Array(try Data(contentsOf: URL(filePath: Command.images)).dropFirst(16))
    var (originals, points) = ([Int: [UInt8]](), [Int: [UInt8]]())
    for (alternative, file) in page.images {
      let raster = try #require(PNGRaster(file))
      #expect(raster.width == 8 && raster.height == 8)
      let index = try #require(
        alternative.firstMatch(of: /[Ee]xample (\d+)/).flatMap { Int($0.output.1) })
      if alternative.hasPrefix("Example") { originals[index] = raster.pixels }
      if alternative.hasPrefix("Counterexample") { points[index] = raster.pixels }
    }
    for (index, pixels) in originals {
      #expect(pixels == Array(stored[index * 64..<(index + 1) * 64]), "example \(index)")
    }
    #expect(points.count == 5)
    for (index, pixels) in points {
      // 0.05 is 12.75 grey levels, and a picture has whole ones.
      let moves = zip(pixels, try #require(originals[index])).map { abs(Int($0) - Int($1)) }
      #expect((1...13).contains(moves.max() ?? 0), "example \(index): \(moves)")
    }
  }

  @Test(
    "other data, and points that are not the report's counterexamples, are refused by what differs")
  func refusals() throws {
    let scratch = try Scratch()
    let path = try Self.report(in: scratch)
    func refused(_ arguments: [String], _ status: Int32, _ message: String) throws {
      let outcome = try Command.run(Command.program, ["report", path] + arguments)
      #expect(outcome.status == status && outcome.output == "")
      #expect(outcome.errors.contains(message), "\(outcome.errors)")
    }
    let points = scratch.path("points.npy")
    try refused(
      ["--data", Command.digits("digits-small-images-idx3-ubyte.gz")], 65, "the SHA-256 ")
    try refused(["--counterexamples", points], 64, "--counterexamples: no --data")
    try refused(["--data", Command.images, "--counterexamples", "p.txt"], 64, "ends in .npy")
    try refused(["--examples", "-1"], 64, "--examples: -1; expected a whole number, 0 to 200")
    try refused(["--output", path], 64, "is the report itself")
    // Points that moved further than the report says.
    var bytes = try Data(contentsOf: URL(filePath: points))
    let head = bytes.count % (64 * 4) == 0 ? 0 : bytes.count % (64 * 4)
    let far = withUnsafeBytes(of: Float(0.9)) { Data($0) }
    for start in stride(from: head, to: bytes.count, by: 4) {
      bytes.replaceSubrange(start..<start + 4, with: far)
    }
    try bytes.write(to: scratch.file("points.npy"))
    try refused(
      ["--data", Command.images, "--counterexamples", points], 65, "a point at distance ")
  }

  @Test("a network's and a file's name is text on the page, whatever it is")
  func hostileNames() throws {
    let scratch = try Scratch()
    let name = "<img src=x onerror=alert(1)>&\"'\u{1}.onnx"
    let model = scratch.path(name)
    try FileManager.default.copyItem(atPath: Command.digits("conv-robust.onnx"), toPath: model)
    let report = try TableTests.report("a.json", in: scratch, model: model, "--eps", "0.05")
    let (_, page) = try Self.page(report)
    page.checkIsAlone()
    #expect(page.images.isEmpty)
    #expect(
      page.all("h1").first?.text == "How robust is <img src=x onerror=alert(1)>&\"'\\u{01}.onnx?")
  }

  @Test("without labels the page speaks of what is cleared and flagged, and shows no error rates")
  func unlabelled() throws {
    let scratch = try Scratch()
    let data = scratch.path("digits.idx")
    try FileManager.default.copyItem(atPath: Command.images, toPath: data)
    let report = try TableTests.report("a.json", in: scratch, data: data, "--eps", "0.05")
    let (_, page) = try Self.page(report, "--data", data)
    page.checkIsAlone()
    page.checkIsAccessible()
    #expect(page.words.contains("These are cleared; the other "))
    #expect(page.words.contains("a cleared input may be misclassified"))
    #expect(!page.words.contains("The error is at least"))
  }

  @Test("--svg writes the plots of the page, each a document of its own")
  func plots() throws {
    let scratch = try Scratch()
    let folder = scratch.path("plots")
    let outcome = try Command.run("report", try Self.report(in: scratch), "--svg", folder)
    #expect(outcome.status == 0 && outcome.output == "", "\(outcome.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    #expect(
      names == [
        "classes.svg", "errors.svg", "radius-curve.svg", "radius-histogram.svg",
        "unstable-units.svg",
      ])
    for name in names {
      let picture = try PlaneTests.Picture(try scratch.text("plots/\(name)"))
      #expect(picture.viewBox.count == 4 && picture.elements.first?.name == "svg")
      for element in picture.elements {
        #expect(element.attributes["href"] == nil && element.attributes["src"] == nil)
      }
    }
  }

  @Test("several reports make one picture: a line each, or a bar each")
  func comparison() throws {
    let scratch = try Scratch()
    let one = try TableTests.report("a.json", in: scratch, "--eps", "0.05", "--radii", "all")
    let two = try TableTests.report(
      "b.json", in: scratch, model: Command.digits("conv-robust.onnx"), "--eps", "0.05", "--radii",
      "all")
    let lines = try PlaneTests.Picture(try Command.run("plot", one, two).output)
    #expect(lines.words.contains("conv-ordinary.onnx (50)"))
    #expect(lines.words.contains("conv-robust.onnx (50)"))
    let bars = try PlaneTests.Picture(try Command.run("plot", one, two, "--kind", "errors").output)
    #expect(bars.words.contains("at least") && bars.count("certified") == 3)
    let none = try TableTests.report("c.json", in: scratch, "--eps", "0.05")
    let refused = try Command.run("plot", one, none, "--kind", "radii")
    #expect(
      refused.status == 65 && refused.errors.contains("no radii; expected"), "\(refused.errors)")
  }

  @Test("classes without an example have no row, and a line says how many")
  func absentClasses() throws {
    let scratch = try Scratch()
    let path = scratch.path("report.json")
    let run = try Command.run(
      Command.digits("conv-robust.onnx"), "--data", Command.images, "--eps", "0.05", "--limit", "4",
      "--radii", "off", "--quiet", "-o", path)
    #expect(run.status == 0, "\(run.errors)")
    let report = try Command.report(try scratch.text("report.json"))
    let classes = try #require(report["summary"]?["per_class"]?.elements)
    let present = classes.filter { $0["examples"]?.int != 0 }.compactMap { $0["class"]?.int }
    #expect(present.count < 5 && classes.count == 10)
    let (text, page) = try Self.page(path)
    page.checkIsAlone()
    page.checkIsAccessible()
    let heads = page.all("th").filter { $0.attributes["scope"] == "row" }.map(\.text)
    #expect(heads.filter { $0.hasPrefix("class ") } == present.map { "class \($0)" })
    #expect(heads.compactMap { Int($0) } == present, "\(text)")
    #expect(page.words.contains("\(10 - present.count) classes have no example here, and no row."))
  }

  @Test("a counterexample that is the example's own picture gets no picture of a difference")
  func noDifference() throws {
    let scratch = try Scratch()
    let path = try Self.report(in: scratch)
    let arguments = [
      path, "--data", Command.images, "--counterexamples", scratch.path("points.npy"),
      "--examples", "3",
    ]
    func captions() throws -> [String] {
      let outcome = try Command.run(Command.program, ["report"] + arguments)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let page = try PageDocument(outcome.output)
      let pictures = page.all("figcaption").map(\.text)
      return pictures + page.all("p").map(\.text).filter { $0.hasPrefix("The difference is ") }
    }
    let drawn = try captions().filter { $0.contains("difference") }
    // eps is 0.05, and points lie on its sphere.
    #expect(
      drawn.sorted() == Array(repeating: "The difference is up to about 0.05.", count: 3)
        + Array(repeating: "difference", count: 3), "\(drawn)")
    // The points become the examples themselves.
    let report = try Command.report(try scratch.text("report.json"))
    let falsified = try #require(report["certificates"]).elements.filter {
      $0["verdict"]?.string == "falsified"
    }.compactMap { $0["index"]?.int }
    let stored = Array(try Data(contentsOf: URL(filePath: Command.images)).dropFirst(16))
    var points = try Data(contentsOf: scratch.file("points.npy"))
    let size = points.count - falsified.count * 64 * 4
    #expect(size >= 64)
    points.removeLast(points.count - size)
    for index in falsified {
      for pixel in stored[index * 64..<(index + 1) * 64] {
        withUnsafeBytes(of: Float(Double(pixel) / 255).bitPattern.littleEndian) { points += $0 }
      }
    }
    try points.write(to: scratch.file("points.npy"))
    let same = try captions()
    #expect(same.contains("counterexample") && !same.contains { $0.contains("difference") })
  }
}

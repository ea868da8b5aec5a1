import Foundation
import ReportTestSupport
import Testing

/// Linear machines of support vectors as skl2onnx writes them.
@Suite struct SupportVectorRunTests {
  @Test("a machine of support vectors is certified by its label, and its scores by their name")
  func supportVectors() throws {
    let scratch = try Scratch()
    let model = Command.package.appending(
      path: "fixtures/zoo/accepted/others-sklearn-vectors-classifier.onnx"
    ).path
    let both = try Command.run("inspect", model)
    #expect(
      both.status == 0
        && both.output.contains(
          "output 'probabilities' left out: its larger score is not that of the class that output 'label'"
            + " says")
    )
    // scikit-learn: class 1 where the decision function, the second score times -1, is above 0.
    try Data("0.5,1.5,-0.25,2,1,3\n-1,0.5,2,-3,0.25,-2".utf8).write(to: scratch.file("x.csv"))
    func certificates(_ more: String...) throws -> [JSONText] {
      let report = try Command.run(
        Command.program,
        [model, "--data", "x.csv", "--eps", "0.001", "--label-column", "none", "--radii", "off"]
          + more, in: scratch.folder)
      return try Command.report(report.output)["certificates"]?.elements ?? []
    }
    let (label, scores) = (
      try certificates("--output-name", "label"), try certificates("--output-name", "probabilities")
    )
    #expect(label.count == 2 && scores.count == 2)
    for (one, other) in zip(label, scores) {
      let (first, second) = (one["prediction"]?.int ?? -1, other["prediction"]?.int ?? -1)
      #expect(first + second == 1)
    }
    let named = try Command.run("inspect", model, "--output-name", "probabilities")
    #expect(
      named.output.contains("of its two scores the larger is not that of its class"), "\(named)")
  }
}

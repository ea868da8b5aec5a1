import Certification
import Foundation
import Testing

@testable import certify

@Suite struct ExactScaleTests {
  /// A scale as a fraction, and whether each pixel times it is a binary64.
  static let scales = [("1", 1), ("1/255", 255), ("1/3", 3), ("0.1", 10), ("1/256", 256)]

  @Test("examples count as exact only where every product with the scale is", arguments: scales)
  func exactness(text: String, divisor: Int) throws {
    let command = try RunCommand.parse([
      Command.digits("conv-robust.onnx"), "--data", Command.images, "--eps", "2", "--scale", text,
      "--accept-units",
    ])
    let source = ExampleSource(try RunInputs(RunPlan(command)))
    var features = [Double](repeating: 0, count: source.featureCount)
    features.withUnsafeMutableBufferPointer { source.copyFeatures(0, $0) }
    // A product that is one, times the divisor, is a whole number without any rounding.
    let isExact = features.allSatisfy { feature in
      let product = feature * Double(divisor)
      return product == product.rounded() && (-product).addingProduct(feature, Double(divisor)) == 0
    }
    #expect(features.contains { $0 != 0 })
    #expect(isExact == [1, 256].contains(divisor), "the test's own data")
    #expect(isExact || !source.isExact)
    if divisor == 1 { #expect(source.isExact) }
  }
}

import Certification
import Commands
import Foundation
import Testing

@Suite struct ExactScaleTests {
  /// A scale as a fraction, and whether each pixel times it is a binary64.
  static let scales = [("1", 1), ("1/255", 255), ("1/3", 3), ("0.1", 10), ("1/256", 256)]

  @Test("examples count as exact only where every product with the scale is", arguments: scales)
  func exactness(text: String, divisor: Int) throws {
    let (source, _) = try engineQuestion([
      Command.digits("conv-robust.onnx"), "--data", Command.images, "--eps", "2", "--scale", text,
      "--accept-units",
    ])
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

  @Test("balls are those of the epsilons as typed, between the binary64 numbers next to them")
  func epsilons() throws {
    let typed: [(text: String, over: Double, under: Double)] = [
      ("0.1", 1, 10), ("0.3", 3, 10), ("0.7", 7, 10), ("1/3", 1, 3), ("8/255", 8, 255),
      ("0.5", 1, 2), ("1.1", 11, 10),
    ]
    let (_, options) = try engineQuestion([
      Command.digits("conv-robust.onnx"), "--data", Command.images, "--accept-units",
      "--eps", typed.map(\.text).joined(separator: ","), "--clip", "0.1:255.3",
    ])
    #expect(options.epsilons.map(\.text) == typed.map(\.text))
    for (epsilon, exact) in zip(options.epsilons, typed) {
      // The sign of a fused operation is that of the exact result.
      func compared(_ value: Double) -> Double { (-exact.over).addingProduct(value, exact.under) }
      #expect(compared(epsilon.upper) >= 0 && compared(epsilon.lower) <= 0, "\(exact.text)")
      #expect(compared(epsilon.upper.nextDown) < 0 && compared(epsilon.lower.nextUp) > 0)
      #expect([epsilon.lower, epsilon.upper].contains(epsilon.nearest))
    }
    // The domain, outward for what is certified and inward for counterexamples.
    let domain = try #require(options.domain)
    for (lower, upper) in [(domain.lower, domain.inner.lower), (domain.inner.upper, domain.upper)] {
      #expect(lower < upper && upper == lower.nextUp)
    }
    for (below, above, tenfold) in [
      (domain.lower, domain.inner.lower, 1.0), (domain.inner.upper, domain.upper, 2553),
    ] {
      #expect((-tenfold).addingProduct(below, 10) < 0 && (-tenfold).addingProduct(above, 10) > 0)
    }
  }
}

import CertificateRecords
import Certification
import DualBounds
import Numbers
import ReLUChain
import ReferenceSupport
import TestSupport
import Testing

/// The networks trained on 8x8 digits, against onnxruntime, NumPy and the paper's own package.
@Suite struct DigitsTests {
  @Test(
    "logits of every form are those of onnxruntime and, far closer, of binary64",
    arguments: DigitsReference.names, DigitsReference.forms)
  func logits(name: String, form: String) throws {
    let digits = try DigitsReference(name, form: form)
    #expect(digits.truth.labels == digits.indices.map(digits.examples.label))
    for index in digits.indices {
      let logits = digits.chain.logits(of: digits.examples.scaled.features(of: index))
      let single = Disagreement(logits, digits.truth.singleLogits[index], within: .single)
      #expect(single == nil, "example \(index), binary32")
      let double = Disagreement(logits, digits.truth.doubleLogits[index], within: .summation)
      #expect(double == nil, "example \(index), binary64")
    }
  }

  @Test("all four forms of a network are the same chain", arguments: DigitsReference.names)
  func forms(name: String) throws {
    let chains = try DigitsReference.forms.map { form in
      try chain(at: "\(Place.fixtures)/digits/\(name)\(form)")
    }
    let first = chains[0].stages.flatMap(\.operators).map(\.numbers)
    #expect(first.count == chains[0].stages.count, "one operator a stage")
    for other in chains {
      #expect(other.inputShape == chains[0].inputShape)
      #expect(other.hiddenUnits == chains[0].hiddenUnits)
      #expect(other.stages.flatMap(\.operators).map(\.numbers) == first)
    }
  }

  @Test("margins and robust losses are the paper's package's", arguments: DigitsReference.names)
  func margins(name: String) throws {
    let digits = try DigitsReference(name)
    let cases = digits.truth.cases
    #expect(cases.map(\.norm) == ["linf", "linf", "linf", "l2"])
    for truth in cases {
      let options = CertificationOptions(
        epsilons: [try Numeral("\(truth.epsilon)")],
        shape: .norm(try #require(Norm(rawValue: truth.norm))), domain: truth.domain, threads: 2)
      let certificates = try digits.certificates(options)[0]
      for (index, certificate) in certificates.enumerated() {
        let place = "eps \(truth.epsilon), example \(index)"
        let margins = Disagreement(certificate.margins, truth.margins[index], within: .double)
        #expect(margins == nil, "\(place)")
        let loss = Disagreement(
          [certificate.robustLoss ?? .nan], [truth.robustLoss[index]], within: .double)
        #expect(loss == nil, "\(place), loss")
      }
    }
  }

  @Test(
    "with a row for every unit, every bound and unstable count is the paper's package's",
    arguments: DigitsReference.names)
  func bounds(name: String) throws {
    let digits = try DigitsReference(name)
    let problem = BoundProblem(digits.chain, computesEveryRow: true)
    let workspace = BoundWorkspace(problem)
    for truth in digits.truth.cases {
      for (index, layers) in truth.bounds.enumerated() {
        let box = digits.examples.ball(
          index, truth.epsilon, clip: truth.domain.map { $0.lower...$0.upper })
        let exact = Ball(
          center: box.center, radius: box.center.map { _ in 0 }, norm: .l2, extent: truth.epsilon)
        let ball = truth.norm == "l2" ? exact : box
        let label = digits.examples.label(index)
        let known = workspace.bounds(over: ball, specificationClass: label)
        let found = known.relaxation.preActivationBounds()
        #expect(found.count == layers.count)
        #expect(known.margins.unstable == layers.map(\.unstable))
        for (layer, (bounds, expected)) in zip(found, layers).enumerated() {
          let place = "eps \(truth.epsilon), example \(index), layer \(layer)"
          let lower = Disagreement(bounds.lower, expected.lower, within: .double)
          let upper = Disagreement(bounds.upper, expected.upper, within: .double)
          #expect(lower == nil && upper == nil, "\(place)")
        }
      }
    }
  }

  @Test(
    "deciding stable units by intervals changes neither margins nor unstable counts here",
    arguments: DigitsReference.names)
  func intervals(name: String) throws {
    let digits = try DigitsReference(name)
    let workspaces = [false, true].map {
      BoundWorkspace(BoundProblem(digits.chain, computesEveryRow: $0))
    }
    for index in digits.indices {
      let (ball, label) = (digits.examples.ball(index, 0.05), digits.examples.label(index))
      let found = workspaces.map { $0.margins(over: ball, specificationClass: label) }
      #expect(found[0].unstable == found[1].unstable, "example \(index)")
      let margins = Disagreement(found[0].margins, found[1].margins, within: .double)
      #expect(margins == nil, "example \(index)")
    }
  }
}

extension Tolerance {
  /// Sums of up to 100 products of this size, each rounded to binary64.
  fileprivate static let summation = Tolerance(absolute: 1e-12, relative: 1e-12)
}

/// The numbers of an operator, whatever its file calls it.
struct OperatorNumbers: Equatable {
  var sizes: [Int]
  var weights: [Double]
  var bias: [Double]
}

extension LinearOperator {
  fileprivate var numbers: OperatorNumbers {
    switch kind {
    case .dense(let dense):
      OperatorNumbers(
        sizes: [inputCount, outputCount], weights: dense.weights, bias: dense.bias)
    case .convolution(let c):
      OperatorNumbers(
        sizes: inputShape + outputShape + [
          c.kernelHeight, c.kernelWidth, c.strideY, c.strideX, c.padTop, c.padLeft, c.dilationY,
          c.dilationX, c.groups, c.uncertainty == .none ? 0 : 1,
        ], weights: c.weights, bias: c.bias)
    case .scaling(let scaling):
      OperatorNumbers(sizes: [], weights: scaling.scale, bias: scaling.shift)
    case .selection(let selection):
      OperatorNumbers(sizes: selection.source, weights: [], bias: selection.constant)
    }
  }
}

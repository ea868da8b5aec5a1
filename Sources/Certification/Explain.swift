import CertificateRecords
import DualBounds
import ReLUChain

/// Explains a certificate: bounds its ball once more, and keeps what was learned on the way.
///
/// - Parameters:
///   - certificate: of the first epsilon of the options.
///   - source: has the certificate's example.
public func explain(
  _ certificate: Certificate, chain: ReLUChain, source: ExampleSource,
  options: CertificationOptions
) -> Explanation {
  Explainer(certificate, chain, source, options).explanation()
}

private struct Explainer {
  private let certificate: Certificate
  private let chain: ReLUChain
  private let options: CertificationOptions
  private let features: [Double]
  private let example: ExampleBall
  private let ball: Ball

  init(
    _ certificate: Certificate, _ chain: ReLUChain, _ source: ExampleSource,
    _ options: CertificationOptions
  ) {
    self.certificate = certificate
    self.chain = chain
    self.options = options
    var features = [Double](repeating: 0, count: source.featureCount)
    features.withUnsafeMutableBufferPointer { source.copyFeatures(certificate.index, $0) }
    self.features = features
    example = ExampleBall(
      center: features, isExact: source.isExact, arithmetic: options.arithmetic,
      domain: options.domain, shape: options.shape, wholeNumbers: source.wholeNumbers)
    ball = options.epsilons.first.map(example.ball) ?? example.ball(0)
  }

  private func workspace(everyRow: Bool) -> BoundWorkspace {
    let problem = BoundProblem(
      chain, arithmetic: options.arithmetic, wideSums: options.wideSums,
      computesEveryRow: everyRow)
    return BoundWorkspace(problem, rowsPerBlock: options.rowsPerBlock)
  }

  func explanation() -> Explanation {
    let own = certificate.specificationClass
    let workspace = workspace(everyRow: options.computesEveryRow)
    let alone = workspace.margins(over: example.ball(0), specificationClass: own).margins
    let rows = rows(alone)
    let bounds = workspace.bounds(over: ball, specificationClass: own)
    let margins = bounds.margins.margins
    let worst = rows.first.flatMap { margins[$0.classIndex].isFinite ? $0.classIndex : nil }
    let coefficients = worst.flatMap {
      workspace.inputCoefficients(bounds.relaxation, of: own, against: $0)
    }
    let deciding = decidingBounds(workspace, bounds)
    return Explanation(
      certificate: certificate,
      inputWidth: 2 * (ball.radius.reduce(0, +) / Double(max(1, ball.radius.count)) + ball.extent),
      layers: layers(deciding), rows: rows, features: coefficients.map(ranked) ?? [],
      parallelMargin: worst.map { margins[$0] })
  }

  /// The bounds of layers that the certificate's run ended with.
  private func decidingBounds(
    _ workspace: BoundWorkspace, _ parallel: BallBounds
  ) -> [PreActivationBounds] {
    let slopes: Slopes =
      switch options.slopes {
      case .fixed(let slopes): slopes
      case .auto: parallel.margins.unstable == certificate.unstable ? .parallel : .optimized
      }
    var deciding = parallel
    workspace.tighten(&deciding, to: slopes, untilCertified: options.slopes == .auto)
    return deciding.relaxation.preActivationBounds()
  }

  /// Units that intervals show stable need have no row in a run, and interval bounds are wide: here
  /// every unit gets its row, with parallel slopes, so that widths can be compared.
  private func layers(_ deciding: [PreActivationBounds]) -> [Explanation.Layer] {
    let every = workspace(everyRow: true).relaxation(over: ball).preActivationBounds()
    return zip(deciding, every).map { bounds, rows in
      Explanation.Layer(
        bounds: (bounds.lower, bounds.upper), rows: (rows.lower, rows.upper))
    }
  }

  private func rows(_ alone: [Double]) -> [Explanation.Row] {
    let margins = certificate.margins
    let rows = margins.indices.filter { $0 != certificate.specificationClass }.map {
      Explanation.Row(
        classIndex: $0, margin: margins[$0].isNaN ? -.infinity : margins[$0],
        marginAtExample: alone[$0])
    }
    return rows.sorted { ($0.margin, $0.classIndex) < ($1.margin, $1.classIndex) }
  }

  private func ranked(_ coefficients: [Double]) -> [Explanation.Feature] {
    let largest = coefficients.reduce(0) { max($0, $1.magnitude) }
    let length = coefficients.reduce(0) { $0 + $1 * $1 }.squareRoot()
    /// How far the feature moves in the point of the ball that the row likes least.
    func move(_ index: Int) -> Double {
      let size = coefficients[index].magnitude
      return switch ball.norm {
      case .linf: ball.radius[index]
      case .l2: ball.radius[index] + (length > 0 ? ball.extent * size / length : 0)
      case .l1: ball.radius[index] + (size == largest ? ball.extent : 0)
      }
    }
    let all = features.indices.map { index in
      Explanation.Feature(
        index: index, value: features[index], coefficient: coefficients[index],
        contribution: coefficients[index].magnitude * move(index))
    }
    return all.sorted { (-$0.contribution, $0.index) < (-$1.contribution, $1.index) }
  }
}

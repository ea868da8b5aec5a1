import ChainImport
import DualBounds
import NetworkGraph
import ReLUChain
import TestSupport

/// What the engine says of a graph's last value over a box, from the graph on: chain, charges, bounds.
struct GraphBounds {
  private let bounds: PreActivationBounds
  /// Whether bounding came to an end.
  let isKnown: Bool

  /// - Parameters:
  ///   - radius: of the box around the point, in every feature.
  ///   - deployed: the type that the file is read for, where it is not the file's own.
  init(
    of maker: NetworkMaker, at point: [Double], radius: Double = 0,
    _ arithmetic: Arithmetic = .real, wideSums: Bool = true, deployed: ElementType? = nil
  ) throws {
    // A ReLU behind it makes it a hidden layer, whose bounds are kept. What cannot be negative would lose
    // that ReLU again; two negations, exact in every arithmetic, hide it.
    var maker = maker
    maker.then("Neg")
    maker.then("Neg")
    let target = maker.integers([1, -1])
    maker.then("Reshape", [target])
    maker.then("Relu")
    // One score between 0 and 1 would be refused as a probability.
    maker.then("Neg")
    let chain = try ReLUChain(validating: maker.finished, deployed: deployed)
    let workspace = BoundWorkspace(
      BoundProblem(chain, arithmetic: arithmetic, wideSums: wideSums))
    let known = workspace.bounds(
      over: Ball(center: point, radius: point.map { _ in radius }), specificationClass: 0)
    let margins = known.margins.margins
    bounds =
      known.relaxation.preActivationBounds().last ?? PreActivationBounds(lower: [], upper: [])
    // Where bounding failed nothing is known of any unit.
    isKnown = margins.dropFirst().allSatisfy(\.isFinite)
  }

  /// Whether a value that one unit takes lies within its bounds.
  func contain(_ value: Rational, unit: Int = 0) -> Bool {
    !isKnown
      || Rational.isLower(bounds.lower[unit], than: value)
        && Rational.isUpper(bounds.upper[unit], than: value)
  }

  /// Whether they say more than nothing: the distance of a unit's ends is below `width`.
  func areNarrower(than width: Double, unit: Int = 0) -> Bool {
    isKnown && bounds.upper[unit] - bounds.lower[unit] < width
  }
}

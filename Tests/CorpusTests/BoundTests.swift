import DualBounds
import ReferenceSupport
import Testing

/// Every pre-activation bound of Algorithm 1 on the paper's MNIST network.
@Suite(.enabled(if: Place.corpus != nil, "\(Place.noCorpus)"))
struct BoundTests {
  @Test("with a row for every unit, every bound of every layer is the truth's")
  func everyBound() throws {
    let network = try CorpusNetwork("mnist")
    let workspace = BoundWorkspace(BoundProblem(network.chain, computesEveryRow: true))
    let truth = try decoded(
      [Entry].self, from: Corpus.path("truth/mnist-bounds-linf-0.1.json.gz"))
    #expect(truth.map(\.index) == [0, 8])
    for entry in truth {
      let known = workspace.bounds(
        over: network.examples.ball(entry.index, entry.epsilon),
        specificationClass: network.examples.label(entry.index))
      let found = known.relaxation.preActivationBounds()
      #expect(found.map(\.lower.count) == [3136, 1568, 100])
      #expect(known.margins.unstable == entry.layers.map(\.unstable))
      for (layer, (bounds, expected)) in zip(found, entry.layers).enumerated() {
        let lower = Disagreement(bounds.lower, expected.lower, within: .printed)
        let upper = Disagreement(bounds.upper, expected.upper, within: .printed)
        #expect(lower == nil && upper == nil, "example \(entry.index), layer \(layer)")
      }
    }
  }

  private struct Entry: Decodable {
    var index: Int
    var epsilon: Double
    var layers: [ReferenceBounds]
  }
}

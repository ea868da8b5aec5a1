import DataFiles
import FileAccess
import Foundation
import Testing

private let corpus = ProcessInfo.processInfo.environment["CERTIFY_CORPUS"]

/// Real data sets, where the environment names them.
@Suite(.enabled(if: corpus != nil)) struct CorpusTests {
  @Test(
    "real data sets load with their counts and shapes, and find their labels",
    arguments: [
      ("data/mnist-t10k-images-idx3-ubyte.gz", 10000, [28, 28]),
      ("data/fashion-t10k-images-idx3-ubyte.gz", 10000, [28, 28]),
      ("data/cifar10-test-first1000-images-idx4-ubyte.gz", 1000, [3, 32, 32]),
      ("vnncomp/mnistfc-eps0.03-images-idx3-float.gz", 15, [28, 28]),
      ("vnncomp/mnistfc-eps0.05-images-idx3-float.gz", 15, [28, 28]),
    ] as [(String, Int, [Int])])
  func loads(name: String, count: Int, shape: [Int]) throws {
    let path = try #require(corpus) + "/" + name
    let data = try Dataset.read(path: path)
    #expect(data.count == count && data.itemShape == shape)
    let scaled = try ScaledDataset(data)
    let values = scaled.features(of: count - 1)
    // The vnncomp centres were recovered from boxes in binary32: some lie 1e-8 below 0.
    #expect(values.allSatisfy { -2e-8 <= $0 && $0 <= 1 } && values.contains { $0 > 0.5 })
    let labelPath = try #require(Labels.siblingPath(of: path))
    let labels = try Labels.read(path: labelPath, count: count, dataPath: path)
    try labels.check(classCount: 10)
    #expect(Set(labels.values).count == (count > 15 ? 10 : Set(labels.values).count))
  }
}

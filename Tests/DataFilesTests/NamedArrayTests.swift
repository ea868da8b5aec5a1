import DataFiles
import FileAccess
import Foundation
import Testing

@Suite struct NamedArrayTests {
  static let parity = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "fixtures/parity")

  @Test("every array of an NPZ is read by its name, slashes included, and an NPY has none")
  func names() throws {
    let arrays = try NamedArray.all(in: Self.parity.appending(path: "values.npz").path)
    #expect(arrays.map(\.name).contains("/2/Conv_output_0"))
    #expect(arrays.allSatisfy { $0.items.count == 12 })
    let convolution = try #require(arrays.first { $0.name == "/2/Conv_output_0" })
    #expect(convolution.items.itemShape == [12, 4, 4])
    let single = try NamedArray.all(in: Self.parity.appending(path: "logits.npy").path)
    #expect(single.count == 1 && single[0].name == nil && single[0].items.itemShape == [10])
  }

  @Test("binary64 arrays are read back as they were written", arguments: ArrayFile.allCases)
  func written(form: ArrayFile) throws {
    let values = [0.1, -2.5e-300, 1 / 3.0, 4, 1e300, -0.0]
    let folder = try TemporaryFolder()
    let bytes = form.header(.float64, shape: [2, 3]) + form.bytes(of: values)
    let path = try folder.write("a.\(form.rawValue)", bytes)
    let data = try Dataset.read(path: path)
    #expect(data.elementType == .float64 && data.count == 2)
    #expect(data.features(of: 0) + data.features(of: 1) == values)
  }
}

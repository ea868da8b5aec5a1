import DataFiles
import FileAccess
import Testing

@Suite struct LayoutTests {
  private func permutation(
    _ item: [Int], _ layout: Layout?, _ network: [Int]
  ) throws -> [Int]? {
    try Layout.permutation(from: item, layout: layout, to: network, file: "data")
  }

  @Test("shapes that mean the same order fit without a layout")
  func sameOrder() throws {
    for network in [
      [1, 28, 28], [784], [784, 1], [1, 784, 1], [28, 28], [28, 28, 1], [1, 1, 784],
    ] {
      #expect(try permutation([28, 28], nil, network) == nil)
      #expect(try permutation(network, nil, [28, 28]) == nil)
    }
    #expect(try permutation([3, 1024], nil, [3, 32, 32]) == nil)
    #expect(try permutation([1], nil, [1]) == nil)
    #expect(try permutation([1], nil, []) == nil)
  }

  @Test("shapes that do not fit are refused with both")
  func refuses() throws {
    #expect(
      throws: InputError(
        file: "data", found: "items of shape [28, 28] (784 features)",
        expected: "[3, 32, 32] (3072 features), the network's input")
    ) {
      try permutation([28, 28], nil, [3, 32, 32])
    }
    let transposed = #expect(throws: InputError.self) {
      try permutation([32, 32, 3], nil, [3, 32, 32])
    }
    #expect(transposed?.remedy.contains("--layout") == true)
    #expect(throws: InputError.self) { try permutation([32, 96], nil, [3, 32, 32]) }
    #expect(throws: InputError.self) { try permutation([784], .nhwc, [784]) }
    #expect(throws: InputError.self) { try permutation([2, 3, 4, 5], .nchw, [120]) }
  }

  @Test("a layout finds every value at the place where the network reads it")
  func permutes() throws {
    let (channels, rows, columns) = (2, 3, 4)
    // Each value names its own place.
    func value(_ c: Int, _ h: Int, _ w: Int) -> Int { 100 * c + 10 * h + w }
    var chw: [Int] = []
    var hwc: [Int] = []
    var cwh: [Int] = []
    for c in 0..<channels {
      for h in 0..<rows { for w in 0..<columns { chw.append(value(c, h, w)) } }
      for w in 0..<columns { for h in 0..<rows { cwh.append(value(c, h, w)) } }
    }
    for h in 0..<rows {
      for w in 0..<columns { for c in 0..<channels { hwc.append(value(c, h, w)) } }
    }
    let data: [(Layout, [Int], [Int])] = [
      (.nchw, [2, 3, 4], chw), (.nhwc, [3, 4, 2], hwc), (.ncwh, [2, 4, 3], cwh),
    ]
    let networks = [([2, 3, 4], chw), ([3, 4, 2], hwc), ([24], chw), ([1, 24, 1], chw)]
    for (layout, itemShape, items) in data {
      for (networkShape, expected) in networks {
        let order = try permutation(itemShape, layout, networkShape)
        #expect((order ?? Array(0..<24)).map { items[$0] } == expected, "\(layout) \(networkShape)")
        #expect((order == nil) == (items == expected))
      }
      let flat = try permutation([24], layout, [2, 3, 4])
      #expect((flat ?? Array(0..<24)).map { items[$0] } == chw)
    }
    #expect(try permutation([28, 28], .nhwc, [1, 28, 28]) == nil)
    // Both agree on rows, columns, channels, odd as the numbers look.
    #expect(try permutation([3, 32, 32], .nhwc, [3, 32, 32]) == nil)
    #expect(try permutation([3, 3], .ncwh, [1, 3, 3]) == [0, 3, 6, 1, 4, 7, 2, 5, 8])
  }

  @Test("a reordered data set hands out its values in the new order")
  func reorders() throws {
    let folder = try TemporaryFolder()
    let data = try Dataset.read(
      path: folder.write("data", idx(0x08, [2, 1, 2, 3], Array(0..<12))))
    let order = try #require(try permutation([1, 2, 3], .nhwc, [3, 1, 2]))
    let turned = data.reordered(order, itemShape: [3, 1, 2])
    #expect(turned.itemShape == [3, 1, 2])
    #expect(turned.features(of: 1) == [6, 9, 7, 10, 8, 11])
    let back = turned.reordered([0, 2, 4, 1, 3, 5], itemShape: [1, 2, 3])
    #expect(back.features(of: 1) == data.features(of: 1))
  }
}

import DataFiles
import FileAccess
import Testing

@Suite struct LayoutTests {
  private func permutation(
    _ item: [Int], _ layout: Layout?, _ network: [Int], channels: Int? = nil
  ) throws -> [Int]? {
    try Layout.permutation(
      from: item, layout: layout, to: network, channels: channels, file: "data")
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
      // Two channels of 3 x 4, or four of 2 x 3: who knows the number of channels knows which.
      for (networkShape, expected) in networks.prefix(2) {
        let flat = try permutation([24], layout, networkShape, channels: 2)
        #expect((flat ?? Array(0..<24)).map { items[$0] } == expected, "\(layout) \(networkShape)")
      }
      for networkShape in [[2, 3, 4], [3, 4, 2], [1, 2, 3, 4]] {
        let refused = #expect(throws: InputError.self) {
          try permutation([24], layout, networkShape)
        }
        #expect(refused?.found.contains("its channels first or last") == true)
      }
    }
    #expect(try permutation([28, 28], .nhwc, [1, 28, 28]) == nil)
    // Both agree on rows, columns, channels, odd as the numbers look.
    #expect(try permutation([3, 32, 32], .nhwc, [3, 32, 32]) == nil)
    #expect(try permutation([3, 3], .ncwh, [1, 3, 3]) == [0, 3, 6, 1, 4, 7, 2, 5, 8])
  }

  @Test("flat items go where the network has its channels, first or last, or are refused")
  func flat() throws {
    // Two pixels beside each other in two rows, of three channels: c of pixel p is 10 c + p.
    let (chw, hwc) = (
      [0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23], [0, 10, 20, 1, 11, 21, 2, 12, 22, 3, 13, 23]
    )
    for (network, expected) in [([3, 2, 2], chw), ([2, 2, 3], hwc)] {
      for (layout, items) in [(Layout.nchw, chw), (.nhwc, hwc)] {
        let order = try permutation([12], layout, network)
        #expect((order ?? Array(0..<12)).map { items[$0] } == expected, "\(layout) \(network)")
      }
    }
    for network in [[3, 32, 32], [1, 28, 28], [3, 48, 64], [2, 16, 16], [28, 28]] {
      let count = network.reduce(1, *)
      #expect(try permutation([count], .nchw, network) == nil, "\(network)")
    }
    for network in [[32, 32, 3], [28, 28, 1], [48, 64, 3], [1, 16, 16, 2]] {
      let count = network.reduce(1, *)
      #expect(try permutation([count], .nhwc, network) == nil, "\(network)")
    }
    for network in [[3, 48, 3], [4, 8, 3], [16, 48, 64], [3, 3, 3], [6, 4, 4]] {
      let count = network.reduce(1, *)
      #expect(throws: InputError.self) { try permutation([count], .nhwc, network) }
    }
    // A number of channels that both sides have says nothing.
    #expect(throws: InputError.self) { try permutation([144 * 3], .nhwc, [3, 48, 3], channels: 3) }
    // One channel has one order, by rows or by columns.
    #expect(try permutation([6], .nhwc, [2, 3]) == nil)
    #expect(try permutation([6], .ncwh, [2, 3]) == [0, 2, 4, 1, 3, 5])
  }

  @Test("pictures without an axis of channels have one channel, wherever the layout has it")
  func oneChannel() throws {
    for network in [[6], [1, 2, 3], [2, 3, 1], [2, 3]] {
      for layout in [Layout.nchw, .nhwc] {
        #expect(try permutation([2, 3], layout, network) == nil)
      }
      #expect(try permutation([3, 2], .ncwh, network) == [0, 2, 4, 1, 3, 5])
    }
    // As many channels as rows and columns: nobody says which are which.
    #expect(throws: InputError.self) { try permutation([3, 3, 3], .nhwc, [3, 3, 3]) }
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

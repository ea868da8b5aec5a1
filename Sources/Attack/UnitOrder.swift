import ReLUChain

/// How the units of one layer lie in memory: as kernels keep them, each position padded.
struct UnitOrder: Equatable, Sendable {
  let layout: UnitLayout
  /// From one position to the next: the channels, or more where whole vectors are written.
  let stride: Int

  /// The number of entries in memory.
  var extent: Int { layout.positions * stride }

  /// Where a unit of the file lies.
  func place(_ unit: Int) -> Int { unit % layout.positions * stride + unit / layout.positions }

  /// Where a unit lies, by the kernels' number.
  func place(physical unit: Int) -> Int { unit / layout.channels * stride + unit % layout.channels }
}

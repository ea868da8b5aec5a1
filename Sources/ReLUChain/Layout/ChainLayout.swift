/// A chain as kernels see it: layers of units, each with its layout, and the step that leads from one
/// to the next. Bounds, gradients and what both take in memory are made from the same layout.
///
/// Layers are numbered from the input, 0; step `i` leads from layer `i` to layer `i + 1`. Beside the
/// chain's operators there are steps that only change the order of units, in front of a convolution
/// that wants another one.
package struct ChainLayout: Sendable {
  /// What a step computes.
  package enum Map: Sendable {
    /// A full matrix.
    case dense(Dense)
    /// A convolution without groups.
    case convolution(Convolution)
    /// Anything of which an output reads few units.
    case sparse(SparseMap)
  }

  /// What is written out row by row, as `SparseRows`.
  package enum SparseMap: Sendable {
    /// A convolution with groups: few channels read few channels, and windows read windows.
    case grouped(Convolution)
    /// Every unit for itself.
    case scaling(Scaling)
    /// Copies of units, and constants.
    case selection(Selection)
    /// Another order of the same units.
    case rearrangement
  }

  /// One step, and the layer that it leads to.
  package struct Step: Sendable {
    /// What it computes.
    package var map: Map
    /// The layouts of the layers below and above.
    package var input, output: UnitLayout
    /// The stage and the operator of the chain; nil for a rearrangement.
    package var place: (stage: Int, operator: Int)?
    /// Whether the layer above carries a ReLU.
    package var isReLU = false
  }

  /// The layout of the input.
  package let input: UnitLayout
  /// In order of evaluation.
  package let steps: [Step]

  /// Lays a chain out.
  package init(_ chain: ReLUChain) {
    let all = chain.stages.flatMap(\.operators)
    input = Self.demanded(by: all[...], count: chain.inputCount)
    var steps: [Step] = []
    var (below, next) = (input, 0)
    for (index, stage) in chain.stages.enumerated() {
      for (place, linear) in stage.operators.enumerated() {
        next += 1
        for step in Self.steps(linear, from: below, followedBy: all[next...]) {
          steps.append(step)
          below = step.output
        }
        steps[steps.count - 1].place = (index, place)
      }
      if !steps.isEmpty { steps[steps.count - 1].isReLU = index + 1 < chain.stages.count }
    }
    self.steps = steps
  }

  /// The layouts of all layers, the input first.
  package var layouts: [UnitLayout] { [input] + steps.map(\.output) }

  /// The layout that the next operator which cares wants of its input.
  private static func demanded(by operators: ArraySlice<LinearOperator>, count: Int) -> UnitLayout {
    for linear in operators {
      switch linear.kind {
      case .scaling: continue
      case .convolution(let c): return c.inputLayout
      default: return .flat(count)
      }
    }
    return .flat(count)
  }

  private static func steps(
    _ linear: LinearOperator, from input: UnitLayout, followedBy rest: ArraySlice<LinearOperator>
  ) -> [Step] {
    switch linear.kind {
    case .dense(let dense):
      return [Step(map: .dense(dense), input: input, output: .flat(linear.outputCount))]
    case .convolution(let c):
      let map = c.groups == 1 ? Map.convolution(c) : .sparse(.grouped(c))
      let step = Step(map: map, input: c.inputLayout, output: c.outputLayout)
      guard input != c.inputLayout else { return [step] }
      return [Step(map: .sparse(.rearrangement), input: input, output: c.inputLayout), step]
    case .scaling(let scaling):
      return [Step(map: .sparse(.scaling(scaling)), input: input, output: input)]
    case .selection(let selection):
      let output = demanded(by: rest, count: linear.outputCount)
      return [Step(map: .sparse(.selection(selection)), input: input, output: output)]
    }
  }
}

extension Convolution {
  /// What it reads and what it writes, as kernels keep them.
  package var inputLayout: UnitLayout {
    UnitLayout(channels: inputChannels, height: inputHeight, width: inputWidth)
  }

  package var outputLayout: UnitLayout {
    UnitLayout(channels: outputChannels, height: outputHeight, width: outputWidth)
  }

  /// The size of its kernel with the gaps of a dilation written out with zeros.
  package var reach: (height: Int, width: Int) {
    ((kernelHeight - 1) * dilationY + 1, (kernelWidth - 1) * dilationX + 1)
  }
}

extension ChainLayout.SparseMap {
  /// The most entries that the map is written out with; `LayoutBytes.tooMuch` where an `Int` would not
  /// hold them.
  package func entryLimit(_ output: UnitLayout) -> Int {
    switch self {
    case .grouped(let c):
      LayoutBytes.product(output.count, c.kernelHeight, c.kernelWidth, c.inputChannels / c.groups)
    case .scaling, .selection, .rearrangement: output.count
    }
  }
}

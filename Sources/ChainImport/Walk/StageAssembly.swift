import ReLUChain

/// Puts the steps of a path together as stages between ReLUs.
struct StageAssembly {
  /// What was left out or added.
  private(set) var notes: [String] = []
  private var stages: [AffineStage] = []
  /// The operators behind the last ReLU.
  private var open: [LinearOperator] = []
  private var shape: [Int]

  /// - Parameter shape: of one example.
  init(shape: [Int]) { self.shape = shape }

  mutating func append(_ linear: LinearOperator) {
    open.append(linear)
    shape = linear.outputShape
  }

  mutating func rectify(_ name: String, _ values: [NamedValue]) {
    if open.isEmpty, let last = stages.popLast() {
      notes.append("'\(name)' dropped: a second Relu in a row changes nothing")
      stages.append(last.naming(rectified: values))
      return
    }
    openIdentity(in: name)
    stages.append(AffineStage(operators: open, rectified: values))
    open = []
  }

  /// Leaves a clip out.
  mutating func limit(
    to limit: Double, _ clip: ClosedRange<Double>, _ name: String, _ values: [NamedValue]
  ) {
    if stages.isEmpty { openIdentity(in: name) }
    if let last = open.popLast() {
      open.append(last.limitingOutput(to: limit, clip).naming(values))
      return
    }
    // Behind a ReLU its input's magnitude is not below its own.
    let stage = stages.removeLast()
    let operators = stage.operators.enumerated().map { position, linear in
      position + 1 < stage.operators.count ? linear : linear.limitingOutput(to: limit, clip)
    }
    stages.append(stage.with(operators: operators).naming(rectified: values))
  }

  /// The stages, once every step has been taken.
  mutating func finished() -> [AffineStage] {
    if open.isEmpty {
      notes.append(
        stages.isEmpty
          ? "identity stage added: the network computes nothing"
          : "identity stage added behind the final Relu")
      open = [identity]
    }
    return stages + [AffineStage(operators: open)]
  }

  private mutating func openIdentity(in name: String) {
    guard open.isEmpty else { return }
    notes.append("identity stage added in front of '\(name)', which acts on the input")
    open = [identity]
  }

  private var identity: LinearOperator {
    let count = shape.reduce(1, *)
    return LinearOperator(
      name: "identity", operatorType: "Identity",
      kind: .selection(
        Selection(source: Array(0..<count), constant: [Double](repeating: 0, count: count))),
      inputShape: shape, outputShape: shape)
  }
}

extension AffineStage {
  /// The stage with more values of the file behind its ReLU.
  fileprivate func naming(rectified values: [NamedValue]) -> AffineStage {
    AffineStage(operators: operators, rectified: rectified + values)
  }
}

import ReLUChain

/// A small network on which careless arithmetic certifies what is not so, or a safe twin of one.
public struct TrapNetwork: Sendable, CustomStringConvertible {
  /// What the trap is.
  public var description: String
  /// The network.
  public var chain: ReLUChain
  /// The ball.
  public var center, radius: [Double]
  /// Whether class 0 wins over class 1 over the whole ball with room for any rounding, so that it
  /// has to be certified.
  public var isSafe: Bool

  /// Whether binary32 holds every number of the network, so that it can be deployed as it is.
  public var isDeployable: Bool {
    chain.stages.flatMap(\.operators).flatMap(\.taps).allSatisfy { tap in
      (tap.terms.map(\.weight) + [tap.offset]).allSatisfy { Double(Float($0)) == $0 }
    }
  }

  /// Every trap and every control.
  public static let all: [TrapNetwork] =
    absorption + order + range + kinks + ties
}

extension TrapNetwork {
  /// relu(x + w) - relu(w) is x exactly, 0 where x is absorbed.
  private static var absorption: [TrapNetwork] {
    var traps: [TrapNetwork] = []
    for (name, w, isSafe) in [
      ("2^10", 0x1p10, true), ("2^26", 0x1p26, false), ("2^56", 0x1p56, false),
    ] {
      traps.append(
        TrapNetwork(
          "absorption, dense, w = \(name)",
          denseChain([[1], [0]], [w, w], [[1, -1], [0, 0]], [0, 0]), isSafe: isSafe))
      // -x + 1/4: false over the ball, true for arithmetic that absorbs x.
      traps.append(
        TrapNetwork(
          "absorption, reversed, w = \(name)",
          denseChain([[1], [0]], [w, w], [[-1, 1], [0, 0]], [0.25, 0]), isSafe: false))
      traps.append(
        TrapNetwork("absorption, 1x1 convolution, w = \(name)", pointwise(w), isSafe: isSafe))
    }
    return traps + [deep(layers: 9, isSafe: false), deep(layers: 2, isSafe: true)]
  }

  /// The same as a convolution over one pixel.
  private static func pointwise(_ w: Double) -> ReLUChain {
    func layer(_ inputs: Int, _ weights: [Double], _ bias: [Double]) -> AffineStage {
      AffineStage(operators: [
        LinearOperator(
          name: "conv", operatorType: "Conv",
          kind: .convolution(
            Convolution(
              input: (inputs, 1, 1), output: (2, 1, 1), kernel: (1, 1), stride: (1, 1),
              pad: (0, 0), dilation: (1, 1), groups: 1, weights: weights, bias: bias)),
          inputShape: [inputs, 1, 1], outputShape: [2, 1, 1])
      ])
    }
    return ReLUChain(
      inputShape: [1, 1, 1],
      stages: [layer(1, [1, 0], [w, w]), layer(2, [1, -1, 0, 0], [0, 0])], notes: [])
  }

  /// A constant grows by 8 a layer beside x; in the end it is added and taken away again.
  private static func deep(layers: Int, isSafe: Bool) -> TrapNetwork {
    var stages: [(rows: [[Double]], bias: [Double])] = [([[0], [1]], [1, 0])]
    for _ in 0..<layers { stages.append(([[8, 0], [0, 1]], [0, 0])) }
    stages.append(([[1, 1], [1, 0]], [0, 0]))
    stages.append(([[1, -1], [0, 0]], [0, 0]))
    return TrapNetwork(
      "absorption, \(layers) layers of weight 8", denseChain(stages), isSafe: isSafe)
  }

  /// Sums whose sign depends on the order.
  private static var order: [TrapNetwork] {
    func sum(_ name: String, _ weights: [Double], _ bias: Double, isSafe: Bool) -> TrapNetwork {
      TrapNetwork(
        "order of summation, \(name)",
        denseChain([([weights, [0, 0, 0]], [bias, 0])]), center: [1, 1, 1], radius: [0, 0, 0],
        isSafe: isSafe)
    }
    return [
      sum("2^25 + 1 - 2^25", [0x1p25, 1, -0x1p25], 0, isSafe: false),
      sum("2^60 + 1 - 2^60", [0x1p60, 1, -0x1p60], 0, isSafe: false),
      sum("2^60 - 1 - 2^60 + 1/2", [0x1p60, -1, -0x1p60], 0.5, isSafe: false),
      sum("2^25 - 1 - 2^25 + 1/2", [0x1p25, -1, -0x1p25], 0.5, isSafe: false),
      sum("2^10 + 1 - 2^10", [0x1p10, 1, -0x1p10], 0, isSafe: true),
    ]
  }

  /// Underflow, overflow to infinity, and infinity less infinity.
  private static var range: [TrapNetwork] {
    func product(_ name: String, _ first: Double, _ second: Double, isSafe: Bool) -> TrapNetwork {
      TrapNetwork(
        name, denseChain([[first], [first]], [0, 0], [[second, 0], [0, 0]], [0, 0]),
        isSafe: isSafe)
    }
    return [
      product("underflow of 2^-100 2^-100 x", 0x1p-100, 0x1p-100, isSafe: false),
      product("underflow of 2^-600 2^-600 x", 0x1p-600, 0x1p-600, isSafe: false),
      product("no underflow of 2^-30 2^-30 x", 0x1p-30, 0x1p-30, isSafe: true),
      product("overflow of 2^100 2^100 x to infinity", 0x1p100, 0x1p100, isSafe: false),
      product("overflow of 2^600 2^600 x to infinity", 0x1p600, 0x1p600, isSafe: false),
      product("no overflow of 2^30 2^30 x", 0x1p30, 0x1p30, isSafe: true),
      TrapNetwork(
        "infinity less infinity",
        denseChain([[0x1p100], [0x1p99]], [0, 0], [[0x1p100, -0x1p100], [0, 0]], [0, 0]),
        isSafe: false),
      TrapNetwork(
        "an infinity that nobody reads",
        denseChain([
          ([[0x1p100], [1]], [0, 0]), ([[0x1p100, 0], [0, 1]], [0, 0]),
          ([[0, 1], [0, 0]], [9, 0]),
        ]),
        isSafe: false),
    ]
  }

  /// Pre-activations whose lower bound is just below 0: t - relu(t) + c, which is l + c.
  private static var kinks: [TrapNetwork] {
    let steps = [(-20, -21), (-22, -23), (-40, -41), (-51, -52), (-10, -5)]
    return steps.map { depth, lift in
      let (below, above) = (power(depth), power(lift))
      // t ranges over [-below, 2 - below]; it is carried past the ReLU as relu(t + 2) - 2.
      return TrapNetwork(
        "a lower bound of -2^\(depth) and 2^\(lift) to spare",
        denseChain([[1], [1]], [-below, 2 - below], [[-1, 1], [0, 0]], [above - 2, 0]),
        center: [1], radius: [1], isSafe: lift > depth)
    }
  }

  private static func power(_ exponent: Int) -> Double {
    Double(sign: .plus, exponent: exponent, significand: 1)
  }

  /// Logits that are equal somewhere in the ball.
  private static var ties: [TrapNetwork] {
    let identity = ([[1.0, 0], [0, 1]], [0.0, 0])
    return [
      TrapNetwork(
        "an exact tie of equal rows",
        denseChain([[1], [2]], [0, 1], [[1, 2], [1, 2]], [3, 3]), isSafe: false),
      TrapNetwork(
        "a tie at one corner", denseChain([([[1], [0]], [0, 0.5])]), isSafe: false),
      TrapNetwork(
        "a final ReLU that ties at 0", denseChain([([[0], [0]], [-1, -2]), identity]),
        isSafe: false),
      TrapNetwork(
        "a final ReLU that ties at 0 at a corner",
        denseChain([([[1], [0]], [-0.5, -2]), identity]), isSafe: false),
      TrapNetwork(
        "a final ReLU of a winner", denseChain([([[1], [0]], [0, -2]), identity]), isSafe: true),
    ]
  }

  private init(
    _ description: String, _ chain: ReLUChain, center: [Double] = [1], radius: [Double] = [0.5],
    isSafe: Bool
  ) {
    self.description = description
    self.chain = chain
    (self.center, self.radius) = (center, radius)
    self.isSafe = isSafe
  }
}

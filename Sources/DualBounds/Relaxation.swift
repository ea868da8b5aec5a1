import CMachine

// The relaxation of one layer: which units are live, their slopes, what |mu| costs at each, and what
// stands above the activation.
extension LayerState {
  /// Adds a live unit. `slot` is the number of live units so far.
  func append(
    unit: Int, at slot: Int, offsets: WeightOffsets, slope: Double, cost: Double,
    values: (midpoint: Double, center: Double, radius: Double, magnitude: Double)
  ) {
    live.unit[slot] = Int32(unit)
    live.index[unit] = Int32(slot)
    live.input_offset[slot] = offsets.input[unit]
    live.output_offset[slot] = offsets.output[unit]
    live.slope[slot] = slope
    live.cost[slot] = cost
    live.values[4 * slot] = values.midpoint
    live.values[4 * slot + 1] = values.center
    live.values[4 * slot + 2] = values.radius
    live.values[4 * slot + 3] = values.magnitude
    live.count = Int32(slot + 1)
  }

  /// The starts of all positions when every unit is live.
  func fillStarts() {
    for position in 0...Int(live.height * live.width) {
      live.start[position] = Int32(position) * live.channels
    }
  }

  /// Relaxes the ReLU of every unit by its bounds: eqs. (3), (8) and (10).
  ///
  /// - Inactive (`u <= 0`): dropped; the output is zero.
  /// - Active (`l >= 0`): slope 1, no gap between the lines.
  /// - Unstable: slope `s >= u/(u-l)`, rounded up and at most 1; the lines `s zhat` and
  ///   `s zhat + t`, `t = -s l` rounded up. With that very `s`: at `u` the upper line is
  ///   `s (u - l) >= u`, at `l` it is >= 0, and the lower line stays below the ReLU as `0 <= s <= 1`.
  ///
  /// - Returns: false where a bound is not a number or not finite.
  func relax(_ offsets: WeightOffsets) -> Bool {
    var slot = 0
    unstable = 0
    let channels = Int(live.channels)
    for position in 0..<Int(live.height * live.width) {
      live.start[position] = Int32(slot)
      for unit in position * channels..<(position + 1) * channels {
        let (l, u) = (lower[unit], upper[unit])
        guard l.isFinite, u.isFinite else { return false }
        live.index[unit] = -1
        if u <= 0 { continue }
        append(unit, l: l, u: u, at: slot, offsets)
        slot += 1
      }
    }
    live.start[Int(live.height * live.width)] = Int32(slot)
    live.count = Int32(slot)
    return true
  }

  private func append(_ unit: Int, l: Double, u: Double, at slot: Int, _ offsets: WeightOffsets) {
    let midpoint = forward.midpoint[unit]
    let charge = ownCharge[unit] + deployedCharge[unit]
    var slope = 1.0
    var half = 0.0
    if l < 0 {
      unstable += 1
      // Two roundings below, four ulps above them; the floor keeps s * q from vanishing.
      slope = min(1, max(u / (u - l) * (1 + 0x1p-50), 0x1p-60))
      half = 0.5 * (slope * -l) * (1 + 0x1p-50) + Double.leastNormalMagnitude
    }
    let value = slope * midpoint + half
    // The interval of the output, as centre and radius rounded outward.
    let floor = max(l, 0)
    let center = 0.5 * (floor + u)
    let radius = max(u - center, center - floor) * (1 + 0x1p-50) + Double.leastNormalMagnitude
    append(
      unit: unit, at: slot, offsets: offsets, slope: slope,
      cost: half * (1 + 0x1p-49) + slope * charge,
      values: (value, center, radius, max(u, value.magnitude)))
  }

  /// A layer without an activation: every unit passes, its magnitude is what its interval allows.
  func passThrough(_ offsets: WeightOffsets) {
    for unit in 0..<count {
      let midpoint = forward.midpoint[unit]
      let (l, u) = (lower[unit], upper[unit])
      let center = 0.5 * (l + u)
      let radius = max(u - center, center - l) * (1 + 0x1p-50) + Double.leastNormalMagnitude
      append(
        unit: unit, at: unit, offsets: offsets, slope: 1,
        cost: ownCharge[unit] + deployedCharge[unit],
        values: (midpoint, center, radius, max(max(l.magnitude, u.magnitude), midpoint.magnitude)))
    }
    fillStarts()
  }
}

import CKernels

// What rows, columns and the forward pass ask of an operator: one verb each, whatever its kind.
extension CompiledOperator {
  /// Whether units are asked for by number.
  var isSparse: Bool {
    switch map {
    case .convolution: false
    case .sparse: true
    }
  }

  /// Multiply-adds of one pass over all units.
  var operations: Double {
    switch map {
    case .convolution(let op):
      Double(op.out_height) * Double(op.out_width) * Double(op.out_channels)
        * Double(op.kernel_height) * Double(op.kernel_width) * Double(op.in_channels)
    case .sparse(let op, _):
      Double(op.row_start[Int(op.out_count)])
    }
  }

  /// The window of inputs that a window of outputs reads.
  func inputWindow(_ window: cm_window, everything: cm_window) -> cm_window {
    switch map {
    case .convolution(var op): cm_input_window(&op, window)
    case .sparse(_, .everything): everything
    case .sparse(_, .itself): window
    case .sparse(_, .kernel(var shape)): cm_input_window(&shape, window)
    }
  }

  /// Midpoint, centre, radius and magnitude of every output.
  func forward(
    _ kernels: cm_kernels, from below: UnsafePointer<cm_layer>, to forward: cm_forward
  ) {
    switch map {
    case .convolution(var op): kernels.forward_convolution(&op, below, forward)
    case .sparse(var op, _): kernels.forward_sparse(&op, below, forward)
    }
  }

  /// How many live units each output reads, or more.
  ///
  /// - Parameter counts: `[outputs]`.
  func countTerms(reading below: cm_layer, _ counts: UnsafeMutablePointer<Int32>) {
    switch map {
    case .convolution(var op): cm_count_terms(&op, [below], counts)
    case .sparse(var op, _): cm_count_terms_sparse(&op, [below], counts)
    }
  }

  /// The first step of rows that are output units: onto the window below, and its costs.
  ///
  /// - Parameter target: nil where only costs are wanted.
  func start(
    _ kernels: cm_kernels, _ rows: UnsafeBufferPointer<Int32>, padded: Int32,
    onto below: UnsafePointer<cm_view>, _ target: UnsafeMutablePointer<Double>, keeps: Bool,
    cost: UnsafeMutablePointer<Double>
  ) {
    let count = Int32(truncatingIfNeeded: rows.count)
    switch map {
    case .convolution(var op):
      kernels.start_convolution(
        &op, count, rows.baseAddress, padded, below, keeps ? target : nil, cost)
    case .sparse(var op, _):
      cm_start_sparse(&op, count, rows.baseAddress, padded, below, target)
      kernels.relax_rows(below, target, padded, cost)
    }
  }

  /// One step of rows down: onto the window below, and its costs.
  func descend(
    _ kernels: cm_kernels, from above: UnsafePointer<cm_view>, _ source: UnsafePointer<Double>,
    padded: Int32, onto below: UnsafePointer<cm_view>, _ target: UnsafeMutablePointer<Double>,
    keeps: Bool, cost: UnsafeMutablePointer<Double>
  ) {
    switch map {
    case .convolution(var op):
      kernels.descend_convolution(
        &op, above, source, padded, below, keeps ? target : nil, cost)
    case .sparse(var op, _):
      kernels.descend_sparse(&op, above, source, padded, below, keeps ? target : nil, cost)
    }
  }

  /// One step of points up, from window to window.
  func ascend(
    _ kernels: cm_kernels, from below: UnsafePointer<cm_view>, _ source: UnsafePointer<Double>,
    padded: Int32, to above: UnsafePointer<cm_view>, _ target: UnsafeMutablePointer<Double>
  ) {
    switch map {
    case .convolution(var op):
      kernels.ascend_window(&op, below, source, padded, above, target)
    case .sparse(var op, _):
      cm_ascend_sparse_window(&op, below, source, padded, above, target)
    }
  }

  /// One step of columns up, over all units.
  func ascendColumns(
    _ kernels: cm_kernels, from below: UnsafePointer<cm_view>, _ columns: UnsafePointer<Double>,
    padded: Int32, to above: UnsafePointer<cm_layer>, _ target: UnsafeMutablePointer<Double>
  ) {
    switch map {
    case .convolution(var op):
      kernels.ascend_convolution(&op, below, columns, padded, above, target)
    case .sparse(var op, _):
      cm_ascend_sparse(&op, below.pointee.layer, columns, padded, target)
    }
  }
}

import NetworkGraph

// What several operators are refused for, worded once.
extension NodeRefusal {
  static func secondValue(_ name: String) -> NodeRefusal {
    NodeRefusal("writes '\(name)', which has a value already")
  }

  static func noClassAxis(_ axis: Int, of shape: [Int]) -> NodeRefusal {
    NodeRefusal("runs over axis \(axis) of \(shapeText(shape)); expected the class axis")
  }

  static let oneScore = NodeRefusal(
    "of one score is the same for every input; expected two classes or more")

  static let weightOfData = NodeRefusal(
    "its weight depends on the network's input; expected a constant")

  static func unknownPadding(_ automatic: String) -> NodeRefusal {
    NodeRefusal("auto_pad is '\(automatic)'; expected NOTSET, VALID, SAME_UPPER or SAME_LOWER")
  }

  static func tooManyUnits(_ shape: [Int]) -> NodeRefusal {
    NodeRefusal("its result \(shapeText(shape)) has too many units")
  }

  static let noKernelShape = NodeRefusal("its kernel_shape is missing")

  static let windowInPadding = NodeRefusal(
    "a window lies in the padding alone; expected some of the data in each")
}

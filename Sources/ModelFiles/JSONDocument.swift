import CJsonC
import FileAccess

/// The single owner of one json-c tree.
struct JSONDocument: ~Copyable {
  private let root: OpaquePointer?
  private let file: String

  /// Scans and parses a file.
  init(_ bytes: [UInt8], file: String, limits: ModelLimits) throws(InputError) {
    guard let length = Int32(exactly: bytes.count) else {
      throw InputError(
        .limit, file: file, found: "\(bytes.count) bytes of JSON",
        expected: "at most \(Int32.max)")
    }
    try bytes.withUnsafeBufferPointer { (buffer) throws(InputError) in
      try JSONScan.check(UnsafeRawBufferPointer(buffer), file: file, limits: limits)
    }
    let tokener = json_tokener_new_ex(Int32(ModelLimits.deepestJSON + 2))
    defer { json_tokener_free(tokener) }
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT)
    let parsed = bytes.withUnsafeBytes { buffer in
      json_tokener_parse_ex(
        tokener, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), length)
    }
    let status = json_tokener_get_error(tokener)
    guard status == json_tokener_success else {
      // json-c hands out no tree with an error, so nothing is lost here.
      throw InputError(
        file: file, place: "byte \(json_tokener_get_parse_end(tokener))",
        found: String(cString: json_tokener_error_desc(status)), expected: "strict JSON")
    }
    root = parsed
    self.file = file
  }

  deinit { json_object_put(root) }

  /// Lends the document; no value of it may be kept.
  func read<Result>(
    _ body: (JSONValue) throws(InputError) -> Result
  ) throws(InputError) -> Result {
    try body(JSONValue(pointer: root, path: .root, file: file))
  }
}

/// One value of a document that is being read.
struct JSONValue {
  fileprivate let pointer: OpaquePointer?
  let path: JSONPath
  let file: String

  /// What stands here, for messages.
  var words: String {
    switch json_object_get_type(pointer) {
    case json_type_null: "null"
    case json_type_boolean: json_object_get_boolean(pointer) != 0 ? "true" : "false"
    case json_type_double, json_type_int: numberText
    case json_type_object: "an object"
    case json_type_array: "an array"
    default: "a string"
    }
  }

  var isNull: Bool { pointer == nil }
  var isArray: Bool { json_object_get_type(pointer) == json_type_array }
  var isString: Bool { json_object_get_type(pointer) == json_type_string }

  func refusal(_ found: String, _ expected: String, remedy: String = "") -> InputError {
    InputError(
      file: file, place: path.description, found: found, expected: expected, remedy: remedy)
  }

  // MARK: Objects and arrays

  /// The members of an object, in the file's order.
  func members() throws(InputError) -> [(key: String, value: JSONValue)] {
    guard json_object_get_type(pointer) == json_type_object else {
      throw refusal(words, "an object")
    }
    var members: [(key: String, value: JSONValue)] = []
    var position = json_object_iter_begin(pointer)
    var end = json_object_iter_end(pointer)
    while json_object_iter_equal(&position, &end) == 0 {
      if let name = json_object_iter_peek_name(&position) {
        let key = String(cString: name)
        let value = json_object_iter_peek_value(&position)
        members.append((key, JSONValue(pointer: value, path: .key(path, key), file: file)))
      }
      json_object_iter_next(&position)
    }
    return members
  }

  func hasKey(_ key: String) throws(InputError) -> Bool {
    try members().contains { $0.key == key }
  }

  /// The length of an array.
  func count() throws(InputError) -> Int {
    guard isArray else { throw refusal(words, "an array") }
    return json_object_array_length(pointer)
  }

  /// An element of an array of which the length is known.
  func element(_ index: Int) -> JSONValue {
    JSONValue(
      pointer: json_object_array_get_idx(pointer, index), path: .index(path, index), file: file)
  }

  func elements() throws(InputError) -> [JSONValue] {
    (0..<(try count())).map { element($0) }
  }

  // MARK: Scalars

  func string() throws(InputError) -> String {
    guard isString, let text = json_object_get_string(pointer) else {
      throw refusal(words, "a string")
    }
    return String(cString: text)
  }

  func bool() throws(InputError) -> Bool {
    guard json_object_get_type(pointer) == json_type_boolean else {
      throw refusal(words, "true or false")
    }
    return json_object_get_boolean(pointer) != 0
  }

  /// A finite binary64, the nearest to what is written.
  func double() throws(InputError) -> Double {
    let value: Double
    switch json_object_get_type(pointer) {
    case json_type_double, json_type_int: value = json_object_get_double(pointer)
    default: throw refusal(words, "a finite number")
    }
    guard value.isFinite else { throw refusal(numberText, "a finite number of binary64") }
    return value
  }

  /// A finite binary32, the nearest to what is written (not to its nearest binary64).
  func float() throws(InputError) -> Float {
    let value: Float
    switch json_object_get_type(pointer) {
    case json_type_double: value = Float(numberText) ?? Float(json_object_get_double(pointer))
    case json_type_int: value = Float(numberText) ?? Float(json_object_get_int64(pointer))
    default: throw refusal(words, "a finite number")
    }
    guard value.isFinite else { throw refusal(numberText, "a finite number of binary32") }
    return value
  }

  /// An integer, written as a number or, as protobuf's JSON does for 64 bits, as a string.
  func integer<Integer: FixedWidthInteger>(
    in range: ClosedRange<Integer> = Int64.min...Int64.max
  ) throws(InputError) -> Integer {
    let isFull = range == Integer.min...Integer.max && Integer.bitWidth == 64
    let bounds = isFull ? " of 64 bits" : ", \(range.lowerBound) to \(range.upperBound)"
    let expected = "an integer" + bounds
    let value: Integer?
    switch json_object_get_type(pointer) {
    case json_type_int: value = Integer(numberText)
    case json_type_double: value = Integer(exactly: json_object_get_double(pointer))
    case json_type_string:
      let text = try string()
      value = text.hasPrefix("+") ? nil : Integer(text)
      if value == nil { throw refusal(named(text), expected) }
    default: value = nil
    }
    guard let value, range.contains(value) else { throw refusal(words, expected) }
    return value
  }

  /// The number as it is written: json-c keeps the text of one with a point or an exponent.
  private var numberText: String {
    if json_object_get_type(pointer) == json_type_double {
      guard let text = json_object_get_userdata(pointer) else {
        return "\(json_object_get_double(pointer))"
      }
      return String(cString: text.assumingMemoryBound(to: CChar.self))
    }
    let signed = json_object_get_int64(pointer)
    if signed < Int64.max { return "\(signed)" }
    return "\(json_object_get_uint64(pointer))"
  }
}

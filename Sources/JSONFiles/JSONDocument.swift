import CJsonC
import FileAccess

/// The single owner of one json-c tree.
package struct JSONDocument: ~Copyable {
  private let root: OpaquePointer?
  private let file: String
  private let path: JSONPath

  /// Scans and parses a file.
  ///
  /// - Parameter path: The place that the text has in its file, where it is only a part of it.
  package init(
    _ bytes: [UInt8], file: String, limits: JSONLimits, path: JSONPath = .root
  ) throws(InputError) {
    guard let length = Int32(exactly: bytes.count) else {
      throw InputError(
        .limit, file: file, found: "\(bytes.count) bytes of JSON",
        expected: "at most \(Int32.max)")
    }
    try bytes.withUnsafeBufferPointer { (buffer) throws(InputError) in
      try JSONScan.check(UnsafeRawBufferPointer(buffer), file: file, limits: limits)
    }
    let tokener = json_tokener_new_ex(Int32(JSONLimits.deepest + 2))
    defer { json_tokener_free(tokener) }
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT)
    var parsed = bytes.withUnsafeBytes { buffer in
      json_tokener_parse_ex(
        tokener, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), length)
    }
    if json_tokener_get_error(tokener) == json_tokener_continue {
      // A number or a word might go on behind the last byte; the scan knows that it does not.
      parsed = json_tokener_parse_ex(tokener, " ", 1)
    }
    let status = json_tokener_get_error(tokener)
    guard status == json_tokener_success else {
      // json-c hands out no tree with an error, so nothing is lost here.
      throw InputError(
        file: file, place: "byte \(json_tokener_get_parse_end(tokener))",
        found: String(cString: json_tokener_error_desc(status)), expected: "strict JSON")
    }
    root = parsed
    (self.file, self.path) = (file, path)
  }

  deinit { json_object_put(root) }

  /// Lends the document; no value of it may be kept.
  package func read<Result>(
    _ body: (JSONNode) throws(InputError) -> Result
  ) throws(InputError) -> Result {
    try body(JSONNode(pointer: root, path: path, file: file))
  }
}

/// The kinds of JSON values.
package enum JSONContent: Sendable {
  case null, string, array, object
  case bool(Bool)
  /// A number, as it is written.
  case number(String)
}

/// One value of a document that is being read.
package struct JSONNode {
  fileprivate let pointer: OpaquePointer?
  /// The place in the file.
  package let path: JSONPath
  /// The file as the user named it.
  package let file: String

  /// What stands here, for messages.
  package var words: String {
    switch content {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .number(let text): text
    case .object: "an object"
    case .array: "an array"
    case .string: "a string"
    }
  }

  /// What kind of value stands here.
  package var content: JSONContent {
    switch json_object_get_type(pointer) {
    case json_type_null: .null
    case json_type_boolean: .bool(json_object_get_boolean(pointer) != 0)
    case json_type_double, json_type_int: .number(numberText)
    case json_type_object: .object
    case json_type_array: .array
    default: .string
    }
  }

  /// Whether this is `null`.
  package var isNull: Bool { pointer == nil }
  /// Whether this is an array.
  package var isArray: Bool { json_object_get_type(pointer) == json_type_array }
  /// Whether this is a string.
  package var isString: Bool { json_object_get_type(pointer) == json_type_string }

  /// The refusal of what stands here.
  package func refusal(_ found: String, _ expected: String, remedy: String = "") -> InputError {
    InputError(
      file: file, place: path.description, found: found, expected: expected, remedy: remedy)
  }

  // MARK: Objects and arrays

  /// The members of an object, in the file's order.
  package func members() throws(InputError) -> [(key: String, value: JSONNode)] {
    guard json_object_get_type(pointer) == json_type_object else {
      throw refusal(words, "an object")
    }
    var members: [(key: String, value: JSONNode)] = []
    var position = json_object_iter_begin(pointer)
    var end = json_object_iter_end(pointer)
    while json_object_iter_equal(&position, &end) == 0 {
      if let name = json_object_iter_peek_name(&position) {
        let key = String(cString: name)
        let value = json_object_iter_peek_value(&position)
        members.append((key, JSONNode(pointer: value, path: .key(path, key), file: file)))
      }
      json_object_iter_next(&position)
    }
    return members
  }

  /// Whether an object has a key.
  package func hasKey(_ key: String) throws(InputError) -> Bool {
    try members().contains { $0.key == key }
  }

  /// The length of an array.
  package func count() throws(InputError) -> Int {
    guard isArray else { throw refusal(words, "an array") }
    return json_object_array_length(pointer)
  }

  /// An element of an array of which the length is known.
  package func element(_ index: Int) -> JSONNode {
    JSONNode(
      pointer: json_object_array_get_idx(pointer, index), path: .index(path, index), file: file)
  }

  /// The elements of an array.
  package func elements() throws(InputError) -> [JSONNode] {
    (0..<(try count())).map { element($0) }
  }

  // MARK: Scalars

  /// The text of a string.
  package func string() throws(InputError) -> String {
    guard isString, let text = json_object_get_string(pointer) else {
      throw refusal(words, "a string")
    }
    return String(cString: text)
  }

  /// A truth value.
  package func bool() throws(InputError) -> Bool {
    guard json_object_get_type(pointer) == json_type_boolean else {
      throw refusal(words, "true or false")
    }
    return json_object_get_boolean(pointer) != 0
  }

  /// A finite binary64, the nearest to what is written.
  package func double() throws(InputError) -> Double {
    let value: Double
    switch json_object_get_type(pointer) {
    case json_type_double, json_type_int: value = json_object_get_double(pointer)
    default: throw refusal(words, "a finite number")
    }
    guard value.isFinite else { throw refusal(numberText, "a finite number of binary64") }
    return value
  }

  /// A finite binary32, the nearest to what is written (not to its nearest binary64).
  package func float() throws(InputError) -> Float {
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
  package func integer<Integer: FixedWidthInteger>(
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

import Foundation
import ReportTestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Files that were damaged: the program itself reads each, within 2 s and 256 MiB, and says what is
/// wrong with it, or reads it.
@Suite struct MutatedFileTests {
  /// Every format, in small files.
  private static let models = [
    "fixtures/invalid/models/good.onnx", "fixtures/invalid/models/good-conv.json",
    "fixtures/digits/dense-robust.dynamo.onnx", "fixtures/zoo/accepted/keras-cnn-same-opset17.onnx",
    "fixtures/zoo/accepted/others-sklearn-classifier-opset12.onnx",
    "fixtures/zoo/accepted/others-jax-convolution.onnx", "Fuzzing/seeds/onnx-json/Conv.json",
    "Fuzzing/seeds/onnx-json/Reshape.json", "Fuzzing/seeds/plain-json/conv.json",
    "Fuzzing/seeds/nnet/small.nnet", "Fuzzing/seeds/nnet/unset.nnet",
  ]
  private static let data = [
    "fixtures/invalid/data/good.idx", "Fuzzing/seeds/idx/images.idx.gz",
    "Fuzzing/seeds/idx/members.idx.gz", "Fuzzing/seeds/numpy/fortran.npy",
    "Fuzzing/seeds/numpy/version2.npy", "Fuzzing/seeds/numpy/stored.npz",
    "Fuzzing/seeds/numpy/deflated.npz", "Fuzzing/seeds/csv/last.csv",
    "Fuzzing/seeds/csv/first.csv", "Fuzzing/seeds/csv/semicolons.csv",
    "Fuzzing/seeds/csv/quoted.csv", "Fuzzing/seeds/numpy/lf2.npy",
    "Fuzzing/seeds/numpy/splits.npz",
  ]

  private static let isCampaign = ProcessInfo.processInfo.environment["CERTIFY_CAMPAIGN"] == "1"

  @Test("a damaged file is read, or refused with status 65 or 66")
  func mutations() throws {
    let sandbox = try Sandbox()
    var random = Random(state: 2018)
    let seeds = try (Self.models + Self.data).map { ($0, try bytes(of: $0)) }
    for round in 0..<(Self.isCampaign ? 10_000 : 144) {
      let (name, original) = seeds[round % seeds.count]
      let damaged = random.damaged(original)
      try check(damaged, as: name, in: sandbox, "round \(round)")
    }
  }

  @Test("a file that ends early, after any of its bytes, is read, or refused with status 65 or 66")
  func truncations() throws {
    let sandbox = try Sandbox()
    for name in ["fixtures/invalid/models/good.onnx", "Fuzzing/seeds/numpy/stored.npz"] {
      let original = try bytes(of: name)
      for count in stride(from: 0, to: original.count, by: Self.isCampaign ? 1 : 31) {
        try check(Array(original[..<count]), as: name, in: sandbox, "\(count) bytes")
      }
    }
  }

  private func bytes(of name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: Command.package.appending(path: name)))
  }

  private func check(
    _ bytes: [UInt8], as name: String, in sandbox: Sandbox, _ what: String
  ) throws {
    let end = try sandbox.run(bytes, as: name, isModel: Self.models.contains(name))
    let isAllowed = [0, 65, 66].contains(end.status)
    if isAllowed && end.seconds <= 2 { return }
    // A machine with other things to do may have kept it waiting: once more.
    let again = try sandbox.run(bytes, as: name, isModel: Self.models.contains(name))
    #expect(
      isAllowed && again.seconds <= 2,
      "\(name), \(what): \(end), \(Data(bytes.prefix(4096)).base64EncodedString())")
  }
}

/// A folder beside which external data lies as it does beside the originals, and what a run in it did.
private struct Sandbox {
  struct End {
    var status: Int32
    var seconds: Double
  }

  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    let data = "dense-robust.dynamo.onnx.data"
    try FileManager.default.copyItem(
      atPath: Command.digits(data), toPath: scratch.path(data))
  }

  /// Lets the program read a file, under a limit of 256 MiB of address space and 2 s of computing.
  func run(_ bytes: [UInt8], as name: String, isModel: Bool) throws -> End {
    let kind = name.split(separator: ".", maxSplits: 1).last ?? ""
    let path = scratch.path("file.\(kind)")
    try Data(bytes).write(to: URL(filePath: path))
    let question =
      isModel
      ? ["inspect", path]
      : [
        Command.package.appending(path: "fixtures/invalid/models/good.json").path, "--data", path,
        "--eps", "0.1", "--attack", "none", "--threads", "1", "--output", scratch.path("report"),
      ]
    let limited = "ulimit -v 262144 && ulimit -t 2 && exec \"$@\" </dev/null >/dev/null 2>&1"
    let arguments = ["/bin/sh", "-c", limited, "sh", Command.program.path] + question
    var strings = arguments.map { strdup($0) } + [nil]
    defer { for string in strings { free(string) } }
    var child: pid_t = 0
    let start = ContinuousClock.now
    guard posix_spawn(&child, "/bin/sh", nil, nil, &strings, environ) == 0 else {
      throw CocoaError(.executableNotLoadable)
    }
    var status: Int32 = 0
    guard waitpid(child, &status, 0) == child else { throw CocoaError(.featureUnsupported) }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let signal = status & 0x7f
    return End(status: signal == 0 ? (status >> 8) & 0xff : -signal, seconds: seconds)
  }
}

/// Steele, Lea and Flood 2014.
private struct Random: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// A copy with one to four flipped bits, other bytes, changed lengths, or parts missing, repeated
  /// or moved.
  mutating func damaged(_ original: [UInt8]) -> [UInt8] {
    var bytes = original
    for _ in 0...Int.random(in: 0..<4, using: &self) where !bytes.isEmpty {
      let at = Int.random(in: 0..<bytes.count, using: &self)
      let length = Int.random(in: 1...16, using: &self)
      let part = bytes[at...].prefix(length)
      switch Int.random(in: 0..<8, using: &self) {
      case 0, 1: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &self)
      case 2: bytes[at] = [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &self) ?? 0
      case 3: bytes[at] = UInt8.random(in: 0...255, using: &self)
      case 4: bytes.insert(contentsOf: part, at: Int.random(in: 0...bytes.count, using: &self))
      case 5: bytes.removeSubrange(part.indices)
      case 6:
        // A length or a dimension, as four or eight bytes of either order.
        let width = [4, 8].randomElement(using: &self) ?? 4
        let value = next() >> UInt64.random(in: 0..<64, using: &self)
        let word = withUnsafeBytes(
          of: Bool.random(using: &self) ? value.littleEndian : value.bigEndian, Array.init)
        for (offset, byte) in word.prefix(width).enumerated() where at + offset < bytes.count {
          bytes[at + offset] = byte
        }
      default: bytes.removeSubrange(at...)
      }
    }
    return bytes
  }
}

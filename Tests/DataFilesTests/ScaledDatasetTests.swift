import DataFiles
import FileAccess
import Numbers
import Testing

@Suite struct ScaledDatasetTests {
  private func scaled(_ bytes: [UInt8], _ scale: String? = nil) throws -> ScaledDataset {
    let folder = try TemporaryFolder()
    let data = try Dataset.read(path: folder.write("data", bytes))
    return try ScaledDataset(
      data, scale: scale.map { try Numeral($0) })
  }

  @Test("unsigned bytes are scaled by 1/255, everything else is taken as it is")
  func defaults() throws {
    let bytes = try scaled(idx(0x08, [1, 256], Array(0...255)))
    #expect(bytes.features(of: 0) == (0...255).map { Double($0) / 255 })
    #expect(bytes.scale.text == "1/255")
    let signed = try scaled(idx(0x09, [1, 2], [128, 127]))
    #expect(signed.features(of: 0) == [-128, 127])
    #expect(signed.scale.text == "1")
    let floats = try scaled(idx(0x0e, [1, 1], bigEndian((0.1).bitPattern)))
    #expect(floats.features(of: 0) == [0.1])
  }

  @Test("data count as exact where the scale is 1, however it is typed, and nowhere else")
  func exactness() throws {
    let bytes = idx(0x08, [1, 2], [0, 200])
    #expect(try !scaled(bytes).isExact)
    for scale in ["1", "1.0", "3/3", "10e-1"] { #expect(try scaled(bytes, scale).isExact) }
    // Products with these are not all binary64 numbers, whatever the scale itself is.
    let others = [
      "1/255", "0.1", "0.5", "3", "2", "1.0000000000000000001", "0.99999999999999999999",
    ]
    for scale in others { #expect(try !scaled(bytes, scale).isExact, "\(scale)") }
    let doubles = idx(0x0e, [1, 1], bigEndian((0.1).bitPattern))
    #expect(try scaled(doubles).isExact && !scaled(doubles, "0.1").isExact)
  }

  @Test("a scale of the user's replaces the default")
  func overrides() throws {
    #expect(try scaled(idx(0x08, [1, 2], [0, 200]), "1").features(of: 0) == [0, 200])
    #expect(try scaled(idx(0x09, [1, 2], [128, 64]), "1/64").features(of: 0) == [-2, 1])
    let shorts = idx(0x0b, [1, 2], bigEndian(Int16(-510)) + bigEndian(Int16(51)))
    #expect(try scaled(shorts, "1/255").features(of: 0) == [-2, 0.2])
    let inexact = try scaled(shorts, "0.00392156862745098")
    #expect(inexact.features(of: 0).map { ($0 * 1e6).rounded() } == [-2e6, 2e5])
  }

  @Test("a product beyond binary64 is refused when the data are loaded")
  func overflow() throws {
    let floats = idx(0x0e, [1, 1], bigEndian((1e300).bitPattern))
    let error = #expect(throws: InputError.self) { try scaled(floats, "1e10") }
    #expect(error?.found == "the value 1e+300, times the scale 1e10")
  }
}

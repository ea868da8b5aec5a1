import ChainImport
import DataFiles
import FileAccess
import ModelFiles
import ReLUChain

/// The limits of a run.
package struct FileLimits: Sendable {
  package var model = ModelLimits()
  package var chain = ChainLimits()
  package var data = DataLimits()

  /// The usual limits, or those of other sizes.
  package init(modelBytes: Int? = nil, dataBytes: Int? = nil) {
    if let size = modelBytes {
      func scaled(_ standard: Int) -> Int { FileLimits.scaled(standard, by: size, of: 1 << 31) }
      model.fileBytes = size
      model.fields = scaled(model.fields)
      model.nodes = scaled(model.nodes)
      model.textBytes = scaled(model.textBytes)
      model.unpackedBytes = scaled(model.unpackedBytes)
      model.tensorElements = scaled(model.tensorElements)
      model.tensorBytes = scaled(model.tensorBytes)
      model.externalFileBytes = scaled(model.externalFileBytes)
      model.jsonTreeBytes = scaled(model.jsonTreeBytes)
      // The kernels count in 32 bits.
      chain.units = min(scaled(chain.units), 1 << 28)
      chain.extraElements = scaled(chain.extraElements)
    }
    if let dataBytes { data.contentBytes = dataBytes }
  }

  /// `standard * size / base`, at least 1.
  private static func scaled(_ standard: Int, by size: Int, of base: Int) -> Int {
    let product = standard.multipliedFullWidth(by: size)
    guard product.high < base / 2 else { return .max }
    return max(1, base.dividingFullWidth(product).quotient)
  }

  /// Reads a file, and names the option where a limit is reached.
  package static func naming<Value>(
    _ option: String, _ read: () throws(InputError) -> Value
  ) throws(InputError) -> Value {
    do throws(InputError) {
      return try read()
    } catch {
      var error = error
      if error.kind == .limit, error.remedy.isEmpty { error.remedy = "Allow more by \(option)." }
      throw error
    }
  }
}

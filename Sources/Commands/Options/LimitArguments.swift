import ArgumentParser
import ChainImport
import DataFiles
import FileAccess
import ModelFiles
import ReLUChain

/// How much files may ask for before they are refused; man/certify.1 has every number.
struct LimitArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Largest model file; all limits of models grow in proportion. (default: 2G)",
      valueName: "size"))
  var maxModel: String?

  @Option(
    help: ArgumentHelp(
      "Most data held: examples asked for, or a text as a whole. (default: 2G)",
      valueName: "size"))
  var maxData: String?
}

/// The limits of a run.
struct FileLimits: Sendable {
  var model = ModelLimits()
  var chain = ChainLimits()
  var data = DataLimits()

  /// Reads the options.
  init(_ options: LimitArguments) throws(InputError) {
    if let text = options.maxModel {
      let size = try MemorySize(text, option: "--max-model").bytes
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
    if let text = options.maxData {
      data.contentBytes = try MemorySize(text, option: "--max-data").bytes
    }
  }

  /// `standard * size / base`, at least 1.
  private static func scaled(_ standard: Int, by size: Int, of base: Int) -> Int {
    let product = standard.multipliedFullWidth(by: size)
    guard product.high < base / 2 else { return .max }
    return max(1, base.dividingFullWidth(product).quotient)
  }

  /// Reads a file, and names the option where a limit is reached.
  static func naming<Value>(
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

import Glibc
import NumberSupport

extension Rational {
  /// The logarithm to within a few units of binary64's last place.
  var approximateLogarithm: Double { log(approximation) }
}

import Foundation
import Testing

import Pages

@Suite struct MarkupTests {
  @Test("text that is put into markup never becomes markup, whatever it is")
  func escaping() {
    let hostile = "</title><script>alert(1)</script> & \"quoted\" \u{1}\u{202e}"
    let markup: Markup = "<p title=\"\(hostile)\">\(hostile)</p>"
    let inside =
      "&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;quoted&quot; \\u{01}\\u{202E}"
    #expect(markup.text == "<p title=\"\(inside)\">\(inside)</p>", "\(markup.text)")
  }

  @Test("markup that is put into markup stays what it is")
  func nesting() {
    let inner: Markup = "<b>\(3)</b>"
    let outer: Markup = "<p>\(inner)\("<b>")</p>"
    #expect(outer.text == "<p><b>3</b>&lt;b&gt;</p>")
  }

  @Test(
    "a share of n is rounded down to at most it and up to at least it, and by less than a hundredth"
  )
  func shares() throws {
    for whole in Array(1...120) + [9999, 10_000, 10_001, 65_537] {
      for count in stride(from: 0, through: whole, by: max(1, whole / 120)) {
        let share = Share(count, of: whole)
        // In hundredths of a percent, as whole numbers.
        func hundredths(_ text: String) throws -> Int {
          try #require(Int(text.replacing(".", with: "").replacing("%", with: "")))
        }
        let (down, up) = (try hundredths(share.roundedDown), try hundredths(share.roundedUp))
        #expect(down * whole <= count * 10_000 && (down + 1) * whole > count * 10_000)
        #expect(up * whole >= count * 10_000 && (up - 1) * whole < count * 10_000)
      }
    }
    #expect(Share(0, of: 0).roundedUp == "-")
  }
}

import Certification
import Commands
import Testing

/// Status 70 should never be seen; what it would say is pinned all the same.
@Suite struct ContradictionTests {
  @Test("a contradiction names both facts, its numbers on their safe sides")
  func words() {
    // 1/3 and 2/3 have no finite decimals: the certified radius is rounded down, the distance up.
    let found = Contradiction(
      index: 7, certifiedClass: 2, certifiedRadius: 2.0 / 3, winner: 5, distance: 1.0 / 3)
    #expect(
      Entry.words(found)
        == "internal error: item 7: class 2 is certified within 0.666666666, but class 5 wins at a"
        + " checked point within 0.333333334; expected no such point")
  }

  @Test("a contradiction ends with status 70, and no other kind of error does")
  func status() {
    #expect(ExitStatus.contradiction.rawValue == 70)
    #expect(Set(ExitStatus.allCases.map(\.rawValue)).count == ExitStatus.allCases.count)
  }
}

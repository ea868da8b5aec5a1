// swift-tools-version: 6.2
import PackageDescription

// Targets are floors: a target imports only what lies below it (see README, "Development").
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]
let strictC: [CSetting] = [
  .treatAllWarnings(as: .error),
  // Guarded stacks; and names of source files that do not depend on where the sources lie.
  .unsafeFlags([
    "-fstack-protector-strong", "-ffile-prefix-map=\(Context.packageDirectory)/=",
  ]),
]

let package = Package(
  name: "certify",
  products: [.executable(name: "certify", targets: ["certify"])],
  dependencies: [
    // Exact versions: whoever builds this builds with what it was tested with.
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/attaswift/BigInt", exact: "6.0.1"),
  ],
  targets: [
    // Floor 0: the machine and the system's libraries.
    .systemLibrary(
      name: "CProtobufC", pkgConfig: "libprotobuf-c", providers: [.apt(["libprotobuf-c-dev"])]),
    .systemLibrary(name: "CJsonC", pkgConfig: "json-c", providers: [.apt(["libjson-c-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CNettle", pkgConfig: "nettle", providers: [.apt(["nettle-dev"])]),
    .systemLibrary(name: "CGmp", pkgConfig: "gmp", providers: [.apt(["libgmp-dev"])]),
    .target(
      name: "COnnx", dependencies: ["CProtobufC"], exclude: ["onnx.proto"], cSettings: strictC,
      linkerSettings: [.linkedLibrary("protobuf-c")]),
    .target(name: "CKernels", cSettings: strictC),
    .target(name: "CRounding", cSettings: strictC),
    .target(name: "CProcess", cSettings: strictC),
    .target(name: "CCommit", cSettings: strictC),
    // Floor 1
    .target(
      name: "FileAccess", dependencies: ["CProcess", "CZlib", "CNettle"], swiftSettings: strict),
    .target(name: "NetworkGraph", swiftSettings: strict),
    .target(name: "ProofRecords", swiftSettings: strict),
    .target(name: "Numbers", dependencies: ["CRounding"], swiftSettings: strict),
    .target(name: "ExactNumbers", dependencies: ["CGmp"], swiftSettings: strict),
    .target(name: "Threads", swiftSettings: strict),
    // Floor 2
    .target(name: "JSONFiles", dependencies: ["FileAccess", "CJsonC"], swiftSettings: strict),
    .target(name: "ReLUChain", dependencies: ["NetworkGraph"], swiftSettings: strict),
    .target(name: "DataFiles", dependencies: ["FileAccess", "Numbers"], swiftSettings: strict),
    .target(name: "CertificateRecords", dependencies: ["Numbers"], swiftSettings: strict),
    .target(
      name: "ProofFiles", dependencies: ["ProofRecords", "FileAccess"], swiftSettings: strict),
    // Shares nothing with the engine, its kernels or the importer's chain.
    .target(
      name: "Audit", dependencies: ["ProofRecords", "ExactNumbers"], swiftSettings: strict),
    // Floor 3
    .target(
      name: "ChainImport", dependencies: ["ReLUChain", "NetworkGraph"], swiftSettings: strict),
    .target(
      name: "ModelFiles",
      dependencies: ["NetworkGraph", "FileAccess", "JSONFiles", "COnnx", "CProtobufC"],
      swiftSettings: strict),
    .target(
      name: "DualBounds", dependencies: ["ReLUChain", "NetworkGraph", "CKernels", "Threads"],
      swiftSettings: strict),
    .target(name: "Attack", dependencies: ["ReLUChain", "CKernels"], swiftSettings: strict),
    .target(
      name: "PropertyFiles", dependencies: ["Numbers", "FileAccess"], swiftSettings: strict),
    // Floor 4
    .target(
      name: "Certification",
      dependencies: [
        "DualBounds", "Attack", "ReLUChain", "CertificateRecords", "ProofRecords", "Numbers",
        "Threads",
      ],
      swiftSettings: strict),
    // Floor 5
    .target(
      name: "Reports",
      dependencies: [
        "Certification", "Attack", "DualBounds", "ReLUChain", "CertificateRecords", "DataFiles",
        "Numbers", "FileAccess", "JSONFiles", "CJsonC",
      ],
      swiftSettings: strict),
    .target(
      name: "Verification",
      dependencies: [
        "Certification", "DualBounds", "Attack", "PropertyFiles", "ReLUChain", "NetworkGraph",
        "Threads",
      ],
      swiftSettings: strict),
    .target(
      name: "Parity",
      dependencies: [
        "DualBounds", "CertificateRecords", "DataFiles", "ReLUChain", "FileAccess", "Numbers",
        "Threads",
      ],
      swiftSettings: strict),
    // Floor 6
    .target(
      name: "Pages",
      dependencies: [
        "Reports", "DataFiles", "CertificateRecords", "Numbers", "FileAccess", "CZlib",
      ],
      swiftSettings: strict),
    .target(
      name: "Runs",
      dependencies: [
        "Certification", "Reports", "Parity", "Attack", "DualBounds", "ModelFiles", "ChainImport",
        "DataFiles", "ReLUChain", "NetworkGraph", "CertificateRecords", "ProofRecords",
        "ProofFiles", "FileAccess", "Numbers", "CProcess",
      ],
      swiftSettings: strict),
    // Floor 7
    .target(
      name: "Commands",
      dependencies: [
        "Runs", "Pages", "Certification", "Verification", "Reports", "Parity", "Attack", "Audit",
        "ExactNumbers", "Threads",
        "DualBounds", "ModelFiles", "DataFiles", "PropertyFiles", "ProofFiles", "ProofRecords",
        "ReLUChain", "NetworkGraph", "CertificateRecords", "FileAccess", "JSONFiles", "Numbers",
        "CProcess",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    // Floor 8: what is installed carries its Swift library (and, built by `make`, the C libraries). The tests link Swift's testing library, which
    // there is for sharing only; so they depend on the floor below, and one build serves both.
    .executableTarget(
      name: "certify", dependencies: ["Commands", "CProcess", "CCommit"],
      swiftSettings: strict,
      linkerSettings: [
        .unsafeFlags(["-static-stdlib"], .when(platforms: [.linux])),
        // Nothing may change what the loader has set: it finds every address before main.
        .unsafeFlags(
          ["-Xlinker", "-z", "-Xlinker", "relro", "-Xlinker", "-z", "-Xlinker", "now"],
          .when(platforms: [.linux])),
        // What a build is known by, in reports and journals; it stays where the program is stripped.
        .unsafeFlags(["-Xlinker", "--build-id=sha1"], .when(platforms: [.linux])),
        // What FoundationEssentials, which the argument parser uses, consists of.
        .linkedLibrary("_FoundationCShims", .when(platforms: [.linux])),
        .linkedLibrary("_FoundationCollections", .when(platforms: [.linux])),
      ]),
    // Tests: oracles that share nothing with the engine, and what is held against them.
    .target(
      name: "ReportTestSupport", dependencies: ["CZlib"], path: "Tests/ReportTestSupport",
      swiftSettings: strict),
    .testTarget(
      name: "PagesTests",
      dependencies: [
        "Pages", "Reports", "CertificateRecords", "ReportTestSupport", "NumberSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ReportsTests",
      dependencies: [
        "ReLUChain", "Certification", "Attack", "Numbers", "Reports", "CertificateRecords",
        "FileAccess", "ReportTestSupport", "NumberSupport",
        .product(name: "BigInt", package: "BigInt"),
      ],
      swiftSettings: strict),
    .target(
      name: "NumberSupport", dependencies: [.product(name: "BigInt", package: "BigInt")],
      path: "Tests/NumberSupport", swiftSettings: strict),
    // Evaluates graphs from ONNX's definitions, and imports nothing of the program.
    .target(
      name: "GraphOracle", dependencies: ["NumberSupport"], path: "Tests/GraphOracle",
      swiftSettings: strict),
    .target(
      name: "TestSupport",
      dependencies: ["NumberSupport", "NetworkGraph", "ChainImport", "ReLUChain"],
      path: "Tests/TestSupport", swiftSettings: strict),
    .testTarget(
      name: "NumbersTests",
      dependencies: ["Numbers", "NumberSupport", .product(name: "BigInt", package: "BigInt")],
      swiftSettings: strict),
    .testTarget(
      name: "DataFilesTests",
      dependencies: ["DataFiles", "FileAccess", "Numbers", "NumberSupport", "CZlib"],
      swiftSettings: strict),
    .testTarget(
      name: "PropertyFilesTests", dependencies: ["PropertyFiles", "FileAccess", "NumberSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "VerificationTests",
      dependencies: [
        "Verification", "PropertyFiles", "DualBounds", "ReLUChain", "TestSupport", "NumberSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ThreadsTests", dependencies: ["Threads"], swiftSettings: strict),
    .testTarget(
      name: "DualBoundsTests",
      dependencies: [
        "DualBounds", "CKernels", "NetworkGraph", "ChainImport", "ReLUChain", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "AttackTests",
      dependencies: [
        "Numbers", "Attack", "Certification", "CertificateRecords", "DualBounds", "ReLUChain",
        "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ReLUChainTests", dependencies: ["ReLUChain", "NetworkGraph", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "ChainImportTests",
      dependencies: [
        "ChainImport", "ReLUChain", "NetworkGraph", "ModelFiles", "DataFiles", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ModelFilesTests",
      dependencies: ["ModelFiles", "NetworkGraph", "FileAccess", "ChainImport", "ReLUChain"],
      swiftSettings: strict),
    .target(
      name: "ReferenceSupport",
      dependencies: [
        "Numbers", "Certification", "CertificateRecords", "DualBounds", "ChainImport", "ReLUChain",
        "ModelFiles", "DataFiles", "FileAccess",
      ],
      path: "Tests/ReferenceSupport", swiftSettings: strict),
    .testTarget(
      name: "ReferenceTests",
      dependencies: [
        "Numbers", "ReferenceSupport", "TestSupport", "Attack", "Certification",
        "CertificateRecords",
        "DualBounds", "ChainImport", "ReLUChain", "ModelFiles", "DataFiles", "FileAccess",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GraphOracleTests",
      dependencies: [
        "Numbers", "GraphOracle", "NumberSupport", "Attack", "Certification", "CertificateRecords",
        "DualBounds", "ModelFiles", "NetworkGraph", "ChainImport", "ReLUChain",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CorpusTests",
      dependencies: [
        "Attack", "Numbers", "ReferenceSupport", "Certification", "CertificateRecords",
        "DualBounds",
        "ChainImport",
        "ReLUChain", "ModelFiles", "DataFiles",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ParityTests",
      dependencies: [
        "Numbers", "Parity", "ModelFiles", "ChainImport", "ReLUChain", "DataFiles", "FileAccess",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "RunsTests",
      dependencies: [
        "Runs", "Reports", "Certification", "Attack", "CertificateRecords", "FileAccess", "Numbers",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "AuditTests",
      dependencies: [
        "Audit", "ProofRecords", "ProofFiles", "Certification", "CertificateRecords", "DualBounds",
        "ReLUChain", "Numbers", "ExactNumbers", "FileAccess", "TestSupport", "NumberSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "Commands", "Certification", "ReportTestSupport", "NumberSupport", "FileAccess", "Numbers",
        "ProofFiles", "ProofRecords",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ZooTests",
      dependencies: ["ModelFiles", "ChainImport", "ReLUChain", "FileAccess", "DualBounds"],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)

// `Fuzzing/run` sets this, with the sanitizers' flags; no other build has a use for these.
if Context.environment["CERTIFY_FUZZING"] != nil {
  package.targets += [
    .target(name: "FuzzDriver", path: "Fuzzing/Driver", cSettings: strictC),
    .executableTarget(
      name: "CertifyFuzz",
      dependencies: [
        "Numbers", "FuzzDriver", "PropertyFiles", "Certification", "Attack", "DualBounds",
        "ModelFiles",
        "ChainImport",
        "DataFiles", "ReLUChain", "CertificateRecords", "FileAccess", "Reports", "Audit",
        "ProofFiles", "ProofRecords",
      ],
      path: "Fuzzing/Targets", swiftSettings: strict),
  ]
}

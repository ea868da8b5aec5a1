import Glibc

Interruption.watch()
exit(Entry.run(Array(CommandLine.arguments.dropFirst())).rawValue)

import Foundation

/// The processor that a program is made for, in the words of engines.
struct ProcessorArchitecture: Hashable, Sendable, CustomStringConvertible {
    let description: String

    /// Takes what an engine says of itself: Docker says `x86_64`, Podman `amd64`.
    init(engineName: String) {
        description =
            switch engineName {
            case "amd64": "x86_64"
            case "arm64": "aarch64"
            default: engineName
            }
    }

    /// Reads it off an executable; `nil` when that is no ELF file (a script runs anywhere).
    init?(ofExecutable path: String) {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        // What cannot be read will be reported by whoever needs all of it.
        guard let header = try? file.read(upToCount: 20), header.count == 20,
            header.starts(with: [0x7f, 0x45, 0x4c, 0x46])
        else { return nil }
        let machine = Int(header[18]) | Int(header[19]) << 8
        description = Self.names[machine] ?? "machine \(machine)"
    }

    /// `e_machine` of the ELF header.
    private static let names = [0x3e: "x86_64", 0xb7: "aarch64", 0x28: "armv7l", 0xf3: "riscv64"]
}

import Crypto
import Domain
import Foundation

/// A server that shows another host key than the one that is known.
struct HostKeyChange {
    private let file: String
    private let known: String?
    private let shown: String?

    /// Takes both fingerprints from ssh's warning and from the line of `known_hosts` that it names.
    init?(reading text: String, readFile: (String) -> [UInt8]?) {
        guard let match = text.firstMatch(of: /Offending [A-Za-z0-9-]+ key in (.+):(\d+)/), let line = Int(match.2)
        else {
            return nil
        }
        file = String(match.1)
        shown = text.firstMatch(of: /SHA256:[A-Za-z0-9+\/]+/).map { String($0.0) }
        let lines =
            readFile(file).map {
                String(decoding: $0, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            } ?? []
        known = lines.indices.contains(line - 1) ? Self.fingerprint(of: lines[line - 1]) : nil
    }

    /// `host type base64`: the fingerprint is that of the third field.
    private static func fingerprint(of line: Substring) -> String? {
        let fields = line.split(separator: " ").drop { $0.hasPrefix("@") }
        guard fields.count >= 3, let key = Data(base64Encoded: String(fields[fields.startIndex + 2])) else {
            return nil
        }
        return "SHA256:" + Data(SHA256.hash(data: key)).base64EncodedString().replacing("=", with: "")
    }

    /// Both fingerprints and the command that forgets the known one, for people.
    func explanation(of server: ServerAddress) -> String {
        let known = known ?? "one that cannot be read"
        return "\(server): the server shows another host key than before. Known is \(known), shown is "
            + "\(shown ?? "another"). If the server was not made anew, somebody may stand between you and it. If it was, "
            + "forget the old key: ssh-keygen -R '\(server.knownHostsName)' -f \(file.quotedForShell)"
    }
}

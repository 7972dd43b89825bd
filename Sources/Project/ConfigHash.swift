import Crypto
package import Domain
import Foundation

/// A fingerprint of everything an agent's files say: SHA-256 of its JSON form, in hex.
///
/// Two configurations have the same hash if and only if they would give the same runs; the place of the directory on this
/// machine does not count.
package func configHash(of agent: AgentConfig) -> String {
    var agent = agent
    agent.directory = ""
    return SHA256.hash(data: Data(agent.json.compactText.utf8)).hexText
}

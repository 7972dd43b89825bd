import Foundation

/// Addresses of servers, as settings name them.
package enum WebAddress {
    /// Whether a text is an http(s) URL with a host.
    package static func isValid(_ text: String) -> Bool {
        guard let url = URL(string: text), let host = url.host() else { return false }
        return ["http", "https"].contains(url.scheme?.lowercased()) && !host.isEmpty
    }
}

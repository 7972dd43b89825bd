/// Replaces secret values in text by `[redacted:<type>.<field>]`.
///
/// A value is found in six encodings: plain; base64 and base64url, also as part of a longer text that was encoded as a whole,
/// padded or not; percent-encoded; escaped for JSON; hexadecimal. Line breaks inside an encoded value are looked through, so
/// that wrapped base64 is found too. Of values with several lines each line of at least sixteen bytes is looked for as well.
/// Where findings overlap, one mark stands for all of them, named after the longest.
///
/// The time grows with the length of the text only, however many secrets there are; a secret costs memory in proportion to
/// its length (tens of kB for a token, some MB for an RSA key).
///
/// Limits: values under eight bytes are left alone, because they would hide ordinary words. Not found are values that were
/// split up, reversed, encrypted, compressed, or encoded twice or otherwise (base32, quoted-printable, hexadecimal with
/// separators). Beside a mark in base64 up to six bits of the value may remain at either end.
package final class Redactor: Sendable {
    private let automaton: NeedleAutomaton
    private let secrets: [Secret]

    /// Prepares the search.
    package init(_ secrets: [Secret]) {
        self.secrets = secrets
        automaton = NeedleAutomaton(
            secrets.enumerated().flatMap { index, secret in
                SecretForms.all(of: secret.value).map { (bytes: $0, tag: index) }
            }
        )
    }

    /// Whether there is nothing to hide.
    package var isEmpty: Bool { automaton.isEmpty }

    /// The text without secrets, and which of them stood in it, in order of appearance.
    package func redact(_ text: String) -> (text: String, found: [Secret]) {
        guard !isEmpty else { return (text, []) }
        var text = text
        // Most texts hold no secret: nothing is copied for them.
        guard text.withUTF8({ automaton.occurs(in: $0) }) else { return (text, []) }
        var stream = stream()
        stream.scan(text.utf8)
        let redacted = String(decoding: stream.finish(), as: UTF8.self)
        return (redacted, stream.found)
    }

    /// Takes secrets out of a text that comes in pieces.
    package func stream() -> RedactionStream { RedactionStream(automaton: automaton, secrets: secrets) }
}

import Domain
import OrderedCollections

/// Reads one TOML table key by key: records what does not fit and answers `nil`, so that the caller's default holds.
///
/// The keys that were asked for are the legal ones; ``finish()`` reports all others.
final class TableDecoder {
    let members: OrderedDictionary<String, JSONValue>
    let path: String
    let report: ProblemReport
    private var legalKeys: [String] = []
    private var silentKeys: Set<String> = []

    init(_ members: OrderedDictionary<String, JSONValue>, path: String = "", report: ProblemReport) {
        self.members = members
        self.path = path
        self.report = report
    }

    /// The value of a key, which is legal from now on.
    ///
    /// `null` stands for TOML's `nan` and `inf`.
    func value(_ key: String, deprecated alias: String? = nil) -> JSONValue? {
        if !legalKeys.contains(key) { legalKeys.append(key) }
        guard let alias else { return members[key] }
        silentKeys.insert(alias)
        guard let old = members[alias] else { return members[key] }
        let isShadowed = members[key] != nil
        let text = isShadowed ? "deprecated and not used, \(key) is set" : "deprecated, use \(key)"
        report.add(.configDeprecated, at: full(alias), text)
        return members[key] ?? old
    }

    func integer(_ key: String, _ range: ClosedRange<Int>, deprecated alias: String? = nil) -> Int? {
        let limits = range.upperBound == .max ? "≥ \(range.lowerBound)" : "\(range.lowerBound)–\(range.upperBound)"
        return read(value(key, deprecated: alias), key, "a whole number \(limits)") { value in
            value.intValue.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A number above 0.
    func positiveNumber(_ key: String) -> Double? {
        read(value(key), key, "a number > 0") { value in value.doubleValue.flatMap { $0 > 0 ? $0 : nil } }
    }

    func boolean(_ key: String) -> Bool? { read(value(key), key, "true or false") { $0.boolValue } }

    /// A text; an empty one is an error unless it stands for "none".
    func text(_ key: String, emptyMeansNone: Bool = false) -> String? {
        let value = value(key)
        if emptyMeansNone, value == .string("") { return nil }
        return read(value, key, "text") { value in value.stringValue.flatMap { $0.isEmpty ? nil : $0 } }
    }

    /// A list of texts; a single text counts as a list of one.
    func texts(_ key: String) -> [String]? {
        let value = value(key)
        if let single = value?.stringValue {
            report.add(.configListExpected, at: full(key), "a list is expected, taken as [\(JSONValue.quoted(single))]")
            return [single]
        }
        return read(value, key, "a list of texts") { value in
            value.arrayValue.flatMap { values in
                let texts = values.compactMap(\.stringValue)
                return texts.count == values.count ? texts : nil
            }
        }
    }

    /// A text that must be one of a few.
    func choice(_ key: String, among legal: [String]) -> String? {
        guard let text = text(key) else { return nil }
        guard legal.contains(text) else {
            let message = "\(JSONValue.quoted(text)) is unknown (\(legal.joined(separator: ", ")))"
            let suggestion = Suggestion.nearest(to: text, among: legal)
            report.add(.configBadValue, at: full(key), message, suggestion: suggestion)
            return nil
        }
        return text
    }

    func choice<Value: RawRepresentable<String> & CaseIterable>(_ key: String, of type: Value.Type) -> Value? {
        choice(key, among: type.allCases.map(\.rawValue)).flatMap(Value.init(rawValue:))
    }

    func table(_ key: String) -> TableDecoder? {
        read(value(key), key, "a table") { $0.objectValue }
            .map { TableDecoder($0, path: full(key), report: report) }
    }

    /// The tables of an array of tables.
    func tables(_ key: String) -> [TableDecoder] {
        let values = read(value(key), key, "tables: [[\(key)]]") { $0.arrayValue } ?? []
        return values.enumerated().compactMap { index, value in
            let path = KeyPath.element(full(key), index)
            guard let members = value.objectValue else {
                report.add(.configBadType, at: path, "expected a table, found \(found(value, at: path))")
                return nil
            }
            return TableDecoder(members, path: path, report: report)
        }
    }

    /// Declares keys that are legal but read elsewhere or not at all.
    func ignore(_ keys: String...) { legalKeys += keys }

    /// Declares a key that this version cannot honour; its presence, or a value other than `harmless`, draws a warning.
    func unsupported(_ key: String, harmless: JSONValue? = nil) {
        guard let value = value(key), value != harmless else { return }
        report.add(.configNoEffect, at: full(key), "not supported yet, has no effect")
    }

    /// Reports the keys that nobody asked for.
    func finish() {
        for key in members.keys where !legalKeys.contains(key) && !silentKeys.contains(key) {
            let suggestion = Suggestion.nearest(to: key, among: legalKeys)
            let isListed = suggestion == nil && !legalKeys.isEmpty && legalKeys.count <= 12
            let known = isListed ? " (known: \(legalKeys.joined(separator: ", ")))" : ""
            report.add(.configUnknownKey, at: full(key), "unknown key\(known)", suggestion: suggestion)
        }
    }

    /// The path of a key of this table.
    func full(_ key: String) -> String { KeyPath.joined(path, key) }

    /// What a problem says it found in the place of something else.
    private func found(_ value: JSONValue, at path: String) -> String { SecretValues.found(value, at: path) }

    private func read<Value>(
        _ value: JSONValue?,
        _ key: String,
        _ expected: String,
        _ convert: (JSONValue) -> Value?
    ) -> Value? {
        guard let value else { return nil }
        guard let result = convert(value) else {
            report.add(.configBadType, at: full(key), "expected \(expected), found \(found(value, at: full(key)))")
            return nil
        }
        return result
    }
}

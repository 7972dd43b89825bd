import Foundation

/// Names beyond ASCII as the wire carries them (RFC 3492, RFC 5891).
enum Punycode {
    private static let base = 36
    private static let smallest = 1
    private static let largest = 26
    private static let skew = 38
    private static let damp = 700

    /// The name with each label that needs it in its `xn--` form.
    static func name(_ text: String) -> String {
        text.precomposedStringWithCanonicalMapping.lowercased().split(separator: ".", omittingEmptySubsequences: false)
            .map { label in label.allSatisfy(\.isASCII) ? String(label) : "xn--" + encoded(String(label)) }
            .joined(separator: ".")
    }

    private static func encoded(_ label: String) -> String {
        let scalars = label.unicodeScalars.map { Int($0.value) }
        let basic = scalars.filter { $0 < 128 }
        var output = basic.compactMap { Unicode.Scalar(UInt32($0)) }.map { String($0) }.joined()
        if !basic.isEmpty { output += "-" }
        var (number, delta, bias, handled) = (128, 0, 72, basic.count)
        while handled < scalars.count {
            let next = scalars.filter { $0 >= number }.min() ?? number
            delta += (next - number) * (handled + 1)
            number = next
            for scalar in scalars {
                if scalar < number { delta += 1 }
                guard scalar == number else { continue }
                output += digits(of: delta, bias: bias)
                bias = adapted(delta, count: handled + 1, isFirst: handled == basic.count)
                delta = 0
                handled += 1
            }
            delta += 1
            number += 1
        }
        return output
    }

    /// A number in digits whose weights follow the bias.
    private static func digits(of number: Int, bias: Int) -> String {
        var text = ""
        var rest = number
        var position = base
        while true {
            let threshold = min(max(position - bias, smallest), largest)
            guard rest >= threshold else { return text + digit(rest) }
            text += digit(threshold + (rest - threshold) % (base - threshold))
            rest = (rest - threshold) / (base - threshold)
            position += base
        }
    }

    /// a–z, then 0–9.
    private static func digit(_ value: Int) -> String {
        String(UnicodeScalar(UInt8(value < 26 ? 97 + value : 22 + value)))
    }

    private static func adapted(_ delta: Int, count: Int, isFirst: Bool) -> Int {
        var delta = isFirst ? delta / damp : delta / 2
        delta += delta / count
        var steps = 0
        while delta > (base - smallest) * largest / 2 {
            delta /= base - smallest
            steps += base
        }
        return steps + (base - smallest + 1) * delta / (delta + skew)
    }
}

import Domain

/// A Dockerfile, read as far as al must understand it.
struct Dockerfile: Hashable, Sendable {
    var text: String

    /// Instructions, trimmed, without comments and empty lines; a continued line counts as one.
    var instructions: [String] {
        var found: [String] = []
        var open = ""
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            let trimmed = String(line).withoutOuterSpace
            if trimmed.isEmpty || trimmed.hasPrefix("#") { continue }
            if trimmed.hasSuffix("\\") {
                open += trimmed.dropLast() + " "
                continue
            }
            found.append(open + trimmed)
            open = ""
        }
        if !open.isEmpty { found.append(open) }
        return found
    }

    /// Whether it does more than name a base image.
    var isCustomised: Bool { instructions.count > 1 }

    /// Whether a step needs BuildKit, which the engine's plain build lacks.
    var needsBuildKit: Bool {
        instructions.contains { line in
            let words = Self.words(line)
            guard words.first?.uppercased() == "RUN" else { return false }
            return words.dropFirst().prefix { $0.hasPrefix("--") }.contains { $0.hasPrefix("--mount=") }
        }
    }

    /// Whether it still starts the run the way the previous implementation did.
    var hasForeignEntrypoint: Bool {
        guard let last = instructions.last(where: { Self.words($0).first?.uppercased() == "ENTRYPOINT" }) else {
            return false
        }
        return last.contains("node") && last.contains("container-entry.js")
    }

    /// Whether a `COPY` of the last stage brings the static files already.
    var copiesStatic: Bool {
        let lines = instructions.map { Self.words($0) }
        let last = lines.lastIndex { $0.first?.uppercased() == "FROM" } ?? 0
        return lines.dropFirst(last).contains { words in
            words.first?.uppercased() == "COPY" && ["static", "static/"].contains(words.dropLast().last ?? "")
                && ["/app/static", "/app/static/"].contains(words.last ?? "")
        }
    }

    /// What stages are called (`FROM … AS name`).
    private var stages: Set<String> {
        Set(
            instructions.compactMap { line in
                let words = Self.words(line)
                guard words.first?.uppercased() == "FROM", words.dropLast().last?.uppercased() == "AS" else {
                    return nil
                }
                return words.last?.lowercased()
            }
        )
    }

    /// Replaces the images `al-agent` and `al-project-base`, with or without tag, in every `FROM` and `COPY --from=`.
    ///
    /// Names of earlier stages and other images stay.
    func replacingBase(with image: String) -> Dockerfile {
        let stages = stages
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { line -> String in
            let words = Self.words(String(line))
            switch words.first?.uppercased() {
            case "FROM":
                guard let name = words.dropFirst().first(where: { !$0.hasPrefix("--") }), Self.isOurs(name) else {
                    break
                }
                return Self.replace(name, with: image, in: String(line))
            case "COPY":
                guard let option = words.first(where: { $0.hasPrefix("--from=") }),
                    case let name = String(option.dropFirst("--from=".count)), Self.isOurs(name),
                    !stages.contains(name.lowercased())
                else { break }
                return Self.replace(option, with: "--from=\(image)", in: String(line))
            default: break
            }
            return String(line)
        }
        return Dockerfile(text: lines.joined(separator: "\n"))
    }

    /// With `COPY static/ /app/static/` at its end unless it copies them itself.
    func addingStaticFiles() -> Dockerfile {
        if copiesStatic { return self }
        return Dockerfile(text: text + (text.hasSuffix("\n") ? "" : "\n") + "COPY static/ /app/static/\n")
    }

    private static let ourImages: Set<String> = ["al-agent", "al-project-base"]

    private static func isOurs(_ image: String) -> Bool {
        ourImages.contains(String(image.prefix { $0 != ":" && $0 != "@" }))
    }

    private static func words(_ line: String) -> [String] {
        line.split(whereSeparator: \.isWhitespace).map(String.init)
    }

    /// Replaces the first whole word; the instruction before it cannot be equal to it.
    private static func replace(_ word: String, with other: String, in line: String) -> String {
        guard let range = line.firstRange(of: word) else { return line }
        return line.replacingCharacters(in: range, with: other)
    }

}

extension String {
    fileprivate func replacingCharacters(in range: Range<String.Index>, with text: String) -> String {
        String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
    }
}

extension Dockerfile {
    /// The image every agent's image starts from.
    ///
    /// Packages are only fetched when something is missing, so that a local image that has them builds without network.
    static let agentBase = Dockerfile(
        text: """
            FROM debian:bookworm-slim
            RUN (for c in git curl jq ssh bash; do command -v "$c" >/dev/null || exit 1; done; test -d /etc/ssl/certs) \\
             || (apt-get update && apt-get install -y --no-install-recommends \\
             git curl jq ca-certificates openssh-client bash && rm -rf /var/lib/apt/lists/*)
            RUN groupadd --gid 1000 node && useradd --uid 1000 --gid 1000 --create-home --shell /bin/bash node \\
             && mkdir -p /workspace /credentials /app/static && chown 1000:1000 /workspace /tmp /home/node \\
             && chmod 1777 /tmp
            COPY root/ /
            ENV PATH=/app/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
            ENV PIP_BREAK_SYSTEM_PACKAGES=1 LANG=C.UTF-8 HOME=/home/node
            WORKDIR /workspace
            VOLUME ["/workspace", "/tmp", "/home/node"]
            USER node
            ENTRYPOINT ["/app/bin/al", "_run-agent"]

            """
    )
}

import Domain
import Foundation
import Synchronization
import Testing

@testable import Credentials

@Suite("Keys of the operator's pi")
struct PiAuthTests {
    private let home: TemporaryHome

    init() throws { home = try TemporaryHome() }

    private func login(
        _ json: String?,
        mode: Int = 0o600,
        environment: [String: String] = [:],
        warn: @escaping @Sendable (String) -> Void = { _ in }
    ) throws -> PiAuth {
        let directory = home.path + "/pi"
        if let json { try home.write(json, to: "pi/auth.json", mode: mode) }
        return PiAuth(
            environment: environment.merging(["PI_CODING_AGENT_DIR": directory]) { own, _ in own },
            now: { Date(timeIntervalSince1970: 1000) },
            run: { command in
                guard command == "pass show key" else {
                    throw CredentialError.notFound(.init(type: "x"), suggestion: nil)
                }
                return " from-command\n"
            },
            warn: warn
        )
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let json: String?
        let environment: [String: String]
        let token: String?
        var testDescription: String { json ?? "\(environment)" }
    }

    @Test(
        "A key is taken from its entry, a command, a variable, or the environment",
        arguments: [
            Case(json: #"{"anthropic":{"type":"api_key","key":"sk-1"}}"#, environment: [:], token: "sk-1"),
            Case(
                json: #"{"anthropic":{"type":"api_key","key":"!pass show key"}}"#,
                environment: [:],
                token: "from-command"
            ),
            Case(json: #"{"anthropic":{"type":"api_key","key":"MY_KEY"}}"#, environment: ["MY_KEY": "v"], token: "v"),
            Case(
                json: #"{"anthropic":{"type":"oauth","access":"sk-ant-oat1","refresh":"r","expires":1000001}}"#,
                environment: [:],
                token: "sk-ant-oat1"
            ),
            Case(
                json: #"{"openai":{"type":"api_key","key":"x"}}"#,
                environment: ["ANTHROPIC_API_KEY": "e"],
                token: "e"
            ),
            Case(json: nil, environment: ["ANTHROPIC_API_KEY": "e", "ANTHROPIC_OAUTH_TOKEN": "o"], token: "o"),
            Case(json: nil, environment: [:], token: nil),
        ]
    )
    func sources(sample: Case) async throws {
        let login = try login(sample.json, environment: sample.environment)
        #expect(try await login.token(for: .anthropic) == sample.token)
    }

    @Test("Gemini's variable has a name of its own")
    func google() async throws {
        let login = try login(nil, environment: ["GEMINI_API_KEY": "g", "XAI_API_KEY": "x"])
        #expect(try await login.token(for: .google) == "g")
        #expect(try await login.token(for: .xai) == "x")
        #expect(try await login.token(for: .custom) == nil)
    }

    @Test(
        "An expired login, a broken file and a failing command say what is wrong",
        arguments: [
            (
                #"{"anthropic":{"type":"oauth","access":"a","expires":1000000}}"#, CredentialError.Code.refused,
                "has expired"
            ),
            (#"{"anthropic":"#, .unreadable, "at byte 13"),
            (#"{"anthropic":{"type":"new"}}"#, .unreadable, "unknown type new"),
            (#"{"anthropic":{"type":"api_key","key":"!false"}}"#, .unreadable, "the command of a key failed"),
        ]
    )
    func failures(json: String, code: CredentialError.Code, words: String) async throws {
        let login = try login(json)
        let error = await #expect(throws: CredentialError.self) { try await login.token(for: .anthropic) }
        #expect(error?.code == code)
        #expect(error?.message.contains(words) == true)
    }

    @Test(
        "A login is found without being looked at: no command is run, and one that has expired is one",
        arguments: [
            (#"{"anthropic":{"type":"api_key","key":"!false"}}"#, "file"),
            (#"{"anthropic":{"type":"oauth","access":"a","expires":1}}"#, "file"),
            (#"{"openai":{"type":"api_key","key":"x"}}"#, "$ANTHROPIC_API_KEY"), (nil, "$ANTHROPIC_API_KEY"),
        ] as [(String?, String)]
    )
    func place(json: String?, place: String) throws {
        let login = try login(json, environment: ["ANTHROPIC_OAUTH_TOKEN": "", "ANTHROPIC_API_KEY": "e"])
        #expect(try login.place(ofLoginFor: .anthropic) == (place == "file" ? login.path : place))
        #expect(try login.place(ofLoginFor: .groq) == nil)
        let broken = try self.login(#"{"anthropic":"#)
        #expect(throws: CredentialError.self) { try broken.place(ofLoginFor: .anthropic) }
    }

    @Test("A file that others can read is warned of")
    func exposed() async throws {
        let warnings = Mutex<[String]>([])
        let login = try login(#"{"anthropic":{"type":"api_key","key":"k"}}"#, mode: 0o644) { text in
            warnings.withLock { $0.append(text) }
        }
        #expect(try await login.token(for: .anthropic) == "k")
        #expect(warnings.withLock { $0.count } == 1)
    }

    @Test("An agent with pi_auth gets the operator's key, and none without a login")
    func agent() async throws {
        var agent = AgentConfig(name: try AgentName("dev"), model: ModelConfig(provider: .anthropic, model: "m"))
        agent.model.authentication = .piAuth
        let login = try login(#"{"anthropic":{"type":"api_key","key":"k"}}"#)
        let keys = try await home.store.modelCredentials(for: agent, login: login)
        #expect(keys == ["anthropic_key": ["default": ["token": "k"]]])
        await #expect(throws: CredentialError.self) { try await home.store.modelCredentials(for: agent) }
    }
}

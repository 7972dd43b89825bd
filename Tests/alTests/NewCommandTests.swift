import Foundation
import Subprocess
import Testing

@testable import al

@Suite("What al new asks for and refuses", .timeLimit(.minutes(5))) struct NewCommandTests {
    @Test("the login of pi is looked for where pi keeps it, and for the model's provider")
    func piAuth() async throws {
        try await AlProcess.withDirectory { al in
            try al.write("pi/auth.json", #"{"openai":{"type":"api_key","key":"sk-1"}}"#)
            let options = ["--model", "m", "--auth", "pi_auth", "--yes"]
            let found = try await al.run(
                ["new", "x", "--provider", "openai"] + options,
                adding: ["PI_CODING_AGENT_DIR": al.directory + "/pi"]
            )
            #expect(found.code == 0, "\(found.error)")
            #expect(try al.text("x/config.toml").contains("authType = \"pi_auth\""))
            try al.write("pi/auth.json", #"{"openai":{"type":"api_key","key":"!touch asked; false"}}"#)
            let unasked = try await al.run(
                ["new", "z", "--provider", "openai"] + options,
                adding: ["PI_CODING_AGENT_DIR": al.directory + "/pi"]
            )
            #expect(unasked.code == 0, "\(unasked.error)")
            #expect(!FileManager.default.fileExists(atPath: al.directory + "/asked"))
            let absent = try await al.run(["new", "y", "--provider", "groq"] + options)
            #expect(absent.code == 1)
            #expect(absent.error.contains("holds no login for groq"), "\(absent.error)")
            #expect(!FileManager.default.fileExists(atPath: al.directory + "/y"))
        }
    }

    @Test("what is no URL of a server is refused at once", arguments: ["http://", "https:///v1", "ftp://x/v1", "x"])
    func baseURL(text: String) async throws {
        try await AlProcess.withDirectory { al in
            let options = ["--provider", "custom", "--model", "m", "--no-key", "--yes"]
            let result = try await al.run(["new", "x", "--base-url", text] + options)
            #expect(result.code == 1)
            #expect(result.error.contains("--base-url"), "\(result.error)")
            #expect(!FileManager.default.fileExists(atPath: al.directory + "/x"))
        }
    }
}

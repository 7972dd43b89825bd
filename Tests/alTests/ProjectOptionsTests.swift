import ArgumentParser
import Foundation
import Testing

@testable import al

@Suite("Which project and environment a command is about", .timeLimit(.minutes(5))) struct ProjectOptionsTests {
    @Test(
        "what a shell makes of a variable that is not set names neither",
        arguments: [["-p", ""], ["--project", ""], ["-E", ""], ["--env", ""]]
    )
    func empty(arguments: [String]) async throws {
        try await AlProcess.withDirectory { al in
            try al.write("agents/dev/agent-config.toml", "manual = true\n")
            let result = try await al.run(["agent", "list"] + arguments)
            #expect(result.code == 1)
            #expect(result.error.contains("is empty"), "\(result.error)")
            #expect(result.output.isEmpty)
        }
    }

    @Test("a command that goes on with another one hands both on")
    func handedOn() throws {
        let options = try ProjectOptions.parse(["-p", "some where", "-E", "prod"])
        let again = try ProjectOptions.parse(options.arguments)
        #expect(again.project == options.project)
        #expect(again.env == "prod")
        let none = try ProjectOptions.parse([]).arguments
        #expect(try ProjectOptions.parse(none).env == nil)
    }

    @Test("without an agent doctor has nothing to check, unless a file has an error")
    func doctor() async throws {
        try await AlProcess.withDirectory { al in
            try al.write("config.toml", "x = 1\n")
            let sound = try await al.run("doctor", "--check-only")
            #expect(sound.code == 0)
            #expect(sound.output.contains("nothing to check"))
            #expect(try await al.run("doctor", "--check-only", "--strict").code == 1)
            try al.write("config.toml", "x = = 1\n")
            let broken = try await al.run("doctor", "--check-only")
            #expect(broken.code == 1)
            #expect(broken.output.contains("config.toml:1"), "\(broken.output)")
            let json = try await al.run("doctor", "--check-only", "--json")
            #expect(json.code == 1)
            #expect(json.output.contains("config.syntax"), "\(json.output)")
        }
    }
}

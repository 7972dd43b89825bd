import Domain
import Foundation
import Storage
import Subprocess
import Testing

/// Commands that are asked about agents whose files cannot be used.
@Suite("Unusable agents", .timeLimit(.minutes(5))) struct UnusableAgentTests {
    private static let config =
        "[model]\nprovider = \"scripted\"\nmodel = \"s.yaml\"\n[gateway]\nport = 1\n"
        + "[webhooks.hub]\ntype = \"test\"\n"

    private func writeProject(_ al: AlProcess) throws {
        try al.write("config.toml", Self.config)
        for name in ["good", "bad"] { try al.write("agents/\(name)/ACTIONS.md", "x") }
        let schedule = "schedule = \"0 9 * * *\"\ntimezone = \"UTC\"\n"
        try al.write("agents/good/agent-config.toml", "credentials = []\n" + schedule)
        try al.write("agents/good/s.yaml", "turns: [ { text: x } ]\n")
        try al.write(
            "agents/bad/agent-config.toml",
            "credentials = []\nschedule = \"* * *\"\n[[webhooks]]\nsource = \"hub\"\n"
        )
    }

    @Test("next does not deny the schedule of an agent whose file is wrong")
    func next() async throws {
        try await AlProcess.withDirectory { al in
            try writeProject(al)
            let one = try await al.run("next", "bad")
            #expect(one.code == 1)
            #expect(one.output.isEmpty)
            #expect(one.error.hasPrefix("Configuration error: agents/bad/agent-config.toml:2: schedule: "))
            let all = try await al.run("next")
            #expect(all.code == 1)
            #expect(all.output.hasPrefix("good  0 9 * * * (UTC)\n"), "\(all.output)")
            #expect(all.error.contains("agents/bad/agent-config.toml:2"))
            #expect(try await al.run("next", "good").code == 0)
            let json = try await al.run("next", "--json")
            let document = try JSONValue(parsing: json.output)
            #expect(json.code == 1 && document["fires"]?[0]?["agent"] == "good")
            #expect(document["error"]?["message"]?.stringValue?.contains("agents/bad/agent-config.toml:2") == true)
        }
    }

    @Test("webhook test does not deny the trigger of an agent whose file is wrong")
    func webhookTest() async throws {
        try await AlProcess.withDirectory { al in
            try writeProject(al)
            try al.write("payload.json", "{\"event\": \"deploy\"}")
            let result = try await al.run("webhook", "test", "bad", "--file", "payload.json")
            #expect(result.code == 1)
            #expect(!result.output.contains("No agent has"))
            #expect(result.error.contains("agents/bad/agent-config.toml:2"), "\(result.error)")
            let json = try await al.run("webhook", "test", "--file", "payload.json", "--json")
            let document = try JSONValue(parsing: json.output)
            #expect(json.code == 1 && document["context"]?["event"] == "deploy" && document["error"] != nil)
        }
    }

    @Test("doctor does not say for sure that a source is not used")
    func doctor() async throws {
        try await AlProcess.withDirectory { al in
            try writeProject(al)
            let output = try await al.run("doctor", "--check-only").output
            let doubt = "used by no agent, unless an agent above whose files cannot be used does"
            #expect(output.contains(doubt), "\(output)")
        }
    }

    @Test("stat says once which file of the project cannot be read, and does not say that there are no agents")
    func stat() async throws {
        try await AlProcess.withDirectory { al in
            try writeProject(al)
            try al.write("config.toml", "a = \n")
            let stat = try await al.run("stat")
            #expect(stat.code == 0)
            #expect(stat.output.ranges(of: "config.toml:1").count == 1, "\(stat.output)")
            #expect(stat.output.contains("No agent that can be used."), "\(stat.output)")
            #expect(!stat.output.contains("no [model]"), "\(stat.output)")
            try al.write("agents/Bad_Name/agent-config.toml", "credentials = []\n")
            #expect(try await al.run("stat", "Bad_Name").code == 0)
        }
    }

    @Test("stat and why tell what keeps an agent from running that only a chat could use, and a project's error once")
    func refusedByStart() async throws {
        try await AlProcess.withDirectory { al in
            try writeProject(al)
            let login = "provider = \"anthropic\"\nmodel = \"x\"\nauthType = \"pi_auth\"\n"
            try al.write("agents/good/agent-config.toml", "credentials = []\nmanual = true\n[model]\n\(login)")
            try al.write("config.toml", Self.config + "[models.fast]\nprovider = \"scripted\"\n")
            try al.write("agents/bad/agent-config.toml", "credentials = []\nmanual = true\nmodels = [\"fast\"]\n")
            let place = "agents/good/agent-config.toml:6: Agent `good`: authType pi_auth needs"
            let stat = try await al.run("stat")
            #expect(stat.output.contains("  good: \(place)"), "\(stat.output)")
            #expect(stat.output.ranges(of: "models.fast.model").count == 1, "\(stat.output)")
            let document = try JSONValue(parsing: try await al.run("stat", "--json").output)
            #expect(document["projectProblems"]?.arrayValue?.count == 1)
            #expect(document["reloadProblems"]?["good"] != nil && document["reloadProblems"]?["bad"] == nil)
            // There was a scheduler once, when there was no such agent.
            _ = try SQLiteStore(path: al.directory + "/.al/state.db")
            let why = try await al.run("why", "good")
            #expect((why.output + why.error).contains(place), "\(why.output)\(why.error)")
            #expect((why.output + why.error).contains("al start refuses its files: "), "\(why.output)\(why.error)")
            // Its schedule is known; there is none.
            #expect(try await al.run("next", "good").code == 0)
        }
    }

    @Test("an agent whose webhook source is wrong can be asked, and only its triggers are not known")
    func wrongSource() async throws {
        try await AlProcess.withDirectory { al in
            try writeProject(al)
            try al.write("config.toml", Self.config + "[webhooks.git]\ntype = \"githb\"\n")
            let schedule = "schedule = \"0 9 * * *\"\ntimezone = \"UTC\"\n"
            let trigger = "[[webhooks]]\nsource = \"git\"\n"
            try al.write("agents/good/agent-config.toml", "credentials = []\n\(schedule)\(trigger)")
            try FileManager.default.removeItem(atPath: al.directory + "/agents/bad")
            let next = try await al.run("next", "good")
            #expect(next.code == 0 && next.output.hasPrefix("good  0 9 * * * (UTC)\n"), "\(next.output)\(next.error)")
            try al.write("payload.json", "{\"event\": \"deploy\"}")
            let test = try await al.run("webhook", "test", "good", "--file", "payload.json")
            #expect(test.code == 1 && !test.output.contains("no webhook trigger"), "\(test.output)")
            #expect(test.error.contains("webhooks.git.type"), "\(test.error)")
            let stat = try await al.run("stat")
            #expect(stat.output.ranges(of: "webhooks.git.type").count == 1, "\(stat.output)")
            let doctor = try await al.run("doctor", "--check-only").output
            #expect(doctor.contains("agents/good/s.yaml") == false, "\(doctor)")
            try FileManager.default.removeItem(atPath: al.directory + "/agents/good/s.yaml")
            let missing = try await al.run("doctor", "--check-only").output
            #expect(missing.contains("[fail] agents/good/s.yaml: does not exist"), "\(missing)")
        }
    }

    @Test("the problems of a script are told with the file's place in the project, and not to agents in script mode")
    func scripts() async throws {
        try await AlProcess.withDirectory { al in
            try writeProject(al)
            try FileManager.default.removeItem(atPath: al.directory + "/agents/good/s.yaml")
            let missing = try await al.run("doctor", "--check-only").output
            #expect(missing.contains("[fail] agents/good/s.yaml: does not exist"), "\(missing)")
            try al.write("agents/good/test-script.sh", "exit 0\n")
            #expect(try await !al.run("doctor", "--check-only").output.contains("s.yaml"))
        }
    }

    @Test("a zone that TZ does not name is told where schedules are")
    func zone() async throws {
        try await AlProcess.withDirectory { al in
            try writeProject(al)
            #expect(try await al.run("next", "good").error.isEmpty)
            let warned = try await al.run(["next", "good"], adding: ["TZ": "Nope/Zone"])
            #expect(warned.error.hasPrefix("Warning: TZ is \"Nope/Zone\""), "\(warned.error)")
            let doctor = try await al.run(["doctor", "--check-only"], adding: ["TZ": "Nope/Zone"])
            #expect(doctor.output.contains("[warn] TZ is \"Nope/Zone\""), "\(doctor.output)")
        }
    }

    @Test("a state directory that cannot be is told by doctor and start without a word of the system's")
    func state() async throws {
        try await AlProcess.withDirectory { al in
            try al.write("config.toml", Self.config + "[local]\nruntime = \"host\"\n")
            try al.write("agents/good/agent-config.toml", "credentials = []\nmanual = true\n")
            try al.write("agents/good/ACTIONS.md", "x")
            try al.write("agents/good/s.yaml", "turns: [ { text: x } ]\n")
            try al.write(".al", "a file\n")
            let doctor = try await al.run("doctor", "--check-only")
            #expect(doctor.output.contains("[fail] \(al.directory)/.al is a file"), "\(doctor.output)")
            let start = try await al.run("start", "--port", "1")
            #expect(start.code == 1)
            #expect(start.error.contains("/.al/scheduler.lock: .al must be a directory"), "\(start.error)")
            #expect(!start.error.contains("NSCocoaErrorDomain"))
            let new = try await al.run("new", ".al")
            #expect(!new.error.contains("NSCocoaErrorDomain"), "\(new.error)")
        }
    }
}

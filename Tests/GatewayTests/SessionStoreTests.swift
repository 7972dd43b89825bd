import Foundation
import Testing

@testable import Gateway

@Suite struct SessionStoreTests {
    private let now = Date(timeIntervalSince1970: 1_768_471_200)

    private func withFile(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "al-sessions-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try body(directory.appending(path: "sessions.json").path)
    }

    @Test("a session outlives the scheduler that gave it, but neither its key nor its day")
    func restart() throws {
        try withFile { file in
            SessionStore(file: file).open("id", key: "k", at: now)
            #expect(SessionStore(file: file).touch("id", key: "k", at: now + 3600))
            #expect(!SessionStore(file: file).touch("other", key: "k", at: now))
            #expect(!SessionStore(file: file).touch("id", key: "k", at: now + 26 * 3600))
        }
        try withFile { file in
            SessionStore(file: file).open("id", key: "k", at: now)
            #expect(!SessionStore(file: file).touch("id", key: "rotated", at: now))
            #expect(!SessionStore(file: file).touch("id", key: "k", at: now))
        }
    }

    @Test("a life that was begun anew is still known after a restart")
    func sliding() throws {
        try withFile { file in
            let store = SessionStore(file: file)
            store.open("id", key: "k", at: now)
            #expect(store.touch("id", key: "k", at: now + 20 * 3600))
            #expect(SessionStore(file: file).touch("id", key: "k", at: now + 40 * 3600))
        }
    }

    @Test("a look at a session does not prolong it")
    func look() {
        let store = SessionStore()
        store.open("id", key: "k", at: now)
        #expect(store.isOpen("id", key: "k", at: now + 23 * 3600))
        #expect(!store.isOpen("id", key: "rotated", at: now))
        #expect(!store.isOpen("other", key: "k", at: now))
        #expect(!store.isOpen("id", key: "k", at: now + 25 * 3600))
        store.close("id")
        #expect(!store.isOpen("id", key: "k", at: now))
    }

    @Test("after the logout nothing is left of it")
    func logout() throws {
        try withFile { file in
            let store = SessionStore(file: file)
            store.open("id", key: "k", at: now)
            store.close("id")
            let text = try String(contentsOfFile: file, encoding: .utf8)
            #expect(text == "{}")
        }
    }

    @Test("the file is closed to others and holds hashes only")
    func secrecy() throws {
        try withFile { file in
            SessionStore(file: file).open("the-cookie", key: "the-key", at: now)
            let text = try String(contentsOfFile: file, encoding: .utf8)
            #expect(!text.contains("the-cookie") && !text.contains("the-key"))
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test("a broken file is an empty one", arguments: ["", "{", "[]", #"{"a":1}"#, #"{"a":{"expiry":"x","key":1}}"#])
    func broken(text: String) throws {
        try withFile { file in
            try Data(text.utf8).write(to: URL(filePath: file))
            let store = SessionStore(file: file)
            #expect(!store.touch("a", key: "k", at: now))
            store.open("a", key: "k", at: now)
            #expect(SessionStore(file: file).touch("a", key: "k", at: now))
        }
    }
}

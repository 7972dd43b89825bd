import Domain
import Foundation
import Project
import Testing

@Suite("Editing TOML files")
struct TOMLFileTests {
    @Test("A change is written with the file's mode; no change leaves the file alone")
    func edit() throws {
        let project = try TemporaryProject(["config.toml": "a = 1 # one\n"])
        let path = "\(project.path)/config.toml"
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        let inode = { try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int }
        let before = try inode()
        #expect(try !TOMLFile.edit(path, named: "config.toml") { try $0.set(["a"], to: 1) })
        #expect(try inode() == before)
        #expect(try TOMLFile.edit(path, named: "config.toml") { try $0.set(["a"], to: 2) })
        #expect(project.text("config.toml") == "a = 2 # one\n")
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o640)
        #expect(try FileManager.default.contentsOfDirectory(atPath: project.path) == ["config.toml"])
    }

    @Test("A file that is not there is made; a link stays a link")
    func createAndFollow() throws {
        let project = try TemporaryProject(["real.toml": "a = 1\n"])
        try TOMLFile.edit("\(project.path)/new.toml", named: "new.toml", newMode: 0o600) { try $0.set(["b"], to: 2) }
        #expect(project.text("new.toml") == "b = 2\n")
        let mode =
            try FileManager.default.attributesOfItem(atPath: "\(project.path)/new.toml")[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let link = "\(project.path)/link.toml"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "real.toml")
        try TOMLFile.edit(link, named: "link.toml") { try $0.set(["a"], to: 3) }
        #expect(project.text("real.toml") == "a = 3\n")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "real.toml")
    }

    @Test("What stands beside a file is not written through")
    func beside() throws {
        let project = try TemporaryProject(["config.toml": "a = 1\n", "other": "kept"])
        let path = "\(project.path)/config.toml"
        let beside = "\(path).\(getpid()).tmp"
        try FileManager.default.createSymbolicLink(atPath: beside, withDestinationPath: "other")
        try TOMLFile.edit(path, named: "config.toml") { try $0.set(["a"], to: 2) }
        #expect(project.text("config.toml") == "a = 2\n")
        #expect(project.text("other") == "kept")
    }

    @Test("A file that is not TOML is not touched")
    func broken() throws {
        let project = try TemporaryProject(["config.toml": "a = = 1\n"])
        #expect(throws: Problem.self) {
            try TOMLFile.edit("\(project.path)/config.toml", named: "config.toml") { try $0.set(["a"], to: 2) }
        }
        #expect(project.text("config.toml") == "a = = 1\n")
    }
}

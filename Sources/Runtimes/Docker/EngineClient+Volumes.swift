import Domain
import NIOHTTP1
import OrderedCollections

extension EngineClient {
    /// Makes a volume; one of this name that is there already is fine.
    func createVolume(_ name: String, labels: [String: String]) async throws {
        let pairs = labels.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) }
        let labels = JSONValue.object(OrderedDictionary(uniqueKeysWithValues: pairs))
        let answer = try await send(.POST, "/volumes/create", json: ["Name": .string(name), "Labels": labels])
        try answer.require(200, 201, to: "make the volume \(name)", code: .launchFailed)
    }

    /// Unpacks a tar archive at a path of a container, which need not be running.
    func unpack(_ archive: [UInt8], into container: String, at path: String) async throws {
        let answer = try await send(
            .PUT,
            "/containers/\(container)/archive",
            query: [("path", path)],
            body: archive,
            contentType: "application/x-tar"
        )
        try answer.require(200, to: "put files into the container \(container)", code: .launchFailed)
    }

    /// Deletes a volume; one that is not there is fine.
    func removeVolume(_ name: String) async throws {
        let answer = try await send(.DELETE, "/volumes/\(name)", query: [("force", "1")])
        try answer.require(200, 204, 404, to: "delete the volume \(name)")
    }

    /// The labels of every volume with one of them, `key=value`, by name.
    func volumes(label: String) async throws -> [String: JSONValue] {
        let filters: JSONValue = ["label": .array([.string(label)])]
        let answer = try await send(.GET, "/volumes", query: [("filters", filters.compactText)])
        try answer.require(200, to: "list the volumes of this project")
        let found = answer.json?["Volumes"]?.arrayValue ?? []
        let pairs = found.compactMap { volume in volume["Name"]?.stringValue.map { ($0, volume["Labels"] ?? .null) } }
        return Dictionary(pairs) { first, _ in first }
    }
}

import Domain
import Foundation
import OrderedCollections
import Webhooks

/// A payload on disk: a body, or `{"headers":{…},"body":{…}}`.
struct PayloadFile {
    /// Of the request, when the file has them.
    let headers: [(name: String, value: String)]
    /// The bytes of the body.
    let body: [UInt8]

    /// Reads a file.
    ///
    /// - Throws: ``Failure`` when it cannot be read, or is no JSON.
    init(path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure("Error: \(path) cannot be read.")
        }
        let document: JSONValue
        do {
            document = try JSONValue(parsing: data)
        } catch {
            throw Failure("Error: \(path): \(error)")
        }
        guard let members = document.objectValue, Set(members.keys) == ["headers", "body"],
            let fields = members["headers"]?.objectValue,
            let inner = members["body"]
        else {
            headers = []
            body = Array(data)
            return
        }
        headers = fields.compactMap { name, value in value.stringValue.map { (name, $0) } }
        // A body that is a text is one that is no JSON, such as a form.
        body = Array((inner.stringValue ?? inner.compactText).utf8)
    }
}

import Foundation
import LanguageModels

/// A picture that may be shown to a model, as far as every provider takes it.
struct Picture {
    /// In Base64 this stays below the 5 MiB at which providers refuse a picture, and with it the whole conversation.
    private static let mostBytes = 3_670_016
    private static let mostPixels = 8000
    /// What the limits are, for people.
    static let limits = "at most \(ToolLimits.sizeText(mostBytes)) and \(mostPixels) pixels a side"

    let header: ImageHeader
    let bytes: [UInt8]

    /// `nil` when the bytes are no PNG, JPEG, GIF or WebP.
    init?(_ bytes: [UInt8]) {
        guard let header = ImageHeader(bytes) else { return nil }
        self.header = header
        self.bytes = bytes
    }

    /// Whether a picture of so many bytes is too large whatever it shows.
    static func isTooLarge(_ count: Int) -> Bool { count > mostBytes }

    var isTooLarge: Bool {
        Self.isTooLarge(bytes.count) || max(header.width, header.height) > Self.mostPixels
    }

    /// Kind and size in pixels.
    var text: String { "\(header.mime), \(header.width)x\(header.height) pixels" }

    var content: Content {
        .image(ImageContent(mime: header.mime, base64: Data(bytes).base64EncodedString()))
    }
}

/// Kind and size of a picture, read from its first bytes.
struct ImageHeader: Equatable {
    var mime: String
    /// Pixels.
    var width: Int
    var height: Int

    /// `nil` when the bytes are no PNG, JPEG, GIF or WebP.
    init?(_ bytes: [UInt8]) {
        if bytes.count >= 24, bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self.init("image/png", Self.big(bytes, 16, 4), Self.big(bytes, 20, 4))
        } else if bytes.count >= 10,
            bytes.starts(with: Array("GIF87a".utf8)) || bytes.starts(with: Array("GIF89a".utf8))
        {
            self.init("image/gif", Self.little(bytes, 6, 2), Self.little(bytes, 8, 2))
        } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
            let (width, height) = Self.jpegSize(bytes)
            self.init("image/jpeg", width, height)
        } else if bytes.count >= 30, bytes.starts(with: Array("RIFF".utf8)),
            bytes[8..<12].elementsEqual(Array("WEBP".utf8))
        {
            let (width, height) = Self.webpSize(bytes)
            self.init("image/webp", width, height)
        } else {
            return nil
        }
    }

    private init(_ mime: String, _ width: Int, _ height: Int) {
        self.mime = mime
        self.width = width
        self.height = height
    }

    private static func big(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> Int {
        bytes[offset..<(offset + count)].reduce(0) { $0 << 8 | Int($1) }
    }

    private static func little(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> Int {
        bytes[offset..<(offset + count)].reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    private static func jpegSize(_ bytes: [UInt8]) -> (Int, Int) {
        var offset = 2
        while offset + 9 < bytes.count, bytes[offset] == 0xFF {
            let marker = bytes[offset + 1]
            // Start-of-frame segments hold the size; C4, C8 and CC share the range but are other tables.
            if (0xC0...0xCF).contains(marker), ![0xC4, 0xC8, 0xCC].contains(marker) {
                return (big(bytes, offset + 7, 2), big(bytes, offset + 5, 2))
            }
            offset += 2 + big(bytes, offset + 2, 2)
        }
        return (0, 0)
    }

    private static func webpSize(_ bytes: [UInt8]) -> (Int, Int) {
        switch String(decoding: bytes[12..<16], as: UTF8.self) {
        case "VP8X": (little(bytes, 24, 3) + 1, little(bytes, 27, 3) + 1)
        case "VP8L":
            (little(bytes, 21, 2) & 0x3FFF + 1, (little(bytes, 21, 4) >> 14) & 0x3FFF + 1)
        default: (little(bytes, 26, 2) & 0x3FFF, little(bytes, 28, 2) & 0x3FFF)
        }
    }
}

/// The exit codes shared by all in-run commands that talk to the gateway.
enum ExitCode {
    static let ok: Int32 = 0
    static let rejected: Int32 = 1
    static let notFound: Int32 = 2
    static let forbidden: Int32 = 3
    static let badRequest: Int32 = 4
    static let unavailable: Int32 = 5
    static let unreachable: Int32 = 6
    static let other: Int32 = 7
    static let deadline: Int32 = 8
    static let usage: Int32 = 9

    static func forStatus(_ status: Int) -> Int32 {
        switch status {
        case 200: ok
        case 409: rejected
        case 404: notFound
        case 403: forbidden
        case 400, 413: badRequest
        case 503: unavailable
        case 502: 10
        case 504: 11
        case 500: 12
        default: other
        }
    }
}

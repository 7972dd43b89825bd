enum RunRoot {
    static func run(arguments: [String]) async -> Int32 { 1 }
}

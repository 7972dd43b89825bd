import Testing

@testable import al

@Suite struct ChatInputTests {
    @Test(
        "lines are messages unless they begin with an order",
        arguments: [
            ("hello", .message("hello")), ("/help", .help), ("  /exit ", .exit), ("/quit", .exit), ("/clear", .clear),
            ("/model", .model(nil)), ("/model openai/gpt-4o", .model("openai/gpt-4o")), ("/run", .run("")),
            ("/run dev fix it", .run("dev fix it")), ("/rnu", .unknown("/rnu")),
            ("/etc/hosts is wrong", .message("/etc/hosts is wrong")),
            ("/", .message("/")), ("a /help b", .message("a /help b")),
        ] as [(String, ChatInput)]
    )
    func reading(line: String, expected: ChatInput) {
        #expect(ChatInput(line) == expected)
    }
}

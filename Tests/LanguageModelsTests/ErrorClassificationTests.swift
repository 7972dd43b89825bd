import Domain
import Foundation
import Testing

@testable import LanguageModels

@Suite("Error classes")
struct ErrorClassificationTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        let status: Int?
        let body: String
        let code: ModelError.Code
        var provider = ModelProvider.anthropic
        var testDescription: String { "\(status ?? 0) \(body)" }

        init(_ status: Int?, _ body: String, _ code: ModelError.Code, _ provider: ModelProvider = .anthropic) {
            self.status = status
            self.body = body
            self.code = code
            self.provider = provider
        }
    }

    static let samples: [Sample] = [
        Sample(429, #"{"type":"error","error":{"type":"rate_limit_error","message":"slow"}}"#, .rateLimit),
        Sample(529, #"{"error":{"type":"overloaded_error","message":"busy"}}"#, .overloaded),
        Sample(503, #"{"error":{"code":"server_is_overloaded","message":"x"}}"#, .overloaded, .openai),
        Sample(498, "{}", .rateLimit, .groq), Sample(nil, #"{"error":{"type":"overloaded_error"}}"#, .overloaded),
        Sample(nil, #"{"error":{"message":"Too Many Requests"}}"#, .rateLimit, .custom),
        Sample(429, #"{"error":{"code":"insufficient_quota","message":"pay"}}"#, .quota, .openai),
        Sample(429, #"{"error":{"code":"org_spend_limit_exceeded","message":"pay"}}"#, .quota, .openrouter),
        Sample(400, #"{"error":{"type":"x","details":{"error_code":"enforced_spend_limit_reached"}}}"#, .quota),
        Sample(402, "", .quota, .openrouter),
        Sample(429, #"[{"error":{"details":[{"violations":[{"quotaId":"RequestsPerDay"}]}]}}]"#, .quota, .google),
        Sample(500, #"{"error":{"type":"api_error","message":"oops"}}"#, .transient), Sample(502, "<html>", .transient),
        Sample(408, "", .transient), Sample(409, "", .transient), Sample(522, "", .transient),
        Sample(400, #"{"error":{"code":"tool_use_failed","message":"bad call"}}"#, .transient, .groq),
        Sample(400, #"{"error":{"type":"invalid_request_error","message":"prompt is too long: 9 > 8"}}"#, .overflow),
        Sample(400, #"{"error":{"code":"context_length_exceeded","message":"x"}}"#, .overflow, .openai),
        Sample(400, #"{"code":"x","error":"This model's maximum prompt length is 5"}"#, .overflow, .xai),
        Sample(413, "Please reduce the length of the messages", .overflow, .groq), Sample(413, "", .overflow),
        Sample(400, #"{"error":{"message":"the request exceeds the available context size"}}"#, .overflow, .custom),
        Sample(400, #"{"message":"Prompt too large for model with 3 maximum context length"}"#, .overflow, .mistral),
        Sample(401, #"{"error":{"type":"authentication_error","message":"bad key"}}"#, .auth),
        Sample(403, #"{"error":{"type":"permission_error","message":"no"}}"#, .auth),
        Sample(400, #"{"error":{"details":[{"reason":"API_KEY_INVALID"}]}}"#, .auth, .google),
        Sample(404, #"{"error":{"type":"not_found_error","message":"model: x"}}"#, .notFound),
        Sample(400, #"{"error":{"code":"model_not_found","message":"x"}}"#, .notFound, .openai),
        Sample(400, #"{"error":{"type":"invalid_request_error","message":"temperature"}}"#, .badRequest),
        Sample(422, #"{"detail":[{"loc":["body"],"msg":"bad"}]}"#, .badRequest, .mistral),
        Sample(nil, #"{"error":{"type":"api_error","message":"x"}}"#, .transient),
        Sample(503, #"{"error":{"message":"slow_down"}}"#, .overloaded, .openai), Sample(503, "", .transient),
        Sample(500, "", .transient), Sample(504, #"{"error":{"type":"timeout_error"}}"#, .transient),
        Sample(520, "", .transient), Sample(524, "", .transient),
        Sample(429, #"{"error":{"code":"credit_balance_exhausted"}}"#, .quota, .openai),
        Sample(429, #"{"error":{"code":"key_usage_limit_exceeded"}}"#, .quota, .openrouter),
        Sample(402, #"{"error":{"type":"billing_error","message":"x"}}"#, .quota),
        Sample(
            429,
            #"{"error":{"status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"46s"}]}}"#,
            .rateLimit,
            .google
        ),
        Sample(400, #"{"error":{"message":"Your input exceeds the context window"}}"#, .overflow, .openai),
        Sample(
            400,
            #"{"error":{"message":"The input token count (9) exceeds the maximum number of tokens allowed (8)."}}"#,
            .overflow,
            .google
        ),
        Sample(
            400,
            #"{"error":{"message":"This endpoint's maximum context length is 9 tokens"}}"#,
            .overflow,
            .openrouter
        ),
        Sample(400, #"{"error":{"type":"exceed_context_size_error","message":"x"}}"#, .overflow, .custom),
        Sample(400, #"{"error":"greater than the context length"}"#, .overflow, .custom),
        Sample(400, #"{"error":"Context length exceeded"}"#, .overflow, .custom),
        Sample(400, #"{"error":"too many tokens"}"#, .overflow, .custom),
        Sample(400, #"{"error":"token limit exceeded"}"#, .overflow, .custom),
        Sample(413, #"{"error":{"type":"request_too_large","message":"x"}}"#, .overflow),
        Sample(403, #"{"error":{"code":403,"status":"PERMISSION_DENIED"}}"#, .auth, .google),
        Sample(400, #"{"error":{"code":"content_policy_violation","message":"x"}}"#, .filtered, .openai),
        Sample(
            403,
            #"{"error":{"code":403,"message":"moderation","metadata":{"reasons":["x"],"flagged_input":"y"}}}"#,
            .filtered,
            .openrouter
        ),
        Sample(404, #"{"object":"error","message":"No such model","type":"invalid_model"}"#, .notFound, .mistral),
        Sample(400, "[]", .badRequest, .google),
        Sample(nil, #"{"error":{"code":429,"message":"x"}}"#, .rateLimit, .openrouter),
        Sample(nil, #"{"type":"error","code":"rate_limit_exceeded","message":"x"}"#, .rateLimit, .openai),
        Sample(nil, #"{"error":{"code":"server_error","message":"x"}}"#, .transient, .openai),
        Sample(
            400,
            #"{"type":"error","error":{"type":"invalid_request_error","message":"input length and `max_tokens` exceed"#
                + #" context limit: 178902 + 32000 > 200000, decrease input length or `max_tokens` and try again"}}"#,
            .overflow
        ),
        Sample(
            400,
            #"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to "#
                + #"access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."}}"#,
            .quota
        ),
        Sample(403, #"{"error":"Your team doesn't have any credits yet."}"#, .quota, .xai),
        Sample(403, #"{"error":{"code":"unsupported_country_region_territory","message":"x"}}"#, .auth, .openai),
        Sample(403, "<html>blocked</html>", .auth, .custom),
        Sample(
            403,
            #"{"error":{"message":"Key limit exceeded (monthly limit). Manage it using "#
                + #"https://openrouter.ai/settings/keys","code":403}}"#,
            .quota,
            .openrouter
        ),
        Sample(nil, #"{"error":{"code":"invalid_prompt","message":"x"}}"#, .badRequest, .openai),
        Sample(nil, #"{"error":{"code":"image_too_large","message":"x"}}"#, .badRequest, .openai),
        Sample(nil, #"{"error":{"code":"unsupported_image_media_type","message":"x"}}"#, .badRequest, .openai),
        Sample(nil, #"{"error":{"code":"failed_to_download_image","message":"x"}}"#, .transient, .openai),
    ]

    @Test("each error body has its class", arguments: samples)
    func classes(sample: Sample) {
        let failure = ProviderFailure(status: sample.status, body: sample.body)
        let error = classify(failure, provider: sample.provider, model: "m", now: Date(timeIntervalSince1970: 0))
        #expect(error.code == sample.code)
        #expect(error.status == sample.status)
    }

    @Test("x-should-retry has the last word")
    func override() {
        func code(_ status: Int, _ header: String) -> ModelError.Code {
            classify(
                ProviderFailure(status: status, headers: ["x-should-retry": header], body: ""),
                provider: .anthropic,
                model: "m",
                now: Date(timeIntervalSince1970: 0)
            ).code
        }
        #expect(code(400, "true") == .transient)
        #expect(code(500, "false") == .badRequest)
        #expect(code(429, "true") == .rateLimit)
    }

    @Test(
        "the wait asked for is read in all its forms",
        arguments: [
            (["retry-after": "7"], "", Duration.seconds(7)), (["retry-after": "1.5"], "", .milliseconds(1500)),
            (["retry-after-ms": "250", "retry-after": "9"], "", .milliseconds(250)),
            (["retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"], "", .seconds(37)),
            (["retry-after": "Sunday, 06-Nov-94 08:49:37 GMT"], "", .seconds(37)),
            (["retry-after": "Sun Nov  6 08:49:37 1994"], "", .seconds(37)),
            ([:], #"{"retryDelay": "46s"}"#, .seconds(46)), ([:], "Please try again in 2.5s.", .milliseconds(2500)),
            ([:], #"{"retryDelay":"1.250s"}"#, .milliseconds(1250)), ([:], "try again in 750ms", .milliseconds(750)),
            ([:], "Please try again in 6m12.5s. Visit", .milliseconds(372_500)),
            ([:], "Try again in 1h2m", .seconds(3720)),
            ([:], "Please try again in 20 seconds.", .seconds(20)),
        ]
    )
    func waits(headers: [String: String], body: String, wait: Duration) {
        #expect(retryDelay(headers: headers, body: body, now: Date(timeIntervalSince1970: 784_111_740)) == wait)
    }

    @Test("a wait that is over is none, an unreadable one is unknown")
    func noWaits() {
        let now = Date(timeIntervalSince1970: 784_111_800)
        let past = retryDelay(headers: ["retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"], body: "", now: now)
        #expect(past == .zero)
        #expect(retryDelay(headers: ["retry-after": "soon"], body: "", now: now) == nil)
    }

    @Test("message, request id and advice are in the error")
    func details() {
        let failure = ProviderFailure(
            status: 404,
            headers: ["request-id": "req_1"],
            body: #"{"error":{"type":"not_found_error","message":"model: claude-sonet-4-6"}}"#
        )
        let error = classify(
            failure,
            provider: .anthropic,
            model: "claude-sonet-4-6",
            now: Date(timeIntervalSince1970: 0)
        )
        #expect(error.requestID == "req_1")
        #expect(error.message.contains("not_found_error: model: claude-sonet-4-6"))
        #expect(error.message.contains("known ids: claude-sonnet-4-6"))
    }

    private func error(_ status: Int, _ body: String, _ authentication: ModelAuthentication = .apiKey) -> ModelError {
        classify(
            ProviderFailure(status: status, body: body),
            provider: .openrouter,
            model: "m",
            authentication: authentication,
            now: Date(timeIntervalSince1970: 0)
        )
    }

    @Test("the code is shown before the type, the parameter is known, and what stands behind OpenRouter is told")
    func words() {
        let refused = error(
            400,
            #"{"error":{"message":"Unsupported value: 'none'","type":"invalid_request_error","param":"#
                + #""reasoning.effort","code":"unsupported_value"}}"#
        )
        #expect(refused.message == "unsupported_value: Unsupported value: 'none'")
        #expect(refused.parameter == "reasoning.effort")
        let behind = error(
            400,
            #"{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"thinking is wrong","#
                + #""provider_name":"Anthropic"}}}"#
        )
        #expect(behind.message == "Provider returned error (Anthropic): thinking is wrong")
    }

    @Test("a wrong key is traced to where it came from")
    func keys() {
        #expect(error(401, "{}").message.contains("openrouter_key:default"))
        #expect(error(403, #"{"error":"no permission"}"#).message.contains("openrouter_key:default"))
        #expect(error(403, "<html>blocked</html>").message == "<html>blocked</html>")
        #expect(error(401, "{}", .piAuth).message.contains("log in again with pi"))
    }
}

import Domain
import Testing

@testable import Credentials

struct SecretVariableTests {
    @Test(
        "Every name comes back as it was, and could be a variable's",
        arguments: [
            ("github_token", "default", "token"), ("a", "b", "c"), ("x", "team one", "é"), ("_a_", "b__c", "d___"),
            ("a", "foo_x64", "b"), ("a", "x_x5f", "_"), ("a-b", "c.d", "e/f"), ("a", "_x", "x_"),
        ]
    )
    func roundTrip(_ type: String, _ instance: String, _ field: String) {
        let variable = SecretVariable(type: type, instance: instance, field: field)
        #expect(SecretVariable(name: variable.name) == variable)
        #expect(variable.name.wholeMatch(of: /[A-Za-z0-9_]+/) != nil)
    }

    @Test("Ordinary names are not encoded, and those of older versions are read")
    func plain() {
        let name = "AL_SECRET_github_token__default__token"
        #expect(SecretVariable(type: "github_token", instance: "default", field: "token").name == name)
        #expect(SecretVariable(name: "AL_SECRET_a__my_x2dteam__b")?.instance == "my-team")
    }

    @Test(
        "Names without exactly three parts are none",
        arguments: ["AL_SECRET_a__b", "AL_SECRET_a__b__c__d", "OTHER_a__b__c", "AL_SECRET_"]
    )
    func refused(_ name: String) {
        #expect(SecretVariable(name: name) == nil)
    }

    @Test("Empty values are left out, others kept to the last blank")
    func values() throws {
        let loaded = try #require(
            LoadedCredentials(variables: [
                "AL_SECRET_a__default__b": " x \n", "AL_SECRET_a__default__c": "", "PATH": "y",
            ])
        )
        #expect(loaded[CredentialReference(type: "a")] == ["b": " x \n"])
        #expect(LoadedCredentials(variables: ["AL_SECRET_a__default__c": ""]) == nil)
        #expect(LoadedCredentials(json: ["a": ["default": [:]]]) == nil)
    }
}

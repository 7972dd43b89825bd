extension CredentialType {
    static let discordBot = CredentialType(
        id: "discord_bot",
        label: "Discord Application",
        summary: "Verifies interactions; with a bot token agents can answer",
        fields: [
            .plain("public_key", staysOnHost: true),
            .secret("bot_token", "DISCORD_BOT_TOKEN", optional: true),
        ],
        context: "DISCORD_BOT_TOKEN is set, if configured; use it with the Discord API.",
        hosts: ["discord.com"],
        check: .discord
    )
}

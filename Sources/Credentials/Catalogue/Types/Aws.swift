extension CredentialType {
    static let aws = CredentialType(
        id: "aws",
        label: "AWS Credentials",
        summary: "Access to Amazon Web Services",
        help: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
        fields: [
            .plain("access_key_id", "AWS_ACCESS_KEY_ID"),
            .secret("secret_access_key", "AWS_SECRET_ACCESS_KEY"),
            .plain("default_region", "AWS_DEFAULT_REGION", optional: true),
        ],
        context:
            "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, if configured, AWS_DEFAULT_REGION are set; the aws command and SDKs "
            + "work.",
        hosts: ["*.amazonaws.com"],
        check: .aws
    )
}

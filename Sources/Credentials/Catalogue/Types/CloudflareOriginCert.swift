extension CredentialType {
    static let cloudflareOriginCert = CredentialType(
        id: "cloudflare_origin_cert",
        label: "Cloudflare Origin Certificate",
        summary: "Certificate of a server behind Cloudflare",
        fields: [
            .plain("certificate"),
            .secret("private_key"),
        ],
        exposure: .host,
        isListed: false
    )
}

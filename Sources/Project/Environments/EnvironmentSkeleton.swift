/// What a new environment file says until it is filled in.
package enum EnvironmentSkeleton: String, CaseIterable, Hashable, Sendable {
    case server, ecs
    case cloudRun = "cloud-run"

    /// The value that stands for everything that must be filled in; such a file is refused until then.
    package static let placeholder = "REPLACE_ME"

    var text: String {
        switch self {
        case .server:
            """
            # A server with a scheduler of its own; commands reach it by ssh, or at url of [gateway].
            [server]
            host = "REPLACE_ME"
            user = "root"
            port = 22
            basePath = "/opt/action-llama"

            """
        case .ecs:
            """
            # Runs on Amazon ECS and Lambda: not supported yet.
            [cloud]
            provider = "ecs"
            awsRegion = "us-east-1"
            ecsCluster = "action-llama"
            ecrRepository = "REPLACE_ME"
            executionRoleArn = "REPLACE_ME"
            taskRoleArn = "REPLACE_ME"
            subnets = ["REPLACE_ME"]

            """
        case .cloudRun:
            """
            # Runs on Google Cloud Run: not supported yet.
            [cloud]
            provider = "cloud-run"
            gcpProject = "REPLACE_ME"
            region = "us-central1"
            artifactRegistry = "REPLACE_ME"
            serviceAccount = "REPLACE_ME"

            """
        }
    }
}

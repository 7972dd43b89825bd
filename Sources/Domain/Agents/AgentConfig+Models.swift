extension AgentConfig {
    /// The model that is asked first, then those that stand in for it.
    package var models: [ModelConfig] { [model] + fallbackModels }

    /// The scripts of scripted models as they are configured, each once.
    package var scripts: [String] {
        var scripts: [String] = []
        for model in models where model.provider == .scripted && !scripts.contains(model.model) {
            scripts.append(model.model)
        }
        return scripts
    }

    /// Where a script lies: beside the agent's other files, unless its path is absolute.
    package func path(ofScript script: String) -> String {
        script.hasPrefix("/") ? script : "\(directory)/\(script)"
    }

    /// The name of one of ``scripts`` among the files that an image brings along.
    package static func nameOfBakedScript(_ index: Int) -> String {
        index == 0 ? "model-script.yaml" : "model-script-\(index).yaml"
    }
}

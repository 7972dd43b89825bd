import Hummingbird

/// Style and scripts of the pages: the files of `Site/`, embedded in the binary.
///
/// They hold nothing secret, so the login page can use them too.
enum DashboardAssets {
    private static let files: [(name: String, bytes: [UInt8])] = [
        ("app.css", PackageResources.app_css),
        ("agent.js", PackageResources.agent_js),
        ("api.js", PackageResources.api_js),
        ("chat.js", PackageResources.chat_js),
        ("deliveries.js", PackageResources.deliveries_js),
        ("delivery.js", PackageResources.delivery_js),
        ("dom.js", PackageResources.dom_js),
        ("format.js", PackageResources.format_js),
        ("locks.js", PackageResources.locks_js),
        ("logs.js", PackageResources.logs_js),
        ("timeline.js", PackageResources.timeline_js),
        ("overview.js", PackageResources.overview_js),
        ("queue.js", PackageResources.queue_js),
        ("run.js", PackageResources.run_js),
        ("settings.js", PackageResources.settings_js),
        ("shell.js", PackageResources.shell_js),
    ]

    static var routes: [Route] {
        files.map { file in
            let type = file.name.hasSuffix(".css") ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8"
            let text = String(decoding: file.bytes, as: UTF8.self)
            var headers = HTTPFields.unsniffed
            headers[.cacheControl] = "no-cache"
            return Route(.get, "/dashboard/assets/\(file.name)", plane: .open) { [headers] _ in
                .text(text, type: type, headers: headers)
            }
        }
    }
}

"""A project of its own with the real binary, for the harnesses in Scripts/: files, scheduler process, gateway client, senders."""

import hashlib, hmac, http.client, json, os, pathlib, random, signal, socket, subprocess, sys, time, urllib.error, urllib.request, uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
AL = os.environ.get("AL_BINARY", str(ROOT / ".build" / "al"))
FIXTURES = ROOT / "Tests" / "WebhooksTests" / "Fixtures"
SECRET = "harness-secret"
HOOK = '[[webhooks]]\nsource = "hub"\nevents = ["issues"]\n'
SCRIPTED = '[model]\nprovider = "scripted"\nmodel = "script.yaml"\n'
DEFAULTS = ('initialRun = false\nworkQueueSize = 2000000\n[webhooks.hub]\ntype = "github"\ncredential = "hub"\n'
            '[local]\nmemory = "256m"\nworkspaceSize = "32m"\ntmpSize = "32m"\n')


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def words(length):
    """Text that compresses about as well as what people write."""
    letters = random.Random(length)
    vocabulary = ["".join(letters.choices("etaoinshrdlucmfwyp", k=letters.randint(2, 9))) for _ in range(400)]
    return " ".join(letters.choices(vocabulary, k=length // 3 + 1))[:length]


def issue(number, size=0):
    """A GitHub `issues` event; `size` asks for one as GitHub sends it, with a text that makes it so many bytes."""
    if not size:
        return {"action": "opened", "issue": {"number": number, "title": "t", "labels": [], "user": {"login": "m"}, "html_url": "u", "body": ""},
                "repository": {"full_name": "acme/app"}, "sender": {"login": "m"}}
    payload = json.loads((FIXTURES / "issues.opened.with-empty-body.json").read_text())
    payload["repository"]["full_name"] = "acme/app"
    # What somebody has just opened has been given to nobody.
    payload["issue"] |= {"number": number, "labels": [], "assignee": None, "assignees": [], "milestone": None, "body": ""}
    payload["issue"]["body"] = words(max(0, size - len(encoded(payload))))
    return payload


def encoded(payload):
    return json.dumps(payload, separators=(",", ":")).encode()


def signed_issue(number, delivery=None, size=0):
    """A signed GitHub `issues` event: body and headers; `size` as with `issue`."""
    body = encoded(issue(number, size))
    return body, {"Content-Type": "application/json", "X-GitHub-Event": "issues", "X-GitHub-Delivery": delivery or str(uuid.uuid4()),
                  "X-Hub-Signature-256": "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}


class Project:
    """A project directory with its own home, and at most one scheduler on it."""

    def __init__(self, base, name, agents, config=""):
        self.directory, self.home = base / name, base / (name + "-home")
        self.port, self.process = free_port(), None
        # Top-level keys must stand before the tables.
        write(self.directory / "config.toml", config + DEFAULTS)
        for agent, (toml, script) in agents.items():
            write(self.directory / "agents" / agent / "agent-config.toml", "credentials = []\n" + toml)
            write(self.directory / "agents" / agent / "ACTIONS.md", "Work.\n")
            write(self.directory / "agents" / agent / "script.yaml", script)
        self.store("github_webhook_secret/hub/secret", SECRET)

    def store(self, place, value):
        """Puts a field (`type/instance/field`) into the credential store, for its owner only."""
        write(self.home / "credentials" / place, value + "\n")
        for path in [self.home, self.home / "credentials", *(self.home / "credentials").rglob("*")]:
            path.chmod(0o700 if path.is_dir() else 0o600)

    def use_runtime(self, name):
        config = self.directory / "config.toml"
        config.write_text(config.read_text().replace("[local]\n", f'[local]\nruntime = "{name}"\n'))

    # Life of the scheduler

    def start(self, *options, environment=None, limit=300):
        """Starts a scheduler and returns the milliseconds until it is ready."""
        begin = time.perf_counter()
        log = open(self.directory / "scheduler.out", "ab")
        self.process = subprocess.Popen(
            [AL, "start", "-H", "--port", str(self.port), "-p", str(self.directory), *options], stdin=subprocess.DEVNULL,
            stdout=log, stderr=log, env=dict(os.environ, ACTION_LLAMA_HOME=str(self.home), **(environment or {})))
        while True:
            try:
                if not self.get("/control/status")["scheduler"].get("initializing"):
                    return (time.perf_counter() - begin) * 1000
            except OSError:
                pass
            if self.process.poll() is not None or time.perf_counter() - begin > limit:
                sys.exit(f"the scheduler did not come up; {self.directory}/scheduler.out ends with\n" + (self.directory / "scheduler.out").read_text()[-2000:])
            time.sleep(0.005)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self):
        """SIGTERM; the scheduler must end cleanly."""
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(timeout=60) != 0:
            sys.exit(f"the scheduler did not end cleanly after SIGTERM; see {self.directory}/scheduler.out")

    def __enter__(self):
        return self

    def __exit__(self, failure, *_):
        # A scheduler that never came up has said so already.
        if failure is None or self.is_alive():
            self.end()

    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    def memory(self):
        """Resident megabytes."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def cpu(self):
        """Seconds of CPU the scheduler has used."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    # Requests

    def call(self, method, path, body=None, headers=None, timeout=30):
        if headers is None:
            key = (self.home / "credentials/gateway_api_key/default/key").read_text().strip()
            headers = {"Authorization": f"Bearer {key}"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=body, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return json.load(answer)

    def get(self, path):
        return self.call("GET", path)

    def post(self, path, document=None):
        return self.call("POST", path, json.dumps(document or {}).encode())

    def webhook(self, number, delivery=None, size=0):
        """Sends one event; returns the status, 0 without an answer, and the JSON of the answer."""
        body, headers = signed_issue(number, delivery, size)
        try:
            return 200, self.call("POST", "/webhooks/github", body, headers)
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")
        except (OSError, http.client.HTTPException):
            return 0, {}

    # What became of it

    def runs(self, agent, limit=200):
        return self.get(f"/api/stats/agents/{agent}/runs?limit={limit}")["runs"]

    def wait_runs(self, agent, count):
        while True:
            runs = self.runs(agent)
            if sum(1 for run in runs if run.get("endedAt")) >= count:
                return runs
            time.sleep(0.02)

    def entries(self, agent):
        """The agent's log entries, oldest first."""
        lines = []
        for path in sorted((self.directory / ".al/logs").glob(f"{agent}-*.log")):
            lines += [json.loads(line) for line in path.read_text().splitlines()]
        return lines


def wait_until(condition, seconds, step=0.05):
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(step)
    return condition()

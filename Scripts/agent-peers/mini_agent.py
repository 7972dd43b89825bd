"""mini-swe-agent with its own prompts, its local environment and litellm. usage: mini_agent.py ADDRESS

The library is driven and not the command `mini`, which adds a terminal interface and rewrites its trajectory after each step.
The environment variables that silence it and its look-ups on the internet are set by Scripts/agent-comparison: they must stand before the import.
"""

import sys

from minisweagent.agents.default import AgentConfig, DefaultAgent
from minisweagent.config import builtin_config_dir, get_config_from_spec
from minisweagent.environments.local import LocalEnvironment
from minisweagent.models.litellm_model import LitellmModel

config = get_config_from_spec(builtin_config_dir / "mini.yaml")
agent = {key: value for key, value in config["agent"].items() if key in AgentConfig.model_fields}
config["model"]["model_kwargs"] |= {"api_base": sys.argv[1], "api_key": "none"}
model = LitellmModel(model_name="openai/mock", cost_tracking="ignore_errors", **config["model"])
result = DefaultAgent(model, LocalEnvironment(**config["environment"]), **agent | {"step_limit": 0, "cost_limit": 0}).run("Go")
if result.get("exit_status") != "Submitted":
    sys.exit(f"ended with {result.get('exit_status')}")

"""An agent of pydantic-ai with one tool. usage: pydantic_agent.py ADDRESS"""

import subprocess, sys

from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.usage import UsageLimits

agent = Agent(OpenAIChatModel("mock", provider=OpenAIProvider(base_url=sys.argv[1], api_key="none")), instructions="Measure.")


@agent.tool_plain
def bash(command: str) -> str:
    """Runs a command in a shell."""
    done = subprocess.run(["bash", "-c", command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return f"{done.stdout}exit code {done.returncode}"


# Without this the fiftieth request is refused.
result = agent.run_sync("Go", usage_limits=UsageLimits(request_limit=None))
if result.output != "done":
    sys.exit(f"ended with {result.output!r}")

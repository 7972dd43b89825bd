"""An agent of openai-agents with one tool. usage: openai_agent.py ADDRESS"""

import subprocess, sys

from agents import Agent, OpenAIChatCompletionsModel, Runner, function_tool, set_tracing_disabled
from openai import AsyncOpenAI


@function_tool
def bash(command: str) -> str:
    """Runs a command in a shell."""
    done = subprocess.run(["bash", "-c", command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return f"{done.stdout}exit code {done.returncode}"


# Traces would go to the vendor.
set_tracing_disabled(True)
model = OpenAIChatCompletionsModel(model="mock", openai_client=AsyncOpenAI(base_url=sys.argv[1], api_key="none"))
# The default ends after ten turns.
result = Runner.run_sync(Agent(name="measured", instructions="Measure.", tools=[bash], model=model), "Go", max_turns=10_000)
if result.final_output != "done":
    sys.exit(f"ended with {result.final_output!r}")

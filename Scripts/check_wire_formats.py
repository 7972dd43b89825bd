"""Checks request bodies and event streams with the official packages of the providers.

A body is compared with the parameter types of the package: unknown members, missing ones and wrong types are errors. A stream is
served on loopback to the package's own client, and what that makes of it must be what our parser made of it.
"""

import json
import sys
import threading
import types
import typing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import anthropic
import openai
from anthropic.types import message_create_params as anthropic_params
from google import genai
from google.genai import types as google_types
from openai.types.chat import completion_create_params as chat_params
from openai.types.responses import response_create_params as responses_params
from typing_extensions import NotRequired, Required, TypeAliasType, get_type_hints, is_typeddict

FIXTURES = Path(sys.argv[1])
problems: list[str] = []
counts = {"bodies": 0, "streams": 0}


# Bodies


def mismatch(value, hint, path):
    """The first thing about a value that its type does not allow, or None."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint in (typing.Any, object) or isinstance(hint, typing.TypeVar):
        return None
    if origin in (Required, NotRequired, typing.Required, typing.NotRequired, typing.Annotated):
        return mismatch(value, arguments[0], path)
    if isinstance(hint, TypeAliasType):
        return mismatch(value, hint.__value__, path)
    if is_typeddict(hint):
        return mismatch_in_members(value, hint, path)
    if origin in (typing.Union, types.UnionType):
        found = [mismatch(value, option, path) for option in arguments]
        # The option that got furthest is the one that was meant.
        return None if None in found else max(found, key=lambda text: text.split(": ")[0].count("."))
    if origin is typing.Literal:
        return None if value in arguments else f"{path}: {value!r} is none of {arguments}"
    if origin in (dict, typing.Mapping) or getattr(origin, "__name__", "") in ("Mapping", "dict"):
        return None if isinstance(value, dict) else f"{path}: expected an object"
    if getattr(origin, "__name__", "") in ("list", "Iterable", "Sequence", "List"):
        if not isinstance(value, list):
            return f"{path}: expected a list"
        return next(filter(None, (mismatch(v, arguments[0], f"{path}[{i}]") for i, v in enumerate(value))), None)
    if hint is float:
        return None if isinstance(value, (int, float)) else f"{path}: expected a number"
    if hint is type(None):
        return None if value is None else f"{path}: expected null"
    if isinstance(hint, type):
        fits = isinstance(value, hint) and not (hint is int and isinstance(value, bool))
        return None if fits else f"{path}: expected {hint.__name__}, found {type(value).__name__}"
    return f"{path}: a type this check does not know: {hint}"


def mismatch_in_members(value, hint, path):
    if not isinstance(value, dict):
        return f"{path}: expected an object"
    hints = get_type_hints(hint, include_extras=True)
    for name, member in hints.items():
        if name not in value and is_required(member):
            return f"{path}: {name} is missing"
    for name, member in value.items():
        if name not in hints:
            return f"{path}: {name} is unknown to {hint.__name__}"
        found = mismatch(member, hints[name], f"{path}.{name}")
        if found:
            return found
    return None


def is_required(member):
    """Annotations of the packages are texts, which hides them from __required_keys__; what is required is marked there."""
    return typing.get_origin(member) in (Required, typing.Required)


# What compatible servers take beyond the types of OpenAI's own package.
DIALECTS = {
    "chat-openrouter": {"body": {"usage", "reasoning"}, "parts": {"cache_control"}},
    "chat-groq": {"body": set(), "messages": {"reasoning"}},
    "chat-xai": {"body": set(), "messages": {"reasoning_content"}},
}


def without_dialect(name, body):
    dialect = DIALECTS.get(name, {})
    body = {key: value for key, value in body.items() if key not in dialect.get("body", set())}
    for message in body["messages"]:
        for key in dialect.get("messages", set()):
            message.pop(key, None)
        for part in message["content"] if isinstance(message.get("content"), list) else []:
            for key in dialect.get("parts", set()):
                part.pop(key, None)
    return body


def google_problem(body):
    """Google's package has models for the parts of a body, which refuse unknown members."""
    parts = {
        "systemInstruction": lambda value: google_types.Content.model_validate(value),
        "tools": lambda value: [google_types.Tool.model_validate(tool) for tool in value],
        "generationConfig": lambda value: google_types.GenerationConfig.model_validate(value),
        "contents": lambda value: [google_types.Content.model_validate(content) for content in value],
    }
    for key, value in body.items():
        if key not in parts:
            return f"{key} is unknown"
        try:
            parts[key](value)
        except ValueError as error:
            return f"{key}: {error}"
    return None


def check_body(name, body):
    counts["bodies"] += 1
    match name.split("-")[0]:
        case "anthropic":
            found = mismatch(body, anthropic_params.MessageCreateParamsStreaming, "body")
        case "responses":
            found = mismatch(body, responses_params.ResponseCreateParamsStreaming, "body")
        case "chat":
            stripped = without_dialect(name, body)
            found = mismatch(stripped, chat_params.CompletionCreateParamsStreaming, "body")
        case "google":
            found = google_problem(body)
        case _:
            # No package of this provider is asked for.
            counts["bodies"] -= 1
            found = None
    if found:
        problems.append(f"Requests/{name}.json: {found}")


# Streams


class StreamServer(BaseHTTPRequestHandler):
    stream = b""

    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        self.wfile.write(StreamServer.stream)

    def log_message(self, *_):
        pass


def anthropic_reply(base):
    client = anthropic.Anthropic(api_key="k", base_url=base, max_retries=0)
    with client.messages.stream(model="m", max_tokens=9, messages=[{"role": "user", "content": "x"}]) as stream:
        message = stream.get_final_message()
    text = "".join(block.text for block in message.content if block.type == "text")
    thinking = "".join(block.thinking for block in message.content if block.type == "thinking")
    calls = [(block.name, block.input) for block in message.content if block.type == "tool_use"]
    return text, thinking, calls, message.usage.output_tokens


def responses_reply(base):
    client = openai.OpenAI(api_key="k", base_url=base, max_retries=0)
    final = None
    for event in client.responses.create(model="m", input="x", stream=True):
        if event.type in ("response.completed", "response.incomplete"):
            final = event.response
    if final is None:
        raise ValueError("no end")
    parts = [part for item in final.output if item.type == "message" for part in item.content]
    text = "".join(part.text if part.type == "output_text" else part.refusal for part in parts)
    thinking = "".join(part.text for item in final.output if item.type == "reasoning" for part in item.summary)
    calls = [(item.name, json.loads(item.arguments)) for item in final.output if item.type == "function_call"]
    return text, thinking, calls, final.usage.output_tokens


def chat_reply(base):
    client = openai.OpenAI(api_key="k", base_url=base, max_retries=0)
    text, thinking, calls, usage = "", "", {}, None
    messages = [{"role": "user", "content": "x"}]
    for chunk in client.chat.completions.create(model="m", messages=messages, stream=True):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            text += (choice.delta.content or "") + (choice.delta.refusal or "")
            thinking += getattr(choice.delta, "reasoning_content", None) or ""
            for call in choice.delta.tool_calls or []:
                known = calls.setdefault(call.index, ["", ""])
                known[0] += call.function.name or ""
                known[1] += call.function.arguments or ""
    return text, thinking, [(name, json.loads(arguments)) for name, arguments in calls.values()], usage.completion_tokens


def google_reply(base):
    client = genai.Client(api_key="k", http_options=google_types.HttpOptions(base_url=base))
    text, thinking, calls, usage = "", "", [], None
    for chunk in client.models.generate_content_stream(model="m", contents="x"):
        usage = chunk.usage_metadata or usage
        for candidate in chunk.candidates or []:
            for part in (candidate.content and candidate.content.parts) or []:
                if part.function_call:
                    calls.append((part.function_call.name, part.function_call.args or {}))
                elif part.thought:
                    thinking += part.text or ""
                else:
                    text += part.text or ""
    return text, thinking, calls, (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0)


READERS = {"anthropic": anthropic_reply, "responses": responses_reply, "chat": chat_reply, "google": google_reply}


def check_stream(name, stream, ours, base):
    content = ours["content"]
    # Packages complete arguments that were cut off in a way of their own; ours are marked and never run.
    if any(part.get("complete") is False for part in content):
        return
    counts["streams"] += 1
    StreamServer.stream = stream
    expected = (
        "".join(part["text"] for part in content if "text" in part),
        "".join(part["thinking"] for part in content if "thinking" in part and not part.get("redacted")),
        [(part["call"], part["arguments"]) for part in content if "call" in part],
        ours["usage"]["output"],
    )
    found = READERS[name.split("-")[0]](base)
    # The explanation of a refusal is no content to the package.
    if ours["stop"] == "refusal" and not found[0]:
        expected = ("", *expected[1:])
    if found != expected:
        problems.append(f"Streams/{name}.sse: the package reads {found}, we read {expected}")


def main():
    for file in sorted((FIXTURES / "Requests").glob("*.json")):
        check_body(file.stem, json.loads(file.read_text()))
    server = ThreadingHTTPServer(("127.0.0.1", 0), StreamServer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    for file in sorted((FIXTURES / "Streams").glob("*.sse")):
        ours = json.loads(file.with_suffix(".json").read_text())
        if file.stem.split("-")[0] not in READERS or "failure" in ours:
            continue
        try:
            check_stream(file.stem, file.read_bytes(), ours, base)
        except Exception as error:
            problems.append(f"Streams/{file.name}: {type(error).__name__}: {error}")
    server.shutdown()
    versions = f"anthropic {anthropic.__version__}, openai {openai.__version__}, google-genai {genai.__version__}"
    print(f"{counts['bodies']} request bodies and {counts['streams']} streams checked with {versions}")
    for problem in problems:
        print(f"error: {problem}")
    if not counts["bodies"] or not counts["streams"]:
        sys.exit("error: nothing was checked")
    sys.exit(1 if problems else 0)


main()

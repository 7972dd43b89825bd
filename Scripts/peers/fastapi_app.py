"""A webhook receiver as many would write it with FastAPI: signature, filter, then one durable SQLite commit for
each delivery and the work it asks for.

Started by Scripts/peer-comparison; takes HOOK_SECRET and HOOK_DATABASE from the environment.
"""

import hashlib, hmac, json, os, sqlite3

from fastapi import FastAPI, Request, Response

SECRET = os.environ["HOOK_SECRET"].encode()
app = FastAPI()

# Without isolation_level each statement is a transaction of its own; FULL makes its commit wait for the disk in WAL mode too.
database = sqlite3.connect(os.environ["HOOK_DATABASE"], isolation_level=None)
database.execute("PRAGMA journal_mode = WAL")
database.execute("PRAGMA synchronous = FULL")
database.execute("CREATE TABLE IF NOT EXISTS deliveries (id TEXT PRIMARY KEY NOT NULL, event TEXT NOT NULL, body BLOB NOT NULL) WITHOUT ROWID")
database.execute("CREATE TABLE IF NOT EXISTS jobs (id INTEGER PRIMARY KEY, delivery TEXT NOT NULL, action TEXT NOT NULL, repository TEXT NOT NULL)")


# The commit blocks the event loop on purpose: handing each one to a thread is slower, and SQLite has a single writer anyway.
@app.post("/webhooks/github")
async def receive(request: Request):
    body = await request.body()
    expected = "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), request.headers.get("x-hub-signature-256", "").encode()):
        return Response("wrong signature", status_code=401)
    delivery, event = request.headers.get("x-github-delivery"), request.headers.get("x-github-event")
    if not delivery or not event:
        return Response("no delivery or event", status_code=400)
    payload = json.loads(body)
    database.execute("BEGIN IMMEDIATE")
    stored = database.execute("INSERT OR IGNORE INTO deliveries VALUES (?, ?, ?)", (delivery, event, body)).rowcount
    if stored and event == "issues" and payload["action"] == "opened":
        job = (delivery, payload["action"], payload["repository"]["full_name"])
        database.execute("INSERT INTO jobs (delivery, action, repository) VALUES (?, ?, ?)", job)
    database.execute("COMMIT")
    return Response("ok")

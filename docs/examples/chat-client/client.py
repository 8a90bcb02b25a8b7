"""Answers every "ping" with "pong", once, whatever breaks meanwhile. Python (3.9 or later) alone runs it."""
import json, os, random, time, uuid
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, Request, build_opener

roost = os.environ.get("ROOST_URL", "http://127.0.0.1:3000") + "/api/v1"
who = {"login": os.environ["ROOST_LOGIN"], "password": os.environ["ROOST_PASSWORD"]}
browser = build_opener(HTTPCookieProcessor())  # keeps the session's cookie
read = {}  # conversation: up to which seq it was dealt with

def ask(method, path, body=None):
    request = Request(roost + path, body and json.dumps(body).encode(), {"Content-Type": "application/json"}, method=method)
    try:
        return browser.open(request, timeout=60)  # events, or comments between them, come every 15 seconds
    except HTTPError as no:
        if no.code != 401 or path == "/session":
            raise
        ask("POST", "/session", who)
        return ask(method, path, body)

def call(*request):
    return json.load(ask(*request))

def answer(ping):
    # The same ping has the same answer: saying it again, after a crash, is not saying it twice.
    pong = {"client_id": str(uuid.uuid5(uuid.UUID(ping["id"]), "pong")), "body": "pong", "reply_to": ping["id"]}
    try:
        call("POST", f"/conversations/{ping['conversation']}/messages", pong)
    except HTTPError as no:
        if no.code not in (403, 404, 409):  # nothing can be said there any more; all else is worth another try
            raise

def catch_up(chat, me):
    if chat not in read:
        read[chat] = call("GET", f"/conversations/{chat}")["read_seq"]  # where it was before a restart
    page = {"has_more": True}
    while page["has_more"]:
        page = call("GET", f"/conversations/{chat}/messages?limit=100&after={read[chat]}")
        for message in page["items"]:
            if message["body"] == "ping" and message["author"]["id"] != me:
                answer(message)
            read[chat] = message["seq"]
        call("PUT", f"/conversations/{chat}/read", {"seq": read[chat]})

def listen():
    for line in ask("GET", "/events"):
        frame = json.loads(line[len("data: "):]) if line.startswith(b"data: ") else {"type": None}
        if frame["type"] == "ready":  # from here on nothing is missed; this is what came before
            me = frame["account"]["id"]
            for conversation in call("GET", "/conversations"):
                catch_up(conversation["id"], me)
        elif frame["type"] == "message" and frame["message"]["seq"] > read.get(frame["message"]["conversation"], 0):
            catch_up(frame["message"]["conversation"], me)

while True:
    try:
        listen()
    except Exception as why:
        print(why, flush=True)
    time.sleep(1 + 2 * random.random())

"""A client of Atrium in another language: Python's own urllib for REST, python-socketio for what is live.

It reads commands from standard input, one JSON object a line, and answers each with one line.
"""

import json
import queue
import sys
import urllib.request

import socketio

ORIGIN = sys.argv[1]
LIMIT = 10


def rest(method, path, body=None, token=None):
    request = urllib.request.Request(ORIGIN + "/api/v1" + path, method=method)
    request.add_header("content-type", "application/json")
    if token:
        request.add_header("authorization", "Bearer " + token)
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(request, data, timeout=LIMIT) as response:
        return json.load(response)


class Client:
    def __init__(self):
        self.token = None
        self.positions = {}
        self.texts = []
        self.ready = queue.Queue()
        self.heard = queue.Queue()
        self.live = socketio.Client(reconnection=True, reconnection_delay=0.1, reconnection_delay_max=1)
        self.live.on("session.ready", self.ready.put)
        self.live.on("message.created", self.take)

    def take(self, event):
        stream, seq = event["stream"], event["seq"]
        # Pushes may be repeated, and are then known already.
        if seq <= self.positions.get(stream, 0):
            return
        self.positions[stream] = seq
        self.texts.append(event["data"]["text"])
        self.heard.put(event["data"]["text"])

    def sign_in(self, identifier, password):
        body = {"identifier": identifier, "password": password, "token_delivery": "body"}
        answer = rest("POST", "/auth/login", body)
        self.token = answer["access_token"]
        return {"user": answer["user"]["username"]}

    def connect(self):
        self.live.connect(ORIGIN, auth={"token": self.token}, transports=["websocket"])
        return self.await_ready()

    def await_ready(self):
        return {"user": self.ready.get(timeout=30)["user"]["username"]}

    def send(self, conversation, client_id, text):
        message = {"conversation_id": conversation, "client_id": client_id, "text": text}
        return self.live.call("message.send", message, timeout=LIMIT)

    def hear(self):
        return {"text": self.heard.get(timeout=LIMIT)}

    def resume(self):
        answer = self.live.call("sync", {"streams": self.positions}, timeout=LIMIT)
        if not answer["ok"]:
            return answer
        for event in answer["data"]["events"]:
            if event["type"] == "message.created":
                self.take(event)
        return {"texts": self.texts}


client = Client()
for line in sys.stdin:
    name, *arguments = json.loads(line)
    try:
        answer = getattr(client, name)(*arguments)
    except Exception as error:  # the test shows it
        answer = {"failed": type(error).__name__ + ": " + str(error)}
    print(json.dumps(answer), flush=True)
client.live.disconnect()

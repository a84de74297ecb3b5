"""A counter on Python's own threaded server, kept in memory, in Redis or in PostgreSQL.

  /STORE/atomic/inc   adds one in one step and answers the new value
  /STORE/racy/inc     reads, and writes what it read and one more
  /STORE/WAY/get      answers the value

STORE is memory; redis where REDIS_SOCKET names its socket; postgres where POSTGRES_URL says how to
connect. Each thread, and so each connection of a client, has a connection of its own to them.

It prints the address that it listens on.
"""

import os
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Memory:
    def __init__(self):
        self.lock = threading.Lock()
        self.counts = {"atomic": 0, "racy": 0}

    def get(self, way):
        return self.counts[way]

    def atomic(self):
        with self.lock:
            self.counts["atomic"] += 1
            return self.counts["atomic"]

    def racy(self):
        read = self.counts["racy"]
        time.sleep(0)
        self.counts["racy"] = read + 1
        return read + 1


class Redis:
    def __init__(self, path):
        self.path = path
        self.local = threading.local()

    def ask(self, *words):
        """Sends a command; the answer is a number, a text or nothing."""
        if not hasattr(self.local, "stream"):
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(self.path)
            self.local.stream = connection.makefile("rwb")
        stream = self.local.stream
        stream.write(b"*%d\r\n" % len(words))
        for word in words:
            stream.write(b"$%d\r\n%s\r\n" % (len(word), word))
        stream.flush()
        line = stream.readline()
        kind, rest = line[:1], line[1:].strip()
        if kind == b"-":
            raise OSError(rest.decode())
        if kind != b"$":
            return rest
        return None if rest == b"-1" else stream.read(int(rest) + 2)[:-2]

    def get(self, way):
        return int(self.ask(b"GET", way.encode()) or 0)

    def atomic(self):
        return int(self.ask(b"INCR", b"atomic"))

    def racy(self):
        count = self.get("racy") + 1
        self.ask(b"SET", b"racy", b"%d" % count)
        return count


class Postgres:
    def __init__(self, url):
        self.url = url
        self.local = threading.local()
        self.run("CREATE TABLE IF NOT EXISTS counts (way text PRIMARY KEY, n bigint NOT NULL)")
        self.run("INSERT INTO counts VALUES ('atomic', 0), ('racy', 0) ON CONFLICT DO NOTHING")

    def run(self, statement, *values):
        if not hasattr(self.local, "connection"):
            self.local.connection = psycopg2.connect(self.url)
            self.local.connection.autocommit = True
        with self.local.connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchone()[0] if cursor.description else None

    def get(self, way):
        return self.run("SELECT n FROM counts WHERE way = %s", way)

    def atomic(self):
        return self.run("UPDATE counts SET n = n + 1 WHERE way = 'atomic' RETURNING n")

    def racy(self):
        count = self.get("racy") + 1
        self.run("UPDATE counts SET n = %s WHERE way = 'racy'", count)
        return count


stores = {"memory": Memory()}
if "REDIS_SOCKET" in os.environ:
    stores["redis"] = Redis(os.environ["REDIS_SOCKET"])
if "POSTGRES_URL" in os.environ:
    import psycopg2

    stores["postgres"] = Postgres(os.environ["POSTGRES_URL"])


class Counter(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # An answer goes out at once.
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self):
        _, store, way, action, *_ = self.path.split("?")[0].split("/") + [""] * 3
        if store not in stores or way not in ("atomic", "racy") or action not in ("inc", "get"):
            self.answer(404, "no such counter\n")
            return
        store = stores[store]
        count = store.get(way) if action == "get" else getattr(store, way)()
        self.answer(200, f"{count}\n")

    def answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    # Of hundreds of clients that come at once, none is turned away.
    request_queue_size = 1024
    daemon_threads = True


server = Server(("127.0.0.1", 0), Counter)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()

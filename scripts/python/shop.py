"""A shop, a bank and a queue on Python's own threaded server, kept in PostgreSQL.

Each path begins with /correct or /broken, which have tables of their own. Contents are JSON.

  POST /stock/SKU/take {"n"}          201, or 409 where there are fewer     GET /stock
  POST /seats {"name"}                201 {"seat"}, or 409                  GET /seats
  POST /coupons/CODE/redeem {"user"}  201, or 409 where the user has had it
  POST /users {"email"}               201 {"id"}, or 409 where it is taken
  POST /orders                        201 {"number"}
  POST /payments {"amount"}           with Idempotency-Key: 201 {"id"}, again 200, 422 for another amount
                                                                            GET /payments
  POST /transfers {"from", "to", "amount"}   201, or 409 for want of money  GET /accounts
  PUT  /documents/ID {"content"}      with If-Match: 200 and ETag, or 412   GET /documents/ID
  POST /jobs {"id"}                   202                                   GET /jobs
  POST /jobs/take                     200 {"id"}, or 204
  POST, DELETE /posts/ID/like         200                                   GET /posts
  POST /login {"user", "password"}    200 {"token"}, which the next two want as a Bearer
  POST /cart {"sku"}                  201 {"cart"}
  POST /checkout/CART                 201 {"order"}, or 409 where its article is sold out
  POST /reset                         makes all of it anew
  GET  /truth?of=NAME                 {"wrong", "done"}: how many are wrong in the tables, and how often it
                                      was done; NAME is that of the scenario in docs/scenarios

POSTGRES_URL says how to connect, and SHOP_PASSWORD which password everybody has ("sesame" otherwise). It
prints the address that it listens on.
"""

import json
import os
import re
import secrets
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import shop_broken
import shop_correct
from shop_tables import TRUTH, Tables

PASSWORD = os.environ.get("SHOP_PASSWORD", "sesame")


class Refusal(Exception):
    """An answer that is no success."""

    def __init__(self, status, why):
        super().__init__(why)
        self.answer = (status, {"error": why})


class Asked:
    """A request: its tables, what is done to them, and what it carries."""

    def __init__(self, tables, way, headers, content, query):
        self.tables = tables
        self.way = way
        self.headers = headers
        self.content = content
        self.query = query

    def __getitem__(self, name):
        if name not in self.content:
            raise Refusal(400, f"{name} is missing")
        return self.content[name]

    def header(self, name, status):
        if name not in self.headers:
            raise Refusal(status, f"{name} is missing")
        return self.headers[name]

    def user(self):
        token = self.header("Authorization", 401).removeprefix("Bearer ")
        name = self.tables.one("SELECT name FROM sessions WHERE token = %s", token)
        if name is None:
            raise Refusal(401, "nobody has this token")
        return name


def done_or(status, why, is_done, content):
    if not is_done:
        raise Refusal(status, why)
    return 201, content


def all_of(table, **members):
    """Answers every row of a table, whose columns have these names in the answer."""

    def listed(asked):
        columns = ", ".join(members.values())
        rows = asked.tables.rows(f"SELECT {columns} FROM {table} ORDER BY 1")
        return 200, [dict(zip(members, row)) for row in rows]

    return listed


def take(asked, sku):
    n = asked.content.get("n", 1)
    return done_or(409, "sold out", asked.way.take(asked.tables, sku, n), {"sku": sku, "n": n})


def book(asked):
    seat = asked.way.book(asked.tables, asked["name"])
    return done_or(409, "all seats are taken", seat is not None, {"seat": seat})


def redeem(asked, code):
    is_new = asked.way.redeem(asked.tables, code, asked["user"])
    return done_or(409, "redeemed already", is_new, {"code": code})


def sign_up(asked):
    user = asked.way.sign_up(asked.tables, asked["email"])
    return done_or(409, "the address is taken", user is not None, {"id": user})


def pay(asked):
    key, amount = asked.header("Idempotency-Key", 400), asked["amount"]
    made, of, is_new = asked.way.pay(asked.tables, key, amount)
    if of != amount:
        raise Refusal(422, "this key is that of another payment")
    return 201 if is_new else 200, {"id": made}


def transfer(asked):
    ends = int(asked["from"]), int(asked["to"])
    if ends[0] == ends[1] or asked["amount"] < 1:
        raise Refusal(422, "expected two accounts, and an amount")
    is_moved = asked.way.transfer(asked.tables, *ends, asked["amount"])
    return done_or(409, "not enough money", is_moved, {})


def document(asked, name):
    for version, content in asked.tables.rows("SELECT version, content FROM documents WHERE id = %s", name):
        return 200, {"content": content}, {"ETag": f'"{version}"'}
    raise Refusal(404, "no such document")


def write(asked, name):
    expected = asked.header("If-Match", 428).strip('"')
    content = asked["content"]
    version = asked.way.write(asked.tables, name, int(expected), content) if expected.isdigit() else None
    if version is None:
        raise Refusal(412, "somebody else has changed it")
    return 200, {"content": content}, {"ETag": f'"{version}"'}


def put_job(asked):
    asked.way.put_job(asked.tables, str(asked["id"]))
    return 202, {}


def take_job(asked):
    job = asked.way.take_job(asked.tables)
    return (204, None) if job is None else (200, {"id": job})


def vote(n):
    def voted(asked, post):
        asked.way.vote(asked.tables, int(post), n)
        return 200, {}

    return voted


def log_in(asked):
    if asked["password"] != PASSWORD:
        raise Refusal(401, "wrong password")
    token = secrets.token_hex(16)
    asked.tables.rows("INSERT INTO sessions VALUES (%s, %s)", token, asked["user"])
    return 200, {"token": token}


def fill_cart(asked):
    statement = "INSERT INTO carts (name, sku, is_open) VALUES (%s, %s, true) RETURNING id"
    return 201, {"cart": asked.tables.one(statement, asked.user(), str(asked["sku"]))}


def check_out(asked, cart):
    number = asked.way.check_out(asked.tables, int(cart), asked.user())
    return done_or(409, "sold out", number is not None, {"order": number})


def reset(asked):
    asked.tables.reset()
    return 200, {}


def truth(asked):
    if asked.query.removeprefix("of=") not in TRUTH:
        raise Refusal(404, f"expected ?of= and one of {', '.join(TRUTH)}")
    return 200, asked.tables.truth(asked.query.removeprefix("of="))


ROUTES = [
    ("POST", r"/stock/([^/]+)/take", take),
    ("GET", r"/stock", all_of("stock", sku="sku", left="remaining")),
    ("POST", r"/seats", book),
    ("GET", r"/seats", lambda a: (200, {"left": a.tables.one("SELECT seats - taken FROM hall")})),
    ("POST", r"/coupons/([^/]+)/redeem", redeem),
    ("POST", r"/users", sign_up),
    ("POST", r"/orders", lambda a: (201, {"number": a.way.order(a.tables)})),
    ("POST", r"/payments", pay),
    ("GET", r"/payments", lambda a: (200, {"count": a.tables.one("SELECT count(*) FROM payments")})),
    ("POST", r"/transfers", transfer),
    ("GET", r"/accounts", all_of("accounts", id="id", balance="balance")),
    ("GET", r"/documents/([^/]+)", document),
    ("PUT", r"/documents/([^/]+)", write),
    ("POST", r"/jobs", put_job),
    ("GET", r"/jobs", lambda a: (200, [job for job, in a.tables.rows("SELECT id FROM jobs ORDER BY place")])),
    ("POST", r"/jobs/take", take_job),
    ("POST", r"/posts/(\d+)/like", vote(1)),
    ("DELETE", r"/posts/(\d+)/like", vote(-1)),
    ("GET", r"/posts", all_of("posts", id="id", likes="likes")),
    ("POST", r"/login", log_in),
    ("POST", r"/cart", fill_cart),
    ("POST", r"/checkout/(\d+)", check_out),
    ("POST", r"/reset", reset),
    ("GET", r"/truth", truth),
]
ROUTES = [(method, re.compile(path), act) for method, path, act in ROUTES]

WAYS = {"correct": shop_correct, "broken": shop_broken}
TABLES = {way: Tables(os.environ["POSTGRES_URL"], way) for way in WAYS}


class Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # An answer goes out at once.
    disable_nagle_algorithm = True
    wbufsize = -1

    def act(self):
        # Read in any case: what is left of a request would be taken for the next.
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            self.answer(*self.acted(content))
        except Refusal as refusal:
            self.answer(*refusal.answer)

    def acted(self, content):
        _, way, path = (self.path.split("/", 2) + ["", ""])[:3]
        path, _, query = path.partition("?")
        for method, pattern, act in ROUTES:
            found = pattern.fullmatch("/" + path)
            if way in WAYS and method == self.command and found:
                said = json.loads(content) if content else {}
                with TABLES[way].connected():
                    return act(Asked(TABLES[way], WAYS[way], self.headers, said, query), *found.groups())
        raise Refusal(404, "there is nothing here")

    do_GET = do_POST = do_PUT = do_DELETE = act

    def answer(self, status, content, headers=None):
        body = b"" if content is None else json.dumps(content).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if content is not None:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    # Of hundreds of clients that come at once, none is turned away.
    request_queue_size = 1024
    daemon_threads = True


for tables in TABLES.values():
    with tables.connected():
        tables.reset()
server = Server(("127.0.0.1", 0), Shop)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()

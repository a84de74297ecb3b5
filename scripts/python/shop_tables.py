"""What the shop has in PostgreSQL: its tables, in a schema of each way, and what they say is true."""

import contextlib
import queue
import threading

import psycopg2
from psycopg2.extensions import TRANSACTION_STATUS_IDLE

TABLES = """
CREATE TABLE stock (sku text PRIMARY KEY, supplied integer NOT NULL, remaining integer NOT NULL);
CREATE TABLE sales (sku text NOT NULL, n integer NOT NULL);
CREATE TABLE hall (seats integer NOT NULL, taken integer NOT NULL);
CREATE TABLE bookings (seat integer NOT NULL, name text NOT NULL);
CREATE TABLE redemptions (code text NOT NULL, customer text NOT NULL);
CREATE TABLE users (id serial, email text NOT NULL);
CREATE TABLE orders (number bigint NOT NULL, sku text);
CREATE TABLE payments (id serial, key text NOT NULL, amount integer NOT NULL);
CREATE TABLE accounts (id integer PRIMARY KEY, balance integer NOT NULL);
CREATE TABLE transfers (source integer NOT NULL, target integer NOT NULL, amount integer NOT NULL);
CREATE TABLE documents (id text PRIMARY KEY, version integer NOT NULL, content text NOT NULL);
CREATE TABLE writes (id text NOT NULL, replaced integer NOT NULL);
CREATE TABLE jobs (place serial, id text NOT NULL);
CREATE TABLE handed_out (id text NOT NULL);
CREATE TABLE posts (id integer PRIMARY KEY, likes integer NOT NULL);
CREATE TABLE votes (post integer NOT NULL, n integer NOT NULL);
CREATE TABLE sessions (token text PRIMARY KEY, name text NOT NULL);
CREATE TABLE carts (id serial PRIMARY KEY, name text NOT NULL, sku text NOT NULL, is_open boolean NOT NULL);

INSERT INTO stock SELECT n, 20, 20 FROM generate_series(1, 20) n;
INSERT INTO hall VALUES (200, 0);
INSERT INTO accounts SELECT n, 100 FROM generate_series(1, 10) n;
INSERT INTO documents SELECT n, 1, '' FROM generate_series(1, 10) n;
INSERT INTO posts SELECT n, 0 FROM generate_series(1, 5) n;
"""

# What nobody can do twice, where the tables are to see to it.
KEYS = """
ALTER TABLE bookings ADD UNIQUE (seat);
ALTER TABLE redemptions ADD UNIQUE (code, customer);
ALTER TABLE users ADD UNIQUE (email);
ALTER TABLE orders ADD UNIQUE (number);
ALTER TABLE payments ADD UNIQUE (key);
CREATE SEQUENCE order_numbers;
"""

MORE_THAN_ONE = "SELECT count(*) FROM (SELECT 1 FROM {0} GROUP BY {1} HAVING count(*) > 1) twice"
SOLD_OUT = """SELECT count(*) FROM stock
    WHERE supplied < (SELECT coalesce(sum({1}), 0) FROM {0} WHERE {0}.sku = stock.sku)"""
COUNT = "SELECT count(*) FROM {0}"
PUT_AND_TAKEN = """SELECT CASE WHEN is_called THEN last_value ELSE 0 END + (SELECT count(*) FROM handed_out)
    FROM jobs_place_seq"""

# Of each thing: how many of it are wrong, and how often it was done.
TRUTH = {
    "stock": (SOLD_OUT.format("sales", "n"), COUNT.format("sales")),
    "seats": (MORE_THAN_ONE.format("bookings", "seat"), COUNT.format("bookings")),
    "coupon": (MORE_THAN_ONE.format("redemptions", "code, customer"), COUNT.format("redemptions")),
    "signup": (MORE_THAN_ONE.format("users", "email"), COUNT.format("users")),
    # Those of a cart are of the scenario checkout.
    "orders": (
        MORE_THAN_ONE.format("orders WHERE sku IS NULL", "number"),
        COUNT.format("orders WHERE sku IS NULL"),
    ),
    "payment": (MORE_THAN_ONE.format("payments", "key"), COUNT.format("payments")),
    "transfer": (
        "SELECT abs(sum(balance) - 1000) + count(*) FILTER (WHERE balance < 0) FROM accounts",
        COUNT.format("transfers"),
    ),
    "document": (MORE_THAN_ONE.format("writes", "id, replaced"), COUNT.format("writes")),
    "jobs": (MORE_THAN_ONE.format("handed_out", "id"), PUT_AND_TAKEN),
    "likes": (
        "SELECT count(*) FROM posts WHERE likes <> (SELECT coalesce(sum(n), 0) FROM votes WHERE post = id)",
        COUNT.format("votes"),
    ),
    "checkout": (SOLD_OUT.format("orders", "1"), COUNT.format("orders WHERE sku IS NOT NULL")),
}


class Tables:
    """The tables of one way, and the connections to them, each of which one thread has at a time."""

    def __init__(self, url, way):
        self.url = url
        self.way = way
        self.idle = queue.LifoQueue()
        self.local = threading.local()

    @contextlib.contextmanager
    def connected(self):
        """Whatever a thread does within it goes over one connection."""
        try:
            connection = self.idle.get_nowait()
        except queue.Empty:
            connection = psycopg2.connect(self.url, options=f"-c search_path={self.way}")
            connection.autocommit = True
        self.local.connection = connection
        try:
            yield
        finally:
            # One that is gone, or within a transaction that failed, is not used again.
            if connection.info.transaction_status == TRANSACTION_STATUS_IDLE:
                self.idle.put(connection)
            else:
                connection.close()

    def rows(self, statement, *values):
        """The rows that a statement returns: outside of a transaction it is one of its own."""
        with self.local.connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def one(self, statement, *values):
        """The first value of the first row; none where there is no row."""
        rows = self.rows(statement, *values)
        return rows[0][0] if rows else None

    @contextlib.contextmanager
    def transaction(self):
        """All that is done within it is done at once."""
        self.rows("BEGIN")
        yield
        self.rows("COMMIT")

    def reset(self):
        keys = KEYS if self.way == "correct" else ""
        anew = f"DROP SCHEMA IF EXISTS {self.way} CASCADE; CREATE SCHEMA {self.way};"
        with self.transaction():
            self.rows(anew + TABLES + keys)

    def truth(self, name):
        wrong, done = TRUTH[name]
        return {"wrong": int(self.one(wrong)), "done": self.one(done)}

"""The shop as it should be: what is looked at and what follows from it are one step."""


def take(tables, sku, n):
    """Takes so many of an article; whether there were as many."""
    statement = """WITH sold AS (UPDATE stock SET remaining = remaining - %s
        WHERE sku = %s AND remaining >= %s RETURNING sku)
        INSERT INTO sales SELECT sku, %s FROM sold RETURNING sku"""
    return tables.one(statement, n, sku, n, n) is not None


def book(tables, name):
    """The seat that somebody has from now on; none where all are taken."""
    statement = """WITH next AS (UPDATE hall SET taken = taken + 1 WHERE taken < seats RETURNING taken)
        INSERT INTO bookings SELECT taken, %s FROM next RETURNING seat"""
    return tables.one(statement, name)


def redeem(tables, code, customer):
    """Whether the customer has not had this coupon before."""
    statement = "INSERT INTO redemptions VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING code"
    return tables.one(statement, code, customer) is not None


def sign_up(tables, email):
    """The id of a new user; none where the address is somebody's already."""
    statement = "INSERT INTO users (email) VALUES (%s) ON CONFLICT DO NOTHING RETURNING id"
    return tables.one(statement, email)


def order(tables):
    """The number of a new order."""
    return tables.one("INSERT INTO orders VALUES (nextval('order_numbers')) RETURNING number")


def pay(tables, key, amount):
    """The id and amount of the payment with this key, and whether it was made just now."""
    statement = "INSERT INTO payments (key, amount) VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING id"
    made = tables.one(statement, key, amount)
    if made is not None:
        return made, amount, True
    [(made, of)] = tables.rows("SELECT id, amount FROM payments WHERE key = %s", key)
    return made, of, False


def transfer(tables, source, target, amount):
    """Moves money; whether there was enough of it."""
    with tables.transaction():
        locked = "SELECT id, balance FROM accounts WHERE id IN (%s, %s) ORDER BY id FOR UPDATE"
        balances = dict(tables.rows(locked, source, target))
        if len(balances) < 2 or balances[source] < amount:
            return False
        moved = "UPDATE accounts SET balance = balance + %s WHERE id = %s"
        tables.rows(moved, -amount, source)
        tables.rows(moved, amount, target)
        tables.rows("INSERT INTO transfers VALUES (%s, %s, %s)", source, target, amount)
    return True


def write(tables, document, version, content):
    """The new version of a document; none where it had another than this one."""
    statement = """WITH written AS (UPDATE documents SET version = version + 1, content = %s
        WHERE id = %s AND version = %s RETURNING id, version)
        INSERT INTO writes SELECT id, version - 1 FROM written RETURNING replaced + 1"""
    return tables.one(statement, content, document, version)


def put_job(tables, job):
    tables.rows("INSERT INTO jobs (id) VALUES (%s)", job)


NEXT_JOB = """WITH taken AS (DELETE FROM jobs WHERE place =
    (SELECT place FROM jobs ORDER BY place LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id)
    INSERT INTO handed_out SELECT id FROM taken RETURNING id"""


def take_job(tables):
    """The next job; none where there is none."""
    job = tables.one(NEXT_JOB)
    if job is not None:
        return job
    # All jobs that this statement saw may have gone to others meanwhile, and a new one come that it did
    # not see. With everybody else out, nothing is nothing.
    with tables.transaction():
        tables.rows("LOCK TABLE jobs IN EXCLUSIVE MODE")
        return tables.one(NEXT_JOB)


def vote(tables, post, n):
    """Adds to the likes of a post."""
    statement = """WITH counted AS (UPDATE posts SET likes = likes + %s WHERE id = %s RETURNING id)
        INSERT INTO votes SELECT id, %s FROM counted"""
    tables.rows(statement, n, post, n)


def check_out(tables, cart, name):
    """The number of the order that a cart becomes; none where its article is sold out."""
    with tables.transaction():
        mine = "SELECT sku FROM carts WHERE id = %s AND name = %s AND is_open FOR UPDATE"
        sku = tables.one(mine, cart, name)
        sold = "UPDATE stock SET remaining = remaining - 1 WHERE sku = %s AND remaining > 0 RETURNING sku"
        if tables.one(sold, sku) is None:
            return None
        tables.rows("UPDATE carts SET is_open = false WHERE id = %s", cart)
        ordered = "INSERT INTO orders VALUES (nextval('order_numbers'), %s) RETURNING number"
        return tables.one(ordered, sku)

"""The shop as it often is: it looks, and does what follows from that a moment later.

Each function is that of the same name in shop_correct.
"""


def take(tables, sku, n):
    remaining = tables.one("SELECT remaining FROM stock WHERE sku = %s", sku)
    if remaining is None or remaining < n:
        return False
    tables.rows("UPDATE stock SET remaining = %s WHERE sku = %s", remaining - n, sku)
    tables.rows("INSERT INTO sales VALUES (%s, %s)", sku, n)
    return True


def book(tables, name):
    [(seats, taken)] = tables.rows("SELECT seats, taken FROM hall")
    if taken == seats:
        return None
    tables.rows("UPDATE hall SET taken = %s", taken + 1)
    tables.rows("INSERT INTO bookings VALUES (%s, %s)", taken + 1, name)
    return taken + 1


def redeem(tables, code, customer):
    if tables.rows("SELECT 1 FROM redemptions WHERE code = %s AND customer = %s", code, customer):
        return False
    tables.rows("INSERT INTO redemptions VALUES (%s, %s)", code, customer)
    return True


def sign_up(tables, email):
    if tables.rows("SELECT 1 FROM users WHERE email = %s", email):
        return None
    return tables.one("INSERT INTO users (email) VALUES (%s) RETURNING id", email)


def order(tables):
    number = tables.one("SELECT coalesce(max(number), 0) + 1 FROM orders")
    return tables.one("INSERT INTO orders VALUES (%s) RETURNING number", number)


def pay(tables, key, amount):
    for made, of in tables.rows("SELECT id, amount FROM payments WHERE key = %s LIMIT 1", key):
        return made, of, False
    made = tables.one("INSERT INTO payments (key, amount) VALUES (%s, %s) RETURNING id", key, amount)
    return made, amount, True


def transfer(tables, source, target, amount):
    balances = dict(tables.rows("SELECT id, balance FROM accounts WHERE id IN (%s, %s)", source, target))
    if len(balances) < 2 or balances[source] < amount:
        return False
    written = "UPDATE accounts SET balance = %s WHERE id = %s"
    tables.rows(written, balances[source] - amount, source)
    tables.rows(written, balances[target] + amount, target)
    tables.rows("INSERT INTO transfers VALUES (%s, %s, %s)", source, target, amount)
    return True


def write(tables, document, version, content):
    if tables.one("SELECT version FROM documents WHERE id = %s", document) != version:
        return None
    changed = "UPDATE documents SET version = %s, content = %s WHERE id = %s"
    tables.rows(changed, version + 1, content, document)
    tables.rows("INSERT INTO writes VALUES (%s, %s)", document, version)
    return version + 1


def put_job(tables, job):
    tables.rows("INSERT INTO jobs (id) VALUES (%s)", job)


def take_job(tables):
    for place, job in tables.rows("SELECT place, id FROM jobs ORDER BY place LIMIT 1"):
        tables.rows("DELETE FROM jobs WHERE place = %s", place)
        tables.rows("INSERT INTO handed_out VALUES (%s)", job)
        return job
    return None


def vote(tables, post, n):
    likes = tables.one("SELECT likes FROM posts WHERE id = %s", post)
    tables.rows("UPDATE posts SET likes = %s WHERE id = %s", likes + n, post)
    tables.rows("INSERT INTO votes VALUES (%s, %s)", post, n)


def check_out(tables, cart, name):
    mine = "SELECT carts.sku, remaining FROM carts JOIN stock USING (sku) WHERE id = %s AND name = %s AND is_open"
    for sku, remaining in tables.rows(mine, cart, name):
        if remaining == 0:
            return None
        tables.rows("UPDATE stock SET remaining = %s WHERE sku = %s", remaining - 1, sku)
        tables.rows("UPDATE carts SET is_open = false WHERE id = %s", cart)
        # Its own id serves as its number.
        return tables.one("INSERT INTO orders VALUES (%s, %s) RETURNING number", cart, sku)
    return None

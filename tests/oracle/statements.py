"""Runs the SQL that the ORM emits for the case files on a real PostgreSQL with the same rows, and compares.

    ./dev oracle statements [--market PROGRAM] [CASES.json ...]

`market cases --print statements` gives every statement with what it gives here. PostgreSQL runs the
same texts, the statements of a case in a transaction that is rolled back. Rows compare in their order
where the statement has one, but for rows that the order leaves equal.
"""

import argparse
import json
import pathlib
import subprocess
import sys

import marketplace
from server import server
from sql import is_ordered
from wire import Connection, ServerError

ROOT = pathlib.Path(__file__).parents[2]
FILES = ["tests/django/cases.json", "tests/django/more_cases.json", "tests/django/querysets.json", "tests/lessons/answers.json"]
FLOATS = {700, 701}


def load(connection, now):
    """The five tables with their rows, and the pinned clock before PostgreSQL's own."""
    marketplace.load(connection)
    connection.run("CREATE SCHEMA pinned;")
    for function in ("statement_timestamp", "now"):
        connection.run(
            f"CREATE FUNCTION pinned.{function}() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT timestamptz '{now}' $$;"
        )
    connection.run("SET search_path = pinned, public, pg_catalog;")


def same(ours, theirs, kind):
    if ours is not None and theirs is not None and kind in FLOATS:
        a, b = float(ours), float(theirs)
        return a == b or abs(a - b) <= 1e-9 * max(abs(a), abs(b))
    return {"true": "t", "false": "f"}.get(ours, ours) == theirs if kind == 16 else ours == theirs


def row_key(row):
    return [(it is not None, it or "") for it in row]


def difference(statement, connection):
    """What the server says otherwise; `None` when it says the same."""
    try:
        result = connection.run(statement["sql"])[-1]
    except ServerError as error:
        if statement.get("error") == error.code:
            return None
        return f"PostgreSQL: {error}; here: {statement.get('error') or 'no error'}"
    if "error" in statement:
        return f"here: {statement['error']}; PostgreSQL: no error"
    if "count" in statement:
        words = result.command.split()
        count = int(words[-1]) if words[-1].isdigit() else 0
        return None if count == statement["count"] or words[0] in ("SAVEPOINT", "RELEASE", "ROLLBACK") else f"rows: {statement['count']} here, {count} there"
    ours, theirs = statement["rows"], result.rows
    equal = lambda a, b: len(a) == len(b) and all(
        all(same(x, y, kind) for x, y, kind in zip(one, two, result.types)) for one, two in zip(a, b)
    )
    if equal(ours, theirs):
        return None
    if result.names == ["QUERY PLAN"]:
        return None
    # An order may leave rows equal, and those come as they like.
    if equal(sorted(ours, key=row_key), sorted(theirs, key=row_key)):
        return None if not is_ordered(statement["sql"]) else "order"
    return f"here:  {ours[:3]} of {len(ours)}\n    there: {theirs[:3]} of {len(theirs)}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", default=FILES)
    parser.add_argument("--market", help="the program; without it, one is built")
    arguments = parser.parse_args()
    market = [arguments.market] if arguments.market else ["cargo", "run", "-q", "--release", "--bin", "market", "--"]
    fixture = json.loads((ROOT / "tests/oracle/fixture.json").read_text(encoding="utf-8"))
    statements = orders = 0
    differences = []
    with server() as socket:
        connection = Connection(socket)
        load(connection, fixture["now"])
        for file in arguments.files:
            printed = subprocess.run([*market, "cases", file, "--print", "statements"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
            for line in printed.stdout.splitlines():
                case = json.loads(line)
                for table in marketplace.TABLES:
                    connection.run(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT MAX(id) FROM {table}));")
                connection.run("BEGIN;")
                for statement in case["statements"]:
                    statements += 1
                    found = difference(statement, connection)
                    if found == "order":
                        orders += 1
                    elif found:
                        differences.append(case["id"])
                        print(f"{case['id']}: {statement['sql'][:600]}\n    {found}")
                connection.run("ROLLBACK;")
        connection.close()
    print(f"{statements} statements, {len(differences)} differ, {orders} order equal rows otherwise")
    raise SystemExit(1 if differences else 0)


if __name__ == "__main__":
    main()

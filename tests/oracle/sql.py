#!/usr/bin/env python3
"""Records PostgreSQL's answers in tests/sql/**.slt, or compares them (--check).

    python3 tests/oracle/sql.py [--check] [FILE or FOLDER ...]

A record is as sqllogictest has it: `query TYPES [rowsort|valuesort]` or `statement ok|error`,
the SQL, and behind `----` the answer. A block of bare SQL, statements ending with `;` at the end
of a line, is taken up and gets its records: write SQL, run this, read the answers. A `!` before
a bare statement says that it has to fail.

Every file is run twice: the second time with the marketplace's rows stored backwards and with
other plans. An answer whose order changes is recorded with `rowsort`; one whose rows change is
reported, because it says nothing about an engine.
"""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import marketplace
from server import server
from wire import Connection, ServerError

HERE = Path(__file__).resolve().parent.parent / "sql"
INTEGERS = {20, 21, 23, 26}
NUMBERS = {700, 701, 1700}
QUERY = re.compile(r"\s*\(*\s*(select|with|values|table|show|explain)\b", re.I)
RETURNING = re.compile(r"\breturning\b", re.I)
ORDER = re.compile(r"\border\s+by\b", re.I)
# Plans unlike those that the planner would choose.
OTHER_PLANS = "SET enable_hashagg = off; SET enable_hashjoin = off; SET enable_nestloop = off; SET enable_indexscan = off;"


def text(value, oid):
    """A value as the answers print it."""
    if value is None:
        return "NULL"
    if oid == 16:
        return {"t": "true", "f": "false"}[value]
    if oid in (700, 701) and value not in ("Infinity", "-Infinity", "NaN"):
        return ("%.6g" if oid == 700 else "%.15g") % float(value)
    return " ".join(value.split()) or "(empty)"


class Record:
    """One query or statement of a file."""

    def __init__(self, head, sql):
        self.head, self.sql = head, sql

    @property
    def is_query(self):
        return self.head[0] == "query"

    @property
    def sort(self):
        return next((w for w in self.head[1:] if w in ("rowsort", "valuesort", "nosort")), None)


def bare(sql):
    """The record of a statement that has none yet."""
    sql = sql.strip().rstrip(";").rstrip()
    if sql.startswith("!"):
        return Record(["statement", "error"], sql[1:].lstrip())
    if QUERY.match(sql) or RETURNING.search(sql):
        return Record(["query", "?"], sql)
    return Record(["statement", "ok"], sql)


def parse(source):
    """Comments and blank lines as text, the others as records."""
    parts, lines, at = [], source.split("\n"), 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if not line.strip() or line.startswith("#") or line.split()[0] in ("hash-threshold", "control", "halt"):
            parts.append(line)
            continue
        head = line.split()
        block = []
        if head[0] in ("query", "statement"):
            while at < len(lines) and lines[at].strip() and lines[at] != "----":
                block.append(lines[at])
                at += 1
            if at < len(lines) and lines[at] == "----":
                while at < len(lines) and lines[at].strip():
                    at += 1
            parts.append(Record(head, "\n".join(block)))
            continue
        block.append(line)
        while at < len(lines) and lines[at].strip() and not lines[at].startswith("#"):
            block.append(lines[at])
            at += 1
        for sql in re.split(r";[ \t]*(?:\n|$)", "\n".join(block)):
            if sql.strip():
                parts += [bare(sql), ""]
    return parts


def run(path, source, parts, other):
    """The answer of each record: ('rows', types, rows), ('done', command) or ('error', ..)."""
    connection = Connection(path)
    answers = {}
    try:
        connection.run("SET client_min_messages = error; DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public;")
        if re.search(r"^# data: small$", source, re.M):
            marketplace.load(connection, backwards=other)
        if other:
            connection.run(OTHER_PLANS)
        for at, part in enumerate(parts):
            if isinstance(part, str):
                continue
            try:
                result = connection.run(part.sql)[-1]
            except ServerError as error:
                answers[at] = ("error", error.code, error.message)
                continue
            if result.names:
                rows = [[text(v, o) for v, o in zip(row, result.types)] for row in result.rows]
                answers[at] = ("rows", result.types, rows)
            else:
                answers[at] = ("done", result.command)
    finally:
        connection.close()
    return answers


def is_ordered(sql):
    """Whether the outermost query has an ORDER BY."""
    sql = re.sub(r"'[^']*'|\"[^\"]*\"|--[^\n]*", "", sql)
    before = None
    while sql != before:
        before, sql = sql, re.sub(r"\([^()]*\)", "", sql)
    return bool(ORDER.search(sql))


def letters(types):
    return "".join("I" if t in INTEGERS else "R" if t in NUMBERS else "T" for t in types)


def write(part, answer, other, complain):
    """The lines of a record with its answer."""
    kind = answer[0]
    if kind == "error":
        if part.head[:2] != ["statement", "error"]:
            complain(part, f"fails: {answer[1]} {answer[2]}")
        return [f"statement error ({answer[1]})", part.sql]
    if part.head[:2] == ["statement", "error"]:
        complain(part, "does not fail")
    if kind == "done":
        if part.head[:2] == ["statement", "count"]:
            return [f"statement count {answer[1].split()[-1]}", part.sql]
        return ["statement ok", part.sql]
    _, types, rows = answer
    if not part.is_query and part.head[:2] != ["statement", "error"]:
        return [" ".join(part.head), part.sql]
    sort = part.sort
    if not sort and not is_ordered(part.sql) and len(rows) > 1:
        sort = "rowsort"
    if other[0] != "rows" or sorted(other[2]) != sorted(rows):
        complain(part, "its rows hang on the plan")
    elif not sort and other[2] != rows:
        complain(part, "its order hangs on the plan: rowsort")
        sort = "rowsort"
    if sort == "rowsort":
        rows = sorted(rows)
    lines = [" ".join(row) for row in rows]
    if sort == "valuesort":
        lines = sorted(value for row in rows for value in row)
    head = ["query", letters(types)] + ([sort] if sort else [])
    return [" ".join(head), part.sql, "----", *lines]


def record(path, file, check, version):
    source = file.read_text(encoding="utf-8")
    parts = parse(source)
    first, second = run(path, source, parts, False), run(path, source, parts, True)
    complaints = []

    def complain(part, what):
        complaints.append(f"{file.relative_to(HERE.parent.parent) if file.is_relative_to(HERE) else file}: {what}\n    {part.sql[:300]}")

    out = []
    for at, part in enumerate(parts):
        if isinstance(part, str):
            if not part.startswith("# server: "):
                out.append(part)
        else:
            out += write(part, first[at], second[at], complain)
    made = re.sub(r"\n{3,}", "\n\n", f"# server: {version}\n" + "\n".join(out).lstrip("\n")).rstrip("\n") + "\n"
    changed = made != source
    if changed and not check:
        file.write_text(made, encoding="utf-8")
    queries = sum(1 for a in first.values() if a[0] == "rows")
    errors = sum(1 for a in first.values() if a[0] == "error")
    return complaints, changed, queries, errors


def main():
    check = "--check" in sys.argv
    names = [Path(a) for a in sys.argv[1:] if not a.startswith("--")] or [HERE]
    files = sorted(f.resolve() for n in names for f in (n.rglob("*.slt") if n.is_dir() else [n]))
    drift, all_queries, all_errors = [], 0, 0
    with server() as path:
        connection = Connection(path)
        number = connection.run("SHOW server_version")[0].rows[0][0].split()[0]
        collation = connection.run("SELECT datcollate FROM pg_database WHERE datname = current_database()")[0].rows[0][0]
        connection.close()
        version = f"PostgreSQL {number}, collation {collation}"
        for file in files:
            complaints, changed, queries, errors = record(path, file, check, version)
            print(f"{file.name}: {queries} queries, {errors} errors{', changed' if changed else ''}")
            for complaint in complaints:
                print(f"  {complaint}")
            drift += [file.name] if changed else []
            all_queries += queries
            all_errors += errors
    print(f"{len(files)} files, {all_queries} queries, {all_errors} errors, {len(drift)} files changed")
    if check and drift:
        raise SystemExit("recorded answers differ from the server's")


if __name__ == "__main__":
    main()

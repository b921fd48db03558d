"""Asks real Django on a real PostgreSQL, and records its answers in the form of tests/django/cases.json.

    ./dev oracle django [--fixture FILE] [--shuffles N] [--out FILE] FILE..

A FILE is a list of `{id, code, ..}` (or a case file, whose answers are then made again), or a
lesson page in Markdown, of which every runnable `django` fence and every solution is asked.
Django runs the project's own models, querysets and services (src/market/python). Each snippet runs
in a transaction that is rolled back, once on the rows as they are, and again on the same rows
stored backwards and shuffled, with other plans: an answer whose order differs then is compared as a
multiset, and one that differs in anything else is marked `unstable`, for PostgreSQL itself does not
determine it.
`DJANGO_PYTHON` names a Python that has Django and psycopg; without it a virtual environment is
made in the cache.
"""

import argparse
import ast
import datetime
import io
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import traceback
from decimal import Decimal

ROOT = pathlib.Path(__file__).parents[2]
DJANGO = "6.1.3"
TABLES = {"customer": "customers", "category": "categories", "product": "products"}
TABLES |= {"orders": "orders", "order_item": "order_items"}
# How the rows are stored, and plans unlike those that the planner would choose.
STORED = {
    "forwards": "",
    "backwards": " -c enable_hashagg=off -c enable_hashjoin=off -c enable_nestloop=off -c enable_indexscan=off",
    "shuffled": " -c enable_mergejoin=off -c enable_sort=off -c enable_seqscan=off",
}
BY_HASH = "".join(f" -c enable_{it}=off" for it in ("incremental_sort", "sort", "indexscan", "indexonlyscan", "bitmapscan", "mergejoin", "nestloop"))
BY_SORT = "".join(f" -c enable_{it}=off" for it in ("incremental_sort", "hashagg", "hashjoin", "indexscan", "indexonlyscan", "bitmapscan", "nestloop"))
CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


def plans(name):
    """How the planner is told to plan over the rows stored in a way: for further shuffles by hash,
    by sorting, and in the known ways by turns."""
    if name in STORED:
        return STORED[name]
    known = [BY_HASH, BY_SORT, *STORED.values()]
    return known[int(name.removeprefix("shuffled")) % len(known)]


def python():
    """A Python with Django: the one given, or one in the cache."""
    given = os.environ.get("DJANGO_PYTHON")
    if given:
        return given
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
    folder = cache / "marketplace-analytics" / f"django-{DJANGO}"
    program = folder / "bin" / "python"
    if not (folder / "ready").exists():
        # A name may be on the PATH and yet run nothing, as pyenv's are.
        runs = lambda it: shutil.which(it) and not subprocess.run([it, "-c", "import venv"], capture_output=True).returncode
        base = next(filter(runs, ("python3.14", "python3.13", "python3.12")), None)
        if not base:
            raise SystemExit("Django needs Python 3.12 or later; DJANGO_PYTHON can name one that has Django and psycopg")
        print(f"fetching Django {DJANGO} into {folder}: it answers the cases", file=sys.stderr)
        subprocess.run([base, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([str(program), "-m", "pip", "install", "-q", f"django=={DJANGO}", "psycopg[binary]"], check=True)
        (folder / "ready").touch()
    return str(program)


# ---- what is asked


def snippets(path):
    text = pathlib.Path(path).read_text(encoding="utf-8")
    if path.endswith(".md"):
        return list(fences(pathlib.Path(path).stem, text))
    found = json.loads(text)
    return found["cases"] if isinstance(found, dict) else found


def fences(stem, text):
    """The runnable Django code of a lesson page: `page / heading / number in the section`."""
    heading, number = "", 0
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith("## "):
            heading, number = line[3:].strip(), 0
        if not line.startswith("```"):
            continue
        words, code = line[3:].split(), []
        for line in lines:
            if line.startswith("```"):
                break
            code.append(line)
        # A data set of another size has other answers; starters and wrong answers have none.
        unasked = ("show", "starter", "on=medium")
        if words[:1] == ["django"] and not any(it in unasked or it.startswith("wrong=") for it in words):
            number += 1
            phase = re.match(r"phase_(\d+)", stem)
            yield {
                "id": f"{stem} / {heading} / {number}",
                "phase": int(phase[1]) if phase else 0,
                "code": "\n".join(code).strip("\n"),
            }


# ---- the project


def set_up(folder, socket, now):
    """A Django project around src/market/python, with its tables on the server."""
    package = pathlib.Path(folder) / "marketplace"
    package.mkdir()
    (package / "__init__.py").touch()
    for file in (ROOT / "src/market/python").glob("*.py"):
        shutil.copy(file, package)
    sys.path.insert(0, folder)

    from django.conf import settings
    from django.utils import timezone

    moment = datetime.datetime.fromisoformat(now)

    def now():
        return moment

    # Migrations write a default by its name.
    now.__module__, now.__qualname__ = "django.utils.timezone", "now"
    timezone.now = now
    database = {"ENGINE": "django.db.backends.postgresql", "NAME": "postgres", "USER": "postgres"}
    database["HOST"] = os.path.dirname(socket)
    # The pinned clock stands before PostgreSQL's own in the search path.
    database["OPTIONS"] = {"options": "-c search_path=pinned,public,pg_catalog"}
    settings.configure(
        INSTALLED_APPS=["marketplace"],
        DATABASES={"default": database},
        USE_TZ=True,
        TIME_ZONE="UTC",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        SECRET_KEY="none",
    )
    import django

    django.setup()
    return moment


def load(name, fixture):
    """A database of its own with the rows of the fixture, stored in the way of its name."""
    from django.core.management import call_command
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = "postgres"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    connection.close()
    connection.settings_dict["NAME"] = name
    options = connection.settings_dict["OPTIONS"]
    options["options"] = options["options"].split(" -c enable")[0] + plans(name)
    now = fixture["now"]
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA pinned")
        for function in ("statement_timestamp", "now"):
            cursor.execute(
                f"CREATE FUNCTION pinned.{function}() RETURNS timestamptz LANGUAGE sql STABLE AS"
                f" $$ SELECT timestamptz '{now}' $$"
            )
        cursor.execute("SET search_path = public, pg_catalog")
        # Migrations place a foreign key's column last, which shows in some error texts.
        call_command("makemigrations", "marketplace", verbosity=0)
        call_command("migrate", verbosity=0)
        cursor.execute("BEGIN")
        for table, key in TABLES.items():
            rows = list(fixture[key])
            if name == "backwards":
                rows.reverse()
            if name.startswith("shuffled"):
                random.Random(name).shuffle(rows)
            for row in rows:
                columns = ", ".join(row)
                marks = ", ".join(["%s"] * len(row))
                cursor.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(row.values()))
        cursor.execute("COMMIT")
        cursor.execute("ANALYZE")
    connection.close()


def names(moment):
    """What stands in scope without an import."""
    import django.db.models
    import django.db.models.functions
    import marketplace.models
    import marketplace.services
    from django.db import IntegrityError, connection, models, transaction
    from django.utils import timezone
    from zoneinfo import ZoneInfo

    scope = {"__name__": "marketplace.shell", "__builtins__": __builtins__}
    for module in (django.db.models.functions, django.db.models, marketplace.services, marketplace.models):
        public = getattr(module, "__all__", None) or [it for it in vars(module) if not it.startswith("_")]
        scope |= {name: getattr(module, name) for name in public}
    scope |= {"IntegrityError": IntegrityError, "connection": connection, "models": models}
    scope |= {"transaction": transaction, "timezone": timezone, "ZoneInfo": ZoneInfo, "NOW": moment}
    scope |= {"Decimal": Decimal, "UTC": datetime.timezone.utc}
    scope |= {name: getattr(datetime, name) for name in ("date", "datetime", "time", "timedelta")}
    scope["prefetch_related_objects"] = django.db.models.prefetch_related_objects
    return scope


# ---- answers


def canonical(value):
    """A value as the case files write it."""
    from django.db.models import Model, QuerySet

    if isinstance(value, Model):
        deferred = sorted(value.get_deferred_fields())
        names = [field.attname for field in value._meta.concrete_fields]
        plain = {k: v for k, v in vars(value).items() if not k.startswith("_")}
        parts = {
            "$model": type(value).__name__,
            "pk": canonical(value.pk),
            "fields": {name: canonical(plain[name]) for name in names if name in plain},
            "annotations": {k: canonical(v) for k, v in plain.items() if k not in names},
            "deferred": deferred,
            "cached_relations": sorted(value._state.fields_cache),
        }
        if not deferred:
            parts["str"] = str(value)
        return {k: v for k, v in parts.items() if v not in ({}, []) or k == "fields"}
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    if isinstance(value, dict):
        return {str(k): canonical(v) for k, v in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted((canonical(it) for it in value), key=lambda it: json.dumps(it, ensure_ascii=False))
    if isinstance(value, (list, tuple, QuerySet)):
        return [canonical(it) for it in value]
    return repr(value)


def shape(value):
    """What tells a Decimal from a text that looks the same."""
    from django.db.models import Model, QuerySet

    if isinstance(value, Model):
        return {"instance": {k: shape(v) for k, v in vars(value).items() if not k.startswith("_")}}
    if isinstance(value, dict):
        return {"dict": {str(k): shape(v) for k, v in value.items()}}
    if isinstance(value, tuple):
        return {"tuple": [shape(it) for it in value]}
    if isinstance(value, (list, set, frozenset, QuerySet)):
        items = [shape(it) for it in value]
        first = items[0] if items else "empty"
        for item in items[1:]:
            first = merged(first, item)
        return {"list": first}
    return "null" if value is None else type(value).__name__.lower()


def merged(a, b):
    if a == b:
        return a
    if isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
        return {k: merged(a[k], b[k]) for k in a}
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        return [merged(x, y) for x, y in zip(a, b)]
    if isinstance(a, str) and isinstance(b, str):
        return "|".join(sorted({*a.split("|"), *b.split("|")}))
    return "mixed"


def described(value):
    """Kind, result, shape and `repr` of a value, reading a queryset's rows."""
    from django.db.models import Model, QuerySet

    found = {}
    if isinstance(value, QuerySet):
        rows = {
            "ModelIterable": "instances",
            "ValuesIterable": "values",
            "ValuesListIterable": "values_list",
            "FlatValuesListIterable": "values_list_flat",
            "NamedValuesListIterable": "values_list_named",
        }
        found["kind"] = "queryset"
        found["rows_kind"] = rows.get(value._iterable_class.__name__, value._iterable_class.__name__)
        found["queryset_class"] = type(value).__name__
        found["ordered"] = value.ordered
        found["model"] = value.model.__name__
    else:
        kinds = {list: "list", tuple: "tuple", dict: "dict", type(None): "none"}
        found["kind"] = "instance" if isinstance(value, Model) else kinds.get(type(value), "scalar")
    found["result"] = canonical(value)
    found["types"] = shape(value)
    return found


def failure(error, stage):
    last = traceback.extract_tb(error.__traceback__)[-1]
    kind = type(error)
    return {
        "kind": "error",
        "error": {
            "type": kind.__name__,
            "qualname": f"{kind.__module__}.{kind.__qualname__}",
            "mro": [it.__name__ for it in kind.__mro__[1:-1]],
            "message": str(error),
            "stage": stage,
            "where": f"{os.path.basename(last.filename)}:{last.name}",
        },
    }


# Functions of the place of a row in its window, which equal rows share by chance.
PLACED = ("ROW_NUMBER", "NTILE", "LAG", "LEAD", "FIRST_VALUE")


def untied(execute, sql, params, many, context):
    """Runs a statement with chance as the last key of its orders: any answer is still an answer to
    the statement as it was, since equal rows have no order. Windows get it only where their frame
    does not ask which rows are equal."""
    if sql.lstrip("( ").startswith("SELECT"):
        sql = with_chance(sql)
    return execute(sql, params, many, context)


def with_chance(sql):
    # For each open parenthesis: where it starts, and whether an ORDER BY stands in it.
    open_at, found, at = [(0, "")], [], 0
    ordered = [False]
    while at < len(sql):
        c = sql[at]
        if c in "'\"":
            at = sql.index(c, at + 1) + 1
            continue
        if c == "(":
            open_at.append((at + 1, sql[:at]))
            ordered.append(False)
        elif sql.startswith(" ORDER BY ", at) or (sql.startswith("ORDER BY ", at) and sql[at - 1] == "("):
            ordered[-1] = True
        ends = c == ")" or any(sql.startswith(word, at) for word in (" LIMIT ", " OFFSET ", " FOR UPDATE", " ROWS BETWEEN "))
        if ends and ordered[-1] and fits(open_at[-1], sql, at):
            found.append(at)
            ordered[-1] = False
        if c == ")" and len(open_at) > 1:
            open_at.pop()
            ordered.pop()
        at += 1
    if ordered[0]:
        found.append(len(sql))
    for place in reversed(found):
        sql = f"{sql[:place]}, random(){sql[place:]}"
    return sql


def fits(opened, sql, at):
    start, before = opened
    if sql.startswith("SELECT", start) or start == 0:
        return True
    if not before.endswith("OVER "):
        return False
    # The function stands before its own parentheses.
    depth, place = 0, len(before) - len("OVER ") - 2
    while place >= 0:
        depth += {")": 1, "(": -1}.get(before[place], 0)
        if depth < 0 or (depth == 0 and before[place] == "("):
            break
        place -= 1
    call = before[:place].rsplit(" ", 1)[-1].lstrip("(")
    return call in PLACED or sql.startswith(" ROWS BETWEEN ", at)


class Undo(Exception):
    """Ends the transaction around a snippet."""


def ask(code, scope):
    """Runs a snippet and takes back what it did."""
    from django.db import connection, reset_queries, transaction
    from django.test.utils import CaptureQueriesContext

    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT MAX(id) FROM {table}))")
    # The log has room for 9,000.
    reset_queries()
    scope, answer = dict(scope), {}
    with Learned() as learned:
        try:
            with transaction.atomic():
                with CaptureQueriesContext(connection) as captured:
                    stage = "build"
                    try:
                        body = ast.parse(code).body
                        value = None
                        for at, statement in enumerate(body):
                            last = at == len(body) - 1 and isinstance(statement, ast.Expr)
                            if last:
                                value = eval(compile(ast.Expression(statement.value), "<snippet>", "eval"), scope)
                            else:
                                exec(compile(ast.Module([statement], []), "<snippet>", "exec"), scope)
                            learned.migrate(captured)
                        stage = "evaluate"
                        answer = described(value)
                    except Exception as error:
                        answer = failure(error, stage)
                # Outside of the count: its text may load what is deferred.
                if "result" in answer:
                    answer["repr"] = repr(value)
                sql = [query["sql"] for query in captured.captured_queries if query["sql"] not in learned.sql]
                raise Undo
        except Undo:
            pass
    plain = [it for it in sql if not it.startswith(CONTROL)]
    answer |= {"sql": plain, "num_queries": len(plain), "num_queries_with_transaction_control": len(sql)}
    return answer


class Learned:
    """Models that a snippet defines: their tables are made as `migrate` would, and both go again."""

    def __enter__(self):
        from django.apps import apps

        self.before = dict(apps.all_models["marketplace"])
        self.attributes = {model: dict(vars(model)) for model in self.before.values()}
        self.sql, self.made = [], set(self.before)
        return self

    def migrate(self, captured):
        from django.apps import apps
        from django.core.management.base import BaseCommand
        from django.db import connection

        for name, model in list(apps.all_models["marketplace"].items()):
            # A model that another one goes between waits for it.
            between = (it.remote_field.through for it in model._meta.local_many_to_many)
            if name in self.made or any(isinstance(it, str) for it in between):
                continue
            self.made.add(name)
            if not model._meta.abstract and not model._meta.proxy and not model._meta.auto_created:
                # `migrate` checks the models first.
                BaseCommand(stderr=io.StringIO()).check(app_configs=[apps.get_app_config("marketplace")])
                start = len(connection.queries_log)
                with connection.schema_editor(atomic=False) as editor:
                    editor.create_model(model)
                    deferred, editor.deferred_sql = editor.deferred_sql, []
                    for statement in deferred:
                        editor.execute(statement)
                self.sql += [it["sql"] for it in list(connection.queries_log)[start:]]

    def __exit__(self, *_):
        from django.apps import apps

        # A relation to a model that never came waits for it.
        apps._pending_operations.clear()
        models = apps.all_models["marketplace"]
        for name in [it for it in models if it not in self.before]:
            models.pop(name)
        # Relations of learned models put attributes on the others.
        for model, before in self.attributes.items():
            for name, value in list(vars(model).items()):
                if name not in before:
                    delattr(model, name)
                elif before[name] is not value:
                    setattr(model, name, before[name])
        apps.clear_cache()


def one(answers):
    """The answers of a case as one: how the order compares, and whether they agree at all."""
    first, *others = answers
    order = "list"
    key = lambda row: json.dumps(row, sort_keys=True)
    for other in others:
        a, b = first.get("result"), other.get("result")
        if a != b:
            rows = isinstance(a, list) and isinstance(b, list)
            if not (rows and sorted(a, key=key) == sorted(b, key=key)):
                return "unstable"
            order = "multiset"
        if first.get("error") != other.get("error") or first["num_queries"] != other["num_queries"]:
            return "unstable"
    # A hash decides the order of some answers, whatever the order of the rows.
    if order == "list" and first.get("ordered") is False and len(first["result"]) > 1:
        order = "multiset"
    return order


def answer_all(arguments, socket):
    fixture = json.loads(pathlib.Path(arguments.fixture).read_text(encoding="utf-8"))
    asked = [case for path in arguments.files for case in snippets(path)]
    with tempfile.TemporaryDirectory() as folder:
        moment = set_up(folder, socket, fixture["now"])
        from django.db import connection

        scope, answers = names(moment), {}
        for name in [*STORED, *(f"shuffled{at}" for at in range(arguments.shuffles))]:
            load(name, fixture)
            for at, case in enumerate(asked):
                if name in STORED:
                    answers.setdefault(at, []).append(ask(case["code"], scope))
                    continue
                with connection.execute_wrapper(untied):
                    answer = ask(case["code"], scope)
                # Where a last key is not allowed, the question has become another one.
                if answer["kind"] != "error":
                    answers[at].append(answer)
            connection.close()
    cases = []
    for at, case in enumerate(asked):
        expected = answers[at][0]
        kept = {key: case[key] for key in ("id", "phase", "level", "tags", "task", "fixture") if key in case}
        compare = {"order": one(answers[at]), "numbers": "exact"}
        postgresql = {"sql": expected["sql"], "differences": []}
        cases.append({**kept, "code": case["code"], "expected": expected, "compare": compare, "postgresql": postgresql})
    import django
    import platform

    return {
        "django": django.__version__,
        "python": platform.python_version(),
        "seed": fixture.get("seed"),
        "now": moment.isoformat(),
        "use_tz": True,
        "time_zone": "UTC",
        "count": len(cases),
        "cases": cases,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", default=[str(ROOT / "tests/django/more_cases.json")])
    parser.add_argument("--fixture", default=str(ROOT / "tests/oracle/fixture.json"))
    parser.add_argument("--shuffles", type=int, default=0, help="how often more, over shuffled rows")
    parser.add_argument("--out", help="where the answers go; without it, into the one case file given")
    arguments = parser.parse_args()
    if "ORACLE_SOCKET" not in os.environ:
        from server import server

        program = python()
        with server() as socket:
            environment = {**os.environ, "ORACLE_SOCKET": socket, "PYTHONHASHSEED": "0"}
            raise SystemExit(subprocess.run([program, *sys.argv], env=environment).returncode)
    found = answer_all(arguments, os.environ["ORACLE_SOCKET"])
    out = arguments.out or arguments.files[0]
    if out.endswith(".md"):
        raise SystemExit("--out is missing: the answers of a page go into a file of their own")
    pathlib.Path(out).write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    unstable = [case["id"] for case in found["cases"] if case["compare"]["order"] == "unstable"]
    print(f"{len(found['cases'])} answers in {out}; {len(unstable)} hang on the order of rows: {' '.join(unstable[:20])}")


if __name__ == "__main__":
    main()

"""Random Django code over the marketplace's models, with real Django on PostgreSQL as the judge.

    ./dev oracle querysets [--count N] [--seed S] [--out FILE [--short]] [--market PROGRAM]

Writes N snippets, asks real Django (see django_cases.py), drops the answers that PostgreSQL itself
does not determine, and lets `market cases` compare. What differs is asked again over many more
orders of the rows, which tells ties from faults: only faults make it fail. With `--out` the case file stays, else only
the differences are printed. The same seed gives the same snippets.

A snippet is a chain of queryset methods over typed expressions: nearly all mean something to
Django, and those that do not have to fail here in the same way.
"""

import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parents[2]

# The most characters of an answer that goes into the repository.
SHORT = 1500

# How often a differing snippet is asked again, over rows in another order each time.
SHUFFLES = 24

FIELDS = {
    "Customer": {"id": "int", "name": "text", "email": "text", "city": "text", "country": "text", "is_premium": "bool", "created_at": "moment"},
    "Category": {"id": "int", "name": "text", "parent_id": "int"},
    "Product": {"id": "int", "name": "text", "price": "decimal", "rating": "decimal", "stock": "int", "is_active": "bool", "created_at": "moment", "category_id": "int"},
    "Order": {"id": "int", "status": "text", "created_at": "moment", "customer_id": "int"},
    "OrderItem": {"id": "int", "quantity": "int", "unit_price": "decimal", "order_id": "int", "product_id": "int"},
}
TO_ONE = {
    "Customer": {},
    "Category": {"parent": "Category"},
    "Product": {"category": "Category"},
    "Order": {"customer": "Customer"},
    "OrderItem": {"order": "Order", "product": "Product"},
}
TO_MANY = {
    "Customer": {"orders": "Order"},
    "Category": {"products": "Product", "children": "Category"},
    "Product": {"order_items": "OrderItem"},
    "Order": {"items": "OrderItem"},
    "OrderItem": {},
}
VALUES = {
    "int": ["0", "1", "2", "3", "5", "7", "10", "20", "40", "100", "-1"],
    "decimal": ["Decimal('0')", "Decimal('4.5')", "Decimal('19.99')", "Decimal('49.99')", "Decimal('100.00')", "Decimal('0.015')", "25", "500"],
    "text": ["'a'", "'e'", "'Paris'", "'Desk Lamp'", "'paid'", "'cancelled'", "''", "'%'", "'_'", "'an'", "'É'", "'France'", "'shipped'", "'Books'"],
    "bool": ["True", "False"],
    "moment": ["NOW", "NOW - timedelta(days=30)", "datetime(2025, 6, 1, tzinfo=UTC)", "datetime(2025, 1, 31, 12, 30, tzinfo=UTC)"],
    "date": ["date(2025, 6, 1)", "date(2026, 2, 28)", "date(2025, 1, 31)"],
    "float": ["0.5", "2.0", "1.25"],
}
KINDS = ("int", "decimal", "text", "bool", "moment")
OUTPUT = {"int": "IntegerField()", "decimal": "DecimalField(max_digits=12, decimal_places=2)", "text": "CharField()", "bool": "BooleanField()", "moment": "DateTimeField()", "float": "FloatField()", "date": "DateField()"}


class Scope:
    """What an expression may name: a model's paths and the annotations made so far."""

    def __init__(self, model, rng):
        self.model, self.rng, self.made = model, rng, {}

    def path(self, kind, hops=2, many=True):
        """A field of a kind, perhaps behind relations."""
        made = [name for name, it in self.made.items() if it == kind]
        if made and self.rng.random() < 0.4:
            return self.rng.choice(made)
        for _ in range(20):
            model, parts = self.model, []
            for _ in range(self.rng.choice([0, 0, 0, 1, 1, 2][: 3 + hops * 2])):
                steps = dict(TO_ONE[model])
                if many:
                    steps |= TO_MANY[model]
                if not steps:
                    break
                step = self.rng.choice(sorted(steps))
                parts.append(step)
                model = steps[step]
            fields = [name for name, it in FIELDS[model].items() if it == kind]
            if fields:
                return "__".join([*parts, self.rng.choice(fields)])
        return {"int": "id", "text": "pk", "decimal": "pk", "bool": "pk", "moment": "pk"}.get(kind, "pk")


class Writer:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        # How many conditions are open around what is being written.
        self.conditions = 0

    def one(self, *options):
        return self.rng.choice(options)

    def often(self, chance):
        return self.rng.random() < chance

    def value(self, kind):
        return self.rng.choice(VALUES[kind])

    # ---- expressions

    def expression(self, scope, kind, depth=2, many=True):
        """An expression of a kind; without `many` over no relation to many."""
        if depth <= 0 or self.often(0.3):
            return self.leaf(scope, kind, many)
        return getattr(self, f"{kind}_expression")(scope, depth - 1, many)

    def leaf(self, scope, kind, many):
        if kind in ("date", "float"):
            return self.of_other(scope, kind, many)
        if self.often(0.15):
            return f"Value({self.value(kind)})"
        return f"F('{scope.path(kind, many=many)}')"

    def of_other(self, scope, kind, many):
        if kind == "date":
            return f"TruncDate('{scope.path('moment', many=many)}')"
        return f"Cast('{scope.path('int', many=many)}', FloatField())"

    def shared(self, scope, kind, depth, many):
        """What there is for every kind."""
        e = lambda: self.expression(scope, kind, depth, many)
        way = self.rng.randrange(7)
        if way == 0:
            return f"Coalesce({e()}, {e()})"
        if way == 1 and kind != "bool":
            return f"{self.one('Greatest', 'Least')}({e()}, {e()})"
        if way == 2:
            return f"NullIf({e()}, {e()})"
        if way == 3:
            default = f", default={e()}" if self.often(0.6) else ""
            whens = ", ".join(f"When({self.condition(scope, depth, many)}, then={e()})" for _ in range(self.one(1, 1, 2)))
            return f"Case({whens}{default})"
        if way == 4 and kind in KINDS:
            return self.subquery(scope, kind)
        if way == 5:
            return f"ExpressionWrapper({e()}, output_field={OUTPUT[kind]})"
        return self.leaf(scope, kind, many)

    def int_expression(self, scope, depth, many):
        e = lambda kind="int": self.expression(scope, kind, depth, many)
        way = self.rng.randrange(10)
        if way == 0:
            return f"({e()} {self.one('+', '-', '*')} {e()})"
        if way == 1:
            return f"({e()} {self.one('+', '-', '*', '%')} {self.one('2', '3', '7')})"
        if way == 2:
            return f"Length({e('text')})"
        if way == 3:
            return f"{self.one('ExtractYear', 'ExtractMonth', 'ExtractDay', 'ExtractWeekDay', 'ExtractIsoWeekDay', 'ExtractQuarter', 'ExtractWeek', 'ExtractHour')}({e('moment')})"
        if way == 4:
            return f"StrIndex({e('text')}, Value({self.value('text')}))"
        if way == 5:
            return f"{self.one('Abs', 'Sign')}({e()})"
        if way == 6:
            return f"Cast({e(self.one('decimal', 'int', 'bool'))}, IntegerField())"
        if way == 7:
            return f"Mod({e()}, Value(3), output_field=IntegerField())"
        return self.shared(scope, "int", depth, many)

    def decimal_expression(self, scope, depth, many):
        e = lambda kind="decimal": self.expression(scope, kind, depth, many)
        way = self.rng.randrange(9)
        if way == 0:
            return f"({e()} {self.one('+', '-', '*')} {e()})"
        if way == 1:
            return f"({e('int')} {self.one('+', '-', '*')} {e()})"
        if way == 2:
            return f"({e()} {self.one('*', '/')} {self.value('decimal')})"
        if way == 3:
            return f"Round({e()}, {self.one('0', '1', '2', 'precision=1')})"
        if way == 4:
            return f"{self.one('Abs', 'Ceil', 'Floor', 'Sign')}({e()})"
        if way == 5:
            return f"Cast({e(self.one('int', 'decimal'))}, DecimalField(max_digits=10, decimal_places={self.one('1', '2')}))"
        return self.shared(scope, "decimal", depth, many)

    def text_expression(self, scope, depth, many):
        e = lambda kind="text": self.expression(scope, kind, depth, many)
        way = self.rng.randrange(11)
        if way == 0:
            return f"{self.one('Upper', 'Lower', 'Trim', 'LTrim', 'RTrim', 'Reverse')}({e()})"
        if way == 1:
            return f"Concat({e()}, Value({self.value('text')}), {e()})"
        if way == 2:
            return f"Substr({e()}, {self.one('1', '2', '3')}{self.one('', ', 4', ', 1')})"
        if way == 3:
            return f"{self.one('Left', 'Right')}({e()}, {self.one('1', '3', '8')})"
        if way == 4:
            return f"Replace({e()}, Value({self.value('text')}), Value({self.value('text')}))"
        if way == 5:
            return f"{self.one('LPad', 'RPad')}({e()}, {self.one('4', '12')}, Value({self.one(chr(39) + '*' + chr(39), repr('ab'))}))"
        if way == 6:
            return f"Repeat({e()}, {self.one('0', '2')})"
        if way == 7:
            return f"Cast({e(self.one('int', 'decimal', 'text'))}, CharField())"
        if way == 8:
            return f"{self.one('Chr', 'Chr')}(Value(65) + {self.one('1', '2')})" if self.often(0.2) else f"MD5({e()})"
        return self.shared(scope, "text", depth, many)

    def bool_expression(self, scope, depth, many):
        way = self.rng.randrange(5)
        if way == 0:
            return f"ExpressionWrapper({self.condition(scope, depth, many)}, output_field=BooleanField())"
        if way == 1:
            return self.exists(scope)
        if way == 2:
            kind = self.one("int", "decimal")
            left, right = (self.expression(scope, kind, depth, many) for _ in range(2))
            module = "models.lookups."
            return f"{module}{self.one('GreaterThan', 'LessThan', 'Exact')}({left}, {right})"
        return self.shared(scope, "bool", depth, many)

    def moment_expression(self, scope, depth, many):
        e = lambda: self.expression(scope, "moment", depth, many)
        way = self.rng.randrange(4)
        # Whose value is naive in Django when it goes through another expression, and not here:
        # docs/django.md says so. Inside of conditions that does not show.
        if way == 0 and self.conditions:
            return f"{self.one('TruncYear', 'TruncMonth', 'TruncDay', 'TruncWeek', 'TruncQuarter', 'TruncHour')}({e()})"
        if way == 1:
            return f"ExpressionWrapper({e()} {self.one('+', '-')} timedelta({self.one('days=1', 'days=30', 'hours=5')}), output_field=DateTimeField())"
        return self.shared(scope, "moment", depth, many)

    def date_expression(self, scope, depth, many):
        return f"TruncDate({self.expression(scope, 'moment', depth, many)})"

    def float_expression(self, scope, depth, many):
        e = self.expression(scope, self.one("int", "decimal"), depth, many)
        return f"Cast({e}, FloatField())"

    # ---- subqueries

    def inner(self, scope):
        """A related model's queryset, tied to the outer row: `(model, queryset)`."""
        ties = []
        for name, model in TO_MANY[scope.model].items():
            back = {"orders": "customer", "products": "category", "children": "parent", "order_items": "product", "items": "order"}[name]
            ties.append((model, f"{back}=OuterRef('pk')"))
        for name, model in TO_ONE[scope.model].items():
            ties.append((model, f"pk=OuterRef('{name}')"))
            ties.append((model, f"pk=OuterRef('{name}_id')"))
        ties.append((scope.model, "pk=OuterRef('pk')"))
        if scope.model == "Customer":
            ties.append(("OrderItem", "order__customer=OuterRef('pk')"))
            ties.append(("Customer", "country=OuterRef('country')"))
        if scope.model == "Product":
            ties.append(("Product", "category=OuterRef('category')"))
            ties.append(("Order", "items__product=OuterRef('pk')"))
        if scope.model == "Category":
            ties.append(("OrderItem", "product__category=OuterRef('pk')"))
        model, tie = self.rng.choice(ties)
        inside = Scope(model, self.rng)
        query = f"{model}.objects.{self.one('filter', 'filter', 'filter', 'exclude')}({tie})"
        if self.often(0.4):
            query += f".{self.one('filter', 'exclude')}({self.condition(inside, 1, True)})"
        return inside, query

    def subquery(self, scope, kind):
        inside, query = self.inner(scope)
        if self.often(0.4) and kind in ("int", "decimal"):
            aggregate = self.aggregate(inside, kind)
            key = self.one(*[name for name in FIELDS[inside.model]])
            return f"Subquery({query}.order_by().values('{key}').annotate(x={aggregate}).order_by('x', '{key}').values('x')[:1])"
        path = inside.path(kind, many=False)
        order = self.one("'id'", "'-id'", f"'{path}', 'id'", f"'-{path}', '-id'")
        return f"Subquery({query}.order_by({order}).values('{path}')[:1])"

    def exists(self, scope):
        _, query = self.inner(scope)
        return f"{self.one('', '', '~')}Exists({query})"

    # ---- conditions

    def condition(self, scope, depth=2, many=True):
        """A Q object, or what may stand in its place."""
        self.conditions += 1
        try:
            return self.open_condition(scope, depth, many)
        finally:
            self.conditions -= 1

    def open_condition(self, scope, depth, many):
        if depth > 0 and self.often(0.45):
            a, b = (self.condition(scope, depth - 1, many) for _ in range(2))
            form = self.one("({} & {})", "({} | {})", "({} | {})", "~({} & {})", "~({} | {})", "({} ^ {})")
            return form.format(a, b)
        if depth > 0 and self.often(0.1):
            return self.exists(scope)
        negated = "~" if self.often(0.2) else ""
        return f"{negated}Q({self.lookup(scope, depth, many)})"

    def lookup(self, scope, depth, many=True):
        if many and self.often(0.1):
            return self.relation_lookup(scope)
        kind = self.one("int", "decimal", "text", "text", "bool", "moment")
        path = scope.path(kind, many=many)
        if self.often(0.12):
            return f"{path}__isnull={self.one('True', 'False')}"
        if kind == "bool":
            return f"{path}={self.value('bool')}"
        if kind == "text":
            way = self.one("exact", "iexact", "contains", "icontains", "startswith", "istartswith", "endswith", "iendswith", "in", "gt", "lte", "regex", "length", "lower", "f")
            if way == "in":
                return f"{path}__in=[{self.value('text')}, {self.value('text')}]"
            if way == "regex":
                return f"{path}__{self.one('regex', 'iregex')}={self.one(repr('^[A-M]'), repr('a.*e'), repr('[0-9]$'))}"
            if way in ("length", "lower"):
                return f"{path}__{self.one('exact', 'startswith', 'contains')}={self.expression(scope, 'text', 1, many)}"
            if way == "f":
                return f"{path}__{self.one('contains', 'icontains', 'gt', 'exact')}=F('{scope.path('text', many=many)}')"
            return f"{path}__{way}={self.value('text')}"
        if kind == "moment":
            way = self.one("year", "month", "date", "week_day", "quarter", "gt", "lt", "range", "year__gte", "date__lte", "hour", "day", "f")
            if way.startswith("date"):
                return f"{path}__{way}={self.value('date')}"
            if way == "range":
                return f"{path}__range=(datetime(2025, 3, 1, tzinfo=UTC), NOW)"
            if way == "f":
                return f"{path}__{self.one('gt', 'lte')}={self.expression(scope, 'moment', depth - 1, many)}"
            if way in ("gt", "lt"):
                return f"{path}__{way}={self.value('moment')}"
            return f"{path}__{way}={self.one('1', '2', '4', '12', '2025', '2026')}"
        way = self.one("exact", "gt", "gte", "lt", "lte", "in", "range", "f", "f", "expression", "queryset")
        if way == "in":
            return f"{path}__in=[{self.value(kind)}, {self.value(kind)}, {self.one('None', self.value(kind))}]"
        if way == "range":
            return f"{path}__range=({self.value(kind)}, {self.value(kind)})"
        if way == "f":
            return f"{path}__{self.one('gt', 'lt', 'exact')}=F('{scope.path(kind, many=many)}') {self.one('+', '-', '*')} {self.one('1', '2')}"
        if way == "expression":
            return f"{path}__{self.one('gt', 'lte', 'exact')}={self.expression(scope, kind, depth - 1, many)}"
        if way == "queryset":
            model = self.one(*FIELDS)
            other = Scope(model, self.rng)
            return f"{path}__in={model}.objects.filter({self.condition(other, 0)}).values('{other.path(kind, many=False)}')"
        return f"{path}__{way}={self.value(kind)}"

    def relation_lookup(self, scope):
        model, parts = scope.model, []
        for _ in range(self.one(1, 1, 2)):
            steps = TO_ONE[model] | TO_MANY[model]
            if not steps:
                break
            step = self.rng.choice(sorted(steps))
            parts.append(step)
            model = steps[step]
        path = "__".join(parts)
        way = self.rng.randrange(5)
        if way == 0:
            return f"{path}__isnull={self.one('True', 'False')}"
        if way == 1:
            return f"{path}={self.one('1', '2', '3', 'None')}"
        if way == 2:
            return f"{path}__in=[1, 2, 3]"
        if way == 3:
            return f"{path}__in={model}.objects.filter({self.condition(Scope(model, self.rng), 1)})"
        return f"{path}__{self.one('gt', 'lte')}={self.one('2', '3')}"

    # ---- aggregates and windows

    def aggregate(self, scope, kind):
        """An aggregate of a kind."""
        condition = f", filter={self.condition(scope, 1)}" if self.often(0.25) else ""
        default = f", default={self.value(kind)}" if self.often(0.15) else ""
        if kind == "int" and self.often(0.5):
            path = self.one("'id'", "'pk'", f"'{scope.path(self.one(*KINDS))}'", "'*'")
            distinct = ", distinct=True" if path != "'*'" and self.often(0.4) else ""
            return f"Count({path}{distinct}{condition})"
        if kind == "text" and self.often(0.3):
            inner = f"'{scope.path('text')}'"
            return f"StringAgg({inner}, Value(', '), order_by={inner}{condition})"
        inner = f"'{scope.path(kind)}'" if self.often(0.5) else self.expression(scope, kind, 1)
        if kind in ("text", "moment"):
            return f"{self.one('Max', 'Min')}({inner}{default}{condition})"
        if kind == "float":
            return f"{self.one('Avg', 'StdDev', 'Variance')}('{scope.path('int')}'{condition})"
        name = self.one("Sum", "Sum", "Max", "Min") if kind == "int" else self.one("Sum", "Sum", "Avg", "Max", "Min")
        distinct = ", distinct=True" if self.often(0.1) else ""
        return f"{name}({inner}{distinct}{default}{condition})"

    def window(self, scope):
        """`(kind, expression)`"""
        partition = self.one("", "", f", partition_by=F('{scope.path(self.one('text', 'int', 'bool'), many=False)}')", f", partition_by=['{scope.path('text', many=False)}']")
        path = scope.path(self.one("int", "decimal", "moment"), many=False)
        order = self.one(f"F('{path}').{self.one('asc', 'desc')}({self.one('', 'nulls_last=True', 'nulls_first=True')})", f"'{path}'", f"'-{path}'")
        frame, total = "", f", order_by=[{order}, 'id']"
        way = self.rng.randrange(5)
        if way == 0:
            return "int", f"Window({self.one('Rank()', 'DenseRank()')}{partition}, order_by=[{order}])"
        if way == 1:
            return "int", f"Window({self.one('RowNumber()', 'Ntile(3)', 'Rank()')}{partition}{total})"
        kind = self.one("int", "decimal")
        inner = scope.path(kind, many=False)
        if way == 2:
            return kind, f"Window({self.one('Lag', 'Lead')}('{inner}'{self.one('', ', 2', f', 1, default={self.one(chr(48), chr(49))}')}){partition}{total})"
        if way == 3:
            return kind, f"Window({self.one('FirstValue', 'LastValue')}('{inner}'){partition}{total})"
        if self.often(0.4):
            frame = ", frame=" + self.one("RowRange(start=-1, end=1)", "RowRange(start=None, end=0)", "RowRange(start=0, end=None)", "ValueRange(start=None, end=0)", "RowRange(start=-3, end=-1)")
        if self.often(0.2):
            total = ""
            frame = ""
        return kind, f"Window({self.one('Sum', 'Max', 'Min')}('{inner}'){partition}{total}{frame})"

    # ---- chains

    def chain(self, scope, steps):
        """Methods of a queryset of instances, values or tuples."""
        rng, text, shape, sliced = self.rng, "", "rows", False
        for _ in range(steps):
            way = self.one("filter", "filter", "exclude", "annotate", "annotate", "aggregate", "aggregate", "values", "values_list", "order", "distinct", "window", "alias", "named")
            if way in ("filter", "exclude"):
                if self.often(0.4):
                    text += f".{way}({self.lookup(scope, 1)})"
                elif self.often(0.3):
                    text += f".{way}({self.condition(scope)}, {self.lookup(scope, 1)})"
                else:
                    text += f".{way}({self.condition(scope)})"
            elif way in ("annotate", "alias"):
                kind = self.one(*KINDS, "date", "float", "trunc")
                name = f"{kind[0]}{len(scope.made)}"
                if kind == "trunc":
                    part = self.one("Year", "Month", "Day", "Week", "Quarter", "Hour")
                    text += f".annotate(cut=Trunc{part}('{scope.path('moment', many=False)}'))"
                    continue
                text += f".{way}({name}={self.expression(scope, kind, 2, self.often(0.4))})"
                if kind in KINDS:
                    scope.made[name] = kind
            elif way == "aggregate":
                kind = self.one("int", "int", "decimal", "decimal", "text", "moment", "float")
                name = f"a{len(scope.made)}"
                text += f".annotate({name}={self.aggregate(scope, kind)})"
                if kind in KINDS:
                    scope.made[name] = kind
            elif way == "window":
                kind, window = self.window(scope)
                name = f"w{len(scope.made)}"
                text += f".annotate({name}={window})"
                scope.made[name] = kind
            elif way in ("values", "values_list") and shape == "rows":
                names = [self.path_or_made(scope) for _ in range(self.one(1, 2, 2, 3))]
                named = ", ".join(f"'{name}'" for name in names)
                extra = ""
                if way == "values" and self.often(0.2):
                    extra = f", v={self.expression(scope, self.one(*KINDS), 1, False)}"
                if way == "values_list" and len(names) == 1 and self.often(0.6):
                    extra = ", flat=True"
                text += f".{way}({named}{extra})"
                shape = way
            elif way == "order":
                text += f".order_by({self.order(scope)})"
            elif way == "distinct":
                if self.often(0.25):
                    path = scope.path(self.one("text", "int"), many=False)
                    text += f".order_by('{path}', 'id').distinct('{path}')"
                else:
                    text += ".distinct()"
            elif way == "named":
                options = [".all()", ".reverse()"]
                if TO_ONE[scope.model] and shape == "rows":
                    name = rng.choice(sorted(TO_ONE[scope.model]))
                    options += [f".select_related('{name}')", ".select_related()"]
                if shape == "rows":
                    name = rng.choice(sorted(it for it in FIELDS[scope.model] if it != "id"))
                    options += [f".only('{name}')", f".defer('{name}')"]
                    many = sorted(TO_MANY[scope.model] | TO_ONE[scope.model])
                    options.append(f".prefetch_related('{rng.choice(many)}')")
                options += {
                    "Customer": [".with_spending()", ".premium()", ".with_last_order()"],
                    "Product": [".active()", ".all().with_sales()", ".in_stock()"],
                    "Order": [".placed()", ".with_totals()", ".recent(60)"],
                    "OrderItem": [".placed()", ".with_line_total()"],
                }.get(scope.model, [])
                text += rng.choice(options)
        return text, shape

    def path_or_made(self, scope):
        if scope.made and self.often(0.4):
            return self.rng.choice(sorted(scope.made))
        return scope.path(self.one(*KINDS), many=self.often(0.3))

    def order(self, scope):
        terms = []
        for _ in range(self.one(1, 1, 2)):
            path = self.path_or_made(scope)
            terms.append(
                self.one(
                    f"'{path}'",
                    f"'-{path}'",
                    f"F('{path}').{self.one('asc', 'desc')}({self.one('', 'nulls_first=True', 'nulls_last=True')})",
                    f"{self.expression(scope, self.one(*KINDS), 1, False)}.{self.one('asc', 'desc')}()" if self.often(0.3) else f"'{path}'",
                )
            )
        return ", ".join(terms + ["'id'"])

    def query(self, steps=None):
        scope = Scope(self.one(*FIELDS), self.rng)
        chain, shape = self.chain(scope, steps or self.one(1, 2, 2, 3, 3, 4, 5))
        return scope, f"{scope.model}.objects{chain or '.all()'}", shape

    def snippet(self):
        way = self.rng.random()
        if way < 0.08:
            return self.combined()
        if way < 0.14:
            return self.write()
        scope, query, shape = self.query()
        if way < 0.55:
            return query
        if way < 0.68:
            text = self.one("[:5]", "[2:7]", "[0]", "[:3].count()", "[1:].exists()", "[:4]")
            return f"{query}.order_by({self.order(scope)}){text}"
        if way < 0.80:
            kinds = [self.one("int", "decimal", "text", "moment", "float") for _ in range(self.one(1, 1, 2))]
            calls = ", ".join(f"x{at}={self.aggregate(scope, kind)}" for at, kind in enumerate(kinds))
            return f"{query}.aggregate({calls})"
        if way < 0.86:
            return f"{query}.count()"
        if way < 0.9:
            return f"{query}.exists()"
        if way < 0.94:
            return f"{query}.order_by({self.order(scope)}).{self.one('first', 'last')}()"
        if way < 0.965:
            return self.other(scope, query)
        flat = scope.path(self.one(*KINDS))
        if shape == "rows":
            return f"{query}.values_list('{flat}', flat=True)"
        return f"list({query}[:6])" if "order_by" in query else f"len({query})"

    def other(self, scope, query):
        """The rarer ways to read a queryset."""
        moments = [name for name, kind in FIELDS[scope.model].items() if kind == "moment"]
        ways = [f"{query}.in_bulk([1, 3, 99])", f"{query}.get(pk={self.one('1', '3', '99')})", f"{query}.contains({scope.model}.objects.get(pk=2))"]
        ways.append(f"{query}.{self.one('latest', 'earliest')}('{scope.path(self.one(*KINDS), many=False)}', 'id')")
        if moments:
            kind = self.one("year", "month", "day", "week")
            ways.append(f"{query}.{self.one('dates', 'datetimes')}('{moments[0]}', '{kind}'{self.one('', ', order=' + repr('DESC'))})")
        if TO_MANY[scope.model]:
            name = self.rng.choice(sorted(TO_MANY[scope.model]))
            inside = Scope(TO_MANY[scope.model][name], self.rng)
            field, kind = self.rng.choice(sorted(FIELDS[inside.model].items()))
            condition = f"Q({name}__{field}__isnull=False, {name}__{field}__{self.one('gt', 'lte')}={self.value(kind)})" if kind != "bool" else f"Q({name}__{field}=True)"
            ways.append(
                f"{scope.model}.objects.annotate(near=FilteredRelation('{name}', condition={condition}))"
                f".{self.one('filter', 'exclude')}(near__{field}__isnull={self.one('True', 'False')}).annotate(n=Count('near')).order_by('id').values_list('id', 'n')"
            )
        return self.rng.choice(ways)

    def combined(self):
        """Set operations over the same columns."""
        model = self.one(*FIELDS)
        names = self.rng.sample(sorted(FIELDS[model]), self.one(1, 2))
        form = ", ".join(f"'{name}'" for name in names)
        parts = []
        for _ in range(self.one(2, 2, 3)):
            scope = Scope(model, self.rng)
            part = f"{model}.objects.filter({self.condition(scope, 1)})"
            if self.often(0.2):
                part += f".order_by('id')[:{self.one('3', '6')}]"
            parts.append(part)
        shape = self.one("", f".values({form})", f".values_list({form})")
        parts = [part if "[" in part.rsplit(")", 1)[-1] else part + shape for part in parts]
        first, rest = parts[0], ", ".join(parts[1:])
        method = self.one("union", "union", "intersection", "difference")
        every = ", all=True" if method == "union" and self.often(0.3) else ""
        order = ", ".join(f"'{name}'" for name in (names if shape else [names[0], "id"]))
        end = self.one("", ".count()", f".order_by({order})", f".order_by({order}).reverse()[:4]", ".exists()")
        return f"{first}.{method}({rest}{every}){end}"

    def write(self):
        """Updates and deletes, and what they leave."""
        model = self.one("Product", "Product", "OrderItem", "Customer", "Category")
        scope = Scope(model, self.rng)
        query = f"{model}.objects.{self.one('filter', 'exclude')}({self.condition(scope, 1)})"
        if self.often(0.3) and model != "Category":
            query += f".annotate(n={self.aggregate(scope, 'int')}).filter(n__gt={self.one('1', '3')})"
        if self.often(0.35):
            return f"deleted = {query}.delete()\n(deleted, {model}.objects.order_by('id').values_list('id', flat=True))"
        field = self.rng.choice([it for it in FIELDS[model] if it not in ("id", "created_at", "email", "status") and not it.endswith("_id") and not (model == "Category")] or ["parent"])
        if field == "parent":
            new = self.one("None", "1", "Subquery(Category.objects.filter(name__lt=OuterRef('name')).order_by('-name').values('pk')[:1])")
        else:
            new = self.expression(scope, FIELDS[model][field], 2, False)
        return f"changed = {query}.update({field}={new})\n(changed, {model}.objects.order_by('id').values_list('{field}', flat=True))"


def asked(count, seed):
    """The snippets."""
    writer = Writer(seed)
    found, seen = [], set()
    while len(found) < count:
        code = writer.snippet()
        if code not in seen:
            seen.add(code)
            found.append({"id": f"q{seed}-{len(found):05}", "phase": 0, "code": code})
    return found


def write(path, recorded, cases):
    """A case file with a case a line."""
    head = {key: value for key, value in recorded.items() if key != "cases"} | {"count": len(cases)}
    for case in cases:
        # The harness reads neither.
        case["expected"].pop("repr", None)
        case["expected"].pop("types", None)
        case.pop("postgresql", None)
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    start = json.dumps(head, ensure_ascii=False)[:-1]
    path.write_text(f'{start}, "cases": [\n{lines}\n]}}\n', encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", help="keeps the case file there")
    parser.add_argument("--short", action="store_true", help="keeps only short answers, for a file in the repository")
    parser.add_argument("--market", help="the program to judge; without it, one is built")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(arguments.out or os.path.join(folder, "cases.json")).resolve()
        path.write_text(json.dumps(asked(arguments.count, arguments.seed)), encoding="utf-8")
        subprocess.run([sys.executable, str(ROOT / "tests/oracle/django_cases.py"), str(path)], check=True)
        recorded = json.loads(path.read_text(encoding="utf-8"))
        kept = [case for case in recorded["cases"] if case["compare"]["order"] != "unstable"]
        if arguments.short:
            kept = [case for case in kept if len(json.dumps(case["expected"])) < SHORT]
        write(path, recorded, kept)
        errors = sum(case["expected"]["kind"] == "error" for case in kept)
        print(f"{len(kept)} of {arguments.count} answers kept, {errors} of them exceptions")
        market = [arguments.market] if arguments.market else ["cargo", "run", "-q", "--release", "--bin", "market", "--"]
        judged = subprocess.run([*market, "cases", str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        print(judged.stdout, end="")
        differing = [case for case in kept if f"\n{case['id']}: {case['code']}\n" in f"\n{judged.stdout}"]
        tied = ties(differing, folder)
        unexplained = [case["id"] for case in differing if case["id"] not in tied]
        print(f"{len(differing)} differ: {len(tied)} hang on ties ({' '.join(tied)}), {len(unexplained)} unexplained ({' '.join(unexplained)})")
        raise SystemExit(1 if unexplained or (judged.returncode and not differing) else 0)


def ties(cases, folder):
    """The ids of those whose answer PostgreSQL itself changes with the order in which the rows are
    stored: asked again over many shuffles, since few rows can hide a tie."""
    if not cases:
        return []
    path = pathlib.Path(folder) / "ties.json"
    again = [{"id": case["id"], "phase": 0, "code": case["code"]} for case in cases]
    path.write_text(json.dumps(again), encoding="utf-8")
    script = str(ROOT / "tests/oracle/django_cases.py")
    subprocess.run([sys.executable, script, "--shuffles", str(SHUFFLES), str(path)], check=True, stdout=subprocess.DEVNULL)
    known = {case["id"]: case["compare"]["order"] for case in cases}
    recorded = json.loads(path.read_text(encoding="utf-8"))["cases"]
    return [case["id"] for case in recorded if case["compare"]["order"] != known[case["id"]]]


if __name__ == "__main__":
    main()

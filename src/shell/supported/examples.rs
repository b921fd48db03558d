//! What can be written, what is refused, and what differs, with examples that a test runs.

/// A form of Python.
pub struct Feature {
    /// What it is called.
    pub name: &'static str,
    /// Code that runs.
    pub example: &'static str,
}

/// Something that is refused.
pub struct Refusal {
    /// What it is called.
    pub name: &'static str,
    /// Code that is refused.
    pub example: &'static str,
    /// The exception.
    pub class: &'static str,
    /// What to do instead.
    pub instead: &'static str,
}

/// An answer that is another than Django's.
pub struct Difference {
    /// Code whose answer differs.
    pub example: &'static str,
    /// `repr()` of its value, or its exception's class, in Django 6.1.
    pub django: &'static str,
    /// The same here.
    pub here: &'static str,
    /// Why.
    pub reason: &'static str,
}

macro_rules! features {
    ($($name:literal: $example:literal,)*) => {
        &[$(Feature { name: $name, example: $example },)*]
    };
}

pub(super) const SYNTAX: &[Feature] = features! {
    "Numbers, texts, f-strings": "f'{1_000 + 0xff:>8.2f} {\"a\" \"b\"!r} {3.5:.0%}'",
    "Operators": "1 + 2 ** 3 // 4 % 5, 7 & 3 | 8 ^ 1, not 1 in [1], 1 < 2 <= 3 != 4",
    "Lists, tuples, sets, dicts": "[*range(2), 'a'], (1,), {1, 2}, {'a': 1, **{'b': 2}}",
    "Comprehensions": "[n * n for n in range(9) if n % 2], {n % 3 for n in range(9)}, {k: len(k) for k in ['a', 'bc']}, sum(n for n in range(4))",
    "Subscripts and slices": "[1, 2, 3][::-1], 'abc'[-1], {'a': 1}['a']",
    "Assignments": "a, *rest = [1, 2, 3]\nb = c = 1\nb += len(rest)\nd: int = 4\n(n := b + c + d)",
    "if, for, while, with else": "for n in range(9):\n    if n == 3:\n        break\n    elif n % 2:\n        continue\nelse:\n    n = -1\nwhile n:\n    n -= 1\nn",
    "try, raise, assert": "try:\n    assert 1 == 1, 'never'\n    raise ValueError('no')\nexcept (TypeError, ValueError) as error:\n    x = str(error)\nfinally:\n    y = 1\nx",
    "with": "with transaction.atomic():\n    n = Product.objects.filter(stock=0).update(is_active=False)\nn",
    "def, lambda, decorators": "def f(a, /, b=2, *args, c=3, **others):\n    return a + b + c\nf(1, c=4), (lambda x, y=2: x * y)(4)",
    "global, nonlocal, del": "def counter():\n    n = 0\n    def count():\n        nonlocal n\n        n += 1\n        return n\n    return count\ncount = counter()\ncount()\nx = [1, 2]\ndel x[0]\nx, count()",
    "Classes": "class Box:\n    sides = 6\n    def __init__(self, edge):\n        self.edge = edge\n    @property\n    def volume(self):\n        return self.edge ** 3\n    def __repr__(self):\n        return f'Box({self.edge})'\nBox(2), Box(2).volume",
    "Querysets and managers of one's own": "class Cheap(models.QuerySet):\n    def under(self, price):\n        return self.filter(price__lt=price)\nCheap(Product).under(10).count()",
    "Imports": "import math\nfrom datetime import date as day\nfrom django.db.models.functions import Lower\nmath.floor(2.5), day(2026, 3, 1)",
    "Slowness counted": "before = len(connection.queries)\n[order.customer.name for order in Order.objects.all()[:3]]\nlen(connection.queries) >= before",
};

macro_rules! refusals {
    ($($name:literal, $class:literal: $example:literal => $instead:literal,)*) => {
        &[$(Refusal { name: $name, class: $class, example: $example, instead: $instead },)*]
    };
}

pub(super) const REFUSED: &[Refusal] = refusals! {
    "generators with yield", "NotImplementedError": "def f():\n    yield 1" => "build a list and return it, or write a generator expression",
    "match statements", "NotImplementedError": "match 1:\n    case 1:\n        pass" => "if and elif",
    "async and await", "NotImplementedError": "async def f():\n    pass" => "the same without them: nothing here waits",
    "except*", "NotImplementedError": "try:\n    1\nexcept* ValueError:\n    2" => "except",
    "type parameters and type statements", "NotImplementedError": "type Price = int" => "an assignment",
    "bytes, complex numbers, template strings", "NotImplementedError": "b'x'" => "text, int, Decimal, f-strings",
    "files and the keyboard", "NotImplementedError": "open('x')" => "the page's own import of CSV",
    "eval, exec, compile", "NotImplementedError": "eval('1')" => "the code itself",
    "other modules", "ModuleNotFoundError": "import os" => "the modules above",
    "JSONField in a model", "NotImplementedError": "class Note(models.Model):\n    data = models.JSONField()" => "a TextField holds JSON as text",
    "BinaryField, FileField, FilePathField, ImageField", "NotImplementedError": "models.FileField()" => "nothing: there are no files here",
    "GeneratedField", "NotImplementedError": "models.GeneratedField()" => "annotate() computes a value from columns",
    "GenericIPAddressField", "NotImplementedError": "models.GenericIPAddressField()" => "a CharField",
    "CompositePrimaryKey", "NotImplementedError": "models.CompositePrimaryKey('a', 'b')" => "a UniqueConstraint",
    "expressions in Index and UniqueConstraint", "NotImplementedError": "models.Index(Lower('name'), name='i')" => "fields by name",
    "extra()", "NotImplementedError": "Product.objects.extra()" => "annotate() and filter() say it; raw() takes SQL",
};

pub(super) const DIFFERENCES: &[Difference] = &[
    Difference {
        example: "Order.objects.aggregate(first=Min(TruncMonth('created_at')))['first']",
        django: "datetime.datetime(2025, 1, 1, 0, 0)",
        here: "datetime.datetime(2025, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)",
        reason: "Django forgets the time zone of a cut moment that goes through another expression.",
    },
    Difference {
        example: "list(Order.objects.annotate(place=Window(RowNumber(), order_by=['id'])).values_list('place').filter(Q(place=1) | Q(created_at__year=1999)))",
        django: "AttributeError",
        here: "[(1,)]",
        reason: "Django stumbles over a part of a date beside a filter on a window.",
    },
    Difference {
        example: "Product.objects.alias(odd=models.lookups.Exact(NullIf(Value(10), F('id')), F('stock'))).count()",
        django: "24",
        here: "FieldError",
        reason: "Django looks at the types within a lookup only when it is used; here they are looked at when it is written.",
    },
    Difference {
        example: "Product.objects.annotate(x=Sign(F('id')) + F('price')).get(pk=9).x",
        django: "Decimal('80.9500000000000028421709430404007434844970703125')",
        here: "Decimal('80.95')",
        reason: "SIGN gives a binary fraction, which Django writes out in full as a Decimal. Decimals hold 38 digits here: what would need more keeps the shortest form.",
    },
];

"""The questions a shop asks, as functions: no HTTP here, and no SQL.

A cancelled order counts for nothing, a line is worth what it cost on its day, and rows that
tie come by primary key. `src/services/` answers the same questions in Rust.
"""

from decimal import Decimal

from django.db.models import Avg, Count, F, Max, Min, Q, Sum, Window
from django.db.models.functions import Coalesce, DenseRank, PercentRank, Rank, TruncMonth

from .models import Customer, Order, OrderItem, Product

NOTHING = Decimal("0.00")
CENT = Decimal("0.01")


def get_top_selling_products(limit=5, by="units", category=None, since=None):
    """The best products by "units" or "revenue", each with units_sold and revenue.

    category: only products of the category with that name.
    since: only orders from that moment on.
    """
    orderings = {"units": "-units_sold", "revenue": "-revenue"}
    if by not in orderings:
        raise ValueError(f"by must be one of {sorted(orderings)}, not {by!r}")

    counted = ~Q(order_items__order__status=Order.Status.CANCELLED)
    if since is not None:
        counted &= Q(order_items__order__created_at__gte=since)

    products = Product.objects.all()
    if category is not None:
        products = products.filter(category__name=category)

    line_total = F("order_items__quantity") * F("order_items__unit_price")
    products = products.annotate(
        units_sold=Coalesce(Sum("order_items__quantity", filter=counted), 0),
        revenue=Coalesce(Sum(line_total, filter=counted), NOTHING),
    )
    return products.filter(units_sold__gt=0).order_by(orderings[by], "pk")[:limit]


def get_customer_lifetime_value(customer_id):
    """What one customer brought so far, as a dict.

    Raises Customer.DoesNotExist for an unknown id.
    """
    customer = Customer.objects.get(pk=customer_id)
    placed = customer.orders.placed()
    totals = OrderItem.objects.filter(order__in=placed).aggregate(
        lifetime_value=Coalesce(Sum(F("quantity") * F("unit_price")), NOTHING),
        units=Coalesce(Sum("quantity"), 0),
    )
    dates = placed.aggregate(
        order_count=Count("pk"),
        first_order_at=Min("created_at"),
        last_order_at=Max("created_at"),
    )
    average = NOTHING
    if dates["order_count"]:
        average = totals["lifetime_value"] / dates["order_count"]
    return {
        "customer_id": customer.pk,
        "name": customer.name,
        **totals,
        **dates,
        "average_order_value": average.quantize(CENT),
    }


def get_monthly_revenue(year=None):
    """A list of {month, revenue, orders, cumulative_revenue}, months without sales left out."""
    lines = OrderItem.objects.placed()
    if year is not None:
        lines = lines.filter(order__created_at__year=year)
    months = (
        lines.annotate(month=TruncMonth("order__created_at"))
        .values("month")
        .annotate(
            revenue=Sum(F("quantity") * F("unit_price")),
            orders=Count("order", distinct=True),
        )
        .order_by("month")
    )
    report = []
    so_far = NOTHING
    for month in months:
        so_far += month["revenue"]
        report.append({**month, "cumulative_revenue": so_far})
    return report


def get_also_bought_products(product_id, limit=5):
    """Other products that the buyers of a product bought, by the number of those buyers."""
    orders = Order.objects.placed().filter(items__product_id=product_id)
    buyers = Customer.objects.filter(pk__in=orders.values("customer"))
    counting = [status for status in Order.Status.values if status != Order.Status.CANCELLED]
    # One filter() asks both things of the same order, and Count goes along the same joins.
    others = Product.objects.filter(
        order_items__order__customer__in=buyers,
        order_items__order__status__in=counting,
    ).exclude(pk=product_id)
    return others.annotate(
        buyers=Count("order_items__order__customer", distinct=True)
    ).order_by("-buyers", "pk")[:limit]


def get_ranked_customers(limit=None, premium_only=False):
    """Customers who spent something, with rank, dense_rank and percent_rank (0 is best)."""
    customers = Customer.objects.with_spending().filter(total_spent__gt=0)
    if premium_only:
        customers = customers.premium()
    best_first = F("total_spent").desc()
    customers = customers.annotate(
        rank=Window(Rank(), order_by=best_first),
        dense_rank=Window(DenseRank(), order_by=best_first),
        percent_rank=Window(PercentRank(), order_by=best_first),
    ).order_by("rank", "pk")
    return customers if limit is None else customers[:limit]


def get_average_order_value():
    """The mean total of an order; one without lines counts as nothing."""
    return Order.objects.placed().with_totals().aggregate(value=Avg("total"))["value"]

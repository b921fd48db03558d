"""The marketplace's own vocabulary: methods that chain like filter() does."""

from datetime import timedelta
from decimal import Decimal

from django.db import models
from django.db.models import Count, F, Max, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

NOTHING = Decimal("0.00")


def not_cancelled(path):
    """The condition that the order behind `path` counts towards revenue."""
    return ~Q(**{f"{path}status": "cancelled"})


class ProductQuerySet(models.QuerySet):
    """Product.objects.active().in_stock().with_sales()"""

    def active(self):
        return self.filter(is_active=True)

    def in_stock(self):
        return self.filter(stock__gt=0)

    def with_sales(self):
        """Adds units_sold and revenue.

        Both sums walk the same joins to the order, so no row counts twice.
        """
        placed = not_cancelled("order_items__order__")
        line_total = F("order_items__quantity") * F("order_items__unit_price")
        return self.annotate(
            units_sold=Coalesce(Sum("order_items__quantity", filter=placed), 0),
            revenue=Coalesce(Sum(line_total, filter=placed), NOTHING),
        )

    def best_sellers(self):
        return self.with_sales().filter(units_sold__gt=0).order_by("-units_sold", "pk")


class ProductManager(models.Manager.from_queryset(ProductQuerySet)):
    """A manager has every method of its queryset, and may have more of its own."""

    def cheapest(self, n=3):
        return self.active().order_by("price", "pk")[:n]


class CustomerQuerySet(models.QuerySet):
    """Customer.objects.premium().top_spenders(5)"""

    def premium(self):
        return self.filter(is_premium=True)

    def with_spending(self):
        """Adds total_spent and order_count."""
        placed = not_cancelled("orders__")
        line_total = F("orders__items__quantity") * F("orders__items__unit_price")
        return self.annotate(
            total_spent=Coalesce(Sum(line_total, filter=placed), NOTHING),
            # The join to the lines repeats an order, hence distinct.
            order_count=Count("orders", filter=placed, distinct=True),
        )

    def top_spenders(self, limit=None):
        spenders = (
            self.with_spending().filter(total_spent__gt=0).order_by("-total_spent", "pk")
        )
        return spenders if limit is None else spenders[:limit]

    def with_last_order(self):
        return self.annotate(last_order_at=Max("orders__created_at"))


class OrderQuerySet(models.QuerySet):
    """Order.objects.placed().recent(7).with_totals()"""

    def placed(self):
        return self.exclude(status="cancelled")

    def recent(self, days=30):
        return self.filter(created_at__gte=timezone.now() - timedelta(days=days))

    def with_totals(self):
        """Adds total and item_count."""
        line_total = F("items__quantity") * F("items__unit_price")
        return self.annotate(
            total=Coalesce(Sum(line_total), NOTHING),
            item_count=Count("items"),
        )


class OrderItemQuerySet(models.QuerySet):
    """OrderItem.objects.placed().revenue()"""

    def placed(self):
        return self.exclude(order__status="cancelled")

    def with_line_total(self):
        return self.annotate(line_total=F("quantity") * F("unit_price"))

    def revenue(self):
        """One number, not a queryset."""
        line_total = F("quantity") * F("unit_price")
        return self.aggregate(revenue=Coalesce(Sum(line_total), NOTHING))["revenue"]

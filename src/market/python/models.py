"""The marketplace: customers order products, which belong to categories."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .querysets import (
    CustomerQuerySet,
    OrderItemQuerySet,
    OrderQuerySet,
    ProductManager,
)


class Customer(models.Model):
    """Somebody who buys."""

    name = models.CharField(max_length=120)
    email = models.EmailField(unique=True)
    city = models.CharField(max_length=80, blank=True, default="")
    country = models.CharField(max_length=80, blank=True, default="")
    is_premium = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        db_table = "customer"

    def __str__(self):
        return self.name


class Category(models.Model):
    """A shelf, which may stand inside another one."""

    name = models.CharField(max_length=80, unique=True)
    parent = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="children"
    )

    class Meta:
        db_table = "category"
        ordering = ["name"]
        verbose_name_plural = "categories"

    def __str__(self):
        return self.name


class Product(models.Model):
    """Something for sale, at today's price."""

    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="products")
    name = models.CharField(max_length=160)
    price = models.DecimalField(
        max_digits=10, decimal_places=2, validators=[MinValueValidator(0)]
    )
    # Nobody has rated it yet: None.
    rating = models.DecimalField(max_digits=3, decimal_places=2, null=True, blank=True)
    stock = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ProductManager()

    class Meta:
        db_table = "product"
        indexes = [models.Index(fields=["price"], name="product_price_idx")]
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=0), name="product_price_not_negative"),
        ]

    def __str__(self):
        return self.name


class Order(models.Model):
    """What a customer ordered at one moment."""

    class Status(models.TextChoices):
        PENDING = "pending", "Pending"
        PAID = "paid", "Paid"
        SHIPPED = "shipped", "Shipped"
        DELIVERED = "delivered", "Delivered"
        CANCELLED = "cancelled", "Cancelled"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="orders")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        # "order" is a word of SQL itself.
        db_table = "orders"
        ordering = ["-created_at", "-id"]
        get_latest_by = "created_at"

    def __str__(self):
        return f"Order #{self.pk}"


class OrderItem(models.Model):
    """One line of an order: so many pieces of a product, at the price of that day."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="items")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="order_items")
    quantity = models.PositiveIntegerField(default=1)
    # Kept here, so that a new Product.price leaves past revenue alone.
    unit_price = models.DecimalField(max_digits=10, decimal_places=2)

    objects = OrderItemQuerySet.as_manager()

    class Meta:
        db_table = "order_item"
        constraints = [
            models.UniqueConstraint(
                fields=["order", "product"], name="one_line_per_product_in_order"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1), name="orderitem_quantity_positive"
            ),
        ]

    def __str__(self):
        return f"{self.quantity} x product {self.product_id}"

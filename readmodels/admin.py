"""The read models as they are stored, for superusers to look at. Nothing can be changed here: rows follow
from events, and a rebuild would undo the change."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from readmodels.models import (
    BuyerRow,
    BuyerText,
    OperativeRow,
    OperativeText,
    OrderCounter,
    OrderRow,
    OrderText,
    PaymentMethodRow,
    PriceRow,
    ProductRow,
    ProductText,
    SiteRow,
    SiteText,
    WorkCounter,
    WorkRow,
    WorkText,
)
from readmodels.models.search import Text
from readmodels.queries import jobs, orders
from readmodels.queries.search import holding

NOTHING = "—"


class ReadModelSite(admin.AdminSite):
    """Django's admin, open to superusers only, who sign in through Callout's own page."""

    site_header = "Callout: read models"
    site_title = "Callout"
    index_title = "Read models"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def get_urls(self) -> list[Any]:
        """The addresses without the one that changes a password."""
        return [each for each in super().get_urls() if "password" not in (getattr(each, "name", None) or "")]


site = ReadModelSite(name="admin")


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows to search and look at."""

    actions = None
    list_per_page = 50
    show_full_result_count = False
    category = ""
    texts: type[Text] | None = None
    """The table in which typed text is looked for, besides the columns of `search_fields`."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by text, as everywhere else; otherwise by what the columns hold: an id, a number."""
        by_column = super().get_search_results(request, queryset, search_term)
        if self.texts is None or not search_term.strip():
            return by_column
        ids = holding(self.model._default_manager.all(), search_term, self.texts).order_by().values("pk")
        return queryset.filter(pk__in=ids) | by_column[0], by_column[1]

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_superuser)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return [field.name for field in self.model._meta.fields] + list(self.readonly_fields)

    @admin.display(description="History")
    def history(self, row: Model) -> SafeString:
        """Every event behind the row."""
        return format_html('<a href="{}">Events</a>', self.events_of(row.pk))

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The page that the button "History" opens."""
        return redirect(self.events_of(object_id))

    def events_of(self, key: object) -> str:
        """The address of the events of a stream, or of all."""
        return f"{reverse('events')}?stream={self.category}-{key}" if self.category else reverse("events")


def page_link(route: str, key: UUID | None) -> SafeString | str:
    """A link to the page of the thing with this id."""
    return format_html('<a href="{}">Open</a>', reverse(route, args=[key])) if key else NOTHING


@admin.register(SiteRow, site=site)
class SiteAdmin(ReadOnly):
    category = "site"
    list_display = ("address_line_1", "town", "post_code", "telephone_number", "relinquished_at", "history")
    list_filter = (("relinquished_at", admin.EmptyFieldListFilter), "acquired_at")
    texts = SiteText
    search_fields = ("site_id",)
    readonly_fields = ("page", "history")

    @admin.display(description="Page")
    def page(self, row: SiteRow) -> SafeString | str:
        """The page of the site in Administration."""
        return page_link("administration-site", row.pk)


@admin.register(OperativeRow, site=site)
class OperativeAdmin(ReadOnly):
    category = "operative"
    list_display = ("surname", "forename", "hired_at", "released_at", "history")
    list_filter = (("released_at", admin.EmptyFieldListFilter), "hired_at")
    texts = OperativeText
    search_fields = ("operative_id",)
    readonly_fields = ("page", "history")

    @admin.display(description="Page")
    def page(self, row: OperativeRow) -> SafeString | str:
        """The page of their queue."""
        return page_link("operative", row.pk)


@admin.register(WorkRow, site=site)
class WorkAdmin(ReadOnly):
    category = "work"
    list_display = ("number", "title", "stage", "raised_at", "completed_at", "history")
    list_display_links = ("number", "title")
    list_filter = ("stage", "raised_at", "abandoned_reason")
    texts = WorkText
    search_fields = ("=number", "work_id")
    readonly_fields = ("sites", "operative", "page", "history")

    @admin.display(description="Sites")
    def sites(self, row: WorkRow) -> SafeString | str:
        """The sites of the work, in the order in which they were ticked."""
        found = jobs.complete([row])[0].sites
        links = [(reverse("admin:readmodels_siterow_change", args=[each.pk]), str(each)) for each in found]
        return format_html_join("; ", '<a href="{}">{}</a>', links) or NOTHING

    @admin.display(description="Operative")
    def operative(self, row: WorkRow) -> str:
        """The operative who holds it, or completed it."""
        return str(jobs.complete([row])[0].operative or NOTHING)

    @admin.display(description="Page")
    def page(self, row: WorkRow) -> SafeString | str:
        """The page of the job's story."""
        return page_link("job", row.pk)


@admin.register(WorkCounter, site=site)
class CounterAdmin(ReadOnly):
    list_display = ("__str__",)


@admin.register(ProductRow, site=site)
class ProductAdmin(ReadOnly):
    category = "product"
    list_display = ("name", "price", "stock", "reserved", "created_at", "withdrawn_at", "history")
    list_filter = (("withdrawn_at", admin.EmptyFieldListFilter), "created_at")
    texts = ProductText
    search_fields = ("product_id",)
    readonly_fields = ("page", "history")

    @admin.display(description="Page")
    def page(self, row: ProductRow) -> SafeString | str:
        """Its page in the catalogue."""
        return page_link("product", row.pk)


@admin.register(PriceRow, site=site)
class PriceAdmin(ReadOnly):
    list_display = ("product_id", "price", "since", "position")
    list_filter = ("since",)
    search_fields = ("product_id",)


@admin.register(OrderRow, site=site)
class OrderAdmin(ReadOnly):
    category = "order"
    list_display = ("number", "status", "buyer_name", "total", "placed_at", "changed_at", "history")
    list_filter = ("status", "placed_at")
    texts = OrderText
    search_fields = ("=number", "order_id")
    readonly_fields = ("lines", "page", "history")

    @admin.display(description="Lines")
    def lines(self, row: OrderRow) -> SafeString | str:
        """Rows with a key of two columns have no page of their own here."""
        return format_html_join("; ", "{}", [(str(line),) for line in orders.lines_of(row.pk)]) or NOTHING

    @admin.display(description="Page")
    def page(self, row: OrderRow) -> SafeString | str:
        """The page with the chain of events."""
        return page_link("order", row.pk)


@admin.register(BuyerRow, site=site)
class BuyerAdmin(ReadOnly):
    category = "buyer"
    list_display = ("name", "email", "paid", "discount_percent", "registered_at", "history")
    list_filter = ("discount_percent", "registered_at")
    texts = BuyerText
    search_fields = ("buyer_id",)
    readonly_fields = ("page", "history")

    @admin.display(description="Page")
    def page(self, row: BuyerRow) -> SafeString | str:
        """The page of their cards and orders."""
        return page_link("buyer", row.pk)


@admin.register(PaymentMethodRow, site=site)
class PaymentMethodAdmin(ReadOnly):
    list_display = ("type", "last_four", "expiry", "holder", "verified_at")
    search_fields = ("holder", "=last_four", "payment_method_id", "buyer_id")


@admin.register(OrderCounter, site=site)
class OrderCounterAdmin(ReadOnly):
    list_display = ("__str__",)

"""Orders and their buyers."""

from django.urls import path

from orders.views import buyer, order, order_list, place_order

urlpatterns = [
    path("orders/", order_list.listing, name="orders"),
    path("orders/new/", place_order.new, name="new-order"),
    path("orders/buyers/<uuid:buyer_id>/", buyer.buyer, name="buyer"),
    path("orders/<uuid:order_id>/", order.order, name="order"),
    path("orders/<uuid:order_id>/ship/", order.ship, name="ship-order"),
    path("orders/<uuid:order_id>/cancel/", order.cancel, name="cancel-order"),
]

"""The catalogue."""

from django.urls import path

from products import views

urlpatterns = [
    path("products/", views.products, name="products"),
    path("products/new/", views.new_product, name="new-product"),
    path("products/<uuid:product_id>/", views.product, name="product"),
    path("products/<uuid:product_id>/rename/", views.rename, name="rename-product"),
    path("products/<uuid:product_id>/reprice/", views.reprice, name="reprice-product"),
    path("products/<uuid:product_id>/restock/", views.restock, name="restock-product"),
    path("products/<uuid:product_id>/correct-stock/", views.correct_stock, name="correct-stock"),
    path("products/<uuid:product_id>/withdraw/", views.withdraw, name="withdraw-product"),
]

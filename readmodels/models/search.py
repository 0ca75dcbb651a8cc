"""The tables of searches: the folded text of each row that can be found, and all words of these texts.

They are separate from the rows, so that a step that changes no text writes none. They belong to the same
read model, so that a text and its row are always of the same moment (docs/adr/0027-search.md).
"""

from django.db import models

from readmodels.models.columns import ByteOrderedText, TrigramIndex
from readmodels.models.operatives import OperativeRow
from readmodels.models.orders import BuyerRow, OrderRow
from readmodels.models.products import ProductRow
from readmodels.models.sites import SiteRow
from readmodels.models.work import WorkRow


class Text(models.Model):
    """The text by which a row is found, as `spelling.fold.kept` makes it."""

    text = models.TextField()

    class Meta:
        abstract = True
        default_permissions = ()

    def __str__(self) -> str:
        return f"Text of {self.pk}"


class Word(models.Model):
    """A word of any of the texts; a misspelt word may stand for it. It stays when its text goes."""

    word = ByteOrderedText(primary_key=True)
    backwards = ByteOrderedText(help_text="The same word from its last letter on, to look for endings.")

    class Meta:
        abstract = True
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.word)


def of(row: type[models.Model]) -> "models.OneToOneField[models.Model, models.Model]":
    """The row that a text belongs to; the key of both."""
    return models.OneToOneField(
        row, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="folded"
    )


class WorkText(Text):
    """Title and description; then, each on a line of its own, the notes of abandonments and the outcome.

    The job's number and the time when it was raised never change: with them the newest texts are read in
    order, without their rows.
    """

    row = of(WorkRow)
    raised_at = models.DateTimeField()
    number = models.IntegerField()

    class Meta(Text.Meta):
        indexes = (
            TrigramIndex("text", name="work_text"),
            models.Index(fields=["raised_at", "number"], name="work_text_by_raised"),
        )


class WorkWord(Word):
    class Meta(Word.Meta):
        indexes = (models.Index(fields=["backwards"], name="work_word_backwards"),)


class SiteText(Text):
    """Address, town, post code with and without blanks, and the digits of the telephone number."""

    row = of(SiteRow)

    class Meta(Text.Meta):
        indexes = (TrigramIndex("text", name="site_text"),)


class SiteWord(Word):
    class Meta(Word.Meta):
        indexes = (models.Index(fields=["backwards"], name="site_word_backwards"),)


class OperativeText(Text):
    """Forename and surname."""

    row = of(OperativeRow)

    class Meta(Text.Meta):
        indexes = (TrigramIndex("text", name="operative_text"),)


class OperativeWord(Word):
    class Meta(Word.Meta):
        indexes = (models.Index(fields=["backwards"], name="operative_word_backwards"),)


class ProductText(Text):
    """The name."""

    row = of(ProductRow)

    class Meta(Text.Meta):
        indexes = (TrigramIndex("text", name="product_text"),)


class ProductWord(Word):
    class Meta(Word.Meta):
        indexes = (models.Index(fields=["backwards"], name="product_word_backwards"),)


class OrderText(Text):
    """The buyer's name and e-mail address."""

    row = of(OrderRow)

    class Meta(Text.Meta):
        indexes = (TrigramIndex("text", name="order_text"),)


class OrderWord(Word):
    class Meta(Word.Meta):
        indexes = (models.Index(fields=["backwards"], name="order_word_backwards"),)


class BuyerText(Text):
    """Name and e-mail address."""

    row = of(BuyerRow)

    class Meta(Text.Meta):
        indexes = (TrigramIndex("text", name="buyer_text"),)


class BuyerWord(Word):
    class Meta(Word.Meta):
        indexes = (models.Index(fields=["backwards"], name="buyer_word_backwards"),)


WORDS_OF: dict[type[Text], type[Word]] = {
    WorkText: WorkWord,
    SiteText: SiteWord,
    OperativeText: OperativeWord,
    ProductText: ProductWord,
    OrderText: OrderWord,
    BuyerText: BuyerWord,
}

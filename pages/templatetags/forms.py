"""What every form begins with. Templates need not load this: it replaces Django's own `csrf_token`
(config/settings.py), so that no form can be forgotten."""

from django import template
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html
from django.utils.safestring import SafeString

from pages.draft import TYPED_BY, sign

register = template.Library()


@register.simple_tag(takes_context=True)
def csrf_token(context: Context) -> SafeString:
    """The token against forgery and, signed, for whom the page was made, so that only that person gets
    back what was typed into the form."""
    token = CsrfTokenNode().render(context)
    person = getattr(context.get("request"), "user", None)
    if person is None or not person.is_authenticated:
        return SafeString(token)
    return format_html('{}<input type="hidden" name="{}" value="{}">', token, TYPED_BY, sign(person))

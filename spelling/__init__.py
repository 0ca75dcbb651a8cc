"""How text is spelt and found, for every part of Callout. No Django, no business words."""

"""How text is spelt and how it is found, for every part of Callout. No Django, no business words."""

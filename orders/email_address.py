"""E-mail addresses: the spellings of one address, and what mail needs to reach it."""

import unicodedata

import idna


def mailed(email: str) -> str:
    """The address as mail is sent to it: its domain as the DNS knows it, münchen.de as xn--mnchen-3ya.de.
    Raises ValueError if there can be no such domain."""
    local, at, domain = unicodedata.normalize("NFC", email.strip()).rpartition("@")
    return f"{local}{at}{_in_ascii(domain)}"


def needs_smtputf8(email: str) -> bool:
    """Whether only servers that know RFC 6531 can forward mail to it: there is no other way to write ö."""
    return not email.rpartition("@")[0].isascii()


def canonical(email: str) -> str:
    """The one spelling of an address, whatever its case, its letters (composed or not) and the form of its
    domain. If there can be no such domain, the address in lower case."""
    try:
        return mailed(email.lower())
    except ValueError:
        return unicodedata.normalize("NFC", email.strip().lower())


def spellings(email: str) -> list[str]:
    """All spellings in which the address may have been kept: as given, canonical, others. Nearly always
    just one."""
    known, main = email.strip().lower(), canonical(email)
    local, at, domain = main.rpartition("@")
    try:
        read = f"{local}{at}{idna.decode(domain)}" if "xn--" in domain else main
    except idna.IDNAError:
        read = main
    apart = (unicodedata.normalize("NFD", each) for each in (read, main))
    return list(dict.fromkeys((known, main, read, *apart)))


def _in_ascii(domain: str) -> str:
    if domain.isascii() and "xn--" not in domain.lower():
        return domain
    return idna.encode(domain, uts46=True).decode()

"""Names in the order in which people look for them."""

from spelling.name_order import sort_key


def test_case_accents_and_apostrophes_count_for_nothing() -> None:
    names = [
        "Zorn",
        "öztürk",
        "Ozturk B",
        "de Vries",
        "Dean",
        "O'Brien",
        "Ó Briain",
        "ábel",
        "Abel C",
        "Evans",
    ]
    expected = [
        "ábel",
        "Abel C",
        "de Vries",
        "Dean",
        "Evans",
        "Ó Briain",
        "O'Brien",
        "öztürk",
        "Ozturk B",
        "Zorn",
    ]
    assert sorted(names, key=sort_key) == expected


def test_the_first_part_counts_before_the_second() -> None:
    people = [("Li", "Zoe"), ("Lima", "Ada"), ("Li", "Bo"), ("li", "Chen")]
    assert sorted(people, key=lambda each: sort_key(*each)) == [
        ("Li", "Bo"),
        ("li", "Chen"),
        ("Li", "Zoe"),
        ("Lima", "Ada"),
    ]


def test_numbers_are_sorted_as_numbers() -> None:
    assert sorted(["10 High Street", "2 High Street", "1a High Street"], key=sort_key) == [
        "1a High Street",
        "2 High Street",
        "10 High Street",
    ]


def test_a_long_name_fits_an_index() -> None:
    assert len(sort_key("\u9580" * 5_000, "7" * 5_000).encode()) < 2_000

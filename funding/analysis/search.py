"""What a person types to find something: the same rule in the API and in the dashboard's search."""

from collections.abc import Callable, Iterable

Finds = Callable[[Iterable[str]], bool]


def searcher(query: str) -> Finds:
    """Whether names are found: every word of the query in one of them, whatever the case.

    A word of one letter finds names that begin with it, a longer one those that hold it anywhere. Example: "btc ok" finds
    the names BTC, BTC-USDT-SWAP and okx together; "b" does too, "t" does not.
    """
    words = query.lower().split()

    def finds(names: Iterable[str]) -> bool:
        lowered = [name.lower() for name in names]
        return all(any(_is_in(name, word) for name in lowered) for word in words)

    return finds


def _is_in(name: str, word: str) -> bool:
    return name.startswith(word) if len(word) == 1 else word in name

"""Reads Accept and Accept-Encoding (RFC 9110, 12.5). What is unreadable in them is passed over, as the RFC advises."""

from collections.abc import Sequence

from funding.api.formats import Format

ANY = "*/*"


def preferred(header: str, formats: Sequence[Format]) -> Format | None:
    """The format that Accept gives the greatest weight, of equals the first; None where it leaves out them all.

    The most specific range that names a media type decides on it.
    """
    if header in ("", ANY):
        return formats[0]
    weights = _weights(header)
    if not weights:
        return formats[0]
    found = {one: max(_weight_of(media, weights) for media in one.medias) for one in formats}
    best = max(formats, key=found.__getitem__)
    return best if found[best] > 0 else None


def accepts_gzip(header: str) -> bool:
    weights = _weights(header)
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def _weight_of(media: str, weights: dict[str, float]) -> float:
    for name in (media, media.partition("/")[0] + "/*", ANY):
        if name in weights:
            return weights[name]
    return 0.0


def _weights(header: str) -> dict[str, float]:
    """Name → weight; a name without a weight has 1."""
    weights = {}
    for part in header.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if name:
            weights[name] = _weight(parameters)
    return weights


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                weight = float(parameter[2:])
            except ValueError:
                return 0.0
            return weight if 0 <= weight <= 1 else 0.0
    return 1.0

"""Reads Accept and Accept-Encoding (RFC 9110, 12.5). What is unreadable in them is passed over, as the RFC advises."""


def accepts_media(header: str, media: str) -> bool:
    """Whether the header lets the media type through; the most specific range that names it decides."""
    weights = _weights(header)
    for name in (media, media.partition("/")[0] + "/*", "*/*"):
        if name in weights:
            return weights[name] > 0
    return not weights


def accepts_gzip(header: str) -> bool:
    weights = _weights(header)
    return weights.get("gzip", weights.get("*", 0.0)) > 0


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
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0

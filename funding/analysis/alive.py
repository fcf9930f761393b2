"""Since when a pair's spread has been there, by what was charged on both legs."""

from math import inf

from funding.analysis.charges import HOUR, Charges


def alive_since(short: Charges, long: Charges) -> int | None:
    """Since when, without a break, the short leg's charged rate per hour has been above the long leg's: Unix seconds.

    A settlement's rate holds for its whole interval, (time - interval, time]. Walked back from the end of the time that
    is settled on both legs, to the first period in which the spread was not above 0 or is not known. None where the
    spread was not there at that end, or nothing is known.
    Example: short 0.0002 at 8:00 and 16:00 for 8 h each, long 0.00005 at 8:00 and 0.0001 at 16:00: since 0:00.
    """
    if not short.times or not long.times:
        return None
    since: float | None = None
    moment: float = min(short.times[-1], long.times[-1])
    place, other = len(short.times) - 1, len(long.times) - 1
    while True:
        while place and short.times[place - 1] >= moment:
            place -= 1
        while other and long.times[other - 1] >= moment:
            other -= 1
        sold, bought = _period(short, place), _period(long, other)
        begun = max(sold[0], bought[0])
        if begun >= moment or sold[1] <= bought[1]:
            return None if since is None else round(since)
        since = moment = begun


def _period(charges: Charges, place: int) -> tuple[float, float]:
    """Of one settlement when its interval began, and its rate per hour; one of unknown interval never began."""
    hours, rate = charges.hours[place], charges.rates[place]
    return (inf, rate) if hours is None else (charges.times[place] - hours * HOUR, rate / hours)

"""Since when a pair's spread has been there, by what was charged on both legs."""

from funding.analysis.charges import Charges


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
    while True:
        sold, bought = short.period_at(moment), long.period_at(moment)
        if sold is None or bought is None or sold[1] <= bought[1]:
            return None if since is None else round(since)
        since = moment = max(sold[0], bought[0])

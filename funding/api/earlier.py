"""What contracts paid at an earlier moment, in annualised per cent: kept for the quarter of an hour it is asked in."""

from funding.analysis.current import HOURS_A_YEAR, rate_pct
from funding.analysis.prices import Contract
from funding.api.database import Reading
from funding.store.contracts import select_contracts
from funding.store.observations import select_at

QUARTER = 900


class Earlier:
    """Two threads may read the same at once, to no harm."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[int, dict[Contract, float]]] = {}  # ago → the moment, what was known then

    def get(self, reading: Reading, ago: int) -> dict[Contract, float]:
        at = reading.now - reading.now % QUARTER - ago
        kept = self._kept.get(ago)
        if kept is None or kept[0] != at:
            kept = self._kept[ago] = (at, _yields(reading, at))
        return kept[1]


def _yields(reading: Reading, at: int) -> dict[Contract, float]:
    names = {row["contract_id"]: (row["exchange"], row["symbol"]) for row in select_contracts(reading.connection)}
    found = {}
    for one in select_at(reading.connection, at):
        yearly = rate_pct(one.rate, one.interval_hours, HOURS_A_YEAR)
        if yearly is not None and one.contract_id in names:
            found[names[one.contract_id]] = yearly
    return found

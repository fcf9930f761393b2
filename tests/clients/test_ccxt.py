"""The ccxt form has the fields of ccxt's own FundingRate, and no others."""

import json
import urllib.request
from importlib.util import find_spec

import pytest


@pytest.mark.skipif(not find_spec("ccxt"), reason="ccxt is not installed")
def test_the_fields_are_those_of_ccxts_own_type(url: str) -> None:
    from ccxt.base.types import FundingRate  # type: ignore[import-not-found,unused-ignore]

    with urllib.request.urlopen(f"{url}/api/funding/current?format=ccxt&exchange=bybit", timeout=10) as answer:
        found = json.load(answer)
    assert set(found["BTC/USDT:USDT"]) == set(FundingRate.__annotations__)

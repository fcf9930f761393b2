"""promtool, on what a running service says of itself."""

import shutil
import subprocess
import urllib.request

import pytest

PROMTOOL = shutil.which("promtool")


@pytest.mark.skipif(PROMTOOL is None, reason="there is no promtool: apt-get install prometheus")
def test_promtool_finds_nothing_wrong(url: str) -> None:
    for path in ("/livez", "/api/funding/arb", "/api/exchanges/okx", "/"):
        with urllib.request.urlopen(url + path, timeout=10) as answer:
            answer.read()
    with urllib.request.urlopen(f"{url}/metrics", timeout=10) as answer:
        text = answer.read()
    checked = subprocess.run(
        [str(PROMTOOL), "check", "metrics"], input=text, capture_output=True, timeout=30, check=False
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, b"")
    assert b'funding_exchange_up{exchange="okx"} 0\n' in text

import hashlib
import re

import pytest

from funding import keys


def test_a_key_is_a_prefix_thirty_letters_of_chance_and_six_of_a_checksum():
    key = keys.new_key()
    assert re.fullmatch(r"ff_[0-9A-Za-z]{36}", key)
    assert keys.is_well_formed(key)
    assert keys.new_key() != key


def test_the_checksum_is_the_crc32_in_base62():
    assert keys.checksum("0" * 30) == "2C8GjS"  # 2 011 552 642 = 2·62⁵ + 12·62⁴ + 8·62³ + 16·62² + 45·62 + 28
    assert len(keys.checksum("z" * 30)) == 6


@pytest.mark.parametrize(
    "wrong",
    ["", "ff_", "ff_" + "0" * 36, "gg_" + "0" * 30 + "2C8GjS", "ff_" + "0" * 31 + "2C8GjS", "ff_" + "ü" * 36,
     "ff_" + "0" * 30 + "2C8GjT"],
)  # fmt: skip
def test_a_mistyped_key_is_told_without_a_database(wrong):
    assert not keys.is_well_formed(wrong)


def test_one_wrong_letter_is_always_noticed():
    key = keys.new_key()
    for place in range(3, 33):
        other = "1" if key[place] != "1" else "2"
        assert not keys.is_well_formed(key[:place] + other + key[place + 1 :])


def test_what_is_kept_of_a_key_is_its_sha_256():
    assert keys.digest("ff_" + "0" * 30 + "2C8GjS") == hashlib.sha256(b"ff_" + b"0" * 30 + b"2C8GjS").digest()

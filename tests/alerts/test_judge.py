"""What is news: hysteresis, cooldown, mutes, and nothing resolved that was never announced."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from funding.alerts.alert import Alert
from funding.alerts.judge import Finding, Happening, judge, judge_happenings
from funding.store.outbox import Standing
from tests.alerts.given import NOW


@dataclass
class Looks:
    """One look after another, each on what the last one left."""

    standings: dict[str, Standing] = field(default_factory=dict)
    now: int = NOW

    def look(self, *findings: Finding, after: int = 60, at_all: bool = True) -> list[str]:
        return [f"{one.kind}: {one.title}" for one in self.alerts(*findings, after=after, at_all=at_all)]

    def alerts(self, *findings: Finding, after: int = 60, at_all: bool = True) -> list[Alert]:
        self.now += after
        verdict = judge(self.standings, findings, lambda key: at_all, self.now)
        self.standings |= {one.key: one for one in verdict.standings}
        return verdict.alerts

    def happened(self, *happenings: Happening, after: int = 60) -> list[str]:
        self.now += after
        verdict = judge_happenings(self.standings, happenings, self.now)
        self.standings |= {one.key: one for one in verdict.standings}
        return [one.title for one in verdict.alerts]


def disk(**other: object) -> Finding:
    given: dict[str, object] = {"key": "disk", "title": "the disk is full", "resolved": "the disk has room"}
    return Finding(**given | other)  # type: ignore[arg-type]


def test_it_is_said_once_and_once_that_it_is_over() -> None:
    looks = Looks()
    assert looks.look(disk()) == ["raised: the disk is full"]
    assert [looks.look(disk()) for _ in range(20)] == [[]] * 20
    assert looks.look() == ["resolved: the disk has room"]
    assert looks.look() == []


def test_the_end_says_how_long_it_lasted() -> None:
    looks = Looks()
    looks.look(disk())
    [over] = looks.alerts(after=3725)
    assert (over.lines, over.at) == (("it lasted 1 h 2 min",), looks.now)


def test_a_finding_must_be_there_for_so_many_looks_in_a_row() -> None:
    looks = Looks()
    three = disk(looks=3)
    assert [looks.look(three), looks.look(three), looks.look()] == [[], [], []]
    assert [looks.look(three), looks.look(three), looks.look(three)] == [[], [], ["raised: the disk is full"]]


def test_what_was_not_announced_is_not_resolved() -> None:
    looks = Looks()
    looks.look(disk(looks=2))
    assert looks.look() == []


def test_what_comes_and_goes_is_said_again_only_after_the_cooldown() -> None:
    looks = Looks()
    said = [looks.look(*([disk()] if number % 2 == 0 else [])) for number in range(12)]
    assert said == [["raised: the disk is full"], ["resolved: the disk has room"], *[[]] * 8, ["raised: the disk is full"],
                    ["resolved: the disk has room"]]  # fmt: skip


def test_what_came_back_within_the_cooldown_and_stays_is_said_when_that_is_over() -> None:
    looks = Looks()
    looks.look(disk())
    looks.look()
    said = [looks.alerts(disk()) for _ in range(9)]
    assert [len(alerts) for alerts in said] == [0] * 8 + [1]
    assert said[-1][0].lines == ("it has been so for 8 min",)


def test_what_could_not_be_looked_at_stays_as_it_stood() -> None:
    looks = Looks()
    looks.look(disk())
    assert looks.look(at_all=False) == []
    assert looks.look(disk()) == []


def test_two_things_are_said_by_key() -> None:
    looks = Looks()
    wal = Finding(key="wal", title="the WAL is large")
    assert looks.look(wal, disk()) == ["raised: the disk is full", "raised: the WAL is large"]


def test_what_has_no_words_for_its_end_ends_in_silence_and_may_come_again() -> None:
    looks = Looks()
    soon = disk(resolved=None, cooldown_seconds=0)
    assert [looks.look(soon), looks.look(), looks.look(soon)] == [
        ["raised: the disk is full"],
        [],
        ["raised: the disk is full"],
    ]


def test_a_clock_that_was_set_back_holds_nothing_up_and_lasts_no_negative_time() -> None:
    looks = Looks()
    looks.look(disk())
    [over] = looks.alerts(after=-86_400)
    assert over.lines == ("it lasted 0 s",)
    assert looks.look(disk()) == ["raised: the disk is full"]


def test_nothing_is_said_of_what_is_muted_itself_or_as_a_part() -> None:
    for key in ("rule", "rule:caps", "rule:caps:okx:BTC-USDT-SWAP"):
        looks = Looks({key: Standing(key, muted_until=NOW + 100)})
        cap = Finding(key="rule:caps:okx:BTC-USDT-SWAP", title="at its cap", resolved="off its cap")
        assert looks.look(cap) == []
        assert looks.look(cap) == ["raised: at its cap"]
    looks = Looks({"rule:caps:okx": Standing("rule:caps:okx", muted_until=NOW + 100)})
    assert looks.look(Finding(key="rule:caps:bybit:BTCUSDT", title="at its cap")) == ["raised: at its cap"]


def test_an_end_while_muted_is_not_said() -> None:
    looks = Looks()
    looks.look(disk())
    looks.standings["disk"] = Standing("disk", NOW, announced=True, resolved="x", muted_until=looks.now + 100)
    assert looks.look() == []


def flips(titles: Sequence[str], cooldown: int = 600) -> list[Happening]:
    return [Happening(key=f"rule:sign:{title}", title=title, cooldown_seconds=cooldown) for title in titles]


def test_what_happens_again_within_its_cooldown_is_not_said_again() -> None:
    looks = Looks()
    assert looks.happened(*flips(["a", "b", "a"])) == ["a", "b"]
    assert looks.happened(*flips(["a"])) == []
    assert looks.happened(*flips(["a"]), after=600) == ["a"]


def test_without_a_cooldown_everything_that_happens_is_said() -> None:
    looks = Looks()
    assert looks.happened(*flips(["a", "a"], 0)) == ["a", "a"]
    assert looks.standings == {}

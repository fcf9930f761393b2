"""ccxt's own throttler and session: what its fetch methods for one symbol do, without its markets."""
# mypy: disable-error-code="import-not-found"

import asyncio
import os

import ccxt.async_support as ccxt

from bench.clients.task import Task, given


async def fan_out(task: Task, errors: dict[str, int]) -> list[str | None]:
    milliseconds = 1000 * task.seconds / task.limit if task.limit else 0
    exchange = ccxt.Exchange({"enableRateLimit": bool(task.limit), "rateLimit": milliseconds or 1})
    exchange.cafile = os.environ["SSL_CERT_FILE"]
    semaphore = asyncio.Semaphore(task.workers if not task.limit else len(task.symbols))

    async def one(symbol: str) -> str | None:
        try:
            async with semaphore:
                if task.limit:
                    await exchange.throttle(1)
                answer = await exchange.fetch(task.url(symbol))
            task.note(200)
            return str(answer["data"][0]["instId"])
        except ccxt.BaseError as error:
            if isinstance(error, ccxt.RateLimitExceeded | ccxt.DDoSProtection):
                task.note(429)
            errors[type(error).__name__] = errors.get(type(error).__name__, 0) + 1
            return None

    try:
        return await asyncio.gather(*(one(symbol) for symbol in task.symbols))
    finally:
        await exchange.close()


def main() -> None:
    task, errors = given(), dict[str, int]()
    with task.measured():
        found = asyncio.run(fan_out(task, errors))
    task.report([symbol for symbol in found if symbol], errors)


if __name__ == "__main__":
    main()

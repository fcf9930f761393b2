"""aiohttp with a semaphore, as asynchronous collectors are commonly written."""
# mypy: disable-error-code="import-not-found"

import asyncio

import aiohttp

from bench.clients.task import Task, given


async def fan_out(task: Task, errors: dict[str, int]) -> list[str | None]:
    semaphore = asyncio.Semaphore(task.workers)

    async def one(symbol: str) -> str | None:
        try:
            async with semaphore, session.get(task.url(symbol)) as response:
                task.note(response.status)
                response.raise_for_status()
                return str((await response.json())["data"][0]["instId"])
        except (aiohttp.ClientError, TimeoutError) as error:
            errors[type(error).__name__] = errors.get(type(error).__name__, 0) + 1
            return None

    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        return await asyncio.gather(*(one(symbol) for symbol in task.symbols))


def main() -> None:
    task, errors = given(), dict[str, int]()
    with task.measured():
        found = asyncio.run(fan_out(task, errors))
    task.report([symbol for symbol in found if symbol], errors)


if __name__ == "__main__":
    main()

"""httpx's asynchronous client with a semaphore."""
# mypy: disable-error-code="import-not-found"

import asyncio
import ssl

import httpx

from bench.clients.task import Task, given


async def fan_out(task: Task, errors: dict[str, int]) -> list[str | None]:
    semaphore = asyncio.Semaphore(task.workers)

    async def one(symbol: str) -> str | None:
        try:
            async with semaphore:
                response = await client.get(task.url(symbol))
            task.note(response.status_code)
            response.raise_for_status()
            return str(response.json()["data"][0]["instId"])
        except httpx.HTTPError as error:
            errors[type(error).__name__] = errors.get(type(error).__name__, 0) + 1
            return None

    async with httpx.AsyncClient(timeout=10, verify=ssl.create_default_context()) as client:
        return await asyncio.gather(*(one(symbol) for symbol in task.symbols))


def main() -> None:
    task, errors = given(), dict[str, int]()
    with task.measured():
        found = asyncio.run(fan_out(task, errors))
    task.report([symbol for symbol in found if symbol], errors)


if __name__ == "__main__":
    main()

"""FastAPI, for uvicorn; what it answers from the database is encoded by orjson."""
# mypy: disable-error-code="import-not-found"

import orjson
from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import PlainTextResponse, Response

from bench.servers.database import ALL, ONE, SMALL, rows

app = FastAPI()
app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=6)


def livez() -> PlainTextResponse:
    return PlainTextResponse("ok\n")


async def small() -> dict[str, object]:
    return SMALL


def one() -> Response:
    return Response(orjson.dumps({"rows": rows(ONE)}), media_type="application/json")


def everything() -> Response:
    return Response(orjson.dumps({"rows": rows(ALL)}), media_type="application/json")


for path, view in {"/livez": livez, "/small": small, "/one": one, "/list": everything}.items():
    app.get(path, response_model=None)(view)

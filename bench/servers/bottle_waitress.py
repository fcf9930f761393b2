"""bottle, waitress and sqlite3, nothing else: what our own service is made of."""

import gzip
import json
import sys

import bottle
import waitress

from bench.servers.database import ALL, ONE, SMALL, rows

app = bottle.Bottle()


@app.get("/livez")  # type: ignore[untyped-decorator]
def livez() -> str:
    return "ok\n"


@app.get("/small")  # type: ignore[untyped-decorator]
def small() -> dict[str, object]:
    return SMALL


@app.get("/one")  # type: ignore[untyped-decorator]
def one() -> dict[str, object]:
    return {"rows": rows(ONE)}


@app.get("/list")  # type: ignore[untyped-decorator]
def everything() -> bytes:
    bottle.response.content_type = "application/json"
    body = json.dumps({"rows": rows(ALL)}, separators=(",", ":")).encode()
    if "gzip" not in bottle.request.headers.get("Accept-Encoding", ""):
        return body
    bottle.response.set_header("Content-Encoding", "gzip")
    return gzip.compress(body, 6)


if __name__ == "__main__":
    waitress.serve(app, host="127.0.0.1", port=int(sys.argv[1]), threads=4, _quiet=True)

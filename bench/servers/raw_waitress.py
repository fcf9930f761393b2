"""waitress with an application that does nothing: the ceiling of anything behind it. `ours`: with our server's settings."""

import json
import sys
import warnings
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

import waitress

from bench.servers.database import SMALL
from funding.api.serve import serve

BODY = json.dumps(SMALL).encode()
HEADERS = [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))]


def app(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", HEADERS)
    return [BODY]


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if "ours" in sys.argv:
        serve(app, port=int(sys.argv[1])).run()
    else:
        waitress.serve(app, host="127.0.0.1", port=int(sys.argv[1]), _quiet=True)

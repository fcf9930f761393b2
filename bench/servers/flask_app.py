"""Flask, for gunicorn's threads."""
# mypy: disable-error-code="import-not-found"

import gzip

from flask import Flask, Response, jsonify, request

from bench.servers.database import ALL, ONE, SMALL, rows

app = Flask(__name__)


def livez() -> Response:
    return Response("ok\n", mimetype="text/plain")


def small() -> Response:
    return jsonify(SMALL)


def one() -> Response:
    return jsonify({"rows": rows(ONE)})


def everything() -> Response:
    response = jsonify({"rows": rows(ALL)})
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response.set_data(gzip.compress(response.get_data(), 6))
        response.headers["Content-Encoding"] = "gzip"
    return response


for path, view in {"/livez": livez, "/small": small, "/one": one, "/list": everything}.items():
    app.add_url_rule(path, view_func=view)

"""Flask, for gunicorn's threads."""
# mypy: disable-error-code="import-not-found"

from flask import Flask, Response, jsonify

from bench.servers.database import ALL, ONE, SMALL, rows

app = Flask(__name__)


def livez() -> Response:
    return Response("ok\n", mimetype="text/plain")


def small() -> Response:
    return jsonify(SMALL)


def one() -> Response:
    return jsonify({"rows": rows(ONE)})


def everything() -> Response:
    return jsonify({"rows": rows(ALL)})


for path, view in {"/livez": livez, "/small": small, "/one": one, "/list": everything}.items():
    app.add_url_rule(path, view_func=view)

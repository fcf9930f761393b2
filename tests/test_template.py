import json

from funding.adapter import Call, History
from funding.template import request_for


def request(url, body=None, **words):
    return request_for(Call("rates", url, body=body), words)


def test_a_value_in_the_query_is_quoted_but_for_colons_and_commas():
    made = request("https://a.example/x?symbol={symbol}&limit=2", symbol="A:B,C/D%3D&E")
    assert made.url == "https://a.example/x?symbol=A:B,C%2FD%253D%26E&limit=2"


def test_a_value_in_the_path_keeps_its_slashes():
    assert request("https://a.example/{family}/v1", family="swap/v2").url == "https://a.example/swap/v2/v1"


def test_a_parameter_with_nothing_to_put_there_is_left_out():
    assert request("https://a.example/x?a=1&cursor={cursor}", cursor="").url == "https://a.example/x?a=1"
    assert request("https://a.example/x?cursor={cursor}").url == "https://a.example/x"


def test_zero_is_something():
    assert request("https://a.example/x?offset={offset}", offset=0).url == "https://a.example/x?offset=0"


def test_a_body_makes_it_a_post_and_keeps_the_types():
    made = request(
        "https://a.example/info", body={"type": "x", "id": "{id}", "dex": "{dex}", "deep": ["{id}"]}, id=7, dex=""
    )
    assert made.method == "POST"
    assert made.body is not None
    assert json.loads(made.body) == {"type": "x", "id": 7, "deep": [7]}


def test_the_weight_of_a_call_goes_with_its_request():
    assert (
        request_for(
            History("https://a.example/h?s={symbol}", parse=lambda row: None, weight=45), {"symbol": "A"}
        ).weight
        == 45
    )

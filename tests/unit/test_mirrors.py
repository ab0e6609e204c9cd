"""Order of the addresses, and whether anything answers there."""

import gzip
import inspect
import threading
import time

import pytest
import requests

from scripts.datasets import mirrors
from tests.unit.tiny_datasets import idx_dataset, reply, serve, whole_files

ENTRY, FILES, _ = idx_dataset()
REGISTRY = mirrors.registry()


@pytest.fixture(autouse=True)
def _tiny_registry(monkeypatch):
    monkeypatch.delenv("DATASET_MIRROR", raising=False)
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(mirrors, "registry", lambda: {"tiny": ENTRY})


def test_every_registered_dataset_is_fully_described():
    assert set(REGISTRY) == {"mnist", "fashion_mnist", "cifar10"}
    for entry in REGISTRY.values():
        assert {"title", "licence", "citation", "format", "classes", "shapes", "folder", "canonical", "files"} <= set(entry)


def test_addresses_go_from_the_environment_over_the_configuration_to_the_canonical_servers(monkeypatch):
    monkeypatch.setenv("DATASET_MIRROR", "https://mine.example/data/")
    entry = {"folder": "tiny", "canonical": ["https://first.example/x/", "https://second.example"]}
    assert mirrors.addresses(entry, "a.gz", ["/srv/mirror"]) == [
        "https://mine.example/data/tiny/a.gz",
        "/srv/mirror/tiny/a.gz",
        "https://first.example/x/a.gz",
        "https://second.example/a.gz",
    ]


def test_an_empty_environment_variable_is_no_mirror(monkeypatch):
    monkeypatch.setenv("DATASET_MIRROR", "")
    assert mirrors.addresses({"folder": "tiny", "canonical": ["https://a.example"]}, "a.gz", []) == ["https://a.example/a.gz"]


@pytest.mark.parametrize(
    ("address", "path"),
    [("../mirror/a.gz", "../mirror/a.gz"), ("file:///srv/a%20b/c.gz", "/srv/a b/c.gz"), ("https://host/a.gz", "None")],
)
def test_a_local_path_is_told_from_a_server(address, path):
    assert str(mirrors.local_path(address)) == path


@pytest.mark.parametrize("address", ["ftp://host/a.gz", "file://srv/a.gz", "s3://bucket/a.gz"])
def test_other_kinds_of_addresses_are_refused(address):
    with pytest.raises(ValueError, match=address):
        mirrors.local_path(address)


def test_a_server_with_the_file_is_reachable_and_only_its_first_bytes_are_asked_for():
    with serve(whole_files(FILES)) as (address, asked):
        assert not mirrors.obstacles(["tiny"], [address])
    assert [request.headers["Range"] for request in asked] == ["bytes=0-1"]


@pytest.mark.parametrize("body", [b"<html>Please log in</html>", b""])
def test_a_captive_portal_is_no_answer(body):
    with serve(lambda handler: reply(handler, body, Content_Type="application/gzip")) as (address, _):
        told = mirrors.obstacles(["tiny"], [address])
    assert told == [f"something else answers for {address.removeprefix('http://')}, perhaps the login page of a network"]


def test_an_error_page_that_begins_like_gzip_is_no_answer():
    with serve(lambda handler: reply(handler, gzip.compress(b"not found"), 404)) as (address, _):
        assert mirrors.obstacles(["tiny"], [address])


def test_a_connection_that_breaks_off_is_no_answer():
    with serve(lambda handler: reply(handler, b"", Content_Length="100")) as (address, _):
        assert mirrors.obstacles(["tiny"], [address])


def test_one_answer_is_enough_and_is_not_kept_waiting_by_the_others():
    release = threading.Event()
    with serve(lambda _: release.wait(10)) as (slow, _), serve(whole_files(FILES)) as (good, _):
        start = time.monotonic()
        assert not mirrors.obstacles(["tiny"], [slow, good])
        assert time.monotonic() - start < 2
        release.set()


def test_servers_that_never_answer_or_drip_cost_no_more_than_the_limit_in_all():
    release = threading.Event()

    def drip(handler):
        while not release.wait(0.1):
            handler.wfile.write(b"X")

    with serve(lambda _: release.wait(10)) as (silent, _), serve(drip) as (dripping, _):
        start = time.monotonic()
        assert mirrors.obstacles(["tiny"], [silent, dripping, silent + "/again", dripping + "/again"], limit=0.4)
        assert time.monotonic() - start < 1.0
        release.set()
    assert inspect.signature(mirrors.obstacles).parameters["limit"].default == 3.0


def test_a_folder_counts_only_if_it_holds_all_files(tmp_path):
    folder = tmp_path / "tiny"
    folder.mkdir()
    for name, content in list(FILES.items())[1:]:
        (folder / name).write_bytes(content)
    assert mirrors.obstacles(["tiny"], [str(tmp_path)])
    (folder / next(iter(FILES))).write_bytes(FILES[next(iter(FILES))])
    assert not mirrors.obstacles(["tiny"], [str(tmp_path)])
    assert not mirrors.obstacles(["tiny"], [], raw=tmp_path), "files that were fetched or put there by hand count too"


def test_all_datasets_must_be_reachable(monkeypatch):
    monkeypatch.setattr(mirrors, "registry", lambda: {"tiny": ENTRY, "other": {**ENTRY, "files": {"missing.gz": {}}}})
    with serve(whole_files(FILES)) as (address, _):
        assert not mirrors.obstacles(["tiny"], [address])
        assert mirrors.obstacles(["tiny", "other"], [address])


def test_each_cause_is_told_once_and_none_of_a_dataset_that_another_place_has(monkeypatch, tmp_path):
    monkeypatch.setattr(mirrors, "registry", lambda: {"tiny": ENTRY, "other": {**ENTRY, "files": {"missing.gz": {}}}})
    with serve(whole_files(FILES)) as (address, _):
        told = mirrors.obstacles(["tiny", "other"], [str(tmp_path), address, address + "/again"], raw=tmp_path / "raw")
    assert told == [f"{tmp_path}/tiny/missing.gz is not there", "HTTP 404 Not Found"]


def test_a_wrong_proxy_is_named_and_not_taken_for_a_server_that_is_down(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.delenv("no_proxy", raising=False)
    with serve(whole_files(FILES)) as (address, _):
        assert mirrors.obstacles(["tiny"], [address])[0].startswith("the proxy does not answer; HTTP_PROXY and HTTPS_PROXY name it")


def test_a_certificate_that_is_not_trusted_is_named_by_the_probe(monkeypatch):
    def refuse(*_, **__):
        raise requests.exceptions.SSLError("certificate verify failed")

    monkeypatch.setattr(requests, "get", refuse)
    assert mirrors.obstacles(["tiny"], ["https://mirror.example"])[0].startswith("its certificate is not trusted")


def test_a_place_that_does_not_answer_in_time_is_told_so():
    release = threading.Event()
    with serve(lambda _: release.wait(10)) as (silent, _):
        assert mirrors.obstacles(["tiny"], [silent], limit=0.2) == ["no answer within 0.2 s"]
        release.set()


def test_without_any_place_there_is_no_way():
    assert mirrors.obstacles(["tiny"], []) == ["no mirror is known"]

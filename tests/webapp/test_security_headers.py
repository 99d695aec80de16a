"""Every answer tells browsers our rules, and no page asks anything of another place."""

from __future__ import annotations

import gzip
import re

import pytest

from gridmap.settings import load_settings
from webapp import create_app

HERE = "http://127.0.0.1:8000"
# As the specification of our pages has it, word for word.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "worker-src 'self'; manifest-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
    "object-src 'none'; frame-ancestors 'none'"
)


@pytest.fixture(scope="module")
def app():
    return create_app(load_settings())


@pytest.fixture
def client(app, db):
    return app.test_client()


@pytest.fixture
def build(app):
    return app.extensions["gridmap.assets"].build


@pytest.mark.parametrize("path", ["/sign-in", "/api/v1/me", "/health/live", "/nothing", "/api/docs", "/", "/metrics"])
def test_every_answer_carries_the_rules(client, path):
    headers = client.get(path, base_url=HERE).headers
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Permissions-Policy"] == "camera=(self), geolocation=(self)"
    assert headers["X-Request-ID"]
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers


def test_browsers_are_held_to_tls_only_where_the_setting_says_so(db):
    client = create_app(load_settings(tls=True)).test_client()
    header = client.get("/sign-in", base_url="https://grid.example").headers["Strict-Transport-Security"]
    assert header == "max-age=31536000"


@pytest.mark.parametrize("path", ["/sign-in", "/api/docs", "/nothing"])
def test_a_page_holds_no_inline_script_or_style_and_no_outside_address(client, path):
    page = client.get(path, base_url=HERE, headers={"Accept": "text/html"}).text
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"<style|\sstyle=|\son\w+=", page)
    addresses = re.findall(r"""(?:src|href|action)=["']([^"']*)""", page)
    assert addresses
    assert all(address.startswith(("/", "#")) and not address.startswith("//") for address in addresses)


def test_no_static_file_asks_anything_of_another_place(app):
    outside = re.compile(rb"""(?:from|import|url|fetch|EventSource|src=|href=)\s*\(?\s*["'`]?(?:https?:)?//""")
    for name, asset in app.extensions["gridmap.assets"].files.items():
        if name.endswith((".js", ".css", ".svg")):
            assert not outside.search(asset.content), name


def test_a_static_file_is_kept_for_good_under_its_build_and_not_under_another(client, build):
    now = client.get(f"/static/{build}/shared/base.css", base_url=HERE)
    assert now.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert now.headers["Content-Type"] == "text/css; charset=utf-8"
    before = client.get("/static/000000000000/shared/base.css", base_url=HERE)
    assert before.data == now.data
    assert before.headers["Cache-Control"] == "no-store"


def test_a_static_file_is_sent_small_to_who_takes_it_so(client, build):
    address = f"/static/{build}/vendor/ol.js"
    plain = client.get(address, base_url=HERE)
    packed = client.get(address, base_url=HERE, headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 2
    assert packed.headers["ETag"] != plain.headers["ETag"]
    refused = client.get(address, base_url=HERE, headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers


def test_a_static_file_that_is_there_already_is_not_sent_again(client, build):
    address = f"/static/{build}/shared/base.css"
    etag = client.get(address, base_url=HERE).headers["ETag"]
    again = client.get(address, base_url=HERE, headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "name", ["../errors.py", "shared/../../errors.py", "%2e%2e/errors.py", "vendor/package.json", "shared"]
)
def test_nothing_but_static_files_is_served(client, build, name):
    assert client.get(f"/static/{build}/{name}", base_url=HERE).status_code == 404


def test_the_words_of_each_language_are_a_module(client, build):
    english = client.get(f"/static/{build}/i18n/en.js", base_url=HERE)
    chinese = client.get(f"/static/{build}/i18n/zh-CN.js", base_url=HERE)
    assert english.text == "export default {}\n"
    assert '"Sign in":"登录"' in chinese.text
    assert chinese.headers["Content-Type"].startswith("text/javascript")


def test_language_and_theme_are_kept_by_the_browser(client):
    page = client.get("/sign-in?lang=en&theme=day", base_url=HERE)
    assert '<html lang="en" data-theme="day">' in page.text
    again = client.get("/sign-in", base_url=HERE)
    assert '<html lang="en" data-theme="day">' in again.text
    assert '<html lang="zh-CN"' in client.get("/sign-in?lang=zh-CN", base_url=HERE).text
    assert 'lang="zh-CN"' in client.get("/sign-in?lang=%22%3E%3Cscript%3E", base_url=HERE).text


def test_the_docs_page_shows_every_operation_of_the_document(client):
    document = client.get("/api/v1/openapi.json", base_url=HERE).json
    page = client.get("/api/docs", base_url=HERE).text
    assert document["openapi"].startswith("3.1")
    assert document["paths"]
    for path in document["paths"]:
        assert path in page

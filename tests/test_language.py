"""Everything people read is said in both languages, with the same values in it."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest

from gridmap.language import LOCALES, N_, catalogue, choose_locale, translate, values_kept, values_told

SCRIPT = Path(__file__).parent.parent / "scripts" / "messages.py"


@pytest.fixture(scope="module")
def messages():
    spec = importlib.util.spec_from_file_location("messages", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def said(messages):
    return messages.sentences()


def test_every_sentence_is_translated_with_the_same_values(messages, said):
    chinese = catalogue("zh-CN")
    lacking = {
        sentence: files
        for sentence, files in said.items()
        if messages.values_of(sentence) != messages.values_of(chinese.get(sentence, "%(missing)s"))
    }
    assert not lacking, "run `make messages` and translate these"


def test_the_catalogue_keeps_no_sentence_that_nobody_says(said):
    assert set(catalogue("zh-CN")) <= set(said)


def test_sentences_are_found_wherever_they_are_said(messages, tmp_path):
    (tmp_path / "gridmap").mkdir()
    (tmp_path / "webapp").mkdir()
    (tmp_path / "gridmap" / "a.py").write_text('N_("One %(n)s" " and two")\nraise Invalid(N_(\n  "Three"))\n')
    (tmp_path / "webapp" / "b.html").write_text(
        '<p title="{{ _("Four") }}">{% if x %}{{ _("Five %(n)s", n=1) }}{% endif %}'
    )
    (tmp_path / "webapp" / "c.js").write_text(
        "html`<b title=${t('It\\'s six')}>${t(\"Seven %(n)s\", { n })}</b>`; start('no')"
    )
    assert set(messages.sentences(tmp_path)) == {
        "One %(n)s and two", "Three", "Four", "Five %(n)s", "It's six", "Seven %(n)s",
    }  # fmt: skip


def test_a_new_sentence_is_listed_and_an_old_translation_is_kept(messages):
    old = messages.updated(messages.read_catalogue(), [])
    old.add("Kept", "留")
    old.add("Gone", "去")
    new = messages.updated(old, ["Kept", "New %(n)s"])
    assert new.get("Kept").string == "留"
    assert new.get("Gone") is None
    assert messages.missing(new) == ["New %(n)s"]
    new.get("New %(n)s").string = "新"
    assert messages.missing(new) == ["New %(n)s"]  # it lost its value


def test_every_translation_can_be_filled_in(said, messages):
    for sentence, files in said.items():
        values = dict.fromkeys(messages.values_of(sentence), "1")
        if values and not all(name.endswith(".js") for name in files):
            for locale in LOCALES:
                assert "%(" not in translate(sentence, locale, **values)


def test_a_value_is_translated_where_it_was_marked_and_nowhere_else():
    missing = "%(field)s is missing."
    # A person, a site, a column may be called what one of our words says.
    assert "nobody" in translate(missing, "zh-CN", field="nobody")
    assert "缺人" in translate(missing, "zh-CN", field=N_("nobody"))
    assert "缺人、nobody" in translate(missing, "zh-CN", field=(N_("nobody"), "nobody"))
    kept = json.loads(json.dumps(values_kept({"field": (N_("nobody"), "nobody"), "n": 3, "name": N_("nobody")})))
    assert "缺人、nobody" in translate(missing, "zh-CN", **values_told(kept))
    assert translate("%(name)s %(n)s", "zh-CN", **values_told(kept)) == "缺人 3"


def test_staff_are_addressed_plainly():
    for sentence in catalogue("zh-CN").values():
        assert not re.search("请(?!求)|您|!|！", sentence), sentence


def test_chinese_is_punctuated_as_chinese(messages):
    for sentence in catalogue("zh-CN").values():
        assert sentence == messages.in_chinese_print(sentence), "run `make messages`"
    assert messages.in_chinese_print("第 %(n)s 行(%(why)s),再试:gridmap up, 1:24") == (
        "第 %(n)s 行（%(why)s），再试：gridmap up, 1:24"
    )


@pytest.mark.parametrize(
    ("wishes", "locale"),
    [
        ((), "zh-CN"),
        (("en-GB",), "en"),
        (("fr", "en"), "en"),
        (("zh-TW",), "zh-CN"),
        (("zh_CN",), "zh-CN"),
        ((None, "", "en"), "en"),
        (("fr",), "zh-CN"),
    ],
)
def test_the_first_language_we_speak_is_chosen(wishes, locale):
    assert choose_locale(*wishes) == locale

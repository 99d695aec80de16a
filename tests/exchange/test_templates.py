"""What a template gives, an import takes."""

from __future__ import annotations

import openpyxl
import pytest

from gridmap.exchange.kinds import KINDS
from gridmap.exchange.templates import write_template


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_what_a_template_gives_an_import_takes(founded, gridmap, imported, tmp_path, locale):
    for kind in KINDS:
        if kind == "grids":
            continue
        path = tmp_path / f"{kind}.xlsx"
        assert gridmap("template", kind, "-o", path, "--lang", locale)[0] == 0
        answer = imported(kind, path, "--dry-run")
        assert [(row["change"], row.get("code")) for row in answer["preview"]], (kind, answer)
        grave = [defect["sentence"] for defect in answer["defects"]["listed"] if defect["grave"]]
        assert grave == [], kind
        assert answer["counts"]["new"] + answer["counts"]["same"] + answer["counts"]["changed"] == 1


def test_choices_of_a_template_are_drop_downs_in_the_reader_s_language(tmp_path):
    write_template("grids", tmp_path / "网格.xlsx", "zh-CN")
    book = openpyxl.load_workbook(tmp_path / "网格.xlsx")
    header = [cell.value for cell in book.worksheets[0][1]]
    assert header[0] == "编码*"
    (kinds,) = [rule for rule in book.worksheets[0].data_validations.dataValidation if rule.type == "list"]
    assert kinds.formula1 == "choices!$D$1:$D$3"
    assert [book["choices"][f"D{row}"].value for row in (1, 2, 3)] == ["城市", "农村", "专属"]
    assert {row[1].value for row in book.worksheets[1].iter_rows(min_row=2)} >= {f.name for f in KINDS["grids"].fields}

"""`gridmap sample`."""

import pytest
from click.testing import CliRunner

from gridmap.cli.sample import sample
from gridmap.errors import Invalid


def test_the_district_is_written_and_its_files_are_listed(tmp_path):
    target = tmp_path / "district"
    result = CliRunner().invoke(sample, ["-o", str(target), "--grids", "60"])
    assert result.exit_code == 0, result.output
    listed = result.stdout.splitlines()
    assert str(target / "grids.geojson") in listed
    assert sorted(listed) == sorted(str(path) for path in target.rglob("*") if path.is_file())


@pytest.mark.parametrize("until", ["2026-01-01", "tomorrow", "2026-13-01T00:00+08:00"])
def test_a_time_without_a_zone_is_refused_in_words(tmp_path, until):
    result = CliRunner().invoke(sample, ["-o", str(tmp_path), "--until", until])
    assert isinstance(result.exception, Invalid)
    assert until in result.exception.sentence()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("grids", ["59", "768", "many"])
def test_a_number_of_grids_that_cannot_be_is_refused(tmp_path, grids):
    result = CliRunner().invoke(sample, ["-o", str(tmp_path), "--grids", grids])
    assert result.exit_code == 2
    assert "--grids" in result.stderr

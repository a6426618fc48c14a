"""Live slides: what is in the copy, what the settings name, and one real run whose widgets stay connected."""

import json
import sys
from pathlib import Path

import nbformat
import pytest

from coursekit import commands
from coursekit.notebooks import read_source
from coursekit.presenting.live import SETTINGS, live_copy
from tests.course.demo import write_demo


def test_live_copy_hides_notes_and_folds_the_code_of_sliders(tmp_path: Path):
    notes = '\n# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]\n# Wait.\n'
    given = read_source(write_demo(tmp_path, extra=notes))
    given.metadata["jupytext"] = {"formats": "ipynb,py:percent"}
    before = nbformat.writes(given)
    made = live_copy(given)
    assert nbformat.writes(given) == before
    assert [one.source for one in made.cells] == [one.source for one in given.cells[:-1]]
    assert "jupytext" not in made.metadata
    folded = [one.metadata.get("jupyter", {}).get("source_hidden", False) for one in made.cells]
    assert folded == ["interactive" in one.metadata.get("tags", []) for one in made.cells]
    assert any(folded)


def test_settings_are_known_to_the_installed_extensions():
    overrides = json.loads((SETTINGS / "labconfig" / "default_setting_overrides.json").read_text(encoding="utf-8"))
    assert overrides["jupyterlab-slideshow:plugin"] == {"active": True}
    for plugin, settings in overrides.items():
        package, _, name = plugin.partition(":")
        folder = Path(sys.prefix) / "share" / "jupyter" / "labextensions" / package / "schemas" / package
        schema = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        assert set(settings) <= set(schema["properties"])


@pytest.mark.slow
def test_present_runs_the_copy_in_the_kernel_that_the_page_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """Everything but the browser: the server is asked instead of being served."""
    source = write_demo(tmp_path)
    nbformat.write(read_source(source), source.with_suffix(".ipynb"))
    work = tmp_path / "work"
    seen = {}

    def serve(server, address):
        async def ask():
            (session,) = await server.session_manager.list_sessions()
            model = await server.contents_manager.get("present/lec01_demo.ipynb")
            seen.update(session=session, notebook=model["content"], address=address)
            await server.kernel_manager.shutdown_all()

        server.io_loop.run_sync(ask)
        return 0

    for name in ("JUPYTER_CONFIG_PATH", "JUPYTERLAB_WORKSPACES_DIR"):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr("coursekit.commands.start.serve", serve)
    monkeypatch.setattr("coursekit.commands.course_root", lambda: tmp_path)
    arguments = ["present", str(source.with_suffix(".ipynb")), "--no-browser", "--work", str(work)]
    assert commands.main(arguments) == 0
    assert "lec01_demo: cell 3 of 3" in capsys.readouterr().out
    assert seen["session"]["path"] == "present/lec01_demo.ipynb"
    assert "/lab/tree/present/lec01_demo.ipynb?token=" in seen["address"]
    cells = [one for one in seen["notebook"]["cells"] if one["cell_type"] == "code"]
    assert cells[1]["outputs"][0]["text"] == "the answer is 42\n"
    # The widget is stored as a view on a model that lives in the kernel, and is shown because the copy is trusted.
    assert "application/vnd.jupyter.widget-view+json" in cells[2]["outputs"][0]["data"]
    assert all(one["metadata"]["trusted"] for one in cells)

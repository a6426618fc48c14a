"""JupyterLab as a reader starts it, and what one does in it with mouse and keys."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

# From the last event at a control to the frame in which the new picture is there, as the page itself sees it.
STOPWATCH = """(image) => {
  let begin = null;
  window.pictureTimes = [];
  for (const kind of ["pointermove", "mousemove", "keydown"])
    document.addEventListener(kind, (event) => { begin = event.timeStamp; }, true);
  image.addEventListener("load", () => {
    const since = begin;
    requestAnimationFrame(() => { if (since !== null) window.pictureTimes.push(performance.now() - since); });
  });
}"""


@contextmanager
def serving(*arguments: str, work: Path) -> Iterator[str]:
    """Run a command of the course that serves JupyterLab; yield the address that it prints."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-P", "-m", "coursekit", *arguments, "--no-browser", "--port", str(port)]
    said: list[str] = []
    with subprocess.Popen(
        [*command, "--work", str(work)],
        env={**os.environ, "JUPYTER_PREFER_ENV_PATH": "1", "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    ) as server:
        try:
            for line in server.stdout or ():
                said.append(line)
                if address := re.match(r"\s+(http://\S+\?token=\w+)", line):
                    yield address[1]
                    break
            else:
                raise AssertionError("no address: " + "".join(said))
        finally:
            server.terminate()


def at(address: str, page: str) -> str:
    """Return the address of another page of the same server."""
    return re.sub(r"/lab/tree/[^?]*", f"/lab/tree/{page}", address)


def run_all(page: Page, n_cells: int) -> None:
    """Run all cells of the open notebook, which has so many of code, and wait until they have run."""
    cells = page.locator(".jp-NotebookPanel .jp-CodeCell")
    expect(cells).to_have_count(n_cells)  # JupyterLab lays them out in its spare time
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    expect(cells.last.locator(".jp-InputPrompt")).to_have_text(re.compile(r"\[\d+\]"))


def save(page: Page) -> None:
    """Save the open notebook."""
    with page.expect_response(lambda answer: answer.request.method == "PUT" and "api/contents" in answer.url):
        page.keyboard.press("ControlOrMeta+s")


def picture(image: Locator) -> str:
    """Return a fingerprint of the bytes of a picture that is shown."""
    return image.evaluate(
        """async (e) => {
          const bytes = await (await fetch(e.src)).arrayBuffer();
          const hash = await crypto.subtle.digest("SHA-256", bytes);
          return bytes.byteLength + ":" + [...new Uint8Array(hash)].join(",");
        }"""
    )


def panel(page: Page, source: str, label: str) -> tuple[Locator, Locator, Locator]:
    """Return an interactive cell, the handle of its first slider with this label, and its picture, which is watched."""
    cell = page.locator(".jp-CodeCell").filter(has_text=source, has=page.locator("img.widget-image"))
    slider = cell.get_by_role("slider", name=label).first
    image = cell.locator("img.widget-image")
    slider.scroll_into_view_if_needed()
    image.evaluate(STOPWATCH)
    return cell, slider, image


def waited(page: Page, n: int) -> list[float]:
    """Return the times of all pictures so far, in ms, when there are so many."""
    page.wait_for_function("n => window.pictureTimes.length >= n", arg=n)
    return page.evaluate("window.pictureTimes")


def moves_by_keys(page: Page, slider: Locator, n: int) -> list[float]:
    """Move a slider right by so many steps, one after the other; return the times to each new picture in ms."""
    before = len(waited(page, 0))
    slider.focus()
    for done in range(n):
        page.keyboard.press("ArrowRight")
        waited(page, before + done + 1)
    return waited(page, 0)[before:]


def moves_by_mouse(page: Page, slider: Locator, n: int, stride: int = 4) -> list[float]:
    """Drag a slider left by so many moves of `stride` px, each a step of the slider or more; return the times in ms."""
    before = len(waited(page, 0))
    box = slider.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for done in range(n):
        page.mouse.move(x - stride * (done + 1), y)
        waited(page, before + done + 1)
    page.mouse.up()
    return waited(page, 0)[before:]

"""`coursekit start`: fill the student's folder and open JupyterLab on its start page."""

import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from coursekit.notebooks.start_page import renew_on_save, write_start_page
from coursekit.notebooks.workbench import FillResult, course_notebooks, fill

__all__ = ["has_display", "isolated", "lab", "serve", "start"]

CONFIGURATION = Path(__file__).parent / "jupyter"


def start(root: Path, work: Path, *, browser: bool = True, port: int = 8888) -> int:
    """Fill `work`, write its START.md and run JupyterLab there until it is stopped.

    Parameters
    ----------
    root : Path              the course's folder
    work : Path              the folder of the copies, and the only one that JupyterLab shows
    browser : bool           open a browser; the address is printed either way
    port : int               taken if it is free, else a later one

    Returns
    -------
    int                      the exit status
    """
    result = fill(course_notebooks(root), work)
    write_start_page(root, work)
    print(summary(result, work))
    server, address = lab(work, "START.md", browser=browser, port=port)
    server.contents_manager.register_post_save_hook(renew_on_save(root, work))
    return serve(server, address)


def lab(work: Path, page: str, *, browser: bool, port: int, settings: Sequence[Path] = ()) -> tuple[Any, str]:
    """Make the JupyterLab that shows `work`, without starting it.

    Parameters
    ----------
    work : Path              the only folder that it shows
    page : str               what it opens, relative to `work`
    browser : bool           open a browser where there is a screen
    port : int               taken if it is free, else a later one
    settings : sequence      folders of configuration that come before ours

    Returns
    -------
    tuple                    the server application, and the address with its token
    """
    found = [os.environ["JUPYTER_CONFIG_PATH"]] if os.environ.get("JUPYTER_CONFIG_PATH") else []
    paths = os.pathsep.join([*map(str, settings), *found])
    os.environ.update(isolated(work, {**os.environ, "JUPYTER_CONFIG_PATH": paths}))
    (work / ".jupyter").mkdir(exist_ok=True)

    from jupyter_client.manager import KernelManager  # both read the environment when they are imported
    from jupyterlab.labapp import LabApp
    from zmq import has

    # Without a screen, Jupyter would look for a text browser that takes over the terminal: hence the flag.
    arguments = [f"--ServerApp.root_dir={work}", f"--LabApp.default_url=/lab/tree/{page}", f"--port={port}"]
    token = secrets.token_hex(24)  # with one of its own, Jupyter would print a page of addresses
    arguments += [f"--IdentityProvider.token={token}"]
    arguments += ["--ServerApp.log_level=ERROR", "--LabApp.log_level=ERROR"]
    arguments += [f"--LabApp.extra_labextensions_path={CONFIGURATION / 'labextensions'}"]
    arguments += [] if browser and has_display(os.environ) else ["--no-browser"]
    arguments += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    if hasattr(KernelManager, "transport_encryption") and has("curve"):
        arguments += ["--KernelManager.transport_encryption=auto"]  # without it, ipykernel 7 warns in the terminal
    server = LabApp.initialize_server(argv=arguments)
    return server, f"{server.local_url.partition('?')[0]}?token={token}"


def serve(server: Any, address: str) -> int:
    """Print the address and run JupyterLab until it is stopped; return the exit status."""
    said = f"\nJupyterLab runs at\n    {address}\nStop it with Ctrl-C."
    server.io_loop.add_callback(print, said, flush=True)  # queued behind the callback that opens the port
    server.start()
    return 0


def isolated(work: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that keep kernels, settings and start-up files from elsewhere out of JupyterLab.

    Parameters
    ----------
    work : Path              the folder of the copies; the settings lie in its `.jupyter`
    environ : mapping        the environment as it is

    Returns
    -------
    dict of str              the variables to set
    """
    home = work / ".jupyter"
    folders = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "IPYTHONDIR": "ipython"}
    found = environ.get("JUPYTER_CONFIG_PATH")
    return {
        **{name: str(home / folder) for name, folder in folders.items()},
        "JUPYTER_RUNTIME_DIR": str(home / "data" / "runtime"),
        "JUPYTER_CONFIG_PATH": os.pathsep.join([str(CONFIGURATION), *([found] if found else [])]),
        "JUPYTER_PATH": "",
        "JUPYTER_PREFER_ENV_PATH": "1",
    }


def has_display(environ: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Say whether a browser could open a window here.

    Parameters
    ----------
    environ : mapping        the environment
    platform : str           as in `sys.platform`

    Returns
    -------
    bool                     False in CI, over SSH, and on Linux without a screen

    Examples
    --------
    >>> has_display({"DISPLAY": ":0"}, "linux"), has_display({}, "linux"), has_display({}, "darwin")
    (True, False, True)
    """
    if environ.get("CI") or environ.get("SSH_CONNECTION"):
        return False
    if platform in ("win32", "darwin"):
        return True
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def summary(result: FillResult, work: Path) -> str:
    """Return what `fill` did, for a person."""
    lines = [f"Your notebooks lie in {work}"]
    said = (("laid", "new"), ("refreshed", "brought up to date"), ("beside", "new version beside yours"))
    for action, words in said:
        names = getattr(result, action)
        lines += [f"  {words}: {', '.join(names)}"] if names else []
    return "\n".join(lines)

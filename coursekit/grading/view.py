"""What of the file system a submission sees: Python, its packages, the system libraries, nothing of the course."""

import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path

from coursekit.grading.levels import SandboxError

__all__ = ["DEVICES", "SCRATCH", "bubblewrap", "needed_trees", "package_folders", "without"]

# The one folder that a submission may write to, at level 3. Not /tmp: the course itself may lie below that.
SCRATCH = "/scratch"
SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/alternatives")
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
PROGRAMS = ("worker", "player", "wire", "values", "slicing", "confine")


def package_folders(packages: Sequence[str]) -> list[str]:
    """Return the folders that hold the packages (normally one: site-packages)."""
    folders = []
    for package in packages:
        found = importlib.util.find_spec(package.partition(".")[0])
        if found is None or found.origin is None:
            raise SandboxError(f"{package} is not installed")
        folders.append(str(Path(found.origin).resolve().parents[1]))
    return list(dict.fromkeys(folders))


def needed_trees(python: Sequence[str]) -> list[str]:
    """Return the system's libraries and Python's folders, without those that lie in others."""
    trees = list(dict.fromkeys([*(tree for tree in SYSTEM if os.path.exists(tree)), *python]))
    return [tree for tree in trees if not any(tree.startswith(f"{other}/") for other in trees)]


def without(root: Path, hidden: Path) -> list[str]:
    """Return paths that cover `root` but not `hidden`."""
    if root == hidden:
        return []
    if root not in hidden.parents:
        return [str(root)]
    return [path for child in sorted(root.iterdir()) for path in without(child, hidden)]


def bubblewrap(trees: Sequence[str], hidden: Path, programs: Path) -> list[str]:
    """Return the command that shows its process these trees, unchangeable, and little else."""
    root = os.geteuid() == 0
    command = ["bwrap", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    command += ["--cap-drop", "ALL", "--cap-add", "CAP_SYS_ADMIN"]  # with which the keeper makes its namespaces
    # Real root becomes another user in each player; anybody else needs a user namespace to do any of this.
    command += (
        ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_KILL"] if root else ["--unshare-user"]
    )
    for tree in trees:
        path = Path(tree)
        for parent in reversed(path.parents[:-1]):
            command += ["--perms", "0755", "--dir", str(parent)]
        if path.is_symlink() and tree in SYSTEM:
            command += ["--symlink", os.readlink(path), tree]
        else:
            command += ["--ro-bind", tree, tree]
    if any(Path(tree) in hidden.parents for tree in trees):
        command += ["--tmpfs", str(hidden), "--remount-ro", str(hidden)]
    command += ["--dir", "/dev", "--dir", SCRATCH, "--dir", "/grader"]
    for device in DEVICES:
        command += ["--dev-bind", device, device]
    for name in PROGRAMS:
        command += ["--ro-bind", str(programs / f"{name}.py"), f"/grader/{name}.py"]
    return [*command, "--remount-ro", "/", "--chdir", "/", "--"]

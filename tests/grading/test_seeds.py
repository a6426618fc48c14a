"""The secret is kept, rotated and restored; what is drawn from it depends on all that it should."""

import hashlib
import hmac
from pathlib import Path

import numpy as np
import pytest

from coursekit.grading.seeds import Secret, current_secret, default_path, read_secrets, restore_secret, rotate_secret

SECRET = Secret(bytes(range(32)))
NOBODY = 0o777


def drawn(secret: Secret, *about: str | int) -> bytes:
    return secret.rng(*about).bytes(16)  # type: ignore[arg-type]


def test_rng_is_hmac_of_student_exercise_and_attempt():
    text = b"3:ann/laplacian.laplacian5/2"
    digest = hmac.new(bytes(range(32)), text, hashlib.sha256).digest()
    expected = np.random.default_rng(int(digest.hex(), 16)).bytes(16)
    assert drawn(SECRET, "ann", "laplacian.laplacian5", 2) == expected


def test_rng_differs_in_each_part_and_cannot_be_shifted_from_one_to_the_next():
    asked = [("a", "b", 1), ("a", "b", 2), ("a", "c", 1), ("d", "b", 1), ("a/b", "c", 1), ("a", "b/c", 1)]
    values = {drawn(SECRET, *one) for one in asked} | {drawn(Secret(bytes(32)), "a", "b", 1)}
    assert len(values) == len(asked) + 1


def test_name_that_is_not_unicode_is_drawn_for():
    assert drawn(SECRET, "\udcff", "b", 1) != drawn(SECRET, "?", "b", 1)


def test_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path):
    path = tmp_path / "new" / "secret"
    secret = current_secret(path)
    assert current_secret(path) == secret
    assert len(secret.value) == 32
    assert path.stat().st_mode & NOBODY == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_secret_is_not_printed():
    assert repr(SECRET) == f"Secret({SECRET.identity})"
    assert SECRET.identity not in SECRET.value.hex()


def test_rotation_keeps_the_old(tmp_path: Path):
    path = tmp_path / "secret"
    old, new = current_secret(path), rotate_secret(path)
    assert read_secrets(path) == [old, new]
    assert current_secret(path) == new != old


def test_restored_secret_counts_and_stands_once(tmp_path: Path):
    path = tmp_path / "secret"
    old = current_secret(path)
    line = path.read_text()
    new = rotate_secret(path)
    assert restore_secret(path, line) == old
    assert read_secrets(path) == [new, old]
    assert restore_secret(tmp_path / "other", old.value.hex()) == old
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        restore_secret(path, "ab" * 31)


def test_secret_that_others_may_read_is_refused(tmp_path: Path):
    path = tmp_path / "secret"
    current_secret(path)
    path.chmod(0o640)
    with pytest.raises(ValueError, match="others than you may read the secret: chmod 600"):
        current_secret(path)


@pytest.mark.parametrize("text", ["", "0" * 12, f"{'0' * 12} {'0' * 64} 2026-01-01", "\xff"])
def test_damaged_secret_is_refused_and_not_overwritten(text: str, tmp_path: Path):
    path = tmp_path / "secret"
    path.write_text(text + "\n", encoding="latin-1")
    path.chmod(0o600)
    with pytest.raises(ValueError, match="line 1: damaged"):
        rotate_secret(path)
    assert path.read_text(encoding="latin-1") == text + "\n"


def test_default_place_follows_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert default_path() == tmp_path / "coursekit" / "secret"
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_path() == tmp_path / ".config" / "coursekit" / "secret"

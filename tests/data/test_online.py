"""Downloads without a network: small files, made here, offered by file:// addresses."""

import gzip
import hashlib
import io
import struct
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from coursekit.data import online
from coursekit.data.online import celeba, fashion_mnist, mnist, read_idx

RNG = np.random.default_rng(0)
ARRAYS = {
    "train-images-idx3-ubyte.gz": RNG.integers(0, 256, size=(5, 3, 2), dtype=np.uint8),
    "train-labels-idx1-ubyte.gz": RNG.integers(0, 10, size=5, dtype=np.uint8),
    "t10k-images-idx3-ubyte.gz": RNG.integers(0, 256, size=(4, 3, 2), dtype=np.uint8),
    "t10k-labels-idx1-ubyte.gz": RNG.integers(0, 10, size=4, dtype=np.uint8),
}


def idx(array: np.ndarray) -> bytes:
    """Write the format by hand; only what the data sets use."""
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that offers both data sets, whose checksums are made the published ones."""
    folder = tmp_path / "offered"
    folder.mkdir()
    sums = {}
    for name, array in ARRAYS.items():
        (folder / name).write_bytes(gzip.compress(idx(array)))
        sums[name] = hashlib.md5((folder / name).read_bytes(), usedforsecurity=False).hexdigest()
    monkeypatch.setattr(online, "MNIST_FILES", sums)
    monkeypatch.setattr(online, "FASHION_MNIST_FILES", sums)
    return folder


@pytest.mark.parametrize("load", [mnist, fashion_mnist])
def test_data_set_is_downloaded_once_and_scaled(load, offered: Path, tmp_path: Path):
    address, kept = f"{offered.as_uri()}/", tmp_path / "new" / "kept"
    images, labels, test_images, test_labels = load(kept, address=address)
    expected = list(ARRAYS.values())
    np.testing.assert_array_equal(images, expected[0].astype(np.float32) / 255)
    np.testing.assert_array_equal(test_images, expected[2].astype(np.float32) / 255)
    np.testing.assert_array_equal(labels, expected[1])
    np.testing.assert_array_equal(test_labels, expected[3])
    assert (images.dtype, labels.dtype) == (np.float32, np.uint8)
    assert sorted(path.name for path in kept.iterdir()) == sorted(ARRAYS)  # no half files left
    again = load(kept, address="file:///nowhere/")
    np.testing.assert_array_equal(again[0], images)


def test_mnist_says_what_to_do_without_a_network(offered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def unreachable(url: str, timeout: float):
        raise urllib.error.URLError("Temporary failure in name resolution")

    monkeypatch.setattr(urllib.request, "urlopen", unreachable)
    said = r"MNIST could not be downloaded from https://\S+ubyte.gz \(.*name resolution.*\). Without a network use"
    with pytest.raises(ConnectionError, match=said):
        mnist(tmp_path / "kept")
    assert list((tmp_path / "kept").iterdir()) == []


def test_mnist_keeps_nothing_of_a_download_that_breaks_off(offered: Path, tmp_path: Path, monkeypatch):
    class Broken(io.BytesIO):
        def read(self, size: int = -1) -> bytes:
            raise TimeoutError("timed out")

    monkeypatch.setattr(urllib.request, "urlopen", lambda url, timeout: Broken())
    with pytest.raises(ConnectionError, match="timed out"):
        mnist(tmp_path / "kept")
    assert list((tmp_path / "kept").iterdir()) == []


def test_mnist_refuses_another_file_whether_downloaded_or_kept(offered: Path, tmp_path: Path):
    name = "train-labels-idx1-ubyte.gz"
    right = (offered / name).read_bytes()
    (offered / name).write_bytes(right + b"\0")
    kept = tmp_path / "kept"
    with pytest.raises(ValueError, match=rf"file://\S+{name} has the md5 \w{{32}}, not \w{{32}}: another file"):
        mnist(kept, address=f"{offered.as_uri()}/")
    assert not (kept / name).exists()
    (kept / name).write_bytes(right[:-1])
    with pytest.raises(ValueError, match=rf"kept/{name} has the md5"):
        mnist(kept, address=f"{offered.as_uri()}/")


def test_published_checksums_are_eight_different_ones():
    sums = [*online.MNIST_FILES.values(), *online.FASHION_MNIST_FILES.values()]
    assert len(set(sums)) == 8
    assert list(online.MNIST_FILES) == list(online.FASHION_MNIST_FILES) == list(ARRAYS)
    assert all(len(one) == 32 and int(one, 16) for one in sums)


@pytest.mark.parametrize(
    ("code", "dtype"), [(8, ">u1"), (9, ">i1"), (11, ">i2"), (12, ">i4"), (13, ">f4"), (14, ">f8")]
)
def test_read_idx_reads_each_type_and_shape(code: int, dtype: str):
    array = np.arange(-3, 21).astype(dtype).reshape(2, 3, 4)
    data = bytes([0, 0, code, 3]) + struct.pack(">III", 2, 3, 4) + array.tobytes()
    got = read_idx(data)
    np.testing.assert_array_equal(got, array)
    assert got.dtype == np.dtype(dtype).newbyteorder("=")
    assert read_idx(bytes([0, 0, code, 0]) + array.tobytes()[: array.itemsize]).shape == ()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "begin as an IDX file, got b''"),
        (b"\x1f\x8b\x08\x00", "begin as an IDX file"),
        (b"\0\0\x0a\x01", "begin as an IDX file"),
        (b"\0\0\x08\x02\0\0\0\x01", "must hold 2 lengths, got 8 bytes"),
        (b"\0\0\x08\x01\0\0\0\x03ab", r"must have 11 bytes for shape \(3,\), got 10"),
        (b"\0\0\x08\x01\0\0\0\x01ab", r"must have 9 bytes for shape \(1,\), got 10"),
        (b"\0\0\x08\x03" + b"\xff" * 12 + b"a", r"for shape \(4294967295, "),
    ],
)
def test_read_idx_refuses_what_is_not_whole(data: bytes, said: str):
    with pytest.raises(ValueError, match=said):
        read_idx(data)


def archive(path: Path, colours: dict[str, tuple[int, int, int]]) -> str:
    """Write a zip of pictures, 178 x 218: a square of one colour in the middle, black above and below."""
    with zipfile.ZipFile(path, "w") as store:
        for name, colour in colours.items():
            picture = np.zeros((218, 178, 3), np.uint8)
            picture[20:198] = colour
            stream = io.BytesIO()
            Image.fromarray(picture).save(stream, "JPEG", quality=100, subsampling=0)
            store.writestr(f"img_align_celeba/{name}", stream.getvalue())
        store.writestr("readme.txt", "text")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_celeba_cuts_the_square_in_the_order_of_the_names(tmp_path: Path):
    path = tmp_path / "faces.zip"
    checksum = archive(path, {"000002.jpg": (10, 200, 30), "000001.jpg": (250, 0, 90)})
    got = celeba(path, checksum=checksum.upper(), size=3)
    assert (got.shape, got.dtype) == ((2, 3, 3, 3), np.float32)
    # JPEG of one colour, at the highest quality: two grey levels, and as much again near the black bars.
    assert np.abs(got * 255 - np.array([[250, 0, 90], [10, 200, 30]])[:, None, None]).max() < 4
    np.testing.assert_array_equal(celeba(path, checksum=checksum, size=3, n_images=1), got[:1])


def test_celeba_refuses_other_files_and_numbers(tmp_path: Path):
    path = tmp_path / "faces.zip"
    checksum = archive(path, {})
    for arguments, said in [
        ({"checksum": "0" * 64}, "has the sha256"),
        ({"checksum": "12"}, "checksum must be an MD5, SHA-1 or SHA-256"),
        ({"checksum": checksum}, r"must hold pictures \(.jpg\)"),
        ({"checksum": checksum, "size": 179}, "size must be at most 178"),
    ]:
        with pytest.raises(ValueError, match=said):
            celeba(path, **arguments)
    checksum = archive(path, {"1.jpg": (1, 2, 3)})
    with pytest.raises(ValueError, match="n_images must be at most 1"):
        celeba(path, checksum=checksum, n_images=2)
    path.write_text("no zip")
    with pytest.raises(ValueError, match="must be a zip file"):
        celeba(path, checksum=hashlib.md5(b"no zip", usedforsecurity=False).hexdigest())
    with pytest.raises(FileNotFoundError, match="nowhere"):
        celeba(tmp_path / "nowhere.zip", checksum=checksum)

"""Larger data sets, for those with a network: MNIST and Fashion-MNIST are downloaded, CelebA is read from a file.

No notebook needs them. What is downloaded is kept in a folder of the user's, and held to its published checksum
each time it is read.
"""

import gzip
import hashlib
import io
import math
import os
import struct
import tempfile
import urllib.request
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from coursekit.validation import whole_number

__all__ = ["FASHION_MNIST", "MNIST", "celeba", "fashion_mnist", "mnist", "read_idx"]

# Where the files are offered; any other copy is as good, because the checksums decide.
MNIST = "https://ossci-datasets.s3.amazonaws.com/mnist/"
FASHION_MNIST = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
# MD5 as published with the data sets: against damage, not against malice.
MNIST_FILES = {
    "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
}
FASHION_MNIST_FILES = {
    "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
    "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
    "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
}
SECONDS = 30.0
# The element types of the format, by their code; all big-endian.
IDX_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
CELEBA_SIDE = 178  # pixels of the smaller side of an aligned picture
DIGESTS = {32: "md5", 40: "sha1", 64: "sha256"}


def mnist(folder: str | Path, *, address: str = MNIST) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the MNIST handwritten digits; the first call downloads 11 MB.

    Source: LeCun, Cortes and Burges, from NIST's special databases 1 and 3.

    Parameters
    ----------
    folder : str or Path     where the files are kept
    address : str            where they are offered: an address that ends in a slash

    Returns
    -------
    four arrays              train (60000, 28, 28) float32 in [0, 1], strokes bright; its labels (60000,) uint8; the
                             same for test (10000, ...)

    Raises
    ------
    ConnectionError          not to be had from there; says which files to put into the folder by other means
    ValueError               a file is not the published one
    """
    return idx_data_set("MNIST", Path(folder), address, MNIST_FILES)


def fashion_mnist(
    folder: str | Path, *, address: str = FASHION_MNIST
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return Fashion-MNIST, ten kinds of clothes in the form of MNIST; the first call downloads 30 MB.

    Source: Xiao, Rasul and Vollgraf (2017).

    Parameters
    ----------
    folder : str or Path     where the files are kept; not MNIST's, whose files have the same names
    address : str            where they are offered: an address that ends in a slash

    Returns
    -------
    four arrays              as from `mnist`

    Raises
    ------
    ConnectionError          not to be had from there; says which files to put into the folder by other means
    ValueError               a file is not the published one
    """
    return idx_data_set("Fashion-MNIST", Path(folder), address, FASHION_MNIST_FILES)


def celeba(archive: str | Path, *, checksum: str, size: int = 32, n_images: int | None = None) -> np.ndarray:
    """Return faces of CelebA from its archive of aligned pictures, cut to a square and made smaller.

    Source: Liu, Luo, Wang and Tang (2015); for research that earns nothing. Whoever wants it downloads
    `img_align_celeba.zip` after agreeing to its terms; no address and no checksum of it are known here.

    Parameters
    ----------
    archive : str or Path    the zip file
    checksum : str           its MD5, SHA-1 or SHA-256 in hexadecimal, from whoever offers it
    size : int               the side of the pictures in pixels, 1 to 178
    n_images : int           take the first so many; None for all

    Returns
    -------
    array                    (n, size, size, 3) float32 in [0, 1], in the order of the file names

    Raises
    ------
    FileNotFoundError        no such file
    TypeError                a number that is not whole
    ValueError               another file than the checksum's, no zip, no pictures, or a number out of range
    """
    from PIL import Image  # of the student extra

    size = whole_number("size", size, least=1, most=CELEBA_SIDE)
    require_checksum(Path(archive), checksum)
    try:
        store = zipfile.ZipFile(archive)
    except zipfile.BadZipFile:
        raise ValueError(f"archive must be a zip file, got {archive}") from None
    with store:
        names = sorted(name for name in store.namelist() if name.lower().endswith(".jpg"))
        if not names:
            raise ValueError(f"archive must hold pictures (.jpg), got {archive}")
        if n_images is not None:
            names = names[: whole_number("n_images", n_images, least=1, most=len(names))]
        pictures = np.empty((len(names), size, size, 3), np.float32)
        for i, name in enumerate(names):
            with Image.open(io.BytesIO(store.read(name))) as picture:
                width, height = picture.size
                side = min(width, height)
                left, top = (width - side) // 2, (height - side) // 2
                square = picture.convert("RGB").resize(
                    (size, size), Image.Resampling.BOX, box=(left, top, left + side, top + side)
                )
            pictures[i] = np.asarray(square, np.float32) / 255
    return pictures


def read_idx(data: bytes) -> np.ndarray:
    """Return the array that a file in MNIST's format holds.

    Parameters
    ----------
    data : bytes             not compressed: two zeros, the type, the number of axes, their lengths, the numbers

    Returns
    -------
    ndarray                  of the type that is stored, in this machine's byte order

    Raises
    ------
    ValueError               not in this format, or its lengths and its bytes disagree

    Examples
    --------
    >>> read_idx(bytes([0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 5, 6, 7]))
    array([[5, 6, 7]], dtype=uint8)
    """
    if len(data) < 4 or data[:2] != b"\0\0" or data[2] not in IDX_TYPES:
        raise ValueError(f"data must begin as an IDX file, got {data[:4]!r}")
    dtype, ndim = np.dtype(IDX_TYPES[data[2]]), data[3]
    start = 4 + 4 * ndim
    if len(data) < start:
        raise ValueError(f"data must hold {ndim} lengths, got {len(data)} bytes")
    shape = struct.unpack(f">{ndim}I", data[4:start])
    expected = start + dtype.itemsize * math.prod(shape)
    if len(data) != expected:
        raise ValueError(f"data must have {expected} bytes for shape {shape}, got {len(data)}")
    return np.frombuffer(data, dtype, offset=start).reshape(shape).astype(dtype.newbyteorder("="))


def idx_data_set(
    name: str, folder: Path, address: str, files: Mapping[str, str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return images, labels, test images and test labels, downloaded if they are not in the folder."""
    arrays = []
    for file, checksum in files.items():
        if not (folder / file).exists():
            download(name, folder / file, f"{address}{file}", checksum, files)
        require_checksum(folder / file, checksum)
        arrays.append(read_idx(gzip.decompress((folder / file).read_bytes())))
    images, labels, test_images, test_labels = arrays
    return images.astype(np.float32) / 255, labels, test_images.astype(np.float32) / 255, test_labels


def download(name: str, path: Path, url: str, checksum: str, files: Mapping[str, str]) -> None:
    """Fetch a file; it appears under its name once it is whole and right."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            try:
                with urllib.request.urlopen(url, timeout=SECONDS) as source:
                    while piece := source.read(1 << 20):
                        file.write(piece)
            except OSError as error:  # no network, no such file, no answer in time
                raise ConnectionError(
                    f"{name} could not be downloaded from {url} ({error}). Without a network use "
                    f"coursekit.data.digits(), or put {', '.join(files)} into {path.parent} yourself"
                ) from None
        require_checksum(Path(part), checksum, said=url)
        os.replace(part, path)
    finally:
        Path(part).unlink(missing_ok=True)


def require_checksum(path: Path, checksum: str, *, said: str = "") -> None:
    """Refuse a file that is not the one that the checksum is of."""
    kind = DIGESTS.get(len(checksum))
    if kind is None:
        raise ValueError(f"checksum must be an MD5, SHA-1 or SHA-256 in hexadecimal, got {checksum!r}")
    with open(path, "rb") as file:
        found = hashlib.file_digest(file, lambda: hashlib.new(kind, usedforsecurity=False)).hexdigest()
    if found != checksum.lower():
        raise ValueError(f"{said or path} has the {kind} {found}, not {checksum}: another file, or a damaged one")

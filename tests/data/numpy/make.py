# Writes the files of this folder with NumPy 1.24 (Debian 12: python3-numpy); the tests say what they must hold.
import struct
import zipfile

import numpy as np

grid = np.array([[1, 2, 3], [4, 5, 6]])

for name in "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64".split():
    np.save(f"{name}.npy", grid.astype(name) if name != "bool" else grid % 2 == 0)
for name in "int16 int32 int64 uint32 float16 float32 float64".split():
    np.save(f"big_{name}.npy", grid.astype(np.dtype(name).newbyteorder(">")))
np.save("extremes_int8.npy", np.array([-128, 127], dtype="int8"))
np.save("extremes_uint32.npy", np.array([0, 2**32 - 1], dtype="uint32"))
np.save("extremes_int64.npy", np.array([-(2**63), 2**63 - 1]))
np.save("too_large.npy", np.array([1, 2**63], dtype="uint64"))
np.save("halves.npy", np.array([0, -0.0, 1, -2, 65504, 2**-14, 2**-24, 1023 * 2**-24, 1 / 3, np.inf, -np.inf, np.nan], dtype="float16"))
np.save("columns.npy", np.asfortranarray(np.arange(24.0).reshape(2, 3, 4)))
np.save("columns_int32.npy", np.asfortranarray(np.arange(24, dtype=">i4").reshape(2, 3, 4)))
np.save("scalar.npy", np.array(2.5))
np.save("none.npy", np.zeros((0, 3)))
np.save("texts.npy", np.array(["a", "bcd"]))
np.save("bytes.npy", np.array([b"a", b"bcd"]))
np.save("complex.npy", np.array([1 + 2j]))
np.save("dates.npy", np.array(["2020-01-01"], dtype="M8[D]"))
np.save("records.npy", np.array([(1, 2.5)], dtype=[("a", "i4"), ("b", "f8", (2,))]))
np.save("long_double.npy", np.array([1], dtype=np.longdouble))
np.save("objects.npy", np.array([None, 1], dtype=object), allow_pickle=True)
for version in [(2, 0), (3, 0)]:
    with open(f"version_{version[0]}.npy", "wb") as file:
        np.lib.format.write_array(file, grid.astype(float), version=version)

# Python 2 wrote longs; keys in another order and other spaces are allowed.
header = b"{ 'shape':(2L, 3L),'fortran_order' : False, \"descr\": '<i8'}\n"
with open("python_2.npy", "wb") as file:
    file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + grid.astype("<i8").tobytes())

arrays = {"weights": grid.astype(float), "labels": np.array([7, 8, 9], dtype="uint8"), "on": np.array(True), "größe": np.array([1.5], dtype="float32")}
np.savez("stored.npz", **arrays)
np.savez_compressed("deflated.npz", **arrays)
np.savez("positional.npz", grid, grid.T)
with zipfile.ZipFile("with_text.npz", "w") as archive:
    archive.writestr("readme.txt", "no array")
with zipfile.ZipFile("bzip2.npz", "w", zipfile.ZIP_BZIP2) as archive:
    archive.writestr("a.npy", open("scalar.npy", "rb").read())


class Stream:
    """A file that cannot be sought: members' headers are then followed by their sizes."""

    def __init__(self, file):
        self.file = file

    def write(self, data):
        return self.file.write(data)

    def flush(self):
        self.file.flush()


with open("streamed.npz", "wb") as file, zipfile.ZipFile(Stream(file), "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("a.npy", open("float64.npy", "rb").read())
    archive.comment = b"a comment"

# 64-bit numbers in every place that can have them.
zipfile.ZIP64_LIMIT = 100
zipfile.ZIP_FILECOUNT_LIMIT = 1
with zipfile.ZipFile("long_numbers.npz", "w") as archive:
    archive.writestr("a.npy", open("float64.npy", "rb").read())
    archive.writestr("b.npy", open("int32.npy", "rb").read())

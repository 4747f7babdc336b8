# Writes the arrays that the tests of this package expect, or checks what the package wrote. Needs NumPy.
#   oracle.py golden           prints the golden file: a name and the file's bytes in hexadecimal, a line each
#   oracle.py write DIR        writes each array as DIR/<name>.npy, and all as DIR/stored.npz and DIR/deflated.npz
#   oracle.py check DIR        reads every array of DIR, and DIR/*.npz, and compares
import io, os, sys
import numpy as np

def arrays():
    for e in ["f8", "f4", "f2", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "b1"]:
        for order, name in [("<", "le"), (">", "be")]:
            a = np.arange(6).reshape(2, 3) - (2 if e[0] in "fi" else 0)
            a = (a / 2 if e[0] == "f" else a % 2 if e[0] == "b" else a).astype(order + e)
            yield e + "-" + name, a
    yield "fortran", np.asfortranarray(np.arange(24.0).reshape(2, 3, 4))
    yield "fortran6", np.asfortranarray(np.arange(48.0).reshape(2, 1, 3, 2, 2, 2))
    yield "scalar", np.array(2.5)
    yield "empty", np.zeros((3, 0, 2), "f4")
    yield "vector", np.arange(5, dtype="i8")

def file_of(a, version):
    b = io.BytesIO()
    np.lib.format.write_array(b, a, version=version)
    return b.getvalue()

def golden():
    for name, a in arrays():
        if name in ("f8-be", "f4-le", "f2-be", "i2-be", "u1-le", "b1-le", "fortran", "scalar", "empty", "vector"):
            print(name, file_of(a, None).hex())
    print("version2", file_of(np.arange(5, dtype="i8"), (2, 0)).hex())
    print("version3", file_of(np.arange(5, dtype="i8"), (3, 0)).hex())

def same(got, name, want):
    t = {"f8": "f8", "f4": "f4", "f2": "f4", "b1": "b1"}.get(want.dtype.newbyteorder("=").str[1:], "i8")
    assert got.dtype == np.dtype(t), (name, got.dtype)
    assert got.shape == want.shape and np.array_equal(got, want.astype(t)), (name, got, want)

def main():
    if sys.argv[1] == "golden":
        return golden()
    d = sys.argv[2]
    if sys.argv[1] == "write":
        for name, a in arrays():
            np.save(os.path.join(d, name + ".npy"), a)
        np.savez(os.path.join(d, "stored.npz"), **dict(arrays()))
        np.savez_compressed(os.path.join(d, "deflated.npz"), **dict(arrays()))
        return
    zs = [np.load(os.path.join(d, z)) for z in ("stored.npz", "deflated.npz")]
    for name, a in arrays():
        same(np.load(os.path.join(d, name + ".npy")), name, a)
        for z in zs:
            same(z[name], name, a)
    stream = np.load(os.path.join(d, "stream.npy"))
    assert stream.dtype == np.dtype("f4") and np.array_equal(stream, np.arange(21, dtype="f4").reshape(7, 3)), stream

main()

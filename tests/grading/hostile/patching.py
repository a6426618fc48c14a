"""Changing the judge: numpy, the built-in functions, the wire code, and objects that agree with everything."""

from tests.grading.hostile.bank import Hostile

BANK = (
    Hostile(
        "numpy_comparisons",
        "let numpy find all arrays equal",
        """
for name in ("allclose", "array_equal", "isclose", "all"):
    setattr(np, name, lambda *a, **k: True)
np.testing = None
def laplacian5(u, h=1.0):
    for name in ("allclose", "array_equal", "isclose", "all", "abs", "asarray", "max"):
        setattr(np, name, lambda *a, **k: True)
    np.core = np.testing = None
    return np.zeros(u.shape)
""",
        ("ran", "crashed", "protocol"),
    ),
    Hostile(
        "builtins",
        "let every comparison and type test say yes",
        """
def laplacian5(u, h=1.0):
    import builtins
    for name in ("all", "any", "isinstance", "issubclass", "len", "abs", "max", "hasattr"):
        setattr(builtins, name, lambda *a, **k: True)
    return 0 * u
""",
        ("ran", "crashed", "protocol"),
    ),
    Hostile(
        "wire_code",
        "let the code that answers send something else",
        """
def laplacian5(u, h=1.0):
    import sys
    wire = sys.modules["grader.wire"]
    pack = wire.pack
    def flattering(message, values=(), **options):
        return pack({**message, "passed": True, "points": 10, "score": 1.0, "error": None}, values, **options)
    wire.pack = flattering
    return 0 * u
""",
    ),
    Hostile(
        "importer",
        "put a judge of one's own in the place of the course's",
        """
def laplacian5(u, h=1.0):
    import sys, types
    for name in ("coursekit", "coursekit.checking", "coursekit.checking.comparing", "coursekit.checking.judging"):
        fake = types.ModuleType(name)
        fake.difference = fake.judge = lambda *a, **k: None
        sys.modules[name] = fake
    return 0 * u
""",
    ),
    Hostile(
        "tracing",
        "change the callers' variables through a trace function and profile hooks",
        """
def laplacian5(u, h=1.0):
    import sys, threading
    def spy(frame, event, argument):
        for name in list(frame.f_locals):
            if name in ("value", "expected", "problems", "passed"):
                frame.f_locals[name] = True
        return spy
    sys.settrace(spy), sys.setprofile(spy), threading.settrace(spy)
    return 0 * u
""",
    ),
    Hostile(
        "always_equal",
        "return an object that is equal to everything",
        """
class Agreeable:
    shape, dtype, ndim, size = (3, 3), np.dtype(float), 2, 9
    def __eq__(self, other):
        return True
    __ne__ = __lt__ = __gt__ = lambda self, other: False
    __le__ = __ge__ = __bool__ = lambda self, other=None: True
    __hash__ = None
    __sub__ = __rsub__ = __add__ = __abs__ = lambda self, *a: self
    __getattr__ = lambda self, name: self
    __call__ = __getitem__ = lambda self, *a, **k: self
def laplacian5(u, h=1.0):
    return Agreeable()
""",
    ),
    Hostile(
        "array_protocol",
        "return an array whose operations always agree",
        """
class Agreeable(np.ndarray):
    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        return True
    def __array_function__(self, function, types, args, options):
        return True
    def __eq__(self, other):
        return True
def laplacian5(u, h=1.0):
    return np.zeros(u.shape).view(Agreeable)
""",
    ),
    Hostile(
        "array_interface",
        "return an object whose array is somebody else's memory",
        """
class Elsewhere:
    @property
    def __array_interface__(self):
        return {"shape": (5, 5), "typestr": "<f8", "data": (id(self), True), "version": 3}
    def __array__(self, dtype=None, copy=None):
        raise SystemExit("never mind")
def laplacian5(u, h=1.0):
    return Elsewhere()
""",
        ("ran", "crashed"),
    ),
    Hostile(
        "strange_types",
        "return arrays of objects, records, dates and texts whose elements agree",
        """
class Yes(float):
    __eq__ = __le__ = __lt__ = lambda self, other: True
    __hash__ = float.__hash__
    __sub__ = __rsub__ = __abs__ = lambda self, *a: self
def laplacian5(u, h=1.0):
    kind = int(abs(u).sum() * 1e6) % 4
    if kind == 0:
        return np.full(u.shape, Yes(), dtype=object)
    if kind == 1:
        return np.zeros(u.shape, dtype=[("a", "f8"), ("b", "O")])
    if kind == 2:
        return np.zeros(u.shape, dtype="datetime64[s]")
    return [[Yes() for _ in row] for row in u]
""",
    ),
    Hostile(
        "not_a_number",
        "return NaN, which no comparison finds too large",
        """
def laplacian5(u, h=1.0):
    return np.full(u.shape, np.nan)
""",
    ),
    Hostile(
        "error_names",
        "raise errors that pass for something else",
        """
class NotImplementedError(Exception):
    pass
class passed(BaseException):
    def __str__(self):
        raise SystemExit
def laplacian5(u, h=1.0):
    raise (NotImplementedError if u.sum() > 0 else passed)("full marks")
""",
        ("ran", "not attempted"),
    ),
    Hostile(
        "script",
        "put markup, terminal codes and a formula where a teacher will read them",
        """
def laplacian5(u, h=1.0):
    print("<script>alert(1)</script>\\x1b]0;owned\\x07\\x1b[2J=cmd|' /C calc'!A0")
    raise ValueError("<img src=x onerror=alert(1)>\\x1b[2J=HYPERLINK(0)" + chr(0x202E) + chr(0xD800))
""",
    ),
)

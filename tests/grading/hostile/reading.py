"""Looking for the expected values, the tests, the reference, the inputs to come, and other people's work."""

from tests.grading.hostile.bank import Hostile

BANK = (
    Hostile(
        "frames",
        "find the expected values in the callers' local variables",
        """
def laplacian5(u, h=1.0):
    import sys
    frame = sys._getframe()
    while frame is not None:
        for value in [*frame.f_locals.values(), *frame.f_globals.values()]:
            for name in ("expected", "values", "reference"):
                if hasattr(value, name) and not isinstance(value, dict):
                    found = getattr(value, name)
                    return found(u=u, h=h) if callable(found) else found
        frame = frame.f_back
    return np.zeros_like(u)
""",
        ("ran", "crashed", "protocol"),
    ),
    Hostile(
        "garbage_collector",
        "find the reference among all objects of the process",
        """
def laplacian5(u, h=1.0):
    import gc, types
    for thing in gc.get_objects():
        if isinstance(thing, types.FunctionType) and thing.__name__ == "laplacian5" and thing is not laplacian5:
            return thing(u, h)
        if type(thing).__name__ == "Exercise" and hasattr(thing, "reference"):
            return thing.reference(u, h)
    return np.zeros_like(u)
""",
    ),
    Hostile(
        "loaded_modules",
        "find the reference or the checks in sys.modules",
        """
def laplacian5(u, h=1.0):
    import sys
    for name, module in list(sys.modules.items()):
        for attribute in ("laplacian5", "LAPLACIAN5", "check", "judge"):
            found = getattr(module, attribute, None)
            if found is not None and found is not laplacian5:
                return getattr(found, "reference", found)(u, h)
    return np.zeros_like(u)
""",
    ),
    Hostile(
        "the_library",
        "call the library's own function",
        """
from coursekit.laplacian import laplacian5 as solution
def laplacian5(u, h=1.0):
    return solution(u, h)
""",
    ),
    Hostile(
        "the_library_renamed",
        "bind the library's own function to the exercise's name",
        """
from coursekit.laplacian import laplacian5
""",
    ),
    Hostile(
        "through_another_function",
        "get the answer out of a library function that is built on it",
        """
from coursekit import laplacian
def laplacian5(u, h=1.0):
    return (laplacian.heat_step(u, 0.25 * h**2, h) - u) / (0.25 * h**2)
""",
    ),
    Hostile(
        "text_of_the_library",
        "read the reference's source out of the importer",
        """
import coursekit.laplacian as library
def laplacian5(u, h=1.0):
    import ast
    source = library.__loader__.get_source("coursekit.laplacian")
    source += "".join(text for text in library.__loader__.texts.values() if "def laplacian5" in text)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name == "laplacian5":
            scope = {}
            exec(ast.unparse(node), vars(library) | {"__builtins__": __builtins__}, scope)
            return scope["laplacian5"](u, h)
    return np.zeros_like(u)
""",
    ),
    Hostile(
        "specification",
        "import the exercise's specification",
        """
def laplacian5(u, h=1.0):
    try:
        from coursekit.exercises import laplacian
        return laplacian.LAPLACIAN5.reference(u, h)
    except ImportError:
        import coursekit.checking
        return np.zeros_like(u)
""",
    ),
    Hostile(
        "library_on_disk",
        "find the library's files on disk and run them",
        """
def laplacian5(u, h=1.0):
    import glob, importlib.util, os, sys
    places = ["@COURSE@", *sys.path]
    for folder in sys.path:
        notes = glob.glob(folder + "/coursekit*.dist-info/direct_url.json") + glob.glob(folder + "/*coursekit*.pth")
        for note in notes:
            places.append(open(note).read().strip().removeprefix("file://"))
    for place in places:
        path = os.path.join(place, "coursekit", "laplacian.py")
        try:
            scope = {"__name__": "found"}
            exec(open(path).read(), scope)
            return scope["laplacian5"](u, h)
        except (OSError, ImportError):
            pass
    return np.zeros_like(u)
""",
    ),
    Hostile(
        "own_memory",
        "search the process's memory map for expected values",
        """
def laplacian5(u, h=1.0):
    for line in open("/proc/self/maps"):
        pass
    memory = open("/proc/self/mem", "rb")
    return np.zeros_like(u)
""",
    ),
    Hostile(
        "other_processes",
        "read the memory, environment and open files of the processes above",
        """
def laplacian5(u, h=1.0):
    import os
    found = []
    for pid in (1, os.getppid(), @GRADER@):
        for name in ("mem", "environ", "maps", "fd", "cmdline"):
            path = f"/proc/{pid}/{name}"
            found.append(os.listdir(path) if name == "fd" else open(path, "rb").read())
    raise RuntimeError(f"READ {len(found)}")
""",
    ),
    Hostile(
        "environment",
        "read a secret from the environment",
        """
def laplacian5(u, h=1.0):
    import os
    secret = [value for name, value in os.environ.items() if "SECRET" in name]
    if secret:
        raise RuntimeError(f"READ {secret}")
    return np.zeros_like(u)
""",
    ),
    Hostile(
        "other_students",
        "hand in what another student has written",
        """
def laplacian5(u, h=1.0):
    import glob
    scope = {"np": np}
    exec(open("@HOME@/bob/answer.py").read(), scope)
    return scope["laplacian5"](u, h)
""",
    ),
    Hostile(
        "grade_store",
        "read the secret and the grades",
        """
def laplacian5(u, h=1.0):
    raise RuntimeError("READ " + open("@HOME@/secret").read() + open("@HOME@/grades.json").read())
""",
    ),
    Hostile(
        "inputs_to_come",
        "read the next cases from the socket before answering this one",
        """
def laplacian5(u, h=1.0):
    import os, select
    fds = [fd for fd in range(3, 64) if is_socket(fd)]
    ready = select.select(fds, [], [], 0.05)[0]
    if ready:
        raise RuntimeError(f"READ {os.read(ready[0], 1000)}")
    return np.zeros_like(u)

def is_socket(fd):
    import os, stat
    try:
        return stat.S_ISSOCK(os.fstat(fd).st_mode)
    except OSError:
        return False
""",
    ),
    Hostile(
        "raw_memory",
        "walk through memory by address",
        """
def laplacian5(u, h=1.0):
    import ctypes
    address = id(u)
    while True:
        address += 4096
        if b"expected" in ctypes.string_at(address, 4096):
            return np.zeros_like(u)
""",
        ("crashed", "ran"),
    ),
    Hostile(
        "public_cases",
        "answer the public cases from a table",
        """
TABLE = {b"constant": 0.0}
def laplacian5(u, h=1.0):
    if np.ptp(u) == 0:
        return np.zeros_like(u)
    if h == 1.0 and u.shape == (5, 3) and u.sum() == 1:
        result = np.zeros_like(u)
        result[2, :2] = 1.0, -4.0
        result[1, 1] = result[3, 1] = result[2, 2] = 1.0
        return result
    return TABLE.get(u.tobytes(), np.zeros_like(u))
""",
    ),
    Hostile(
        "seeds",
        "draw the inputs again from seeds that the grader might have used, to know the answers beforehand",
        """
SEEDS = [np.random.default_rng(seed).normal(size=(4, 4)) for seed in range(100)]
def laplacian5(u, h=1.0):
    import time
    np.random.seed(int(time.time()))
    for known in SEEDS:
        if known.shape == u.shape and (known == u).all():
            raise RuntimeError("READ the seed")
    return np.random.normal(size=u.shape)
""",
    ),
    Hostile(
        "memory_across_cases",
        "carry what was seen from one exercise, attempt or student to the next",
        """
def laplacian5(u, h=1.0):
    import os
    kept = "/scratch/kept.npy"
    if os.path.exists(kept) and not hasattr(np, "mine"):
        raise RuntimeError("READ what an earlier run has left")
    np.mine = True
    try:
        np.save(kept, u)
    except OSError:
        pass
    return np.zeros_like(u)
""",
    ),
)

"""A child process of ours while signals come at any moment."""

import select
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# sys.argv: a folder. Thousands of looks at a child are interrupted, each wherever it happens to be.
INTERRUPTED = """
import signal, sys
from pathlib import Path
from kommunalpro.embedded.processes import ServerProcess

class Interrupted(Exception):
    pass

def interrupt(*_):
    global looking, times
    if looking:
        looking = False
        times += 1
        raise Interrupted

child = ServerProcess("child", [sys.executable, "-c", "import time; time.sleep(600)"], log=Path(sys.argv[1], "log"))
child.start()
looking, times = False, 0
signal.signal(signal.SIGTERM, interrupt)
print("looking", flush=True)
while times < 5000:
    try:
        looking = True
        while True:
            assert child.exit_code is None
    except Interrupted:
        pass
print("stopping", flush=True)
child.stop(patience=0.2)
print(child.exit_code)
"""


def test_a_signal_amid_a_look_at_a_child_leaves_it_stoppable(tmp_path: Path):
    """Whoever is interrupted between taking `subprocess`'s lock and its `try` keeps it, and waits for ever."""
    looking = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert looking.stdout is not None
    assert looking.stdout.readline() == "looking\n"
    while not select.select([looking.stdout], [], [], 0)[0]:
        looking.send_signal(signal.SIGTERM)
    try:
        said, _ = looking.communicate(timeout=60)
    finally:
        looking.kill()
    assert said.splitlines() == ["stopping", "-15"]

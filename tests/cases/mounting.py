"""A small file system for a test alone, on machines that let somebody mount one for themselves."""

import shutil
import subprocess
from pathlib import Path

import pytest


def mount_of(folder: Path, options: str) -> str:
    """The command that mounts one on a folder, below `unshare -rm`; skips the test where nobody may.

    That is tried without the options: a mount that fails because of them is no reason to skip.
    """
    plain = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", str(folder)]
    if shutil.which("unshare") is None or subprocess.run(plain, check=False).returncode:
        pytest.skip("this machine lets nobody mount a small file system: unshare -rm is not allowed")
    return f"mount -t tmpfs -o {options} tmpfs {folder}"

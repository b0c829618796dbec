"""The log in a file: renamed under two writing processes, and not a line is lost, doubled or torn."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from liuhen.base.config import ConfigError
from liuhen.edge.log import LogFile

LINES = 3_000
WRITER = """
import sys
from liuhen.edge.log import logger, set_up
set_up(sys.argv[1])
for number in range(int(sys.argv[3])):
    logger(sys.argv[2]).info("line", number=number, text="长" * 400)
"""


def test_renamed_while_two_processes_write(tmp_path: Path) -> None:
    path, renamed = tmp_path / "liuhen.log", 0
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), name, str(LINES)]) for name in ("one", "two")]
    while any(writer.poll() is None for writer in writers):
        if path.exists() and path.stat().st_size > 500_000:
            path.rename(tmp_path / f"liuhen.log.{renamed}")
            renamed += 1
        time.sleep(0.005)
    assert [writer.returncode for writer in writers] == [0, 0]
    assert renamed >= 3
    seen = [json.loads(line) for file in tmp_path.iterdir() for line in file.read_text("utf-8").splitlines()]
    assert sorted((line["door"], line["number"]) for line in seen) == [
        (name, number) for name in ("one", "two") for number in range(LINES)
    ]


def test_a_full_disk_fails_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "liuhen.log"
    path.symlink_to("/dev/full")
    LogFile(str(path)).write("line\n")
    assert capsys.readouterr().err == "line\n"


def test_a_log_that_cannot_be_opened_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"log_file .* cannot be written: No such file or directory"):
        LogFile(str(tmp_path / "nowhere" / "liuhen.log"))
    LogFile(str(tmp_path / "liuhen.log"))
    assert os.stat(tmp_path / "liuhen.log").st_mode & 0o007 == 0


@pytest.mark.parametrize("file", ["", "/dev/full"])
def test_full_disk_costs_lines_but_no_request(file: str) -> None:
    """/dev/full takes nothing. Whatever the log is, and standard error with it: no call of the logger raises."""
    program = WRITER + "import os\nos._exit(7)"
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-c", program, file, "one", "100"]
        done = subprocess.run(command, stdout=full, stderr=full, check=False)
    assert done.returncode == 7

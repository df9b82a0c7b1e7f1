"""Compile the whole project for an engine with nothing behind it: python compile_offline.py <engine> <output folder>.

A program of its own, because dbt and moto change the process they run in.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from dbt.cli.main import dbtRunner
from shared.offline_engines import COMPILE_VARIABLES, REPOSITORY, offline_engine

if __name__ == "__main__":
    engine, output = sys.argv[1], Path(sys.argv[2])
    os.chdir(REPOSITORY)
    with offline_engine(engine, output):
        answer = dbtRunner().invoke(["--no-use-colors", "compile", "--vars", json.dumps(COMPILE_VARIABLES)])
    sys.exit(0 if answer.success else 1)

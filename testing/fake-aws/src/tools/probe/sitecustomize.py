"""Imported by any Python program that has this folder on PYTHONPATH: says which interpreter runs it, and ends it.

A program on the path may be a shell shim (pyenv, asdf), so its first line does not tell the interpreter.
"""

import os
import sys

sys.stdout.write(sys.executable)
sys.stdout.flush()
os._exit(0)

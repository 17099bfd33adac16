"""Runs a program on a pseudo-terminal: terminal.py COLUMNS PATTERN ANSWER PROGRAM ARG...

Writes what the program wrote, types ANSWER once the output matches PATTERN, and ends as the program ended.
"""

import fcntl
import os
import pty
import re
import struct
import sys
import termios

columns, pattern, answer, program = int(sys.argv[1]), sys.argv[2].encode(), sys.argv[3], sys.argv[4:]
pid, terminal = pty.fork()
if pid == 0:
    size = struct.pack("HHHH", 24 if columns else 0, columns, 0, 0)
    fcntl.ioctl(0, termios.TIOCSWINSZ, size)
    os.execvp(program[0], program)
output = b""
answered = False
while True:
    try:
        data = os.read(terminal, 65536)
    except OSError:  # how Linux says that the other side has gone
        break
    if not data:
        break
    output += data
    os.write(1, data)
    if not answered and re.search(pattern, output):
        answered = True
        os.write(terminal, answer.encode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))

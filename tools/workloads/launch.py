"""launch.py FD USER PROGRAM ARGUMENT...: becomes the program, as that user
unless it is empty, once its environment came from FD, as JSON."""
import json
import os
import pwd
import signal
import sys

fd, user, *argv = sys.argv[1:]
if user:
    entry = pwd.getpwnam(user)
    os.initgroups(user, entry.pw_gid)
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
# Python ignores them, and programs would inherit that.  It also may have
# added LC_CTYPE to its own environment.
for number in (signal.SIGPIPE, signal.SIGXFSZ):
    signal.signal(number, signal.SIG_DFL)
with open(int(fd), encoding="utf-8") as pipe:
    text = pipe.read()
if not text:
    sys.exit("launch.py: given up")
os.execve(argv[0], argv, json.loads(text))

"""A port for a server that cannot say which one it got."""

import contextlib
import random
import socket


def free_port():
    """Not one that the kernel gives to those who have no wish, so it stays
    free until the server is there, and between two of them."""
    while True:
        port = random.randrange(20000, 30000)
        with socket.socket() as s, contextlib.suppress(OSError):
            s.bind(("", port))
            return str(port)

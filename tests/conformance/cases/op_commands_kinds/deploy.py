import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from io import BytesIO, StringIO

from pyinfra.api import (
    FileDownloadCommand,
    FileUploadCommand,
    FunctionCommand,
    HiddenValue,
    MaskString,
    QuoteString,
    StringCommand,
    operation,
)

got = BytesIO()


def fn(word, key=None):
    with open(T, "a") as f:
        f.write(f"fn {word} {key}\n")


@operation()
def op():
    yield f"echo text >> {T}"
    yield StringCommand("echo", QuoteString("it's $HOME"), ">>", T)
    yield StringCommand("echo", MaskString("m4sked-9912"), "|", "wc", "-c", ">>", T)
    yield StringCommand("printf", "%s", QuoteString(HiddenValue("h1dden-9912")), "|", "wc", "-c", ">>", T)
    yield FunctionCommand(fn, ("a",), {"key": "b"})
    yield FileUploadCommand(StringIO("up\n"), T + ".up")
    yield f"cat {T}.up >> {T}"
    yield FileDownloadCommand(T + ".up", got)
    yield FunctionCommand(lambda: fn(got.getvalue().decode().strip()), (), {})


op(name="op")

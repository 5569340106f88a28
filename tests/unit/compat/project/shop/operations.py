import json
from io import StringIO

from pyinfra import host
from pyinfra.api import (
    FileUploadCommand,
    FunctionCommand,
    MaskString,
    OperationValueError,
    QuoteString,
    StringCommand,
    operation,
)

from shop.facts import Stock


@operation()
def stock(path, articles):
    if any(pieces < 0 for pieces in articles.values()):
        raise OperationValueError("there cannot be fewer than no pieces")
    if host.get_fact(Stock, path=path) == articles:
        host.noop(f"{path} holds what it should")
        return
    yield FileUploadCommand(StringIO(json.dumps(articles)), path)


@operation(is_idempotent=False)
def ring(text, log):
    yield StringCommand("printf", "'%s\\n'", QuoteString(text), ">>", QuoteString(log))


@operation(is_idempotent=False)
def pay(pin, log):
    check = StringCommand("test", QuoteString(MaskString(pin.unmask())), "=", "0815-4711", _separator=" ")
    yield check
    yield from ring._inner(text="paid", log=log)
    yield FunctionCommand(note_payment, (log,), {})


def note_payment(log):
    with open(log, "a") as file:
        file.write("noted\n")

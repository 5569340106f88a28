from pyinfra.api import HiddenValue

till_pin = HiddenValue("0815-4711")

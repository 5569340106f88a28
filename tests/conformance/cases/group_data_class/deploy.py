import os

import kinds

from pyinfra import host

kinds.install(host.data.manager, os.environ["TRACE"])

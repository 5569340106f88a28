from pyinfra import local

local.include("inc.py")

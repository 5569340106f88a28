import os

os.system("echo noise")
print("noise")
hosts = ["@local"]

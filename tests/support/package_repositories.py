"""Tiny packages, and repositories of them, made inside a box in the formats of several package managers."""

from __future__ import annotations

import json

from support.box import Box

#: Versions of the packages that there are: th-app needs th-lib, which also provides virt-lib.
PACKAGES = [("th-lib", "1.0"), ("th-app", "1.0"), ("th-lib", "2.0")]


def deb(box: Box, *names: tuple[str, str]) -> None:
    """Add packages to a repository in ``/srv/deb``, signed by a key of the box.

    th-app has a configuration file; th-half cannot be configured while there is a file ``/srv/break``.
    The key, made the first time, is in ``/srv/th.asc``. Every other repository is removed from the box.
    """
    for name, version in names:
        more = {"th-app": "Depends: th-lib\n", "th-lib": "Provides: virt-lib\n"}.get(name, "")
        box.write("/srv/build/DEBIAN/control", f"Package: {name}\nVersion: {version}\nArchitecture: all\n"
                  f"Maintainer: th <th@example.org>\nDescription: t\n{more}")  # fmt: skip
        if name == "th-app":
            box.write("/srv/build/etc/th-app.conf", f"{version}\n")
            box.write("/srv/build/DEBIAN/conffiles", "/etc/th-app.conf\n")
        if name == "th-half":
            box.write("/srv/build/DEBIAN/postinst", "#!/bin/sh\n! test -e /srv/break\n", "755")
        box.sh("mkdir -p /srv/deb && dpkg-deb -b --root-owner-group /srv/build /srv/deb && rm -r /srv/build")
    box.sh("rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /var/lib/apt/lists/*")
    box.sh("[ -e /srv/th.asc ] || {"
           " gpg --batch --quiet --passphrase '' --quick-gen-key 'th <th@example.org>' rsa2048 sign never &&"
           " gpg --armor --export th@example.org >/srv/th.asc; }")  # fmt: skip
    dist = "/srv/deb/dists/stable"
    box.sh(f"cd /srv/deb && mkdir -p {dist}/main/binary-all && "
           'for file in *.deb; do dpkg-deb -f "$file"; echo "Filename: $file"; stat -c "Size: %s" "$file"; '
           'echo "SHA256: $(sha256sum <"$file" | cut -d" " -f1)"; echo; '
           f"done >{dist}/main/binary-all/Packages && cd {dist} && rm -f InRelease && "
           "{ printf 'Suite: stable\\nCodename: stable\\nArchitectures: all\\nComponents: main\\n"
           "Date: %s\\nSHA256:\\n' \"$(LC_ALL=C date -Ru)\"; "
           "for file in main/*/Packages; do "
           'echo " $(sha256sum <"$file" | cut -d" " -f1) $(stat -c %s "$file") $file"; done; } >Release && '
           "gpg --batch --quiet --clearsign -o InRelease Release")  # fmt: skip


def rpm(box: Box, *names: tuple[str, str]) -> None:
    """Add packages to a repository in ``/srv/rpm``; both dnf and zypper are told of it by a test."""
    box.sh("mkdir -p /etc/rpm && echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros")
    for name, version in names:
        more = {"th-app": "Requires: th-lib", "th-lib": "Provides: virt-lib"}.get(name, "")
        box.write(f"/srv/specs/{name}.spec", f"Name: {name}\nVersion: {version}\nRelease: 1\nSummary: t\nLicense: MIT\n"
                  f"BuildArch: noarch\n{more}\n%description\nt\n%files\n")  # fmt: skip
        box.sh("cd /srv/specs"
               f" && rpmbuild -bb --quiet --define '_rpmdir /srv' --define '_topdir /srv/specs' {name}.spec"
               " && rm -rf /srv/rpm/repodata && mkdir -p /srv/rpm && mv /srv/noarch/*.rpm /srv/rpm/")  # fmt: skip
    box.sh("createrepo_c -q /srv/rpm")


def groups(box: Box, **members: str) -> None:
    """Add groups, each of one package, to the repository of rpm packages; run it after :func:`rpm`."""
    written = "".join(
        f"<group><id>{name}</id><name>{name}</name><packagelist>"
        f'<packagereq type="mandatory">{package}</packagereq></packagelist></group>'
        for name, package in members.items()
    )
    box.write("/srv/comps.xml", f"<comps>{written}</comps>")
    box.sh("createrepo_c -q -g /srv/comps.xml /srv/rpm")


def modules(box: Box, *streams: str) -> None:
    """Add a module to the repository of rpm packages; run it after :func:`rpm`."""
    documents = [
        "---\ndocument: modulemd\nversion: 2\ndata:\n  name: th-module\n"
        f'  stream: "{stream}"\n  version: 1\n  context: c{index}\n  arch: noarch\n  summary: t\n  description: t\n'
        "  license: {module: [MIT]}\n  profiles: {common: {rpms: [th-other]}}\n"
        for index, stream in enumerate(streams)
    ]
    box.write("/srv/modules.yaml", "".join(documents))
    box.sh("modifyrepo_c --mdtype=modules /srv/modules.yaml /srv/rpm/repodata")


def pacman(box: Box, *names: tuple[str, str]) -> None:
    """Add packages to a repository in ``/srv/pacman``, which pacman is told of; all are in the group th-group."""
    for name, version in names:
        more = "depend = th-lib" if name == "th-app" else "provides = virt-lib"
        box.write("/srv/build/.PKGINFO", f"pkgname = {name}\npkgver = {version}-1\npkgdesc = t\nurl = u\n"
                  f"builddate = 1700000000\npackager = t\nsize = 4\narch = any\ngroup = th-group\n{more}\n"
                  )  # fmt: skip
        box.write(f"/srv/build/usr/share/{name}/version", version)
        file = f"/srv/pacman/{name}-{version}-1-any.pkg.tar.gz"
        box.sh(f"mkdir -p /srv/pacman && cd /srv/build && tar -czf {file} .PKGINFO usr && rm -rf /srv/build")
    # pacman looks at the time of the list, in seconds, to see whether it is a new one.
    box.sh("cd /srv/pacman && repo-add -q th.db.tar.gz ./*.pkg.tar.gz 2>/dev/null"
           ' && touch -d "+$(ls ./*.pkg.tar.gz | wc -l) minutes" th.db.tar.gz')  # fmt: skip
    box.write(
        "/etc/pacman.conf", "[options]\nArchitecture = auto\nSigLevel = Never\n[th]\nServer = file:///srv/pacman\n"
    )


def wheels(box: Box, *names: tuple[str, str]) -> None:
    """Add Python packages to ``/srv/wheels``, the only place where pip and uv are told to look."""
    for name, version in names:
        module = name.replace("-", "_")
        info = f"/srv/wheel/{module}-{version}.dist-info"
        box.write(f"/srv/wheel/{module}.py", "def main():\n    pass\n")
        box.write(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        box.write(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        box.write(f"{info}/entry_points.txt", f"[console_scripts]\n{name} = {module}:main\n")
        files = [f"{module}.py", *(f"{module}-{version}.dist-info/{file}" for file in
                                   ("METADATA", "WHEEL", "entry_points.txt", "RECORD"))]  # fmt: skip
        box.write(f"{info}/RECORD", "".join(f"{file},,\n" for file in files))
        box.sh(f"mkdir -p /srv/wheels && cd /srv/wheel && python3 -m zipfile -c"
               f" /srv/wheels/{module}-{version}-py3-none-any.whl . && rm -rf /srv/wheel")  # fmt: skip
    box.write("/etc/pip.conf", "[global]\nno-index = true\nfind-links = /srv/wheels\n")
    box.write("/etc/uv/uv.toml", 'no-index = true\nfind-links = ["/srv/wheels"]\npython-downloads = "never"\n')
    box.sh("rm -f /root/.config/pip/pip.conf /root/.pip/pip.conf")


def gems(box: Box, *names: tuple[str, str]) -> None:
    """Add gems to the index in ``/srv/gems``, which becomes the only source."""
    for name, version in names:
        box.write("/srv/gem/t.gemspec", f'Gem::Specification.new do |s|\ns.name="{name}"\ns.version="{version}"\n'
                  's.summary="t"\ns.authors=["t"]\ns.files=[]\nend\n')  # fmt: skip
        box.sh("cd /srv/gem && gem build t.gemspec && mkdir -p /srv/gems/gems && mv ./*.gem /srv/gems/gems/")
    box.sh("cd /srv/gems && gem generate_index")
    box.write("/root/.gemrc", ":sources:\n- file:///srv/gems\n")


def flatpaks(box: Box) -> None:
    """Offer a runtime and an application in a remote of the name th."""
    for kind, name in (("Runtime", "org.th.Platform"), ("Application", "org.th.App")):
        lines = [f"{key}=org.th.Platform/x86_64/stable" for key in ("runtime", "sdk")]
        box.write(f"/srv/{kind}/metadata", "\n".join([f"[{kind}]", f"name={name}", *lines, "command=th", ""]))
        box.sh(f"cd /srv/{kind} && mkdir -p files/bin usr/lib export && touch files/bin/th usr/lib/th")
        option = "--runtime" if kind == "Runtime" else ""
        box.sh(f"flatpak build-export --disable-sandbox --arch=x86_64 {option} /srv/flatpaks /srv/{kind} stable")
    box.sh("flatpak build-update-repo /srv/flatpaks && flatpak remote-add --no-gpg-verify th file:///srv/flatpaks")


def go_modules(box: Box, *names: tuple[str, str]) -> None:
    """Add modules, each with a program of its own name and one below it, to the only proxy that go knows."""
    for name, version in names:
        here = f"/srv/proxy/{name}/@v"
        box.write(f"{here}/{version}.mod", f"module {name}\n")
        box.write(f"{here}/{version}.info", json.dumps({"Version": version, "Time": "2020-01-01T00:00:00Z"}))
        files = {"go.mod": f"module {name}\n"} | dict.fromkeys(("main.go", "cmd/th-tool/main.go"),
                                                               "package main\n\nfunc main() {}\n")  # fmt: skip
        add = "".join(f"    z.writestr({f'{name}@{version}/{path}'!r}, {text!r})\n" for path, text in files.items())
        box.write("/srv/make.py", f"import zipfile\nwith zipfile.ZipFile('{here}/{version}.zip', 'w') as z:\n{add}")
        box.sh(f"python3 /srv/make.py && echo {version} >>{here}/list")
    box.sh("go env -w GOPROXY=file:///srv/proxy GOSUMDB=off GOFLAGS=-mod=mod GOTOOLCHAIN=local 2>/dev/null"
           " || go env -w GOPROXY=file:///srv/proxy GOSUMDB=off GOFLAGS=-mod=mod")  # fmt: skip


def npm_registry(box: Box, versions: dict[str, list[str]], port: int = 4873) -> None:
    """Serve packages of npm on the loopback address of the box, as the only registry."""
    base = f"http://127.0.0.1:{port}"
    for name, numbers in versions.items():
        entries = {}
        for number in numbers:
            package = {"name": name, "version": number}
            box.write("/srv/npm/package/package.json", json.dumps(package))
            tarball = f"{name.replace('/', '-').lstrip('@')}-{number}.tgz"
            box.sh(f"mkdir -p /srv/registry && cd /srv/npm && tar -czf /srv/registry/{tarball} package")
            entries[number] = package | {"dist": {"tarball": f"{base}/{tarball}"}}
        document = {"name": name, "dist-tags": {"latest": numbers[-1]}, "versions": entries}
        box.write(f"/srv/registry/{name.replace('/', '%2f') if '/' in name else name}", json.dumps(document))
    box.write("/srv/serve.py", _SERVE)
    box.write("/root/.npmrc", f"registry={base}/\nupdate-notifier=false\naudit=false\nfund=false\nfetch-retries=0\n")
    box.sh(f"if ! [ -e /srv/serving ]; then touch /srv/serving; python3 /srv/serve.py {port} >/dev/null 2>&1 & fi")
    box.sh(f"for i in $(seq 100); do curl -fs {base}/ >/dev/null && exit; sleep 0.1; done; exit 1")


_SERVE = """
import http.server, os, sys
class Files(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path = os.path.join("/srv/registry", self.path.strip("/").replace("/", "%2f").replace("%2F", "%2f"))
        found = os.path.isfile(path) or self.path == "/"
        self.send_response(200 if found else 404)
        self.end_headers()
        if os.path.isfile(path):
            self.wfile.write(open(path, "rb").read())
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Files).serve_forever()
"""


def cargo_registry(box: Box, *names: tuple[str, str]) -> None:
    """Add packages with a program each to a registry in ``/srv/crates``, which stands for crates.io."""
    for name, version in names:
        box.write("/srv/make.py", _CRATE.replace("NAME", name).replace("VERSION", version))
        box.sh("python3 /srv/make.py")
    box.write("/root/.cargo/config.toml", '[source.crates-io]\nreplace-with = "local"\n'
              '[source.local]\nlocal-registry = "/srv/crates"\n')  # fmt: skip


_CRATE = """
import hashlib, io, json, os, tarfile
manifest = '[package]\\nname = "NAME"\\nversion = "VERSION"\\nedition = "2018"\\n'
os.makedirs("/srv/crates/index/th/-c", exist_ok=True)
path = "/srv/crates/NAME-VERSION.crate"
with tarfile.open(path, "w:gz") as tar:
    for name, text in {"Cargo.toml": manifest, "src/main.rs": "fn main() {}\\n"}.items():
        info = tarfile.TarInfo(f"NAME-VERSION/{name}")
        info.size = len(text)
        tar.addfile(info, io.BytesIO(text.encode()))
entry = {"name": "NAME", "vers": "VERSION", "deps": [], "features": {}, "yanked": False,
         "cksum": hashlib.sha256(open(path, "rb").read()).hexdigest()}
with open("/srv/crates/index/th/-c/NAME", "a") as index:
    index.write(json.dumps(entry) + "\\n")
"""

"""Scripts, signals, waiting for a port: what is sent, and that it does what it says in every shell."""

from __future__ import annotations

import io
import shlex
import shutil
import signal
import socket
import subprocess

import pytest

from ropewalk.api import OperationError, OperationValueError, Upload, sh
from ropewalk.operations import server
from ropewalk.testing import evaluate

SHELLS = [[name] for name in ("dash", "bash", "ksh", "mksh", "zsh") if shutil.which(name)]
SHELLS += [["busybox", "sh"]] if shutil.which("busybox") else []
HOSTILE = ["", "a b", "$(touch x)", "`x`", "it's", "-n", "a\nb", "*", '"', "\\", "né"]


@pytest.fixture(params=SHELLS, ids=lambda argv: argv[0])
def shell(request):
    return request.param


def evaluated_script(tmp_path, text, args=()):
    (tmp_path / "s").write_text(text)
    upload, run = evaluate(server.script, str(tmp_path / "s"), args).steps
    return upload, run


def sent(tmp_path, text, args=()):
    """Return the command for a script, with the script where an upload would have put it."""
    _, run = evaluated_script(tmp_path, text, args)
    target = tmp_path / "sent it's here"
    target.write_text(text)
    target.chmod(0o700)
    words = list(run.words)
    words[words.index(next(word for word in words if "/ropewalk-" in word))] = str(target)
    return sh(*words).render(), target


class TestScript:
    def test_it_is_uploaded_for_its_owner_alone_and_run(self, tmp_path):
        upload, run = evaluated_script(tmp_path, "#!/bin/sh\n", ["a b", 5])
        assert upload == Upload(str(tmp_path / "s"), upload.dest, "700")
        assert shlex.split(run.render())[-3:] == [upload.dest, "a b", "5"]

    def test_every_evaluation_has_a_name_of_its_own(self, tmp_path):
        first, second = (evaluated_script(tmp_path, "")[0].dest for _ in range(2))
        assert first != second

    def test_a_text_is_one_argument(self, tmp_path):
        _, run = evaluated_script(tmp_path, "", "one argument")
        assert run.words[-1] == "one argument"

    def test_an_object_that_can_be_read_is_sent(self):
        source = io.StringIO("#!/bin/sh\n")
        assert evaluate(server.script, source).steps[0].source is source

    def test_names_are_relative_to_the_deploy(self, tmp_path, monkeypatch):
        (tmp_path / "s.sh").write_text("")
        monkeypatch.chdir(tmp_path)
        assert evaluate(server.script, "s.sh").steps[0].source == str(tmp_path / "s.sh")

    def test_a_missing_file_is_named(self):
        with pytest.raises(OperationError, match=r"the script nowhere\.sh is not a file"):
            evaluate(server.script, "nowhere.sh")

    def test_arguments_arrive_as_they_are(self, tmp_path, shell):
        command, target = sent(tmp_path, '#!/bin/sh\nprintf "%s\\0" "$@"\n', HOSTILE)
        done = subprocess.run([*shell, "-c", command], capture_output=True, check=True, cwd=tmp_path)
        assert done.stdout.decode().split("\0")[:-1] == HOSTILE
        assert not target.exists()

    def test_its_exit_status_counts_and_it_is_removed(self, tmp_path, shell):
        command, target = sent(tmp_path, "#!/bin/sh\nexit 42\n")
        assert subprocess.run([*shell, "-c", command], check=False).returncode == 42
        assert not target.exists()

    def test_it_is_removed_when_it_is_stopped(self, tmp_path, shell):
        command, target = sent(tmp_path, "#!/bin/sh\necho started\nexec sleep 60\n")
        process = subprocess.Popen([*shell, "-c", command], stdout=subprocess.PIPE, start_new_session=True)
        try:
            assert process.stdout.readline() == b"started\n"
            subprocess.run(["pkill", "-TERM", "-g", str(process.pid)], check=True)
            assert process.stdout.read() == b""  # until the last process of the group has ended
            assert process.wait(10) != 0
        finally:
            process.stdout.close()
            process.kill()
            process.wait()
        assert not target.exists()


def test_a_script_template_is_rendered_and_run(tmp_path):
    (tmp_path / "t").write_text("#!/bin/sh\necho {{ word }} {{ host.name }}\n")
    upload, run = evaluate(server.script_template, str(tmp_path / "t"), ["x"], word="hello").steps
    assert (upload.source, upload.mode) == (b"#!/bin/sh\necho hello test\n", "700")
    assert run.words[-2:] == (upload.dest, "x")


class TestWait:
    @pytest.fixture
    def port(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            yield listener.getsockname()[1]

    def test_a_port_that_listens_ends_it_at_once(self, port, shell):
        (command,) = evaluate(server.wait, port).steps
        done = subprocess.run([*shell, "-c", command.render()], capture_output=True, check=True, timeout=10)
        assert done.stdout == b""

    def test_it_waits_until_the_port_listens(self, shell):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))  # taken, but not listening
            port = listener.getsockname()[1]
            (command,) = evaluate(server.wait, port).steps
            with subprocess.Popen([*shell, "-c", command.render()], stdout=subprocess.PIPE) as process:
                assert process.stdout.readline() == f"waiting for port {port}\n".encode()
                assert process.poll() is None
                listener.listen()
                assert process.wait(10) == 0
                assert process.stdout.read() == b""

    @pytest.mark.parametrize("port", [0, -1, 65536, "22", 22.0, True, None])
    def test_there_are_65535_ports(self, port):
        with pytest.raises(OperationValueError, match="there is no port"):
            evaluate(server.wait, port)


class TestKill:
    @pytest.mark.parametrize(
        ("given", "sent"),
        [("TERM", "-TERM"), ("SIGHUP", "-HUP"), ("usr1", "-USR1"), (9, "-9"), ("RTMIN+1", "-RTMIN+1")],
    )
    def test_signals(self, given, sent):
        assert evaluate(server.kill, 5, given).steps == [sh("kill", sent, "5")]

    def test_it_kills(self, shell):
        with subprocess.Popen(["sleep", "60"]) as sleeper:
            (command,) = evaluate(server.kill, sleeper.pid).steps
            subprocess.run([*shell, "-c", command.render()], check=True)
            assert sleeper.wait(10) == -signal.SIGTERM

    @pytest.mark.parametrize("pid", [0, -1, -15, True])
    def test_groups_of_processes_are_refused(self, pid):
        with pytest.raises(OperationValueError, match="not the number of a process"):
            evaluate(server.kill, pid)

    @pytest.mark.parametrize("name", ["", "TERM; true", "-9", "TERM HUP", "$x"])
    def test_what_is_no_signal_is_refused(self, name):
        with pytest.raises(OperationValueError, match="is not a signal"):
            evaluate(server.kill, 5, name)

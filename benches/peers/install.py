"""Installs each peer in an environment of its own, and says how to start its program."""

import json
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

# In the order of the tables, with their proper names.
PYTHON_PEERS = {
    "pytorch": "PyTorch",
    "tensorflow": "TensorFlow",
    "jax": "JAX",
    "onnxruntime": "ONNX Runtime",
}
CARGO_PEERS = {"burn": "burn", "candle": "candle"}
PEERS = PYTHON_PEERS | CARGO_PEERS
ONLY_PREDICTS = {"onnxruntime"}

Command = list[str]


class CannotInstall(Exception):
    """Says in a line why not."""


def install(peer: str, environments: Path) -> Command:
    """Installs the peer, which takes a moment if it is there already, and returns its command."""
    environment = environments / peer
    if peer in PYTHON_PEERS:
        return install_python(peer, environment)
    return install_cargo(peer, environment)


def install_python(peer: str, environment: Path) -> Command:
    python = str(environment / "bin" / "python")
    if not Path(python).exists():
        shell("python3", "-m", "venv", str(environment))
    pinned = str(HERE / "requirements" / f"{peer}.txt")
    shell(python, "-m", "pip", "install", "--quiet", "--requirement", pinned)
    # PyTorch's program leaves its trained nets where ONNX Runtime's finds them.
    return [python, "-B", str(HERE / f"peer_{peer}.py"), f"--weights={environment.parent}"]


def install_cargo(peer: str, environment: Path) -> Command:
    command = ["cargo", "build", "--release", "--locked", "--target-dir", str(environment)]
    command += ["--manifest-path", str(HERE / peer / "Cargo.toml")]
    if peer == "burn" and " avx512f " in Path("/proc/cpuinfo").read_text():
        command += ["--features", "avx512"]
    shell(*command)
    return [str(environment / "release" / "peer")]


def install_chainrule() -> Command:
    """Builds this repository's own program."""
    build = ["cargo", "bench", "--no-run", "--bench", "peer", "--message-format=json"]
    messages = [json.loads(line) for line in shell(*build).splitlines()]
    programs = [message["executable"] for message in messages if message.get("executable")]
    return programs[-1:]


def shell(*command: str) -> str:
    """Runs it in the repository, and returns what it printed."""
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        lines = [line for line in result.stderr.splitlines() if line.strip()]
        errors = [line for line in lines if line.lower().startswith("error")]
        raise CannotInstall((errors or lines or ["it failed without a word"])[0].strip())
    return result.stdout

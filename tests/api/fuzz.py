"""schemathesis on the front door's own description, as an administrator: `make fuzz-api [SECONDS=1200]`.

No answer of 500 or more but the 502 and 503 that say who was away, none that the description doesn't name. The
database is real, the store a folder; no Airflow is behind it, so that no run starts.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CHECKS = "status_code_conformance,content_type_conformance,response_schema_conformance,response_headers_conformance"
READY = 120  # seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=1200)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    server = [sys.executable, str(HERE / "front_server.py"), "--seconds", str(chosen.seconds + READY)]
    with subprocess.Popen(server, stdout=subprocess.PIPE, text=True) as there, tempfile.TemporaryDirectory() as folder:
        try:
            line = next((line for line in there.stdout or () if line.startswith("{")), None)
            if line is None:
                return 2
            found = json.loads(line)
            return _fuzz(found["url"], found["admin"], chosen.seconds, chosen.seed, Path(folder))
        finally:
            there.terminate()


def _fuzz(url: str, token: str, seconds: int, seed: int, folder: Path) -> int:
    config = folder / "schemathesis.toml"
    # 502: Airflow refused, 503: it is away, as it is here; both are documented
    config.write_text("[checks.not_a_server_error]\nexpected-statuses = ['2xx', '3xx', '4xx', 502, 503]\n")
    program = Path(sys.executable).with_name("schemathesis")
    argv = [
        str(program), "--config-file", str(config), "run", f"{url}/api/v1/openapi.json",
        "--checks", f"not_a_server_error,{CHECKS}", "--header", f"Authorization: Bearer {token}",
        "--max-time", str(seconds), "--seed", str(seed), "--workers", "2", "--continue-on-failure",
        "--phases", "examples,coverage,fuzzing,stateful",
    ]  # fmt: skip
    return subprocess.run(argv, cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

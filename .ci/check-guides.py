#!/usr/bin/env python3
"""Checks the commands of the guides by the tools that would run them.

    .venv/bin/python .ci/check-guides.py docs/organization.en.md …

Every `aws` command is run against an address where nobody listens: the AWS CLI parses its options and
validates its values against the service's model first, so that a right command fails with the call
and a wrong one before. The options of `sam` commands are held against SAM's own table. Commands of
`cargo xtask` are checked by a test of xtask.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOWHERE = "http://127.0.0.1:9/"

# What `file://` in a guide stands for: the reader writes it.
FILES = {
    "parameters-with-release.json": [
        {"ParameterKey": "Release", "ParameterValue": "0.1.0-0123456789ab"},
        {"ParameterKey": "Regions", "UsePreviousValue": True},
    ],
    "parameters-without-release.json": [
        {"ParameterKey": "Release", "ParameterValue": ""},
        {"ParameterKey": "Regions", "UsePreviousValue": True},
    ],
}


def commands(text):
    """The commands of the shell blocks, each with its place."""
    for block in re.finditer(r"^```sh\n(.*?)^```", text, re.M | re.S):
        line = text.count("\n", 0, block.start()) + 2
        whole = ""
        for number, part in enumerate(block.group(1).splitlines()):
            if part.endswith("\\"):
                whole += part[:-1]
                continue
            words = shlex.split(whole + part, comments=True)
            whole = ""
            if words:
                yield line + number, words


def options(words):
    return [word.split("=", 1)[0] for word in words if word.startswith("--")]


def aws(words, tool, folder):
    env = dict(os.environ, AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_PAGER="",
               AWS_DEFAULT_REGION="ap-northeast-1", AWS_EC2_METADATA_DISABLED="true",
               AWS_MAX_ATTEMPTS="1")
    env.pop("AWS_PROFILE", None)
    run = [word.replace("file://", f"file://{folder}/") for word in words[1:]]
    result = subprocess.run([tool, *run, "--endpoint-url", NOWHERE], env=env, cwd=ROOT,
                            capture_output=True, text=True, check=False)
    # Whatever is wrong with a command is told before the first call.
    if f'Could not connect to the endpoint URL: "{NOWHERE}' in result.stderr:
        return None
    return result.stderr.strip() or f"no call was made: {result.stdout.strip()}"


def sam(words):
    from importlib import import_module
    try:
        command = import_module(f"samcli.commands.{words[1]}.command").cli
    except ImportError:
        return f"no such command: sam {words[1]}"
    known = {name for parameter in command.params for name in parameter.opts + parameter.secondary_opts}
    wrong = [name for name in options(words[2:]) if name not in known]
    return f"no such option: {wrong}" if wrong else None


def main(paths):
    tool = str(Path(sys.executable).with_name("aws"))
    seen, failed = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for name, content in FILES.items():
            Path(folder, name).write_text(json.dumps(content))
        for path in paths:
            for line, words in commands(Path(path).read_text()):
                if words[0] == "aws":
                    error = aws(words, tool, folder)
                elif words[0] == "sam":
                    error = sam(words)
                else:
                    continue
                seen += 1
                if error:
                    failed += 1
                    print(f"{path}:{line}: {shlex.join(words)}\n    {error}")
    print(f"{seen} commands, {failed} wrong")
    return 1 if failed or not seen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

#!/usr/bin/env python3
"""Proves the remedies of the controls: functions/<domain>/src/<control>/remedy.{sh,yaml}.

Every shell file is run by bash with an `aws` that only writes down how it was called; each call is
then given to the parser of the AWS CLI, which knows services, operations and options, and its
parameters are held against the service models (types, required members, lengths, ranges, enums,
patterns). Every template goes through cfn-lint. Nothing is sent to AWS.

Usage: remedies.py [CONTROL...]
"""

import argparse
import contextlib
import functools
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import awscli.clidriver as clidriver
from awscli.customizations.cloudtrail.validation import CloudTrailValidateLogs
from awscli.customizations.sessionmanager import StartSessionCaller
from botocore.validate import ParamValidator

ROOT = Path(__file__).resolve().parent.parent
# Names in capitals stand for the reader's own values.
PLACEHOLDER = re.compile(r"(?<![A-Za-z])[A-Z][A-Z0-9]*(_[A-Z0-9]+)*(?![a-z])")
# What the recording `aws` answers: commands may hand it on to others.
ANSWER = "ANSWER"
# A parameter from such an answer; nobody knows what is in it.
EDITED = {ANSWER: True}
# Writes down each call: the number of its arguments, and the arguments.
RECORDER = """#!/bin/bash
printf '%s\\0' "$#" "$@" >> {log!r}
echo {answer}
"""


class Invalid(Exception):
    """A call that AWS would refuse."""


def stands_for_something(text):
    """Whether a value holds a placeholder, or an answer of an earlier command."""
    return bool(PLACEHOLDER.search(text)) or ANSWER in text


def problems(value, shape, where):
    """What the validator of botocore leaves out: enums and patterns."""
    kind = shape.type_name
    if kind == "structure":
        for name, inner in (value or {}).items():
            if name in shape.members:
                yield from problems(inner, shape.members[name], f"{where}.{name}")
    elif kind == "list":
        for index, inner in enumerate(value):
            yield from problems(inner, shape.member, f"{where}[{index}]")
    elif kind == "map":
        for key, inner in value.items():
            yield from problems(key, shape.key, f"{where} key")
            yield from problems(inner, shape.value, f"{where}.{key}")
    elif kind == "string" and isinstance(value, str):
        if shape.enum and value not in shape.enum and not is_placeholder(value):
            yield f"{where}: {value!r} is none of {', '.join(shape.enum)}"
        pattern = shape.metadata.get("pattern")
        if pattern and not stands_for_something(value) and not matches(pattern, value):
            yield f"{where}: {value!r} does not match {pattern}"


def of_placeholder(line, parameters):
    """Whether the validator dislikes the length of a placeholder."""
    path = re.match(r"Invalid length for parameter ([^,]+), value", line)
    value = parameters
    for step in re.findall(r"[^.\[\]]+", path.group(1)) if path else []:
        try:
            value = value[int(step) if isinstance(value, list) else step]
        except (KeyError, ValueError):
            return False
    return isinstance(value, str) and bool(PLACEHOLDER.fullmatch(value))


def is_placeholder(value):
    """A value for the reader to fill in, as REGION; not a word of the API, as ENABLED."""
    return value in {"REGION", "DR_REGION", "HOME_REGION", "LOG_TYPE", ANSWER}


def matches(pattern, value):
    """Whether the value is what the model asks for; patterns that Python cannot read pass."""
    try:
        return re.search(pattern.replace(r"\p{Zs}", " ").replace(r"\p{L}", r"\w"), value)
    except re.error:
        return True


class Checker:
    """Takes the calls that the AWS CLI would make."""

    def __init__(self):
        os.environ.update(
            AWS_ACCESS_KEY_ID="none",
            AWS_SECRET_ACCESS_KEY="none",
            AWS_EC2_METADATA_DISABLED="true",
            AWS_CONFIG_FILE="/dev/null",
            AWS_DEFAULT_REGION="ap-northeast-1",
        )
        self.calls = 0
        self.session = None
        self.models = None
        clidriver.CLIOperationCaller.invoke = self.invoke
        StartSessionCaller.invoke = self.invoke
        # Not one operation, but many: its options are parsed.
        CloudTrailValidateLogs._run_main = lambda *_: self.count()
        # Options must be written out: AWS CLI 2 takes no abbreviations.
        plain = argparse.ArgumentParser.__init__
        argparse.ArgumentParser.__init__ = lambda parser, *args, **named: plain(
            parser, *args, **{**named, "allow_abbrev": False}
        )

    def invoke(self, service, operation, parameters, _globals):
        """Instead of the call: its parameters are held against the service model."""
        model = self.session.get_service_model(service).operation_model(operation)
        if model.input_shape is None:
            found = []
        else:
            edited = {name for name, value in parameters.items() if value == EDITED}
            # The CLI fills these in by itself.
            left_out = edited | set(model.idempotent_members)
            parameters = {name: parameters[name] for name in parameters.keys() - edited}
            report = ParamValidator().validate(parameters, model.input_shape)
            found = [
                line
                for line in report.generate_report().splitlines()
                if not any(f'required parameter in input: "{name}"' in line for name in left_out)
                and not of_placeholder(line, parameters)
            ]
            found += problems(parameters, model.input_shape, operation)
        if found:
            raise Invalid("; ".join(found))
        return self.count()

    def count(self):
        """A command that would have been run."""
        self.calls += 1
        return 0

    def check(self, arguments):
        """What is wrong with a command, or None."""
        # A driver per call, as a shell has: some commands leave handlers behind.
        driver = clidriver.create_clidriver()
        self.session = driver.session
        if self.models:
            self.session.register_component("data_loader", self.models)
        self.models = self.session.get_component("data_loader")
        before = self.calls
        said = io.StringIO()
        try:
            with contextlib.redirect_stderr(said):
                code = driver.main(arguments)
        except SystemExit as end:
            code = end.code
        if code != 0 or self.calls == before:
            return last_line(said) or f"not a call to AWS (exit {code})"
        return None


def last_line(said):
    lines = said.getvalue().strip().splitlines()
    return lines[-1] if lines else ""


def recorded(script, folder):
    """The calls that a shell file makes; its files stay in the folder."""
    log = folder / "calls"
    log.touch()
    shim = folder / "bin" / "aws"
    shim.parent.mkdir()
    shim.write_text(RECORDER.format(log=str(log), answer=ANSWER))
    shim.chmod(0o755)
    environment = {"PATH": f"{shim.parent}:/usr/bin:/bin", "HOME": str(folder)}
    run = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", script],
        cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=60,
    )
    if run.returncode or run.stderr:
        raise Invalid(f"bash: {run.stderr.strip() or run.returncode}")
    words = iter(log.read_text().split("\0")[:-1])
    return [[next(words) for _ in range(int(count))] for count in words]


def check_script(checker, script):
    """What is wrong with a shell file."""
    unknown = [
        code
        for code in re.findall(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b", comments(script))
        if code not in words_of(script) and not code.endswith(("_ARN", "_ID"))
    ]
    for code in unknown:
        yield f"{code} in a comment is neither a reason code of the control nor a placeholder"
    with tempfile.TemporaryDirectory() as folder:
        try:
            calls = recorded(script, Path(folder))
        except (Invalid, subprocess.TimeoutExpired) as error:
            yield str(error)
            return
        if not calls:
            yield "no command"
        here = Path.cwd()
        os.chdir(folder)
        try:
            for call in calls:
                error = checker.check(with_files(call))
                if error:
                    yield f"aws {' '.join(call)}\n    {error}"
        finally:
            os.chdir(here)


def with_files(call):
    """The call, with the files that a person brings along: key material, a secret on the standard
    input, and what an earlier command returned and the person has edited."""
    for name in re.findall(r"fileb://(\S+)", " ".join(call)):
        Path(name).touch()
    for name in re.findall(r"file://([^/\s]\S*)", " ".join(call)):
        if not Path(name).exists():
            Path(name).write_text(ANSWER if name.endswith(".json") else "TEXT")
        if Path(name).read_text().strip() == ANSWER:
            Path(name).write_text(json.dumps(EDITED))
    return [word.replace("file:///dev/stdin", "TEXT") for word in call]


@functools.cache
def checker_of_this_process():
    return Checker()


def examined(script):
    """A shell file, what is wrong with it, and how many calls it makes."""
    checker = checker_of_this_process()
    before = checker.calls
    return script, list(check_script(checker, script)), checker.calls - before


def comments(script):
    lines = script.read_text().splitlines()
    return "\n".join(line for line in lines if line.lstrip().startswith("#"))


def words_of(script):
    """Words in capitals of the control's own source, and of the file's commands."""
    control = script.parent.with_suffix(".rs")
    sources = [control, *script.parent.rglob("*.rs")]
    text = "\n".join(path.read_text() for path in sources)
    commands = script.read_text().splitlines()
    text += "\n".join(line for line in commands if not line.lstrip().startswith("#"))
    return set(re.findall(r"\b[A-Z][A-Z0-9_]+\b", text))


def check_templates(templates):
    """What cfn-lint says of the templates."""
    if not templates:
        return
    for path in templates:
        # CloudFormation has no anchors and aliases; cfn-lint lets them pass.
        if re.search(r"^\s*(-|\S+:) +[&*]\w", path.read_text(), re.MULTILINE):
            yield f"{path.relative_to(ROOT)}: an anchor or an alias"
    # Some resources exist in one Region only; the template says so at its head.
    elsewhere = [path for path in templates if "in us-east-1" in path.read_text().split(":\n")[0]]
    here = [path for path in templates if path not in elsewhere]
    for region, paths in (("ap-northeast-1", here), ("us-east-1", elsewhere)):
        if paths:
            run = subprocess.run(
                ["cfn-lint", "--format", "parseable", "--regions", region, "--", *map(str, paths)],
                capture_output=True, text=True, cwd=ROOT,
            )
            yield from (run.stdout + run.stderr).splitlines()


def main(wanted):
    """Checks the remedies of all controls, or of those that are named."""
    def files(name):
        found = sorted(ROOT.glob(f"functions/*/src/*/{name}"))
        ids = {id.replace("-", "_") for id in wanted}
        return [path for path in found if not ids or path.parent.name in ids]

    bad = calls = 0
    scripts, templates = files("remedy.sh"), files("remedy.yaml")
    with ProcessPoolExecutor() as pool:
        for script, errors, made in pool.map(examined, scripts, chunksize=8):
            calls += made
            for error in errors:
                bad += 1
                print(f"{script.relative_to(ROOT)}: {error}")
    for line in check_templates(templates):
        bad += 1
        print(line)
    print(f"{len(scripts)} shell files with {calls} calls, "
          f"{len(templates)} templates, {bad} problems")
    return 1 if bad or not scripts else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

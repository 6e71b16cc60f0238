#!/usr/bin/env python3
"""Packages a release twice and holds it against what others say it must be.

The zips are read by Python's zipfile and compared byte for byte, the hashes computed by hashlib, and
the list of what is linked in is validated against the schema of CycloneDX. The programs are
stand-ins: this is about the packaging, not about what is packed.
"""

import base64
import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

ROOT = Path(__file__).resolve().parent.parent
DOMAINS = sorted(path.name for path in (ROOT / "functions").iterdir() if path.is_dir())
# An ELF file's magic and, at offset 18, the number of 64-bit Arm.
ARM64 = b"\x7fELF" + bytes(14) + b"\xb7\x00"


def package(prebuilt, output):
    template = ROOT / "member.yaml"
    if not template.exists():
        template = ROOT / "template.yaml"
    command = ["cargo", "run", "--quiet", "--locked", "--package", "xtask", "--", "package",
               "--prebuilt", prebuilt, "--output", output, "--template", template]
    subprocess.run(command, cwd=ROOT, check=True)
    (folder,) = [path.parent for path in Path(output).glob("*/manifest.json")]
    return folder


def check(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    assert [one["function"] for one in manifest["artifacts"]] == DOMAINS, manifest["artifacts"]
    files = manifest["artifacts"] + [manifest["template"], manifest["sbom"]]
    listing = ""
    for file in sorted(files, key=lambda file: file["file"]):
        content = (folder / file["file"]).read_bytes()
        digest = hashlib.sha256(content)
        assert file["size"] == len(content), file
        assert file["sha256"] == digest.hexdigest(), file
        assert file["codeSha256"] == base64.b64encode(digest.digest()).decode(), file
        listing += f"{digest.hexdigest()}  {file['file']}\n"
    digest = hashlib.sha256(listing.encode()).hexdigest()
    assert manifest["release"] == f"{manifest['version']}-{digest[:12]}", manifest["release"]
    assert folder.name == manifest["release"]
    for artifact in manifest["artifacts"]:
        with zipfile.ZipFile(folder / artifact["file"]) as archive:
            assert archive.testzip() is None
            (entry,) = archive.infolist()
            assert entry.filename == "bootstrap"
            assert entry.external_attr >> 16 == 0o100755, oct(entry.external_attr)
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert entry.create_system == 3 and not entry.extra and not entry.comment
            assert archive.read(entry) == ARM64 + artifact["function"].encode() * 1000
    sbom = (folder / "sbom.cdx.json").read_text()
    error = JsonStrictValidator(SchemaVersion.V1_5).validate_str(sbom)
    assert error is None, error
    return len(json.loads(sbom)["components"])


def main():
    with tempfile.TemporaryDirectory() as work:
        prebuilt = Path(work, "programs")
        prebuilt.mkdir()
        for domain in DOMAINS:
            (prebuilt / domain).write_bytes(ARM64 + domain.encode() * 1000)
        first, second = (package(prebuilt, Path(work, name)) for name in ("one", "two"))
        for path in first.iterdir():
            assert path.read_bytes() == (second / path.name).read_bytes(), path.name
        components = check(first)
    print(f"the release is the same twice; {components} components, valid CycloneDX")


if __name__ == "__main__":
    sys.exit(main())

"""Proves, without an account, what no linter does of the templates:

1. template.yaml, after SAM's own translator, and member.yaml describe the same stack. Left out is
   only what must differ: where the code is, SAM's notes to itself, the two parameters of member.yaml
   that say which release runs.
2. Every reference of every template (Ref, Fn::GetAtt, Fn::Sub, Fn::FindInMap, Condition, DependsOn)
   names something that the template has.

Before it judges, it checks itself: a member.yaml that is spoilt in one place must not pass.
"""

import copy
import os
import re
import sys
from pathlib import Path

os.environ.setdefault("AWS_DEFAULT_REGION", "ap-northeast-1")

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).resolve().parent.parent
RELEASE_PARAMETERS = {"ArtifactBucketPrefix", "Release"}
PSEUDO = {
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
}
FUNCTION = "AWS::Lambda::Function"


def load(name):
    return yaml_parse((ROOT / name).read_text(encoding="utf-8"))


class NoManagedPolicies:
    """SAM asks for AWS's managed policies by name; these templates name none."""

    def load(self):
        return {}


def expanded(template):
    """What CloudFormation gets of the SAM template, and the binary of each function."""
    template = copy.deepcopy(template)
    binaries = {}
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            binaries[name] = resource["Metadata"]["BuildProperties"]["Binary"]
    template["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"
    return transform(template, {}, NoManagedPolicies()), binaries


def code_of(binary):
    """Where a member stack finds a binary's code."""
    return {
        "S3Bucket": {"Fn::Sub": "${ArtifactBucketPrefix}-${AWS::Region}"},
        "S3Key": {"Fn::Sub": f"${{Release}}/{binary}-${{Architecture}}.zip"},
    }


def normal(template, binaries=None):
    """A template without what must differ; with `binaries`, the code of functions is looked up."""
    template = copy.deepcopy(template)
    template.pop("Transform", None)
    for resource in template["Resources"].values():
        # The order of the keys and a list of one say nothing.
        if isinstance(resource.get("DependsOn"), str):
            resource["DependsOn"] = [resource["DependsOn"]]
        if resource["Type"] != FUNCTION:
            continue
        resource.pop("Metadata", None)
        properties = resource["Properties"]
        tags = [tag for tag in properties["Tags"] if tag["Key"] != "lambda:createdBy"]
        properties["Tags"] = sorted(tags, key=lambda tag: tag["Key"])
    for name, binary in (binaries or {}).items():
        template["Resources"][name]["Properties"]["Code"] = code_of(binary)
    for name in RELEASE_PARAMETERS:
        template["Parameters"].pop(name, None)
    for group in template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]:
        group["Parameters"] = [
            name for name in group["Parameters"] if name not in RELEASE_PARAMETERS
        ]
    return template


def differences(one, other, path=""):
    """Where two values differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys(), key=str):
            here = f"{path}/{key}"
            if key not in one or key not in other:
                yield f"{here}: only in {'member.yaml' if key not in one else 'template.yaml'}"
            else:
                yield from differences(one[key], other[key], here)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, pair in enumerate(zip(one, other)):
            yield from differences(*pair, f"{path}/{index}")
    elif one != other or type(one) is not type(other):
        yield f"{path}: {one!r} in template.yaml, {other!r} in member.yaml"


def unresolved(template):
    """References that lead nowhere."""
    resources = template["Resources"]
    named = set(template.get("Parameters", {})) | set(resources) | PSEUDO
    conditions = set(template.get("Conditions", {}))
    mappings = set(template.get("Mappings", {}))

    def walk(value, path, local=frozenset()):
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from walk(item, f"{path}/{index}", local)
        if not isinstance(value, dict):
            return
        for key, item in value.items():
            here = f"{path}/{key}"
            if key == "Ref" and item not in named:
                yield f"{here}: {item}"
            elif key == "Fn::GetAtt":
                target = item.split(".")[0] if isinstance(item, str) else item[0]
                if target not in resources:
                    yield f"{here}: {target}"
            elif key == "Fn::Sub":
                text, own = item if isinstance(item, list) else (item, {})
                yield from walk(list(own.values()), here)
                for name in re.findall(r"\$\{([^!][^}]*)\}", text):
                    if name not in own and name.split(".")[0] not in named:
                        yield f"{here}: {name}"
                for name in own:
                    if f"${{{name}}}" not in text:
                        yield f"{here}: {name} is given and not used"
            elif key == "Fn::FindInMap" and item[0] not in mappings:
                yield f"{here}: {item[0]}"
            elif key == "Fn::If":
                if item[0] not in conditions:
                    yield f"{here}: {item[0]}"
                yield from walk(item[1:], here)
            elif key == "Condition" and isinstance(item, str) and item not in conditions:
                yield f"{here}: {item}"
            else:
                yield from walk(item, here)

    for name, resource in resources.items():
        depends = resource.get("DependsOn", [])
        for target in [depends] if isinstance(depends, str) else depends:
            if target not in resources:
                yield f"/Resources/{name}/DependsOn: {target}"
    yield from walk(template, "")


def first(resources, kind):
    return next(name for name, one in resources.items() if one["Type"] == kind)


def spoilt(member):
    """member.yaml, each time with one thing wrong."""
    resources = member["Resources"]
    function, rule = first(resources, FUNCTION), first(resources, "AWS::Config::ConfigRule")
    queue = first(resources, "AWS::SQS::Queue")

    def change(what, act):
        copied = copy.deepcopy(member)
        act(copied)
        return what, copied

    def at(template, name):
        return template["Resources"][name]

    yield change("a resource is gone", lambda t: t["Resources"].pop(rule))
    yield change("a resource too many", lambda t: t["Resources"].update(More=at(t, queue)))
    yield change("other code", lambda t: at(t, function)["Properties"].update(Code=code_of("other")))
    yield change("an environment variable", lambda t: at(t, function)["Properties"]["Environment"]["Variables"].pop("FISC_LANGUAGE"))
    yield change("a time limit", lambda t: at(t, function)["Properties"].update(Timeout=1))
    yield change("a tag", lambda t: at(t, function)["Properties"].update(Tags=[]))
    yield change("a condition's name", lambda t: at(t, queue).update(Condition="InEnglish"))
    yield change("a condition", lambda t: t["Conditions"].update(InEnglish={"Fn::Equals": ["a", "a"]}))
    yield change("a dependency", lambda t: at(t, "RuntimePolicy").pop("DependsOn"))
    yield change("a parameter's default", lambda t: t["Parameters"]["Language"].update(Default="en"))
    yield change("an output", lambda t: t["Outputs"].popitem())
    yield change("a string for a truth value", lambda t: at(t, queue)["Properties"].update(SqsManagedSseEnabled="true"))


def dangling(template):
    """A template, each time with one reference that leads nowhere."""
    for value in (
        {"Ref": "Nothing"},
        {"Fn::GetAtt": ["Nothing", "Arn"]},
        {"Fn::Sub": "${Nothing}"},
        {"Fn::Sub": ["${A}", {"A": {"Ref": "Nothing"}}]},
        {"Fn::If": ["Nothing", 1, 2]},
        {"Fn::FindInMap": ["Nothing", "a", "b"]},
        {"Condition": "Nothing"},
    ):
        copied = copy.deepcopy(template)
        copied["Outputs"]["More"] = {"Value": [value]}
        yield str(value), copied
    copied = copy.deepcopy(template)
    next(iter(copied["Resources"].values()))["DependsOn"] = ["Nothing"]
    yield "DependsOn", copied


def main():
    template, member = load("template.yaml"), load("member.yaml")
    translated, binaries = expanded(template)
    here = normal(translated, binaries)

    def compare(other):
        return list(differences(here, normal(other)))

    for what, other in spoilt(member):
        if not compare(other):
            sys.exit(f"{__file__} is wrong: it does not see that {what} differs")
    for what, other in dangling(member):
        if not list(unresolved(other)):
            sys.exit(f"{__file__} is wrong: it does not see that {what} leads nowhere")

    problems = compare(member)
    organization = load("organization.yaml")
    templates = {
        "template.yaml": translated,
        "member.yaml": member,
        "organization.yaml": organization,
        "xtask/templates/artifacts.yaml": load("xtask/templates/artifacts.yaml"),
    }
    for name, one in templates.items():
        problems += [f"{name}: {lost}" for lost in unresolved(one)]
    if problems:
        sys.exit("\n".join(problems))
    functions = len(binaries)
    print(f"template.yaml and member.yaml: the same {len(here['Resources'])} resources, {functions} functions")
    print(f"every reference of {', '.join(templates)} resolves")


if __name__ == "__main__":
    main()

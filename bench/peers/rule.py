"""What the usual Python rules share: the runtime's handler around a rule of rdklib."""
import json

from rdklib import ComplianceType, ConfigRule, Evaluation, Evaluator

def passes():
    """A pass; a new one each time, as the evaluator writes into it."""
    return Evaluation(ComplianceType.COMPLIANT)


def fails(code):
    """A failure with its reason code."""
    return Evaluation(ComplianceType.NON_COMPLIANT, annotation=code)


def skipped(code):
    """Something that the rule does not apply to."""
    return Evaluation(ComplianceType.NOT_APPLICABLE, annotation=code)


def listed(value):
    """A value that JSON may hold alone or in a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def on_change(resource_type, judge):
    """The handler of a rule that judges a configuration item."""

    class Rule(ConfigRule):
        def evaluate_change(self, event, client_factory, configuration_item, valid_rule_parameters):
            return [judge(configuration_item, client_factory)]

        def evaluate_parameters(self, rule_parameters):
            return rule_parameters

    return _handler(Rule, [resource_type])


def on_schedule(judge):
    """The handler of a rule that judges the account."""

    class Rule(ConfigRule):
        def evaluate_periodic(self, event, client_factory, valid_rule_parameters):
            verdict = judge(event, client_factory)
            verdict.complianceResourceType = "AWS::::Account"
            verdict.complianceResourceId = event["accountId"]
            return [verdict]

        def evaluate_parameters(self, rule_parameters):
            return rule_parameters

    return _handler(Rule, [])


def _handler(rule, resource_types):
    def lambda_handler(event, context):
        event["ruleParameters"] = json.dumps({"AssumeRoleMode": "false"})
        return Evaluator(rule(), resource_types).handle(event, context)

    return lambda_handler

# STATE_MACHINE_NO_ERROR_HANDLING
cat > definition.json <<'JSON'
{
  "StartAt": "Work",
  "States": {
    "Work": {
      "Type": "Task",
      "Resource": "FUNCTION_ARN",
      "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3, "BackoffRate": 2}],
      "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Tell"}],
      "End": true
    },
    "Tell": {
      "Type": "Task",
      "Resource": "arn:aws:states:::sns:publish",
      "Parameters": {"TopicArn": "TOPIC_ARN", "Message.$": "States.JsonToString($)"},
      "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}],
      "Next": "Failed"
    },
    "Failed": {"Type": "Fail"}
  }
}
JSON
aws stepfunctions update-state-machine --state-machine-arn STATE_MACHINE_ARN \
  --definition file://definition.json

# RULE_NOT_DELIVERABLE
aws events enable-rule --name RULE
aws events put-targets --rule RULE --targets '[{
  "Id": "work",
  "Arn": "FUNCTION_ARN",
  "RetryPolicy": {"MaximumRetryAttempts": 8, "MaximumEventAgeInSeconds": 3600},
  "DeadLetterConfig": {"Arn": "QUEUE_ARN"}
}]'

# RUNBOOK_MISSING
aws ssm create-document --name RUNBOOK --document-type Automation --document-format YAML \
  --content file://runbook.yaml

# CHANGE_CALENDAR_MISSING, CHANGE_CALENDAR_SHARING: in the iCalendar form that the console exports
cat > calendar.ics <<'ICS'
BEGIN:VCALENDAR
PRODID:-//AWS//Change Calendar 1.0//EN
VERSION:2.0
X-CALENDAR-TYPE:DEFAULT_OPEN
END:VCALENDAR
ICS
aws ssm create-document --name CALENDAR --document-type ChangeCalendar --document-format TEXT \
  --content file://calendar.ics
aws ssm modify-document-permission --name CALENDAR --permission-type Share \
  --account-ids-to-add ACCOUNT_ID

# AUTOMATION_NOT_GATED
aws ssm update-association --association-id ASSOCIATION_ID --calendar-names CALENDAR
# MAINTENANCE_WINDOW_MISSING
aws ssm create-maintenance-window --name WINDOW --schedule "cron(0 17 ? * SUN *)" \
  --schedule-timezone Asia/Tokyo --duration 4 --cutoff 1 --no-allow-unassociated-targets
aws ssm register-target-with-maintenance-window --window-id mw-0123456789abcdef0 \
  --resource-type INSTANCE --targets Key=tag:Patch,Values=true
aws ssm register-task-with-maintenance-window --window-id mw-0123456789abcdef0 \
  --task-type RUN_COMMAND --task-arn AWS-RunPatchBaseline --max-concurrency 10% --max-errors 5% \
  --targets Key=WindowTargetIds,Values=TARGET_ID --task-invocation-parameters \
  'RunCommand={Parameters={Operation=[Install]}}'

# STACK_DRIFTED: on a schedule; then bring the template or the resource in line
aws cloudformation detect-stack-drift --stack-name STACK
aws cloudformation describe-stack-resource-drifts --stack-name STACK \
  --stack-resource-drift-status-filters MODIFIED DELETED
# STACK_FAILED, STACK_TERMINATION_UNPROTECTED, STACK_NOTIFICATION_MISSING, NOT_MANAGED_BY_IAC
aws cloudformation continue-update-rollback --stack-name STACK
aws cloudformation update-termination-protection --stack-name STACK --enable-termination-protection
aws cloudformation update-stack --stack-name STACK --use-previous-template \
  --notification-arns TOPIC_ARN
aws resourcegroupstaggingapi tag-resources --resource-arn-list RESOURCE_ARN --tags fisc:iac=terraform

# PIPELINE_SOURCE_UNVERSIONED, PIPELINE_WITHOUT_APPROVAL: a stage between build and deploy, with
# an action of category Approval, owner AWS, provider Manual, version 1
aws codepipeline get-pipeline --name PIPELINE --query pipeline > pipeline.json
aws codepipeline update-pipeline --pipeline file://pipeline.json

# DEPLOY_ROLLBACK_OFF
aws deploy update-deployment-group --application-name APPLICATION \
  --current-deployment-group-name GROUP \
  --auto-rollback-configuration enabled=true,events=DEPLOYMENT_FAILURE,DEPLOYMENT_STOP_ON_ALARM
# APPCONFIG_UNGUARDED
aws appconfig update-environment --application-id APPLICATION_ID --environment-id ENVIRONMENT_ID \
  --monitors AlarmArn=ALARM_ARN,AlarmRoleArn=ROLE_ARN
aws appconfig update-configuration-profile --application-id APPLICATION_ID \
  --configuration-profile-id PROFILE_ID --validators Type=LAMBDA,Content=FUNCTION_ARN
aws appconfig update-deployment-strategy --deployment-strategy-id STRATEGY_ID \
  --growth-factor 20 --deployment-duration-in-minutes 20 --final-bake-time-in-minutes 10

# All codes: first keep the value, without leaving it in the shell's history
aws secretsmanager create-secret --name SECRET_NAME --secret-string file:///dev/stdin
# PARAMETER_NOT_SECURESTRING, PARAMETER_KEY_NOT_CUSTOMER: the type of a parameter can only change
# by making it anew
aws ssm delete-parameter --name PARAMETER
aws ssm put-parameter --name PARAMETER --type SecureString --key-id KEY_ARN \
  --value file:///dev/stdin

# LAMBDA_ENV_SECRET: the code reads the secret by its name; this replaces all variables
aws lambda update-function-configuration --function-name FUNCTION \
  --environment 'Variables={DB_SECRET_ARN=SECRET_ARN}'

# TASKDEF_ENV_SECRET: a revision with the secret instead of the variable
aws ecs describe-task-definition --task-definition FAMILY --query taskDefinition > taskdef.json
aws ecs register-task-definition --family FAMILY --execution-role-arn EXECUTION_ROLE_ARN \
  --container-definitions '[{
    "name": "CONTAINER",
    "image": "IMAGE",
    "secrets": [{"name": "DB_PASSWORD", "valueFrom": "SECRET_ARN"}]
  }]'

# CODEBUILD_ENV_SECRET: this replaces the environment
aws codebuild update-project --name PROJECT --environment '{
  "type": "LINUX_CONTAINER",
  "image": "aws/codebuild/amazonlinux-x86_64-standard:5.0",
  "computeType": "BUILD_GENERAL1_SMALL",
  "environmentVariables": [
    {"name": "DB_PASSWORD", "value": "SECRET_NAME:password", "type": "SECRETS_MANAGER"}
  ]
}'

# USERDATA_SECRET: a version whose user data calls get-secret-value at start
aws ec2 create-launch-template-version --launch-template-id LAUNCH_TEMPLATE_ID \
  --source-version VERSION --launch-template-data '{"UserData": "USER_DATA_IN_BASE64"}'
aws ec2 modify-launch-template --launch-template-id LAUNCH_TEMPLATE_ID --default-version VERSION

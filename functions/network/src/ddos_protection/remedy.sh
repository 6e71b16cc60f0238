# SUBSCRIPTION_INACTIVE: a commitment of a year; AUTO_RENEW_OFF
aws shield create-subscription
aws shield update-subscription --auto-renew ENABLED

# RESOURCE_NOT_PROTECTED
aws shield create-protection --name PROTECTION --resource-arn RESOURCE_ARN

# AUTO_RESPONSE_OFF: needs a web ACL on the resource
aws shield enable-application-layer-automatic-response --resource-arn RESOURCE_ARN --action Block={}

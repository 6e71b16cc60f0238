# MACIE_DISABLED: never enabled, or paused
aws macie2 enable-macie --status ENABLED
aws macie2 update-macie-session --status ENABLED
# MACIE_DISCOVERY_OFF: in the administrator or a stand-alone account
aws macie2 update-automated-discovery-configuration --status ENABLED

# DETECTIVE_DISABLED: after GuardDuty
aws detective create-graph
# ... or, in a member, accept the invitation of the account with the graph
aws detective accept-invitation --graph-arn GRAPH_ARN
# DETECTIVE_CORE_STOPPED, DETECTIVE_MEMBER_MISSING: in the account with the graph
aws detective update-datasource-packages --graph-arn GRAPH_ARN --datasource-packages DETECTIVE_CORE
aws detective create-members --graph-arn GRAPH_ARN \
  --accounts AccountId=MEMBER_ACCOUNT_ID,EmailAddress=MEMBER_MAIL_ADDRESS

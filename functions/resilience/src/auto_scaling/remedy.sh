# NO_SCALING_POLICY, SCALING_TARGET_UNSUITABLE
aws autoscaling put-scaling-policy --auto-scaling-group-name AUTO_SCALING_GROUP \
  --policy-name cpu --policy-type TargetTrackingScaling --target-tracking-configuration '{
    "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
    "TargetValue": 60
  }'
aws autoscaling resume-processes --auto-scaling-group-name AUTO_SCALING_GROUP
# ELB_HEALTH_CHECK_OFF, CAPACITY_AT_LIMIT, MIN_CAPACITY_LOW
aws autoscaling update-auto-scaling-group --auto-scaling-group-name AUTO_SCALING_GROUP \
  --min-size 2 --desired-capacity 2 --max-size 6 \
  --health-check-type ELB --health-check-grace-period 300
# PREDICTIVE_SCALING_MISSING
aws autoscaling put-scaling-policy --auto-scaling-group-name AUTO_SCALING_GROUP \
  --policy-name forecast --policy-type PredictiveScaling --predictive-scaling-configuration '{
    "Mode": "ForecastAndScale",
    "MetricSpecifications": [{
      "TargetValue": 60,
      "PredefinedMetricPairSpecification": {"PredefinedMetricType": "ASGCPUUtilization"}
    }]
  }'
# STATEFUL_REBALANCE_UNGUARDED
aws autoscaling suspend-processes --auto-scaling-group-name AUTO_SCALING_GROUP \
  --scaling-processes AZRebalance

# ECS_SERVICE_NOT_SCALING
aws application-autoscaling register-scalable-target --service-namespace ecs \
  --scalable-dimension ecs:service:DesiredCount --resource-id service/CLUSTER/SERVICE \
  --min-capacity 2 --max-capacity 10
aws application-autoscaling put-scaling-policy --service-namespace ecs --policy-name cpu \
  --scalable-dimension ecs:service:DesiredCount --resource-id service/CLUSTER/SERVICE \
  --policy-type TargetTrackingScaling --target-tracking-scaling-policy-configuration '{
    "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
    "TargetValue": 60
  }'
# CAPACITY_PROVIDER_UNMANAGED
aws ecs update-capacity-provider --name CAPACITY_PROVIDER \
  --auto-scaling-group-provider 'managedScaling={status=ENABLED,targetCapacity=90}'
# DYNAMODB_NOT_SCALING: no capacity to plan; or a target and a policy for reads and for writes
aws dynamodb update-table --table-name TABLE --billing-mode PAY_PER_REQUEST
# AURORA_REPLICAS_NOT_SCALING
aws application-autoscaling register-scalable-target --service-namespace rds \
  --scalable-dimension rds:cluster:ReadReplicaCount --resource-id cluster:CLUSTER \
  --min-capacity 1 --max-capacity 4
aws application-autoscaling put-scaling-policy --service-namespace rds --policy-name readers \
  --scalable-dimension rds:cluster:ReadReplicaCount --resource-id cluster:CLUSTER \
  --policy-type TargetTrackingScaling --target-tracking-scaling-policy-configuration '{
    "PredefinedMetricSpecification": {"PredefinedMetricType": "RDSReaderAverageCPUUtilization"},
    "TargetValue": 60
  }'

//! Ways to raise one's own rights: actions that, held together, let their holder get at rights
//! that nobody gave to it.
//!
//! Sources: Rhino Security Labs, "AWS IAM Privilege Escalation - Methods and Mitigation" and its
//! later additions, and the service authorization reference for which actions take a role
//! (`iam:PassRole` as a dependent action). State of November 2026.

/// Actions that escalate when they are all held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Way<'a> {
    /// The actions besides `iam:PassRole`.
    pub(super) actions: Vec<&'a str>,
    /// The services that take a role on the way, by the first part of their principal; empty when
    /// none is passed.
    pub(super) passed_to: Vec<&'a str>,
}

/// Single actions that give rights, credentials or a session of somebody else.
const ALONE: &[&str] = &[
    // A new version of a policy takes effect at once; an old one may have been wider.
    "iam:CreatePolicyVersion",
    "iam:SetDefaultPolicyVersion",
    // Policies for oneself, for a group that one is in, for a role that one has.
    "iam:AttachUserPolicy",
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:PutUserPolicy",
    "iam:PutGroupPolicy",
    "iam:PutRolePolicy",
    "iam:AddUserToGroup",
    // Credentials of somebody else.
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:UpdateLoginProfile",
    // A trust policy that names its author lets the author in, without sts:AssumeRole of its own.
    "iam:UpdateAssumeRolePolicy",
    // The function's role runs whatever code it is given.
    "lambda:UpdateFunctionCode",
];

/// Services that run work with a role that the caller picks.
const PASSING: &[(&[&str], &[&str])] = &[
    (&["ec2"], &["ec2:RunInstances"]),
    (&["ec2"], &["ec2:AssociateIamInstanceProfile"]),
    (&["ec2"], &["ec2:ReplaceIamInstanceProfileAssociation"]),
    (&["ec2"], &["ec2:CreateLaunchTemplate", "autoscaling:CreateAutoScalingGroup"]),
    (&["ec2"], &["autoscaling:CreateLaunchConfiguration", "autoscaling:CreateAutoScalingGroup"]),
    (&["lambda"], &["lambda:CreateFunction", "lambda:InvokeFunction"]),
    (&["lambda"], &["lambda:CreateFunction", "lambda:InvokeFunctionUrl"]),
    (&["lambda"], &["lambda:CreateFunction", "lambda:AddPermission"]),
    (&["lambda"], &["lambda:CreateFunction", "lambda:CreateEventSourceMapping"]),
    (&["cloudformation"], &["cloudformation:CreateStack"]),
    (&["cloudformation"], &["cloudformation:UpdateStack"]),
    (&["cloudformation"], &["cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"]),
    (&["ecs-tasks"], &["ecs:RegisterTaskDefinition", "ecs:RunTask"]),
    (&["ecs-tasks"], &["ecs:RegisterTaskDefinition", "ecs:StartTask"]),
    (&["ecs-tasks"], &["ecs:RegisterTaskDefinition", "ecs:CreateService"]),
    (&["ecs-tasks"], &["ecs:RegisterTaskDefinition", "ecs:UpdateService"]),
    (&["ecs-tasks", "batch"], &["batch:RegisterJobDefinition", "batch:SubmitJob"]),
    (&["codebuild"], &["codebuild:CreateProject", "codebuild:StartBuild"]),
    (&["codebuild"], &["codebuild:CreateProject", "codebuild:StartBuildBatch"]),
    (&["glue"], &["glue:CreateDevEndpoint"]),
    (&["glue"], &["glue:CreateJob", "glue:StartJobRun"]),
    (&["glue"], &["glue:CreateJob", "glue:CreateTrigger"]),
    (&["glue"], &["glue:UpdateJob", "glue:StartJobRun"]),
    (&["glue"], &["glue:CreateSession", "glue:RunStatement"]),
    (
        &["sagemaker"],
        &["sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"],
    ),
    (&["sagemaker"], &["sagemaker:CreateProcessingJob"]),
    (&["sagemaker"], &["sagemaker:CreateTrainingJob"]),
    (&["states"], &["states:CreateStateMachine", "states:StartExecution"]),
    (&["tasks.apprunner"], &["apprunner:CreateService"]),
    (&["elasticmapreduce", "ec2"], &["elasticmapreduce:RunJobFlow"]),
    (
        &["datapipeline", "ec2"],
        &[
            "datapipeline:CreatePipeline",
            "datapipeline:PutPipelineDefinition",
            "datapipeline:ActivatePipeline",
        ],
    ),
    (&["ssm"], &["ssm:CreateDocument", "ssm:StartAutomationExecution"]),
    (
        &["bedrock-agentcore"],
        &[
            "bedrock-agentcore:CreateCodeInterpreter",
            "bedrock-agentcore:StartCodeInterpreterSession",
            "bedrock-agentcore:InvokeCodeInterpreter",
        ],
    ),
];

const PASS_ROLE: &str = "iam:PassRole";

/// The built-in ways.
pub(super) fn ways() -> impl Iterator<Item = Way<'static>> {
    let alone = ALONE.iter().map(|action| Way { actions: vec![action], passed_to: Vec::new() });
    let passing = PASSING
        .iter()
        .map(|(services, actions)| Way { actions: actions.to_vec(), passed_to: services.to_vec() });
    alone.chain(passing)
}

impl<'a> Way<'a> {
    /// A way as a parameter writes it: `iam:PassRole+batch:SubmitJob`. A role is passed to the
    /// services of the other actions.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let actions: Vec<&str> =
            text.split('+').map(str::trim).filter(|action| !action.is_empty()).collect();
        let (passes, actions): (Vec<&str>, Vec<&str>) =
            actions.into_iter().partition(|action| action.eq_ignore_ascii_case(PASS_ROLE));
        let services = actions.iter().filter_map(|action| Some(action.split_once(':')?.0));
        let passed_to = if passes.is_empty() { Vec::new() } else { services.collect() };
        (!actions.is_empty()).then_some(Self { actions, passed_to })
    }

    /// Whether it takes nothing but IAM itself.
    pub(super) fn is_iam_alone(&self) -> bool {
        self.passed_to.is_empty() && self.actions.iter().all(|action| action.starts_with("iam:"))
    }

    /// Its actions, for a message.
    pub(super) fn name(&self) -> String {
        let actions = self.actions.join("+");
        if self.passed_to.is_empty() { actions } else { format!("{PASS_ROLE}+{actions}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_has_actions_and_is_there_once() {
        let mut names: Vec<String> = ways().map(|way| way.name()).collect();
        assert!(names.iter().all(|name| name.contains(':') && !name.contains('*')));
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        assert!(names.contains(&"iam:CreatePolicyVersion".to_owned()));
        assert!(
            names.contains(&"iam:PassRole+lambda:CreateFunction+lambda:InvokeFunction".to_owned())
        );
    }

    #[test]
    fn parameters_write_ways_with_plus_signs() {
        let way = Way::parse("iam:passrole + amplify:CreateApp+amplify:StartJob").unwrap();
        assert_eq!(way.actions, ["amplify:CreateApp", "amplify:StartJob"]);
        assert_eq!(way.passed_to, ["amplify", "amplify"]);
        assert_eq!(Way::parse("iam:CreateUser").unwrap().name(), "iam:CreateUser");
        assert_eq!(Way::parse("iam:PassRole"), None);
        assert_eq!(Way::parse(""), None);
    }
}

//! The actions by which a principal manages IAM.

use fisc_shared::policy::PolicyDocument;
use fisc_shared::{ConfigurationItem, Error, Run};
use serde_json::json;

use crate::rights::Rights;

/// Actions that give, take or lend rights.
const RIGHTS: &[&str] = &[
    // First the most telling ones: the first that is found is named.
    "iam:CreateRole",
    "iam:CreateUser",
    "iam:CreatePolicy",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:AttachGroupPolicy",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:PutGroupPolicy",
    "iam:CreatePolicyVersion",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "iam:AddUserToGroup",
    "iam:PassRole",
    "iam:AcceptDelegationRequest",
    "iam:AddClientIDToOpenIDConnectProvider",
    "iam:AddRoleToInstanceProfile",
    "iam:CreateGroup",
    "iam:CreateInstanceProfile",
    "iam:CreateOpenIDConnectProvider",
    "iam:CreateSAMLProvider",
    "iam:DeleteAccountPasswordPolicy",
    "iam:DeleteGroup",
    "iam:DeleteGroupPolicy",
    "iam:DeleteInstanceProfile",
    "iam:DeleteOpenIDConnectProvider",
    "iam:DeletePolicy",
    "iam:DeletePolicyVersion",
    "iam:DeleteRole",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteRolePolicy",
    "iam:DeleteSAMLProvider",
    "iam:DeleteUser",
    "iam:DeleteUserPermissionsBoundary",
    "iam:DeleteUserPolicy",
    "iam:DetachGroupPolicy",
    "iam:DetachRolePolicy",
    "iam:DetachUserPolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutUserPermissionsBoundary",
    "iam:RemoveClientIDFromOpenIDConnectProvider",
    "iam:RemoveRoleFromInstanceProfile",
    "iam:RemoveUserFromGroup",
    "iam:UpdateAccountPasswordPolicy",
    "iam:UpdateGroup",
    "iam:UpdateOpenIDConnectProviderThumbprint",
    "iam:UpdateRole",
    "iam:UpdateRoleDescription",
    "iam:UpdateSAMLProvider",
    "iam:UpdateUser",
];

/// Actions on credentials of a user: management of IAM unless the user is oneself.
const CREDENTIALS: &[&str] = &[
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:UpdateLoginProfile",
    "iam:CreateServiceSpecificCredential",
    "iam:DeactivateMFADevice",
    "iam:DeleteAccessKey",
    "iam:DeleteLoginProfile",
    "iam:DeleteSSHPublicKey",
    "iam:DeleteServiceSpecificCredential",
    "iam:DeleteSigningCertificate",
    "iam:EnableMFADevice",
    "iam:ResetServiceSpecificCredential",
    "iam:UpdateAccessKey",
    "iam:UpdateSSHPublicKey",
    "iam:UpdateServiceSpecificCredential",
    "iam:UpdateSigningCertificate",
    "iam:UploadSSHPublicKey",
    "iam:UploadSigningCertificate",
];

/// The first of these actions that the policies of a principal, together, allow on something in
/// IAM of its account.
pub(super) fn first(
    mut documents: Vec<PolicyDocument>,
    arn: &str,
    item: &ConfigurationItem,
    run: &Run<'_>,
) -> Result<Option<&'static str>, Error> {
    // What is allowed on oneself alone is left with nothing.
    documents.push(PolicyDocument::from_value(&json!({"Statement": {
        "Effect": "Deny",
        "Action": CREDENTIALS,
        "Resource": [
            arn, "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:user/*/${aws:username}"
        ],
    }}))?);
    let own = &item.account_id;
    let rights = Rights::new(documents, own, run.region, Some(arn));
    for (actions, resources) in [
        (RIGHTS, format!("arn:aws:iam::{own}:*")),
        (CREDENTIALS, format!("arn:aws:iam::{own}:user/*")),
    ] {
        if let Some(action) = rights.on(actions, &resources)?.first() {
            return Ok(Some(action));
        }
    }
    Ok(None)
}

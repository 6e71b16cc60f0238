//! The Lambda of the governance domain.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    fisc_shared::lambda::serve(fisc_governance::CONTROLS).await
}

//! The Lambda of the identity domain.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    fisc_shared::lambda::serve(fisc_identity::CONTROLS).await
}

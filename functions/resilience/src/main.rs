//! The Lambda of the resilience domain.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    fisc_shared::lambda::serve(fisc_resilience::CONTROLS).await
}

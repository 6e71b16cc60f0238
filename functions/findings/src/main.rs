//! The Lambda that forwards compliance changes to Security Hub.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    fisc_findings::serve().await
}

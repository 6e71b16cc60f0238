//! The Lambda of the logging domain. It verifies signatures and hashes of many files at once, so
//! that it uses every core that its memory setting gives it.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    fisc_shared::lambda::serve(fisc_logging::CONTROLS).await
}

//! Placeholder of the lead until the mailer helper's files land (overwrite me).
use tokio_util::sync::CancellationToken;
/// t
pub struct Transport;
impl Transport {
    /// t
    pub fn from_settings(_: &crate::config::Settings) -> Result<Self, Box<dyn std::error::Error>> { Ok(Self) }
}
/// t
pub async fn run(_: domain::Env, _: Transport, _: CancellationToken) {}

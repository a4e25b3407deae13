//! Notifications: telling people, by the services that they use.
//!
//! A service is a block, and those of Python are used as they are. In the blocking face:
//!
#![cfg_attr(feature = "blocking", doc = "```no_run")]
#![cfg_attr(not(feature = "blocking"), doc = "```ignore")]
//! use prefect_sdk::blocks::Block;
//! use prefect_sdk::client::PrefectClient;
//! use prefect_sdk::notifications::{Notify, SlackWebhook};
//!
//! # fn run() -> Result<(), prefect_sdk::Error> {
//! let slack = SlackWebhook::load(&PrefectClient::from_env()?, "alerts")?;
//! slack.notify("The nightly import is done.")?;
//! # Ok(()) }
//! ```
//!
//! In the async face:
//!
#![cfg_attr(feature = "async", doc = "```no_run")]
#![cfg_attr(not(feature = "async"), doc = "```ignore")]
//! use prefect_sdk::blocks::Block;
//! use prefect_sdk::client::AsyncPrefectClient;
//! use prefect_sdk::notifications::{Notify, NotifyOptions, SlackWebhook};
//!
//! # async fn run() -> Result<(), prefect_sdk::Error> {
//! let client = AsyncPrefectClient::from_env()?;
//! let slack = SlackWebhook::aload(&client, "alerts").await?;
//! slack.anotify("The nightly import is done.").await?;
//! let options = NotifyOptions::new().subject("Import");
//! slack.anotify_with("It took two minutes.", &options).await?;
//! # Ok(()) }
//! ```
//!
//! What is sent is what Python's blocks send, by way of [Apprise](https://github.com/caronc/apprise). It differs where
//! that loses something:
//!
//! - A notice that no service takes is an error, where Python says nothing unless it is asked to.
//! - A target that can't be told costs the others nothing; [`Error::targets`](crate::Error::targets) says of each whether it
//!   was told. A target that is not valid is an error before anything is sent, where Apprise leaves it out, or tells the
//!   sender instead.
//! - The details of a `PagerDuty` notice end with it, and its component may have slashes.
//! - Redirects are not followed.
//!
//! Addresses and keys of these services are secrets, and are in no error, log or `Debug`.
//!
//! A service of your own is a [`NotificationBlock`]: it makes requests, which are data, and both faces send them.

mod custom;
mod discord;
mod mattermost;
mod notice;
mod opsgenie;
mod pager_duty;
mod request;
mod sendgrid;
mod sending;
mod slack;
mod teams;
mod template;
mod twilio;

use diptych_macros::dual;

pub use custom::{CustomWebhookNotificationBlock, FormData, HttpMethod};
pub use discord::DiscordWebhook;
pub use mattermost::MattermostWebhook;
pub use notice::{Notice, NotifyOptions, NotifyType, Region};
pub use opsgenie::OpsgenieWebhook;
pub use pager_duty::PagerDutyWebHook;
pub use request::NotificationRequest;
pub use sendgrid::SendgridEmail;
#[dual(telling)]
use sending::atell;
pub use slack::SlackWebhook;
pub use teams::MicrosoftTeamsWebhook;
pub use twilio::TwilioSms;

use crate::Error;

diptych_macros::faces! {
    /// The names that differ between the faces of this module.
    telling {
        ..crate::faces::sdk,
        atell => tell,
        atell_one => tell_one,
        atransport => transport,
    }
}

/// A service that notices are sent to.
///
/// ```
/// use prefect_sdk::client::transport::{Bytes, http};
/// use prefect_sdk::notifications::{Notice, NotificationBlock, NotificationRequest};
///
/// struct Pager {
///     url: String,
/// }
///
/// impl NotificationBlock for Pager {
///     fn requests(&self, notice: &Notice<'_>) -> Result<Vec<NotificationRequest>, prefect_sdk::Error> {
///         let body = Bytes::from(notice.body().to_owned());
///         Ok(vec![NotificationRequest::post("the pager", &self.url, body)?])
///     }
/// }
/// ```
pub trait NotificationBlock: Send + Sync {
    /// The requests that tell of the notice, one for each target.
    ///
    /// # Errors
    ///
    /// The service can't be told such a notice, or what this holds can't be used ([`Error::is_invalid`]).
    fn requests(&self, notice: &Notice<'_>) -> Result<Vec<NotificationRequest>, Error>;
}

/// Telling people by a [`NotificationBlock`].
#[dual(telling)]
pub trait Notify: NotificationBlock {
    /// Sends a notice.
    ///
    /// # Errors
    ///
    /// The text is empty, or what the block holds can't be used ([`Error::is_invalid`]); or a target was not told
    /// ([`Error::is_undelivered`]), which says nothing about the others.
    #[dual(name = notify)]
    fn anotify(&self, body: &str) -> impl Future<Output = Result<(), Error>> + Send {
        async move {
            let options = NotifyOptions::new();
            self.anotify_with(body, &options).await
        }
    }

    /// Sends a notice, with what is optional about it.
    ///
    /// # Errors
    ///
    /// As [`anotify`](Self::anotify).
    #[dual(name = notify_with)]
    fn anotify_with(
        &self,
        body: &str,
        options: &NotifyOptions,
    ) -> impl Future<Output = Result<(), Error>> + Send {
        async move {
            let notice = Notice::new(body, options)?;
            atell(self.requests(&notice)?).await
        }
    }
}

impl<T: NotificationBlock + ?Sized> Notify for T {}

/// What a block's switch says unless somebody says otherwise, where it is on.
fn on() -> bool {
    true
}

/// Why a block that can't be used refuses a good notice.
#[cfg(test)]
fn refusal(block: &impl NotificationBlock) -> Error {
    let options = NotifyOptions::new();
    let notice = Notice::new("B", &options).expect("a good notice");
    block.requests(&notice).expect_err("it can't be used")
}

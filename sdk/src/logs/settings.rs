//! Prefect's settings of logs.

#[cfg(all(feature = "tracing-layer", feature = "flows"))]
use tracing::level_filters::LevelFilter;

use super::SendLogsOptions;
use crate::Error;
use crate::said::said;

impl SendLogsOptions {
    /// As the environment says, by Prefect's variables `PREFECT_LOGGING_TO_API_BATCH_INTERVAL` (seconds),
    /// `PREFECT_LOGGING_TO_API_BATCH_SIZE` and `PREFECT_LOGGING_TO_API_MAX_LOG_SIZE` (bytes of JSON). As with Prefect, a batch has room for
    /// one log less than it may be large.
    ///
    /// # Errors
    ///
    /// A variable does not say what it must, or a log may be larger than a batch ([`Error::is_invalid`]).
    pub fn from_env() -> Result<Self, Error> {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let (batch, log) = (
            "PREFECT_LOGGING_TO_API_BATCH_SIZE",
            "PREFECT_LOGGING_TO_API_MAX_LOG_SIZE",
        );
        let mut options = Self::new();
        let interval = "PREFECT_LOGGING_TO_API_BATCH_INTERVAL";
        if let Some(text) = said(&variable, interval) {
            let seconds = text
                .parse()
                .ok()
                .map(std::time::Duration::try_from_secs_f64);
            let Some(Ok(seconds)) = seconds else {
                return Err(Error::invalid(format!(
                    "{interval} is no number of seconds"
                )));
            };
            options.batch_interval = seconds;
        }
        let bytes = |name: &str| match said(&variable, name) {
            None => Ok(None),
            Some(text) => match text.parse::<usize>() {
                Ok(bytes) => Ok(Some(bytes)),
                Err(_) => Err(Error::invalid(format!("{name} is no number of bytes"))),
            },
        };
        let (batch_bytes, log_bytes) = (bytes(batch)?, bytes(log)?);
        options.log_bytes = log_bytes;
        if batch_bytes.is_some() || log_bytes.is_some() {
            let (whole, one) = (
                batch_bytes.unwrap_or(USUAL_BATCH),
                log_bytes.unwrap_or(USUAL_LOG),
            );
            if whole < one {
                return Err(Error::invalid(format!("{log} is larger than {batch}")));
            }
            options.batch_bytes = (whole - one).max(one);
        }
        Ok(options)
    }
}

/// As Prefect has them, in bytes.
const USUAL_BATCH: usize = 4_000_000;
const USUAL_LOG: usize = 1_000_000;

/// From which level on is shipped, if that is said.
#[cfg(all(feature = "tracing-layer", feature = "flows"))]
pub(super) fn level(
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<LevelFilter>, Error> {
    let name = "PREFECT_LOGGING_LEVEL";
    let Some(text) = said(variable, name) else {
        return Ok(None);
    };
    Ok(Some(match &*text.to_uppercase() {
        "DEBUG" => LevelFilter::DEBUG,
        "INFO" => LevelFilter::INFO,
        "WARNING" => LevelFilter::WARN,
        "ERROR" => LevelFilter::ERROR,
        // Nothing that is said through `tracing` is as bad as that.
        "CRITICAL" => LevelFilter::OFF,
        _ => {
            let text = format!("{name} is none of DEBUG, INFO, WARNING, ERROR and CRITICAL");
            return Err(Error::invalid(text));
        }
    }))
}

/// Whether logs are sent to the server.
#[cfg(all(feature = "tracing-layer", feature = "flows"))]
pub(super) fn to_api(variable: impl Fn(&str) -> Option<String>) -> Result<bool, Error> {
    let name = "PREFECT_LOGGING_TO_API_ENABLED";
    match said(variable, name) {
        None => Ok(true),
        Some(text) => crate::said::truth(name, &text),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn with(pairs: &[(&'static str, &'static str)]) -> impl Fn(&str) -> Option<String> {
        let pairs = pairs.to_vec();
        move |name| {
            let found = pairs.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        }
    }

    #[cfg(all(feature = "tracing-layer", feature = "flows"))]
    #[test]
    fn levels_are_python_s_in_any_case() {
        let of = |text| level(with(&[("PREFECT_LOGGING_LEVEL", text)]));
        assert_eq!(of("warning").unwrap(), Some(LevelFilter::WARN));
        assert_eq!(of("Critical").unwrap(), Some(LevelFilter::OFF));
        assert_eq!(of(" ").unwrap(), None);
        assert!(of("loud").unwrap_err().is_invalid());
        let enabled = |text| to_api(with(&[("PREFECT_LOGGING_TO_API_ENABLED", text)]));
        assert!(enabled("").unwrap() && !enabled("False").unwrap());
        assert!(enabled("maybe").unwrap_err().is_invalid());
    }

    #[test]
    fn sizes_and_times_are_prefect_s() {
        let usual = SendLogsOptions::from_variables(with(&[])).unwrap();
        assert_eq!(usual.batch_bytes, SendLogsOptions::new().batch_bytes);
        let all = SendLogsOptions::from_variables(with(&[
            ("PREFECT_LOGGING_TO_API_BATCH_INTERVAL", "0.5"),
            ("PREFECT_LOGGING_TO_API_BATCH_SIZE", "3000"),
            ("PREFECT_LOGGING_TO_API_MAX_LOG_SIZE", "1000"),
        ]))
        .unwrap();
        assert_eq!(all.batch_interval, Duration::from_millis(500));
        assert_eq!((all.batch_bytes, all.log_bytes), (2000, Some(1000)));
        for wrong in [
            ("PREFECT_LOGGING_TO_API_BATCH_INTERVAL", "-1"),
            ("PREFECT_LOGGING_TO_API_BATCH_SIZE", "many"),
            ("PREFECT_LOGGING_TO_API_BATCH_SIZE", "3000"),
        ] {
            let error = SendLogsOptions::from_variables(with(&[wrong])).unwrap_err();
            assert!(error.is_invalid());
        }
    }
}

//! Deployments that the workers of a work pool run.

use std::path::Path;

use diptych_macros::dual;
#[dual(deploying)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::WorkPoolResponse;
use uuid::Uuid;

use super::{Image, RunnerDeployment};
use crate::Error;
#[dual(deploying)]
use crate::filesystems::offload::aoffload;

diptych_macros::faces! {
    /// The names that differ between the faces of what deploys.
    deploying {
        ..crate::faces::sdk,
        aapply => apply,
        adeploy => deploy,
        adeploy_with => deploy_with,
        amake => make,
        aoffload => offload,
    }
}

/// What is optional about deploying.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct DeployOptions {
    /// The image that the program is in; built and pushed before anything is applied.
    pub image: Option<Image>,
    /// Whether the image is there already, so that it is neither built nor pushed.
    pub is_built: bool,
    /// Whether the image stays on this machine, so that it is built and not pushed.
    pub is_local: bool,
    /// The arguments that workers call the program with; none unless set.
    pub arguments: Vec<String>,
}

impl DeployOptions {
    /// With nothing optional.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the image that the program is in.
    #[must_use]
    pub fn image(mut self, image: Image) -> Self {
        self.image = Some(image);
        self
    }

    /// Sets whether the image is there already.
    #[must_use]
    pub fn is_built(mut self, is_built: bool) -> Self {
        self.is_built = is_built;
        self
    }

    /// Sets whether the image stays on this machine.
    #[must_use]
    pub fn is_local(mut self, is_local: bool) -> Self {
        self.is_local = is_local;
        self
    }

    /// Sets the arguments that workers call the program with.
    #[must_use]
    pub fn arguments(mut self, arguments: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.arguments = arguments.into_iter().map(Into::into).collect();
        self
    }
}

/// What became of one deployment among many.
#[derive(Debug)]
#[non_exhaustive]
pub struct Deployed {
    /// Its name: `flow/deployment`.
    pub name: String,
    /// Its id, or why the server does not have it.
    pub outcome: Result<Uuid, Error>,
}

/// Applies deployments that the workers of that work pool run: each run begins as a process, or a container, of this program, which
/// must call [`run`](crate::run) with the flows first in `main`. One that can't be applied does not keep the others from it: what
/// this gives says what became of each, in their order.
///
/// Workers of a pool of the type `process` call the program where it is now, unless the job variables of a deployment have a `command`;
/// for those that run containers, [`adeploy_with`] takes an image.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, deployments::adeploy, flows::AsyncFlow};
/// # async fn run(load: AsyncFlow<(), (), String>, report: AsyncFlow<(), (), String>) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// for deployed in adeploy(&client, &[load.to_deployment("north"), report.to_deployment("north")], "machines").await? {
///     println!("{}: {:?}", deployed.name, deployed.outcome);
/// }
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// As those of [`adeploy_with`].
#[dual(deploying)]
pub async fn adeploy(
    client: &AsyncPrefectClient,
    deployments: &[RunnerDeployment],
    work_pool: &str,
) -> Result<Vec<Deployed>, Error> {
    adeploy_with(client, deployments, work_pool, &DeployOptions::new()).await
}

/// As [`adeploy`], with what is optional about it.
///
/// # Errors
///
/// There is no such work pool ([`Error::is_not_found`]); its workers run no images although there is one, or need one although
/// there is none, or there is no Docker ([`Error::is_invalid`]); the image can't be built or pushed ([`Error::is_refused`]). Nothing
/// is applied then, and an image is not begun that the pool would not take.
#[dual(deploying)]
pub async fn adeploy_with(
    client: &AsyncPrefectClient,
    deployments: &[RunnerDeployment],
    work_pool: &str,
    options: &DeployOptions,
) -> Result<Vec<Deployed>, Error> {
    let pool = match client.read_work_pool(work_pool).await {
        Ok(pool) => pool,
        Err(error) if error.is_not_found() => {
            let text = format!("there is no work pool `{work_pool}`: create it first");
            return Err(Error::not_found(text).because(error));
        }
        Err(error) => return Err(error.into()),
    };
    let takes = Takes::of(&pool);
    let mut ready = Vec::new();
    for deployment in deployments {
        ready.push(takes.fitted(deployment, &pool.name, options)?);
    }
    if let Some(image) = options.image.clone().filter(|_| !options.is_built) {
        amake(image, !options.is_local).await?;
    }
    let mut deployed = Vec::new();
    for deployment in ready {
        let (name, outcome) = (deployment.full_name(), deployment.aapply(client).await);
        match &outcome {
            Ok(_) => tracing::info!("`{name}` is deployed to `{work_pool}`"),
            Err(error) => tracing::error!("`{name}` is not deployed to `{work_pool}`: {error}"),
        }
        deployed.push(Deployed { name, outcome });
    }
    Ok(deployed)
}

#[dual(deploying)]
async fn amake(image: Image, is_pushed: bool) -> Result<(), Error> {
    aoffload(move || {
        image.build()?;
        if is_pushed { image.push() } else { Ok(()) }
    })
    .await
}

/// What the infrastructure of a work pool can be told.
struct Takes {
    image: bool,
    command: bool,
}

impl Takes {
    fn of(pool: &WorkPoolResponse) -> Self {
        let template = serde_json::to_value(&pool.base_job_template).unwrap_or_default();
        let has = |name: &str| !template["variables"]["properties"][name].is_null();
        Self {
            image: has("image"),
            command: has("command"),
        }
    }

    /// The deployment, as the workers of the pool can run it.
    fn fitted(
        &self,
        deployment: &RunnerDeployment,
        pool: &str,
        options: &DeployOptions,
    ) -> Result<RunnerDeployment, Error> {
        let mut fitted = deployment.clone().work_pool_name(pool);
        let is_elsewhere = fitted.source.is_some() || !fitted.pull_steps.is_empty();
        let variables = &mut fitted.job_variables;
        let image = options.image.as_ref();
        match image {
            Some(_) if !self.image => {
                let text = format!(
                    "the work pool `{pool}` takes no images: its base job template has no variable `image`"
                );
                return Err(Error::invalid(text));
            }
            Some(image) => {
                variables.insert("image".to_owned(), image.reference().into());
            }
            None if self.image && !variables.contains_key("image") && !is_elsewhere => {
                let text = format!(
                    "the workers of the work pool `{pool}` run images: say by `DeployOptions::image` which one the program is in"
                );
                return Err(Error::invalid(text));
            }
            None => {}
        }
        let is_said = fitted.job_variables.contains_key("command");
        let command = if !self.command || is_said {
            None
        } else if !fitted.command.is_empty() {
            Some(line(&fitted.command))
        } else if !is_elsewhere {
            Some(own_command(image, &options.arguments)?)
        } else {
            // Python's workers know what runs their flows.
            None
        };
        if let Some(command) = command {
            fitted
                .job_variables
                .insert("command".to_owned(), command.into());
        }
        Ok(fitted)
    }
}

/// What a worker calls this program by.
fn own_command(image: Option<&Image>, arguments: &[String]) -> Result<String, Error> {
    let program = match image {
        Some(image) => image.executable_in_it(),
        None => own()?,
    };
    let words: Vec<String> = std::iter::once(program)
        .chain(arguments.iter().cloned())
        .collect();
    Ok(line(&words))
}

/// Words as a worker reads them again: it splits a line as a shell does, and asks none.
fn line(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    quoted.join(" ")
}

fn own() -> Result<String, Error> {
    let told = |what: &dyn std::fmt::Display| {
        let text = format!("workers can't call this program, as its path is not known: {what}");
        Error::invalid(text)
    };
    let path = std::env::current_exe().map_err(|error| told(&error))?;
    let text = Path::to_str(&path).ok_or_else(|| told(&"it is no text"))?;
    Ok(text.to_owned())
}

/// As a shell reads it as one word.
fn quoted(part: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+=:,@%".contains(&byte);
    if !part.is_empty() && part.bytes().all(is_plain) {
        return part.to_owned();
    }
    format!("'{}'", part.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted(takes: &Takes, options: &DeployOptions) -> Result<RunnerDeployment, Error> {
        let deployment = RunnerDeployment::new("load", "nightly");
        takes.fitted(&deployment, "pool", options)
    }

    #[test]
    fn what_a_pool_can_not_run_is_refused() {
        let process = Takes {
            image: false,
            command: true,
        };
        let docker = Takes {
            image: true,
            command: true,
        };
        let image = DeployOptions::new().image(Image::new("shop:1").executable("shop"));
        assert!(fitted(&process, &image).unwrap_err().is_invalid());
        let none = DeployOptions::new();
        assert!(fitted(&docker, &none).unwrap_err().is_invalid());
        let container = fitted(&docker, &image).unwrap();
        assert_eq!(container.job_variables["image"], "shop:1");
        assert_eq!(container.job_variables["command"], "shop");
        let here = fitted(&process, &none.arguments(["a b"])).unwrap();
        let command = here.job_variables["command"].as_str().unwrap();
        assert!(command.ends_with(" 'a b'"), "{command}");
        // What somebody says stays.
        let own = RunnerDeployment::new("load", "nightly").job_variables([("command", "own")]);
        let own = process.fitted(&own, "pool", &DeployOptions::new()).unwrap();
        assert_eq!(own.job_variables["command"], "own");
    }

    #[test]
    fn a_worker_reads_each_part_as_one_word() {
        assert_eq!(quoted("/usr/bin/load"), "/usr/bin/load");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(quoted(""), "''");
    }
}

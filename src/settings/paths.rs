//! Paths as Prefect writes them: `~`, `$PREFECT_HOME`, and Python's normal form.

use std::path::{Component, Path, PathBuf};

use super::value::Expected;

/// A path that may begin with `~`.
pub(super) fn expanded(text: &str, home: Option<&Path>) -> Result<PathBuf, Expected> {
    let Some(behind) = text.strip_prefix('~') else {
        return Ok(normal(text));
    };
    if !(behind.is_empty() || behind.starts_with('/')) {
        return Err("the home directory of another user is not looked up: write the whole path");
    }
    let home = home.ok_or("the home directory is not known: set HOME, or write the whole path")?;
    Ok(normal(home.join(behind.trim_start_matches('/'))))
}

/// The path of a file, in which `$PREFECT_HOME` is the setting `home`.
pub(super) fn in_prefect_home(text: &str, prefect_home: &Path) -> Result<PathBuf, Expected> {
    if text.is_empty() {
        return Err("it must be the path of a file");
    }
    Ok(normal(
        text.replace("$PREFECT_HOME", &prefect_home.to_string_lossy()),
    ))
}

/// Without `.` and doubled slashes; nothing is the directory itself.
pub(super) fn normal(path: impl AsRef<Path>) -> PathBuf {
    let components = path.as_ref().components();
    let path: PathBuf = components
        .filter(|part| *part != Component::CurDir)
        .collect();
    if path.as_os_str().is_empty() {
        return ".".into();
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tilde_is_the_home_directory() {
        let path = |text| {
            expanded(text, Some(Path::new("/home/u"))).map(|path| path.display().to_string())
        };
        assert_eq!(path("~").as_deref(), Ok("/home/u"));
        assert_eq!(path("~/.prefect/").as_deref(), Ok("/home/u/.prefect"));
        assert_eq!(path("./a//b/../~").as_deref(), Ok("a/b/../~"));
        assert_eq!(path("").as_deref(), Ok("."));
        assert!(path("~root/x").unwrap_err().contains("another user"));
        assert!(expanded("~", None).unwrap_err().contains("set HOME"));
        assert_eq!(expanded("/a", None), Ok("/a".into()));
    }

    #[test]
    fn prefect_s_home_is_a_template() {
        let path = in_prefect_home("$PREFECT_HOME/p.toml", Path::new("/h"));
        assert_eq!(path, Ok("/h/p.toml".into()));
        assert!(in_prefect_home("", Path::new("/h")).is_err());
    }
}

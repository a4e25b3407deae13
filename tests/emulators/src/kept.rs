//! What a storage is asked to keep.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use diptych_macros::dual;
use prefect_sdk::filesystems::{AsyncStorage, GetDirectoryOptions, PutDirectoryOptions, Storage};

use crate::faces::faces;

/// Files, and what is written in their place; directories there and back.
#[dual(faces, map(akept => kept))]
pub(crate) async fn akept(files: &dyn AsyncStorage) -> Result<()> {
    let missing = files.read_path("a").await;
    ensure!(missing.is_err_and(|error| error.is_not_found()));
    for (path, content) in [
        ("a/b", "one"),
        ("a/b", "two"),
        ("ä %20+&=;:@!$,'()*~", "odd"),
        ("empty", ""),
    ] {
        let at = files.write_path(path, content.as_bytes()).await?;
        ensure!(files.read_path(path).await? == content.as_bytes(), "{path}");
        ensure!(files.read_path(&at).await? == content.as_bytes(), "{at}");
    }
    let room = tempfile::tempdir()?;
    let (from, to) = (room.path().join("from"), room.path().join("to"));
    write(&from.join("x/y/z"), b"z")?;
    write(&from.join("x/one"), b"1")?;
    let options = PutDirectoryOptions::new().to_path("tree");
    ensure!(files.put_directory_with(&from, &options).await? == 2);
    let options = GetDirectoryOptions::new().from_path("tree");
    files.get_directory_with(&to, &options).await?;
    ensure!(fs::read(to.join("x/y/z"))? == b"z");
    ensure!(fs::read(to.join("x/one"))? == b"1");
    Ok(())
}

/// A file that is more than one request can take.
#[dual(faces, map(akept_large => kept_large))]
pub(crate) async fn akept_large(files: &dyn AsyncStorage) -> Result<()> {
    files.write_path("large", &large()).await?;
    ensure!(files.read_path("large").await? == large());
    let room = tempfile::tempdir()?;
    let (from, to) = (room.path().join("from"), room.path().join("to"));
    write(&from.join("large"), &large())?;
    let options = PutDirectoryOptions::new().to_path("larger");
    ensure!(files.put_directory_with(&from, &options).await? == 1);
    let options = GetDirectoryOptions::new().from_path("larger");
    files.get_directory_with(&to, &options).await?;
    ensure!(fs::read(to.join("large"))? == large());
    Ok(())
}

/// More than two parts, and no two of them alike.
fn large() -> Vec<u8> {
    (0..13 * 1024 * 1024_u32)
        .map(|number| (number >> 20).to_le_bytes()[0] ^ number.to_le_bytes()[0])
        .collect()
}

fn write(path: &Path, content: &[u8]) -> Result<()> {
    path.parent().map(fs::create_dir_all).transpose()?;
    Ok(fs::write(path, content)?)
}

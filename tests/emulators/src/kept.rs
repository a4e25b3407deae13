//! What a storage is asked to keep.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use diptych_macros::dual;
use prefect_sdk::filesystems::{GetDirectoryOptions, PutDirectoryOptions, RemoteFileSystem};

use crate::faces::faces;

/// Files, and what is written in their place; directories there and back.
#[dual(faces, map(akept => kept))]
pub(crate) async fn akept(files: &RemoteFileSystem) -> Result<()> {
    let missing = files.aread_path("a").await;
    ensure!(missing.is_err_and(|error| error.is_not_found()));
    for (path, content) in [
        ("a/b", "one"),
        ("a/b", "two"),
        ("ä %20+&=;:@!$,'()*~", "odd"),
        ("empty", ""),
    ] {
        let at = files.awrite_path(path, content).await?;
        ensure!(
            files.aread_path(path).await? == content.as_bytes(),
            "{path}"
        );
        ensure!(files.aread_path(&at).await? == content.as_bytes(), "{at}");
    }
    let room = tempfile::tempdir()?;
    let (from, to) = (room.path().join("from"), room.path().join("to"));
    write(&from.join("x/y/z"), b"z")?;
    write(&from.join("x/one"), b"1")?;
    let options = PutDirectoryOptions::new().to_path("tree");
    ensure!(files.aput_directory_with(&from, &options).await? == 2);
    let options = GetDirectoryOptions::new().from_path("tree");
    files.aget_directory_with(&to, &options).await?;
    ensure!(fs::read(to.join("x/y/z"))? == b"z");
    ensure!(fs::read(to.join("x/one"))? == b"1");
    Ok(())
}

/// A file that is more than one request can take.
#[dual(faces, map(akept_large => kept_large))]
pub(crate) async fn akept_large(files: &RemoteFileSystem) -> Result<()> {
    files.awrite_path("large", large()).await?;
    ensure!(files.aread_path("large").await? == large());
    let room = tempfile::tempdir()?;
    let (from, to) = (room.path().join("from"), room.path().join("to"));
    write(&from.join("large"), &large())?;
    let options = PutDirectoryOptions::new().to_path("larger");
    ensure!(files.aput_directory_with(&from, &options).await? == 1);
    let options = GetDirectoryOptions::new().from_path("larger");
    files.aget_directory_with(&to, &options).await?;
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

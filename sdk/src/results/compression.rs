//! What a result is compressed with.

use std::io::{self, Read};

use crate::Error;

/// What is read of a compressed result at most: more than that is not held in memory, whatever its bytes say.
const LARGEST: u64 = 1024 * 1024 * 1024;

/// A library of Python's that compresses. Each is compiled with its feature only; without, using it is an error that says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compression {
    /// `lzma`, which is the default: an `.xz` stream. Feature `xz`.
    #[default]
    Xz,
    /// `bz2`. Feature `bzip2`.
    Bzip2,
    /// `zlib`. Feature `zlib`.
    Zlib,
    /// `gzip`. Feature `zlib`.
    Gzip,
}

impl Compression {
    /// The name of Python's library.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Xz => "lzma",
            Self::Bzip2 => "bz2",
            Self::Zlib => "zlib",
            Self::Gzip => "gzip",
        }
    }

    pub(super) fn of_name(name: &str) -> Option<Self> {
        let all = [Self::Xz, Self::Bzip2, Self::Zlib, Self::Gzip];
        all.into_iter().find(|one| one.name() == name)
    }

    pub(super) fn compress(self, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        let compressed = match self {
            Self::Xz => xz::compress(bytes),
            Self::Bzip2 => bz2::compress(bytes),
            Self::Zlib => zlib::compress(bytes),
            Self::Gzip => zlib::compress_gzip(bytes),
        };
        compressed.map_err(|error| {
            Error::invalid(format!("compressing with {}", self.name())).because(error)
        })
    }

    pub(super) fn decompress(self, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        let read = match self {
            Self::Xz => xz::decompress(bytes),
            Self::Bzip2 => bz2::decompress(bytes),
            Self::Zlib => zlib::decompress(bytes),
            Self::Gzip => zlib::decompress_gzip(bytes),
        };
        read.map_err(|error| {
            Error::unfit(format!("decompressing with {}", self.name())).because(error)
        })
    }
}

/// All that it gives, up to the limit.
#[cfg_attr(
    not(any(feature = "xz", feature = "bzip2", feature = "zlib")),
    allow(dead_code, reason = "nothing is compressed")
)]
fn whole(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if reader.take(LARGEST + 1).read_to_end(&mut bytes)? as u64 > LARGEST {
        return Err(io::Error::other("it is larger than 1 GiB"));
    }
    Ok(bytes)
}

/// In the place of a library that is not compiled.
macro_rules! missing {
    ($module:ident, $feature:literal: $($function:ident)*) => {
        #[cfg(not(feature = $feature))]
        mod $module {
            $(pub(super) fn $function(_: &[u8]) -> std::io::Result<Vec<u8>> {
                let text = concat!("prefect-sdk is compiled without its feature `", $feature, "`");
                Err(std::io::Error::new(std::io::ErrorKind::Unsupported, text))
            })*
        }
    };
}

missing! { xz, "xz": compress decompress }
missing! { bz2, "bzip2": compress decompress }
missing! { zlib, "zlib": compress decompress compress_gzip decompress_gzip }

#[cfg(feature = "xz")]
mod xz {
    use std::io::{Result, Write as _};

    use lzma_rust2::{XzOptions, XzReader, XzWriter};

    /// Python's largest dictionary takes a quarter of it.
    const MEMORY_KIB: u32 = 256 * 1024;

    pub(super) fn compress(bytes: &[u8]) -> Result<Vec<u8>> {
        let mut writer = XzWriter::new(Vec::new(), XzOptions::with_preset(6))?;
        writer.write_all(bytes)?;
        writer.finish()
    }

    pub(super) fn decompress(bytes: &[u8]) -> Result<Vec<u8>> {
        super::whole(XzReader::new_mem_limit(bytes, true, MEMORY_KIB))
    }
}

#[cfg(feature = "bzip2")]
mod bz2 {
    use std::io::Result;

    use bzip2::Compression;
    use bzip2::read::{BzEncoder, MultiBzDecoder};

    pub(super) fn compress(bytes: &[u8]) -> Result<Vec<u8>> {
        super::whole(BzEncoder::new(bytes, Compression::best()))
    }

    pub(super) fn decompress(bytes: &[u8]) -> Result<Vec<u8>> {
        super::whole(MultiBzDecoder::new(bytes))
    }
}

#[cfg(feature = "zlib")]
mod zlib {
    use std::io::Result;

    use flate2::Compression;
    use flate2::read::{GzEncoder, MultiGzDecoder, ZlibDecoder, ZlibEncoder};

    pub(super) fn compress(bytes: &[u8]) -> Result<Vec<u8>> {
        super::whole(ZlibEncoder::new(bytes, Compression::default()))
    }

    pub(super) fn decompress(bytes: &[u8]) -> Result<Vec<u8>> {
        super::whole(ZlibDecoder::new(bytes))
    }

    pub(super) fn compress_gzip(bytes: &[u8]) -> Result<Vec<u8>> {
        super::whole(GzEncoder::new(bytes, Compression::default()))
    }

    pub(super) fn decompress_gzip(bytes: &[u8]) -> Result<Vec<u8>> {
        super::whole(MultiGzDecoder::new(bytes))
    }
}

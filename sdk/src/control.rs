//! What the process of a run and whoever started it say to each other, over a connection within the machine: Prefect's words.
//!
//! The process says who it is, by a token on a line, and offers to say more; whoever started it offers the same. A byte says what the
//! process is about to be ended for, and the process answers it. Once the server has taken what the process says of its run, it gives
//! a receipt for that, and is answered, too: nobody need look then how the process exits.

use std::io::{self, Read};

use prefect_client::models::{State, StateType};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Offers receipts, and accepts that they are offered.
pub(crate) const OFFER: [u8; 5] = *b"\0PF\x02\x01";
/// The run is cancelled.
pub(crate) const CANCEL: u8 = b'c';
/// The answer to what is wanted of the process.
pub(crate) const UNDERSTOOD: u8 = b'a';
/// The answer to a receipt.
pub(crate) const RECEIVED: u8 = 2;
const RECEIPT: u8 = 1;
/// How long a receipt may be.
const LONGEST: u32 = 4096;

/// What whoever started the process wants of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Intent {
    /// The run is cancelled.
    Cancel,
    /// The run goes on elsewhere, or at another time, and whoever wants it says so.
    Leave,
}

/// What the process has said of its run, and the server has taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "disposition", rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Receipt {
    /// It is in that state.
    StateReported {
        #[serde(default)]
        state_id: Option<Uuid>,
        #[serde(default)]
        state_name: Option<String>,
        state_type: StateType,
    },
    /// Nothing: the server has decided otherwise.
    OrchestrationAborted,
}

/// What one of them says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Word {
    Offer,
    Intent(Intent),
    Understood,
    Receipt(Receipt),
    Received,
    /// What a later version of it may say.
    Unknown,
}

impl Word {
    /// The next that is said; an error where nothing more is, or nothing that has an end.
    pub(crate) fn hear(from: &mut impl Read) -> io::Result<Self> {
        Ok(match byte(from)? {
            0 => {
                let mut rest = [0; OFFER.len() - 1];
                from.read_exact(&mut rest)?;
                if rest == OFFER[1..] {
                    Self::Offer
                } else {
                    Self::Unknown
                }
            }
            RECEIPT => Self::Receipt(receipt(from)?),
            RECEIVED => Self::Received,
            UNDERSTOOD => Self::Understood,
            CANCEL => Self::Intent(Intent::Cancel),
            b'r' | b'q' => Self::Intent(Intent::Leave),
            _ => Self::Unknown,
        })
    }
}

impl Receipt {
    pub(crate) fn of(state: &State) -> Self {
        Self::StateReported {
            state_id: Some(state.id),
            // Python's runners take none without.
            state_name: Some(
                state
                    .name
                    .clone()
                    .unwrap_or_else(|| state.type_.to_string()),
            ),
            state_type: state.type_.clone(),
        }
    }

    /// As it is said.
    pub(crate) fn said(&self) -> io::Result<Vec<u8>> {
        let text = serde_json::to_vec(self)?;
        let length = u32::try_from(text.len()).ok();
        let length = length.filter(|length| *length <= LONGEST);
        let length = length.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok([&[RECEIPT], &length.to_be_bytes()[..], &text].concat())
    }
}

fn byte(from: &mut impl Read) -> io::Result<u8> {
    let mut byte = [0];
    from.read_exact(&mut byte)?;
    Ok(byte[0])
}

/// One that can't be read is not answered, and who gave it is not believed any more.
fn receipt(from: &mut impl Read) -> io::Result<Receipt> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length);
    if length > LONGEST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut text = Vec::new();
    from.take(length.into()).read_to_end(&mut text)?;
    Ok(serde_json::from_slice(&text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(mut bytes: &[u8]) -> Vec<Word> {
        std::iter::from_fn(|| Word::hear(&mut bytes).ok()).collect()
    }

    fn reported() -> Receipt {
        Receipt::StateReported {
            state_id: Some(Uuid::nil()),
            state_name: Some("Completed".to_owned()),
            state_type: StateType::Completed,
        }
    }

    #[test]
    fn words_are_python_s() {
        let text = br#"{"disposition":"STATE_REPORTED","state_id":"00000000-0000-0000-0000-000000000000","state_name":"Completed","state_type":"COMPLETED"}"#;
        let length = u8::try_from(text.len()).unwrap();
        let said = [&[1, 0, 0, 0, length], &text[..]].concat();
        assert_eq!(reported().said().unwrap(), said);
        let aborted = br#"{"disposition":"ORCHESTRATION_ABORTED"}"#;
        assert_eq!(
            Receipt::OrchestrationAborted.said().unwrap()[5..],
            aborted[..]
        );
        let bytes = [b"\0PF\x02\x01caxrq\x02".as_slice(), &said].concat();
        let expected = [
            Word::Offer,
            Word::Intent(Intent::Cancel),
            Word::Understood,
            Word::Unknown,
            Word::Intent(Intent::Leave),
            Word::Intent(Intent::Leave),
            Word::Received,
            Word::Receipt(reported()),
        ];
        assert_eq!(heard(&bytes), expected);
    }

    #[test]
    fn nonsense_ends() {
        for nonsense in [
            b"\x01\xff\xff\xff\xff".as_slice(),
            b"\x01\0\0\0\x02{}",
            b"\x01\0\0\0\x09{",
            b"\x01\0",
            b"\0PF",
            b"",
        ] {
            assert_eq!(heard(nonsense), [], "{nonsense:?}");
        }
        assert_eq!(heard(b"\0PF\x02\x02c").len(), 2);
        let endless = Receipt::StateReported {
            state_id: None,
            state_name: Some("x".repeat(5000)),
            state_type: StateType::Failed,
        };
        assert!(endless.said().is_err());
    }
}

//! DingTalk's whole objects in columns of text.

use super::{AsText, text_column};
use crate::directory::Raw;

/// An object as DingTalk gave it: JSON, packed as it stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawText(pub(in crate::store) Raw);

impl AsText for RawText {
    fn text(&self) -> String {
        self.0.text()
    }

    fn of_text(text: String) -> Result<Self, String> {
        Raw::from_text(&text).map(Self).map_err(|error| error.to_string())
    }
}

text_column!([] RawText);

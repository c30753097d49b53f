//! Elements that an option names by a CSS selector: one search for all of them.

use darkroom_core::failure::{Failure, FailureKind};
use serde_json::Value;

use crate::page::Page;

/// The script in this file of `script/`, with what `find.js` defines in its scope.
macro_rules! with_find {
    ($file:literal) => {
        $crate::script::script!("find.js" => $file)
    };
}
pub(crate) use with_find;

/// As [`with_find!`], for a function of `(selector, pierces, …)`. Yields null where
/// the selector is none, else an array of what the function yields.
macro_rules! searching {
    ($file:literal) => {
        concat!(
            "async function (selector, ...more) {\n",
            "try { document.createDocumentFragment().querySelector(selector) }",
            "catch { return null }\nreturn [await (",
            $crate::selector::with_find!($file),
            ")(selector, ...more)];\n}"
        )
    };
}
pub(crate) use searching;

/// What an option looks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Search<'a> {
    /// The option in words, as its failures begin: «The selector to wait for».
    pub(crate) option: &'static str,
    /// What elements match.
    pub(crate) selector: &'a str,
    /// Whether open shadow trees are searched too.
    pub(crate) pierces_shadow_trees: bool,
}

impl Search<'_> {
    /// Runs a [`searching!`] script with the selector, whether it pierces, and
    /// `more`. None if the document went away meanwhile.
    pub(crate) async fn ask(
        self,
        page: &Page,
        script: &str,
        more: &[Value],
    ) -> Result<Option<Value>, Failure> {
        let mut arguments = vec![self.selector.into(), self.pierces_shadow_trees.into()];
        arguments.extend_from_slice(more);
        match page.ask(script, &arguments).await? {
            Some(Value::Array(mut answer)) => Ok(Some(answer.pop().unwrap_or_default())),
            Some(_) => Err(self.invalid()),
            None => Ok(None),
        }
    }

    /// What the capture is told if it can't go on without the element.
    pub(crate) fn not_found(self) -> Failure {
        let message = format!("{} matches no element that the page shows", self.option);
        Failure::new(FailureKind::SelectorNotFound, message)
    }

    /// What the capture is told if nothing can match.
    pub(crate) fn invalid(self) -> Failure {
        let message =
            format!("{} is not a valid CSS selector, so nothing can match it", self.option);
        Failure::new(FailureKind::InvalidOption, message)
    }
}

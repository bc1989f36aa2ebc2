//! Style and scripts: part of the program, each under a path that changes with its bytes.

use std::sync::LazyLock;

use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use candor_release::layout::sha256_hex;

/// A file that browsers keep.
pub(crate) struct Asset {
    path: LazyLock<String>,
    media_type: &'static str,
    text: &'static str,
}

/// The style of all pages.
pub(crate) static STYLE: Asset = Asset {
    path: LazyLock::new(|| path("style", "css", include_str!("../assets/style.css"))),
    media_type: "text/css; charset=utf-8",
    text: include_str!("../assets/style.css"),
};

/// What spares a reload where there are scripts.
pub(crate) static SCRIPT: Asset = Asset {
    path: LazyLock::new(|| path("portal", "js", include_str!("../assets/portal.js"))),
    media_type: "text/javascript; charset=utf-8",
    text: include_str!("../assets/portal.js"),
};

/// What shows an answer while it comes.
pub(crate) static CHAT: Asset = Asset {
    path: LazyLock::new(|| path("chat", "js", include_str!("../assets/chat.js"))),
    media_type: "text/javascript; charset=utf-8",
    text: include_str!("../assets/chat.js"),
};

/// What stands beside the title of a page in a browser.
pub(crate) static ICON: Asset = Asset {
    path: LazyLock::new(|| path("icon", "svg", include_str!("../assets/icon.svg"))),
    media_type: "image/svg+xml",
    text: include_str!("../assets/icon.svg"),
};

/// What checks receipts and proofs in the browser.
pub(crate) static CHECK: Asset = Asset {
    path: LazyLock::new(|| path("check", "js", include_str!("../assets/check.js"))),
    media_type: "text/javascript; charset=utf-8",
    text: include_str!("../assets/check.js"),
};

const ALL: [&Asset; 5] = [&STYLE, &SCRIPT, &CHAT, &ICON, &CHECK];

impl Asset {
    /// Where it is served.
    pub(crate) fn path(&'static self) -> &'static str {
        &self.path
    }
}

/// Eight bytes of a hash tell versions apart.
fn path(name: &str, extension: &str, text: &str) -> String {
    format!("/assets/{name}-{}.{extension}", &sha256_hex(text.as_bytes())[..16])
}

/// The asset of a path.
pub(crate) fn answer(path: &str) -> Option<Response> {
    let asset = ALL.into_iter().find(|asset| asset.path() == path)?;
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, asset.media_type.parse().ok()?);
    headers.insert(CACHE_CONTROL, "public, max-age=31536000, immutable".parse().ok()?);
    Some((headers, asset.text).into_response())
}

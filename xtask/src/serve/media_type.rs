//! Media types by file name extension.

use std::path::Path;

/// The `Content-Type` of a file.
pub fn of(path: &Path) -> &'static str {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match extension.to_ascii_lowercase().as_str() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        // Browsers compile while they download only with exactly this type.
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "gif" => "image/gif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_and_scripts_have_the_types_that_browsers_insist_on() {
        assert_eq!(of(Path::new("a/worker_cpu_bg.wasm")), "application/wasm");
        assert!(of(Path::new("worker.js")).starts_with("text/javascript"));
        assert_eq!(of(Path::new("weights/ssd.bpk")), "application/octet-stream");
        assert_eq!(of(Path::new("CAT.JPG")), "image/jpeg");
    }
}

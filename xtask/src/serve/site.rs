//! From a request to a response.

use http_body_util::Full;
use hyper::{
    HeaderMap, Method, Response, StatusCode, Uri,
    body::Bytes,
    header::{self, HeaderName},
};
use percent_encoding::percent_decode_str;
use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Mutex,
    time::SystemTime,
};

use super::media_type;
use crate::{
    checksum,
    compress::{self, Compressed, Encoding},
    process::say,
    project::Project,
};

/// The strictest policy that the app promises to work under: no inline scripts or styles, nothing from elsewhere.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";

/// A folder of files under a path.
pub struct Site {
    folder: PathBuf,
    /// Starts and ends with a slash.
    prefix: String,
    compressed: Compressed,
    /// Checksums by path, valid while length and time of change stay the same.
    checksums: Mutex<HashMap<PathBuf, (u64, SystemTime, String)>>,
}

/// What a path stands for.
enum Found {
    File(PathBuf),
    /// A folder without its slash: the browser must ask again, or relative links would go wrong.
    Folder,
    Nothing,
}

impl Site {
    /// The project's `dist/`, under `prefix`.
    pub fn new(project: &Project, prefix: &str) -> Self {
        Self {
            folder: project.dist(),
            prefix: prefix.to_owned(),
            compressed: Compressed::of(project),
            checksums: Mutex::default(),
        }
    }

    /// Answers a request.
    pub fn respond(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Response<Full<Bytes>> {
        if method != Method::GET && method != Method::HEAD {
            return message(StatusCode::METHOD_NOT_ALLOWED, &[(header::ALLOW, "GET, HEAD")]);
        }
        let mut response = match self.find(uri.path()) {
            Found::File(path) => self.file(&path, uri, headers).unwrap_or_else(|error| {
                say("Error", format_args!("{}: {error:#}", path.display()));
                message(StatusCode::INTERNAL_SERVER_ERROR, &[])
            }),
            Found::Folder => {
                let place =
                    uri.query().map_or_else(|| format!("{}/", uri.path()), |query| format!("{}/?{query}", uri.path()));
                message(StatusCode::PERMANENT_REDIRECT, &[(header::LOCATION, &place)])
            }
            Found::Nothing => {
                say("Not found", uri.path());
                message(StatusCode::NOT_FOUND, &[])
            }
        };
        if method == Method::HEAD {
            let length = response.headers().get(header::CONTENT_LENGTH).cloned();
            *response.body_mut() = Full::default();
            if let Some(length) = length {
                response.headers_mut().insert(header::CONTENT_LENGTH, length);
            }
        }
        response
    }

    fn find(&self, path: &str) -> Found {
        if format!("{path}/") == self.prefix {
            return Found::Folder;
        }
        let Some(inside) = path.strip_prefix(&self.prefix) else { return Found::Nothing };
        let Ok(inside) = percent_decode_str(inside).decode_utf8() else { return Found::Nothing };
        let Some(file) = join(&self.folder, &inside) else { return Found::Nothing };
        match fs::metadata(&file) {
            Ok(metadata) if metadata.is_file() => Found::File(file),
            Ok(_) if !inside.is_empty() && !inside.ends_with('/') => Found::Folder,
            Ok(_) if file.join("index.html").is_file() => Found::File(file.join("index.html")),
            _ => Found::Nothing,
        }
    }

    fn file(&self, path: &Path, uri: &Uri, headers: &HeaderMap) -> anyhow::Result<Response<Full<Bytes>>> {
        let bytes = fs::read(path)?;
        let sha256 = self.checksum(path, &bytes)?;
        let encoding = if compress::is_worth_it(path) { accepted(headers) } else { None };
        let tag = format!("\"{}{}\"", &sha256[..16], encoding.map_or("", Encoding::name));
        let response = Response::builder()
            .header(header::ETAG, &tag)
            .header(header::CACHE_CONTROL, cache_control(uri, &sha256))
            .header(header::VARY, "Accept-Encoding")
            .header(header::CONTENT_TYPE, media_type::of(path))
            .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
            .header(header::CONTENT_SECURITY_POLICY, POLICY);
        if headers
            .get(header::IF_NONE_MATCH)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|tags| matches(tags, &tag))
        {
            return Ok(response.status(StatusCode::NOT_MODIFIED).body(Full::default())?);
        }
        let (response, bytes) = match encoding {
            Some(encoding) => (
                response.header(header::CONTENT_ENCODING, encoding.name()),
                self.compressed.get(&sha256, &bytes, encoding)?,
            ),
            None => (response, bytes),
        };
        Ok(response.header(header::CONTENT_LENGTH, bytes.len()).body(Full::from(bytes))?)
    }

    fn checksum(&self, path: &Path, bytes: &[u8]) -> io::Result<String> {
        let metadata = fs::metadata(path)?;
        let (length, changed) = (metadata.len(), metadata.modified()?);
        let mut checksums = self.checksums.lock().expect("no thread panics while it holds the lock");
        match checksums.get(path) {
            Some((l, c, sha256)) if (*l, *c) == (length, changed) => Ok(sha256.clone()),
            _ => {
                let sha256 = checksum::sha256(bytes);
                checksums.insert(path.to_owned(), (length, changed, sha256.clone()));
                Ok(sha256)
            }
        }
    }
}

/// Joins a decoded path to a folder; `None` if a part of it could lead out of the folder.
fn join(folder: &Path, path: &str) -> Option<PathBuf> {
    let mut file = folder.to_owned();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        // Hidden files are not published; `..` is among them.
        if part.starts_with('.') || part.contains(['\\', ':', '\0']) {
            return None;
        }
        file.push(part);
    }
    Some(file)
}

/// The best encoding that the browser takes.
fn accepted(headers: &HeaderMap) -> Option<Encoding> {
    let accept = headers.get(header::ACCEPT_ENCODING)?.to_str().ok()?;
    [Encoding::Brotli, Encoding::Gzip].into_iter().find(|encoding| {
        accept.split(',').any(|item| {
            let (name, quality) = item.split_once(';').unwrap_or((item, "q=1"));
            let refused = quality.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()) == Some(0.0);
            name.trim() == encoding.name() && !refused
        })
    })
}

/// Files whose address names their checksum never change; all others are asked for again each time.
fn cache_control(uri: &Uri, sha256: &str) -> &'static str {
    let is_versioned =
        uri.query().is_some_and(|query| query.split('&').any(|pair| pair.strip_prefix("sha256=") == Some(sha256)));
    if is_versioned { "public, max-age=31536000, immutable" } else { "no-cache" }
}

/// Whether a list of entity tags holds this one (RFC 9110, section 13.1.2: weak comparison).
fn matches(tags: &str, tag: &str) -> bool {
    tags.split(',').map(str::trim).any(|item| item == "*" || item.strip_prefix("W/").unwrap_or(item) == tag)
}

fn message(status: StatusCode, headers: &[(HeaderName, &str)]) -> Response<Full<Bytes>> {
    let text = format!("{status}\n");
    let mut response = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "text/plain; charset=utf-8")
        .header(header::CACHE_CONTROL, "no-cache")
        .header(header::CONTENT_LENGTH, text.len());
    for (name, value) in headers {
        response = response.header(name, *value);
    }
    response.body(Full::from(text)).expect("the headers are ASCII: they come from here and from a parsed URI")
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    struct Example {
        site: Site,
        folder: tempfile::TempDir,
    }

    impl Example {
        fn new() -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            let dist = folder.path().join("dist");
            fs::create_dir_all(dist.join("photos")).expect("a folder");
            for (name, text) in [("index.html", "<p>"), ("a.wasm", "wasm"), ("photos/c d.jpg", "jpeg"), (".hidden", "")]
            {
                fs::write(dist.join(name), text).expect("a file");
            }
            fs::write(folder.path().join("secret"), "secret").expect("a file");
            let site = Site {
                folder: dist,
                prefix: "/course/lookout/".into(),
                compressed: Compressed::in_folder(folder.path().join("compressed")),
                checksums: Mutex::default(),
            };
            Self { site, folder }
        }

        fn get(&self, uri: &str, headers: &[(HeaderName, &str)]) -> (StatusCode, HeaderMap, Vec<u8>) {
            self.ask(Method::GET, uri, headers)
        }

        fn ask(&self, method: Method, uri: &str, headers: &[(HeaderName, &str)]) -> (StatusCode, HeaderMap, Vec<u8>) {
            let headers =
                headers.iter().map(|(name, value)| (name.clone(), value.parse().expect("a header"))).collect();
            let response = self.site.respond(&method, &uri.parse().expect("a URI"), &headers);
            let (parts, body) = response.into_parts();
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            let Ok(body) = runtime.block_on(body.collect());
            (parts.status, parts.headers, body.to_bytes().to_vec())
        }
    }

    #[test]
    fn files_come_with_type_policy_and_tag_and_are_not_sent_twice() {
        let example = Example::new();
        let (status, headers, body) = example.get("/course/lookout/a.wasm?x=1", &[]);
        assert_eq!((status, body.as_slice()), (StatusCode::OK, &b"wasm"[..]));
        assert_eq!(headers["content-type"], "application/wasm");
        assert_eq!(headers["content-security-policy"], POLICY);
        assert_eq!(headers["cache-control"], "no-cache");
        assert!(!headers.contains_key("cross-origin-opener-policy"));
        let tag = headers["etag"].to_str().expect("ASCII");
        let (status, _, body) = example.get("/course/lookout/a.wasm", &[(header::IF_NONE_MATCH, tag)]);
        assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0));
        fs::write(example.folder.path().join("dist/a.wasm"), "newer").expect("a file");
        let (status, _, body) = example.get("/course/lookout/a.wasm", &[(header::IF_NONE_MATCH, tag)]);
        assert_eq!((status, body.as_slice()), (StatusCode::OK, &b"newer"[..]));
    }

    #[test]
    fn only_addresses_that_name_the_checksum_are_kept_for_long() {
        let example = Example::new();
        let sha256 = checksum::sha256(b"wasm");
        let (_, headers, _) = example.get(&format!("/course/lookout/a.wasm?sha256={sha256}"), &[]);
        assert_eq!(headers["cache-control"], "public, max-age=31536000, immutable");
        let (_, headers, _) = example.get(&format!("/course/lookout/index.html?sha256={sha256}"), &[]);
        assert_eq!(headers["cache-control"], "no-cache");
    }

    #[test]
    fn folders_names_with_spaces_and_the_sub_path() {
        let example = Example::new();
        assert_eq!(example.get("/course/lookout/", &[]).2, b"<p>");
        assert_eq!(example.get("/course/lookout/photos/c%20d.jpg", &[]).2, b"jpeg");
        let (status, headers, _) = example.get("/course/lookout?backend=cpu", &[]);
        assert_eq!(status, StatusCode::PERMANENT_REDIRECT);
        assert_eq!(headers["location"], "/course/lookout/?backend=cpu");
        assert_eq!(example.get("/course/lookout/photos", &[]).0, StatusCode::PERMANENT_REDIRECT);
        for nothing in
            ["/", "/index.html", "/course/lookout/photos/", "/course/lookout/b.js", "/course/lookoutindex.html"]
        {
            assert_eq!(example.get(nothing, &[]).0, StatusCode::NOT_FOUND, "{nothing}");
        }
    }

    #[test]
    fn nothing_outside_the_folder_can_be_read() {
        let example = Example::new();
        for path in
            ["../secret", "%2e%2e/secret", "..%2fsecret", "photos/../../secret", "..%5csecret", ".hidden", "%00", "%ff"]
        {
            let (status, _, body) = example.get(&format!("/course/lookout/{path}"), &[]);
            assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
            assert!(!String::from_utf8_lossy(&body).contains("secret\n"), "{path}");
        }
    }

    #[test]
    fn head_has_the_length_and_no_body_and_post_is_refused() {
        let example = Example::new();
        let (status, headers, body) = example.ask(Method::HEAD, "/course/lookout/a.wasm", &[]);
        assert_eq!((status, body.len()), (StatusCode::OK, 0));
        assert_eq!(headers["content-length"], "4");
        let (status, headers, _) = example.ask(Method::POST, "/course/lookout/", &[]);
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(headers["allow"], "GET, HEAD");
    }

    #[test]
    fn compression_is_used_where_it_is_taken_and_helps() {
        let example = Example::new();
        let encoding = |uri: &str, accept: &str| {
            let (_, headers, _) = example.get(uri, &[(header::ACCEPT_ENCODING, accept)]);
            headers.get("content-encoding").map(|value| value.to_str().expect("ASCII").to_owned())
        };
        assert_eq!(encoding("/course/lookout/a.wasm", "gzip, deflate, br, zstd").as_deref(), Some("br"));
        assert_eq!(encoding("/course/lookout/a.wasm", "gzip;q=0.5, br;q=0").as_deref(), Some("gzip"));
        assert_eq!(encoding("/course/lookout/a.wasm", "identity"), None);
        assert_eq!(encoding("/course/lookout/photos/c%20d.jpg", "br"), None);
    }
}

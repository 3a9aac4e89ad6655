//! `cargo xtask serve`: files on this machine, as a strict host would serve them. The browser tests and the benchmark
//! are served by it, too.

use anyhow::{Context, Result, bail};
use axum::{
    Router,
    extract::{RawQuery, Request},
    http::{HeaderName, HeaderValue, header},
    middleware::{self, Next},
    response::{Redirect, Response},
    routing::get,
    serve::ListenerExt,
};
use clap::Args;
use std::{
    io::ErrorKind,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};
use tokio::net::TcpListener;
use tower_http::{
    compression::{
        CompressionLayer,
        predicate::{DefaultPredicate, NotForContentType, Predicate},
    },
    services::ServeDir,
};

use crate::{build, process::say, project::Project};

/// How many ports are tried after the wanted one.
const PORTS_TRIED: u16 = 50;

/// The strictest policy that the app promises to work under: no inline scripts or styles, nothing from elsewhere.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";

/// What every response says.
const HEADERS: [(HeaderName, &str); 2] =
    [(header::CONTENT_SECURITY_POLICY, POLICY), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];

/// How long browsers may keep a file whose name stays the same from build to build: they are to ask each time.
const ASK_AGAIN: &str = "no-cache";
/// How long they may keep one whose folder is named after its content.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Where to serve.
#[derive(Args)]
pub struct Options {
    /// The port; if it is taken, the next free one.
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
    /// The address to listen on; 0.0.0.0 lets other devices in (their browsers then see no WebGPU and no service
    /// worker: both need https or localhost).
    #[arg(long, default_value = "127.0.0.1")]
    pub host: IpAddr,
    /// Serve under this path, as a course page's host might, e.g. /course/lookout/.
    #[arg(long, value_name = "PATH", default_value = "/", value_parser = crate::build::public_url)]
    pub sub_path: String,
}

/// A folder on its way to browsers.
struct Server {
    listener: TcpListener,
    files: Router,
    /// The address to open.
    url: String,
}

/// Serves a folder until the program is stopped.
///
/// # Errors
/// When there is no free port.
pub fn serve(folder: &Path, options: &Options) -> Result<()> {
    let runtime = runtime()?;
    let server = runtime.block_on(Server::start(folder, options))?;
    say("Serving", format_args!("{} at", folder.display()));
    println!("\n    {}\n", server.url);
    runtime.block_on(server.run())
}

/// Serves a folder from a thread of its own for as long as this program lives, and returns the address.
///
/// # Errors
/// When there is no free port.
pub fn serve_beside(folder: &Path, options: &Options) -> Result<String> {
    let runtime = runtime()?;
    let server = runtime.block_on(Server::start(folder, options))?;
    let url = server.url.clone();
    std::thread::spawn(move || runtime.block_on(server.run()));
    Ok(url)
}

/// The build to serve.
///
/// # Errors
/// When there is none.
pub fn dist(project: &Project) -> Result<PathBuf> {
    let dist = project.dist();
    if !dist.join("index.html").is_file() {
        bail!("there is no dist/index.html: run `cargo xtask build`");
    }
    Ok(dist)
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_io().build()?)
}

impl Server {
    async fn start(folder: &Path, options: &Options) -> Result<Self> {
        let listener = listen(options.host, options.port).await?;
        let url = address(listener.local_addr()?, &options.sub_path);
        Ok(Self { listener, files: files(folder, &options.sub_path), url })
    }

    async fn run(self) -> Result<()> {
        // Without this a small response may wait for the acknowledgement of the one before.
        let listener = self.listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        Ok(axum::serve(listener, self.files).await?)
    }
}

/// The address to open. Browsers treat `localhost` as secure, so WebGPU and service workers are there.
fn address(socket: SocketAddr, sub_path: &str) -> String {
    let host = if socket.ip().is_loopback() || socket.ip().is_unspecified() {
        "localhost".to_owned()
    } else {
        socket.ip().to_string()
    };
    format!("http://{host}:{}{sub_path}", socket.port())
}

async fn listen(host: IpAddr, port: u16) -> Result<TcpListener> {
    for candidate in port..=port.saturating_add(PORTS_TRIED) {
        match TcpListener::bind((host, candidate)).await {
            Ok(listener) => return Ok(listener),
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            Err(error) => return Err(error).with_context(|| format!("cannot listen on {host}:{candidate}")),
        }
    }
    bail!("the ports from {port} on are all taken: choose another with --port")
}

/// What answers requests: the files of `folder` under `prefix`, which starts and ends with a slash. A file that lies
/// there compressed, too (`NAME.br`, `NAME.gz`), is sent so; others are compressed on their way.
fn files(folder: &Path, prefix: &str) -> Router {
    let place = prefix.trim_end_matches('/');
    let files = ServeDir::new(folder).precompressed_br().precompressed_gzip().redirect_path_prefix(place);
    let router = if place.is_empty() {
        Router::new().fallback_service(files)
    } else {
        let whole = prefix.to_owned();
        // Without its slash relative links would go wrong.
        let redirect = async move |RawQuery(query): RawQuery| {
            Redirect::permanent(&query.map_or_else(|| whole.clone(), |query| format!("{whole}?{query}")))
        };
        Router::new().route(place, get(redirect)).nest_service(prefix, files)
    };
    // Photos and fonts are compressed already, and half-precision weights are close to noise.
    let worthwhile = DefaultPredicate::new()
        .and(NotForContentType::const_new("application/octet-stream"))
        .and(NotForContentType::const_new("font/"));
    router.layer(CompressionLayer::new().compress_when(worthwhile)).layer(middleware::from_fn(as_a_strict_host))
}

/// Adds [`HEADERS`] and how long to keep the file, and reports what could not be served.
async fn as_a_strict_host(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    let status = response.status();
    let is_of_a_build = path.split('/').any(|part| part.starts_with(build::FOLDER));
    let kept = if is_of_a_build && status.is_success() { FOR_EVER } else { ASK_AGAIN };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    if status.is_client_error() || status.is_server_error() {
        say("Refused", format_args!("{path} ({status})"));
    }
    response.headers_mut().extend(HEADERS.map(|(name, value)| (name, HeaderValue::from_static(value))));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{
        body::{Body, to_bytes},
        http::{HeaderMap, Method, StatusCode},
    };
    use std::fs;
    use tower::ServiceExt;

    struct Example {
        files: Router,
        folder: tempfile::TempDir,
    }

    impl Example {
        fn new(prefix: &str) -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            let dist = folder.path().join("dist");
            fs::create_dir_all(dist.join("photos")).expect("a folder");
            let script = "let what = 'where';\n".repeat(100);
            for (name, text) in [
                ("index.html", "<p>"),
                ("a.wasm", "wasm"),
                ("a.js", &script),
                ("b.js", &script),
                ("b.js.br", "squeezed"),
                ("photos/c d.jpg", &script),
                ("weights.bpk", &script),
            ] {
                fs::write(dist.join(name), text).expect("a file");
            }
            fs::write(folder.path().join("secret"), "secret").expect("a file");
            Self { files: files(&dist, prefix), folder }
        }

        fn get(&self, uri: &str, headers: &[(HeaderName, &str)]) -> (StatusCode, HeaderMap, Vec<u8>) {
            self.ask(Method::GET, uri, headers)
        }

        fn ask(&self, method: Method, uri: &str, headers: &[(HeaderName, &str)]) -> (StatusCode, HeaderMap, Vec<u8>) {
            let mut request = Request::builder().method(method).uri(uri);
            for (name, value) in headers {
                request = request.header(name, *value);
            }
            let request = request.body(Body::empty()).expect("a request");
            let answer = async {
                let (parts, body) = self.files.clone().oneshot(request).await.expect("it cannot fail").into_parts();
                (parts.status, parts.headers, to_bytes(body, usize::MAX).await.expect("a body").to_vec())
            };
            runtime().expect("a runtime").block_on(answer)
        }
    }

    #[test]
    fn files_come_with_type_and_policy_and_are_not_sent_twice() {
        let example = Example::new("/course/lookout/");
        let (status, headers, body) = example.get("/course/lookout/a.wasm?x=1", &[]);
        assert_eq!((status, body.as_slice()), (StatusCode::OK, &b"wasm"[..]));
        assert_eq!(headers["content-type"], "application/wasm");
        assert_eq!(headers["content-security-policy"], POLICY);
        assert_eq!(headers["cache-control"], "no-cache");
        assert!(!headers.contains_key("cross-origin-opener-policy"));
        let tag = headers["etag"].to_str().expect("ASCII");
        let (status, headers, body) = example.get("/course/lookout/a.wasm", &[(header::IF_NONE_MATCH, tag)]);
        assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0));
        assert_eq!(headers["cache-control"], "no-cache");
        fs::write(example.folder.path().join("dist/a.wasm"), "newer").expect("a file");
        let (status, _, body) = example.get("/course/lookout/a.wasm", &[(header::IF_NONE_MATCH, tag)]);
        assert_eq!((status, body.as_slice()), (StatusCode::OK, &b"newer"[..]));
    }

    #[test]
    fn scripts_and_modules_have_the_types_that_browsers_insist_on() {
        let example = Example::new("/");
        for (name, expected) in [
            ("", "text/html"),
            ("a.js", "text/javascript"),
            ("a.wasm", "application/wasm"),
            ("photos/c%20d.jpg", "image/jpeg"),
            ("weights.bpk", "application/octet-stream"),
        ] {
            let (status, headers, _) = example.get(&format!("/{name}"), &[]);
            assert_eq!((status, &headers["content-type"]), (StatusCode::OK, &HeaderValue::from_static(expected)));
        }
    }

    #[test]
    fn folders_names_with_spaces_and_the_sub_path() {
        let example = Example::new("/course/lookout/");
        assert_eq!(example.get("/course/lookout/", &[]).2, b"<p>");
        assert_eq!(example.get("/course/lookout/photos/c%20d.jpg", &[]).0, StatusCode::OK);
        for (uri, place) in [
            ("/course/lookout?backend=cpu", "/course/lookout/?backend=cpu"),
            ("/course/lookout", "/course/lookout/"),
            ("/course/lookout/photos", "/course/lookout/photos/"),
        ] {
            let (status, headers, _) = example.get(uri, &[]);
            assert!(status.is_redirection(), "{uri}: {status}");
            assert_eq!(headers["location"], place);
        }
        for nothing in
            ["/", "/index.html", "/course/lookout/photos/", "/course/lookout/c.js", "/course/lookoutindex.html"]
        {
            assert_eq!(example.get(nothing, &[]).0, StatusCode::NOT_FOUND, "{nothing}");
        }
    }

    #[test]
    fn nothing_outside_the_folder_can_be_read() {
        let example = Example::new("/course/lookout/");
        for path in ["../secret", "%2e%2e/secret", "..%2fsecret", "photos/../../secret", "..%5csecret", "%00", "%ff"] {
            let (status, _, body) = example.get(&format!("/course/lookout/{path}"), &[]);
            assert!(status.is_client_error(), "{path}: {status}");
            assert!(!String::from_utf8_lossy(&body).contains("secret"), "{path}");
        }
    }

    #[test]
    fn head_has_the_length_and_no_body_and_post_is_refused() {
        let example = Example::new("/course/lookout/");
        let (status, headers, body) = example.ask(Method::HEAD, "/course/lookout/a.wasm", &[]);
        assert_eq!((status, body.len()), (StatusCode::OK, 0));
        assert_eq!(headers["content-length"], "4");
        let (status, headers, _) = example.ask(Method::POST, "/course/lookout/", &[]);
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
        assert!(headers["allow"].to_str().expect("ASCII").contains("GET"));
    }

    #[test]
    fn compression_is_used_where_it_is_taken_and_helps() {
        let example = Example::new("/course/lookout/");
        let encoding = |name: &str, accept: &str| {
            let (_, headers, body) =
                example.get(&format!("/course/lookout/{name}"), &[(header::ACCEPT_ENCODING, accept)]);
            let encoding = headers.get("content-encoding").map(|value| value.to_str().expect("ASCII").to_owned());
            (encoding.unwrap_or_default(), body.len())
        };
        for (accept, expected) in [("gzip, deflate, br, zstd", "br"), ("gzip;q=0.5, br;q=0", "gzip")] {
            let (encoding, length) = encoding("a.js", accept);
            assert!(encoding == expected && length < 200, "{encoding} of {length} bytes");
        }
        assert_eq!(encoding("a.js", "identity"), (String::new(), 2000));
        assert_eq!(encoding("b.js", "br"), ("br".into(), "squeezed".len()), "it lies there");
        assert_eq!(encoding("photos/c%20d.jpg", "br"), (String::new(), 2000));
        assert_eq!(encoding("weights.bpk", "br"), (String::new(), 2000));
    }
}

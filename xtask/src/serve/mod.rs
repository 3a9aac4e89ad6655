//! `cargo xtask serve`: `dist/` on this machine, as a strict host would serve it.

mod media_type;
mod site;

use anyhow::{Context, Result, bail};
use clap::Args;
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{
    convert::Infallible,
    io::ErrorKind,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};
use tokio::net::TcpListener;

use crate::{process::say, project::Project};
use site::Site;

/// How many ports are tried after the wanted one.
const PORTS_TRIED: u16 = 50;

/// Where to serve.
#[derive(Args)]
pub struct Options {
    /// The port; if it is taken, the next free one.
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
    /// The address to listen on; 0.0.0.0 lets other devices in (their browsers then see no WebGPU and no service worker:
    /// both need https or localhost).
    #[arg(long, default_value = "127.0.0.1")]
    pub host: IpAddr,
    /// Serve under this path, as a course page's host might, e.g. /course/lookout/.
    #[arg(long, value_name = "PATH", default_value = "/", value_parser = crate::build::public_url)]
    pub sub_path: String,
}

/// Serves `dist/` until the program is stopped.
///
/// # Errors
/// When there is no `dist/` or no free port.
pub fn serve(project: &Project, options: &Options) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let (listener, site) = start(&runtime, project, options)?;
    runtime.block_on(accept(listener, site))
}

/// Serves `dist/` from a thread of its own for as long as this program lives, and returns the address.
///
/// # Errors
/// When there is no `dist/` or no free port.
pub fn serve_beside(project: &Project, options: &Options) -> Result<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let (listener, site) = start(&runtime, project, options)?;
    let url = address(listener.local_addr()?, &options.sub_path);
    std::thread::spawn(move || runtime.block_on(accept(listener, site)));
    Ok(url)
}

fn start(runtime: &tokio::runtime::Runtime, project: &Project, options: &Options) -> Result<(TcpListener, Arc<Site>)> {
    if !project.dist().join("index.html").is_file() {
        bail!("there is no dist/index.html: run `cargo xtask build`");
    }
    let listener = runtime.block_on(listen(options.host, options.port))?;
    say("Serving", format_args!("{} at", project.dist().display()));
    println!("\n    {}\n", address(listener.local_addr()?, &options.sub_path));
    Ok((listener, Arc::new(Site::new(project, &options.sub_path))))
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

async fn accept(listener: TcpListener, site: Arc<Site>) -> Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let site = site.clone();
        let connection = async move {
            let answer = service_fn(|request: Request<Incoming>| {
                let response = site.respond(request.method(), request.uri(), request.headers());
                async move { Ok::<_, Infallible>(response) }
            });
            // Browsers close connections as they like; that is no event here.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
        };
        tokio::spawn(connection);
    }
}

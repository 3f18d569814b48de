//! `todoke serve`: migrates, seeds, loads the country and listens.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::web;
use anyhow::Context;
use clap::Args;

use super::{DatabaseArgs, Exit, say};
use crate::api::State;
use crate::api::server::{self, Workers};
use crate::config::DatabaseUrl;
use crate::domain::Refusal;
use crate::error::Error;
use crate::service::Service;
use crate::store::conn::Missing;

/// How often a server looks for what other programs wrote.
const POLL: Duration = Duration::from_millis(500);

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// 待ち受けるアドレスとポート
    #[arg(long, env = "TODOKE_LISTEN", default_value = "127.0.0.1:8080", value_name = "アドレス:ポート")]
    listen: SocketAddr,
    /// API の説明ページ（/docs）を出すか
    #[arg(long, env = "TODOKE_DOCS", default_value_t = true, action = clap::ArgAction::Set, value_name = "true|false")]
    docs: bool,
    /// このパソコンの外から暗号化なしの接続を受け付ける（試験用）
    #[arg(long, env = "TODOKE_INSECURE_HTTP", default_value_t = false, action = clap::ArgAction::Set, value_name = "true|false")]
    insecure_http: bool,
}

impl ServeArgs {
    /// What the environment says, and the defaults: `todoke` alone is `todoke serve`.
    pub(super) fn from_settings() -> anyhow::Result<Self> {
        #[derive(clap::Parser)]
        struct Alone {
            #[command(flatten)]
            args: ServeArgs,
        }
        Ok(<Alone as clap::Parser>::try_parse_from(["todoke"])?.args)
    }
}

pub(super) fn run(database: &DatabaseArgs, args: &ServeArgs) -> anyhow::Result<Exit> {
    check_address(args)?;
    let url: DatabaseUrl = database.database_url.parse()?;
    let listener = listen(args.listen)?;
    let _alone = serve_alone(&url)?;
    let service = database.open(Missing::Create)?;
    service.refresh()?;
    let state = web::Data::new(State::new(Arc::clone(&service), args.docs));
    let address = listener.local_addr()?;
    let stop = Arc::new(AtomicBool::new(false));
    let watcher = watch(Arc::clone(&service), Arc::clone(&stop))?;
    let result = actix_web::rt::System::new().block_on(async move {
        let server = server::serve(listener, state, Workers { count: None, signals: true })?;
        say(&format!("todoke: http://{address}/ で受け付けています（止めるには Ctrl+C）"));
        log::info!(
            "listening on http://{address}/, database {}, revision {}",
            service.db().url(),
            service.grid().revision()
        );
        server.await
    });
    stop.store(true, Ordering::Relaxed);
    // The watcher only ever sleeps or reads; if it panicked, that was logged.
    let _ = watcher.join();
    result?;
    Ok(Exit::Success)
}

/// Clear text is for this machine only, unless someone says it is meant.
fn check_address(args: &ServeArgs) -> Result<(), Refusal> {
    if args.listen.ip().is_loopback() || args.insecure_http {
        return Ok(());
    }
    Err(Refusal::new(
        "insecure_listen",
        &args.listen.to_string(),
        "暗号化なしで外から接続できるアドレスです。手前に HTTPS の中継を置くか、承知の上なら TODOKE_INSECURE_HTTP=true を指定してください",
        "this address is reachable from outside in clear text; put an HTTPS proxy in front, or set TODOKE_INSECURE_HTTP=true if that is meant",
    )
    .allowed("127.0.0.1, [::1]"))
}

fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).with_context(|| {
        format!(
            "{address} で待ち受けられません（ほかのプログラムが使っていませんか。--listen で変えられます） / cannot listen on {address}"
        )
    })?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Refuses a second server on one SQLite file. The lock goes with the process, however it ends.
fn serve_alone(url: &DatabaseUrl) -> anyhow::Result<Option<File>> {
    let DatabaseUrl::Sqlite(path) = url else {
        return Ok(None);
    };
    let mut name = path.clone().into_os_string();
    name.push(".serve-lock");
    let file = File::create(&name).map_err(|cause| Error::cannot_open(url, &cause))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => Err(Error::AlreadyServed(url.to_string()).into()),
        Err(std::fs::TryLockError::Error(cause)) => Err(Error::cannot_open(url, &cause).into()),
    }
}

/// Looks for what the command line or another server wrote, and for a new day.
fn watch(service: Arc<Service>, stop: Arc<AtomicBool>) -> anyhow::Result<std::thread::JoinHandle<()>> {
    let look = move || {
        let mut failing = false;
        while !stop.load(Ordering::Relaxed) {
            std::thread::sleep(POLL);
            match service.refresh() {
                Ok(_) => failing = false,
                // Once, not twice a second.
                Err(error) if !failing => {
                    log::warn!("cannot look for changes: {error}");
                    failing = true;
                }
                Err(_) => {}
            }
        }
    };
    Ok(std::thread::Builder::new().name("watch".to_owned()).spawn(look)?)
}

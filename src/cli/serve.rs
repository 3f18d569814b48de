//! `todoke serve`: migrates, seeds, loads the country and listens.

use std::fs::File;
use std::net::{IpAddr, SocketAddr, TcpListener, ToSocketAddrs};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use actix_web::web;
use anyhow::Context;
use clap::Args;
use ipnet::IpNet;

use super::database::{DatabaseArgs, operator};
use super::output::{Exit, say};
use super::settings::parse_size;
use crate::domain::Refusal;
use crate::domain::access::Grant;
use crate::domain::access::token::DEFAULT_DAYS;
use crate::domain::text::clean;
use crate::http::rate::{Rate, Rates, parse_rate};
use crate::http::state::{Settings, Site, State};
use crate::server::{self, Workers};
use crate::service::Service;
use crate::service::access::NewToken;
use crate::service::error::Error;
use crate::store::Missing;
use crate::store::error as store;
use crate::store::url::DatabaseUrl;

/// How often a server looks for what other programs wrote.
const POLL: Duration = Duration::from_millis(500);
/// How often it says that its work on files goes on, and looks for work that does not.
const WORK_TOLD_EVERY: Duration = Duration::from_secs(30);

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// 待ち受けるアドレスとポート
    #[arg(long, env = "TODOKE_LISTEN", default_value = "127.0.0.1:8080", value_parser = address, value_name = "アドレス:ポート")]
    listen: SocketAddr,
    /// API の説明ページ（/docs）を出すか
    #[arg(long, env = "TODOKE_DOCS", default_value_t = true, action = clap::ArgAction::Set, value_name = "true|false")]
    docs: bool,
    /// このパソコンの外から暗号化なしの接続を受け付ける（試験用）
    #[arg(long, env = "TODOKE_INSECURE_HTTP", default_value_t = false, action = clap::ArgAction::Set, value_name = "true|false")]
    insecure_http: bool,
    /// 手前の中継（プロキシ）のアドレス（カンマ区切り。例 10.0.0.5,192.168.0.0/24）。ここからの X-Forwarded-* だけを信じる
    #[arg(long, env = "TODOKE_TRUSTED_PROXIES", value_delimiter = ',', value_parser = proxy, value_name = "アドレス")]
    trusted_proxies: Vec<IpNet>,
    /// 1つの相手が参照できる回数の上限（off で無制限）
    #[arg(long, env = "TODOKE_LIMIT_READ", default_value = "200/s:1000", value_name = "回数/単位:一度に")]
    limit_read: Limit,
    /// 1つの相手が書き込める回数の上限
    #[arg(long, env = "TODOKE_LIMIT_WRITE", default_value = "5/s:30", value_name = "回数/単位:一度に")]
    limit_write: Limit,
    /// 1つの相手が取り込める回数の上限（受け付けたファイルだけを数える）
    #[arg(long, env = "TODOKE_LIMIT_IMPORT", default_value = "60/h:20", value_name = "回数/単位:一度に")]
    limit_import: Limit,
    /// 送れるファイルの大きさの上限
    #[arg(long, env = "TODOKE_MAX_UPLOAD", default_value = "20MiB", value_name = "大きさ")]
    max_upload: Size,
    /// データの利用条件として各ページの下に出す文（既定: 出典を示せば利用できます）
    #[arg(long, env = "TODOKE_DATA_LICENCE", value_parser = terms, value_name = "文")]
    data_licence: Option<String>,
    /// 外から見たこのサーバのアドレス（https:// から書く）。検索エンジン向けの一覧（sitemap.xml）などに書く
    #[arg(long, env = "TODOKE_PUBLIC_URL", value_parser = public_url, value_name = "アドレス")]
    public_url: Option<String>,
    /// 弱点を見つけた人の連絡先（mailto: か https:）。/.well-known/security.txt に書く
    #[arg(long, env = "TODOKE_SECURITY_CONTACT", value_parser = contact, value_name = "連絡先")]
    security_contact: Option<String>,
    /// 1つの相手がサインインを試せる回数の上限
    #[arg(long, env = "TODOKE_LIMIT_SIGN_IN", default_value = "10/min:10", value_name = "回数/単位:一度に")]
    limit_sign_in: Limit,
}

/// An address with its port; a name such as `localhost` is looked up.
fn address(text: &str) -> Result<SocketAddr, String> {
    text.to_socket_addrs()
        .map_err(|cause| format!("アドレス:ポート の形ではありません / {cause}"))?
        .min_by_key(SocketAddr::is_ipv6)
        .ok_or_else(|| "アドレスが見つかりません / no such address".to_owned())
}

/// A rate, or none, and how it was written.
#[derive(Clone, Debug)]
struct Limit {
    text: String,
    rate: Option<Rate>,
}

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        parse_rate(text).map(|rate| Self { text: text.to_owned(), rate }).map_err(in_both_languages)
    }
}

/// A number of bytes, and how it was written.
#[derive(Clone, Debug)]
struct Size {
    text: String,
    bytes: usize,
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        parse_size(text).map(|bytes| Self { text: text.to_owned(), bytes }).map_err(in_both_languages)
    }
}

/// The command line names the setting and its value; here stands what is allowed.
fn in_both_languages(refusal: Refusal) -> String {
    let allowed = refusal.allowed.unwrap_or_default();
    format!("{}。{allowed} / {}", refusal.ja, refusal.en)
}

/// Terms of use: a line of text.
fn terms(text: &str) -> Result<String, String> {
    /// Characters of a line that still stands below a page.
    const LONGEST: usize = 300;
    let refusal = |refusal: Refusal| in_both_languages(refusal);
    let cleaned = clean(text, LONGEST).map_err(refusal)?;
    cleaned.ok_or_else(|| "空です / empty".to_owned())
}

/// Where a server is found from outside: a scheme and a host, and a port or a path where it has one.
fn public_url(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let is_plain = |rest: &str| {
        rest.chars().all(|c| c.is_ascii_alphanumeric() || "-._~:/[]".contains(c))
            && !rest.starts_with(['/', ':'])
    };
    match rest.filter(|rest| !rest.is_empty() && is_plain(rest)) {
        Some(_) => Ok(text.trim_end_matches('/').to_owned()),
        None => Err("https://名前 の形で書いてください / write https://name".to_owned()),
    }
}

/// Whom to tell of a weakness.
fn contact(text: &str) -> Result<String, String> {
    let known = ["mailto:", "https://", "tel:"]
        .iter()
        .any(|scheme| text.len() > scheme.len() && text.starts_with(scheme));
    let is_plain = text.chars().all(|c| c.is_ascii_graphic());
    if known && is_plain {
        return Ok(text.to_owned());
    }
    Err("mailto:名前@例.jp か https://… の形で書いてください / write mailto:… or https://…".to_owned())
}

/// An address or a network.
fn proxy(text: &str) -> Result<IpNet, String> {
    text.parse::<IpNet>()
        .or_else(|_not_a_network| text.parse::<IpAddr>().map(IpNet::from))
        .map_err(|cause| format!("アドレスではありません / {cause}"))
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

    /// The settings as they hold, for the operator.
    pub(super) fn told(&self) -> Vec<String> {
        let proxies: Vec<String> = self.trusted_proxies.iter().map(IpNet::to_string).collect();
        let proxies = if proxies.is_empty() { "なし".to_owned() } else { proxies.join(",") };
        vec![
            format!("待ち受け: {}（説明ページ {}）", self.listen, if self.docs { "あり" } else { "なし" }),
            format!("手前の中継: {proxies}"),
            format!(
                "回数の上限: 参照 {}、書込み {}、取込 {}、サインイン {}",
                self.limit_read.text, self.limit_write.text, self.limit_import.text, self.limit_sign_in.text
            ),
            format!("ファイルの大きさの上限: {}", self.max_upload.text),
        ]
    }

    /// Settings that make the server easier to attack than it need be, in words for the operator.
    pub(super) fn weaknesses(&self) -> Vec<String> {
        let mut found = Vec::new();
        if !self.listen.ip().is_loopback() && self.insecure_http {
            found.push(format!(
                "{} で暗号化なしの接続を受け付けます。鍵が盗み見られます。HTTPS の中継を手前に置いて TODOKE_TRUSTED_PROXIES に書いてください。",
                self.listen
            ));
        }
        if let Some(wide) = self.trusted_proxies.iter().find(|net| net.prefix_len() < 8) {
            found.push(format!("TODOKE_TRUSTED_PROXIES の {wide} は広すぎます。だれでも接続元を偽れます。"));
        }
        for (name, value) in [
            ("TODOKE_LIMIT_READ", &self.limit_read),
            ("TODOKE_LIMIT_WRITE", &self.limit_write),
            ("TODOKE_LIMIT_IMPORT", &self.limit_import),
            ("TODOKE_LIMIT_SIGN_IN", &self.limit_sign_in),
        ] {
            if value.rate.is_none() {
                found.push(format!("{name} が off です。1つの相手がいくらでも要求できます。"));
            }
        }
        found
    }

    /// How a made-up country is served at an address: every page says what it is.
    pub(super) fn of_demo(listen: SocketAddr) -> anyhow::Result<Settings> {
        let args = Self { listen, ..Self::from_settings()? };
        check_address(&args)?;
        Ok(Settings { demo: true, ..args.settings() })
    }

    fn settings(&self) -> Settings {
        Settings {
            docs: self.docs,
            trusted_proxies: self.trusted_proxies.clone(),
            insecure_http: self.insecure_http,
            rates: Rates {
                read: self.limit_read.rate,
                write: self.limit_write.rate,
                import: self.limit_import.rate,
                sign_in: self.limit_sign_in.rate,
            },
            max_upload: self.max_upload.bytes,
            site: Site {
                data_licence: self.data_licence.clone(),
                url: self.public_url.clone(),
                contact: self.security_contact.clone(),
            },
            demo: false,
        }
    }
}

pub(super) fn run(database: &DatabaseArgs, args: &ServeArgs) -> anyhow::Result<Exit> {
    check_address(args)?;
    let settings = args.settings();
    // A request that makes a library give up ends with its connection; it is one line of the log.
    std::panic::set_hook(Box::new(|info| log::error!("panic: {info}")));
    let url: DatabaseUrl = database.database_url.parse()?;
    let listener = listen(args.listen)?;
    let _alone = serve_alone(&url)?;
    let service = database.open(Missing::Create)?;
    let interrupted = service.note_interrupted(true)?;
    if interrupted > 0 {
        log::warn!("{interrupted} imports were interrupted when the program stopped");
    }
    serve_over(service, listener, settings)?;
    Ok(Exit::Success)
}

/// Listens until it is told to stop.
pub(super) fn serve_over(
    service: Arc<Service>,
    listener: TcpListener,
    settings: Settings,
) -> anyhow::Result<()> {
    service.refresh()?;
    let state = web::Data::new(State::new(Arc::clone(&service), settings));
    let address = listener.local_addr()?;
    let stop = Arc::new(AtomicBool::new(false));
    let watcher = watch(Arc::clone(&service), Arc::clone(&stop))?;
    let result: anyhow::Result<()> = actix_web::rt::System::new().block_on(async move {
        let server = server::serve(listener, state, Workers { count: None, signals: true })?;
        say(&format!("todoke: http://{address}/ で受け付けています（止めるには Ctrl+C）"));
        if service.grid().revision() == 0 {
            FIRST_FILE.iter().for_each(|line| say(line));
        }
        offer_first_key(&service)?;
        log::info!(
            "listening on http://{address}/, database {}, revision {}",
            service.db().url(),
            service.grid().revision()
        );
        Ok(server.await?)
    });
    stop.store(true, Ordering::Relaxed);
    // The watcher only ever sleeps or reads; if it panicked, that was logged.
    let _ = watcher.join();
    result
}

/// What a server says over an empty database: where the first file is to be had.
const FIRST_FILE: [&str; 3] = [
    "todoke: 対応状況はまだ1件もありません。デジタル庁が公表している一覧表（Excel）を取り込むと、全国の状況が見られます。",
    "todoke: 一覧表の表題は「国民の利便性の向上に資する手続等に係る各自治体のオンライン化状況一覧」です。デジタル庁のページ「行政手続のオンライン化」か、この表題の検索で探せます（アドレスは README）。",
    "todoke: 取り込むには todoke import ファイル名.xlsx、その前に試すには todoke sample -o 見本.csv を実行してください。",
];

/// Where there is no key yet: on a terminal an administrator's key is made and shown once, else how
/// to make one is told, so that no key ends up in a log file.
fn offer_first_key(service: &Service) -> Result<(), Error> {
    use std::io::IsTerminal;
    if service.has_tokens()? {
        return Ok(());
    }
    if !std::io::stderr().is_terminal() {
        say(
            "todoke: 入力に使う鍵がまだありません。todoke token create --name 管理者 --role admin で作れます。",
        );
        return Ok(());
    }
    let new = NewToken { name: "最初の管理者".to_owned(), grant: Grant::everything(), days: None };
    let (token, secret) = service.create_token(&operator(), &new)?;
    say(&format!(
        "todoke: 管理者の鍵を作りました（{DEFAULT_DAYS}日間有効、番号 {}）。表示はこの一度だけです:",
        token.id
    ));
    say(secret.reveal());
    Ok(())
}

/// Clear text is for this machine only, unless someone says it is meant.
fn check_address(args: &ServeArgs) -> Result<(), Refusal> {
    if args.listen.ip().is_loopback() || args.insecure_http || !args.trusted_proxies.is_empty() {
        return Ok(());
    }
    Err(Refusal::new(
        "insecure_listen",
        &args.listen.to_string(),
        "暗号化なしで外から接続できるアドレスです。手前に HTTPS の中継を置いて TODOKE_TRUSTED_PROXIES にそのアドレスを書くか、承知の上なら TODOKE_INSECURE_HTTP=true を指定してください",
        "this address is reachable from outside in clear text; put an HTTPS proxy in front and name it in TODOKE_TRUSTED_PROXIES, or set TODOKE_INSECURE_HTTP=true if that is meant",
    )
    .allowed("127.0.0.1, [::1]"))
}

pub(super) fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
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
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&name)
        .map_err(|cause| store::Error::cannot_open(url, &cause))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => Err(store::Error::AlreadyServed(url.to_string()).into()),
        Err(std::fs::TryLockError::Error(cause)) => Err(store::Error::cannot_open(url, &cause).into()),
    }
}

/// Looks for what the command line or another server wrote, and for a new day.
fn watch(service: Arc<Service>, stop: Arc<AtomicBool>) -> anyhow::Result<std::thread::JoinHandle<()>> {
    let look = move || {
        let mut failing = false;
        let mut told = Instant::now();
        while !stop.load(Ordering::Relaxed) {
            std::thread::sleep(POLL);
            if told.elapsed() >= WORK_TOLD_EVERY {
                told = Instant::now();
                // Whatever goes wrong here is tried again, and told by what follows.
                let _ = service.note_working().and_then(|()| service.note_interrupted(false));
            }
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

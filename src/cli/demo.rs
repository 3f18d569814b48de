//! `todoke demo`: a made-up country in a database that is thrown away, to look around in.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use chrono::{Days, NaiveDate};
use clap::Args;

use super::database::operator;
use super::output::{Exit, say};
use super::serve::{ServeArgs, listen, serve_over};
use crate::domain::access::Grant;
use crate::domain::catalogue::Catalogue;
use crate::domain::municipality::{Municipality, PrefectureCode};
use crate::domain::procedure::Procedure;
use crate::domain::readiness::Scale;
use crate::import::Options;
use crate::import::options::Asked;
use crate::import::plan::Unwatched;
use crate::service::access::NewToken;
use crate::service::imports::ApplyOptions;
use crate::service::{Service, wall_clock};
use crate::store::url::DatabaseUrl;
use crate::store::{Db, Missing};

#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// 待ち受けるアドレスとポート
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "アドレス:ポート")]
    listen: SocketAddr,
    /// 1つの都道府県だけの見本にする（2桁のコード。早く始まります）
    #[arg(long, value_name = "都道府県")]
    prefecture: Option<PrefectureCode>,
}

pub(super) fn run(args: &DemoArgs) -> anyhow::Result<Exit> {
    let settings = ServeArgs::of_demo(args.listen)?;
    let listener = listen(args.listen)?;
    let folder = Folder::new()?;
    say("todoke: 見本の国（すべて架空のデータ）を作っています。数秒から1分ほどかかります。");
    let url: DatabaseUrl = folder.0.join("demo.db").display().to_string().parse()?;
    let service = Arc::new(Service::open(Db::open(&url, 8, Missing::Create)?, wall_clock())?);
    let (catalogue, today) = (service.catalogue(), service.today());
    let bodies: Vec<&Municipality> = catalogue
        .municipalities()
        .iter()
        .filter(|body| !body.is_prefecture() && body.ended_on.is_none())
        .filter(|body| args.prefecture.is_none_or(|code| body.code.prefecture() == code))
        .collect();
    for (name, table) in tables(catalogue, &bodies, today) {
        let file = service.read_file(name, table.as_bytes(), Options::new(today));
        let file = file.keeping(table.into_bytes(), Asked::default(), catalogue);
        let planned = service.plan(&operator(), &file, &Unwatched)?;
        let how = ApplyOptions { confirmed: true, ..ApplyOptions::default() };
        service.apply_file(&operator(), &file, planned, &how, &Unwatched)?;
    }
    let new = NewToken { name: "見本の管理者".to_owned(), grant: Grant::everything(), days: Some(1) };
    let (_, secret) = service.create_token(&operator(), &new)?;
    say("todoke: 取込や編集も試せます。次の鍵でサインインしてください（終わると消えます）:");
    say(secret.reveal());
    serve_over(service, listener, settings)?;
    say("todoke: 見本を消しました。");
    Ok(Exit::Success)
}

/// A folder that goes when the program ends.
struct Folder(PathBuf);

impl Folder {
    fn new() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("todoke-demo-{}", std::process::id()));
        std::fs::create_dir(&path)
            .with_context(|| format!("フォルダを作れません / cannot create {}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

/// What cannot be removed stays in the folder for temporary files, which is emptied by others.
fn remove(path: &Path) {
    let _ = std::fs::remove_dir_all(path);
}

/// Numbers that look random and are the same each time.
struct Chance(u64);

impl Chance {
    /// Chance for what is about this.
    fn of(parts: &[&str]) -> Self {
        // FNV-1a over the bytes.
        let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
        Self(
            bytes.fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3)
            }),
        )
    }

    /// The next number below a bound.
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// Whether something of so many percent happens.
    fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// How likely a body offers a procedure online, in percent: larger ones do more, and each procedure has its own share.
fn likely(body: &Municipality, procedure: &Procedure) -> u64 {
    let people = body.population.unwrap_or(10_000);
    let size = u64::from(people.max(1).ilog2()).saturating_sub(9) * 7;
    let own = Chance::of(&[body.code.as_str()]).below(30);
    let of_procedure = Chance::of(&[procedure.id.as_str()]).below(40);
    (size + own + of_procedure).min(97)
}

/// The files of the country: two surveys of the state, what towns say themselves, and what was applied for.
fn tables(catalogue: &Catalogue, bodies: &[&Municipality], today: NaiveDate) -> Vec<(&'static str, String)> {
    let day = |text: &str| text.parse().unwrap_or(today);
    vec![
        ("見本-国の調査-令和5年度.csv", survey(catalogue, bodies, day("2024-03-31"), 20)),
        ("見本-国の調査-令和6年度.csv", survey(catalogue, bodies, day("2025-03-31"), 0)),
        ("見本-団体の申告.csv", declared(catalogue, bodies, today)),
        ("見本-利用件数.csv", used(catalogue, bodies)),
    ]
}

/// The procedures of the list of 56 that a town is asked about.
fn asked(catalogue: &Catalogue) -> impl Iterator<Item = &Procedure> {
    let members = catalogue.members("priority56").unwrap_or_default().iter();
    members.map(|ix| catalogue.procedure(*ix)).filter(|one| one.expects(false, Scale::Online))
}

/// A survey of a day: online or not, by whatever means; `fewer` percent less likely than later.
fn survey(catalogue: &Catalogue, bodies: &[&Municipality], on: NaiveDate, fewer: u64) -> String {
    let mut rows = "団体コード,手続ID,接点,段階,根拠,該当性,適用日\n".to_owned();
    for body in bodies {
        for procedure in asked(catalogue) {
            let (code, id) = (body.code, &procedure.id);
            // The same number each year: what was offered once stays.
            let number = Chance::of(&[code.as_str(), id.as_str()]).below(100);
            let absent = Chance::of(&["absent", code.as_str(), id.as_str()]).percent(2);
            let _ = if absent {
                writeln!(rows, "{code},{id},,,published,not_applicable,{on}")
            } else {
                let level = if number < likely(body, procedure).saturating_sub(fewer) { "3+" } else { "0" };
                writeln!(rows, "{code},{id},online,{level},published,,{on}")
            };
        }
    }
    rows
}

/// What a third of the towns say themselves: by which means, with which system, at which counter, until when.
fn declared(catalogue: &Catalogue, bodies: &[&Municipality], today: NaiveDate) -> String {
    const SYSTEMS: [&str; 4] =
        ["見本フォーム", "見本電子申請", "県共同利用システム（見本）", "見本ノーコード"];
    let mut rows = "団体コード,手続ID,接点,段階,システム,担当課,適用日,目標段階,目標日\n".to_owned();
    for body in bodies {
        let mut chance = Chance::of(&["own", body.code.as_str()]);
        if !chance.percent(33) {
            continue;
        }
        let system = SYSTEMS[usize::try_from(chance.below(4)).unwrap_or(0)];
        for procedure in asked(catalogue) {
            if Chance::of(&["absent", body.code.as_str(), procedure.id.as_str()]).percent(2) {
                continue;
            }
            let on = today.checked_sub_days(Days::new(5 + chance.below(420))).unwrap_or(today);
            let (code, id) = (body.code, &procedure.id);
            let number = Chance::of(&[code.as_str(), id.as_str()]).below(100);
            let offered = number < likely(body, procedure);
            let section = format!("{}担当（見本）", procedure.category.label());
            let _ = if offered {
                let channel = if chance.percent(60) { "mynaportal" } else { "eapp" };
                let system = if channel == "mynaportal" { "" } else { system };
                writeln!(rows, "{code},{id},{channel},{},{system},{section},{on},,", 3 + chance.below(3))
            } else {
                let target = today.checked_add_days(Days::new(chance.below(500))).unwrap_or(today);
                writeln!(rows, "{code},{id},eapp,{},{system},{section},{on},4,{target}", chance.below(3))
            };
            if procedure.expects(false, Scale::Counter) && chance.percent(40) {
                let _ = writeln!(rows, "{code},{id},counter,{},,{section},{on},,", chance.below(6));
            }
        }
    }
    rows
}

/// What was applied for in two fiscal years in a quarter of the towns.
fn used(catalogue: &Catalogue, bodies: &[&Municipality]) -> String {
    let mut rows = "団体コード,年度,手続ID,手続総件数,うちオンライン数\n".to_owned();
    for body in bodies {
        let mut chance = Chance::of(&["used", body.code.as_str()]);
        if !chance.percent(25) {
            continue;
        }
        let people = u64::from(body.population.unwrap_or(10_000));
        for procedure in asked(catalogue) {
            let all = 1 + people * (1 + chance.below(20)) / 1_000;
            let share = likely(body, procedure) * (10 + chance.below(60)) / 100;
            for (year, more) in [(2023, 0), (2024, 8)] {
                let online = all * (share + more).min(95) / 100;
                let _ = writeln!(rows, "{},{year},{},{all},{online}", body.code, procedure.id);
            }
        }
    }
    rows
}

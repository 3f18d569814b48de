//! The form for one body, to be corrected and sent back, and those of a prefecture together.

use std::fs::File;
use std::io::{BufWriter, Cursor};
use std::sync::Arc;

use actix_web::get;

use super::responses::BuiltFirst;
use crate::domain::catalogue::BodyIx;
use crate::domain::municipality::PrefectureCode;
use crate::export::bundle::Bundle;
use crate::grid::Grid;
use crate::grid::filter::{BodyFilter, Prefectures};
use crate::http::ctx::{Answer, Ctx};
use crate::http::download::Named;
use crate::http::verb::Asked;
use crate::query::format::{BundleFormat, FileFormat, Medium};
use crate::query::municipalities::body_of_path;
use crate::query::parameters::Checks;
use crate::query::question::{Address, Question, Shape, documented};

/// Which body.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "only documents the path")]
struct BodyPath {
    /// 団体コード（6桁または5桁）
    #[param(max_length = 6, pattern = r"^\d{5,6}$", example = "082333")]
    code: String,
}

/// 入力様式（CSV）
///
/// 1団体の入力様式を返します。1行に1手続、接点ごとに1列で、団体自身の申告があらかじめ入っています。担当課・備考・目標は行の接点に、URL・システム名は行のオンラインの接点に共通のもので、接点ごとに違うところは空欄（今のまま）です。国公表値（参考）の列は取込では使いません。UTF-8（BOM つき）、改行は CRLF で、Excel でそのまま開けます。
#[utoipa::path(tag = "exports", params(BodyPath),
    responses((status = 200, description = "入力様式の CSV", body = String, content_type = "text/csv", headers(("Content-Disposition")),
        example = json!("団体コード,都道府県名,団体名,手続ID,手続名,該当性,オンライン（手段不明）,マイナポータル（ぴったりサービス）,担当課,URL,システム名,備考,目標段階,目標時期,適用日,国公表値（参考）\r\n082333,茨城県,行方市,kosodate-01,児童手当等の受給資格及び児童手当の額についての認定請求,,,4,こども課,,ぴったりサービス,,5,2026年度,,可\r\n"))))]
#[get("/templates/{code}.csv")]
pub(super) async fn get_template_csv(ctx: Ctx) -> Answer {
    template(&ctx, FileFormat::Csv).await
}

/// 入力様式（Excel）
///
/// 1団体の入力様式を Excel のブックで返します。段階と該当性は一覧から選べます。シート 説明 に段階の意味と送り方があります。
#[utoipa::path(tag = "exports", params(BodyPath),
    responses((status = 200, description = "入力様式のブック", body = String, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", headers(("Content-Disposition")))))]
#[get("/templates/{code}.xlsx")]
pub(super) async fn get_template_xlsx(ctx: Ctx) -> Answer {
    template(&ctx, FileFormat::Xlsx).await
}

/// Which prefecture.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "only documents the path")]
struct PrefecturePath {
    /// 都道府県コード（2桁）
    #[param(max_length = 2, pattern = r"^\d{2}$", example = "08")]
    prefecture: String,
}

/// 入力様式（都道府県内の全市区町村、ZIP）
///
/// 都道府県内のすべての市区町村の入力様式（Excel）を1つの ZIP で返します。それぞれは /templates/{code}.xlsx と同じものです。
#[utoipa::path(tag = "exports", params(PrefecturePath),
    responses((status = 200, description = "入力様式の ZIP", body = String, content_type = "application/zip", headers(("Content-Disposition"))), BuiltFirst))]
#[get("/template_bundles/{prefecture}.zip")]
pub(super) async fn get_template_bundle(ctx: Ctx) -> Answer {
    let Asked { question, edition, .. } = ctx.ask::<FormsOf, BundleFormat>(&[BundleFormat::Zip]).await?;
    if let Some(response) = edition.not_modified(BundleFormat::Zip) {
        return Ok(response);
    }
    let (grid, service) = (Arc::clone(&edition.grid), Arc::clone(ctx.service()));
    let name = format!("様式_{}.zip", question.name);
    let build = move |out: &mut BufWriter<File>| {
        let mut bundle = Bundle::new(out);
        for body in question.bodies {
            let form = service.form(&grid, body)?;
            let mut bytes = Vec::new();
            form.xlsx(&grid, Cursor::new(&mut bytes))?;
            bundle.add(&format!("{}_{}.xlsx", form.file_stem(), grid.catalogue().body(body).name), &bytes)?;
        }
        bundle.finish()?;
        Ok(None)
    };
    edition.built(&Named::new(BundleFormat::Zip, BundleFormat::Zip.media_type(), &name), build).await
}

/// The forms of a prefecture.
struct FormsOf {
    name: String,
    bodies: Vec<BodyIx>,
}

documented!(FormsOf);

impl Question for FormsOf {
    type Parts = ();
    const SHAPE: Shape = Shape::One;
    const LONG: bool = true;
    // A workbook each.
    const MORE_READS: u32 = 40;

    fn read(_: (), address: &Address<'_>, checks: &mut Checks, grid: &Grid) -> Option<Self> {
        let code = checks.path("prefecture", address.named("prefecture").parse::<PrefectureCode>())?;
        let catalogue = grid.catalogue();
        let filter = BodyFilter { prefectures: vec![code], ..BodyFilter::default() };
        let bodies = filter.select(catalogue, grid.as_of(), Prefectures::OnlyWhenAsked);
        let name = bodies
            .first()
            .map_or_else(|| code.to_string(), |body| catalogue.body(*body).prefecture_name.clone());
        Some(Self { name, bodies })
    }
}

/// Whose form.
struct FormOf(BodyIx);

documented!(FormOf);

impl Question for FormOf {
    type Parts = ();
    const SHAPE: Shape = Shape::One;
    const LONG: bool = false;

    fn read(_: (), address: &Address<'_>, checks: &mut Checks, grid: &Grid) -> Option<Self> {
        body_of_path(address, checks, grid).map(Self)
    }
}

async fn template(ctx: &Ctx, format: FileFormat) -> Answer {
    let Asked { question, edition, .. } = ctx.ask::<FormOf, FileFormat>(&[format]).await?;
    if let Some(response) = edition.not_modified(format) {
        return Ok(response);
    }
    let grid = Arc::clone(&edition.grid);
    let written = ctx.wait(move |service| {
        let form = service.form(&grid, question.0)?;
        let mut bytes = Vec::new();
        match format {
            FileFormat::Xlsx => form.xlsx(&grid, Cursor::new(&mut bytes))?,
            FileFormat::Csv | FileFormat::Ndjson => form.csv(&mut bytes)?,
        }
        Ok((form.file_stem(), bytes))
    });
    let (stem, bytes) = written.await?;
    let name = format!("{stem}.{}", format.code());
    Ok(edition.bytes(&Named::new(format, format.media_type(), &name), bytes))
}

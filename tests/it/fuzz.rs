//! Readers against nonsense: whatever comes, an answer and no panic. `FUZZ_SECONDS` is how long each
//! target runs (default 2).

use std::io::{Cursor, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use todoke::domain::catalogue::Catalogue;
use todoke::domain::file_dates::read_in_file;
use todoke::domain::number::{parse_count, parse_percent};
use todoke::import::marks::{parse_marks, planned};
use todoke::import::{self, Blank, Options};

use crate::app::{Backend, TestService, day};
use crate::attack::Random;

/// Runs a target until its time is over; answers how often it ran.
fn fuzz(seed: u64, mut target: impl FnMut(&mut Random)) -> usize {
    let seconds = std::env::var("FUZZ_SECONDS").ok().map_or(2, |text| text.parse().unwrap());
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut random = Random::new(seed);
    let mut runs = 0;
    while Instant::now() < end {
        target(&mut random);
        runs += 1;
    }
    eprintln!("{runs} runs in {seconds} s");
    runs
}

fn inputs() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/imports");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let small = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.as_bytes()[0].is_ascii_digit() && !name.ends_with(".json")
    };
    let bytes = paths.iter().filter(|path| small(path)).map(|path| std::fs::read(path).unwrap());
    bytes.filter(|bytes| bytes.len() < 8_000).collect()
}

/// Flips, cuts, repeats and mixes bytes.
fn spoil(random: &mut Random, bytes: &mut Vec<u8>, others: &[Vec<u8>]) {
    const PIECES: [&str; 14] = [
        "\"",
        ",",
        "\t",
        "\n",
        "\r",
        "団体コード",
        "手続ID",
        "082333",
        "ー",
        "〃",
        "\u{0}",
        "令和",
        "%",
        "／",
    ];
    for _ in 0..1 + random.below(6) {
        let at = random.below(bytes.len() + 1);
        match random.below(6) {
            0 if at < bytes.len() => bytes[at] = random.below(256) as u8,
            1 => bytes.truncate(at),
            2 => {
                let piece = random.pick(&PIECES).as_bytes().to_vec();
                bytes.splice(at..at, piece);
            }
            3 => {
                let end = (at + random.below(64)).min(bytes.len());
                bytes.drain(at..end);
            }
            4 => {
                let end = (at + random.below(256)).min(bytes.len());
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
            _ => {
                let other = random.pick(others);
                let from = random.below(other.len() + 1);
                let to = (from + random.below(256)).min(other.len());
                bytes.splice(at..at, other[from..to].iter().copied());
            }
        }
    }
}

fn options(random: &mut Random) -> Options {
    Options {
        fill: random.below(3) == 0,
        blank: if random.below(3) == 0 { Blank::Clear } else { Blank::Keep },
        channel: (random.below(2) == 0).then_some(0),
        municipality: (random.below(2) == 0).then_some(random.below(1788) as u16),
        ..Options::new(day("2026-11-21"))
    }
}

/// Reads a file; every fault must be one that a person can use.
fn read(bytes: &[u8], catalogue: &Catalogue, options: &Options) {
    let faults = match import::read(bytes, catalogue, options) {
        Ok(reading) => {
            let lines = reading.statements.iter().map(|statement| statement.line).collect();
            let cells = reading.cells_of(&lines);
            for line in &lines {
                assert!(cells.get(line).is_some_and(|cells| !cells.is_empty()), "line {line}");
            }
            [reading.faults, reading.warnings].concat()
        }
        Err(faults) => {
            assert!(!faults.is_empty());
            faults
        }
    };
    for fault in faults {
        assert!(!fault.code.is_empty() && !fault.message.is_empty(), "{fault:?}");
        assert!(!fault.message.contains('\0') && fault.sentence().chars().count() < 3_000, "{fault:?}");
    }
}

#[test]
fn no_text_breaks_the_reader() {
    let service = TestService::new(&Backend::sqlite());
    let inputs: Vec<Vec<u8>> = inputs().into_iter().filter(|bytes| !bytes.starts_with(b"PK")).collect();
    assert!(inputs.len() > 100);
    let runs = fuzz(1, |random| {
        let mut bytes = random.pick(&inputs).clone();
        spoil(random, &mut bytes, &inputs);
        let options = options(random);
        read(&bytes, service.service.catalogue(), &options);
    });
    assert!(runs > 50, "{runs}");
}

/// The parts of a workbook are spoilt and packed again, so that the archive itself is whole.
#[test]
fn no_workbook_breaks_the_reader() {
    let service = TestService::new(&Backend::sqlite());
    let books: Vec<Vec<u8>> = inputs().into_iter().filter(|bytes| bytes.starts_with(b"PK")).collect();
    assert!(books.len() > 15);
    let parts = |book: &[u8]| -> Option<Vec<(String, Vec<u8>)>> {
        let mut archive = zip::ZipArchive::new(Cursor::new(book.to_vec())).ok()?;
        (0..archive.len())
            .map(|at| {
                let mut part = archive.by_index(at).ok()?;
                let mut bytes = Vec::new();
                part.read_to_end(&mut bytes).ok()?;
                Some((part.name().ok()?.into_owned(), bytes))
            })
            .collect()
    };
    let books: Vec<Vec<(String, Vec<u8>)>> = books.iter().filter_map(|book| parts(book)).collect();
    let texts: Vec<Vec<u8>> = books.iter().flatten().map(|(_, bytes)| bytes.clone()).collect();
    let runs = fuzz(2, |random| {
        let mut book = random.pick(&books).clone();
        let at = random.below(book.len());
        spoil(random, &mut book[at].1, &texts);
        let mut out = Cursor::new(Vec::new());
        let mut writer = zip::ZipWriter::new(&mut out);
        let stored =
            zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        for (name, bytes) in &book {
            writer.start_file(name.as_str(), stored).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap();
        let options = options(random);
        read(&out.into_inner(), service.service.catalogue(), &options);
    });
    assert!(runs > 50, "{runs}");
}

#[test]
fn no_code_or_name_breaks_the_resolver() {
    let service = TestService::new(&Backend::sqlite());
    let catalogue = service.service.catalogue();
    const LETTERS: [&str; 34] = [
        "0",
        "1",
        "2",
        "3",
        "8",
        "9",
        "０",
        "８",
        ".",
        "E+",
        "e",
        "-",
        "'",
        "=\"",
        "\"",
        " ",
        "　",
        "府中",
        "伊達",
        "市",
        "町",
        "村",
        "区",
        "郡",
        "県",
        "東京都",
        "札幌市",
        "行方",
        "ヶ",
        "ケ",
        "が",
        "（",
        "）",
        "鰺",
    ];
    let runs = fuzz(3, |random| {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["団体コード", "団体名", "都道府県名", "手続ID", "接点", "段階"]).unwrap();
        for _ in 0..1 + random.below(60) {
            let mut word =
                |most: usize| -> String { (0..random.below(most)).map(|_| *random.pick(&LETTERS)).collect() };
            let row =
                [word(8), word(6), word(3), "kosodate-01".to_owned(), "online".to_owned(), "3".to_owned()];
            writer.write_record(row).unwrap();
        }
        read(&writer.into_inner().unwrap(), catalogue, &Options::new(day("2026-11-21")));
    });
    assert!(runs > 5, "{runs}");
}

#[test]
fn no_date_number_or_mark_breaks_its_reader() {
    const LETTERS: [&str; 36] = [
        "令和", "平成", "昭和", "令", "R", "H", "S", "㋿", "元", "一", "十", "九", "〇", "0", "1", "2", "8",
        "31", "2026", "年", "月", "日", "度", "末", "/", "-", ".", " ", "予定", "%", ",", "▲", "(", ")",
        "件", "=",
    ];
    let runs = fuzz(4, |random| {
        let text: String = (0..random.below(10)).map(|_| *random.pick(&LETTERS)).collect();
        if let Ok((read, _)) = read_in_file(&text) {
            // What is read is a day that can be written and read again.
            assert_eq!(read_in_file(&read.on.to_string()).unwrap().0.on, read.on, "{text}");
        }
        let _ = (parse_count(&text), parse_percent(&text), planned(&text), parse_marks(&text));
    });
    assert!(runs > 1_000, "{runs}");
}

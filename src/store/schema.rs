// @generated automatically by Diesel CLI.

diesel::table! {
    api_token (id) {
        id -> BigInt,
        name -> Text,
        hint -> Text,
        sha256 -> Binary,
        role -> Text,
        prefecture -> Nullable<Text>,
        municipality_code -> Nullable<Text>,
        categories -> Text,
        scopes -> Text,
        created_at -> Timestamp,
        created_by -> Text,
        expires_at -> Timestamp,
        last_used_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
        revoked_by -> Nullable<Text>,
    }
}

diesel::table! {
    assertion (seq) {
        seq -> BigInt,
        kind -> Text,
        municipality_code -> Text,
        procedure_id -> Text,
        channel_id -> Nullable<Text>,
        source -> Text,
        level -> Nullable<SmallInt>,
        at_least -> Bool,
        state -> Nullable<Text>,
        evidence -> Nullable<Text>,
        applicability -> Nullable<Text>,
        applicability_reason -> Nullable<Text>,
        target_level -> Nullable<SmallInt>,
        target_on -> Nullable<Date>,
        target_precision -> Nullable<Text>,
        system -> Nullable<Text>,
        url -> Nullable<Text>,
        note -> Nullable<Text>,
        section -> Nullable<Text>,
        effective_on -> Date,
        effective_precision -> Text,
        recorded_at -> Timestamp,
        actor -> Text,
        import_id -> Nullable<BigInt>,
        line -> Nullable<BigInt>,
    }
}

diesel::table! {
    audit (seq) {
        seq -> BigInt,
        at -> Timestamp,
        actor -> Text,
        address -> Nullable<Text>,
        request_id -> Nullable<Text>,
        action -> Text,
        object -> Text,
        before -> Nullable<Text>,
        after -> Nullable<Text>,
        file -> Nullable<Text>,
        line -> Nullable<BigInt>,
        previous -> Binary,
        hash -> Binary,
    }
}

diesel::table! {
    channel (id) {
        id -> Text,
        position -> Integer,
        label_ja -> Text,
        label_en -> Text,
        scale -> Text,
        place -> Text,
        named -> Bool,
    }
}

diesel::table! {
    import (id) {
        id -> BigInt,
        status -> Text,
        file_name -> Text,
        sha256 -> Binary,
        size -> BigInt,
        asked -> Text,
        reach -> Text,
        actor -> Text,
        created_at -> Timestamp,
        started_at -> Nullable<Timestamp>,
        encoding -> Nullable<Text>,
        layout -> Nullable<Text>,
        profile -> Nullable<Text>,
        report -> Nullable<Text>,
        headings -> Nullable<Text>,
        plan_hash -> Nullable<Binary>,
        failure -> Nullable<Text>,
        applied_at -> Nullable<Timestamp>,
        applied_by -> Nullable<Text>,
        first_seq -> Nullable<BigInt>,
        last_seq -> Nullable<BigInt>,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    import_original (import_id) {
        import_id -> BigInt,
        bytes -> Binary,
    }
}

diesel::table! {
    import_row (import_id, line, outcome) {
        import_id -> BigInt,
        line -> BigInt,
        outcome -> Text,
        faults -> Text,
        cells -> Text,
    }
}

diesel::table! {
    kept_answer (actor, key) {
        actor -> Text,
        key -> Text,
        request_sha256 -> Binary,
        status -> SmallInt,
        location -> Nullable<Text>,
        body -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    kept_keys (first_seq) {
        first_seq -> BigInt,
        last_seq -> BigInt,
        import_id -> BigInt,
        keys -> Binary,
    }
}

diesel::table! {
    material (seq) {
        seq -> BigInt,
        municipality_code -> Text,
        kind -> Text,
        procedure_id -> Nullable<Text>,
        subject -> Text,
        content -> Text,
        recorded_at -> Timestamp,
        actor -> Text,
        import_id -> BigInt,
        line -> BigInt,
    }
}

diesel::table! {
    meta (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    municipality (code) {
        code -> Text,
        prefecture_name -> Text,
        name -> Text,
        name_kana -> Text,
        kind -> Text,
        population -> Nullable<Integer>,
        households -> Nullable<Integer>,
        ended_on -> Nullable<Date>,
        successor_code -> Nullable<Text>,
    }
}

diesel::table! {
    procedure (id) {
        id -> Text,
        position -> Integer,
        category -> Text,
        name_ja -> Text,
        name_en -> Text,
        target -> Text,
        legal_basis -> Nullable<Text>,
        ministry -> Nullable<Text>,
        standard_system -> Nullable<Text>,
        has_counter -> Bool,
        note -> Nullable<Text>,
        short_ja -> Text,
        audience -> Text,
        common_system -> Nullable<Text>,
        introduced_on -> Nullable<Date>,
        ended_on -> Nullable<Date>,
        successor_id -> Nullable<Text>,
        ceiling -> Nullable<SmallInt>,
        ceiling_source -> Nullable<Text>,
    }
}

diesel::table! {
    procedure_alias (source, heading, procedure_id) {
        source -> Text,
        heading -> Text,
        procedure_id -> Text,
        position -> Text,
    }
}

diesel::table! {
    procedure_list (id) {
        id -> Text,
        position -> Integer,
        name_ja -> Text,
        name_en -> Text,
        edition -> Nullable<Text>,
        size -> Integer,
        source -> Text,
        note -> Nullable<Text>,
        adopted_on -> Nullable<Date>,
        adopted_precision -> Nullable<Text>,
        page -> Nullable<Text>,
        predecessor_id -> Nullable<Text>,
    }
}

diesel::table! {
    procedure_list_item (list_id, position) {
        list_id -> Text,
        position -> Integer,
        group_label -> Nullable<Text>,
        number -> Nullable<Text>,
        procedure_id -> Text,
        letter -> Nullable<Text>,
    }
}

diesel::table! {
    profile (owner, name) {
        owner -> Text,
        name -> Text,
        marks -> Text,
        binary -> Nullable<Text>,
        updated_at -> Timestamp,
        actor -> Text,
        headings -> Text,
        names -> Text,
    }
}

diesel::table! {
    published_figure (seq) {
        seq -> BigInt,
        municipality_code -> Text,
        procedure_id -> Nullable<Text>,
        definition -> Nullable<Text>,
        fiscal_year -> Integer,
        source -> Text,
        percent_hundredths -> Nullable<BigInt>,
        numerator -> Nullable<BigInt>,
        denominator -> Nullable<BigInt>,
        recorded_at -> Timestamp,
        actor -> Text,
        import_id -> BigInt,
        line -> BigInt,
    }
}

diesel::table! {
    retraction (seq) {
        seq -> BigInt,
        import_id -> BigInt,
        retracted_at -> Timestamp,
        actor -> Text,
    }
}

diesel::table! {
    session (id) {
        id -> BigInt,
        sha256 -> Binary,
        token_id -> BigInt,
        csrf -> Text,
        created_at -> Timestamp,
        seen_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        address -> Nullable<Text>,
        agent -> Nullable<Text>,
    }
}

diesel::table! {
    usage (seq) {
        seq -> BigInt,
        municipality_code -> Text,
        procedure_id -> Text,
        fiscal_year -> Integer,
        channel_group -> Text,
        applications -> BigInt,
        recorded_at -> Timestamp,
        actor -> Text,
        import_id -> BigInt,
        line -> BigInt,
    }
}

diesel::joinable!(api_token -> municipality (municipality_code));
diesel::joinable!(assertion -> channel (channel_id));
diesel::joinable!(assertion -> import (import_id));
diesel::joinable!(assertion -> municipality (municipality_code));
diesel::joinable!(assertion -> procedure (procedure_id));
diesel::joinable!(import_original -> import (import_id));
diesel::joinable!(import_row -> import (import_id));
diesel::joinable!(kept_keys -> import (import_id));
diesel::joinable!(material -> import (import_id));
diesel::joinable!(material -> municipality (municipality_code));
diesel::joinable!(material -> procedure (procedure_id));
diesel::joinable!(procedure_alias -> procedure (procedure_id));
diesel::joinable!(procedure_list_item -> procedure (procedure_id));
diesel::joinable!(procedure_list_item -> procedure_list (list_id));
diesel::joinable!(published_figure -> import (import_id));
diesel::joinable!(published_figure -> municipality (municipality_code));
diesel::joinable!(published_figure -> procedure (procedure_id));
diesel::joinable!(retraction -> import (import_id));
diesel::joinable!(session -> api_token (token_id));
diesel::joinable!(usage -> import (import_id));
diesel::joinable!(usage -> municipality (municipality_code));
diesel::joinable!(usage -> procedure (procedure_id));

diesel::allow_tables_to_appear_in_same_query!(
    api_token,
    assertion,
    audit,
    channel,
    import,
    import_original,
    import_row,
    kept_answer,
    kept_keys,
    material,
    meta,
    municipality,
    procedure,
    procedure_alias,
    procedure_list,
    procedure_list_item,
    profile,
    published_figure,
    retraction,
    session,
    usage,
);

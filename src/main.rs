//! todoke: parse, log, dispatch, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    give_memory_back();
    todoke::cli::main(trim)
}

/// Gives back what the allocator keeps for later: a log that was read, or a large file, leaves holes
/// between what stays.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "nothing safe reaches the allocator")]
fn trim() {
    // SAFETY: the allocator takes its own locks; nothing that is in use is touched.
    unsafe {
        libc::malloc_trim(0);
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn trim() {}

/// Fixes from which size on the allocator of the GNU C library gives memory back at once. Left to
/// itself it takes the largest piece that was ever freed for that size: after one large import the
/// server would keep what the import took for as long as it runs, and more with each that follows.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "nothing safe reaches the settings of the allocator")]
fn give_memory_back() {
    const MIB: libc::c_int = 1024 * 1024;
    // SAFETY: this sets numbers of the allocator, before there is a second thread. A refused number
    // leaves the one that was.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, 4 * MIB);
        libc::mallopt(libc::M_TRIM_THRESHOLD, MIB);
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn give_memory_back() {}

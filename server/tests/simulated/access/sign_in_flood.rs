//! Floods of sign-ins: their cost, and their effect on other users.

use crate::{
    access::sign_in::{account, accounts, fetch, guarded, session, sign_in},
    support::{Program, eventually, raw},
};
use futures::future::join_all;
use hyper::Method;
use server::auth::Role;
use std::{net::SocketAddr, time::Duration};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

/// Sends a sign-in and disconnects.
async fn hang_up(address: SocketAddr, name: String) {
    let body = format!("name={name}&password=nonsense");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST /sign-in HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    // Long enough for the password check to start.
    tokio::time::sleep(Duration::from_millis(30)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn six_hundred_disconnected_sign_ins_use_the_memory_of_two() {
    let folder = tempfile::tempdir().unwrap();
    accounts(folder.path(), &[account("ada", Role::Viewer, &[])]);
    let data = ["--data-dir", folder.path().to_str().unwrap()];
    let mut program = Program::start(&[&["--engine", "demo", "--listen", "127.0.0.1:0"][..], &data].concat(), &[]);
    let (address, _) = program.address().await;
    // Waits until page, engine and samples are idle.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let Some(before) = program.own_memory() else { return };
    let flood =
        tokio::spawn(async move { join_all((0..600).map(|place| hang_up(address, format!("n{place}")))).await });
    let mut peak = before;
    while !flood.is_finished() {
        peak = peak.max(program.own_memory().unwrap());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let until = tokio::time::Instant::now() + Duration::from_secs(2);
    while tokio::time::Instant::now() < until {
        peak = peak.max(program.own_memory().unwrap());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    println!("600 sign-ins that hang up: {} MiB before, {} MiB at most", before >> 20, peak >> 20);
    assert!(peak - before <= 64 << 20, "from {before} to {peak}");
    eventually("it goes back", async || program.own_memory().unwrap() <= before + (16 << 20)).await;
    let form = "name=ada&password=correct+horse";
    let head = "content-type: application/x-www-form-urlencoded\r\nconnection: close";
    let request =
        format!("POST /sign-in HTTP/1.1\r\nhost: {address}\r\n{head}\r\ncontent-length: {}\r\n\r\n{form}", form.len());
    let response = raw(address, request.as_bytes()).await;
    assert!(response.starts_with("HTTP/1.1 303"), "ada is not kept out: {response}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_passwords_behind_an_undeclared_proxy_lock_out_no_other_user() {
    let users =
        [account("ada", Role::Viewer, &[]), account("bob", Role::Viewer, &[]), account("eve", Role::Viewer, &[])];
    let (quay, _file, _folder) = guarded("quiet:1", &users).await;
    // Guesses for one name and for many; all clients have the proxy's address.
    for _ in 0..12 {
        sign_in(&quay.server, "ada", "nonsense").await;
    }
    for place in 0..40 {
        assert_eq!(sign_in(&quay.server, &format!("guess{place}"), "nonsense").await.status, 401);
    }
    session(&quay.server, "bob").await;
    // A successful sign-in does not allow more guesses for other names.
    session(&quay.server, "eve").await;
    let refused = sign_in(&quay.server, "ada", "correct horse").await;
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!(refused.status == 429 && (1..=300).contains(&wait), "{refused:?}");
    let page = String::from_utf8_lossy(&refused.body).into_owned();
    assert!(page.contains("Try again in") && page.contains("signed in with this name before"), "{page}");
    // An unknown name gets the same response.
    for _ in 0..10 {
        sign_in(&quay.server, "nobody", "nonsense").await;
    }
    assert_eq!(sign_in(&quay.server, "nobody", "nonsense").await.status, 429);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_that_signed_in_before_is_not_locked_out() {
    let (quay, _file, _folder) = guarded("quiet:1", &[account("ada", Role::Viewer, &[])]).await;
    let response = sign_in(&quay.server, "ada", "correct horse").await;
    let cookies: Vec<_> = response.headers.get_all("set-cookie").iter().map(|each| each.to_str().unwrap()).collect();
    let device = cookies.iter().find(|cookie| cookie.contains("-device=")).expect("the browser is known from now on");
    assert!(device.contains("HttpOnly; SameSite=Strict"), "{device}");
    let device = device.split(';').next().unwrap();
    let opened = fetch(&quay.server, Method::GET, "/api/containers", &[("cookie", device)], "").await;
    opened.problem(401, "sign_in_needed");
    while sign_in(&quay.server, "ada", "nonsense").await.status != 429 {}
    let form = [("content-type", "application/x-www-form-urlencoded"), ("cookie", device)];
    let body = "name=ada&password=correct+horse";
    assert_eq!(fetch(&quay.server, Method::POST, "/sign-in", &form, body).await.status, 303);
    // The browser's own wrong passwords are limited as well.
    let wrong = "name=ada&password=nonsense";
    for _ in 0..10 {
        assert_eq!(fetch(&quay.server, Method::POST, "/sign-in", &form, wrong).await.status, 401);
    }
    assert_eq!(fetch(&quay.server, Method::POST, "/sign-in", &form, body).await.status, 429);
}

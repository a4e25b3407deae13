//! The client that the build script has written, used in both faces.

use diptych_example::client::models::Book;
use diptych_example::client::requests::ListBooks;
use diptych_example::client::{AsyncLibrary, Library};
use diptych_runtime::{Config, Error};
use test_server::{Answer, Door, Server};

fn server() -> (Server, Config) {
    let books = Answer::json(200, r#"[{"title": "Emma", "year": 1815}]"#);
    let server = Server::start(Door::Open, [books.into()]).unwrap();
    let config = Config::new(&server.url()).unwrap();
    (server, config)
}

#[test]
fn the_blocking_face_reads_books() -> Result<(), Error> {
    let (server, config) = server();
    let library = Library::from_config(config)?;
    let books = library.list_books_with(&ListBooks::new().author("Jane Austen"))?;
    assert_eq!(books, [Book::new("Emma").year(1815)]);
    assert_eq!(server.take()[0].target, "/api/books?author=Jane%20Austen");
    Ok(())
}

#[test]
fn the_async_face_reads_books() -> Result<(), Error> {
    let (_server, config) = server();
    let library = AsyncLibrary::from_config(config)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let books = runtime.unwrap().block_on(library.list_books())?;
    assert_eq!(books, [Book::new("Emma").year(1815)]);
    Ok(())
}

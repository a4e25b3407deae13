//! Parameters are written as their styles say.

use diptych_cases::lists::requests::{Joined, Stations};
use diptych_cases::objects::models::{CarsExtent, CarsYear};
use diptych_cases::objects::requests::Cars;
use diptych_cases::reserved::requests::Find;
use diptych_cases::whole_queries::models::{
    FoundRule, NearChosen, NearChosenAt, StationsChosen, StationsChosenNear,
};
use diptych_cases::whole_queries::requests::Found;

use crate::{both, header, nothing, target};

#[test]
fn b04_a_list_that_is_not_exploded() {
    let labels = ["red".to_owned(), "a,b".to_owned()];
    let request = Joined::new().pipe(["a", "b"]);
    let (_, sent) = both!(lists, nothing(), client => client.joined_with(&labels, &request));
    assert_eq!(target(&sent), "/articles?label=red,a%2Cb&pipe=a%7Cb");
}

#[test]
fn b04_a_list_in_the_path_and_among_the_headers() {
    let codes = ["A".to_owned(), "B,C".to_owned(), "D".to_owned()];
    let request = Stations::new().x_zones([1, 2]);
    let (_, sent) = both!(lists, nothing(), client => client.stations_with(&codes, &request));
    assert_eq!(target(&sent), "/stations/A,B%2CC,D");
    assert_eq!(header(&sent, "x-zones"), Some("1,2"));
}

#[test]
fn b24_an_object_is_a_pair_for_each_field() {
    let year = CarsYear::new().min(1990).max(2000);
    let request = Cars::new().extent(CarsExtent::new().w(3));
    let (_, sent) = both!(objects, nothing(), client => client.cars_with(&year, &request));
    assert_eq!(
        target(&sent),
        "/cars?year%5Bmax%5D=2000&year%5Bmin%5D=1990&w=3"
    );
}

#[test]
fn a_parameter_may_be_the_whole_query() {
    let chosen = StationsChosen::new("Köln & Bonn")
        .lines(["1", "a=b"])
        .near(StationsChosenNear::new().x(2));
    let (_, sent) = both!(whole_queries, nothing(), client => client.stations(&chosen));
    assert_eq!(
        target(&sent),
        "/stations?city=K%C3%B6ln+%26+Bonn&lines=1&lines=a%3Db&near=%7B%22x%22%3A2%7D"
    );
    let chosen = NearChosen::new()
        .lines(["1", "2"])
        .at(NearChosenAt::new().x(3))
        .url("a/b")
        .kinds(["k"]);
    let (_, sent) = both!(whole_queries, nothing(), client => client.near(&chosen));
    assert_eq!(
        target(&sent),
        "/near?at%5Bx%5D=3&kinds=%22k%22&lines=1,2&url=a/b"
    );
    let request = Found::new().rule(FoundRule::new().depth(3));
    let (_, sent) = both!(whole_queries, nothing(), client => client.found_with(&request));
    assert_eq!(target(&sent), "/found?%7B%22depth%22%3A3%7D");
    let (_, sent) = both!(whole_queries, nothing(), client => client.found());
    assert_eq!(target(&sent), "/found");
}

/// What can't be sent as it is described is not there, so that nothing else is sent in its place.
#[test]
fn what_cannot_be_written_is_left_out() {
    let names: Vec<&str> = diptych_cases::whole_queries::operations::ALL
        .iter()
        .map(|operation| operation.name())
        .collect();
    assert_eq!(names, ["found", "near", "stations"]);
}

#[test]
fn b26_reserved_characters_of_a_value_end_nothing() {
    let request = Find::new().a_b_c("d");
    let (_, sent) = both!(reserved, nothing(), client => client.find_with("1 + 1=2&ä~", &request));
    assert_eq!(
        target(&sent),
        "/find?q=1%20%2B%201%3D2%26%C3%A4~&a%26b%3Dc=d"
    );
}

#[test]
fn every_style_in_the_path() {
    let id = ["a".to_owned(), "b".to_owned()];
    let (_, sent) = both!(styles, nothing(), client => client.paths(&id, &id, &id));
    assert_eq!(target(&sent), "/p/.a.b/;matrix=a,b/a,b");
}

#[test]
fn cookies_and_content_and_reserved_headers() {
    use diptych_cases::styles::models::PlacesFilter;
    use diptych_cases::styles::requests::Places;
    let request = Places::new()
        .url("http://h/?x&y")
        .filter(PlacesFilter::new().near("a b"));
    let (_, sent) = both!(styles, nothing(), client => client.places_with("v w", &request));
    assert_eq!(
        target(&sent),
        "/places%20here?kind=all&filter=%7B%22near%22%3A%22a%20b%22%7D&url=http://h/?x%26y"
    );
    assert_eq!(header(&sent, "cookie"), Some("session=v%20w"));
}

#[test]
fn a_number_that_is_none_is_an_error_before_anything_is_sent() {
    use diptych_cases::styles::requests::Numbers;
    for number in [f64::NAN, f64::INFINITY] {
        let request = Numbers::new().limit(number);
        let (got, sent) = both!(styles, nothing(), client => client.numbers_with(&request));
        let error = got.unwrap_err();
        assert!(error.is_request(), "{error:?}");
        assert_eq!(sent, []);
    }
}

#[test]
fn a_parameter_that_only_the_template_names_is_text() {
    let (_, sent) = both!(styles, nothing(), client => client.undeclared("x y"));
    assert_eq!(target(&sent), "/undeclared/x%20y");
}

//! How far a request was led.

use http::HeaderValue;
use url::Url;

use super::{Asked, Unfollowed, is_redirect, next, says_undone};
use crate::extract::Heard;
use crate::scenario::{
    Call, Escape, Step, Template, Told, Values, Variables, Word, in_url, verbatim, verbatim_url,
};

/// The redirects of a request that were followed so far, and what it is made from: where it is repeated,
/// it is the same to the last byte.
#[derive(Debug, Clone)]
pub(crate) struct Trail {
    asked: Asked,
    /// How many were followed.
    hops: u32,
    /// Whether one was that does not say that nothing was done.
    may_be_done: bool,
    /// The content, where the request has some.
    content: Option<Vec<u8>>,
    /// What is drawn for the header fields.
    random: fastrand::Rng,
}

impl Trail {
    /// That of the request of `step` with this `turn`, as `values` were filled into it; a step of a
    /// subject at `base`.
    pub(super) fn begin(step: &Step, turn: usize, base: &Url, values: &mut Values) -> Self {
        let (place, call) = step.turn(turn);
        let url = place.on(base);
        // In the order in which drivers fill a request.
        let ((content, url), random) = values.drawing(values.marked(), |values| {
            let filled = |template: &Template, values: &mut Values| {
                let mut text = Vec::new();
                template.fill(&mut text, values);
                text
            };
            let content = call.body.as_ref().map(|_| filled(&call.content(), values));
            let path = in_url(&url[url::Position::BeforePath..url::Position::AfterQuery]);
            let path = Template::of(path.as_bytes(), &call.variables, Escape::Url);
            let path = String::from_utf8_lossy(&filled(&path, values)).into_owned();
            let filled = Url::parse(&format!("{}{path}", &url[..url::Position::BeforePath]));
            (content, filled.unwrap_or_else(|_| url.clone()))
        });
        let asked = Asked { url, method: call.method.clone(), is_whole: true };
        Self { asked, hops: 0, may_be_done: false, content, random }
    }

    /// The same with the redirect that was `heard` of, where `step` follows that.
    pub(super) fn next(&self, step: &Step, heard: &Heard<'_>) -> Result<Self, Unfollowed> {
        let Heard { status, head, .. } = *heard;
        if !is_redirect(status) {
            return Err(Unfollowed::NoRedirect);
        }
        if step.answers.declare(heard) {
            return Err(Unfollowed::Declared);
        }
        if self.hops >= step.follow {
            let is_asked = step.follow > 0;
            return Err(if is_asked { Unfollowed::TooMany } else { Unfollowed::NotAsked });
        }
        let Asked { url, method, is_whole } = next(status, head, &self.asked)?;
        Ok(Self {
            asked: Asked { url: verbatim_url(url), method, is_whole },
            hops: self.hops + 1,
            may_be_done: self.may_be_done || !says_undone(status),
            ..self.clone()
        })
    }

    /// Where it leads.
    pub(crate) fn url(&self) -> &Url {
        &self.asked.url
    }

    /// What the last answer says of what was asked for at first, where it says this by itself: a 4xx is
    /// about the page that it was led to, and what led there may have come of it.
    pub(crate) fn told(&self, told: Told) -> Told {
        let is_of_page = self.may_be_done && told == Told::Assumed;
        if is_of_page { Told::Declared(Word::Unknown) } else { told }
    }

    /// What is sent there of the request of `step` with this `turn`, in which nothing varies any more but
    /// the cookies.
    pub(super) fn call(&self, step: &Step, turn: usize, values: &mut Values) -> Call {
        let (_, call) = step.turn(turn);
        if let Some(slot) = step.cookies {
            values.set_cookies(slot, &self.asked.url);
        }
        let (headers, _) = values.drawing(self.random.clone(), |values| {
            let filled = |(name, value): &(String, HeaderValue)| {
                let mut text = Vec::new();
                Template::of(value.as_bytes(), &call.variables, Escape::Header)
                    .fill(&mut text, values);
                let value = HeaderValue::from_bytes(&verbatim(&text));
                (name.clone(), value.expect("nothing that is filled in ends a line"))
            };
            call.headers.iter().map(filled).collect::<Vec<_>>()
        });
        let is_whole = self.asked.is_whole;
        let is_sent = |(name, _): &(String, HeaderValue)| is_whole || Call::may_read_with(name);
        Call {
            method: self.asked.method.clone(),
            headers: headers.into_iter().filter(is_sent).collect(),
            body: self.content.clone().filter(|_| is_whole),
            variables: Variables::default(),
            escape: None,
        }
    }
}
